"""The audit hears a bias and keeps quiet where there is none, though base rates differ."""

from __future__ import annotations

import json

import numpy as np
import pytest
from audit_worlds import world

from ews.risk.evaluation import listed
from ews.risk.fairness import ENOUGH, Audit, audit_model


def audit(seed: int = 1, **more: object) -> Audit:
    rows, probability, groups = world(seed, **more)  # type: ignore[arg-type]
    return audit_model("attendance", 2025, rows, probability, groups, repeats=400)


def test_a_perfect_model_passes_though_its_raw_rates_differ_widely() -> None:
    found = audit()
    missed = {group.code: group.rates["false_negative_rate"].point for group in found.groups}
    assert missed["white"] > missed["black"] + 0.25, "one cut misses more where fewer are at risk"
    assert found.passed and found.verdict == "passed"


@pytest.mark.slow
def test_worlds_without_bias_seldom_raise_an_alarm() -> None:
    assert sum(not audit(seed, students=1500).passed for seed in range(40)) <= 4


def test_need_that_is_in_no_record_is_heard_as_missed_help() -> None:
    found = audit(unwritten=1.0, students=5000)
    assert not found.passed and found.verdict == "failed"
    assert ("missed_help", "black") in {(alarm.kind, alarm.group) for alarm in found.alarms}
    alarm = next(alarm for alarm in found.alarms if alarm.kind == "missed_help" and alarm.group == "black")
    assert alarm.size > 0.05 and 0 < alarm.low < alarm.size
    assert "Black" in alarm.told and "%" in alarm.told


def test_a_drift_that_all_groups_share_is_no_group_s_excess() -> None:
    rows, probability, groups = world(2, students=5000)
    odds = probability / (1 - probability) * np.exp(-0.4)
    found = audit_model("attendance", 2025, rows, odds / (1 + odds), groups, repeats=400)
    assert not [alarm for alarm in found.alarms if alarm.kind != "calibration"]


def test_a_calibration_that_fails_in_a_group_names_it() -> None:
    found = audit(unwritten=1.5, students=6000)
    assert "calibration" in {alarm.kind for alarm in found.alarms if alarm.group == "black"}


def test_the_rates_are_those_of_the_lists_everyone_else_is_judged_by() -> None:
    rows, probability, groups = world(3)
    found = audit_model("attendance", 2025, rows, probability, groups, repeats=400)
    boys = next(group for group in found.groups if group.code == "m")
    inside = groups.dimensions[1].of("m")
    chosen, labels = listed(probability, rows.lists, 0.10)[inside], rows.labels[inside]
    assert boys.rates["precision"].point == pytest.approx((chosen * labels).sum() / chosen.sum())
    assert boys.rates["false_negative_rate"].point == pytest.approx(
        1 - (chosen * labels).sum() / labels.sum()
    )
    assert boys.rates["base_rate"].low < labels.mean() < boys.rates["base_rate"].high


def test_with_fewer_than_75_positives_nothing_is_tested_and_that_is_said() -> None:
    found = audit(students=150)
    assert all(group.positives < ENOUGH and not group.tested for group in found.groups)
    assert found.verdict == "too few to tell" and found.passed


def test_a_hidden_group_tells_nothing_of_itself() -> None:
    rows, probability, groups = world(4, students=60)
    told = audit_model("attendance", 2025, rows, probability, groups, repeats=200).as_json()
    cells = [group for part in told["dimensions"].values() for group in part["groups"]]
    gone = [group for group in cells if group["hidden"]]
    assert gone and all(set(group) == {"group", "title", "hidden"} for group in gone)


def test_a_rate_on_fewer_than_eleven_students_is_not_told() -> None:
    rows, probability, groups = world(5, students=200)
    found = audit_model("attendance", 2025, rows, probability, groups, repeats=200)
    white = next(group for group in found.groups if group.code == "white")
    assert 0 < white.positives < 11
    assert not {"false_negative_rate", "base_rate", "calibration_gap"} & set(white.rates)
    assert white.as_json()["positives"] == "under 11" if not white.hidden else True


def test_the_audit_is_strict_json_and_holds_no_student() -> None:
    text = json.dumps(audit(students=800).as_json(), allow_nan=False)
    assert "S0" not in text


def test_the_same_rows_give_the_same_audit() -> None:
    assert audit(6, students=800).as_json() == audit(6, students=800).as_json()
