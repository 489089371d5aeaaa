"""What came of an English learner's year: the next annual step, and the state's long-term definitions.

The annual test is taken in spring and told over the summer, so its label is frozen in the autumn after.
A step is met by a higher level than on the annual test before, by the level of proficiency, or by being
reclassified. Newly long-term, or newly at risk of it, is judged with the results of that spring. Who is
long-term already is judged by the step alone: one cannot become what one is.
"""

from __future__ import annotations

from datetime import date

import ibis

from ews.features.english_learners import (
    AT_RISK,
    KEY,
    LONG_TERM,
    annual_tests,
    latest_ela,
    latest_levels,
    learners,
    proficient,
    stage_of,
    status_now,
    years_between,
)
from ews.features.horizon import Closing, closed
from ews.features.kept import kept
from ews.features.known import listed
from ews.features.snapshots import Snapshots
from ews.school_year import first_day, last_day, school_year_of

RESULTS_BY = (9, 15)
"""Month and day of the autumn after by which every district has its spring results."""

RECLASSIFIED = "RFEP"
NOT_A_LEARNER = "not an English learner"
NO_TEST = "no annual English test that year"
NO_TEST_BEFORE = "no annual English test before, to grow from"


def learner_years_end(ground: Snapshots, frozen_by: date | None) -> Closing:
    """moment, as_of, year_begins, year_ends, closes_on: each school year, and when its tests are told."""
    days = [
        {
            "moment": moment,
            "as_of": day,
            "year_begins": first_day(school_year_of(day)),
            "year_ends": last_day(school_year_of(day)),
            "closes_on": date(school_year_of(day), *RESULTS_BY),
        }
        for moment, day in enumerate(ground.moments.days)
    ]
    types = {"moment": "int32"} | dict.fromkeys(("as_of", "year_begins", "year_ends", "closes_on"), "date")
    windows = ground.cohort.select("moment").distinct().join(listed(days, types), "moment")
    return closed(ground, windows, frozen_by)


def learner_results(ground: Snapshots, frozen_by: date | None) -> ibis.Table:
    """moment, student and what decides on the label of each English learner: close, closes_on, and flags.

    ``tested``: an annual result of that year is on record; ``tested_before``: and an earlier one of the same
    test; ``missed``: the step was not met; ``reached``: newly long-term, or newly at risk of it;
    ``reclassified``: since the day.
    """
    horizon = learner_years_end(ground, frozen_by)
    later = horizon.ground
    spring = kept(newest_results(later, kept(annual_tests(later))))
    after = status_now(later).select("student", close="moment", elas_after="elas", changed_on="start_date")
    ela = latest_ela(later).select("student", "ela", close="moment")
    rows = learners(ground).drop("as_of").join(horizon.windows, "moment")
    for part in (spring, after, ela):
        rows = rows.left_join(part, ["student", "close"], rname="{name}_of_part").drop(
            "student_of_part", "close_of_part"
        )
    rows = rows.mutate(years=years_between(rows, rows.year_ends))
    stage = stage_of(rows, ground.settings)
    met = (rows.level > rows.before) | proficient(rows, rows.level, ground.settings)
    then = stage_then(ground)
    rows = rows.mutate(stage=stage).left_join(then, list(KEY), rname="{name}_of_then")
    newly_at_risk = (rows.stage == AT_RISK) & ~rows.stage_then.isin((AT_RISK, LONG_TERM))
    newly_long_term = (rows.stage == LONG_TERM) & (rows.stage_then != LONG_TERM)
    return rows.select(
        *KEY,
        "close",
        "closes_on",
        tested=rows.taken_on.between(rows.year_begins, rows.year_ends).fill_null(False),
        tested_before=rows.before.notnull(),
        missed=~met,
        reached=newly_at_risk | newly_long_term,
        reclassified=((rows.elas_after == RECLASSIFIED) & (rows.changed_on > rows.as_of)).fill_null(False),
    )


def stage_then(ground: Snapshots) -> ibis.Table:
    """moment, student, stage_then: the stage of each learner as known on the as-of date."""
    rows = learners(ground)
    for part in (latest_levels(kept(annual_tests(ground))), latest_ela(ground)):
        rows = rows.left_join(part, list(KEY), rname="{name}_of_part").drop(
            "moment_of_part", "student_of_part"
        )
    return kept(rows.select(*KEY, stage_then=stage_of(rows, ground.settings)))


def newest_results(later: Snapshots, tests: ibis.Table) -> ibis.Table:
    """student, close, family, level, before, taken_on: each learner's newest annual result."""
    newest = tests.filter(tests.place == 0).select(*KEY, taken_on="taken_on")
    rows = latest_levels(tests).join(newest, list(KEY)).join(later.moments.table, "moment")
    return rows.select("student", "family", "level", "before", "taken_on", close="moment")
