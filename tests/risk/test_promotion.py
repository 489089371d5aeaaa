"""A model comes into service only through the gate, signed, whole; and there is one step back."""

from __future__ import annotations

import json
import os
import shutil
import stat
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from made_up import SIGNERS, Trained, a_year_later, definition, made_up, train_made_up

from ews.errors import GateRefused, NoModel, OurFault, UsageError
from ews.risk.bundle import bundles_in_service, version_in_service
from ews.risk.gate import gates
from ews.risk.probe import probe
from ews.risk.promotion import StaysOut, promote, rollback
from ews.risk.shadow_file import shadow_version
from ews.risk.signing import lacking, signatures
from ews.risk.tracking import open_tracking
from ews.risk.trial import otherwise_today
from ews.settings import Settings


def test_a_promotion_says_what_serves_by_whose_word_and_through_which_gates(trained_here: Settings) -> None:
    shutil.rmtree(trained_here.models)
    report = promote(trained_here, "attendance", signed_by=SIGNERS)
    assert report.previous is None and report.signed_by == list(SIGNERS)
    assert report.lines()[0] == f"attendance: {report.version} is in service."
    assert [gate.name for gate in report.gates] == [
        "abc_rule", "base_rate", "logistic", "calibration", "calibration_in_groups", "incumbent", "audit",
        "card", "schema", "latency", "signed",
    ]  # fmt: skip
    entry = json.loads((trained_here.models / "attendance" / "history").read_text())
    assert entry["version"] == report.version and entry["signed_by"] == list(SIGNERS)


def test_what_is_no_worse_than_what_serves_takes_its_place(trained_here: Settings) -> None:
    before = version_in_service(trained_here.models / "attendance")
    train_made_up(trained_here, ["attendance"], a_year_later())
    report = promote(trained_here, "attendance", signed_by=SIGNERS)
    told = {gate.name: gate.told for gate in report.gates}
    assert report.previous == before and not report.provisional
    assert told["incumbent_recall"].startswith("recall at 10 % against what serves, at least -1: 2026 +0.0")
    assert {"incumbent_brier", "incumbent_groups"} <= set(told)


def test_what_is_worse_than_what_serves_stays_a_shadow_and_changes_nothing(trained_here: Settings) -> None:
    folder = trained_here.models / "attendance"
    before = (folder / "current").read_text(), (folder / "history").read_text()
    weaker = definition("attendance", features=("tardies_last_20", "missing_work", "week"))
    report = train_made_up(trained_here, ["attendance"], made_up(), {"attendance": weaker})[0]
    with pytest.raises(StaysOut, match="recall at 10 % against what serves") as refused:
        promote(trained_here, "attendance", signed_by=SIGNERS)
    assert refused.value.exit_code == 5
    assert ((folder / "current").read_text(), (folder / "history").read_text()) == before
    assert shadow_version(folder) == report.version
    lines = refused.value.lines()
    assert any(line.startswith("  passed") for line in lines)
    assert any("FAILED  Brier against what serves: 2025" in line for line in lines)


def test_a_shadow_that_comes_into_service_is_a_shadow_no_longer(trained_here: Settings) -> None:
    train_made_up(trained_here, ["attendance"], a_year_later())
    with pytest.raises(StaysOut, match="no equity reviewer signed"):
        promote(trained_here, "attendance", signed_by=["Ana Analyst"])
    folder = trained_here.models / "attendance"
    shadow = shadow_version(folder)
    report = promote(trained_here, "attendance", signed_by=SIGNERS)
    assert report.version == shadow and shadow_version(folder) is None


def test_a_candidate_that_was_not_compared_with_what_serves_is_refused(trained_here: Settings) -> None:
    train_made_up(trained_here, ["attendance"], a_year_later())
    tracking = open_tracking(trained_here)
    waiting = tracking.candidate("attendance").id
    train_made_up(trained_here, ["attendance"], made_up(years=(2023, 2024, 2025, 2026, 2027)))
    promote(trained_here, "attendance", signed_by=SIGNERS)
    with pytest.raises(StaysOut, match=r"not compared with attendance-.*which serves: train it again"):
        promote(trained_here, "attendance", run_id=waiting, signed_by=SIGNERS)


def test_what_serves_and_cannot_be_read_is_no_incumbent(trained_here: Settings) -> None:
    folder = trained_here.models / "attendance"
    serving = folder / str(version_in_service(folder))
    (serving / "model.txt").write_text("broken")
    train_made_up(trained_here, ["attendance"], a_year_later())
    report = promote(trained_here, "attendance", signed_by=SIGNERS)
    assert "nothing serves yet" in {gate.name: gate.told for gate in report.gates}["incumbent"]


def test_the_card_in_service_carries_signers_and_every_condition(trained_here: Settings) -> None:
    shutil.rmtree(trained_here.models)
    promote(trained_here, "grades", signed_by=("equity reviewer: Ed", "analyst: Ana"), on=date(2026, 6, 30))
    card = bundles_in_service(trained_here.models)["grades"].card
    assert card["signed_by"] == [
        {"role": "equity reviewer", "name": "Ed"},
        {"role": "analyst", "name": "Ana"},
    ]
    assert card["promoted_on"] == "2026-06-30"
    assert all(gate["passed"] for gate in card["gate"])
    run = open_tracking(trained_here).candidate("grades")
    assert json.loads((run.folder / "promoted" / "card.json").read_text()) == card


SIGNED = {
    "one person alone": (["Ana"], "no equity reviewer"),
    "an equity reviewer alone": (["equity: Ed"], "no analyst"),
    "one person twice": (["analyst: Ana Reyes", "equity reviewer: ana  reyes"], "the same person"),
    "two people": (["Ana", "Ed"], ""),
}


@pytest.mark.parametrize(("given", "wanting"), SIGNED.values(), ids=SIGNED)
def test_an_analyst_and_an_equity_reviewer_sign(given: list[str], wanting: str) -> None:
    assert (wanting in lacking(signatures(given))) if wanting else not lacking(signatures(given))


@pytest.mark.parametrize(
    "given", [["analyst: Ana", "analyst: Bo"], ["principal: Pat"], ["analyst:"], ["A", "B", "C"]]
)
def test_signatures_that_mean_nothing_are_a_usage_error(given: list[str]) -> None:
    with pytest.raises(UsageError):
        signatures(given)


def test_a_group_in_which_the_numbers_do_not_hold_is_named(trained: Trained) -> None:
    card = json.loads(json.dumps(trained.reports["attendance"].card))
    card["tests"][0]["calibration"] |= {"verdict": "pass"}
    card["tests"][0]["groups"]["grades 9-12"] |= {"happened": 80, "calibration_low": 0.061}
    refused = {gate.name: gate.told for gate in gates(card, {}) if not gate.passed}
    assert "grades 9-12 0.061" in refused["calibration_in_groups"]
    card["tests"][0]["calibration"] |= {"verdict": "too few to tell"}
    assert all(gate.passed for gate in gates(card, {}))


def test_a_failed_audit_keeps_a_model_out(trained: Trained) -> None:
    card = {**trained.reports["attendance"].card}
    card["audit"] = {"verdict": "failed", "alarms": ["EL newcomer: missed help"], "groups": 12, "year": 2025}
    refused = [gate.told for gate in gates(card, {}) if not gate.passed]
    assert refused == ["audit of 12 groups in 2025: failed (EL newcomer: missed help)"]


def test_a_feature_that_means_something_else_today_fails_the_schema(trained_here: Settings) -> None:
    bundle = bundles_in_service(trained_here.models)["grades"]
    features = dict(bundle.features)
    features["week"] = replace(features["week"], source="another table")
    features["shoe_size"] = replace(features["week"], name="shoe_size")
    assert otherwise_today(replace(bundle, features=features)) == ["week", "shoe_size"]
    assert otherwise_today(bundle) == []


def test_nobodys_signature_is_no_signature(trained_here: Settings) -> None:
    with pytest.raises(UsageError, match="Nobody signed"):
        promote(trained_here, "attendance", signed_by=[" "])


def test_a_model_that_was_never_trained_says_how_to_train_it(trained_here: Settings) -> None:
    with pytest.raises(UsageError, match="ews train astrology"):
        promote(trained_here, "astrology", signed_by=SIGNERS)


def test_overall_waits_for_the_versions_that_it_was_stacked_on(trained_here: Settings) -> None:
    shutil.rmtree(trained_here.models)
    with pytest.raises(GateRefused, match=r"stacked on attendance-.*in service is nothing"):
        promote(trained_here, "overall", signed_by=SIGNERS)
    assert bundles_in_service(trained_here.models) == {}


def test_a_model_no_better_than_the_rule_is_refused_with_its_numbers(trained: Trained) -> None:
    card = json.loads(json.dumps(trained.reports["attendance"].card))
    card["tests"][0]["recall_gain_over"]["abc_rule"] = {"point": -0.012, "low": -0.03, "high": 0.01}
    card["tests"][0]["calibration"] |= {"verdict": "fail", "error": 0.09, "low": 0.07}
    refused = {gate.name: gate.told for gate in gates(card, {}) if not gate.passed}
    assert refused["abc_rule"] == "recall at 10 % in 2025 is -1.2 points against the ABC rule (-3.0 to +1.0)"
    assert "lower bound 0.070 of at most 0.03" in refused["calibration"]


def test_a_card_that_does_not_say_enough_is_refused(trained: Trained) -> None:
    card = {**trained.reports["attendance"].card, "limits": []}
    assert [gate.told for gate in gates(card, {}) if not gate.passed] == ["the card lacks limits"]
    assert not gates({}, {})[0].passed


def test_a_damaged_candidate_is_refused_and_nothing_changes(trained: Trained, trained_here: Settings) -> None:
    before = version_in_service(trained_here.models / "attendance")
    for path in trained_here.mlruns.rglob("bundle/model.txt"):
        path.write_text(path.read_text() + " ")
    with pytest.raises(OurFault, match="checksum"):
        promote(trained_here, "attendance", signed_by=SIGNERS)
    assert version_in_service(trained_here.models / "attendance") == before


def test_rollback_puts_back_what_served_before_and_ends_at_the_first(trained_here: Settings) -> None:
    first = version_in_service(trained_here.models / "attendance")
    train_made_up(trained_here, ["attendance"], a_year_later())
    second = promote(trained_here, "attendance", signed_by=SIGNERS)
    assert second.previous == first != second.version
    assert rollback(trained_here, "attendance") == first
    assert bundles_in_service(trained_here.models)["attendance"].version == first
    with pytest.raises(NoModel, match="Nothing served before"):
        rollback(trained_here, "attendance")
    assert promote(trained_here, "attendance", signed_by=SIGNERS).version == second.version


def test_rollback_needs_no_tracking_store(trained_here: Settings) -> None:
    first = version_in_service(trained_here.models / "attendance")
    train_made_up(trained_here, ["attendance"], a_year_later())
    promote(trained_here, "attendance", signed_by=SIGNERS)
    shutil.rmtree(trained_here.mlruns)
    assert rollback(trained_here, "attendance") == first


def test_rollback_without_a_model_says_so(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(NoModel, match="No attendance is in service"):
        rollback(settings, "attendance")


def test_an_earlier_run_can_be_promoted_by_its_id(trained: Trained, trained_here: Settings) -> None:
    train_made_up(trained_here, ["attendance"], a_year_later())
    earlier = trained.reports["attendance"]
    report = promote(trained_here, "attendance", run_id=earlier.run_id, signed_by=SIGNERS)
    assert report.version == earlier.version


def test_promoting_what_serves_already_changes_nothing(trained_here: Settings) -> None:
    history = trained_here.models / "grades" / "history"
    before = history.read_text()
    report = promote(trained_here, "grades", signed_by=SIGNERS)
    assert report.lines()[0].endswith("is in service, as it was.")
    assert history.read_text() == before


def test_a_bundle_that_never_answers_fails_its_probe_in_time(
    trained_here: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    slow = tmp_path / "slow-python"
    slow.write_text("#!/bin/sh\nsleep 30\n")
    slow.chmod(slow.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setattr("sys.executable", os.fspath(slow))
    with pytest.raises(OurFault, match="did not answer within"):
        probe(trained_here.models / "grades", seconds=0.3)
