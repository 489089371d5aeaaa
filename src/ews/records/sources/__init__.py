"""Where drops come from: one function a source, from a path to the contract's tables.

A new source is a file in this folder and a line in ``SOURCES``.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ews.records.drop import Drop
from ews.records.sources.csv_drop import read_csv_drop
from ews.records.sources.oulad import read_oulad
from ews.settings import Settings

Reader = Callable[[Path, Settings], Drop]
"""Reads what lies at the path into a :class:`Drop`; problems go into it, nothing is raised for bad data."""

SOURCES: dict[str, Reader] = {"csv": read_csv_drop, "oulad": read_oulad}
