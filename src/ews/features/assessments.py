"""The latest known result in reading and mathematics, statewide (a level) and local (a percentile).

Tests that only some groups of students take (English-learner tests, alternate tests) are left out: to
have a result of one would tell the group.
"""

from __future__ import annotations

from typing import Any

import ibis

from ews.features.allowed import TESTS_OF_GROUPS
from ews.features.known import at_each_moment, limited
from ews.features.snapshots import Snapshots

SUBJECTS = {"ela": ("ela", "reading", "english"), "math": ("math", "mathematics")}
STATEWIDE = ("sb",)
LAST_TWO_YEARS = 2


def assessment_features(ground: Snapshots) -> ibis.Table:
    """moment, student, level and percentile by subject, from results of at most two years before."""
    rows = ground.known("assessments")
    moments = ground.moments
    rows = limited(
        rows.filter(rows.valid.fill_null(True), rows.family.notnull(), rows.family.notin(TESTS_OF_GROUPS)),
        first=ibis.ifelse(rows.released_on.isnull(), 0, moments.from_day(rows.released_on)),
        last=moments.until_year_after(rows.administered_on, LAST_TWO_YEARS),
    )
    taken_on = rows.administered_on.delta(ibis.date(1970, 1, 1), unit="day").cast("int64")
    rows = rows.select(
        "student",
        "first",
        "last",
        **{f"{subject}_level": newest(rows, taken_on, subject, rows.level, True) for subject in SUBJECTS},
        **{
            f"{subject}_percentile": newest(rows, taken_on, subject, rows.percentile.round(), False)
            for subject in SUBJECTS
        },
    )
    names = [name for name in rows.columns if name not in ("student", "first", "last")]
    folded = rows.group_by("student", "first", "last").agg(**{name: rows[name].max() for name in names})
    folded = at_each_moment(folded)
    found = folded.group_by("moment", "student").agg(**{name: folded[name].max() for name in names})
    rows = ground.cohort.select("moment", "student").left_join(found, ["moment", "student"])
    some = ibis.coalesce(*[rows[name] for name in names])
    return rows.select(
        "moment",
        "student",
        **{name: rows[name] % PLACES for name in names},
        no_tests=some.isnull().cast("int32"),
    )


PLACES = 1_000


def newest(rows: ibis.Table, taken_on: Any, subject: str, value: Any, statewide: bool) -> Any:
    """day * 1000 + value: the largest is the newest result (of one day the best), value its remainder."""
    family = rows.family.isin(STATEWIDE) if statewide else rows.family.notin(STATEWIDE)
    wanted = rows.subject.lower().isin(SUBJECTS[subject]) & family
    return ibis.ifelse(wanted, taken_on * PLACES + value.cast("int64"), ibis.null("int64"))
