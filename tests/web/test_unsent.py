"""What was typed is never lost: a session that ended, a database that is held or gone, an old page."""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from html import unescape
from html.parser import HTMLParser
from typing import Any

import pytest
from sqlalchemy import delete, select, text
from starlette.responses import Response
from support.alder_creek import MARIBEL, OKAFOR, TOWN, keep, roomy
from web.calling import Caller, Calling
from web.test_pages import NAMES, signed_in
from web.visitor import OWN, PASSWORD, Visitor, give_account, shown, token_in

from ews.settings import Settings
from ews.store import open_store
from ews.store.tables import actions, sessions
from ews.web import pages
from ews.web.taking import done

STUDENT = f"/students/{MARIBEL.student_id}"
WORDS = "Her aunt picks up the phone.\nAsk <b>after</b> four & be kind."


class Fields(HTMLParser):
    """The last form of a page: where it goes, and what it would send."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action, self.said, self._open = "", {}, ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = dict(attributes)
        if tag == "form":
            self.action, self.said = told.get("action") or "", {}
        elif tag == "input" and told.get("name"):
            self.said[str(told["name"])] = told.get("value") or ""
        elif tag == "textarea":
            self._open = str(told["name"])
            self.said[self._open] = ""

    def handle_data(self, data: str) -> None:
        if self._open:
            self.said[self._open] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.said[self._open] = self.said[self._open].removeprefix("\n")
            self._open = ""


@pytest.fixture
def call(settings: Settings, calling: Calling, monkeypatch: pytest.MonkeyPatch) -> Caller:
    """The pages of the town, on a database that does not wait long for another writer."""
    monkeypatch.setattr("ews.store.store.WAIT", 50)
    keep(roomy(settings), TOWN)
    return calling(pages.routes, of=settings)


@pytest.fixture
def okafor(call: Caller) -> Visitor:
    give_account(call.inside.store, OKAFOR)
    return signed_in(call)


def note_form(visitor: Visitor, **more: str) -> dict[str, str]:
    """The note's form of the student's page, filled in."""
    fields = Fields(visitor("GET", STUDENT).text.split('class="write"')[0] + "<form>").said
    page = visitor("GET", STUDENT).text
    start = page.index(f'action="{STUDENT}/notes"')
    fields = Fields("<form " + page[start : page.index("</form>", start)]).said
    return fields | {"note": WORDS, "readers": "leaders"} | more


def notes(visitor: Visitor) -> list[tuple[str, str]]:
    return [(one["text"], one["readers"]) for one in visitor("GET", f"{STUDENT}.json").json()["notes"]]


def test_a_session_that_ends_in_the_middle_of_a_note_does_not_lose_it(
    okafor: Visitor, call: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    sent = note_form(okafor)
    with call.inside.store.begin() as tx:
        tx.execute(delete(sessions))
    asked = okafor("POST", f"{STUDENT}/notes", data=sent, headers=OWN)
    assert asked.status_code == 401
    assert "Your session had ended" in shown(asked.text) and MARIBEL.name in shown(asked.text)
    assert re.search(
        r'<p class="notice" role="status"><span>[^<]*<span[^<]*</span>[^<]*</span></p>', asked.text
    )
    wrong = okafor("POST", "/signin", headers=OWN, data=Fields(asked.text).said | {
        "user": OKAFOR.name, "password": "not it"})  # fmt: skip
    right = okafor("POST", "/signin", headers=OWN, data=Fields(wrong.text).said | {
        "user": OKAFOR.name, "password": PASSWORD})  # fmt: skip
    assert right.status_code == 200
    form = Fields(right.text)
    assert form.said["note"] == WORDS and MARIBEL.name in shown(right.text)
    back = okafor("POST", form.action, data=form.said, headers=OWN)
    assert (back.status_code, notes(okafor)) == (303, [(WORDS, "leaders")])
    said = caplog.text + asked.headers.get("location", "") + right.headers.get("location", "")
    assert "aunt" not in said


@contextmanager
def held(settings: Settings) -> Iterator[None]:
    """Somebody else writes into the database all the while."""
    with open_store(settings) as other, other.begin() as tx:
        if tx.dialect == "postgresql":
            tx.execute(text("LOCK TABLE actions IN ACCESS EXCLUSIVE MODE"))
        yield


def test_a_day_that_may_not_be_is_mended_on_the_page_that_keeps_the_rest(
    okafor: Visitor, call: Caller
) -> None:
    sent = {
        "form_id": "f",
        "form_token": note_form(okafor)["form_token"],
        "about": MARIBEL.name,
        "words": WORDS,
    }
    kept = okafor("POST", f"{STUDENT}/monitor", data=sent | {"review_on": "2031-01-01"}, headers=OWN)
    assert kept.status_code == 400 and "within the next six weeks" in shown(kept.text)
    assert 'type="date" id="review_on" name="review_on" value="2031-01-01"' in kept.text
    mended = okafor(
        "POST", f"{STUDENT}/monitor", data=Fields(kept.text).said | {"review_on": "2025-12-01"}, headers=OWN
    )
    assert mended.status_code == 303
    with call.inside.store.read() as tx:
        kept_now = tx.execute(select(actions.c.returns_on, actions.c.text)).one()
    assert tuple(kept_now) == (date(2025, 12, 1), WORDS)


def test_a_database_that_is_held_is_told_and_what_was_typed_stays(
    okafor: Visitor, settings: Settings
) -> None:
    sent = note_form(okafor)
    with held(settings):
        answer = okafor("POST", f"{STUDENT}/notes", data=sent, headers=OWN)
        assert answer.status_code == 503
        assert "does not answer just now" in shown(answer.text) and MARIBEL.name in shown(answer.text)
        assert str(settings.home) not in answer.text
    form = Fields(answer.text)
    for _ in range(2):  # a double click on the page that kept it
        assert okafor("POST", form.action, data=form.said, headers=OWN).status_code == 303
    assert notes(okafor) == [(WORDS, "leaders")]


def test_a_form_that_is_not_answered_in_time_stays_and_is_done_once(
    okafor: Visitor, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, goes_on, ended = note_form(okafor), threading.Event(), threading.Event()

    def late(*arguments: Any) -> Response:
        goes_on.wait(10)
        answer = done(*arguments)
        ended.set()
        return answer

    note = next(route for route in call.inside.addresses.routes if route.name == "take_note")
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr("ews.web.taking.done", late)
        meanwhile.setattr(note, "policy", replace(note.policy, seconds=0.3))
        answer = okafor("POST", f"{STUDENT}/notes", data=sent, headers=OWN)
        goes_on.set()
        assert ended.wait(10)
    assert answer.status_code == 503 and "done once" in shown(answer.text)
    form = Fields(answer.text)
    assert form.said["note"] == WORDS
    assert okafor("POST", form.action, data=form.said, headers=OWN).status_code == 303
    assert notes(okafor) == [(WORDS, "leaders")]


def test_who_is_asked_for_in_vain_is_told_in_time(
    okafor: Visitor, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def nobody_says(_: object) -> None:
        await asyncio.sleep(10)

    sent = note_form(okafor)
    note = next(route for route in call.inside.addresses.routes if route.name == "take_note")
    monkeypatch.setattr(note, "policy", replace(note.policy, seconds=0.05))
    monkeypatch.setattr(call.inside, "caller", nobody_says)
    answer = okafor("POST", f"{STUDENT}/notes", data=sent, headers=OWN)
    assert answer.status_code == 503 and Fields(answer.text).said["note"] == WORDS


def test_a_database_that_is_gone_is_told_and_what_was_typed_stays(
    okafor: Visitor, call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ews.errors import Unavailable

    def gone(*_: object) -> None:
        raise Unavailable("The database postgresql://ews@10.0.0.4/ews does not answer: refused.")

    sent = note_form(okafor)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(call.inside, "person_of", gone)
        answer = okafor("POST", f"{STUDENT}/notes", data=sent, headers=OWN)
        looked = okafor("GET", STUDENT)
    assert (answer.status_code, looked.status_code) == (503, 503)
    assert "10.0.0.4" not in answer.text + looked.text
    form = Fields(answer.text)
    assert form.said["note"] == WORDS
    assert okafor("POST", form.action, data=form.said, headers=OWN).status_code == 303
    assert notes(okafor) == [(WORDS, "leaders")]


def test_a_note_that_is_too_long_comes_back_whole(okafor: Visitor) -> None:
    answer = okafor("POST", f"{STUDENT}/notes", data=note_form(okafor, note="word " * 900), headers=OWN)
    assert answer.status_code == 400
    assert Fields(answer.text).said["note"].count("word") == 900


def test_a_page_open_since_before_the_last_signing_in_loses_nothing(okafor: Visitor, call: Caller) -> None:
    sent = note_form(okafor)
    again = signed_in(call)
    answer = again("POST", f"{STUDENT}/notes", data=sent, headers=OWN)
    assert answer.status_code == 403
    form = Fields(answer.text)
    assert again("POST", form.action, data=form.said, headers=OWN).status_code == 303
    assert notes(again) == [(WORDS, "leaders")]


def test_the_back_button_and_other_words_write_a_second_note(okafor: Visitor) -> None:
    sent = note_form(okafor)
    for words in (WORDS, WORDS, "And call her father."):
        okafor("POST", f"{STUDENT}/notes", data=sent | {"note": words}, headers=OWN)
    assert [text for text, _ in notes(okafor)] == ["And call her father.", WORDS]


def test_a_form_of_another_site_is_kept_by_nobody(okafor: Visitor, call: Caller) -> None:
    sent = note_form(okafor)
    okafor.cookies.clear()
    answer = okafor("POST", f"{STUDENT}/notes", data=sent, headers={"origin": "https://example.org"})
    assert answer.status_code == 401 and "aunt" not in answer.text
    answer = okafor("POST", "/signout", data={"form_token": "x"}, headers=OWN)
    assert "kept on this page" not in answer.text


@pytest.mark.parametrize("name", NAMES)
def test_whatever_was_typed_is_only_ever_text(okafor: Visitor, name: str) -> None:
    sent = note_form(okafor, note=name, about=name)
    okafor.cookies.clear()
    asked = okafor("POST", f"{STUDENT}/notes", data=sent, headers=OWN)
    again = okafor("POST", "/signin", headers=OWN, data=Fields(asked.text).said | {
        "user": OKAFOR.name, "password": PASSWORD})  # fmt: skip
    for page in (asked.text, again.text):
        assert "<script" not in page
    assert Fields(again.text).said["note"] == name
    assert name in unescape(again.text)


@pytest.mark.parametrize("kept", ["x", "[]", '["https://example.org/", []]', '["/list", [1]]', "null", "3"])
def test_a_kept_form_that_is_none_of_ours_is_left_aside(okafor: Visitor, kept: str) -> None:
    stranger = Visitor(okafor.call)
    token = token_in(stranger("GET", "/signin").text)
    answer = stranger("POST", "/signin", headers=OWN, data={
        "form_token": token, "user": OKAFOR.name, "password": PASSWORD, "kept": kept})  # fmt: skip
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
