"""Which groups of students an evaluation speaks of, and which are too few to be shown."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ews.risk.judging import FEWEST, groups_of
from ews.risk.rows import Rows

EVERYONE = "everyone"
UNFLAGGED = ("not_yet_flagged", "no_mark_yet")
"""Those whom nothing but a model can find: no rule has flagged them, or no mark is known."""

TITLES = {
    EVERYONE: "Everyone",
    "not_yet_flagged": "Not yet flagged by a rule",
    "no_mark_yet": "No mark yet",
    "new_students": "New students",
}


def title_of(group: str) -> str:
    """How a group is called on a page."""
    return TITLES.get(group, group[:1].upper() + group[1:])


def shown_groups(rows: Rows) -> tuple[dict[str, np.ndarray], list[str]]:
    """Rows (booleans) of each group that may be shown, everyone first, and the names of those hidden.

    A group is hidden when it, or everyone without it, has fewer than FEWEST students: either could be
    told from the other. Weeks are not groups here.
    """
    found = {name: inside for name, inside in groups_of(rows.matrix).items() if not name.startswith("week ")}
    counts = {name: (students(rows, inside), students(rows, ~inside)) for name, inside in found.items()}
    few = [name for name, (own, others) in counts.items() if 0 < own < FEWEST or 0 < others < FEWEST]
    few += also_hidden({name: own for name, (own, _) in counts.items()}, few)
    everyone = np.ones(len(rows.labels), dtype=bool)
    shown = {name: inside for name, inside in found.items() if name not in few and counts[name][0]}
    return {EVERYONE: everyone, **shown}, few


def also_hidden(counts: Mapping[str, int], few: list[str]) -> list[str]:
    """The next smallest grade band where exactly one is hidden, else the rest would tell of it."""
    bands = {name: own for name, own in counts.items() if name.startswith("grades ") and own}
    shown = sorted((own, name) for name, own in bands.items() if name not in few)
    return [shown[0][1]] if len(bands) - len(shown) == 1 and shown else []


def students(rows: Rows, inside: np.ndarray) -> int:
    """How many students the rows ``inside`` are of."""
    return len(np.unique(rows.students[inside]))
