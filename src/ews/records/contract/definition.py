"""What a column and a table of the contract are.

A column names the date its values belong to when that is not the row's (``event_date``): an
enrollment row holds facts of two days, its entry and its exit. A table names its key, the date of
its rows, how long after that date a row usually becomes known, and what it refers to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Type = Literal["text", "integer", "decimal", "boolean", "date", "instant"]
Need = Literal["R", "S", "O"]
Within = Literal["school", "any"] | None
Vanished = Literal["closed_by_year", "closed", "kept"]

ID_LENGTH = 64
TEXT_LENGTH = 4000


@dataclass(frozen=True)
class Column:
    """One column: what it holds, in which unit, between which bounds; ``maximum`` of text is its length."""

    name: str
    type: Type
    required: bool = False
    allowed: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    event_date: str | None = None
    unit: str = ""
    about: str = ""


@dataclass(frozen=True)
class Table:
    """One table of the contract.

    ``need``: R a domain cannot be scored without it, S should be there, O optional.
    ``event_date``: where the row's date stands: the first of these that is not null; ``table.column``
    looks it up in the parent. Empty for plans and references. The lake materialises it as ``event_on``.
    ``known_from``: the column that says when the row could first be seen, if it is there.
    ``lag``: the setting with the days until a row without ``recorded_at`` counts as known; None is 0.
    ``parents``: column -> table that must know its value.
    ``plan``: a reference or a plan (calendar, terms, staff): no event date, known from the beginning.
    ``within``: the student must be enrolled on the row's date, at that ``school`` or at ``any``.
    ``happened``: the row tells of something that happened, so a date to come is impossible.
    ``vanished``: what a full file does to a row it no longer holds: closed if its school year is in
    the file, closed at all events, or kept (who once was a student stays known).
    """

    name: str
    need: Need
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    event_date: tuple[str, ...] = ()
    known_from: str | None = None
    lag: str | None = None
    parents: Mapping[str, str] = field(default_factory=dict)
    plan: bool = False
    within: Within = None
    happened: bool = False
    vanished: Vanished = "closed_by_year"
    window: str | None = None
    about: str = ""

    def column(self, name: str) -> Column:
        """The column called ``name``; KeyError if the contract has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name} has no column {name}")

    @property
    def names(self) -> tuple[str, ...]:
        """The columns' names, in the contract's order."""
        return tuple(column.name for column in self.columns)

    @property
    def deletion_column(self) -> str:
        """The column of a file that says active or deleted; ``row_status`` where ``status`` means more."""
        return "row_status" if "status" in self.names else "status"

    @property
    def window_date(self) -> str | None:
        """The column whose date a full file's window looks at; None when rows have none of their own."""
        own = [name for name in self.event_date if "." not in name]
        return self.window or (own[0] if own else None)


def ident(name: str, *, required: bool = False, about: str = "") -> Column:
    """An identifier: text, leading zeros kept, at most 64 characters."""
    return Column(name, "text", required, maximum=ID_LENGTH, unit="id", about=about)


def text(name: str, *, about: str = "", event_date: str | None = None, length: int = TEXT_LENGTH) -> Column:
    """Words of people or of the local system, kept as they are."""
    return Column(name, "text", maximum=length, event_date=event_date, about=about)


def code(
    name: str, allowed: str, *, required: bool = False, event_date: str | None = None, about: str = ""
) -> Column:
    """A coded value; ``allowed`` lists the codes, separated by spaces. An unmapped code becomes null."""
    return Column(
        name, "text", required, tuple(allowed.split()), event_date=event_date, unit="code", about=about
    )


def whole(
    name: str,
    minimum: float | None = None,
    maximum: float | None = None,
    *,
    required: bool = False,
    unit: str = "",
    about: str = "",
) -> Column:
    """A whole number."""
    return Column(name, "integer", required, (), minimum, maximum, unit=unit, about=about)


def decimal(
    name: str,
    minimum: float | None = None,
    maximum: float | None = None,
    *,
    unit: str = "",
    event_date: str | None = None,
    about: str = "",
) -> Column:
    """A number with a decimal point."""
    return Column(name, "decimal", False, (), minimum, maximum, event_date, unit, about)


def flag(name: str, *, required: bool = False, event_date: str | None = None, about: str = "") -> Column:
    """True or false; files may say 1/0 or Y/N."""
    return Column(name, "boolean", required, event_date=event_date, about=about)


def day(name: str, *, required: bool = False, event_date: str | None = None, about: str = "") -> Column:
    """A local school date, YYYY-MM-DD."""
    return Column(name, "date", required, event_date=event_date, unit="local date", about=about)


def instant(name: str, *, required: bool = False, event_date: str | None = None, about: str = "") -> Column:
    """A moment, UTC ISO 8601; a bare date is read as the start of that local day."""
    return Column(name, "instant", required, event_date=event_date, unit="UTC", about=about)


SOURCE_CODE = text("source_code", about="The local system's own code, before mapping.", length=200)
RECORDED_AT = instant("recorded_at", about="When the fact entered the student information system.")


def columns(*given: Column) -> tuple[Column, ...]:
    """The columns given, and the two that every row may carry."""
    return (*given, SOURCE_CODE, RECORDED_AT)
