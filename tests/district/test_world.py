"""What is chosen about a made-up district is true of it, and can be measured by who knows the truth."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest
from made import Made
from sklearn.linear_model import LogisticRegression, PoissonRegressor

from ews.district.make import make_district
from ews.district.sizes import sized
from ews.district.world import World, checked
from ews.errors import UsageError


@pytest.fixture(scope="module")
def plain(tmp_path_factory) -> Made:
    """Staff who record alike."""
    return Made(tmp_path_factory.mktemp("plain"), World(biased_schools=0.0))


@pytest.fixture(scope="module")
def biased(tmp_path_factory) -> Made:
    """Every school writes some students up 2.2 times as often and excuses them half as often."""
    world = World(recording_bias=2.2, excusing_bias=2.0, biased_schools=1.0)
    return Made(tmp_path_factory.mktemp("biased"), world)


@pytest.fixture(scope="module")
def pandemic(tmp_path_factory) -> Made:
    """Quarantines in 2025-26."""
    return Made(tmp_path_factory.mktemp("pandemic"), World(biased_schools=0.0, pandemic_year=2026))


def written_up_ratio(made: Made) -> float:
    """How many times likelier a Black or Hispanic student is written up, at equal conduct and engagement."""
    rows = made.hidden("students").merge(made.table("students"), on="student_id")
    weeks = made.hidden("weeks").groupby(["student_id", "school_year"]).disengagement.mean()
    rows = rows.merge(weeks.reset_index(), on=["student_id", "school_year"])
    stays = made.table("enrollments").groupby(["student_id", "school_year"]).grade_level.max()
    rows = rows.merge(stays.reset_index(), on=["student_id", "school_year"])
    incidents = made.table("student_incidents").query("role == 'offender'")
    year = incidents.incident_id.str.extract(r"I(\d{4})-")[0]
    rows = rows[~rows.student_id.isin(incidents[year.isna()].student_id)]  # the cast's are told, not drawn
    count = incidents.groupby(["student_id", year.fillna("0").astype(int)]).size()
    count = count.reindex(pd.MultiIndex.from_frame(rows[["student_id", "school_year"]]), fill_value=0)
    columns = pd.get_dummies(rows.grade_level, dtype=float).assign(
        group=rows.race_ethnicity.isin(["black", "hispanic"]).astype(float),
        boy=(rows.sex == "m").astype(float),
        conduct=rows.conduct,
        disengagement=rows.disengagement,
    )
    columns.columns = columns.columns.astype(str)
    fitted = PoissonRegressor(alpha=1e-6, max_iter=500).fit(columns, count.to_numpy())
    return float(np.exp(dict(zip(columns.columns, fitted.coef_, strict=True))["group"]))


def excused_share(made: Made) -> pd.Series:
    """Of absences whose reason is not illness or travel, the share excused, by group."""
    rows = made.table("attendance").merge(made.table("students"), on="student_id")
    loose = rows[
        rows.status.isin(["absent_unexcused", "absent_unverified"])
        | (rows.status.eq("absent_excused") & rows.reason.isin(["family", "other"]))
    ]
    group = loose.race_ethnicity.isin(["black", "hispanic"])
    return loose.status.eq("absent_excused").groupby(group).mean()


def test_the_bias_that_was_planted_is_the_bias_that_is_measured(plain, biased):
    assert set(biased.truth["recording_bias"].values()) == {2.2}
    assert written_up_ratio(biased) == pytest.approx(2.2, rel=0.15)
    assert written_up_ratio(plain) == pytest.approx(1.0, rel=0.15)


def test_where_excusing_is_biased_the_same_days_are_missed_and_fewer_of_them_excused(plain, biased):
    assert set(plain.truth["excusing_bias"].values()) == {1.0}
    fair, unfair = excused_share(plain), excused_share(biased)
    assert fair[True] == pytest.approx(fair[False], abs=0.02)
    assert unfair[False] == pytest.approx(fair[False], abs=0.02)
    missed, also = (made.table("attendance").status.isin(AWAY).sum() for made in (plain, biased))
    assert also == pytest.approx(missed, rel=0.01)  # suspensions apart, the days are the same


AWAY = ("absent_unexcused", "absent_excused", "absent_unverified")


def test_excusing_half_as_often_halves_the_share_excused(plain, biased):
    fair, unfair = excused_share(plain), excused_share(biased)
    family = 0.30  # of what has no other reason; January's travel is excused for everyone
    assert fair[True] - unfair[True] == pytest.approx(family / 2, abs=0.03)


def ahead(made: Made, year: int, week: int) -> pd.Series:
    """Whether 10 % or more of the 45 days after the week are missed, by student."""
    rows = made.hidden("outcomes").query("school_year == @year and week == @week and expected_days >= 15")
    return (rows.missed_with_support >= 0.1 * rows.expected_days).set_axis(rows.student_id)


def rate_before(made: Made, year: int) -> pd.Series:
    """The days each student missed in the first eight weeks of a school year."""
    rows = made.table("attendance").query("absent_fraction > 0")
    first = f"{year - 1}-10-15"
    rows = rows[(rows.date >= f"{year - 1}-08-01") & (rows.date < first)]
    students = made.hidden("students").query("school_year == @year").student_id
    return rows.groupby("student_id").size().reindex(students, fill_value=0)


def stability(now: pd.Series, before: pd.Series) -> float:
    """The population stability index over 0, 1, 2, 3-4, 5-7 and more days."""
    edges = [-1, 0, 1, 2, 4, 7, 999]
    shares = [np.bincount(pd.cut(x, edges, labels=False), minlength=6) / len(x) for x in (now, before)]
    return float(np.sum((shares[0] - shares[1]) * np.log(shares[0] / shares[1])))


def test_a_pandemic_breaks_calibration_and_hardly_shows_in_what_is_known_before(plain, pandemic):
    gaps = {}
    for week in (8, 12, 16, 20):
        told = ahead(plain, 2026, week).mean()  # what the same students would have done in a usual year
        gaps[week] = ahead(pandemic, 2026, week).mean() - told
    assert all(0.05 < gap < 0.20 for gap in gaps.values()), gaps
    assert max(gaps.values()) - min(gaps.values()) < 0.06  # one shift mends it
    usual, strange = rate_before(plain, 2026), rate_before(pandemic, 2026)
    assert 0.0 < stability(strange, usual) < 0.10
    assert ahead(pandemic, 2025, 8).equals(ahead(plain, 2025, 8))


POLICY = date(2025, 11, 3)


def suspensions(made: Made) -> pd.Series:
    """How many suspensions began before the policy's day, and from it on (2025-26)."""
    actions = made.table("discipline_actions").query("action in ['oss', 'iss'] and start_date > '2025-08-01'")
    return (actions.start_date > POLICY.isoformat()).value_counts()


def test_from_the_day_of_the_policy_suspensions_are_rare_and_incidents_as_many_as_before(plain, tmp_path):
    ruled = Made(tmp_path, World(biased_schools=0.0, no_suspensions_from=POLICY))
    before, after = suspensions(plain), suspensions(ruled)
    assert after[False] == before[False]
    assert 0.1 < after[True] / before[True] < 0.6
    assert len(ruled.table("incidents")) == pytest.approx(len(plain.table("incidents")), rel=0.01)


def test_what_the_office_writes_as_independent_study_is_missed_in_truth_and_not_on_record(plain, tmp_path):
    ruled = Made(tmp_path, World(biased_schools=0.0, independent_study_from=POLICY))
    now, usual = (made.hidden("outcomes").query("school_year == 2026") for made in (ruled, plain))
    assert now.missed_with_support.equals(usual.missed_with_support)
    counted = [
        made.table("attendance").query("date >= '2025-11-03'").absent_fraction.sum()
        for made in (ruled, plain)
    ]
    assert 0.6 < counted[0] / counted[1] < 0.9


def test_schools_differ_as_much_as_was_chosen_and_the_truth_knows_by_how_much(tmp_path):
    made = Made(tmp_path, World(school_spread=0.6), students=3000)
    effect = pd.Series(made.truth["school_effects"])
    homes = made.table("enrollments").groupby(["student_id", "school_year"]).school_id.last().reset_index()
    weeks = made.hidden("weeks").groupby(["student_id", "school_year"]).disengagement.mean().reset_index()
    standing = made.hidden("students").merge(weeks).merge(homes)
    own = (standing.disengagement - standing.standing).groupby(standing.school_id).mean()
    assert effect.std() > 0.2
    slope = np.polyfit(effect[own.index], own, 1)[0]
    assert slope == pytest.approx(1.0, abs=0.1)


def interaction(made: Made) -> float:
    """How much less lateness foretells absence for each standard deviation of ability: the product term."""
    rows = made.hidden("outcomes").query("week == 12 and expected_days >= 15")
    rows = rows.merge(made.hidden("students"), on=["student_id", "school_year"])
    weeks = made.hidden("weeks").query("week == 16")[["student_id", "school_year", "disengagement"]]
    rows = rows.merge(weeks, on=["student_id", "school_year"])
    columns = np.column_stack([rows.disengagement, rows.ability, rows.disengagement * np.tanh(rows.ability)])
    label = rows.missed_without >= 0.1 * rows.expected_days
    return float(LogisticRegression(C=1e6).fit(columns, label).coef_[0, 2])


def test_an_interaction_is_there_where_it_was_chosen_and_only_there(plain, tmp_path):
    joined = Made(tmp_path, World(biased_schools=0.0, interactions=0.6))
    assert interaction(joined) < -0.35
    assert abs(interaction(plain)) < 0.2


def test_the_same_choices_make_the_same_bytes_and_the_defaults_are_no_choice(tmp_path):
    for name, world in (("one", World()), ("two", World()), ("three", World(recording_bias=3.0))):
        make_district(tmp_path / name, "tiny", years=2, seed=4, world=world)
    same, other = (
        [(tmp_path / name / f"{table}.csv").read_bytes() for table in ("incidents", "attendance")]
        for name in ("one", "three")
    )
    assert same == [(tmp_path / "two" / f"{t}.csv").read_bytes() for t in ("incidents", "attendance")]
    assert same != other


@pytest.mark.parametrize(
    ("world", "said"),
    [
        (World(recording_bias=0.0), "recording_bias of 0.0"),
        (World(biased_schools=1.5), "is a share"),
        (World(pandemic_year=1918), "school years 2023 to 2026"),
        (World(list_weeks=(40,)), "Weeks are 1 to 34"),
        (World(strength=-1.0), "strength of -1.0"),
    ],
)
def test_a_world_that_cannot_be_says_why(world, said):
    with pytest.raises(UsageError, match=said):
        checked(world, sized("tiny", None, None))
