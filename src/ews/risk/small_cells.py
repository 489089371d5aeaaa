"""Which groups are too small to be shown, and which others must be hidden with them.

A group of fewer than FEWEST students is not shown. Where a total is known, one hidden group could be had
by subtraction: so at least two are hidden in every line that adds up to a known total, and together they
hold at least FEWEST students.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ews.risk.groups import LEARNERS, Dimension

FEWEST = 11

Cell = tuple[str, str]
"""A dimension's name and a group's code."""


def hidden_cells(dimensions: Sequence[Dimension], students: Mapping[Cell, int]) -> frozenset[Cell]:
    """The cells that are not shown, of all in ``students`` (how many are in each)."""
    lines = lines_of(dimensions)
    hidden = {cell for cell, count in students.items() if 0 < count < FEWEST}
    before = -1
    while before != len(hidden):
        before = len(hidden)
        for dimension in dimensions:
            hidden |= below_hidden(dimension, hidden)
        for line in lines:
            hidden |= completed(line, hidden, students)
    return frozenset(hidden)


def lines_of(dimensions: Sequence[Dimension]) -> list[list[Cell]]:
    """The lines of cells that add up to a total that anyone may know."""
    lines = []
    for dimension in dimensions:
        cells = [(dimension.name, code) for code, _ in dimension.groups]
        if not dimension.parents:
            lines.append(cells)
            if dimension.name == "english":  # how many learn now is the sum of an intersection's column
                lines.append([cell for cell in cells if cell[1] in LEARNERS])
            continue
        for side in (0, 1):
            codes = dict.fromkeys(cell[1].split("*")[side] for cell in cells)
            lines += [[cell for cell in cells if cell[1].split("*")[side] == code] for code in codes]
    return lines


def below_hidden(dimension: Dimension, hidden: set[Cell]) -> set[Cell]:
    """The cells of an intersection whose sum over a line would tell of a hidden group."""
    return {
        (dimension.name, code)
        for code, _ in dimension.groups
        for parent, part in zip(dimension.parents, code.split("*"), strict=False)
        if (parent, part) in hidden
    }


def completed(line: Sequence[Cell], hidden: set[Cell], students: Mapping[Cell, int]) -> set[Cell]:
    """What must be hidden of ``line`` too, so that what is hidden cannot be had by subtraction."""
    gone = {cell for cell in line if cell in hidden}
    shown = sorted((cell for cell in line if cell not in gone), key=lambda cell: (students[cell], cell))
    while gone and shown and (len(gone) == 1 or sum(students[cell] for cell in gone) < FEWEST):
        gone.add(shown.pop(0))
    return gone
