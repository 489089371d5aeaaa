"""The scores of a run as a table for other systems: INTERFACES' columns, as CSV, JSON or Parquet."""

from __future__ import annotations

import getpass
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, select

from ews.errors import UsageError
from ews.people.access import Principal, operator, scoped
from ews.people.ledger import record_view
from ews.people.roles import Field
from ews.settings import Settings
from ews.store.store import Transaction, open_store
from ews.store.tables import run_students, scores
from ews.support.disputed import open_disputes
from ews.support.escaping import write_csv
from ews.support.facts import OF_LEARNERS, Run
from ews.support.levels import NOT_ENOUGH_DATA, NOT_SCORED
from ews.support.runs import run_of

if TYPE_CHECKING:
    import pandas as pd

DRIVERS = 5
COLUMNS = (
    "student_id",
    "school_id",
    "grade_level",
    "as_of",
    "domain",
    "probability",
    "band",
    "suggested_level",
    "status",
    "data_coverage",
    *(name for place in range(1, DRIVERS + 1) for name in (f"driver_{place}", f"driver_{place}_text")),
    "model_version",
    "run_id",
    "range_low",
    "range_high",
    "disputed",
    "disputed_since",
)
FORMS = ("csv", "json", "parquet")
ROWS_AT_ONCE = 2_000


def scores_table(
    tx: Transaction, principal: Principal, run: Run, *, now: datetime, domain: str | None = None
) -> pd.DataFrame:
    """One row a student and domain, in INTERFACES' columns; the look is in the ledger before it returns."""
    import pandas as pd
    import pyarrow as pa

    rows = list(score_rows(tx, principal, run, domain=domain))
    record_export(tx, principal, run, (row["student_id"] for row in rows), now=now)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    words = {name: "string" for name in COLUMNS if name.startswith("driver_")}
    return table.astype(words | {"disputed_since": pd.ArrowDtype(pa.date32())})


def score_rows(
    tx: Transaction, principal: Principal, run: Run, *, domain: str | None = None
) -> Iterator[dict[str, Any]]:
    """The rows of a run that ``principal`` may see, by student and domain."""
    statement = scoped(principal, _statement(principal, run), scores.c.student_id)
    if not principal.sees(Field.LEARNERS):
        statement = statement.where(scores.c.domain != OF_LEARNERS)
    if domain is not None:
        statement = statement.where(scores.c.domain == domain)
    for row in tx.execute(statement.execution_options(yield_per=ROWS_AT_ONCE)):
        yield score_row(row._asdict(), run)


def _statement(principal: Principal, run: Run) -> Select[Any]:
    challenged = open_disputes(principal)
    same = (scores.c.run_id == run_students.c.run_id) & (scores.c.student_id == run_students.c.student_id)
    return (
        select(
            scores,
            run_students.c.school_id,
            run_students.c.grade_level,
            run_students.c.level,
            challenged.c.disputed_since,
        )
        .join(run_students, same)
        .join(challenged, challenged.c.student_id == scores.c.student_id, isouter=True)
        .where(scores.c.run_id == run.run_id)
        .order_by(scores.c.student_id, scores.c.domain)
    )


def score_row(row: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """One score in INTERFACES' columns; what is not there is None."""
    level = row["level"] if row["domain"] == "overall" else None
    told: dict[str, Any] = {
        "student_id": row["student_id"],
        "school_id": row["school_id"],
        "grade_level": row["grade_level"],
        "as_of": run.as_of,
        "domain": row["domain"],
        "probability": row["probability"],
        "band": row["band"],
        "suggested_level": None if level in (NOT_ENOUGH_DATA, NOT_SCORED) else level,
        "status": row["status"],
        "data_coverage": row["data_coverage"],
    }
    drivers = [*row["drivers"][:DRIVERS], *[{}] * DRIVERS][:DRIVERS]
    for place, driver in enumerate(drivers, start=1):
        told[f"driver_{place}"] = driver.get("code")
        told[f"driver_{place}_text"] = driver.get("text")
    return told | {
        "model_version": row["model_version"],
        "run_id": run.run_id,
        "range_low": row["range_low"],
        "range_high": row["range_high"],
        "disputed": row["disputed_since"] is not None,
        "disputed_since": row["disputed_since"],
    }


def record_export(
    tx: Transaction, principal: Principal, run: Run, student_ids: Iterator[str], *, now: datetime
) -> None:
    """Writes down that scores of these students were taken out."""
    record_view(
        tx,
        principal,
        action="export",
        students=student_ids,
        fields=("scores", "reasons"),
        at=now,
        model_version=run.model_version,
    )


def write_scores(
    settings: Settings, as_of: date, *, domain: str | None, form: str, out: Path, now: datetime
) -> int:
    """Writes the scores of the run shown for ``as_of`` to ``out`` and gives how many there are.

    The file appears whole, readable by its owner alone, after the export stands in the ledger. Errors:
    UsageError for a day without a run, or a domain that was not scored.
    """
    with open_store(settings) as store, store.begin() as tx:
        run = run_of(tx, as_of)
        if domain is not None and domain not in run.models:
            raise UsageError(
                f"There is no domain {domain!r} in that run.",
                f"It has {', '.join(run.models) or 'none'}.",
            )
        table = scores_table(tx, operator(getpass.getuser()), run, now=now, domain=domain)
    partial = out.with_name(f".{out.name}.{secrets.token_hex(4)}")
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        write_table(table, form, partial)
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)
    return len(table)


def write_table(table: pd.DataFrame, form: str, out: Path) -> None:
    """Writes the table in one of ``FORMS``; empty cells are empty, null or missing, as the form has it."""
    if form == "parquet":
        table.to_parquet(out, index=False)
        return
    rows = table.astype(object).where(table.notna(), None)
    with out.open("w", encoding="utf-8", newline="") as file:
        if form == "csv":
            write_csv(file, list(rows.columns), rows.itertuples(index=False, name=None))
        else:
            json.dump(rows.to_dict("records"), file, ensure_ascii=False, default=str)
