"""`ews evaluate` leaves one page and one JSON, both in MLflow, whole or not at all; no student is in them."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from made_up import evaluated_made_up, made_up, past_made_up, settings_in
from places import ROOT

from ews.risk import evaluation_run
from ews.risk.drawings import NARROW, Line, Scale, lines_chart, percents, spread
from ews.risk.evaluation_report import page
from ews.risk.evaluation_words import more_data, numbers_hold, verdict
from ews.risk.tracking import open_tracking
from ews.settings import Settings

UNTIL = past_made_up(made_up(students=12)).until


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The JSON of an evaluation of made-up rows; a schoolless grade band is hidden in it."""
    return evaluated_made_up(settings_in(tmp_path_factory.mktemp("content")))


def test_a_page_stands_alone_and_names_no_student(content: dict[str, Any]) -> None:
    html = page(content)
    assert not re.findall(r"(?:https?:)?//[\w.-]+|<script|<link|src=", html)
    assert not re.findall(r"S\d{5}", html) and not re.findall(r"S\d{5}", json.dumps(content))
    assert html.index("The verdict") < html.index('id="attendance"') < html.index("What was missing")


def test_every_drawing_is_drawn_wide_and_narrow_is_read_out_and_has_its_table(
    content: dict[str, Any],
) -> None:
    html = page(content)
    figures = html.count('<figure class="sheet">')
    assert figures >= 7
    assert html.count('class="wide-drawing"') == html.count('class="narrow-drawing"') == figures
    assert html.count('role="img" aria-label="') == 2 * figures
    assert html.count("<summary>Show as a table</summary>") == figures


def test_the_page_says_the_numbers_of_the_json(content: dict[str, Any]) -> None:
    html = page(content)
    found = content["models"]["attendance"]
    recall = found["years"][0]["groups"]["everyone"]["measures"][found["kind"]]["recall_at_10"]
    told = f"{100 * recall['point']:.1f} ({100 * recall['low']:.1f} to {100 * recall['high']:.1f})"
    assert told in html
    assert f"held {100 * recall['point']:.0f};" in content["in_short"]["attendance"]["Beside the rules"]
    assert "2022 was not comparable" in html and content["not_evaluated"] == ["grades"]


def test_words_follow_the_interval() -> None:
    gain = {"point": 0.03, "low": 0.01, "high": 0.05}
    assert verdict({"recall_at_10": gain}) == "better by more than chance (+3.0 points, +1.0 to +5.0)"
    assert "chance could not make" in verdict({"recall_at_10": gain | {"low": -0.01}})
    assert verdict({"recall_at_10": {"point": -0.03, "low": -0.05, "high": -0.01}}).startswith("worse")
    assert verdict({}) == "too few to compare"


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.01, 0.03, "at most about as much again"),
        (-0.01, 0.03, "cannot be told"),
        (-0.01, 0.004, "buy little"),
    ],
)
def test_what_more_students_would_buy_is_never_more_than_the_last_doubling(
    low: float, high: float, words: str
) -> None:
    points = [
        {"students": 1000, "years": 2, "against_all": {"recall_at_10": told}}
        for told in ({"point": -0.01, "low": -high, "high": -low}, {"point": 0.0, "low": 0.0, "high": 0.0})
    ]
    assert words in more_data({"learning_curve": {"by_students": points, "by_years": []}})


def test_numbers_that_fail_are_told_as_an_order_without_percentages() -> None:
    told = {"verdict": "fail", "error": 0.08, "low": 0.06, "students": 5000}
    latest = {"groups": {"everyone": {"calibration": {"logistic": told}}}}
    assert "the order may be used, the percentages not" in numbers_hold(latest, "logistic")


def test_labels_at_the_ends_of_lines_never_touch() -> None:
    found = spread([100.0, 101.0, 102.0, 250.0], 26.0, 260.0)
    assert found == sorted(found) and min(b - a for a, b in pairwise(found)) >= 16
    assert max(spread([259.0, 260.0], 26.0, 260.0)) <= 260.0


def test_a_scale_holds_what_is_drawn_on_it() -> None:
    for low, high in ((0.0, 0.33), (0.21, 0.34), (-0.004, 0.001), (0.0, 1.0)):
        scale = percents(low, high, "share")
        assert scale.low <= low + 1e-9 and scale.high >= high - 1e-9 and 2 <= len(scale.ticks) <= 8


def test_a_drawing_escapes_what_it_is_told() -> None:
    across = Scale(0, 1, [0, 1], str, "<x>")
    drawn = lines_chart([Line("a & b", "model", [(0, 0), (1, 1)])], across, across, width=NARROW, says='"<')
    assert "a &amp; b" in drawn and "&lt;x&gt;" in drawn and "<x>" not in drawn


def test_a_run_keeps_both_files_and_the_points(
    empty_store: Settings, tmp_path: Path, content: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluation_run, "evaluate", lambda *held: content)
    done = evaluation_run.run_evaluation(
        empty_store, [], UNTIL, out=tmp_path / "out", tell=lambda *step: None
    )
    run = open_tracking(empty_store).client.get_run(done.run_id)
    assert (
        run.info.status == "FINISHED"
        and run.data.params["kind.attendance"] == content["models"]["attendance"]["kind"]
    )
    assert "attendance.abc_rule.recall_at_10" in run.data.metrics
    kept = empty_store.mlruns / "artifacts" / done.run_id / "artifacts" / "report"
    names = [f"evaluation-{UNTIL}.html", f"evaluation-{UNTIL}.json"]
    assert [path.name for path in done.files] == sorted(path.name for path in kept.iterdir()) == names
    assert json.loads(done.files[1].read_text()) == content
    assert (kept / names[0]).read_bytes() == done.files[0].read_bytes()
    lines = list(done.lines())
    assert lines[0] == "attendance" and any(line.startswith("written: ") for line in lines)


def test_an_interrupted_evaluation_leaves_no_file_and_a_failed_run_and_the_next_begins_anew(
    empty_store: Settings, tmp_path: Path, content: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"

    def stopped(*held: Any) -> dict[str, Any]:
        raise KeyboardInterrupt

    monkeypatch.setattr(evaluation_run, "evaluate", stopped)
    with pytest.raises(KeyboardInterrupt):
        evaluation_run.run_evaluation(empty_store, [], UNTIL, out=out, tell=lambda *step: None)
    assert not out.exists()
    monkeypatch.setattr(evaluation_run, "evaluate", lambda *held: content)
    done = evaluation_run.run_evaluation(empty_store, [], UNTIL, out=out, tell=lambda *step: None)
    client = open_tracking(empty_store).client
    experiment = client.get_experiment_by_name("evaluation").experiment_id
    statuses = {run.info.run_id: run.info.status for run in client.search_runs([experiment])}
    assert statuses.pop(done.run_id) == "FINISHED" and list(statuses.values()) == ["FAILED"]


@pytest.mark.slow
def test_the_whole_district_is_evaluated_by_one_command(whole_way: Any, tmp_path: Path) -> None:
    import os
    import subprocess
    import sys

    out = tmp_path / "report"
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "ews",
            "evaluate",
            "attendance",
            "--until",
            "2025-11-14",
            "--out",
            out,
            "--json",
        ],
        env={name: value for name, value in os.environ.items() if not name.startswith("EWS_")}
        | whole_way.environment()
        | {"EWS_MLRUNS": str(tmp_path / "mlruns")},
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    found = told["models"]["attendance"]
    latest = found["years"][0]
    assert latest["year"] == 2025 and latest["learned_from"] == [2023] and latest["calibrated_on"] == 2024
    measures = latest["groups"]["everyone"]["measures"]
    assert measures[found["kind"]]["auc"]["point"] > measures["abc_rule"]["auc"]["point"] > 0.5
    lead = found["lead_time"]["at_capacity"]
    assert (lead["first_week"], lead["last_week"]) == (3, 34)
    assert lead["with_18_absences"]["before_18th"]["model"]["weeks"]["median"] > 0
    assert sorted(path.name for path in out.iterdir()) == [
        "evaluation-2025-11-14.html",
        "evaluation-2025-11-14.json",
    ]
    students = {row["student_id"] for row in whole_students(whole_way)}
    text = (out / "evaluation-2025-11-14.html").read_text() + done.stdout
    assert students and not [one for one in students if re.search(rf"\b{re.escape(one)}\b", text)]


def whole_students(whole_way: Any) -> list[dict[str, str]]:
    import csv

    with (whole_way.folder / "drop" / "students.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_a_year_left_out_by_the_district_is_not_learned_from(whole_way: Any) -> None:
    from dataclasses import replace

    from ews.records.lake import open_lake
    from ews.risk.definition import definitions
    from ews.risk.rows import past

    chosen = replace(whole_way.settings, choices={**whole_way.settings.choices, "years.left_out": [2024]})
    weekly = [replace(definitions(ROOT / "training", ["attendance"])[0], snapshot_weeks=(8,))]
    assert past(open_lake(chosen), weekly, chosen, whole_way.as_of).years == (2023, 2025)
