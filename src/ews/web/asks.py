"""What a client may ask, read strictly from the raw body: unknown fields, wrong types and sizes are refused.

A refusal names the place by our own field names and positions. What was sent there is never repeated, and
a field name that is not ours is called ``(unknown field)``, since a name could be data too.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from ews.web import answers

MOST_STUDENTS = 1_000
MOST_ROWS = 200_000  # rows in the body of /score_records, all tables together
MOST_PLACES = 20  # places that a refusal names
MOST_ID = 64  # characters, as in the contract

StudentId = Annotated[
    str,
    StringConstraints(
        min_length=1, max_length=MOST_ID, pattern=r"^[^\x00-\x1f\x7f]+$"
    ),  # no control character
]


class Ask(BaseModel):
    """A body of ours: no field more than it has, no number where a text is asked."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class ScoreAsk(Ask):
    """``POST /score``: the day asked about, and the students by the district's own ids."""

    as_of: date
    student_ids: list[StudentId] = Field(min_length=1, max_length=MOST_STUDENTS)


class SchoolCoverage(Ask):
    """What a drop's manifest says of a school's attendance: every day or exceptions only, and up to when."""

    school_id: StudentId
    mode: Literal["negative", "positive"]
    complete_through: date


class RecordsAsk(Ask):
    """``POST /score_records``: the day asked about, and the contract's rows by table."""

    as_of: date
    records: dict[str, list[dict[str, Any]]]
    attendance_coverage: list[SchoolCoverage] = []

    @field_validator("records")
    @classmethod
    def hold_tables(cls, records: dict[str, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
        """Only tables and columns of the contract, students and enrollments among them, not too many rows."""
        from ews.records.contract import CONTRACT

        if any(table not in CONTRACT for table in records):
            raise ValueError("a table that is not in the contract")
        if not records.get("students") or not records.get("enrollments"):
            raise ValueError("students and enrollments are needed")
        if sum(len(rows) for rows in records.values()) > MOST_ROWS:
            raise ValueError(f"more than {MOST_ROWS} rows")
        for table, rows in records.items():
            known = set(CONTRACT[table].names)
            for place, row in enumerate(rows, start=1):
                if not known.issuperset(row):
                    raise ValueError(f"{table}, row {place}: a column that is not in the contract")
        return records


AskT = TypeVar("AskT", bound=Ask)


def read_ask(kind: type[AskT], body: bytes) -> AskT:
    """``body`` as ``kind``; Refused 400 when it is no JSON, 422 with the places when it is wrong."""
    try:
        return kind.model_validate_json(body)
    except ValidationError as problem:
        raise refused(kind, problem) from None


def refused(kind: type[Ask], problem: ValidationError) -> answers.Refused:
    """The refusal that ``problem`` deserves, told without what was sent."""
    found = problem.errors(include_input=False, include_context=False, include_url=False)
    if found[0]["type"] == "json_invalid":
        return answers.malformed("The body is not JSON.", "Send a JSON object in UTF-8.")
    places = [f"{place(error['loc'], own_names(kind))}: {error['msg']}" for error in found[:MOST_PLACES]]
    return answers.wrong(
        f"{len(found)} field(s) of the body are not as they should be.", fix_for(kind), places
    )


def place(location: Iterable[int | str], known: frozenset[str]) -> str:
    """``location`` in the body, such as ``student_ids.3``, with foreign names left out."""
    parts = (str(part) if isinstance(part, int) or part in known else "(unknown field)" for part in location)
    return ".".join(parts) or "body"


def own_names(kind: type[Ask]) -> frozenset[str]:
    """The field names that may be said aloud."""
    names = set(kind.model_fields)
    if kind is RecordsAsk:
        from ews.records.contract import CONTRACT

        names |= set(CONTRACT)
    return frozenset(names)


def fix_for(kind: type[Ask]) -> str:
    """What a right body looks like, in a sentence."""
    if kind is ScoreAsk:
        return f'Send {{"as_of": "YYYY-MM-DD", "student_ids": ["…"]}} with 1 to {MOST_STUDENTS} ids as text.'
    return (
        'Send {"as_of": "YYYY-MM-DD", "records": {"students": [...], "enrollments": [...], ...}} '
        "with rows as in the contract; docs/contract.md lists the tables."
    )
