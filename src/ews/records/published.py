"""Which state of the lake is in force: ``lake/current.json``, replaced in one step.

A drop touches many tables. Each is written first; then this one file is replaced, so a reader sees
the whole drop or nothing of it. Whatever was written and never named here was never there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ews.errors import OurFault

NAME = "current.json"


@dataclass(frozen=True)
class Published:
    """``tables``, ``waiting``: table -> Delta version. ``drops``: table -> facts of its last file."""

    tables: Mapping[str, int] = field(default_factory=dict)
    waiting: Mapping[str, int] = field(default_factory=dict)
    drops: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    loads: int = 0


def read_published(lake: Path) -> Published:
    """The state in force; an empty one before the first load."""
    path = lake / NAME
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Published()
    except (json.JSONDecodeError, UnicodeDecodeError):
        raise OurFault(f"{path} is damaged.", "Restore it from the last backup.") from None
    return Published(content["tables"], content["waiting"], content["drops"], content["loads"])


def publish(lake: Path, state: Published) -> None:
    """Puts ``state`` in force: written apart, synced to disk, renamed over the old, and synced again."""
    content = {
        "loads": state.loads,
        "tables": dict(state.tables),
        "waiting": dict(state.waiting),
        "drops": dict(state.drops),
    }
    lake.mkdir(parents=True, exist_ok=True)
    draft = lake / f".{NAME}.draft"
    with draft.open("w", encoding="utf-8") as file:
        json.dump(content, file, indent=1, sort_keys=True)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, lake / NAME)
    sync_folder(lake)


def sync_folder(folder: Path) -> None:
    """Makes a rename in ``folder`` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
