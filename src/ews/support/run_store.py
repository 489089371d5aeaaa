"""A run into the database and what an earlier one left there: plain rows, inserted many at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, Table, delete, func, select

from ews.school_year import first_day, school_year_of
from ews.store.record_tables import (
    english_records,
    run_steps,
    run_typical_facts,
    run_typical_weeks,
    sis_contacts,
    sis_supports,
)
from ews.store.sight_tables import circumstances, teaching
from ews.store.store import Transaction
from ews.store.tables import (
    caseloads,
    placements,
    run_schools,
    run_students,
    runs,
    schools,
    scores,
    shadow_scores,
    staff,
)
from ews.store.work_tables import school_days
from ews.support.caseload_moves import note_moves
from ews.support.families import store_families
from ews.support.levels import LISTED, NOT_SCORED, Before
from ews.support.roster import Roster
from ews.support.run_content import BeforeThis, RunContent
from ews.support.runs import NEWEST_FIRST
from ews.support.savable import savable_rows
from ews.support.schedule import schedule_rows

if TYPE_CHECKING:
    from ews.risk.scoring import Score

ROWS_AT_ONCE = 2_000
A_WEEK = timedelta(days=6)  # Friday to Thursday: a holiday may move a weekly run by a day


@dataclass(frozen=True)
class Told:
    """What a student's page tells beside the scores: how English grew, feasible steps, what is typical."""

    english: Sequence[Mapping[str, Any]] = ()
    steps: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    typical_weeks: Sequence[Mapping[str, Any]] = ()
    typical_facts: Sequence[Mapping[str, Any]] = ()


def all_runs(tx: Transaction) -> set[str]:
    """The ids of all finished runs."""
    return set(tx.execute(select(runs.c.run_id)).scalars())


def standings_before(tx: Transaction, as_of: date) -> BeforeThis:
    """What the levels of ``as_of`` are compared with: the newest run of this school year at least six days
    older, and the names that runs between the two have already shown."""
    begins = first_day(school_year_of(as_of))
    found = select(runs.c.run_id, runs.c.as_of).order_by(*NEWEST_FIRST)
    scored = found.where(runs.c.status == "scored")
    weekly = tx.execute(
        scored.where(runs.c.as_of <= as_of - A_WEEK, runs.c.as_of >= begins).limit(1)
    ).one_or_none()
    since = weekly.as_of if weekly else as_of - A_WEEK
    between = tx.execute(scored.where(runs.c.as_of > since, runs.c.as_of < as_of)).all()
    without = found.where(runs.c.status == "no_model", runs.c.as_of >= begins, runs.c.as_of < as_of)
    by_rules = shown_each_day(tx.execute(without).all())
    return BeforeThis(
        standings=_standings(tx, weekly.run_id) if weekly else {},
        new_this_week=_new_names(tx, shown_each_day(between).values(), LISTED),
        first_list=weekly is None,
        by_rules=_new_names(
            tx, [run for day, run in by_rules.items() if day <= as_of - A_WEEK], (NOT_SCORED,)
        ),
        by_rules_this_week=_new_names(
            tx, [run for day, run in by_rules.items() if day > as_of - A_WEEK], (NOT_SCORED,)
        ),
    )


def _standings(tx: Transaction, run_id: str) -> dict[str, Before]:
    columns = (
        run_students.c.student_id,
        run_students.c.level,
        run_students.c.waiting,
        run_students.c.weeks_below,
    )
    found = tx.execute(select(*columns).where(run_students.c.run_id == run_id))
    return {row.student_id: Before(row.level, not row.waiting, row.weeks_below) for row in found}


def shown_each_day(newest_first: Sequence[Row]) -> dict[date, str]:
    """Day to the run that is shown for it: the newest of that day."""
    return {row.as_of: row.run_id for row in reversed(newest_first)}


def _new_names(tx: Transaction, run_ids: Iterable[str], levels: Sequence[str]) -> frozenset[str]:
    found = tx.execute(
        select(run_students.c.student_id).where(
            run_students.c.run_id.in_(list(run_ids)),
            run_students.c.is_new,
            run_students.c.level.in_(levels),
        )
    )
    return frozenset(found.scalars())


def store_run(
    tx: Transaction,
    run: Mapping[str, Any],
    content: RunContent,
    scored: Sequence[Score],
    roster: Roster,
    told: Told,
) -> None:
    """Stores a run; with the newest one also who works where and with whom, which decides on access."""
    newest = tx.execute(select(func.max(runs.c.as_of))).scalar()
    serial = tx.execute(select(func.coalesce(func.max(runs.c.serial), 0))).scalar_one() + 1
    tx.execute(runs.insert().values(**run, serial=serial))
    run_id = run["run_id"]
    insert_rows(tx, run_schools, ({"run_id": run_id} | school for school in content.schools))
    insert_rows(tx, run_students, ({"run_id": run_id} | student for student in content.students))
    insert_rows(tx, scores, (_score_row(run_id, score) for score in scored))
    steps = ({"run_id": run_id, "student_id": who, "steps": found} for who, found in told.steps.items())
    insert_rows(tx, run_steps, steps)
    insert_rows(tx, run_typical_weeks, ({"run_id": run_id} | dict(week) for week in told.typical_weeks))
    insert_rows(tx, run_typical_facts, ({"run_id": run_id} | dict(fact) for fact in told.typical_facts))
    if newest is None or run["as_of"] >= newest:
        note_moves(tx, roster.counselors(), run["as_of"])
        _replace_roster(tx, roster, content)
        _replace(tx, english_records, told.english)


def store_shadow(tx: Transaction, run_id: str, said: Iterable[Mapping[str, Any]]) -> None:
    """Stores what shadow models said in a run, apart from the scores that are shown."""
    insert_rows(tx, shadow_scores, ({"run_id": run_id} | dict(row) for row in said))


def _score_row(run_id: str, score: Score) -> dict[str, Any]:
    return {
        "run_id": run_id,
        "student_id": score.student_id,
        "domain": score.domain,
        "probability": score.probability,
        "band": score.band,
        "status": score.status,
        "data_coverage": score.data_coverage,
        "drivers": score.drivers,
        "going_well": score.going_well,
        "note": score.note,
        "why_not": score.why_not,
        "model_version": score.model_version,
        "range_low": score.range_low,
        "range_high": score.range_high,
    }


def _replace_roster(tx: Transaction, roster: Roster, content: RunContent) -> None:
    for table in (school_days, schools, staff, caseloads, placements, teaching, circumstances):
        tx.execute(delete(table))
    insert_rows(
        tx,
        school_days,
        (
            {"school_id": school, "day": day}
            for school, days in roster.school_days.items()
            for day in sorted(days)
        ),
    )
    insert_rows(tx, schools, ({"school_id": key, "name": name} for key, name in roster.schools.items()))
    insert_rows(
        tx,
        staff,
        (
            {
                "staff_id": row["staff_id"],
                "name": row["name"] or row["staff_id"],
                "email": row["email"],
                "role": row["role"],
                "school_id": row["school_id"],
            }
            for row in roster.staff.values()
        ),
    )
    insert_rows(
        tx,
        caseloads,
        ({"staff_id": who, "student_id": student, "role": role} for who, student, role in roster.caseloads),
    )
    insert_rows(tx, teaching, ({"staff_id": who, "student_id": whom} for who, whom in roster.teaching))
    insert_rows(tx, circumstances, ({"student_id": who, "kind": kind} for who, kind in roster.circumstances))
    insert_rows(
        tx,
        placements,
        ({"student_id": row["student_id"], "school_id": row["school_id"]} for row in content.students),
    )
    enrolled = {row["student_id"] for row in content.students}
    store_families(tx, roster.families, enrolled)
    _replace(tx, sis_contacts, (row for row in roster.sis_contacts if row["student_id"] in enrolled))
    for table, rows in (schedule_rows(roster.schedule) | savable_rows(roster.savable)).items():
        _replace(tx, table, rows)
    _replace(tx, sis_supports, (row for row in roster.sis_supports if row["student_id"] in enrolled))


def _replace(tx: Transaction, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    tx.execute(delete(table))
    insert_rows(tx, table, rows)


def insert_rows(tx: Transaction, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Inserts ``rows``, a few thousand at a time, so that memory stays small."""
    for part in _parts(rows):
        tx.execute(table.insert(), part)


def _parts(rows: Iterable[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    remaining = iter(rows)
    while part := list(islice(remaining, ROWS_AT_ONCE)):
        yield part
