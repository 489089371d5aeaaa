"""Who are the students? Their background, what stays with them, and what the records never say.

``engagement``, ``ability``, ``conduct``,
``health`` and ``lateness`` are hidden: they go to the truth folder only. The rest are facts of the record.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Self

import numpy as np
import pyarrow as pa

from ews.district.cast import STUDENTS as CAST
from ews.district.cast import CastStudent
from ews.district.names import backgrounds, family_names, given_names
from ews.district.sizes import LAST_YEAR
from ews.district.streams import Array, chosen

RACES = {
    "hispanic": 0.53, "white": 0.20, "asian": 0.125, "black": 0.06, "two_plus": 0.05, "am_ind": 0.006,
    "pac_isl": 0.007, "unknown": 0.022,
}  # fmt: skip
LANGUAGES = {
    "hispanic": {"eng": 0.46, "spa": 0.525, "mix": 0.010, "mam": 0.005},
    "asian": {"eng": 0.36, "vie": 0.17, "yue": 0.09, "cmn": 0.11, "tgl": 0.12, "kor": 0.07, "pan": 0.08},
    "white": {"eng": 0.86, "hye": 0.04, "ara": 0.03, "fas": 0.03, "rus": 0.04},
}
"""Home languages by race and ethnicity (ISO 639-3); everyone else speaks English at home."""


@dataclass
class Students:
    """All students ever seen, one position each in every array (length n)."""

    student_id: Array
    given: Array
    family: Array
    birth_date: Array
    sex: Array
    race: Array
    language: Array
    cast: Array  # position in the cast, -1 for everyone else
    kindergarten: Array  # the school year in which this cohort started kindergarten
    arrived: Array  # the school year in which the student first went to a school in the country
    poor: Array
    disability: Array
    homeless: Array
    foster: Array
    gifted: Array
    travels: Array  # the family is away in January in some years
    engagement: Array  # standing disengagement; above 0 means more absence
    ability: Array
    conduct: Array
    health: Array
    lateness: Array

    def __len__(self) -> int:
        return len(self.student_id)

    def joined(self, other: Self) -> Self:
        """These students and after them the others."""
        parts = {
            f.name: np.concatenate([getattr(self, f.name), getattr(other, f.name)]) for f in fields(self)
        }
        return type(self)(**parts)


def home_languages(race: Array, rng: np.random.Generator) -> Array:
    """The language spoken at home, by race and ethnicity."""
    language = np.full(len(race), "eng", dtype=object)
    for code, shares in LANGUAGES.items():
        mine = race == code
        language[mine] = chosen(rng, tuple(shares), tuple(shares.values()), int(mine.sum()))
    return language


def arrivals(
    language: Array, kindergarten: Array, year: int, is_late: bool, rng: np.random.Generator
) -> Array:
    """The first school year in the country: kindergarten for most, later for some of other languages."""
    n = len(language)
    immigrant = (language != "eng") & (rng.random(n) < (0.45 if is_late else 0.12))
    latest = np.maximum(year - kindergarten, 0)
    back = np.zeros(n, int) if is_late else np.minimum(rng.integers(0, 9, n), latest)
    return np.where(immigrant, year - back, kindergarten)


def drawn(grade: Array, year: int, rng: np.random.Generator, *, is_late: bool = False) -> Students:
    """New students in these grades in the school year ending in ``year``; ids are given later.

    ``is_late``: they come within the year, which newcomers to the country do more often.
    """
    n = len(grade)
    race = chosen(rng, tuple(RACES), tuple(RACES.values()), n)
    language = home_languages(race, rng)
    sex = chosen(rng, ("f", "m", "x"), (0.485, 0.511, 0.004), n)
    background = backgrounds(race, language, rng)
    poor = rng.random(n) < np.where(np.isin(race, ["hispanic", "black"]) | (language != "eng"), 0.68, 0.34)
    homeless = rng.random(n) < np.where(poor, 0.055, 0.004) * (2.0 if is_late else 1.0)
    foster = rng.random(n) < 0.006 * (2.5 if is_late else 1.0)
    kindergarten = year - grade
    birth = (kindergarten - 7 - 1970).astype("datetime64[Y]").astype(
        "datetime64[D]"
    ) + 244  # from 1 September
    hardship = 0.42 * (poor - 0.5) + 0.65 * homeless + 0.5 * foster
    return Students(
        student_id=np.full(n, "", dtype=object),
        given=given_names(background, sex, rng),
        family=family_names(background, rng),
        birth_date=birth + rng.integers(0, 365, n),
        sex=sex,
        race=race,
        language=language,
        cast=np.full(n, -1),
        kindergarten=kindergarten,
        arrived=arrivals(language, kindergarten, year, is_late, rng),
        poor=poor,
        disability=rng.random(n) < 0.13,
        homeless=homeless,
        foster=foster,
        gifted=rng.random(n) < 0.06,
        travels=rng.random(n) < np.where(language != "eng", 0.11, 0.025),
        engagement=rng.normal(0.0, 0.93, n) + hardship,
        ability=rng.normal(0.0, 1.0, n) - 0.3 * (poor - 0.5),
        conduct=rng.normal(0.0, 1.0, n),
        health=rng.normal(0.0, 0.55, n),
        lateness=rng.normal(0.0, 0.8, n),
    )


def with_ids(students: Students, taken: int) -> Students:
    """The same students with seven-digit ids (leading zeros are kept), counted on from ``taken``."""
    position = np.arange(taken, taken + len(students))
    scattered = 100_000 + position * 7 + position % 5
    students.student_id = np.array([f"{number:07d}" for number in scattered], dtype=object)
    return students


def cast_students(seed_year: int, rng: np.random.Generator) -> Students:
    """The named cast as students; what their story does not say is drawn as for everyone."""
    students = drawn(np.array([person.grade - (LAST_YEAR - seed_year) for person in CAST]), seed_year, rng)
    students.cast = np.arange(len(CAST))
    for field, values in cast_columns(CAST).items():
        setattr(students, field, values)
    for hidden in ("engagement", "conduct", "lateness", "health"):
        setattr(students, hidden, np.full(len(CAST), -0.6))
    students.ability = np.array([person.ability for person in CAST])
    students.disability[:], students.homeless[:], students.travels[:] = False, False, False
    return students


def cast_columns(cast: tuple[CastStudent, ...]) -> dict[str, Array]:
    """What the cast's table says about each, as columns."""
    return {
        "student_id": np.array([person.student_id for person in cast], dtype=object),
        "given": np.array([person.given for person in cast], dtype=object),
        "family": np.array([person.family for person in cast], dtype=object),
        "sex": np.array([person.sex for person in cast], dtype=object),
        "race": np.array([person.race for person in cast], dtype=object),
        "language": np.array([person.language for person in cast], dtype=object),
        "arrived": np.array([person.arrived or LAST_YEAR - person.grade for person in cast]),
        "foster": np.array([person.is_foster for person in cast]),
    }


def students_table(students: Students) -> pa.Table:
    """The table ``students``."""
    return pa.table(
        {
            "student_id": students.student_id,
            "state_student_id": np.array(
                [f"{9_100_000_000 + i * 13}" for i in range(len(students))], dtype=object
            ),
            "birth_date": students.birth_date,
            "sex": students.sex,
            "race_ethnicity": students.race,
            "home_language": students.language,
        }
    )


def student_names_table(students: Students) -> pa.Table:
    """The table ``student_names``, apart since scoring needs no names."""
    return pa.table(
        {
            "student_id": students.student_id,
            "given_name": students.given,
            "family_name": students.family,
            "preferred_name": np.full(len(students), None, dtype=object),
        }
    )


def student_ids_table(students: Students) -> pa.Table:
    """The table ``student_ids``: the state's number of each student."""
    return pa.table(
        {
            "student_id": students.student_id,
            "system": np.full(len(students), "ssid", dtype=object),
            "external_id": students_table(students)["state_student_id"],
        }
    )
