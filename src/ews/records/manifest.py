"""What the sender says about a drop: ``manifest.json``, which may be absent.

Without it every file is full and attendance is positive (only recorded days count).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from ews.records.drop import SchoolCoverage
from ews.records.problems import Problem
from ews.records.values import Wrong, read_day, read_instant

NAME = "manifest.json"
FIX = "See the contract for manifest.json."
EVERY_SCHOOL = "*"


@dataclass(frozen=True)
class FileSaid:
    """What the manifest says about one file."""

    mode: str = "full"
    rows: int | None = None
    sha256: str | None = None
    window: tuple[date, date] | None = None


@dataclass
class Manifest:
    """``files``: table -> what is said about its file. ``coverage`` may hold ``*`` for every school."""

    files: dict[str, FileSaid] = field(default_factory=dict)
    coverage: list[SchoolCoverage] = field(default_factory=list)
    extract_at: datetime | None = None
    problems: list[Problem] = field(default_factory=list)

    def said(self, table: str) -> FileSaid:
        """About the table's file; full when nothing is said."""
        return self.files.get(table, FileSaid())


def read_manifest(data: bytes, zone: ZoneInfo) -> Manifest:
    """The manifest; its problems are errors, since how to read the drop would be a guess."""
    manifest = Manifest()
    try:
        content = json.loads(data.decode("utf-8-sig"))
        assert isinstance(content, dict)
    except (UnicodeDecodeError, json.JSONDecodeError, AssertionError, RecursionError):
        manifest.problems.append(_problem(None, None, "This is no JSON object in UTF-8."))
        return manifest
    for name, said in _mapping(manifest, "files", content.get("files", {})).items():
        manifest.files[name.rsplit(".", 1)[0].casefold()] = _file(manifest, name, said)
    if content.get("extract_at") is not None:
        manifest.extract_at = _moment(manifest, "extract_at", content["extract_at"], zone)
    manifest.coverage = _coverage(manifest, content)
    return manifest


def _file(manifest: Manifest, name: str, said: Any) -> FileSaid:
    said = _mapping(manifest, name, said)
    mode = said.get("mode", "full")
    if mode not in ("full", "delta", "absent"):
        manifest.problems.append(_problem(name, mode, "The mode is none of full, delta and absent."))
    rows, sha256 = said.get("rows"), said.get("sha256")
    if rows is not None and not isinstance(rows, int):
        manifest.problems.append(_problem(name, rows, "rows is not a whole number."))
    days = [_day(manifest, name, said[bound]) for bound in ("window_from", "window_to") if said.get(bound)]
    if len(days) == 1:
        manifest.problems.append(_problem(name, None, "A window needs window_from and window_to."))
    window = (days[0], days[1]) if len(days) == 2 and days[0] and days[1] else None
    return FileSaid(mode, rows, str(sha256).casefold() if sha256 else None, window)


def _coverage(manifest: Manifest, content: Mapping[str, Any]) -> list[SchoolCoverage]:
    """One entry a school named, or one for every school (``*``); none when the manifest is silent."""
    mode = content.get("attendance_mode")
    through = content.get("attendance_complete_through")
    if mode is None and through is None:
        return []
    modes = mode if isinstance(mode, dict) else {EVERY_SCHOOL: mode or "positive"}
    throughs = through if isinstance(through, dict) else {EVERY_SCHOOL: through}
    for school, one in modes.items():
        if one not in ("positive", "negative"):
            manifest.problems.append(_problem("attendance_mode", one, "Neither positive nor negative."))
            modes = modes | {school: "positive"}
    days = {
        school: _day(manifest, "attendance_complete_through", day) if day else None
        for school, day in throughs.items()
    }
    return [
        SchoolCoverage(
            school,
            "negative" if modes.get(school, modes.get(EVERY_SCHOOL)) == "negative" else "positive",
            days.get(school, days.get(EVERY_SCHOOL)),
        )
        for school in dict.fromkeys([*modes, *days])
    ]


def _mapping(manifest: Manifest, name: str, value: Any) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    manifest.problems.append(_problem(name, None, "This is not an object."))
    return {}


def _day(manifest: Manifest, name: str, value: Any) -> date | None:
    day = read_day(str(value), ZoneInfo("UTC"))
    if isinstance(day, Wrong):
        manifest.problems.append(_problem(name, str(value), day.problem))
        return None
    return day


def _moment(manifest: Manifest, name: str, value: Any, zone: ZoneInfo) -> datetime | None:
    moment = read_instant(str(value), zone)
    if isinstance(moment, Wrong):
        manifest.problems.append(_problem(name, str(value), moment.problem))
        return None
    return moment


def _problem(name: str | None, value: Any, problem: str) -> Problem:
    return Problem(NAME, None, name, None if value is None else str(value), problem, FIX)
