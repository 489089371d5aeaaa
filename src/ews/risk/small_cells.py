"""Which groups are too small to be shown, and which others must be hidden with them: the one door for it.

A group of fewer than FEWEST students is not shown. Where a total is known, one hidden group could be had
by subtraction: so at least two are hidden in every line that adds up to a known total, and together they
hold at least FEWEST students. Lines may hang together (grades make a school, schools make a district): then
it is also asked of all of them at once whether any hidden number follows from what is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from ews.risk.groups import LEARNERS, Dimension

FEWEST = 11

Cell = tuple[str, str]
"""A dimension's name and a group's code."""

Named = tuple[str, ...]
"""The name of a number that is given out somewhere, such as a school, a grade and what is counted."""


@dataclass(frozen=True)
class Sum:
    """``parts`` that add up to ``total``, itself a number that may be shown or hidden."""

    total: Named
    parts: tuple[Named, ...]


def hidden_among(counts: Mapping[Named, int], sums: Sequence[Sum]) -> frozenset[Named]:
    """The cells of ``counts`` that are not shown, none of them to be had from the others through ``sums``.

    Nobody at all is a small group too: that none of a class is in need, or all are, tells of each of them.
    """
    hidden: set[Named] = {cell for cell, count in counts.items() if count < FEWEST}
    while True:
        before = len(hidden)
        for one in sums:
            hidden |= lacking(one, hidden, counts)
        if before == len(hidden):
            hidden |= companions(told_by_all(hidden, sums), hidden, counts, sums)
        if before == len(hidden):
            return frozenset(hidden)


def lacking(one: Sum, hidden: AbstractSet[Named], counts: Mapping[Named, int]) -> set[Named]:
    """What must be hidden of a sum besides what already is."""
    gone = [part for part in one.parts if part in hidden]
    shown = sorted((part for part in one.parts if part not in hidden), key=lambda part: (counts[part], part))
    total_gone = one.total in hidden
    more: set[Named] = set()
    while (gone or total_gone) and shown and too_few(gone, total_gone, counts):
        gone.append(shown[0])
        more.add(shown.pop(0))
    if gone and not total_gone and too_few(gone, total_gone, counts):
        more.add(one.total)
    return more


def too_few(gone: Sequence[Named], total_gone: bool, counts: Mapping[Named, int]) -> bool:
    """Whether what is hidden of a sum would be had by subtraction, or all of it together is a small group."""
    if total_gone:
        return not gone
    return len(gone) == 1 or sum(counts[part] for part in gone) < FEWEST


def told_by_all(hidden: AbstractSet[Named], sums: Sequence[Sum]) -> set[Named]:
    """The hidden cells whose number follows from all sums together."""
    found: set[Named] = set()
    for cells, own in hanging_together(hidden, sums):
        found |= told_by(cells, own)
    return found


def hanging_together(
    hidden: AbstractSet[Named], sums: Sequence[Sum]
) -> Iterable[tuple[list[Named], list[Sum]]]:
    """The hidden cells in groups that share sums, each with its sums."""
    group: dict[Named, int] = {}
    members: dict[int, list[Named]] = {}
    for place, one in enumerate(sums):
        unknown = [cell for cell in (one.total, *one.parts) if cell in hidden]
        met = {group[cell] for cell in unknown if cell in group}
        home = min(met, default=place)
        cells = members.setdefault(home, [])
        for other in met - {home}:
            cells += members.pop(other)
        cells += [cell for cell in unknown if cell not in group]
        for cell in cells:
            group[cell] = home
    own: dict[int, list[Sum]] = {home: [] for home in members}
    for one in sums:
        homes = {group[cell] for cell in (one.total, *one.parts) if cell in hidden}
        for home in homes:
            own[home].append(one)
    return [(members[home], own[home]) for home in members if members[home]]


def told_by(cells: Sequence[Named], sums: Sequence[Sum]) -> set[Named]:
    """Of ``cells``, all unknown, those that the equations leave no freedom."""
    import numpy as np

    place = {cell: index for index, cell in enumerate(cells)}
    equations = np.zeros((len(sums), len(cells)))
    for row, one in enumerate(sums):
        for part in one.parts:
            if part in place:
                equations[row, place[part]] += 1
        if one.total in place:
            equations[row, place[one.total]] -= 1
    _, strength, directions = np.linalg.svd(equations, full_matrices=True)
    free = directions[(strength > 1e-9).sum() :]
    moves = np.abs(free).max(axis=0, initial=0.0)
    return {cell for cell, move in zip(cells, moves, strict=True) if move < 1e-9}


def companions(
    told: AbstractSet[Named], hidden: AbstractSet[Named], counts: Mapping[Named, int], sums: Sequence[Sum]
) -> set[Named]:
    """The smallest cell shown beside each cell that is ``told``, to be hidden with it."""
    more: set[Named] = set()
    for one in sums:
        if any(cell in told for cell in (one.total, *one.parts)):
            shown = [cell for cell in (*one.parts, one.total) if cell not in hidden]
            if shown:
                more.add(min(shown, key=lambda cell: (counts[cell], cell)))
    return more


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
