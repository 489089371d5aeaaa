"""A model comes into service only through the gate, signed, whole; and there is one step back."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path

import pytest
from made_up import Trained, made_up, train_made_up

from ews.errors import GateRefused, NoModel, OurFault, UsageError
from ews.risk.bundle import bundles_in_service, version_in_service
from ews.risk.gate import gates
from ews.risk.probe import probe
from ews.risk.promotion import promote, rollback
from ews.settings import Settings


def test_a_promotion_says_what_serves_by_whose_word_and_through_which_gates(trained_here: Settings) -> None:
    shutil.rmtree(trained_here.models)
    report = promote(trained_here, "attendance", signed_by=["Ana Analyst"])
    assert report.previous is None and report.signed_by == ["Ana Analyst"]
    assert report.lines()[0] == f"attendance: {report.version} is in service."
    assert [gate.name for gate in report.gates] == ["abc_rule", "base_rate", "calibration", "card"]
    entry = json.loads((trained_here.models / "attendance" / "history").read_text())
    assert entry["version"] == report.version and entry["signed_by"] == ["Ana Analyst"]


def test_nobodys_signature_is_no_signature(trained_here: Settings) -> None:
    with pytest.raises(UsageError, match="Nobody signed"):
        promote(trained_here, "attendance", signed_by=[" "])


def test_a_model_that_was_never_trained_says_how_to_train_it(trained_here: Settings) -> None:
    with pytest.raises(UsageError, match="ews train astrology"):
        promote(trained_here, "astrology", signed_by=["Ana"])


def test_overall_waits_for_the_versions_that_it_was_stacked_on(trained_here: Settings) -> None:
    shutil.rmtree(trained_here.models)
    with pytest.raises(GateRefused, match=r"stacked on attendance-.*in service is nothing"):
        promote(trained_here, "overall", signed_by=["Ana"])
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
        promote(trained_here, "attendance", signed_by=["Ana"])
    assert version_in_service(trained_here.models / "attendance") == before


def test_rollback_puts_back_what_served_before_and_ends_at_the_first(trained_here: Settings) -> None:
    first = version_in_service(trained_here.models / "attendance")
    train_made_up(trained_here, ["attendance"], made_up(seed=8))
    second = promote(trained_here, "attendance", signed_by=["Ana"])
    assert second.previous == first != second.version
    assert rollback(trained_here, "attendance") == first
    assert bundles_in_service(trained_here.models)["attendance"].version == first
    with pytest.raises(NoModel, match="Nothing served before"):
        rollback(trained_here, "attendance")
    assert promote(trained_here, "attendance", signed_by=["Ana"]).version == second.version


def test_rollback_needs_no_tracking_store(trained_here: Settings) -> None:
    first = version_in_service(trained_here.models / "attendance")
    train_made_up(trained_here, ["attendance"], made_up(seed=8))
    promote(trained_here, "attendance", signed_by=["Ana"])
    shutil.rmtree(trained_here.mlruns)
    assert rollback(trained_here, "attendance") == first


def test_rollback_without_a_model_says_so(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(NoModel, match="No attendance is in service"):
        rollback(settings, "attendance")


def test_an_earlier_run_can_be_promoted_by_its_id(trained: Trained, trained_here: Settings) -> None:
    train_made_up(trained_here, ["attendance"], made_up(seed=8))
    earlier = trained.reports["attendance"]
    report = promote(trained_here, "attendance", run_id=earlier.run_id, signed_by=["Ana"])
    assert report.version == earlier.version


def test_promoting_what_serves_already_changes_nothing(trained_here: Settings) -> None:
    history = trained_here.models / "grades" / "history"
    before = history.read_text()
    report = promote(trained_here, "grades", signed_by=["Ana"])
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
