"""A problem in a drop: where it is, what was found, what to do, and how bad it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning"]

SHOWN = 20
"""Problems of one kind in one column that are listed one by one; the rest are counted."""


@dataclass(frozen=True)
class Problem:
    """One problem, or ``rows`` of the same kind from ``line`` on.

    ``line`` counts from 1 with the header; None when the whole file is meant. ``value`` is what was
    found: it goes to the district's own report, never to a log.
    """

    file: str
    line: int | None
    column: str | None
    value: str | None
    problem: str
    fix: str
    severity: Severity = "error"
    rows: int = 1

    def as_json(self) -> dict[str, Any]:
        """The problem as INTERFACES' report shows it."""
        return asdict(self)

    def in_words(self) -> str:
        """The problem as one line for a person, without the value found."""
        place = f"{self.file}, line {self.line}" if self.line else self.file
        column = f", column {self.column}" if self.column else ""
        more = f" ({self.rows:,} rows)" if self.rows > 1 else ""
        return f"{place}{column}: {self.problem}{more} {self.fix}".strip()


def listed(
    file: str,
    column: str | None,
    found: Iterable[tuple[int, str | None]],
    problem: str,
    fix: str,
    severity: Severity,
) -> list[Problem]:
    """The rows ``found`` (line, value) as problems: the first few one by one, the rest counted in one."""
    rows = list(found)
    problems = [Problem(file, line, column, value, problem, fix, severity) for line, value in rows[:SHOWN]]
    rest = rows[SHOWN:]
    if rest:
        line, value = rest[0]
        problems.append(Problem(file, line, column, value, problem, fix, severity, rows=len(rest)))
    return problems


def errors(problems: Iterable[Problem]) -> list[Problem]:
    """Those for which nothing of the drop may be loaded."""
    return [problem for problem in problems if problem.severity == "error"]
