"""Scoring for information systems: the batch's own numbers, whoever asks and whichever way."""

from __future__ import annotations

import json
import logging
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from calling import NOW, Caller
from databases import copied
from handing_over import rows_about

from ews.people.clients import add_client, issue_token
from ews.people.ledger import viewers
from ews.risk.bundle import bundles_in_service
from ews.risk.scoring import Score, explained_scores
from ews.settings import Settings
from ews.store import open_store
from ews.store.family_tables import disputes
from ews.store.tables import accounts
from ews.support.run_files import FEATURES, read_features
from ews.support.runs import run_of
from ews.web import api, asks, inside, oauth
from ews.web.inside import Inside
from ews.web.scoring import NOT_HERE

pytestmark = pytest.mark.slow

GRADES = (-1, 0, 3, 5, 6, 8, 9, 12)
SAME = ("domain", "status", "probability", "band", "data_coverage", "as_of", "model_version")


@pytest.fixture(scope="module")
def home(whole_way: Any, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The district that went the whole way, in a copy of its own: a scoring call writes into the ledger."""
    return copied(whole_way.settings, tmp_path_factory.mktemp("scoring") / "data")


@pytest.fixture(scope="module")
def day(whole_way: Any) -> date:
    return whole_way.as_of


@pytest.fixture(scope="module")
def call(home: Settings) -> Iterator[Caller]:
    """A caller of the service over that district."""
    opened = Inside(home, clock=lambda: NOW)
    opened.open([*oauth.addresses(opened), *api.addresses(opened)])
    yield Caller(opened)
    opened.close()


@pytest.fixture(scope="module")
def matrix(home: Settings, day: date) -> Any:
    """The features of that day's run."""
    with open_store(home) as store, store.read() as tx:
        run = run_of(tx, day)
    return read_features(home.home, run.run_id, run.files)


@pytest.fixture(scope="module")
def batch(home: Settings, matrix: Any) -> dict[str, dict[str, Score]]:
    """What the weekly run says of everyone."""
    return explained_scores(bundles_in_service(home.models), matrix, settings=home).by_student()


@pytest.fixture(scope="module")
def some(matrix: Any) -> list[str]:
    """Two students of each of several grades, elementary ones among them."""
    return [
        student
        for grade in GRADES
        for student in matrix.loc[matrix["grade_level"].eq(grade), "student_id"].head(2)
    ]


@pytest.fixture(scope="module")
def known(call: Caller) -> dict[str, str]:
    """The header of a client that may ask about every school."""
    return call.bearer()


def ask(call: Caller, headers: dict[str, str], day: date, students: list[str]) -> Any:
    """The answer of /score, which must be one."""
    answer = call("POST", "/score", headers=headers, json={"as_of": str(day), "student_ids": students})
    assert answer.status_code == 200, answer.text
    return answer.json()


def told(score: Score) -> dict[str, Any]:
    """A score of the batch in the fields in which the service must agree to the bit."""
    return {name: str(value) if isinstance(value := getattr(score, name), date) else value for name in SAME}


def agrees(entry: dict[str, Any], scores: dict[str, Score]) -> bool:
    """Whether a student's entry says exactly what the batch says."""
    said = [{name: score[name] for name in SAME} for score in entry["scores"]]
    return said == [told(score) for score in scores.values()]


def test_a_call_gives_the_runs_own_numbers_with_the_reasons(
    call: Caller, known: dict[str, str], day: date, some: list[str], batch: dict[str, dict[str, Score]]
) -> None:
    answer = ask(call, known, day, some)
    assert [entry["student_id"] for entry in answer["students"]] == some
    assert answer["run_id"].startswith(str(day))
    for entry in answer["students"]:
        scores = batch[entry["student_id"]]
        assert agrees(entry, scores)
        for said, score in zip(entry["scores"], scores.values(), strict=True):
            assert said["drivers"] == json.loads(json.dumps(score.drivers))
            assert said["data_through"] == str(score.data_through)
            assert said["run_id"] == answer["run_id"]
    spoken = [
        driver for entry in answer["students"] for score in entry["scores"] for driver in score["drivers"]
    ]
    assert spoken
    assert all({"code", "text", "direction", "contribution"} <= set(driver) for driver in spoken)


def test_a_student_alone_has_the_same_numbers_as_among_others(
    call: Caller, known: dict[str, str], day: date, some: list[str]
) -> None:
    together = ask(call, known, day, some)["students"]
    alone = [ask(call, known, day, [student])["students"][0] for student in some[:6]]
    assert alone == together[:6]


def test_an_unknown_student_and_one_of_another_school_look_the_same_and_the_others_are_answered(
    call: Caller, day: date, matrix: Any
) -> None:
    schools = sorted(set(matrix["school_id"]))
    mine, other = (matrix.loc[matrix["school_id"].eq(school), "student_id"].iloc[0] for school in schools[:2])
    answer = ask(call, call.bearer(schools=(schools[0],)), day, [other, mine, "nobody", mine])
    entries = {entry.pop("student_id"): entry for entry in answer["students"]}
    assert len(answer["students"]) == 3  # asked twice, answered once
    assert entries[other] == entries["nobody"] == NOT_HERE
    assert entries[mine]["school_id"] == schools[0]


def test_the_look_is_in_the_ledger_before_it_is_answered_and_names_only_who_was_shown(
    call: Caller, day: date, matrix: Any
) -> None:
    student = matrix["student_id"].iloc[10]
    with call.inside.store.read() as tx:
        before = viewers(tx, student, most=1000)
    ask(call, call.bearer(), day, [student, "nobody"])
    with call.inside.store.read() as tx:
        after = viewers(tx, student, most=1000)
        assert viewers(tx, "nobody") == []
    assert len(after) == len(before) + 1
    assert (after[0].action, after[0].reason) == ("score", "student information system")


def test_what_cannot_be_written_down_is_not_shown(
    call: Caller, known: dict[str, str], day: date, some: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full_disk(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("ews.web.scoring.record_view", full_disk)
    answer = call("POST", "/score", headers=known, json={"as_of": str(day), "student_ids": some[:1]})
    assert (answer.status_code, answer.json()["error"]) == (500, "internal")
    assert some[0] not in answer.text


def test_a_day_without_a_run_is_computed(
    call: Caller, known: dict[str, str], day: date, some: list[str]
) -> None:
    before = day - timedelta(days=2)
    answer = ask(call, known, before, [*some[:2], "nobody"])
    assert answer["run_id"] is None
    assert [entry.get("error") for entry in answer["students"]] == [None, None, "not_found"]
    assert {score["as_of"] for entry in answer["students"][:2] for score in entry["scores"]} == {str(before)}


def test_an_open_dispute_is_told_with_the_scores_on_both_ways_and_not_of_rows_handed_over(
    whole_way: Any, call: Caller, known: dict[str, str], day: date, some: list[str]
) -> None:
    with call.inside.store.begin() as tx:
        account = tx.execute(
            accounts.insert().values(
                name="c@x.example", role="counselor", school_ids=[], password_hash="", must_change=False,
                created_at=NOW,
            )
        ).inserted_primary_key[0]  # fmt: skip
        tx.execute(
            disputes.insert().values(
                student_id=some[0], kind="inference", about="overall", words="No.", raised_on=day,
                meet_by=day, account_id=account, at=NOW, form_id="f",
            )
        )  # fmt: skip
    for on in (day, day - timedelta(days=2)):
        first, second = ask(call, known, on, some[:2])["students"]
        assert (first["disputed"], first["disputed_since"]) == (True, str(day))
        assert (second["disputed"], second["disputed_since"]) == (False, None)
    rows = rows_about(whole_way.folder / "drop", some[:1])
    body = {"as_of": str(day), "attendance_coverage": rows.pop("attendance_coverage"), "records": rows}
    answer = call("POST", "/score_records", headers=known, json=body)
    assert answer.status_code == 200 and "disputed" not in answer.text


def test_a_day_that_has_not_come_is_refused(call: Caller, known: dict[str, str], some: list[str]) -> None:
    body = {"as_of": "2025-11-18", "student_ids": some[:1]}
    answer = call("POST", "/score", headers=known, json=body)
    assert (answer.status_code, answer.json()["where"]) == (422, ["as_of"])


def test_rows_handed_over_have_the_same_numbers_and_are_not_stored(
    whole_way: Any,
    call: Caller,
    known: dict[str, str],
    day: date,
    some: list[str],
    batch: dict[str, dict[str, Score]],
) -> None:
    rows = rows_about(whole_way.folder / "drop", some)
    coverage = rows.pop("attendance_coverage")
    body = {"as_of": str(day), "records": rows, "attendance_coverage": coverage}
    lake = sorted(path.name for path in call.inside.settings.lake.rglob("*"))
    answer = call("POST", "/score_records", headers=known, json=body)
    assert answer.status_code == 200, answer.text
    entries = answer.json()["students"]
    assert [entry["student_id"] for entry in entries] == sorted(some)
    for entry in entries:
        assert agrees(entry, batch[entry["student_id"]])
        for said, score in zip(entry["scores"], batch[entry["student_id"]].values(), strict=True):
            parts = {driver["code"]: driver["contribution"] for driver in said["drivers"]}
            assert parts == {driver["code"]: driver["contribution"] for driver in score.drivers}
    assert sorted(path.name for path in call.inside.settings.lake.rglob("*")) == lake


MARA = "Mara Quispe-Ferreira 90417"
STUDENT = {"students": [{"student_id": MARA}]}
ENROLLED = {"student_id": MARA, "school_id": "1", "entry_date": "2025-08-18", "school_year": 2026}
BAD_ROWS: dict[str, dict[str, Any]] = {
    "a day that is none": STUDENT | {"enrollments": [ENROLLED | {"entry_date": MARA}]},
    "a column that is not ours": STUDENT | {"enrollments": [ENROLLED | {MARA: "1"}]},
    "a required column is missing": STUDENT | {"enrollments": [{"student_id": MARA}]},
    "a number that is none": STUDENT | {"enrollments": [ENROLLED | {"fte": MARA}]},
}


@pytest.mark.parametrize("title", BAD_ROWS)
def test_a_row_that_cannot_be_read_is_refused_with_its_place(
    call: Caller, known: dict[str, str], day: date, title: str
) -> None:
    answer = call(
        "POST", "/score_records", headers=known, json={"as_of": str(day), "records": BAD_ROWS[title]}
    )
    assert answer.status_code == 422, answer.text
    assert "enrollments" in answer.json()["where"][0]
    assert "Quispe" not in answer.text


def test_long_calls_wait_their_turn_and_too_many_are_sent_away(
    call: Caller, known: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call.inside, "_places", threading.Semaphore(0))
    answer = call("POST", "/score_records", headers=known, content=b"{}")
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) == inside.WAIT_SECONDS


def test_a_run_whose_features_were_altered_is_not_answered_from(
    home: Settings, day: date, some: list[str], tmp_path: Path
) -> None:
    settings = copied(home, tmp_path / "data")
    for path in settings.home.glob(f"runs/*/{FEATURES}"):
        path.write_bytes(path.read_bytes()[:-1] + b"!")
    opened = Inside(settings, clock=lambda: NOW)
    opened.open(api.addresses(opened))
    caller = Caller(opened)
    body = {"as_of": str(day), "student_ids": some[:1]}
    answer = caller("POST", "/score", headers=caller.bearer(), json=body)
    opened.close()
    assert (answer.status_code, answer.json()["error"]) == (500, "internal")


def test_no_student_is_in_the_log(
    call: Caller,
    day: date,
    some: list[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(logging.getLogger("ews"), "propagate", True)
    with caplog.at_level(logging.DEBUG):
        ask(call, call.bearer(), day, some)
        body = {"as_of": str(day), "records": BAD_ROWS["a day that is none"]}
        call("POST", "/score_records", headers=call.bearer(), json=body)
    said = [record.getMessage() for record in caplog.records]
    assert [line for line in said if '"route": "/score"' in line]
    assert not [line for line in said if "Quispe" in line or any(student in line for student in some)]


def test_a_model_promoted_meanwhile_answers_the_next_call(
    home: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = tmp_path / "models"
    shutil.copytree(home.models, models)
    opened = Inside(replace(home, models=models), clock=lambda: NOW)
    monkeypatch.setattr("ews.web.models_in_service.LOOK_EVERY", -1.0)
    before = opened.models.versions()
    (models / "behavior" / "current").unlink()
    assert set(before) - set(opened.models.versions()) == {"behavior"}
    bundle = models / "grades" / before["grades"]
    (bundle / "model.txt").write_bytes((bundle / "model.txt").read_bytes() + b" ")
    (models / "grades" / "current").touch()
    assert opened.models.versions()["grades"] == before["grades"]  # the one in memory answers on
    assert opened.models.why == "A model in service could not be verified; the earlier ones answer."
    opened.close()


def test_at_most_a_thousand_at_once(call: Caller, known: dict[str, str], day: date) -> None:
    most = ask(call, known, day, [str(number) for number in range(asks.MOST_STUDENTS)])
    assert len(most["students"]) == asks.MOST_STUDENTS
    body = {"as_of": str(day), "student_ids": [str(number) for number in range(asks.MOST_STUDENTS + 1)]}
    assert call("POST", "/score", headers=known, json=body).status_code == 422


def test_a_client_added_on_the_command_line_may_ask_at_once(call: Caller, day: date, some: list[str]) -> None:
    with call.inside.store.begin() as tx:
        client = add_client(tx, "another", scopes=["scores.compute"], now=NOW)
        token = issue_token(tx, client.client_id, client.secret, now=NOW, minutes=5)
    answer = ask(call, {"authorization": f"Bearer {token.token}"}, day, some[:1])
    assert answer["students"][0]["student_id"] == some[0]
