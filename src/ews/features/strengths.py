"""What goes well for a student whatever the models say: plain facts, each true on its own.

Every feature has its own strength sentence, which speaks first. These are for the student of whom none
of those is true: nearly everyone passes a class, is good at one, or was at school all week. A threshold
is set where a parent would take the sentence as praise and not as a reproach turned around.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from ews.features.definition import filled, missing

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Strength:
    """One thing that may go well.

    phrase: the sentence, over the ``fact_`` columns in ``facts``.
    when: whether it is worth saying, asked only where every fact is on record.
    reverses: drivers whose reason it would only turn around ("Missed 4 of 20", "at school on 16 of
        20"); beside such a reason it is said last of all.
    source: the contract table that the fact comes from, for "SIS, 14 Nov".
    """

    phrase: str
    facts: tuple[str, ...]
    when: Callable[..., bool]
    source: str
    reverses: tuple[str, ...] = ()

    def said_of(self, row: Row) -> str | None:
        """The sentence when it is true of this student and worth saying; else None.

        A run of an earlier version may lack a fact.
        """
        values = [row.get(name) for name in self.facts]
        if any(missing(value) for value in values) or not self.when(*values):
            return None
        return filled(self.phrase, row)


ATTENDANCE = ("absence_recent", "absence_year")
BEST = ("fact_best_mark", "fact_best_course")
PASSING = ("fact_passed_now", "fact_graded_now")
PRESENT = ("fact_present_days_last_20", "fact_expected_days_last_20")
PASSING_PHRASE = "Passing {fact_passed_now} of {fact_graded_now:# class|# classes} with a mark now"
LAST_5 = ("fact_absent_days_last_5", "fact_expected_days_last_5")
BEST_PHRASE = "{fact_best_course} at {fact_best_mark:.0f}, the best mark now"
PRESENT_PHRASE = (
    "At school on {fact_present_days_last_20} of the last"
    " {fact_expected_days_last_20:# school day|# school days}"
)

STRENGTHS: tuple[Strength, ...] = (
    Strength(
        BEST_PHRASE,
        BEST,
        lambda mark, course: mark >= 85,
        "marks",
    ),
    Strength(
        "{fact_best_standard_course} at {fact_best_standard} of 4, the best mark now",
        ("fact_best_standard", "fact_best_standard_course"),
        lambda mark, course: mark >= 3,
        "marks",
    ),
    Strength(
        PASSING_PHRASE,
        PASSING,
        lambda passed, graded: graded >= 3 and passed >= 0.75 * graded,
        "marks",
        ("marks_now",),
    ),
    Strength(
        "Turned in {fact_work_turned_in} of {fact_work_due:# assignment|# assignments} due this term",
        ("fact_work_turned_in", "fact_work_due"),
        lambda turned_in, due: due >= 5 and turned_in >= 0.75 * due,
        "assignment_results",
        ("work",),
    ),
    Strength(
        "At school on all of the last {fact_expected_days_last_5:# school day|# school days}",
        LAST_5,
        lambda absent, expected: expected >= 4 and absent == 0,
        "attendance",
    ),
    Strength(
        PRESENT_PHRASE,
        PRESENT,
        lambda present, expected: expected >= 10 and present >= 0.9 * expected,
        "attendance",
        ATTENDANCE,
    ),
    Strength(
        "Missed {fact_absent_days_last_10} of the last"
        " {fact_expected_days_last_10:# school day|# school days},"
        " after {fact_absent_days_10_before} of the 10 before",
        ("fact_absent_days_last_10", "fact_expected_days_last_10", "fact_absent_days_10_before"),
        lambda absent, expected, before: expected == 10 and absent <= before - 2,
        "attendance",
    ),
    Strength(
        BEST_PHRASE,
        BEST,
        lambda mark, course: mark >= 75,
        "marks",
    ),
    Strength(
        PASSING_PHRASE,
        PASSING,
        lambda passed, graded: graded >= 3 and passed >= 0.5 * graded,
        "marks",
        ("marks_now",),
    ),
    Strength(
        "No lateness recorded in the last {fact_expected_days_last_20:# school day|# school days}",
        ("tardies_last_20", *PRESENT),
        lambda late, present, expected: late == 0 and present >= 10,
        "attendance",
        ("lateness",),
    ),
    Strength(
        PRESENT_PHRASE,
        PRESENT,
        lambda present, expected: expected >= 10 and present >= 0.8 * expected,
        "attendance",
        ATTENDANCE,
    ),
    Strength(
        "No incident recorded this year",
        ("fact_incidents_year",),
        lambda incidents: incidents == 0,
        "student_incidents",
        ("behavior_now",),
    ),
    Strength(
        BEST_PHRASE,
        BEST,
        lambda mark, course: mark >= 70,
        "marks",
    ),
    Strength(
        "At school on {fact_present_days_last_5} of the last"
        " {fact_expected_days_last_5:# school day|# school days}",
        ("fact_present_days_last_5", *LAST_5),
        lambda present, absent, expected: expected >= 4 and present >= 0.8 * expected,
        "attendance",
        ATTENDANCE,
    ),
    Strength(
        "At school on {fact_present_days_year:# day|# days} this year",
        ("fact_present_days_year", "fact_expected_days_year"),
        lambda present, expected: expected >= 10 and present >= 0.5 * expected,
        "attendance",
        ATTENDANCE,
    ),
)
"""From the most personal and strongest to the last resort."""

FACTS = tuple(dict.fromkeys(name for strength in STRENGTHS for name in strength.facts))
"""The columns of the matrix that the sentences are over."""


def plain_strengths(row: Row, raised_by: Collection[str]) -> list[tuple[Strength, str]]:
    """What goes well, strongest first, each thing said once; ``raised_by`` are the drivers given as reasons.

    What would only turn one of those reasons around comes after everything else.
    """
    said: dict[str, tuple[Strength, str]] = {}
    for strength in sorted(STRENGTHS, key=lambda one: not set(one.reverses).isdisjoint(raised_by)):
        sentence = strength.said_of(row)
        if sentence is not None:
            said.setdefault(sentence, (strength, sentence))
    return list(said.values())
