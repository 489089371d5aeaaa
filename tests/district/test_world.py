"""What is chosen about a made-up district is true of it, and can be measured by who knows the truth."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import PoissonRegressor

from ews.district.make import make_district
from ews.district.sizes import sized
from ews.district.world import World, checked
from ews.errors import UsageError

END = date(2026, 6, 30)
TEXT = dict.fromkeys(["student_id", "school_id", "org_id"], str)


class Made:
    """A drop and its truth."""

    def __init__(self, folder: Path, world: World, *, students: int = 2000, years: int = 2) -> None:
        self.folder = folder
        make_district(
            folder / "drop", "demo", students=students, years=years, seed=5, world=world, until=END,
            truth=folder / "truth",
        )  # fmt: skip

    def table(self, name: str) -> pd.DataFrame:
        return pd.read_csv(self.folder / "drop" / f"{name}.csv", dtype=TEXT)

    def hidden(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.folder / "truth" / f"{name}.parquet")

    @property
    def truth(self) -> dict:
        return json.loads((self.folder / "truth" / "truth.json").read_text(encoding="utf-8"))


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
    ],
)
def test_a_world_that_cannot_be_says_why(world, said):
    with pytest.raises(UsageError, match=said):
        checked(world, sized("tiny", None, None))
