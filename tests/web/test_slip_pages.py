"""Call slips on the pages: boxes to tick, slips to print, one entry afterwards."""

from __future__ import annotations

import re

import pytest
from support.alder_creek import BAPTISTE, LINH, MARIBEL, OKAFOR, SOFIA, TOWN, ZHAO, Person, keep, roomy
from support.in_class import CRUZ, seat_the_town
from web.calling import Caller, Calling
from web.test_pages import NAMES, signed_in
from web.visitor import OWN, Visitor, shown, token_in

from ews.settings import Settings
from ews.web import pages

GROUP = [MARIBEL.student_id, LINH.student_id]
CALL = {"on": "2025-11-18", "period": "3", "clock": "10:20", "place": "Counseling office", "form_id": "c"}
CAME = {"on": "2025-11-17", "channel": "in_person", "direction": "out", "whom": "student", "words": "Spring."}


@pytest.fixture
def call(settings: Settings, calling: Calling, monkeypatch: pytest.MonkeyPatch) -> Caller:
    """The pages of the town in class."""
    seat_the_town(monkeypatch)
    keep(roomy(settings), TOWN)
    return calling(pages.routes, of=settings)


@pytest.fixture
def okafor(call: Caller) -> Visitor:
    return signed_in(call, OKAFOR)


def send(
    visitor: Visitor, path: str, students: list[str], said: dict[str, str], form_on: str = "/slips"
) -> str:
    """The form with several boxes ticked; where the browser goes."""
    token = token_in(visitor("GET", form_on).text)
    sent = said | {"form_token": token, "student": students}
    answer = visitor("POST", path, data=sent, headers=OWN)
    return str(answer.headers.get("location", answer.status_code))


def test_a_group_is_called_and_logged_in_one_entry(okafor: Visitor) -> None:
    page = send(okafor, "/slips", GROUP, CALL)
    slips = okafor("GET", page).text
    told = shown(slips)
    assert slips.count('class="slip"') == 2
    assert "Room B12 , Imelda Cruz" in told and "10:20" in told and "Algebra" not in slips
    assert send(okafor, f"{page}/log", GROUP, CAME | {"form_id": "l", "back": page}, page) == page
    assert "Logged as one contact" in okafor("GET", page).text
    entry = okafor("GET", f"/students/{LINH.student_id}.json").json()["contacts"][0]
    assert (entry["together"], entry["words"], entry["whom"]) == (2, "Spring.", "student")
    twin = okafor("GET", "/slips.json").json()
    assert [(one["students"], one["logged_on"]) for one in twin["earlier"]] == [(2, "2025-11-17")]


def test_ticks_survive_the_search_and_slips_that_were_not_made(okafor: Visitor) -> None:
    token = token_in(okafor("GET", "/slips").text)
    sent = CALL | {"form_token": token, "student": [MARIBEL.student_id], "ids": "a-1", "name": "linh"}
    for path, more, status in (("/slips/find", {}, 200), ("/slips", {"place": " "}, 400)):
        page = okafor("POST", path, data=sent | more, headers=OWN)
        assert page.status_code == status, shown(page.text)
        assert f'value="{MARIBEL.student_id}" checked' in page.text
        assert f'value="{LINH.student_id}">' in page.text and 'value="10:20"' in page.text
        assert "a-1</textarea>" in page.text and "<option selected>3</option>" in page.text
    assert "do not say where to go" in page.text


def test_ids_may_be_written_instead(okafor: Visitor) -> None:
    page = send(okafor, "/slips", [], CALL | {"ids": f"{MARIBEL.student_id}\r\n\r\n {LINH.student_id} "})
    assert len(okafor("GET", f"{page}.json").json()["slips"]) == 2


def test_the_words_of_a_slip_give_no_reason(okafor: Visitor) -> None:
    page = okafor("GET", send(okafor, "/slips", GROUP, CALL)).text
    slips = page[page.index('<ul class="slips">') : page.index("</ul>", page.index('<ul class="slips">'))]
    for word in ("See first", "Missed", "attendance", "Tier", "Band", "marks"):
        assert word not in slips


def test_a_strangers_student_and_nobody_are_one_sentence_over_what_was_typed(okafor: Visitor) -> None:
    token = token_in(okafor("GET", "/slips").text)
    told = []
    for student in (SOFIA.student_id, "nobody"):
        typed = {"student": [MARIBEL.student_id], "ids": f"{LINH.student_id}\n{student}", "place": "Room 4"}
        answer = okafor("POST", "/slips", data=CALL | typed | {"form_token": token}, headers=OWN)
        assert answer.status_code == 400 and "not among your students" in shown(answer.text)
        assert f"{LINH.student_id}\n{student}</textarea>" in answer.text and 'value="Room 4"' in answer.text
        assert f'value="{MARIBEL.student_id}" checked' in answer.text and SOFIA.name not in answer.text
        told.append(re.sub(r'name="form_id" value="[^"]*"', "", answer.text.replace(student, "")))
    assert told[0] == told[1]
    assert okafor("GET", "/slips/4711").status_code == 404


def test_anothers_group_and_none_look_alike(call: Caller, okafor: Visitor) -> None:
    page = send(okafor, "/slips", GROUP, CALL)
    baptiste = signed_in(call, BAPTISTE)
    assert shown(baptiste("GET", page).text) == shown(baptiste("GET", "/slips/4711").text)
    for who in (ZHAO, CRUZ):
        assert signed_in(call, who)("GET", "/slips").status_code == 403


def test_nobody_ticked_is_told(okafor: Visitor) -> None:
    assert send(okafor, "/slips", [], CALL) == "400"


@pytest.mark.parametrize("address", ["/slips?grade=9&name=sant", "/slips?grade=x", "/slips?grade=-1"])
def test_the_address_narrows_the_choice(okafor: Visitor, address: str) -> None:
    answer = okafor("GET", address)
    assert answer.status_code == 200


def test_odd_names_are_only_ever_text(
    settings: Settings, calling: Calling, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat_the_town(monkeypatch)
    odd = [Person(name, MARIBEL.p) for name in NAMES]
    keep(roomy(settings), odd)
    okafor = signed_in(calling(pages.routes, of=settings))
    page = send(okafor, "/slips", [one.student_id for one in odd], CALL | {"place": NAMES[0]})
    for address in ("/slips", page):
        text = okafor("GET", address).text
        assert "<script" not in text
        assert all(" ".join(name.split()) in shown(text) for name in NAMES)
