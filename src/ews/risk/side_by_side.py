"""Two things at a time: compiled code (trees, sorts, products) leaves the interpreter to the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

AT_ONCE = 2
Item = TypeVar("Item")
Answer = TypeVar("Answer")


def side_by_side(work: Callable[[Item], Answer], items: Iterable[Item]) -> list[Answer]:
    """``work`` of each item, in the order of the items; the first error is raised."""
    with ThreadPoolExecutor(AT_ONCE) as workers:
        return list(workers.map(work, items))
