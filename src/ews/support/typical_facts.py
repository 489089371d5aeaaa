"""What is typical of each grade for the facts on a student's cards, as the models in service learned it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ews.risk.typical import EVERYONE, cell_names
from ews.support.student_cards import FACTS

if TYPE_CHECKING:
    import pandas as pd

    from ews.risk.bundle import Bundle


def typical_facts(bundles: Mapping[str, Bundle], matrix: pd.DataFrame) -> list[dict[str, Any]]:
    """grade_level, feature, low, high: the middle half of each grade at this time of the year.

    A fact that no model in service looks at has nothing to be compared with, nor has a grade it is not
    asked about. ``matrix`` says which grades there are, and in which week of their year.
    """
    grades = matrix.drop_duplicates("grade_level")
    cells = dict(zip(grades["grade_level"].astype(int), cell_names(grades), strict=True))
    return [
        {"grade_level": grade, "feature": name, "low": low, "high": high}
        for domain, names in FACTS.items()
        if domain in bundles
        for name, grade, low, high in _ranges(bundles[domain], names, cells)
    ]


def _ranges(
    bundle: Bundle, names: tuple[str, ...], cells: Mapping[int, str]
) -> Iterator[tuple[str, int, float, float]]:
    of = bundle.typical
    for name in names:
        if name not in of.features:
            continue
        place = of.features.index(name)
        for grade in sorted(set(cells) & set(bundle.grades)):
            low, _, high = of.cells.get(cells[grade], of.cells[EVERYONE])[place].tolist()
            if not math.isnan(low):
                yield name, grade, low, high
