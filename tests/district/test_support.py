"""Programs do what their known effects say, and who compares the helped with the rest is misled."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from made import Made

from ews.district.attendance import BY_GRADE
from ews.district.calendar import SchoolYear
from ews.district.world import World

LISTS = (4, 8, 12, 16, 20, 24)
STRENGTH = 1.5


@pytest.fixture(scope="module")
def acting(tmp_path_factory) -> Made:
    """Counselors who act on lists, with programs half as strong again as in the demo."""
    world = World(list_weeks=LISTS, strength=STRENGTH, places=0.10, lives=3, biased_schools=0.0)
    return Made(tmp_path_factory.mktemp("acting"), world, students=2000)


@pytest.fixture(scope="module")
def newly_helped(acting) -> pd.DataFrame:
    """Every student and list, the program that began the Monday after (if any), and what came of it."""
    rows = acting.hidden("outcomes").query("week in @LISTS and expected_days >= 15").copy()
    rows["begin_date"] = [monday_after(*key) for key in zip(rows.school_year, rows.week, strict=True)]
    given = acting.hidden("support").drop(columns="effect")
    given["begin_date"] = pd.to_datetime(given.begin_date)
    rows["begin_date"] = pd.to_datetime(rows.begin_date)
    return rows.merge(given, on=["student_id", "school_year", "begin_date"], how="left")


def monday_after(year: int, week: int) -> np.datetime64:
    """The first school day after a list's week."""
    weeks = SchoolYear(year).week_of_day
    return SchoolYear(year).days[np.searchsorted(weeks, np.unique(weeks)[week])]


def test_comparing_the_helped_with_the_rest_has_the_wrong_sign(newly_helped):
    first = newly_helped.query("week == 4 and (program.isna() or program == 'check_in_check_out')")
    helped = first.program.notna()
    assert helped.sum() > 60
    naive = first.missed_with_support[helped].mean() - first.missed_with_support[~helped].mean()
    truth = (first.missed_with_support - first.missed_without)[helped].mean()
    assert naive > 1.5
    assert truth < -0.7


def test_who_knows_what_pulled_them_away_finds_the_right_sign(lived_weeks):
    helped = lived_weeks[lived_weeks.running.isin(["check_in_check_out", "mentor"])]
    alone = lived_weeks[lived_weeks.running == "none"]
    assert helped.days.mean() > alone.days.mean()
    assert helped.days.mean() < usual_days(alone)(helped.pull).mean()


def test_the_effects_that_were_planted_are_those_recovered(lived_weeks, acting):
    alone = lived_weeks[lived_weeks.running == "none"]
    for name, effect in acting.truth["effects"].items():
        helped = lived_weeks[lived_weeks.running == name]
        assert len(helped) > 400
        assert shift_of(helped, usual_days(alone)) == pytest.approx(effect, abs=0.15), name


@pytest.fixture(scope="module")
def lived_weeks(acting) -> pd.DataFrame:
    """Every week of school of who stayed all year: the share of days away, the program that ran, and what
    pulled the student away (log-odds)."""
    stays = acting.table("enrollments").groupby(["student_id", "school_year"]).filter(lambda s: len(s) == 1)
    stays = stays[stays.exit_type.isin(["year_end", "graduated"]) & (stays.entry_date.str[5:7] == "08")]
    weeks = acting.hidden("weeks").merge(stays[["student_id", "school_year", "grade_level"]])
    held = {y: np.bincount(SchoolYear(y).week_of_day, minlength=44) for y in set(weeks.school_year)}
    weeks["held"] = [held[year][week - 1] for year, week in zip(weeks.school_year, weeks.week, strict=True)]
    weeks = weeks[weeks.held > 0].reset_index(drop=True)
    pull = weeks.disengagement + BY_GRADE[weeks.grade_level]
    return weeks.assign(
        days=away_by_week(acting, weeks) / weeks.held, running=running(acting, weeks), pull=pull
    )


def usual_days(alone: pd.DataFrame) -> Callable[[np.ndarray], np.ndarray]:
    """The days that students in no program are away in a week, by what pulls them away."""
    bins = pd.qcut(alone.pull, 400, labels=False)
    mean = alone.groupby(bins)[["pull", "days"]].mean()
    return lambda pull: np.interp(pull, mean.pull, mean.days)


def shift_of(helped: pd.DataFrame, usual: Callable[[np.ndarray], np.ndarray]) -> float:
    """By how many log-odds less pulled students would be away as often as those helped were."""
    steps = np.linspace(-2, 1, 301)
    told = np.array([usual(helped.pull + step).mean() for step in steps])
    return float(steps[np.argmin(np.abs(told - helped.days.mean()))])


def away_by_week(made: Made, weeks: pd.DataFrame) -> np.ndarray:
    """Days missed for no reason of illness, by student and calendar week."""
    rows = made.table("attendance")
    loose = rows.status.isin(["absent_unexcused", "absent_unverified"])
    rows = rows[loose].assign(day=pd.to_datetime(rows.date[loose]))
    year = rows.day.dt.year + (rows.day.dt.month >= 7)
    start = year.map({y: pd.Timestamp(SchoolYear(y).first_day) for y in set(year)})
    week = (rows.day - start).dt.days // 7 + 1
    count = rows.groupby([rows.student_id, year.rename("school_year"), week.rename("week")]).size()
    return count.reindex(
        pd.MultiIndex.from_frame(weeks[["student_id", "school_year", "week"]]), fill_value=0
    ).to_numpy()


def running(made: Made, weeks: pd.DataFrame) -> pd.Series:
    """The program that ran in each student's week; none where none did."""
    given = made.hidden("support")
    start = given.school_year.map({y: pd.Timestamp(SchoolYear(y).first_day) for y in set(given.school_year)})
    first = (pd.to_datetime(given.begin_date) - start).dt.days // 7 + 1
    parts = [given.assign(week=first + offset) for offset in range(10)]
    found = pd.concat(parts).set_index(["student_id", "school_year", "week"]).program
    keys = pd.MultiIndex.from_frame(weeks[["student_id", "school_year", "week"]])
    return pd.Series(found.reindex(keys).fillna("none").to_numpy(), index=weeks.index)


def test_no_counselor_has_more_students_in_support_than_places(acting):
    given = acting.table("interventions").query("begin_date >= '2025-08-01'")
    given = given[~given.intervention_id.str.contains("told")]
    caseload = acting.table("staff_caseload").query("begin_date < '2026-06-01'")
    whose = caseload[caseload.end_date.isna() | (caseload.end_date >= "2026-06-01")]
    given = given.merge(whose[["student_id", "staff_id"]], on="student_id")
    for day in pd.date_range("2025-09-15", "2026-05-15", freq="14D").strftime("%Y-%m-%d"):
        now = given[(given.begin_date <= day) & (given.end_date >= day)].groupby("staff_id").size()
        most = (0.11 * whose.groupby("staff_id").size()).round() + 2
        assert (now <= most.reindex(now.index)).all(), day


def test_untreated_risk_is_what_happens_to_those_whom_nobody_helps(newly_helped):
    alone = newly_helped[
        newly_helped.program.isna() & (newly_helped.missed_with_support == newly_helped.missed_without)
    ]
    happens = alone.missed_without >= 0.1 * alone.expected_days
    assert alone.untreated_risk.mean() == pytest.approx(happens.mean(), abs=0.02)
