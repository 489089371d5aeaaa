"""Logging a contact from the student's page, and taking it back."""

from __future__ import annotations

import re

import pytest
from support.alder_creek import LINH, MARIBEL, OKAFOR, SOFIA, TOWN, ZHAO, keep, roomy
from web.calling import Caller, Calling
from web.test_pages import NAMES, signed_in
from web.visitor import Visitor, shown

from ews.settings import Settings
from ews.web import pages

STUDENT = f"/students/{MARIBEL.student_id}"
SAID = {"on": "2025-11-14", "channel": "phone", "direction": "out", "whom": "family", "words": "Mornings."}


@pytest.fixture
def call(settings: Settings, calling: Calling) -> Caller:
    """The pages of the town, scored."""
    keep(roomy(settings), TOWN)
    return calling(pages.routes, of=settings)


@pytest.fixture
def okafor(call: Caller) -> Visitor:
    return signed_in(call, OKAFOR)


def test_ms_okafor_logs_a_call_and_takes_it_back(okafor: Visitor) -> None:
    back = okafor.send(f"{STUDENT}/contacts", STUDENT, form_id="a", back=STUDENT, place="contacts", **SAID)
    assert (back.status_code, back.headers["location"]) == (303, f"{STUDENT}#contacts")
    page = okafor("GET", STUDENT).text
    assert "Phone with the family" in shown(page) and "Mornings." in shown(page)
    entry = okafor("GET", f"{STUDENT}.json").json()["contacts"][0]
    assert (entry["who"], entry["words"]) == ("Denise Okafor", "Mornings.")
    row = next(
        r for r in okafor("GET", "/list.json?tab=all").json()["rows"] if r["student_id"] == "maribel-santos"
    )
    assert row["last_contact"] == {"who": "Denise Okafor", "on": "2025-11-14", "how": "phone"}
    undo = re.search(r'action="(/contacts/\d+/undo)"', page)
    assert undo
    okafor.send(undo[1], STUDENT, back=STUDENT)
    assert okafor("GET", f"{STUDENT}.json").json()["contacts"] == []


@pytest.mark.parametrize("words", NAMES)
def test_words_are_only_ever_text(okafor: Visitor, words: str) -> None:
    okafor.send(f"{STUDENT}/contacts", STUDENT, form_id="a", **SAID | {"words": words})
    page = okafor("GET", STUDENT).text
    assert "<script" not in page and " ".join(words.split()) in shown(page)


def test_the_name_stands_on_the_form_and_who_reads_it_beside_the_box(okafor: Visitor) -> None:
    form = re.search(r"<summary><span>Log a contact.*?</details>", okafor("GET", STUDENT).text, re.S)
    assert form and form[0].count(MARIBEL.name) >= 2
    assert "so can the family on request" in form[0]


@pytest.mark.parametrize("student", [SOFIA.student_id, "nobody"])
def test_a_strangers_student_is_a_page_that_is_not_there(okafor: Visitor, student: str) -> None:
    answer = okafor.send(f"/students/{student}/contacts", "/how", form_id="a", **SAID)
    assert answer.status_code == 404
    assert shown(answer.text) == shown(okafor("GET", "/students/nobody-at-all").text)


def test_a_day_that_is_none_is_told(okafor: Visitor) -> None:
    answer = okafor.send(f"{STUDENT}/contacts", STUDENT, **SAID | {"on": "soon"})
    assert answer.status_code == 400 and "on which day" in shown(answer.text)


def test_an_analyst_logs_nothing(call: Caller) -> None:
    zhao = signed_in(call, ZHAO)
    assert zhao.send(f"/students/{LINH.student_id}/contacts", "/how", **SAID).status_code == 403
    assert "Log a contact" not in zhao("GET", f"/students/{LINH.student_id}").text
