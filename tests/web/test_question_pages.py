"""Asking all teachers of a student, answering, and reading the answers together, on the pages."""

from __future__ import annotations

import re

import pytest
from support.alder_creek import BAPTISTE, DIAZ, MARIBEL, OKAFOR, SOFIA, TOWN, ZHAO, keep, roomy
from support.in_class import AYALA, BELL, CRUZ, seat_the_town
from web.calling import Caller, Calling
from web.test_meeting_pages import call_meeting
from web.test_pages import NAMES, signed_in
from web.visitor import Visitor, shown

from ews.settings import Settings
from ews.web import pages

STUDENT = f"/students/{MARIBEL.student_id}"
WORDS = "What changed in October?"


@pytest.fixture
def call(settings: Settings, calling: Calling, monkeypatch: pytest.MonkeyPatch) -> Caller:
    """The pages of the town in class."""
    seat_the_town(monkeypatch)
    keep(roomy(settings), TOWN)
    return calling(pages.routes, of=settings)


@pytest.fixture
def okafor(call: Caller) -> Visitor:
    return signed_in(call, OKAFOR)


def asks(okafor: Visitor, words: str = WORDS) -> str:
    """Ms. Okafor asks about Maribel; the address of the answers."""
    back = okafor.send(f"{STUDENT}/ask", f"{STUDENT}/ask", form_id="q", question=words, due_on="2025-11-20")
    assert back.status_code == 303
    return str(back.headers["location"])


def test_a_question_goes_to_both_and_their_answers_gather(call: Caller, okafor: Visitor) -> None:
    form = shown(okafor("GET", f"{STUDENT}/ask").text)
    assert "Imelda Cruz Algebra 1, period 3" in form and "Tom Bell English 9, period 5" in form
    assert form.count(MARIBEL.name) >= 3 and "nothing else of the record" in form
    page = asks(okafor)
    cruz = signed_in(call, CRUZ)
    assert "Asked of me: 1" in shown(cruz("GET", "/asked").text)
    number = page.rsplit("/", 1)[1]
    words = "Quiet since\nthe seat change."
    back = cruz.send(f"/asked/{number}", "/asked", form_id="a", answer=words, back="/asked")
    assert back.headers["location"] == "/asked"
    told = shown(okafor("GET", page).text)
    assert "1 of 2 answered" in told and "Quiet since the seat change." in told and "No answer yet" in told
    assert "Quiet since the seat change." in shown(okafor("GET", STUDENT).text)
    assert "Quiet since the seat change." in shown(signed_in(call, BAPTISTE)("GET", page).text)
    okafor.send(f"{page}/remind", page, back=page)
    assert "reminded 17 Nov" in shown(okafor("GET", page).text)
    assert "reminded 17 Nov" in shown(signed_in(call, BELL)("GET", "/asked").text)


def test_a_teacher_names_a_student_from_the_page_where_they_know_more_than_it(call: Caller) -> None:
    page = signed_in(call, CRUZ)("GET", STUDENT)
    assert f'href="{STUDENT}/nominate"' in page.text
    assert "What do you know that" not in page.text and "Nobody has named" not in shown(page.text)


def test_a_teacher_learns_the_name_and_the_question_alone(call: Caller, okafor: Visitor) -> None:
    page = asks(okafor)
    bell = signed_in(call, BELL)
    twin = bell("GET", "/asked.json").json()["waiting"][0]
    assert set(twin) == {
        "question_id", "display_name", "course", "period", "text", "asked_by", "asked_at", "due_on",
        "days_left", "reminded_on", "answer", "answered_at", "open",
    }  # fmt: skip
    told = shown(bell("GET", "/asked").text)
    assert "See first" not in told and "Missed" not in told and MARIBEL.student_id not in told
    for address in (page, f"{page}.json", "/questions", f"{STUDENT}/ask"):
        assert bell("GET", address).status_code == 403


def test_the_page_of_all_questions_has_the_open_ones(okafor: Visitor) -> None:
    assert "No question is waiting" in okafor("GET", "/questions").text
    page = asks(okafor)
    twin = okafor("GET", "/questions.json").json()
    assert [one["text"] for one in twin["open"]] == [WORDS]
    okafor.send(f"{page}/undo", page, back="/questions")
    assert okafor("GET", "/questions.json").json() == {"open": [], "closed": []}
    assert okafor("GET", page).status_code == 404


@pytest.mark.parametrize("student", [SOFIA.student_id, "nobody"])
def test_a_strangers_student_is_a_page_that_is_not_there(okafor: Visitor, student: str) -> None:
    there = okafor("GET", f"/students/{student}/ask")
    assert there.status_code == 404
    assert shown(there.text) == shown(okafor("GET", "/questions/4711").text)
    sent = okafor.send(f"/students/{student}/ask", "/how", question=WORDS, due_on="2025-11-20")
    assert sent.status_code == 404


def test_anothers_question_and_none_look_alike(call: Caller, okafor: Visitor) -> None:
    page = asks(okafor)
    diaz = signed_in(call, DIAZ)
    assert diaz("GET", page).status_code == 404
    assert diaz("GET", page).text.replace(page, "") == diaz("GET", "/questions/4711").text.replace(page, "")
    ayala = signed_in(call, AYALA)
    number = page.rsplit("/", 1)[1]
    for of in (number, "4711"):
        assert ayala.send(f"/asked/{of}", "/asked", answer="I would know.").status_code == 404
    for who in (ZHAO, OKAFOR):
        assert signed_in(call, who)("GET", "/asked").status_code == 403


@pytest.mark.parametrize("words", NAMES)
def test_question_and_answer_are_only_ever_text(call: Caller, okafor: Visitor, words: str) -> None:
    page = asks(okafor, words)
    number = page.rsplit("/", 1)[1]
    bell = signed_in(call, BELL)
    bell.send(f"/asked/{number}", "/asked", form_id="a", answer=words)
    for visitor, address in ((okafor, page), (bell, "/asked"), (okafor, STUDENT), (okafor, "/questions")):
        text = visitor("GET", address).text
        assert "<script" not in text and " ".join(words.split()) in shown(text)


def test_what_was_typed_stays_when_it_cannot_be_taken(okafor: Visitor) -> None:
    answer = okafor.send(f"{STUDENT}/ask", f"{STUDENT}/ask", question=WORDS, due_on="2026-11-20")
    assert answer.status_code == 400
    assert "within the next thirty days" in shown(answer.text) and WORDS in shown(answer.text)


def test_the_name_stands_beside_every_box(call: Caller, okafor: Visitor) -> None:
    asks(okafor)
    page = signed_in(call, BELL)("GET", "/asked").text
    box = re.search(r"<label[^>]*>.*?</label>", page, re.S)
    assert box and MARIBEL.name in box[0] and "not by other teachers" in shown(page)


def test_the_answers_stand_on_the_agenda_and_the_day_before_is_offered(call: Caller, okafor: Visitor) -> None:
    meeting = call_meeting(okafor, MARIBEL.student_id)
    form = okafor("GET", f"{STUDENT}/ask").text
    assert 'value="2025-11-19"' in form and "Thu 20 Nov" in shown(form).replace("\xa0", " ")
    number = asks(okafor).rsplit("/", 1)[1]
    signed_in(call, BELL).send(f"/asked/{number}", "/asked", form_id="a", answer="Reads ahead.")
    told = shown(okafor("GET", meeting).text)
    assert "1 of 2 answered" in told and "Reads ahead." in told
