"""Which column of a file is which column of the contract.

Letters, spaces and underscores do not matter; a few other names are known; a district can add its own
in the vocabulary file. A column that the contract does not have is ignored with a warning, except
those nobody should send.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ews.records.contract import Table
from ews.records.problems import Problem

ALIASES = {
    "studentnumber": "student_id",
    "localstudentid": "student_id",
    "studentlocalid": "student_id",
    "ssid": "state_student_id",
    "schoolcode": "school_id",
    "schoolnumber": "school_id",
    "dob": "birth_date",
    "dateofbirth": "birth_date",
    "gender": "sex",
    "ethnicity": "race_ethnicity",
    "grade": "grade_level",
    "entrydate": "entry_date",
    "leavedate": "exit_date",
    "withdrawaldate": "exit_date",
    "absencedate": "date",
    "attendancedate": "date",
    "lettergrade": "letter",
    "numericgrade": "percent",
    "firstname": "given_name",
    "lastname": "family_name",
    "datelastmodified": "recorded_at",
}
FORBIDDEN = {
    "social_security": re.compile(r"(^|_)(ssn|soc_?sec\w*|social_?security\w*)(_|$)|socialsecurity"),
    "medical": re.compile(
        r"medical|medication|medicaid|diagnos|allerg|immuni[sz]ation|prescription|(^|_)(health|disease)(_|$)"
    ),
}


@dataclass
class Header:
    """``positions``: contract column -> position in the file; ``deletion``: position of active|deleted."""

    positions: dict[str, int] = field(default_factory=dict)
    deletion: int | None = None
    problems: list[Problem] = field(default_factory=list)


def read_header(table: Table, file: str, names: Sequence[str], aliases: Mapping[str, str]) -> Header:
    """Where each column of the contract stands in a file with the columns ``names``."""
    header = Header()
    known = known_names(table, aliases)
    unknown: list[str] = []
    for position, name in enumerate(names):
        column = known.get(plain(name))
        if forbidden := forbidden_as(name):
            header.problems.append(_forbidden(file, name, forbidden))
        elif column is None:
            unknown.append(name)
        elif column == table.deletion_column and header.deletion is None:
            header.deletion = position
        elif column in header.positions or column == table.deletion_column:
            header.problems.append(_twice(file, name, column))
        else:
            header.positions[column] = position
    header.problems += _missing(table, file, header, unknown, names)
    header.problems += [_unknown(table, file, name, header) for name in unknown]
    return header


def plain(name: str) -> str:
    """A name without what does not matter: ``Student ID``, ``student-id`` and ``StudentId`` are one."""
    return re.sub(r"[\W_]+", "", name.casefold())


def known_names(table: Table, aliases: Mapping[str, str]) -> dict[str, str]:
    """Every way a column of the table may be written -> the contract's name; the district's come first."""
    names = {alias: column for alias, column in ALIASES.items() if column in table.names}
    names |= {plain(column): column for column in (*table.names, table.deletion_column)}
    return names | {plain(alias): column for alias, column in aliases.items()}


def forbidden_as(name: str) -> str | None:
    """The kind of data that must not be sent at all, if the column is called like it."""
    snake = re.sub(r"[\W_]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)).casefold()
    return next((kind for kind, pattern in FORBIDDEN.items() if pattern.search(snake)), None)


def _forbidden(file: str, name: str, kind: str) -> Problem:
    what = "social-security" if kind == "social_security" else "medical"
    return Problem(file, 1, name, None, f"A {what} column is refused.", "Send the file without this column.")


def _twice(file: str, name: str, column: str) -> Problem:
    return Problem(file, 1, name, None, f"The column {column} is there twice.", "Send it once.")


def _missing(
    table: Table, file: str, header: Header, unknown: Sequence[str], names: Sequence[str]
) -> list[Problem]:
    missing = [
        column.name for column in table.columns if column.required and column.name not in header.positions
    ]
    if missing and len(names) == 1 and re.search(r"[;\t|^]", names[0]):
        fix = "Separate the values by commas (RFC 4180)."
        return [Problem(file, 1, None, None, "The values are not separated by commas.", fix)]
    problems = []
    for column in missing:
        near = difflib.get_close_matches(column, unknown, 1, 0.75)
        fix = (
            f"Is it {near[0]!r}? Name it {column}."
            if near
            else f"Add it; {table.name} needs it in every row."
        )
        problems.append(Problem(file, 1, column, None, "A required column is missing.", fix))
    return problems


def _unknown(table: Table, file: str, name: str, header: Header) -> Problem:
    free = [column for column in table.names if column not in header.positions]
    near = difflib.get_close_matches(name.casefold(), free, 1, 0.75)
    fix = (
        f"If it is {near[0]}, name it so."
        if near
        else "It may stay; map it in the vocabulary file to use it."
    )
    return Problem(file, 1, name, None, "The contract has no such column; it is ignored.", fix, "warning")
