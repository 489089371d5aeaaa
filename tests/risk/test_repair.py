"""A model whose year turned out otherwise is shifted on matured labels, through the gate, and back again."""

from __future__ import annotations

import json
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from made_up import SIGNERS, train_made_up

from ews.errors import BadData
from ews.risk.bundle import Bundle, bundles_in_service
from ews.risk.logistic import sigmoid
from ews.risk.matured import said_now
from ews.risk.promotion import StaysOut, promote, rollback
from ews.risk.repair import log_odds_of, repair, shift_of
from ews.risk.tracking import BUNDLE, open_tracking
from ews.settings import Settings

FEBRUARY = date(2026, 2, 27)


def year_gone_otherwise(bundle: Bundle, students: int = 2500, by: float = 0.8, seed: int = 3) -> pd.DataFrame:
    """Stored scores of two weeks, and what then happened: more often than was said, by ``by`` log-odds."""
    chance = np.random.default_rng(seed)
    log_odds = chance.normal(-1.5, 1.0, students)
    happened = (chance.random(students) < sigmoid(log_odds + by)).astype(float)
    parts = [
        pd.DataFrame(
            {
                "student_id": [f"S{place:05d}" for place in range(students)],
                "as_of": day,
                "domain": bundle.name,
                "probability": sigmoid(log_odds),
                "model_version": bundle.version,
                "label": happened,
            }
        )
        for day in (date(2025, 10, 3), date(2025, 10, 17))
    ]
    return pd.concat(parts, ignore_index=True)


def test_the_shift_makes_the_average_what_happened() -> None:
    chance = np.random.default_rng(1)
    log_odds = chance.normal(size=4000)
    labels = (chance.random(4000) < sigmoid(log_odds - 0.7)).astype(float)
    shift = shift_of(log_odds, labels)
    assert shift == pytest.approx(-0.7, abs=0.1)
    assert sigmoid(log_odds + shift).mean() == pytest.approx(labels.mean(), abs=1e-6)


def test_a_repair_goes_through_the_gate_and_rollback_undoes_it(trained_here: Settings) -> None:
    before = bundles_in_service(trained_here.models)["attendance"]
    matured = year_gone_otherwise(before)
    made = repair(trained_here, before, matured, FEBRUARY)
    assert made.version != before.version and made.version.startswith("attendance-2026-02-27-")
    assert made.repaired["before"]["low"] > 0.03 > made.repaired["after"]["low"]
    report = promote(trained_here, "attendance", run_id=made.run_id, signed_by=SIGNERS)
    assert "repair" in {gate.name for gate in report.gates}
    after = bundles_in_service(trained_here.models)["attendance"]
    assert after.card["body_sha256"] != before.card["body_sha256"]
    assert after.card["repaired"]["from"] == before.version and after.card["tests"] == before.card["tests"]
    moved = after.model.calibration.intercept - before.model.calibration.intercept  # type: ignore[union-attr]
    assert moved == pytest.approx(made.repaired["shift"])
    assert rollback(trained_here, "attendance") == before.version


def test_a_repair_is_logged_with_its_numbers_and_without_a_student(trained_here: Settings) -> None:
    bundle = bundles_in_service(trained_here.models)["grades"]
    made = repair(trained_here, bundle, year_gone_otherwise(bundle), FEBRUARY)
    tracking = open_tracking(trained_here)
    run = tracking.client.get_run(made.run_id)
    assert run.data.metrics["repair.shift"] == made.repaired["shift"]
    assert run.data.params["repaired_from"] == bundle.version
    card = (tracking.candidate("grades", made.run_id).folder / BUNDLE / "card.json").read_text()
    assert "S00001" not in card and json.loads(card)["repaired"]["labels"] == 5000


def test_too_few_labels_are_refused_with_their_number(trained_here: Settings) -> None:
    bundle = bundles_in_service(trained_here.models)["grades"]
    with pytest.raises(BadData, match="400 labels of 200 students"):
        repair(trained_here, bundle, year_gone_otherwise(bundle, students=200), FEBRUARY)


def test_a_repair_that_does_not_bring_the_numbers_back_is_refused(trained_here: Settings) -> None:
    bundle = bundles_in_service(trained_here.models)["attendance"]
    matured = year_gone_otherwise(bundle)
    upside_down = matured.assign(label=(matured["probability"] < 0.2).astype(float))
    made = repair(trained_here, bundle, upside_down, FEBRUARY)
    with pytest.raises(StaysOut, match="matured labels it said"):
        promote(trained_here, "attendance", run_id=made.run_id, signed_by=SIGNERS)
    assert bundles_in_service(trained_here.models)["attendance"].version == bundle.version


def test_after_a_repair_earlier_scores_speak_for_it_and_overall_hears_it(trained_here: Settings) -> None:
    serving = bundles_in_service(trained_here.models)
    stored = stored_by_all(serving)
    assert said_now(serving, "overall", stored)["probability"].tolist() == (
        stored[stored["domain"] == "overall"]["probability"].tolist()
    )
    bundle = serving["attendance"]
    made = repair(trained_here, bundle, year_gone_otherwise(bundle), FEBRUARY)
    promote(trained_here, "attendance", run_id=made.run_id, signed_by=SIGNERS)
    now = bundles_in_service(trained_here.models)
    earlier = stored[stored["domain"] == "attendance"]
    would = said_now(now, "attendance", stored)
    assert np.allclose(log_odds_of(would), log_odds_of(earlier) + made.repaired["shift"])
    higher = said_now(now, "overall", stored).merge(
        stored[stored["domain"] == "overall"], on=["student_id", "as_of"], suffixes=("", "_stored")
    )
    assert len(higher) and (higher["probability"] > higher["probability_stored"]).all()


def test_a_repair_of_a_repair_remembers_both(trained_here: Settings) -> None:
    first = bundles_in_service(trained_here.models)["attendance"]
    made = repair(trained_here, first, year_gone_otherwise(first), FEBRUARY)
    promote(trained_here, "attendance", run_id=made.run_id, signed_by=SIGNERS)
    second = bundles_in_service(trained_here.models)["attendance"]
    later = FEBRUARY + timedelta(days=60)
    again = repair(trained_here, second, year_gone_otherwise(second, by=-0.4), later)
    assert again.repaired["original"] == first.version
    assert again.repaired["of"][first.version] == pytest.approx(
        made.repaired["shift"] + again.repaired["shift"], abs=1e-5
    )


def test_what_was_repaired_can_be_an_incumbent(trained_here: Settings) -> None:
    from made_up import a_year_later

    bundle = bundles_in_service(trained_here.models)["grades"]
    made = repair(trained_here, bundle, year_gone_otherwise(bundle), FEBRUARY)
    promote(trained_here, "grades", run_id=made.run_id, signed_by=SIGNERS)
    report = train_made_up(trained_here, ["grades"], a_year_later())[0]
    compared = report.card["tests"][0]["incumbent"]
    assert compared["version"] == made.version and compared["recall"]["point"] == 0.0


def stored_by_all(serving: dict[str, Bundle]) -> pd.DataFrame:
    """What all models said of a few students, as a run stores it."""
    from ews.risk.composite import Composite

    chance = np.random.default_rng(8)
    said = {name: chance.normal(-1, 1, 50) for name in ("attendance", "grades")}
    overall = serving["overall"].model
    assert isinstance(overall, Composite)
    said["overall"] = overall.log_odds(np.column_stack([said[name] for name in overall.domains]))
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "student_id": [f"S{place}" for place in range(50)],
                    "as_of": date(2025, 10, 3),
                    "domain": name,
                    "probability": sigmoid(log_odds),
                    "model_version": serving[name].version,
                }
            )
            for name, log_odds in said.items()
        ],
        ignore_index=True,
    )
