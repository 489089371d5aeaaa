"""The contract: every table a student information system may hand over, in one place.

``CONTRACT[name]`` is a :class:`Table`. A row in the lake carries the contract's columns and
``event_on`` (the row's local date; null for plans), ``known_at`` (UTC), ``known_at_assumed`` and
``superseded_at`` (UTC, null while the version stands).
"""

from __future__ import annotations

from ews.records.contract import classes, days, people, support
from ews.records.contract.definition import Column, Table

CONTRACT: dict[str, Table] = {
    table.name: table for table in (*people.TABLES, *days.TABLES, *classes.TABLES, *support.TABLES)
}

__all__ = ["CONTRACT", "Column", "Table"]
