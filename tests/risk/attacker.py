"""Somebody who wants a hidden number, and has every number that is given out and all that adds up.

Linear programming finds the smallest and the largest value that each hidden number may have: where the two
meet, it is had. Nobody is fewer than nobody; that is known too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from scipy.optimize import linprog

from ews.risk.small_cells import FEWEST, Sum

Name = tuple[str, ...]


def pinned(hidden: AbstractSet[Name], counts: Mapping[Name, int], sums: Sequence[Sum]) -> set[Name]:
    """The small groups among ``hidden`` whose number can be had; ``counts`` are read where they are shown."""
    cells = sorted(hidden)
    place = {cell: index for index, cell in enumerate(cells)}
    rows, values = [], []
    for one in sums:
        row = np.zeros(len(cells))
        value = 0.0
        for cell, sign in ((one.total, -1), *((part, 1) for part in one.parts)):
            if cell in place:
                row[place[cell]] += sign
            else:
                value -= sign * counts[cell]
        if row.any():
            rows.append(row)
            values.append(value)
    if not rows:
        return set()
    small = [cell for cell in cells if counts[cell] < FEWEST]
    return {cell for cell in small if had(place[cell], len(cells), np.array(rows), np.array(values))}


def had(place: int, size: int, rows: np.ndarray, values: np.ndarray) -> bool:
    """Whether the unknown at ``place`` can be one whole number only."""
    goal = np.zeros(size)
    goal[place] = 1.0
    ends = [linprog(sign * goal, A_eq=rows, b_eq=values, bounds=(0, None)) for sign in (1, -1)]
    least, most = ends[0].fun, np.inf if ends[1].status == 3 else -ends[1].fun
    return bool(most - least < 1 - 1e-6)
