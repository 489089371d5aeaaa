"""What became of every drop: its report, kept in ``EWS_HOME/loads`` so that a person can read it later.

A report quotes what it found in bad rows, which may be a student's data. So only its owner reads the file,
and the values stay in the newest reports alone: by the time a file has come in anew, nobody needs them.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ews.records.report import LoadReport

FOLDER = "loads"
NAMED = re.compile(r"\d{8}T\d{6}\d{6}Z")
KEPT, WITH_VALUES = 200, 20
"""Reports that are kept, and those of them, the newest, that still hold the values found."""


@dataclass(frozen=True)
class KeptLoad:
    """One drop: when it came, from which source, under which name, and its report."""

    load_id: str
    at: datetime
    source: str
    drop: str
    accepted: bool
    report: Mapping[str, Any]


def keep_report(
    home: Path, report: LoadReport, *, at: datetime, source: str, drop: str, accepted: bool
) -> str:
    """Writes the report of a drop, whole or not at all, and gives its id; older ones are thinned out."""
    folder = home / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    load_id = free_id(folder, at.astimezone(UTC))
    content = {
        "at": at.astimezone(UTC).isoformat(),
        "source": source,
        "drop": drop,
        "accepted": accepted,
        **report.as_json(),
    }
    put(folder / f"{load_id}.json", content)
    thin_out(folder)
    return load_id


def free_id(folder: Path, at: datetime) -> str:
    """The moment as an id; a later one where two loads came at the same instant."""
    load_id = f"{at:%Y%m%dT%H%M%S%f}Z"
    while (folder / f"{load_id}.json").exists():
        load_id = f"{int(load_id[:8] + load_id[9:-1]) + 1}"
        load_id = f"{load_id[:8]}T{load_id[8:]}Z"
    return load_id


def put(path: Path, content: Mapping[str, Any]) -> None:
    """``content`` in ``path``, for its owner alone, replaced in one step."""
    draft = path.with_name(f".{path.name}.draft")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, path)


def thin_out(folder: Path) -> None:
    """Takes the values out of older reports, and the oldest reports away."""
    names = ids(folder)
    for load_id in names[WITH_VALUES:KEPT]:
        content = read(folder / f"{load_id}.json")
        if content and any(problem["value"] is not None for problem in content["problems"]):
            bare = [problem | {"value": None} for problem in content["problems"]]
            put(folder / f"{load_id}.json", content | {"problems": bare})
    for load_id in names[KEPT:]:
        (folder / f"{load_id}.json").unlink(missing_ok=True)


def ids(folder: Path) -> list[str]:
    """The ids of the reports in ``folder``, the newest first."""
    return sorted((path.stem for path in folder.glob("*.json") if NAMED.fullmatch(path.stem)), reverse=True)


def kept_loads(home: Path, most: int = KEPT) -> Iterator[KeptLoad]:
    """The drops on record, the newest first; a report that cannot be read is passed over."""
    for load_id in ids(home / FOLDER)[:most]:
        found = kept_load(home, load_id)
        if found is not None:
            yield found


def kept_load(home: Path, load_id: str) -> KeptLoad | None:
    """One drop on record; None where no report of that id can be read."""
    content = read(home / FOLDER / f"{load_id}.json") if NAMED.fullmatch(load_id) else None
    if content is None:
        return None
    at = datetime.fromisoformat(content["at"])
    return KeptLoad(load_id, at, content["source"], content["drop"], content["accepted"], content)


def read(path: Path) -> dict[str, Any] | None:
    """A report as it was written; None where it is not there or damaged."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and "problems" in found and "at" in found else None
