"""Who gets written up: heard where staff differ, quiet where students do."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from places import settings_in

from ews.records.lake import records_of
from ews.risk.groups import Dimension, Groups
from ews.risk.recording_bias import Recorded, compared, excused, written_up

STUDENTS = 4000


def world(seed: int, *, conduct: float = 1.0, sharper: float = 1.0) -> tuple[Recorded, Groups]:
    """Students of two groups; the second does ``conduct`` times as much and is seen ``sharper``."""
    chance = np.random.default_rng(seed)
    group = (chance.random(STUDENTS) < 0.3).astype(int)
    rate = 0.4 * np.exp(0.8 * chance.normal(size=STUDENTS)) * np.where(group == 1, conduct, 1.0)
    minor = chance.poisson(rate * np.where(group == 1, sharper, 1.0)).astype(float)
    serious = chance.poisson(0.5 * rate).astype(float)
    stratum = chance.integers(0, 3, STUDENTS)
    names = (("others", "Others"), ("black", "Black or African American"))
    return Recorded(minor, serious, stratum), Groups((Dimension("race", "Race", names, group),))


def test_minor_write_ups_beyond_the_serious_ones_are_heard() -> None:
    found = {one.code: one for one in compared("written_up", *world(1, sharper=1.7))}
    assert found["black"].alarm and found["black"].ratio == pytest.approx(1.7, abs=0.3)
    assert "minor write-ups" in found["black"].told
    assert not found["others"].alarm


def test_a_group_that_does_more_of_everything_raises_no_alarm() -> None:
    assert not [one for one in compared("written_up", *world(2, conduct=2.0)) if one.alarm]


@pytest.mark.slow
def test_staff_who_write_up_alike_seldom_raise_an_alarm() -> None:
    worlds = [compared("written_up", *world(seed, conduct=1.6), repeats=400) for seed in range(40)]
    assert sum(any(one.alarm for one in found) for found in worlds) <= 2


def test_too_few_are_not_compared() -> None:
    recorded, groups = world(3)
    few = np.flatnonzero(np.arange(STUDENTS) < 150)
    small = Recorded(recorded.called[few], recorded.plain[few], recorded.stratum[few])
    assert compared("written_up", small, groups.take(few)) == []


def test_incidents_are_counted_by_how_serious_they_are(tmp_path: Path) -> None:
    happened = {"A": (1, "offender"), "B": (1, "offender"), "C": (3, "offender"), "D": (1, "other")}
    records = records_of(
        {
            "incidents": [
                {"incident_id": name, "school_id": "Lincoln", "occurred_on": date(2024, 10, 7)}
                for name in happened
            ],
            "student_incidents": [
                {
                    "incident_id": name,
                    "student_id": "Ana",
                    "behavior_code": "x",
                    "severity": how,
                    "role": role,
                }
                for name, (how, role) in happened.items()
            ],
        },
        settings_in(tmp_path),
    )
    students = pd.DataFrame({"student_id": ["Ana", "Ben"], "grade_level": [7, 10]})
    found = written_up(records, students, 2025, date(2025, 6, 30))
    assert found is not None
    assert found.called.tolist() == [2, 0] and found.plain.tolist() == [1, 0]
    assert written_up(records, students, 2024, date(2025, 6, 30)).called.sum() == 0  # type: ignore[union-attr]


def test_days_missed_are_parted_into_excused_and_all(tmp_path: Path) -> None:
    told = ("absent_excused", "absent_unexcused", "absent_unverified", "tardy", "present")
    records = records_of(
        {
            "attendance": [
                {
                    "student_id": "Ana",
                    "school_id": "Lincoln",
                    "date": date(2024, 10, 7 + day),
                    "status": status,
                }
                for day, status in enumerate(told)
            ]
        },
        settings_in(tmp_path),
    )
    students = pd.DataFrame({"student_id": ["Ana", "Ben"], "grade_level": [3, 10]})
    found = excused(records, students, 2025, date(2025, 6, 30))
    assert found is not None
    assert found.called.tolist() == [1, 0] and found.plain.tolist() == [3, 0]
