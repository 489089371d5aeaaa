"""What clients send wrongly is refused with the place and never with the value."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ews.web.answers import Refused
from ews.web.asks import MOST_STUDENTS, RecordsAsk, ScoreAsk, read_ask

MARA = "Mara Quispe-Ferreira 90417"
ROW = {"students": [{"student_id": MARA}], "enrollments": [{"student_id": MARA}]}


def refusal(kind: type[Any], body: Any) -> Refused:
    """Why ``body`` is refused."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(Refused) as refused:
        read_ask(kind, raw)
    return refused.value


def test_a_right_body_is_read() -> None:
    ask = read_ask(ScoreAsk, b'{"as_of": "2025-10-17", "student_ids": ["007", "8"]}')
    assert (ask.as_of.isoformat(), ask.student_ids) == ("2025-10-17", ["007", "8"])


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", MARA.encode()])
def test_a_body_that_is_no_json_is_malformed(body: bytes) -> None:
    refused = refusal(ScoreAsk, body)
    assert (refused.status, refused.error) == (400, "malformed")
    assert MARA not in json.dumps(refused.body)


WRONG: dict[str, tuple[Any, str]] = {
    "no object": ([MARA], "body"),
    "nothing": ({}, "as_of"),
    "a day that is none": ({"as_of": MARA, "student_ids": ["1"]}, "as_of"),
    "a moment in place of a day": ({"as_of": "2025-10-17T12:00", "student_ids": ["1"]}, "as_of"),
    "29 February in a common year": ({"as_of": "2025-02-29", "student_ids": ["1"]}, "as_of"),
    "a number in place of an id": ({"as_of": "2025-10-17", "student_ids": ["1", 90417]}, "student_ids.1"),
    "nobody asked about": ({"as_of": "2025-10-17", "student_ids": []}, "student_ids"),
    "an empty id": ({"as_of": "2025-10-17", "student_ids": [""]}, "student_ids.0"),
    "an id with a character that cannot be seen": (
        {"as_of": "2025-10-17", "student_ids": ["9\x00"]},
        "student_ids.0",
    ),
    "an id that is too long": ({"as_of": "2025-10-17", "student_ids": [MARA * 9]}, "student_ids.0"),
    "too many at once": ({"as_of": "2025-10-17", "student_ids": ["1"] * (MOST_STUDENTS + 1)}, "student_ids"),
    "a field that is not ours": (
        {"as_of": "2025-10-17", "student_ids": ["1"], MARA: MARA},
        "(unknown field)",
    ),
}


@pytest.mark.parametrize("title", WRONG)
def test_a_wrong_body_is_refused_with_its_place(title: str) -> None:
    body, where = WRONG[title]
    refused = refusal(ScoreAsk, body)
    assert (refused.status, refused.error) == (422, "invalid")
    assert refused.where is not None
    assert [place for place in refused.where if place.startswith(f"{where}: ")]
    said = json.dumps(refused.body)
    assert "Quispe" not in said
    assert "90417" not in said


WRONG_RECORDS: dict[str, tuple[Any, str]] = {
    "a table that is not in the contract": (ROW | {MARA: []}, "records"),
    "no enrollments": ({"students": ROW["students"]}, "records"),
    "a table that is no list": (ROW | {"attendance": {"a": MARA}}, "records.attendance"),
    "a row that is no object": (ROW | {"attendance": [MARA]}, "records.attendance.0"),
}


@pytest.mark.parametrize("title", WRONG_RECORDS)
def test_wrong_records_are_refused_with_their_place(title: str) -> None:
    records, where = WRONG_RECORDS[title]
    refused = refusal(RecordsAsk, {"as_of": "2025-10-17", "records": records})
    assert refused.status == 422
    assert refused.where is not None
    assert refused.where[0].startswith(f"{where}: ")
    assert "Quispe" not in json.dumps(refused.body)
