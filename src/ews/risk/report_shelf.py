"""The reports of audits and evaluations that lie on the disk: which there are, and what the newest says."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

AUDIT = "audit"
NAMED = re.compile(r"(audit|evaluation)-(\d{4}-\d{2}-\d{2})\.(html|json)")
WHOLE = ("overall", "attendance")  # whose comparison speaks for the list, the first that is there


@dataclass(frozen=True)
class KeptReport:
    """A report on the disk: of which kind, as of which day, and its two files where they are there."""

    kind: str
    as_of: date
    page: Path | None
    facts: Path | None

    @property
    def name(self) -> str:
        """``audit-2025-11-14``, as in an address."""
        return f"{self.kind}-{self.as_of}"


@dataclass(frozen=True)
class Verdict:
    """Do we need individual scores? As the newest audit tells it. list_first: whether they come first."""

    told: str
    list_first: bool
    year: int
    as_of: date


@dataclass(frozen=True)
class Recorded:
    """What the newest audit says of one school: whether more incidents and suspensions are recorded there
    than the behavior model expects. Shares of students; None where the school is hidden."""

    school_id: str
    name: str
    found: str
    told: str
    happened: float | None
    expected: float | None
    beyond: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Equity:
    """The newest audit's comparison of schools: of which year, as of which day."""

    predicts: str
    year: int
    as_of: date
    schools: tuple[Recorded, ...]

    def of(self, school_ids: Collection[str]) -> Equity:
        """The same of these schools alone."""
        return replace(self, schools=tuple(one for one in self.schools if one.school_id in school_ids))


def kept_reports(folder: Path) -> list[KeptReport]:
    """The reports in ``folder``, the newest first."""
    files: dict[tuple[str, str], dict[str, Path]] = {}
    for path in folder.glob("*") if folder.is_dir() else ():
        named = NAMED.fullmatch(path.name)
        if named and path.is_file():
            files.setdefault((named[2], named[1]), {})[named[3]] = path
    return [
        KeptReport(kind, date.fromisoformat(day), found.get("html"), found.get("json"))
        for (day, kind), found in sorted(files.items(), reverse=True)
    ]


def facts_of(report: KeptReport) -> Mapping[str, Any] | None:
    """What a report says to machines; None where that file is not there or cannot be read."""
    if report.facts is None:
        return None
    try:
        return read_facts(report.facts, report.facts.stat().st_mtime_ns)
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=8)
def read_facts(path: Path, written: int) -> Mapping[str, Any]:
    """The content of a file as it was ``written``; read once."""
    found: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def verdict_of(folder: Path) -> Verdict | None:
    """Whether individual scores are needed, from the newest audit that says so."""
    for report in kept_reports(folder):
        content = facts_of(report) if report.kind == AUDIT else None
        models = content.get("models", {}) if content else {}
        needs = [models[name].get("individual_scores") for name in WHOLE if name in models]
        need = next((need for need in needs if need), None)
        if need:
            return Verdict(need["told"], need["default_page"] == "list", need["year"], report.as_of)
    return None


def equity_of(folder: Path) -> Equity | None:
    """Which schools record more than expected, from the newest audit that says so."""
    parts = [part.name for part in fields(Recorded)]
    for report in kept_reports(folder):
        content = facts_of(report) if report.kind == AUDIT else None
        found = content.get("beyond_expected", {}) if content else {}
        if found.get("schools"):
            schools = tuple(Recorded(*(one[part] for part in parts)) for one in found["schools"])
            return Equity(found["predicts"], found["year"], report.as_of, schools)
    return None
