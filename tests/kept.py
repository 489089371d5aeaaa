"""What was kept once in an empty place is copied into the next one: most tests begin with the same town."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import psycopg

from ews.settings import Settings
from ews.store.tables import METADATA

NOTHING = 21  # bytes of a table without rows, as PostgreSQL copies it
Answer = TypeVar("Answer")


@dataclass
class Copy:
    """What a home and its database hold, and what whoever filled them was answered."""

    answer: object
    files: Path
    rows: dict[str, bytes] = field(default_factory=dict)
    counters: list[tuple[str, int]] = field(default_factory=list)


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
    files = Path(tempfile.mkdtemp(prefix="ews-kept-"))
    shutil.copytree(settings.home, files, dirs_exist_ok=True)
    copy = Copy(answer, files)
    if not settings.database_url.startswith("sqlite"):
        with psycopg.connect(settings.database_url) as connection:
            for table in METADATA.sorted_tables:
                with connection.cursor().copy(f'COPY "{table.name}" TO STDOUT (FORMAT binary)') as rows:
                    copy.rows[table.name] = b"".join(rows)
            asked = "SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL"
            copy.counters = connection.execute(asked).fetchall()
    return copy


def restore(settings: Settings, copy: Copy) -> None:
    """An empty home and its empty database hold afterwards what ``copy`` does."""
    shutil.copytree(copy.files, settings.home, dirs_exist_ok=True)
    if settings.database_url.startswith("sqlite"):
        return
    with psycopg.connect(settings.database_url) as connection:
        connection.execute("SET session_replication_role = replica")
        for table, rows in copy.rows.items():
            if len(rows) > NOTHING:
                connection.execute(f'DELETE FROM "{table}"'.encode())
                with connection.cursor().copy(f'COPY "{table}" FROM STDIN (FORMAT binary)') as into:
                    into.write(rows)
        for name, value in copy.counters:
            connection.execute("SELECT setval(%s, %s)", (name, value))
