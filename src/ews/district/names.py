"""What are the made-up people called? Common names by family background; no real person is meant."""

from __future__ import annotations

import numpy as np

from ews.district.streams import Array, chosen

GIVEN: dict[str, tuple[str, str]] = {
    "latino": (
        "Sofía Camila Valentina Isabella Ximena Daniela Mariana Guadalupe Yesenia Alondra Jazmín "
        "Esmeralda Natalia Itzel Fernanda Lucía Paola Karina Leslie Abigail Melanie Araceli Elena "
        "Dayana Brisa",
        "Mateo Santiago Diego Sebastián Ángel Adrián Emiliano Luis Jesús Carlos Miguel Alejandro "
        "Iván Óscar Julián Andrés Gael Leonardo Fernando Ricardo Eduardo Héctor Joaquín Damián "
        "Isaac",
    ),
    "white": (
        "Emma Olivia Ava Charlotte Hannah Grace Madison Chloe Ella Nora Lily Hailey Paige Claire "
        "Molly Sadie Ruby Ivy Audrey Kate Brooke Tessa Willa June Margot",
        "Liam Noah Ethan Mason Logan Owen Wyatt Caleb Luke Hunter Cole Gavin Evan Connor Jack "
        "Henry Max Theo Finn Miles Simon Grant Jude Wesley Peter",
    ),
    "black": (
        "Aniyah Imani Zoe Nia Kayla Jada Amara Destiny Kennedy Skylar Laila Naomi Gabrielle "
        "Simone Ayanna Maya Taliyah Journey Camille Ebony",
        "Malik Jayden Isaiah Elijah Darius Xavier Jordan Micah Andre Terrence Kamari Josiah Amir "
        "Devin Marcus Zion Khalil Quentin Roland Desmond",
    ),
    "vietnamese": (
        "Linh Mai Trang Thảo Vy Ngọc Kim Anh Tiffany Jenny",
        "Minh Khoa Duy Huy Bảo Tuấn Kevin Brian Long Nam",
    ),
    "chinese": (
        "Mei Xinyi Yuting Emily Jessica Angela Ruby Jia Fiona Lily",
        "Wei Jun Haoran Jason Kevin Eric Ryan Zihan Bowen Leo",
    ),
    "filipino": (
        "Angelica Kristine Bea Jasmine Nicole Althea Trisha Mikaela Bianca Joy",
        "Joshua Christian Jerome Paolo Gabriel Mark Nathaniel Rafael Kyle Enzo",
    ),
    "korean": (
        "Seoyeon Jiwoo Hana Yuna Grace Esther Minji Claire",
        "Minjun Jiho Daniel Joon Eugene Samuel Andrew Hyun",
    ),
    "punjabi": (
        "Simran Harleen Jasleen Manpreet Gurleen Navneet Kiran Ravneet",
        "Arjun Gurpreet Harjot Jaskaran Manveer Rohan Sukhraj Tejvir",
    ),
    "armenian": (
        "Ani Lusine Nare Mariam Arpi Talin Sona Gayane",
        "Aram Hayk Narek Davit Tigran Levon Arman Vahe",
    ),
    "arabic": (
        "Layla Noor Maryam Salma Yasmin Hala Rania Amal",
        "Omar Yusuf Ahmad Kareem Ali Hassan Tariq Sami",
    ),
    "persian": (
        "Parisa Shirin Nazanin Roya Yasaman Darya Leila Mina",
        "Arash Kian Cyrus Dariush Navid Omid Ramin Sina",
    ),
    "russian": (
        "Anna Daria Polina Vera Sonya Katya Yulia Alina",
        "Dmitri Maxim Nikita Ivan Artem Roman Pavel Kirill",
    ),
    "pacific": (
        "Leilani Sina Talia Mele Ana Losa",
        "Sione Tavita Kai Manu Viliami Semisi",
    ),
    "native": (
        "Dakota Aiyana Cheyenne Kaya Winona Shania",
        "Dakota Chayton Takoda Koda Nashoba River",
    ),
}
"""Given names by family background: usual for girls, usual for boys."""

FAMILY: dict[str, str] = {
    "latino": (
        "García Hernández López Martínez González Rodríguez Pérez Sánchez Ramírez Flores Torres "
        "Rivera Gómez Díaz Reyes Morales Cruz Ortiz Gutiérrez Chávez Ramos Ruiz Mendoza Álvarez "
        "Castillo Jiménez Vásquez Romero Moreno Herrera Medina Aguilar Vargas Castro Guzmán "
        "Méndez Salazar Soto Delgado Rojas Contreras Navarro Cervantes Ávila Zamora"
    ),
    "white": (
        "Miller Davis Anderson Wilson Clark Hall Young Walker Baker Carter Phillips Turner "
        "Collins Stewart Morris Murphy Cook Rogers Peterson Bailey Kelly Howard Ward Brooks "
        "Bennett Wood Ross Hughes Foster Sullivan Larsen Schneider Kowalski Rossi Novak Fischer "
        "O'Brien Lindqvist"
    ),
    "black": (
        "Williams Johnson Jackson Thomas Harris Robinson Lewis Freeman Washington Jefferson Banks "
        "Coleman Hayes Simmons Booker Gaines Mosley Okoro Mensah Tesfaye Abebe Dorsey Whitfield "
        "Ellison"
    ),
    "vietnamese": "Nguyễn Trần Lê Phạm Huỳnh Hoàng Phan Vũ Đặng Bùi",
    "chinese": "Wang Li Zhang Liu Chen Yang Huang Wu Zhou Lam Wong Cheung",
    "filipino": "Santos Reyes Cruz Bautista Ocampo Garcia Mendoza Villanueva Dizon Manalo Aquino",
    "korean": "Kim Lee Park Choi Jung Kang Yoon Lim",
    "punjabi": "Singh Kaur Gill Dhaliwal Sandhu Sidhu Grewal Brar Bains",
    "armenian": "Petrosyan Sargsyan Grigoryan Harutyunyan Hakobyan Khachatryan Avagyan",
    "arabic": "Haddad Khoury Nasser Saleh Mansour Darwish Aziz Hamdan",
    "persian": "Ahmadi Hosseini Karimi Moradi Rahimi Sadeghi Tehrani",
    "russian": "Ivanov Petrov Volkov Sokolov Morozov Lebedev Kozlov",
    "pacific": "Tuiasosopo Faleolo Tapueluelu Kealoha Fonoti Vaipulu",
    "native": "Begay Yazzie Redhawk Whitecloud Marufo Lopez",
}

BACKGROUND_OF_LANGUAGE = {
    "spa": "latino",
    "mam": "latino",
    "mix": "latino",
    "vie": "vietnamese",
    "yue": "chinese",
    "cmn": "chinese",
    "tgl": "filipino",
    "kor": "korean",
    "pan": "punjabi",
    "hye": "armenian",
    "ara": "arabic",
    "fas": "persian",
    "rus": "russian",
}

BACKGROUNDS_OF_RACE = {
    "am_ind": ("native",),
    "asian": ("chinese", "filipino", "korean", "vietnamese"),
    "black": ("black",),
    "hispanic": ("latino",),
    "pac_isl": ("pacific",),
    "white": ("white",),
    "two_plus": ("white", "black", "latino"),
    "unknown": ("white", "latino"),
}


def backgrounds(race: Array, language: Array, rng: np.random.Generator) -> Array:
    """From which list each person's names come: by home language, for English by race and ethnicity."""
    found = np.empty(len(race), dtype=object)
    for code, options in BACKGROUNDS_OF_RACE.items():
        mine = race == code
        found[mine] = chosen(rng, options, np.ones(len(options)), int(mine.sum()))
    for code, background in BACKGROUND_OF_LANGUAGE.items():
        found[language == code] = background
    return found


def given_names(background: Array, sex: Array, rng: np.random.Generator) -> Array:
    """A given name each; sex x draws from either list."""
    names = np.empty(len(sex), dtype=object)
    female = (sex == "f") | ((sex == "x") & (rng.random(len(sex)) < 0.5))
    for code, lists in GIVEN.items():
        for is_female, words in zip((True, False), lists, strict=True):
            mine = (background == code) & (female == is_female)
            names[mine] = rng.choice(np.array(words.split(), dtype=object), int(mine.sum()))
    return names


def family_names(background: Array, rng: np.random.Generator) -> Array:
    """A family name each; a third of Latino families carry two."""
    names = np.empty(len(background), dtype=object)
    for code, words in FAMILY.items():
        mine = background == code
        names[mine] = rng.choice(np.array(words.split(), dtype=object), int(mine.sum()))
    two = (background == "latino") & (rng.random(len(background)) < 0.34)
    second = rng.choice(np.array(FAMILY["latino"].split(), dtype=object), int(two.sum()))
    names[two] = np.array(
        [f"{a} {b}" if a != b else a for a, b in zip(names[two], second, strict=True)], dtype=object
    )
    return names
