"""Which run is shown: the latest finished one of a day, or of all days."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Row, select

from ews.errors import UsageError
from ews.store.store import Transaction
from ews.store.tables import runs
from ews.support.facts import Run

NEWEST_FIRST = (runs.c.as_of.desc(), runs.c.serial.desc())


def shown_run(tx: Transaction, as_of: date | None = None) -> Run | None:
    """The run shown for ``as_of``, or for the newest day that has one; None when there is none."""
    statement = select(runs).order_by(*NEWEST_FIRST).limit(1)
    if as_of is not None:
        statement = statement.where(runs.c.as_of == as_of)
    row = tx.execute(statement).one_or_none()
    return None if row is None else _run(row)


def run_of(tx: Transaction, as_of: date) -> Run:
    """The run shown for ``as_of``; UsageError when that day was not scored."""
    run = shown_run(tx, as_of)
    if run is None:
        raise UsageError(f"There is no run as of {as_of}.", f"Make one with: ews score --as-of {as_of}")
    return run


def _run(row: Row) -> Run:
    return Run(
        run_id=row.run_id,
        as_of=row.as_of,
        school_year=row.school_year,
        status=row.status,
        finished_at=row.finished_at,
        models=row.models,
        files=row.files,
        lines=row.lines,
        hit_rate=row.hit_rate,
    )
