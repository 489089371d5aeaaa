"""What was kept once in an empty place is copied into the next one: most tests begin with the same town."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from rows import Rows, add, rows_of

from ews.settings import Settings

Answer = TypeVar("Answer")


@dataclass
class Copy:
    """What a home and its database hold, and what whoever filled them was answered."""

    answer: object
    files: Path
    rows: Rows | None


COPIES: dict[str, Copy] = {}


def kept_once(settings: Settings, what: str, fill: Callable[[], Answer]) -> Answer:
    """What ``fill`` answers; where ``what`` was kept before, an empty home is given a copy of it instead."""
    if not untouched(settings):
        return fill()
    name = f"{settings.database_url.partition(':')[0]} {what}"
    if name in COPIES:
        restore(settings, COPIES[name])
    else:
        COPIES[name] = taken(settings, fill())
    return COPIES[name].answer  # type: ignore[return-value]


def untouched(settings: Settings) -> bool:
    """Whether nobody has opened this home yet: whoever does leaves at least the ledger's key in it."""
    return not settings.home.exists() or {path.name for path in settings.home.iterdir()} <= {"ews.db"}


def taken(settings: Settings, answer: object) -> Copy:
    """A copy of this home and of what is in its database."""
    files = Path(tempfile.mkdtemp(prefix="kept-", dir=settings.home.parent.parent))
    shutil.copytree(settings.home, files, dirs_exist_ok=True)
    rows = None if settings.database_url.startswith("sqlite") else rows_of(settings.database_url)
    return Copy(answer, files, rows)


def restore(settings: Settings, copy: Copy) -> None:
    """An empty home and its empty database hold afterwards what ``copy`` does."""
    shutil.copytree(copy.files, settings.home, dirs_exist_ok=True)
    if copy.rows:
        add(settings.database_url, copy.rows)
