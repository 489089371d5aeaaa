"""What is a school-wide matter: a grade where far more students than usual stand above the line in a domain.

A share alone is no news: at the line for *See next* a quarter of a high school may stand above it in
every grade, every week. So a grade is held against the other students of its level (elementary, middle,
high) in the district; and more than half of a grade is a matter of the school whatever is usual.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ews.risk.small_cells import FEWEST
from ews.settings import Settings

if TYPE_CHECKING:
    from ews.risk.scoring import Score

MOST_OF_A_GRADE = 0.5
MIDDLE_FROM, HIGH_FROM = 6, 9

Grade = tuple[str, int]
"""A school and one of its grades."""


@dataclass(frozen=True)
class Flags:
    """Students of each grade, and of them those in band elevated or high by domain."""

    students: Counter[Grade]
    flagged: Counter[tuple[Grade, str]]


def school_wide(
    known: Sequence[Mapping[str, Any]], scores: Mapping[str, Mapping[str, Score]], settings: Settings
) -> dict[str, list[dict[str, Any]]]:
    """School to its grades and domains that are a school-wide matter, each with the share and the usual."""
    flags = flags_of(known, scores)
    found: dict[str, list[dict[str, Any]]] = {}
    for (grade, domain), count in sorted(flags.flagged.items()):
        students = flags.students[grade]
        share, usual = count / students, usual_share(flags, grade, domain)
        if large_enough(count, students) and is_matter(share, usual, settings):
            notice = {"grade_level": grade[1], "domain": domain, "share": share, "usual": usual}
            found.setdefault(grade[0], []).append(notice)
    return found


def flags_of(known: Sequence[Mapping[str, Any]], scores: Mapping[str, Mapping[str, Score]]) -> Flags:
    """Who stands above the line, counted by grade and domain; overall is made of the others."""
    flags = Flags(Counter(), Counter())
    for row in known:
        grade = (row["school_id"], int(row["grade_level"]))
        flags.students[grade] += 1
        for domain, score in scores.get(row["student_id"], {}).items():
            if domain != "overall" and score.band in ("elevated", "high"):
                flags.flagged[grade, domain] += 1
    return flags


def usual_share(flags: Flags, grade: Grade, domain: str) -> float | None:
    """The share among all other grades of the same level in the district; None where they are too few."""
    others = [other for other in flags.students if other != grade and level(other) == level(grade)]
    students = sum(flags.students[other] for other in others)
    if students < FEWEST:
        return None
    return sum(flags.flagged[other, domain] for other in others) / students


def large_enough(count: int, students: int) -> bool:
    """Whether both those above the line and the others are groups that may be shown."""
    return min(count, students - count) >= FEWEST


def level(grade: Grade) -> int:
    """0 elementary, 1 middle, 2 high."""
    return (grade[1] >= MIDDLE_FROM) + (grade[1] >= HIGH_FROM)


def is_matter(share: float, usual: float | None, settings: Settings) -> bool:
    """Above the set share, and well above the usual; or more than half, whatever is usual."""
    if share <= settings["list.school_wide_share"]:
        return False
    return usual is None or share > MOST_OF_A_GRADE or share >= settings["list.school_wide_excess"] * usual
