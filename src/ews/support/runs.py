"""Which run is shown: the latest finished one of a day, or of all days."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

from sqlalchemy import Select, select

from ews.errors import UsageError
from ews.store.prepared import Prepared, given
from ews.store.store import Transaction
from ews.store.tables import run_students, runs
from ews.support.facts import Run

NEWEST_FIRST = (runs.c.as_of.desc(), runs.c.serial.desc())
NEWEST = select(*(runs.c[item.name] for item in fields(Run))).order_by(*NEWEST_FIRST).limit(1)
NEWEST_OF_ALL = Prepared(NEWEST)
NEWEST_OF_DAY = Prepared(NEWEST.where(runs.c.as_of == given("as_of")))


def shown_run(tx: Transaction, as_of: date | None = None) -> Run | None:
    """The run shown for ``as_of``, or for the newest day that has one; None when there is none."""
    row = NEWEST_OF_ALL.row(tx) if as_of is None else NEWEST_OF_DAY.row(tx, as_of=as_of)
    return None if row is None else Run(*row)


def run_of(tx: Transaction, as_of: date) -> Run:
    """The run shown for ``as_of``; UsageError when that day was not scored."""
    run = shown_run(tx, as_of)
    if run is None:
        raise UsageError(f"There is no run as of {as_of}.", f"Make one with: ews score --as-of {as_of}")
    return run


def of_run(run: Run, *columns: Any) -> Select[Any]:
    """The students of a run."""
    return select(*columns).where(run_students.c.run_id == run.run_id)
