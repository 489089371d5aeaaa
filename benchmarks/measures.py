"""One form in which every benchmark says what it measured: a JSON object a line."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable
from typing import Any

COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    ">": operator.gt,
    "<": operator.lt,
}


class Measures:
    """What one benchmark measured. ``missed`` counts the goals that were not reached."""

    def __init__(self) -> None:
        self.missed = 0
        self.rows: list[dict[str, Any]] = []

    def add(
        self,
        measure: str,
        value: float,
        *,
        reference: float | None = None,
        goal: str | None = None,
        of: str = "value",
        **more: Any,
    ) -> None:
        """Print one measure. ``goal`` such as "<= 30" is asked of ``of``: value, ratio, a key of ``more``."""
        ratio = value / reference if reference else None
        row: dict[str, Any] = {
            "measure": measure,
            "value": value,
            "reference": reference,
            "ratio": ratio,
            **more,
        }
        row |= {"goal": f"{of} {goal}" if goal else None, "ok": meets(row[of], goal)}
        row = {key: round(item, 6) if isinstance(item, float) else item for key, item in row.items()}
        self.missed += row["ok"] is False
        self.rows.append(row)
        print(json.dumps(row), flush=True)

    def exit_code(self) -> int:
        """1 when a goal was missed, else 0."""
        return 1 if self.missed else 0


def meets(value: float | None, goal: str | None) -> bool | None:
    """Whether ``value`` reaches ``goal``; None when there is no goal."""
    if goal is None:
        return None
    sign, limit = goal.split()
    return value is not None and COMPARE[sign](value, float(limit))
