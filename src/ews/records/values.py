"""What one written value means: a value of the column's type, or what is wrong with it.

Reading is strict. Nothing is guessed: an ambiguous date, a number with a thousands separator, an id
that a spreadsheet turned into a power of ten are told back, not repaired.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from ews.records.contract.definition import Column
from ews.records.moments import start_of_day

Kind = Literal["unreadable", "impossible", "unmapped"]


UNMAPPED = "a code without a mapping"


@dataclass(frozen=True)
class Wrong:
    """Why a value cannot be taken, and what to write instead."""

    problem: str
    fix: str
    kind: Kind = "unreadable"


SPREADSHEET_ERRORS = frozenset(
    {"#REF!", "#N/A", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"}
)
NO_IDS = frozenset({"null", "none", "na", "n/a", "nan", "nil", "undefined", "-", "#n/a"})
SCIENTIFIC = re.compile(r"[+-]?\d+([.,]\d+)?[eE]\+?\d+")
FLOATED = re.compile(r"\d+\.0")
ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
ISO_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?", re.ASCII
)
WHOLE = re.compile(r"[+-]?\d{1,18}(\.0+)?", re.ASCII)
DECIMAL = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
BOOLEANS = {"true": True, "1": True, "y": True, "false": False, "0": False, "n": False}
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2100, 12, 31)


def read_value(column: Column, written: str, zone: ZoneInfo) -> Any:
    """The value that ``written`` (not empty) stands for in ``column``, or a :class:`Wrong`."""
    if written.strip() in SPREADSHEET_ERRORS and column.unit != "code":
        return Wrong("a spreadsheet's error instead of a value", "Mend the formula in the export.")
    if column.unit == "code":
        return read_code(column, written)
    if column.unit == "id":
        return read_id(written.strip(), int(column.maximum or 0))
    value = READERS[column.type](written if column.type == "text" else written.strip(), zone)
    return value if isinstance(value, Wrong) else within_bounds(column, value)


def read_id(written: str, longest: int) -> str | Wrong:
    """An identifier, as it is written.

    >>> read_id("00123", 64)
    '00123'
    >>> read_id("1.23E+08", 64).problem
    'an identifier in scientific notation'
    """
    if written.casefold() in NO_IDS:
        return Wrong("no identifier", "Write the identifier; leave no placeholder such as null or NA.")
    if SCIENTIFIC.fullmatch(written):
        return Wrong(
            "an identifier in scientific notation",
            "Export identifiers as text, without a spreadsheet between.",
        )
    if FLOATED.fullmatch(written):
        return Wrong("an identifier written as a decimal number", "Export identifiers as text.")
    if len(written) > longest:
        return Wrong(f"an identifier of {len(written)} characters", f"At most {longest} are allowed.")
    if not written.isprintable():
        return Wrong("an identifier with an unprintable character", "Write printable characters only.")
    return written


def read_code(column: Column, written: str) -> str | Wrong:
    """One of the column's codes, however its letters are cased."""
    plain = written.strip()
    if plain in column.allowed:
        return plain
    folded = {allowed.casefold(): allowed for allowed in column.allowed}
    return folded.get(plain.casefold()) or Wrong(
        UNMAPPED,
        f"Map it in the vocabulary file to one of: {', '.join(column.allowed)}.",
        "unmapped",
    )


def read_text(written: str, zone: ZoneInfo) -> str | Wrong:
    """Words, kept as they are."""
    return written


def read_whole(written: str, zone: ZoneInfo) -> int | Wrong:
    """A whole number."""
    if not WHOLE.fullmatch(written):
        return Wrong("not a whole number", "Write digits only, without separators.")
    return int(written.split(".")[0])


def read_decimal(written: str, zone: ZoneInfo) -> float | Wrong:
    """A finite number with a decimal point."""
    if not DECIMAL.fullmatch(written):
        return Wrong("not a number", "Write it as 1234.5: a decimal point, no thousands separator, no unit.")
    value = float(written)
    if not math.isfinite(value):
        return Wrong("a number too large to be true", "Write the number itself.", "impossible")
    return value


def read_boolean(written: str, zone: ZoneInfo) -> bool | Wrong:
    """True or false."""
    value = BOOLEANS.get(written.casefold())
    return (
        Wrong("neither true nor false", "Write true or false (1/0 and Y/N are read too).")
        if value is None
        else value
    )


def read_day(written: str, zone: ZoneInfo) -> date | Wrong:
    """A date written YYYY-MM-DD that exists.

    >>> read_day("2025-02-29", ZoneInfo("UTC")).problem
    'a date that does not exist'
    """
    if not ISO_DAY.fullmatch(written):
        return Wrong("not a date written YYYY-MM-DD", "Write it as 2025-10-17; other orders are ambiguous.")
    try:
        day = date.fromisoformat(written)
    except ValueError:
        return Wrong("a date that does not exist", "Correct the date.", "impossible")
    if not FIRST_DAY <= day <= LAST_DAY:
        return Wrong("a date out of reach", f"Dates lie between {FIRST_DAY} and {LAST_DAY}.", "impossible")
    return day


def read_instant(written: str, zone: ZoneInfo) -> datetime | Wrong:
    """A moment: ISO 8601, UTC when no offset is written; a bare date is the start of that local day."""
    if ISO_DAY.fullmatch(written):
        day = read_day(written, zone)
        return day if isinstance(day, Wrong) else start_of_day(day, zone)
    if not ISO_INSTANT.fullmatch(written):
        return Wrong("not an ISO 8601 moment", "Write it as 2025-10-17T15:30:00Z.")
    try:
        moment = datetime.fromisoformat(written)
    except ValueError:
        return Wrong("a moment that does not exist", "Correct the date and time.", "impossible")
    if not FIRST_DAY <= moment.date() <= LAST_DAY:
        return Wrong("a date out of reach", f"Dates lie between {FIRST_DAY} and {LAST_DAY}.", "impossible")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def within_bounds(column: Column, value: Any) -> Any:
    """``value`` if the column's bounds hold it; for text they bound its length."""
    size = len(value) if isinstance(value, str) else value
    if column.maximum is not None and size > column.maximum:
        return Wrong(
            f"above {column.maximum:g}{_unit(column, value)}", "Correct the value or its unit.", "impossible"
        )
    if column.minimum is not None and size < column.minimum:
        return Wrong(
            f"below {column.minimum:g}{_unit(column, value)}", "Correct the value or its unit.", "impossible"
        )
    return value


def _unit(column: Column, value: Any) -> str:
    unit = "characters" if isinstance(value, str) else column.unit
    return f" {unit}" if unit else ""


READERS: dict[str, Callable[[str, ZoneInfo], Any]] = {
    "text": read_text,
    "integer": read_whole,
    "decimal": read_decimal,
    "boolean": read_boolean,
    "date": read_day,
    "instant": read_instant,
}
