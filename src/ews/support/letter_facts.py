"""What goes well for a student, from the records: the facts that a family letter may tell.

Each is true on its own, and each is one that a family would take as praise. Nothing of a model is among
them, and nothing about conduct.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ews.features.definition import missing
from ews.store.store import Transaction
from ews.support.facts import Run
from ews.support.letter_text import ENGLISH, FACTS, Told, fact_in
from ews.support.pupil import Pupil
from ews.support.run_files import FEATURES, read_student

FEATURE = "fact_"


@dataclass(frozen=True)
class Fact:
    """Something that goes well, from the records: its code, its slots, and the sentence in English."""

    code: str
    slots: Mapping[str, Any]
    sentence: str


Found = Mapping[str, Any]


def _whole(value: Any) -> int:
    return round(float(value))


FROM_RECORD: dict[str, tuple[tuple[str, ...], Callable[..., bool], Callable[..., dict[str, Any]]]] = {
    "all_five": (
        ("absent_days_last_5", "expected_days_last_5"),
        lambda absent, expected: expected >= 4 and absent == 0,
        lambda absent, expected: {"days": _whole(expected)},
    ),
    "present_20": (
        ("present_days_last_20", "expected_days_last_20"),
        lambda present, expected: expected >= 10 and present >= 0.9 * expected,
        lambda present, expected: {"present": _whole(present), "days": _whole(expected)},
    ),
    "fewer_missed": (
        ("absent_days_last_10", "expected_days_last_10", "absent_days_10_before"),
        lambda absent, expected, before: expected == 10 and absent <= before - 2,
        lambda absent, expected, before: {},
    ),
    "best_course": (
        ("best_mark", "best_course"),
        lambda mark, course: mark >= 75,
        lambda mark, course: {"course": str(course), "mark": _whole(mark)},
    ),
    "best_standard": (
        ("best_standard", "best_standard_course"),
        lambda mark, course: mark >= 3,
        lambda mark, course: {"course": str(course), "mark": f"{float(mark):g}"},
    ),
    "passing": (
        ("passed_now", "graded_now"),
        lambda passed, graded: graded >= 3 and passed >= 0.75 * graded,
        lambda passed, graded: {"passed": _whole(passed), "graded": _whole(graded)},
    ),
    "turned_in": (
        ("work_turned_in", "work_due"),
        lambda done, due: due >= 5 and done >= 0.75 * due,
        lambda done, due: {"done": _whole(done), "due": _whole(due)},
    ),
    "present_year": (
        ("present_days_year", "expected_days_year"),
        lambda present, expected: expected >= 10 and present >= 0.8 * expected,
        lambda present, expected: {"present": _whole(present)},
    ),
}
"""For each fact its columns, whether a family would take it as praise, and its slots. Conduct is no fact
of a letter: to be told of no incident is no praise."""


def facts_of_record(features: Found, pupil: Pupil) -> tuple[Fact, ...]:
    """What goes well by the records of a run, in the order of FACTS; the last one is true of everybody."""
    found = []
    for code in FACTS:
        slots = slots_of(code, features)
        if slots is not None:
            found.append(Fact(code, slots, said_now(pupil, code, slots)))
    return tuple(found)


def slots_of(code: str, features: Found) -> dict[str, Any] | None:
    """What fills a fact's sentence; None when the records do not say it of this student."""
    if code not in FROM_RECORD:
        return {}
    names, when, fill = FROM_RECORD[code]
    values = [features.get(FEATURE + name) for name in names]
    if any(missing(value) for value in values) or not when(*values):
        return None
    return fill(*values)


def said_now(pupil: Pupil, code: str, slots: Mapping[str, Any]) -> str:
    """A fact's sentence in English."""
    told = Told(pupil.display_name, pupil.school_name, date.min, code, slots, "meeting", "", "")
    return fact_in(ENGLISH, told)


def features_of_run(tx: Transaction, run: Run, student_id: str) -> Found:
    """The student's own row of the run's features; empty when there is none."""
    found = read_student(tx.home, run.run_id, FEATURES, [student_id]).to_dict("records")
    return {str(key): value for key, value in found[0].items()} if found else {}
