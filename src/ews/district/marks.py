"""Which marks does each class give? Six-week progress marks, quarters and semesters; 1 to 4 in elementary.

A mark is the ability, the engagement of the weeks it covers, the work not handed in, and the teacher.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ews.district.attendance import instants
from ews.district.attending import Attending
from ews.district.calendar import term_id
from ews.district.classes import Classes
from ews.district.courses import CATALOGUE
from ews.district.engagement import by_day
from ews.district.sizes import Size
from ews.district.staff import Habits
from ews.district.streams import Array, stream
from ews.district.students import Students

MEAN = {"ms": 87.0, "hs": 85.6, "alt": 77.0, "es": 80.0}
OF_GRADE = {9: -2.6, 10: 0.6, 11: 0.9, 12: 1.1}  # the first year of high school is the hardest to pass
EASIER = {"pe": 8.0, "arts": 7.0, "cte": 6.0, "other": 6.0, "world_lang": 2.0, "eld": 3.0, "math": -3.0}
FROM_ABILITY, FROM_SUBJECT = 5.6, 3.0
FROM_ENGAGEMENT = 3.3
FROM_MISSING = 17.0
CLASS_NOISE, QUARTER_NOISE, PROGRESS_NOISE, EXAM_NOISE = 3.0, 5.2, 4.4, 2.0
GOOD_OR_BAD_QUARTER = 4.5  # standard deviation of what moves all of a student's classes in a quarter
SLIDES_BELOW, SLIDE = 76.0, 1.6  # whoever falls behind falls fast: fewer Ds than a bell curve has, more Fs
FEWEST_DAYS = 15

LETTERS = (
    (97, "A+", 4.0),
    (93, "A", 4.0),
    (90, "A-", 3.7),
    (87, "B+", 3.3),
    (83, "B", 3.0),
    (80, "B-", 2.7),
    (77, "C+", 2.3),
    (73, "C", 2.0),
    (70, "C-", 1.7),
    (67, "D+", 1.3),
    (63, "D", 1.0),
    (60, "D-", 0.7),
    (0, "F", 0.0),
)

PROGRESS_OF = {"P1": "Q1", "P2": "Q2", "P3": "Q3", "P4": "Q4"}
KIND = {
    "progress": "progress",
    "quarter": "grading_period",
    "semester": "semester",
    "trimester": "grading_period",
}


@dataclass
class Percents:
    """m class enrollments: the percent in each term by its name; NaN where no mark is given."""

    of: dict[str, Array]


def letter_of(percent: Array) -> tuple[Array, Array]:
    """Letter and grade points of whole percents."""
    cuts = np.array([cut for cut, _, _ in LETTERS][::-1])
    place = len(LETTERS) - np.searchsorted(cuts, percent, side="right")
    place = np.clip(place, 0, len(LETTERS) - 1)
    return np.array([w for _, w, _ in LETTERS], dtype=object)[place], np.array([p for *_, p in LETTERS])[
        place
    ]


def quarter_edges(year: Attending) -> Array:
    """The school day after each of the first three quarters."""
    quarters = [t for t in year.calendar.secondary_terms if t.term_type == "quarter"]
    return np.array([year.calendar.position(t.end) + 1 for t in quarters[:3]])


def percents(
    seed: int,
    size: Size,
    students: Students,
    year: Attending,
    seats: Classes,
    latent: Array,
    missing: Array,
    habits: Habits,
) -> Percents:
    """The percent of every class enrollment in every term."""
    rng = stream(seed, "marks", year.calendar.year)
    m = len(seats.row)
    base = (
        standing(rng, size, students, year, seats)
        + habits.leniency[seats.section]
        + rng.normal(0, CLASS_NOISE, m)
    )
    sums = running_sums(by_day(latent, year))
    shared = rng.normal(0, GOOD_OR_BAD_QUARTER, (len(year.student), 4))
    quarter_noise = rng.normal(0, QUARTER_NOISE, (m, 4)) + shared[seats.row]
    of: dict[str, Array] = {}
    for term in year.calendar.secondary_terms:
        start, end = year.calendar.position(term.start), year.calendar.position(term.end) + 1
        mean = (sums[:, end] - sums[:, start]) / (end - start)
        raw = base - FROM_ENGAGEMENT * mean[seats.row]
        if term.term_type == "quarter":
            q = int(term.name[1]) - 1
            of[term.name] = raw + quarter_noise[:, q] - FROM_MISSING * missing[:, q]
        elif term.term_type == "progress":
            q = int(PROGRESS_OF[term.name][1]) - 1
            noise = 0.5 * quarter_noise[:, q] + rng.normal(0, PROGRESS_NOISE, m)
            of[term.name] = raw + noise - 0.7 * FROM_MISSING * missing[:, q]
    for name, (a, b) in {"S1": ("Q1", "Q2"), "S2": ("Q3", "Q4")}.items():
        of[name] = (of[a] + of[b]) / 2 + rng.normal(0, EXAM_NOISE, m)
    return Percents({name: given(year, seats, name, values) for name, values in of.items()})


def given(year: Attending, seats: Classes, name: str, percent: Array) -> Array:
    """Whole percents where the student was in the class at the term's end and long enough before."""
    term = next(t for t in year.calendar.secondary_terms if t.name == name)
    start, end = year.calendar.position(term.start), year.calendar.position(term.end)
    there = (seats.last >= end) & (end - np.maximum(seats.first, start) >= FEWEST_DAYS)
    slid = np.minimum(percent, SLIDES_BELOW + SLIDE * (percent - SLIDES_BELOW))
    return np.where(there, np.round(np.clip(slid, 12, 100)), np.nan)


def standing(
    rng: np.random.Generator, size: Size, students: Students, year: Attending, seats: Classes
) -> Array:
    """What a student would get in a class from ability, subject and school alone."""
    subjects = [course.subject for course in CATALOGUE]
    names = sorted(set(subjects))
    liking = rng.normal(0, 1, (len(year.student), len(names)))
    subject = np.array([names.index(s) for s in subjects])[seats.course]
    mean = np.array([MEAN[s.level] for s in size.schools])[seats.school]
    easier = np.array([EASIER.get(s, 0.0) for s in subjects])[seats.course]
    ability = students.ability[year.student[seats.row]]
    grade = np.zeros(14)
    grade[list(OF_GRADE)] = list(OF_GRADE.values())
    mean = mean + grade[np.maximum(year.grade[seats.row], 0)]
    return np.asarray(mean + easier + FROM_ABILITY * ability + FROM_SUBJECT * liking[seats.row, subject])


def running_sums(daily: Array) -> Array:
    """n x 181: the sum of the days before each day."""
    return np.concatenate([np.zeros((len(daily), 1)), np.cumsum(daily, axis=1)], axis=1)


def marks_table(
    seed: int,
    size: Size,
    students: Students,
    year: Attending,
    seats: Classes,
    given_percents: Percents,
    habits: Habits,
) -> pa.Table:
    """The table ``marks`` of one year, middle and high schools first, then elementary schools."""
    rng = stream(seed, "posting", year.calendar.year)
    parts = [
        term_marks(rng, size, students, year, seats, name, percent, habits)
        for name, percent in given_percents.of.items()
    ]
    parts += [elementary_marks(rng, size, students, year, seats, name) for name in ("T1", "T2", "T3")]
    return pa.concat_tables(parts)


def term_marks(
    rng: np.random.Generator, size: Size, students: Students, year: Attending, seats: Classes, name: str,
    percent: Array, habits: Habits,
) -> pa.Table:  # fmt: skip
    """The marks of one term; a teacher who posts only at a term's end gives no progress marks."""
    term = next(t for t in year.calendar.secondary_terms if t.name == name)
    elementary = np.array([s.level == "es" for s in size.schools])[seats.school]
    silent = habits.only_at_term_end[seats.section] & (term.term_type == "progress")
    seat = np.nonzero(~np.isnan(percent) & ~elementary & ~silent)[0]
    value, section = percent[seat], seats.section[seat]
    letter, points = letter_of(value)
    incomplete = rng.random(len(seat)) < 0.003
    letter[incomplete] = "I"
    delay = habits.posting_days[section] + rng.integers(0, 2, len(seat))
    delay = delay + 8 * habits.only_at_term_end[section]
    is_semester = term.term_type == "semester"
    high = np.array([s.level in ("hs", "alt") for s in size.schools])[seats.school[seat]]
    return mark_rows(
        size, students, year, seats, seat, name,
        letter=letter,
        percent=pa.array(value, mask=incomplete),
        gpa_points=pa.array(points, mask=incomplete),
        is_passing=pa.array(value >= 60, mask=incomplete),
        credits_earned=pa.array(np.where(value >= 60, 5.0, 0.0), mask=incomplete | ~(high & is_semester)),
        excluded_from_gpa=incomplete,
        recorded_at=instants(np.full(len(seat), np.datetime64(term.end, "D")), delay),
    )  # fmt: skip


def elementary_marks(
    rng: np.random.Generator, size: Size, students: Students, year: Attending, seats: Classes, name: str
) -> pa.Table:
    """Standards-based marks 1 to 4 for a trimester, at the elementary schools that give any."""
    term = next(t for t in year.calendar.elementary_terms if t.name == name)
    posts = np.array([s.level == "es" and s.posts_marks for s in size.schools])[seats.school]
    end = year.calendar.position(term.end)
    there = posts & (seats.last >= end) & (end - seats.first >= FEWEST_DAYS)
    seat = np.nonzero(there)[0]
    ability = students.ability[year.student[seats.row[seat]]]
    level = np.clip(np.round(2.75 + 0.6 * ability + rng.normal(0, 0.45, len(seat))), 1, 4).astype(int)
    none = np.ones(len(seat), dtype=bool)
    empty = pa.array(np.zeros(len(seat)), mask=none)
    return mark_rows(
        size, students, year, seats, seat, name,
        letter=level.astype(str).astype(object),
        percent=empty,
        gpa_points=empty,
        is_passing=pa.array(none, mask=none),
        credits_earned=empty,
        excluded_from_gpa=none,
        recorded_at=instants(np.full(len(seat), np.datetime64(term.end, "D")), rng.integers(2, 8, len(seat))),
    )  # fmt: skip


def mark_rows(
    size: Size, students: Students, year: Attending, seats: Classes, seat: Array, name: str, **columns: object
) -> pa.Table:
    """Marks of one term with their keys."""
    term = next(
        t for t in (*year.calendar.secondary_terms, *year.calendar.elementary_terms) if t.name == name
    )
    ids = np.array([term_id(s.org_id, year.calendar.year, name) for s in size.schools], dtype=object)
    return pa.table(
        {
            "student_id": pa.array(students.student_id[year.student[seats.row[seat]]], pa.string()),
            "section_id": pa.array(seats.sections.section_id[seats.section[seat]], pa.string()),
            "term_id": pa.array(ids[seats.school[seat]], pa.string()),
            "mark_type": pa.array([KIND[term.term_type]] * len(seat), pa.string()),
            "as_of_date": np.full(len(seat), np.datetime64(term.end, "D")),
            **{key: typed(key, value) for key, value in columns.items()},
        }
    )


def typed(name: str, value: object) -> object:
    """Letters as text even when a term has none."""
    return pa.array(value, pa.string()) if name == "letter" else value
