"""What a load did, or would do: INTERFACES' report."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from ews.records.problems import Problem

Status = Literal["loaded", "rejected", "held"]


@dataclass
class TableReport:
    """One table: rows read, rows taken, rows set aside; among those taken what is new, changed, ended.

    ``released`` rows had waited since an earlier drop; ``waiting`` is all that waits now.
    """

    read: int = 0
    loaded: int = 0
    quarantined: int = 0
    new: int = 0
    changed: int = 0
    closed: int = 0
    released: int = 0
    waiting: int = 0


@dataclass
class LoadReport:
    """``difference``: why a drop is held, in sentences for the person who decides."""

    status: Status
    tables: dict[str, TableReport] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    difference: list[str] = field(default_factory=list)
    published: bool = False

    def as_json(self) -> dict[str, Any]:
        """The report for machines."""
        return {
            "status": self.status,
            "published": self.published,
            "tables": {name: asdict(table) for name, table in self.tables.items()},
            "problems": [problem.as_json() for problem in self.problems],
            "difference": self.difference,
        }
