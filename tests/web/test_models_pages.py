"""The models' cards are for analysts and administrators; nothing a shadow says of anybody is there."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest
from support.alder_creek import ADMIN, BAPTISTE, FRIDAY, OKAFOR, TOWN, ZHAO, keep, roomy
from web.calling import NOW, Caller, Calling
from web.test_pages import signed_in
from web.visitor import shown

from ews.settings import Settings
from ews.store.tables import shadow_scores
from ews.support.watches import keep_watch
from ews.web import pages

TEST = {
    "year": 2025,
    "students": 5120,
    "positives": 10909,
    "calibration": {"error": 0.01, "low": 0.004, "verdict": "pass"},
    "measures": {
        "logistic": {"auc": 0.766, "recall_at_10": 0.32, "precision_at_10": 0.70, "brier": 0.135},
        "abc_rule": {"auc": 0.662, "recall_at_10": 0.23, "precision_at_10": 0.51},
    },
    "groups": {
        "new_students": {"students": 600, "base_rate": 0.3, "calibration_error": 0.021},
        "week 10": {"students": 5000, "base_rate": 0.2},
    },
}
CARD: dict[str, Any] = {
    "name": "attendance",
    "title": "Attendance",
    "predicts": "Absent on 10 % or more of the next 45 school days.",
    "why": "Who is away cannot learn.",
    "outcome": "attendance",
    "grades": [-1, 0, 12],
    "kind": "logistic",
    "kind_because": "LightGBM does not beat it.",
    "version": "attendance-2025-11-14-9228a342a3",
    "until": "2025-11-14",
    "provisional": True,
    "learned_from": {"fit": [2023, 2024], "calibrated_on": 2025, "students": 6853},
    "base_rate": 0.22,
    "censored_share": 0.04,
    "tests": [TEST],
    "features": ["absence_rate_year"],
    "parameters": {},
    "records": {"attendance": 3},
    "limits": ["It decides nothing about a student."],
    "fairness": "The audit has been run.",
    "reviewed": "2026-11",
    "body_sha256": "9228a342a3" * 6,
    "audit": {"verdict": "failed", "alarms": ["EL newcomer: missed help"], "groups": 12, "year": 2025},
    "signed_by": [
        {"role": "analyst", "name": "Ana Reyes"},
        {"role": "equity reviewer", "name": "Sam Okafor"},
    ],
    "promoted_on": "2025-11-17",
    "gate": [{"name": "abc_rule", "passed": True, "told": "recall at 10 % is +8.3 points"}],
}
WATCH = {
    "as_of": "2025-11-14",
    "colour": "red",
    "checks": [
        {
            "name": "calibration_attendance",
            "title": "Calibration of attendance on matured labels",
            "colour": "red",
            "told": "Said 0.200, happened 0.300.",
            "to_do": "Shift its intercept.",
        }
    ],
}


@pytest.fixture
def call(settings: Settings, calling: Calling, monkeypatch: pytest.MonkeyPatch) -> Caller:
    """The pages with one model in service."""
    found = calling(pages.routes, of=settings)
    bundles = {"attendance": SimpleNamespace(card=CARD)}
    monkeypatch.setattr(found.inside.models, "bundles", lambda: bundles)
    return found


@pytest.mark.parametrize("person", [ZHAO, BAPTISTE, ADMIN], ids=lambda one: one.role)
def test_analysts_and_administrators_see_the_models(call: Caller, person: Any) -> None:
    visitor = signed_in(call, person)
    assert "Attendance" in shown(visitor("GET", "/models").text)
    assert 'href="/models"' in visitor("GET", "/how").text


def test_a_counselor_is_told_where_to_read_instead(call: Caller) -> None:
    visitor = signed_in(call, OKAFOR)
    for path in (
        "/models",
        "/models.json",
        "/models/attendance",
        "/models/attendance.json",
        "/models/nothing",
    ):
        assert visitor("GET", path).status_code == 403, path
    assert "/how" in visitor("GET", "/models").text
    assert 'href="/models"' not in visitor("GET", "/how").text


IN_A_LINE = [
    f"{model} Found, of those to whom it happened {found} % Right, of those listed {right} %"
    f" AUC {auc} Brier {brier}"
    for model, found, right, auc, brier in (
        ("This model", 32, 70, "0.766", "0.135"),
        ("The ABC rule", 23, 51, "0.662", "–"),
    )
]
"""Each number with its title, which stands beside it on a phone, where the table's head is not seen."""


def test_a_card_tells_tests_groups_gate_audit_signers_and_what_is_found_since(call: Caller) -> None:
    with call.inside.store.begin() as tx:
        keep_watch(tx, FRIDAY, NOW, "red", WATCH)
    said = shown(signed_in(call, ZHAO)("GET", "/models/attendance").text)
    for words in ("Tested on 2024-25", *IN_A_LINE,
                  "New students 600 30 %", "Met Recall at 10 % is +8.3 points", "Failed", "EL newcomer",
                  "Ana Reyes (analyst) , Sam Okafor (equity reviewer)", "Act now Said 0.200",
                  "Provisional", "2022-23, 2023-24; calibrated on 2024-25"):  # fmt: skip
        assert words.replace(" ,", ",") in said.replace(" ,", ",").replace("\u00a0", " "), words
    assert "week 10" not in said.casefold()


def test_both_faces_say_the_same(call: Caller) -> None:
    visitor = signed_in(call, ZHAO)
    twin = visitor("GET", "/models/attendance.json").json()
    assert twin["line"]["version"] == CARD["version"] and twin["tests"][0]["measures"][0]["chosen"]
    assert visitor("GET", "/models.json").json()["models"][0]["name"] == "attendance"


def test_a_model_that_is_not_there_and_none_at_all_are_said(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = signed_in(call, ZHAO)
    assert visitor("GET", "/models/astrology").status_code == 404
    monkeypatch.setattr("ews.web.models_page.cards", lambda desk: {})
    assert "No model is in service" in shown(visitor("GET", "/models").text)
    assert "Nobody has watched yet" in shown(visitor("GET", "/models").text)


def test_what_a_shadow_says_of_a_student_stands_nowhere(settings: Settings, call: Caller) -> None:
    run = keep(roomy(settings), TOWN)
    with call.inside.store.begin() as tx:
        rows = [
            {"run_id": run.run_id, "student_id": one.student_id, "domain": "attendance",
             "probability": 0.123457, "model_version": "attendance-shadow-0000000000"}
            for one in TOWN
        ]  # fmt: skip
        tx.execute(shadow_scores.insert(), rows)
    visitor, bearer = signed_in(call, OKAFOR), call.bearer()
    paths = ["/list?tab=all", "/list.json?tab=all", "/how", f"/students/{TOWN[0].student_id}"]
    paths += [f"/students/{TOWN[0].student_id}.json"]
    said = [visitor("GET", path).text for path in paths]
    said += [signed_in(call, ZHAO)("GET", path).text for path in ("/models", "/models/attendance")]
    said += [call("GET", "/api/v1/scores", headers=bearer).text]
    for text in said:
        assert "0.1234" not in text and "attendance-shadow" not in text


def test_a_card_tells_what_serves_what_is_in_the_shadow_and_the_way_back(
    call: Caller, settings: Settings
) -> None:
    folder = settings.models / "attendance"
    folder.mkdir(parents=True)
    switches = [
        {"version": "attendance-1", "previous": None, "signed_by": ["Ana Reyes", "Sam Okafor"]},
        {
            "version": "attendance-2",
            "previous": "attendance-1",
            "signed_by": ["Ana Reyes"],
            "on": "2025-11-17",
        },
    ]
    refused = {
        "version": "attendance-3",
        "on": "2025-12-01",
        "signed_by": ["Ana Reyes"],
        "gates": [
            {"name": "calibration", "passed": False, "told": "calibration error 0.061 of at most 0.03"}
        ],
    }
    (folder / "history").write_text("".join(json.dumps(one) + "\n" for one in switches), encoding="utf-8")
    (folder / "refusals").write_text(json.dumps(refused) + "\n", encoding="utf-8")
    (folder / "current").write_text("attendance-2\n", encoding="utf-8")
    (folder / "shadow").write_text("attendance-3\n", encoding="utf-8")
    visitor = signed_in(call, ZHAO)
    said = shown(visitor("GET", "/models/attendance").text)
    for words in (
        "Serves attendance-2 Shadow attendance-3: refused by the gate",
        "ews rollback attendance puts attendance-1 back.",
        "Not met Calibration error 0.061 of at most 0.03.",
        "attendance-1 nothing not on record Ana Reyes, Sam Okafor",
    ):
        assert words in said, words
    (folder / "current").write_text("attendance-1\n", encoding="utf-8")
    told = visitor("GET", "/models/attendance.json").json()["promotion"]
    assert told["rolled_back"] and told["rolls_back_to"] is None
    assert "put back by a rollback" in visitor("GET", "/models/attendance").text
