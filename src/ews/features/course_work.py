"""What students of a section turned in by each moment, how it was marked, and how that compares.

Averages are added up in whole thousandths and standings in whole millionths, so that neither the order
of rows nor the number of threads changes a bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ibis

from ews.features.known import Moments, known_by

if TYPE_CHECKING:
    from ews.records.lake import Records

THOUSAND = 1_000
MILLION = 1_000_000
STUDENT = ("moment", "student_id", "section_id")
NOT_TURNED_IN = ("missing", "not_due", "exempt")
MOST_DAYS = 30
"""Lateness is held between -30 and 30 days: a course that takes work all year has no late and early."""


def standing(value: Any, within: tuple[str, ...]) -> Any:
    """Where ``value`` stands among the rows with the same ``within``, 0 to 1,000,000; null for null.

    The share of rows below plus half of those level (the mid-rank percentile), alone 500,000.
    """
    group = [*within, value.isnull()]
    below = ibis.rank().over(ibis.window(group_by=group, order_by=value))
    level = value.isnull().count().over(ibis.window(group_by=[*group, value]))
    among = value.count().over(ibis.window(group_by=group))
    place = ((2 * below + level) * (MILLION / 2) / among).round().cast("int64")
    return ibis.ifelse(value.notnull(), place, ibis.null("int64"))


def turned_in(records: Records, moments: Moments) -> ibis.Table:
    """One row a result turned in by each moment: day, due day, days late, mark and weight in thousandths.

    Work without a mark yet has a null mark; work carried over or without a due day has null days late.
    """
    plans = known_by(records, "assignments", moments).drop("as_of")
    rows = known_by(records, "assignment_results", moments).join(plans, ["moment", "assignment_id"])
    rows = rows.filter(rows.status.isnull() | rows.status.notin(NOT_TURNED_IN))
    of = ibis.ifelse(rows.points_possible > 0, rows.points_possible, 100.0).fill_null(100.0)
    late = rows.event_on.delta(rows.due_date, unit="day").clip(-MOST_DAYS, MOST_DAYS).cast("int64")
    banked = rows.is_banked.fill_null(False)
    return rows.select(
        *STUDENT,
        "assignment_id",
        "due_date",
        turned_in_on=rows.event_on,
        banked=banked,
        days_late=ibis.ifelse(banked, ibis.null("int64"), late),
        mark=(rows.points_earned / of * 100 * THOUSAND).round().cast("int64"),
        weight=ibis.ifelse(rows.weight > 0, rows.weight * THOUSAND, THOUSAND)
        .fill_null(THOUSAND)
        .cast("int64"),
    )


def compared(work: ibis.Table) -> ibis.Table:
    """``work`` with each mark's and each lateness's standing, and the mark against the class's average."""
    peers = ("moment", "assignment_id")
    average = work.mark.mean().over(ibis.window(group_by=peers))
    return work.mutate(
        standing=standing(work.mark, peers),
        lateness_standing=standing(work.days_late, peers),
        above=(work.mark - average).round().cast("int64"),
    )


def marks_so_far(work: ibis.Table) -> ibis.Table:
    """One row a student, section and moment with a mark: average, latest, lowest, and their standings."""
    marked = in_order(work.filter(work.mark.notnull()))
    latest = marked.back == 0
    found = marked.group_by(*STUDENT).agg(
        fact_marks=marked.mark.count(),
        total=marked.mark.sum(),
        weight=marked.weight.sum(),
        mark_average=(marked.mark * marked.weight).sum(),
        mark_above_class=(marked.above * marked.weight).sum(),
        mark_latest=marked.mark.max(where=latest),
        mark_lowest=marked.mark.min(),
        mark_standing=marked.standing.sum(),
        mark_standing_latest=marked.standing.max(where=latest),
        mark_standing_lowest=marked.standing.min(),
    )
    others = (found.fact_marks - 1).nullif(0)
    before = (found.total - found.mark_latest) / others
    return found.mutate(
        mark_average=found.mark_average / found.weight / THOUSAND,
        mark_above_class=found.mark_above_class / found.weight / THOUSAND,
        fact_average_before=before / THOUSAND,
        mark_latest_change=(found.mark_latest - before) / THOUSAND,
        mark_latest=found.mark_latest / THOUSAND,
        mark_lowest=found.mark_lowest / THOUSAND,
        mark_standing=found.mark_standing / found.fact_marks / MILLION,
        mark_standing_latest=found.mark_standing_latest / MILLION,
        mark_standing_lowest=found.mark_standing_lowest / MILLION,
    ).drop("total", "weight")


def turning_in(work: ibis.Table) -> ibis.Table:
    """One row a student, section and moment with work: how much, how late, and when last."""
    ordered = in_order(work)
    timed = ordered.days_late.count().nullif(0)
    first_timed = ordered.back_timed == 0
    return ordered.group_by(*STUDENT).agg(
        work_turned_in=ordered.count(),
        results_carried_over=ordered.banked.cast("int64").sum(),
        turned_in_last=ordered.turned_in_on.max(where=~ordered.banked),
        days_late_average=ordered.days_late.sum() / timed,
        days_late_latest=ordered.days_late.max(where=first_timed),
        lateness_standing=ordered.lateness_standing.sum() / timed / MILLION,
    )


def in_order(work: ibis.Table) -> ibis.Table:
    """``work`` with its place from the latest back: ``back``, and ``back_timed`` where it has days late."""
    newest = [ibis.desc("turned_in_on"), ibis.desc("due_date", nulls_first=False), ibis.desc("assignment_id")]
    timed = [*STUDENT, work.days_late.notnull()]
    place = ibis.row_number().over(ibis.window(group_by=timed, order_by=newest))
    return work.mutate(
        back=ibis.row_number().over(ibis.window(group_by=STUDENT, order_by=newest)),
        back_timed=ibis.ifelse(work.days_late.notnull(), place, -1),
    )


def work_due(records: Records, moments: Moments, classmates: ibis.Table, work: ibis.Table) -> ibis.Table:
    """One row a classmate and moment with anything due: how much, missing, and the standing over it.

    ``due_standing`` averages over what was due: a mark's standing, one half for work not marked yet,
    nothing for missing work.
    """
    plans = known_by(records, "assignments", moments)
    plans = plans.filter(plans.due_date <= plans.as_of)
    newest = plans.due_date.max().over(ibis.window(group_by=("moment", "section_id")))
    plans = plans.select("moment", "section_id", "assignment_id", latest=plans.due_date == newest)
    wanted = classmates.select(*STUDENT).join(plans, ["moment", "section_id"])
    done = work.select(*STUDENT, "assignment_id", "standing", done=True)
    rows = wanted.left_join(done, [*STUDENT, "assignment_id"]).select(*wanted.columns, "standing", "done")
    missing = rows.done.isnull()
    worth = ibis.ifelse(missing, 0, rows.standing.fill_null(MILLION // 2))
    return rows.group_by(*STUDENT).agg(
        work_due=rows.count(),
        work_missing=missing.cast("int64").sum(),
        work_missing_latest=(missing & rows.latest).cast("int64").sum(),
        due_standing=worth.sum(),
    )
