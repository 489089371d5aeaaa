"""Lead time: by every week both have named equally many students in each school."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from ews.risk.lead_time import NEVER, lead_time, named_at_pace, quartiles

WEEKS = range(3, 13)


def school_year(students: int = 200, schools: int = 2) -> pd.DataFrame:
    """A quarter of each school misses more from week 6 on; the rule sees it once a tenth is missed."""
    rows = []
    for week in WEEKS:
        for number in range(students):
            fades = number // 2 % 4 == 0
            missed = max(0, week - 5) * 1.6 if fades else 0.1 * (number % 3)
            rows.append(
                {
                    "student_id": f"S{number:03d}",
                    "school_id": f"school-{number % schools}",
                    "week": week,
                    "absence_rate_year": missed / (5 * week),
                    "fact_absent_days_year": missed * 2.0,
                    "incidents_last_45": 0.0,
                    "suspensions_year": 0.0,
                    "fs_now": 0.0,
                }
            )
    return pd.DataFrame(rows)


def fading(weekly: pd.DataFrame) -> np.ndarray:
    """Who fades, as if a model knew it from the first week."""
    return weekly["student_id"].isin(WITH_IT).to_numpy(dtype=float)


WITH_IT = [f"S{number:03d}" for number in range(200) if number // 2 % 4 == 0]


@pytest.mark.parametrize("pace", ["list", "rule"])
def test_a_model_that_knows_sooner_leads_and_uses_no_more_names(pace: str) -> None:
    weekly = school_year()
    found = lead_time(weekly, fading(weekly), WITH_IT, paced_by=pace)
    told = found["with_the_outcome"]
    assert told["students"] == 50 and told["never_named"]["model"] <= told["never_named"]["rule"]
    assert told["earlier_by"]["model"] >= told["earlier_by"]["rule"]
    assert found["named_with_the_outcome"]["model"] >= found["named_with_the_outcome"]["rule"]


def test_the_rule_against_itself_has_no_lead_at_all() -> None:
    weekly = school_year()
    found = lead_time(weekly, weekly["absence_rate_year"].to_numpy(), WITH_IT, paced_by="list")
    told = found["with_the_outcome"]["weeks_over_rule"]
    assert (told["median"], told["mean"]) == (0.0, 0.0)


def test_in_each_school_and_week_both_name_equally_many() -> None:
    weekly = school_year()
    student, names = pd.factorize(weekly["student_id"], sort=True)
    school = pd.factorize(weekly["school_id"])[0]
    week = weekly["week"].to_numpy()
    rule = np.where(np.arange(len(names)) % 3 == 0, 3 + np.arange(len(names)) % 10, NEVER)
    model = named_at_pace(student, week, school, np.random.default_rng(1).random(len(week)), rule)
    where = school[: len(names)]
    for place in (0, 1):
        for now in WEEKS:
            counts = [np.sum(first[where == place] == now) for first in (rule, model)]
            assert counts[0] == counts[1], (place, now)


def test_weeks_before_the_18th_absence_are_told_for_both() -> None:
    weekly = school_year()
    found = lead_time(weekly, fading(weekly), WITH_IT, paced_by="rule")["with_18_absences"]
    assert found["students"] == 50
    model, rule = (found["before_18th"][name] for name in ("model", "rule"))
    assert model["weeks"]["median"] >= rule["weeks"]["median"] > 0
    assert model["share_before"] == 1.0


def test_ten_students_are_too_few_to_tell_of() -> None:
    weekly = school_year()
    found = lead_time(weekly, fading(weekly), WITH_IT[:10])
    assert found["with_the_outcome"] == {"students": None} and found["by_week"] == []
    assert found["named_with_the_outcome"] == {"model": None, "rule": None}
    assert quartiles(np.arange(10.0), np.ones((5, 10))) == {}
