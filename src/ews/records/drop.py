"""A drop: what a student information system handed over at one time, read but not yet judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from ews.records.contract import CONTRACT
from ews.records.given import typed_rows
from ews.records.problems import Problem

Mode = Literal["full", "delta"]


@dataclass(frozen=True)
class FileFacts:
    """A file of the drop: ``full`` holds all there is (in ``window``, if given), ``delta`` only changes."""

    name: str
    sha256: str = ""
    mode: Mode = "full"
    window: tuple[date, date] | None = None


@dataclass
class Handed:
    """One table as it was handed over.

    ``rows`` has the contract's columns in its types; ``lines``, ``deleted`` and ``reasons`` (why a row
    is set aside, null when it is not) have one entry a row.
    """

    rows: pa.Table
    lines: np.ndarray
    deleted: pa.Array
    reasons: pa.Array
    file: FileFacts


@dataclass(frozen=True)
class SchoolCoverage:
    """How a school's attendance is handed over; ``complete_through`` None means as far as rows go."""

    school_id: str
    mode: Literal["positive", "negative"]
    complete_through: date | None = None


@dataclass
class Drop:
    """What was handed over: tables by name, problems found while reading, what the manifest says.

    ``surprises`` are sentences for which the drop waits for a person (a checksum that differs).
    """

    tables: dict[str, Handed] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    coverage: list[SchoolCoverage] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)
    extract_at: datetime | None = None


def drop_of(tables: Mapping[str, Any], zone: ZoneInfo, file: str = "{table}", mode: Mode = "full") -> Drop:
    """A drop from contract rows in memory (lists of dicts or Arrow tables): how other sources hand over.

    Lines count the rows of each table from 1. BadData when a table or column is not in the contract.
    """
    drop = Drop()
    for name, rows in tables.items():
        facts = FileFacts(file.format(table=name), mode=mode)
        read = typed_rows(CONTRACT[name], rows, zone, facts.name)
        size = read.rows.num_rows
        drop.problems += read.problems
        drop.tables[name] = Handed(
            read.rows, np.arange(1, size + 1), pa.repeat(False, size), read.reasons, facts
        )
    return drop
