"""Who is who in the made-up district: the people that demo, docs and tests know by name.

Every person is invented. Ids never depend on the seed. Their records are written by
``ews.district.stories``; here is only who they are and where they went to school.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

HIGH, MIDDLE, OTHER_MIDDLE = "101", "201", "202"
LONG_AGO = date(2000, 1, 1)
FRESHMAN = date(2025, 8, 18)
"""First day of 2025-26, when the cast's grade 9 moved up to Alder Creek."""


@dataclass(frozen=True)
class CastStudent:
    """One named student. ``grade`` is that of 2025-26; ``path`` is each school and the day it began;
    ``ability`` is in standard deviations; ``arrived`` the first school year in the country; ``english`` the
    acquisition status today."""

    student_id: str
    given: str
    family: str
    grade: int
    sex: str
    race: str
    language: str
    path: tuple[tuple[str, date], ...]
    elective: str
    ability: float = 0.3
    arrived: int | None = None
    is_foster: bool = False
    english: str = "EO"

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"


def from_middle(freshman: date, middle: str = MIDDLE) -> tuple[tuple[str, date], ...]:
    """The usual path: this middle school, then Alder Creek from grade 9."""
    return ((middle, LONG_AGO), (HIGH, freshman))


MARIBEL, DEVON, SOFIA, LINH, ANDRE, NOAH, HARRIET, AALIYAH = (f"00900{n:02d}" for n in range(1, 9))
TARIQ, MICAELA, PRIYA, TYLER, XIMENA = (f"00900{n:02d}" for n in range(9, 14))

STUDENTS = (
    CastStudent(
        MARIBEL,
        "Maribel",
        "Santos Ruiz",
        9,
        "f",
        "hispanic",
        "spa",
        from_middle(FRESHMAN),
        "Art 1",
        english="EL",
    ),
    CastStudent(
        DEVON, "Devon", "Whitaker", 11, "m", "black", "eng", from_middle(date(2023, 8, 21)), "Digital Media"
    ),
    CastStudent(
        SOFIA,
        "Sofía",
        "Herrera Luna",
        12,
        "f",
        "hispanic",
        "spa",
        from_middle(date(2022, 8, 15)),
        "Health Careers",
        english="RFEP",
    ),
    CastStudent(
        LINH,
        "Linh",
        "Tran",
        9,
        "f",
        "asian",
        "vie",
        from_middle(FRESHMAN, OTHER_MIDDLE),
        "Spanish 1",
        0.8,
        english="RFEP",
    ),
    CastStudent(
        ANDRE,
        "Andre",
        "Bautista",
        10,
        "m",
        "asian",
        "tgl",
        from_middle(date(2024, 8, 19)),
        "Spanish 2",
        english="IFEP",
    ),
    CastStudent(
        NOAH, "Noah", "Kim-Peterson", 9, "m", "two_plus", "eng", from_middle(FRESHMAN), "Concert Band", 0.6
    ),
    CastStudent(
        HARRIET, "Harriet", "Nakamura", 11, "f", "asian", "eng", from_middle(date(2023, 8, 21)), "Art 2"
    ),
    CastStudent(
        AALIYAH, "Aaliyah", "Freeman", 10, "f", "black", "eng", from_middle(date(2024, 8, 19)), "Debate"
    ),
    CastStudent(
        TARIQ,
        "Tariq",
        "Boone",
        9,
        "m",
        "black",
        "eng",
        ((MIDDLE, LONG_AGO), (OTHER_MIDDLE, date(2025, 1, 21)), (HIGH, date(2025, 9, 8))),
        "Art 1",
        is_foster=True,
    ),
    CastStudent(
        MICAELA,
        "Micaela",
        "Pérez Ordóñez",
        10,
        "f",
        "hispanic",
        "mam",
        ((HIGH, date(2025, 2, 10)),),
        "ELD 2",
        0.2,
        arrived=2025,
        english="EL",
    ),
    CastStudent(
        PRIYA,
        "Priya",
        "Raghunathan",
        11,
        "f",
        "asian",
        "eng",
        from_middle(date(2023, 8, 21)),
        "Spanish 3",
        2.0,
    ),
    CastStudent(
        TYLER, "Tyler", "Lindqvist", 12, "m", "white", "eng", from_middle(date(2022, 8, 15)), "Auto Shop"
    ),
    CastStudent(
        XIMENA,
        "Ximena",
        "Castillo Duarte",
        9,
        "f",
        "hispanic",
        "spa",
        ((HIGH, date(2025, 11, 6)),),
        "Spanish 1",
        english="EL",
    ),
)


@dataclass(frozen=True)
class CastStaff:
    """One named adult. ``subject`` is what a teacher teaches, ``position`` which post of that department."""

    staff_id: str
    name: str
    role: str
    school: str | None
    subject: str | None = None
    position: int = 0
    posts_only_at_term_end: bool = False

    @property
    def email(self) -> str:
        given, *_, family = self.name.lower().replace("dr. ", "").split()
        return f"{given[0]}.{family}@tworivers.example"


OKAFOR, RAMIREZ, DESAI, SORENSEN = "S0001", "S0002", "S0003", "S0004"
BAPTISTE, DIAZ, LEE, ZHAO = "S0005", "S0006", "S0007", "S0008"
ROY, ORTIZ, PARK, HALVORSEN = "S0009", "S0010", "S0011", "S0012"
LINDGREN, MENDOZA, WHITFIELD = "S0013", "S0014", "S0015"
FUENTES, ADEYEMI, BERG = "S0016", "S0017", "S0018"

STAFF = (
    CastStaff(OKAFOR, "Denise Okafor", "counselor", HIGH),
    CastStaff(RAMIREZ, "Hector Ramirez", "counselor", HIGH),
    CastStaff(DESAI, "Anjali Desai", "counselor", HIGH),
    CastStaff(SORENSEN, "Paul Sorensen", "counselor", HIGH),
    CastStaff(BAPTISTE, "Dr. Lorraine Baptiste", "principal", HIGH),
    CastStaff(DIAZ, "Rafael Diaz", "assistant_principal", HIGH),
    CastStaff(LEE, "Samuel Lee", "attendance_liaison", HIGH),
    CastStaff(ZHAO, "Wen Zhao", "district_analyst", None),
    CastStaff(ROY, "Kavita Roy", "teacher", HIGH, "ela"),
    CastStaff(ORTIZ, "Manuel Ortiz", "teacher", HIGH, "social"),
    CastStaff(PARK, "Susan Park", "teacher", HIGH, "science"),
    CastStaff(HALVORSEN, "Erik Halvorsen", "teacher", HIGH, "math", 8, posts_only_at_term_end=True),
    CastStaff(LINDGREN, "Grace Lindgren", "psychologist", HIGH),
    CastStaff(MENDOZA, "Pilar Mendoza", "el_coordinator", HIGH),
    CastStaff(WHITFIELD, "Jerome Whitfield", "foster_homeless_liaison", None),
    CastStaff(FUENTES, "Carla Fuentes", "equity_director", None),
    CastStaff(ADEYEMI, "Ruth Adeyemi", "privacy_officer", None),
    CastStaff(BERG, "Tomas Berg", "systems_administrator", None),
)


@dataclass(frozen=True)
class SignIn:
    """Someone who may sign in to the demo."""

    sign_in: str
    role: str
    staff_id: str
    schools: tuple[str, ...]
    name: str
    title: str


def sign_in(staff_id: str, role: str, work: str) -> SignIn:
    """Someone of the staff as they sign in; whoever belongs to no school works for the district."""
    person = next(one for one in STAFF if one.staff_id == staff_id)
    place = "Alder Creek High School" if person.school else "Two Rivers Unified School District"
    schools = (person.school,) if person.school else ()
    return SignIn(person.email, role, staff_id, schools, person.name, f"{work}, {place}")


SIGN_INS = (
    sign_in(OKAFOR, "counselor", "school counselor"),
    sign_in(BAPTISTE, "school_administrator", "principal"),
    sign_in(ZHAO, "district_analyst", "data and assessment analyst"),
    sign_in(ROY, "teacher", "teacher of English"),
    sign_in(LEE, "attendance_coordinator", "attendance liaison"),
    sign_in(LINDGREN, "support_team", "psychologist on the support team"),
    sign_in(MENDOZA, "learner_coordinator", "coordinator for English learners"),
    sign_in(WHITFIELD, "liaison", "foster and homeless liaison"),
    sign_in(FUENTES, "equity_reviewer", "equity director, reviews models"),
    sign_in(ADEYEMI, "auditor", "privacy officer, reads the ledger"),
    sign_in(BERG, "system_administrator", "keeps accounts and clients"),
)
"""Those who sign in to the demo, whom most come for first."""
