"""Courses and their terms, and what a mark says: an F, a D, points, or a standard met.

A mark is read by its letter; by its percent only where there is no letter (below 60 an F, below 70 a
D). Standards-based marks from 1 to 4 are neither. P, NC, CR, I and whatever the school keeps out of its
averages count for nothing here. What is empty stays empty: it is not 0.
"""

from __future__ import annotations

from typing import Any

import ibis

from ews.features.kept import kept
from ews.features.known import both_known, ever, known_between
from ews.features.snapshots import Snapshots

FINAL = ("grading_period", "semester", "final")
OFFICIAL = ("current", "progress", "grading_period", "semester", "final")
STANDARDS = tuple(digit + sign for digit in "1234" for sign in ("", "+", "-", ".5", ".0"))
POINTS = {"A": 400, "B": 300, "C": 200, "D": 100, "F": 0}
F_BELOW, D_BELOW, C_BELOW, B_BELOW = 6000, 7000, 8000, 9000
TELLING = (
    r"\b(ELD|ESL|ENGLISH LANGUAGE DEVELOPMENT|ENGLISH LEARNER|NEWCOMER|SHELTERED|SDAIE"
    r"|SDC|RSP|RESOURCE|SPECIAL)\b"
)
"""Titles of courses that would say of a student that they learn English or have a disability."""
A_COURSE = "A course"
"""What such a course is called."""
HUNDREDTHS = 100
"""Percents and grade points are whole hundredths here, so that means do not depend on the order."""


def terms_of(ground: Snapshots) -> ibis.Table:
    """Runs of terms that are not progress periods: term_id, school_id, its dates, term_year, term_place.

    ``term_place`` orders terms by their end; of two that end together the shorter comes later.
    """
    terms = known_between(ground.records, "terms", ground.moments)
    terms = terms.filter((terms.term_type != "progress").fill_null(True))
    place = ibis.dense_rank().over(order_by=["end_date", "start_date"])
    return terms.select(
        "term_id",
        "school_id",
        "start_date",
        "end_date",
        "first",
        "last",
        term_year=terms.school_year,
        term_place=place.cast("int32"),
    )


def sections_of(ground: Snapshots) -> ibis.Table:
    """Runs of sections with their term's dates (null without a term), ``section`` a whole number.

    ``telling``: there is no title, or it would say something protected of whoever is in the course. It is
    then called a course and nothing more, since whoever may see the marks reads it.
    """
    known = known_between(ground.records, "sections", ground.moments)
    number = ibis.dense_rank().over(order_by="section_id")
    telling = known.course_title.upper().re_search(TELLING).fill_null(True)
    sections = known.mutate(
        section=number.cast("int32"),
        title=telling.ifelse(A_COURSE, known.course_title),
        telling=telling,
    )
    terms = known_between(ground.records, "terms", ground.moments)
    terms = terms.select("term_id", "first", "last", opens="start_date", closes="end_date")
    timed = both_known(sections, terms, ["term_id"])
    names = (
        "section_id", "section", "school_id", "title", "telling", "is_core", "a_g", "credits_possible",
        "opens", "closes", "first", "last",
    )  # fmt: skip
    free = sections.filter(sections.term_id.isnull())
    free = free.mutate(opens=ibis.null("date"), closes=ibis.null("date"))
    return timed.select(*names).union(free.select(*names))


def read_marks(ground: Snapshots) -> ibis.Table:
    """Runs of marks as whole numbers: percent (hundredths), points (hundredths), is_f, is_d, standard.

    Marks that the school keeps out of its averages have none of these. ``passed`` is by points, else as the
    school says (a P); false where neither is told.
    """
    marks = ground.known("marks")
    marks = marks.left_join(letters_of(ground), "letter").drop("letter_right")
    counts = ~marks.excluded_from_gpa.fill_null(False)
    percent = (marks.percent * HUNDREDTHS).round().cast("int32")
    alone = marks.letter.isnull()
    points = (marks.gpa_points * HUNDREDTHS).round().cast("int32")
    points = points.coalesce(marks.letter_points, ibis.ifelse(alone, points_by_percent(percent), None))
    no_points = ibis.null("int32")
    return marks.select(
        "student",
        "section_id",
        "term_id",
        "mark_type",
        "as_of_date",
        "credits_earned",
        "first",
        "last",
        percent=ibis.ifelse(counts, percent, no_points),
        points=ibis.ifelse(counts, points, no_points),
        is_f=(counts & ((marks.initial == "F") | (alone & (percent < F_BELOW)))).fill_null(False),
        is_d=(counts & ((marks.initial == "D") | (alone & percent.between(F_BELOW, D_BELOW - 1)))).fill_null(
            False
        ),
        passed=(points > 0).coalesce(marks.is_passing, False),
        standard=ibis.ifelse(marks.percent.isnull(), marks.letter_standard, no_points),
        official=marks.mark_type.cases(*[(kind, place) for place, kind in enumerate(OFFICIAL)]).cast("int32"),
    )


def letters_of(ground: Snapshots) -> ibis.Table:
    """What each letter in use says: letter, initial, letter_points, letter_standard (hundredths)."""
    letters = ever(ground.records, "marks").select("letter").distinct()
    letters = letters.filter(letters.letter.notnull())
    plain = letters.letter.strip().upper()
    initial = plain.left(1)
    standard = initial.cases(*[(digit, int(digit) * HUNDREDTHS) for digit in "1234"], else_=None)
    return kept(
        letters.select(
            "letter",
            initial=initial,
            letter_points=initial.cases(*POINTS.items(), else_=None).cast("int32"),
            letter_standard=plain.isin(STANDARDS).ifelse(standard, None).cast("int32"),
        )
    )


def points_by_percent(percent: Any) -> Any:
    """Grade points (hundredths) of a percent (hundredths) that came without a letter."""
    return ibis.cases(
        (percent < F_BELOW, POINTS["F"]),
        (percent < D_BELOW, POINTS["D"]),
        (percent < C_BELOW, POINTS["C"]),
        (percent < B_BELOW, POINTS["B"]),
        (percent >= B_BELOW, POINTS["A"]),
        else_=None,
    ).cast("int32")


def latest(rows: ibis.Table, *, of: tuple[str, ...]) -> ibis.Table:
    """Of the marks at each moment for the same ``of`` the newest; on one day the more official."""
    newest = ibis.row_number().over(
        group_by=["moment", *of],
        order_by=[rows.as_of_date.desc(), rows.official.desc(), "term_id"],
    )
    rows = rows.mutate(place=newest)
    return rows.filter(rows.place == 0).drop("place")
