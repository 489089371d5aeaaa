"""Letters home on the pages: a draft to a second look to sent, whom it is refused, and what is only text."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from support.alder_creek import (
    ADMIN,
    BAPTISTE,
    HIGH,
    LINH,
    MARIBEL,
    OKAFOR,
    SOFIA,
    TOWN,
    ZHAO,
    Person,
    keep,
    roomy,
)
from support.test_letters import FATHER, MOTHER, PRAISE, UNCLE
from web.calling import Caller, Calling
from web.test_pages import NAMES, signed_in
from web.visitor import Visitor, shown

from ews.people.access import Principal
from ews.settings import Settings
from ews.store.family_tables import guardians, home_languages
from ews.web import pages

STUDENT = f"/students/{MARIBEL.student_id}"
FAMILY = f"{STUDENT}/letters"
DRAFT = {
    "fact": "all_five",
    "offer": "mentor",
    "person": "Denise Okafor",
    "phone": "(555) 010-0100",
    "language": "es",
}
ALL = ["fact", "language", "rights"]
COLUMNS = dict.fromkeys(column.name for column in guardians.columns)


def family_of(call: Caller, student: str, *people: dict[str, Any]) -> None:
    with call.inside.store.begin() as tx:
        tx.execute(guardians.insert(), [{**COLUMNS, "student_id": student, **one} for one in people])


@pytest.fixture
def call(settings: Settings, calling: Calling) -> Caller:
    """The pages of the town, scored; Spanish was read by somebody who speaks it."""
    read = {**settings.choices, "letters.reviewed": {"es": "Rosa Medina, May 2025"}}
    settings = replace(settings, choices=read)
    keep(roomy(settings), [replace(MARIBEL, facts=PRAISE), *TOWN[1:]])
    made = calling(pages.routes, of=settings)
    family_of(made, MARIBEL.student_id, MOTHER, FATHER, UNCLE)
    return made


@pytest.fixture
def okafor(call: Caller) -> Visitor:
    return signed_in(call, OKAFOR)


@pytest.fixture
def baptiste(call: Caller) -> Visitor:
    return signed_in(call, BAPTISTE)


def written(visitor: Visitor, **other: str) -> str:
    """The address of a new letter."""
    answer = visitor.send(FAMILY, FAMILY, form_id=other.pop("form_id", "a"), **(DRAFT | other))
    assert answer.status_code == 303, shown(answer.text)
    return answer.headers["location"]


def released(visitor: Visitor, letter: str) -> None:
    token = re.search(r'name="form_token" value="(\w+)"', visitor("GET", letter).text)
    assert token
    data = {"form_token": token[1], "form_id": "r", "verdict": "release", "confirm": ALL}
    answer = visitor("POST", f"{letter}/review", data=data, headers={"origin": "http://127.0.0.1:3100"})
    assert answer.status_code == 303, shown(answer.text)


def test_a_letter_from_the_students_family_to_sent(okafor: Visitor, baptiste: Visitor) -> None:
    page = okafor("GET", FAMILY).text
    assert page.count(MARIBEL.name) >= 2
    said = shown(page)
    assert "Yes, by text message." in said and "A no-contact order stands" in said
    assert "Call with an interpreter: there is no letter in Mam." in said
    letter = written(okafor)
    mine = shown(okafor("GET", letter).text)
    assert "You wrote it, so somebody else looks it over." in mine and "The second look" not in mine
    assert okafor("GET", f"{letter}/print").status_code == 404
    assert okafor("GET", f"{letter}/letter.pdf").status_code == 404
    waiting = shown(baptiste("GET", "/letters").text)
    assert MARIBEL.name in waiting
    released(baptiste, letter)
    printed = okafor("GET", f"{letter}/print").text
    assert '<html lang="es" dir="ltr">' in printed and "Estimada familia de" in printed
    paper = okafor("GET", f"{letter}/letter.pdf")
    assert paper.status_code in (200, 503)
    assert paper.status_code == 503 or paper.content.startswith(b"%PDF")
    sent = okafor.send(f"{letter}/sent", letter, form_id="s", guardian="mother", sent_on="2025-11-17")
    assert sent.headers["location"] == f"{letter}#sent"
    assert "Mon 17 Nov , by Denise Okafor: by text message" in shown(okafor("GET", letter).text).replace(
        "\xa0", " "
    )
    twin = okafor("GET", f"{letter}.json").json()
    assert twin["letter"]["sendings"][0]["text"] == twin["letter"]["text"]
    assert "17 Nov" in shown(okafor("GET", FAMILY).text).replace("\xa0", " ")


def test_a_letter_that_is_not_released_says_why_and_keeps_the_words(
    okafor: Visitor, baptiste: Visitor
) -> None:
    letter = written(okafor)
    answer = baptiste.send(f"{letter}/review", letter, form_id="r", verdict="release", words="Good work")
    assert answer.status_code == 400
    assert "Not everything is confirmed" in shown(answer.text) and "Good work" in answer.text


def test_the_browser_asks_for_each_tick_before_a_release_and_for_none_before_a_return(
    okafor: Visitor, baptiste: Visitor
) -> None:
    letter = written(okafor)
    page = baptiste("GET", letter).text
    assert re.findall(r'name="confirm" value="(\w+)" required', page) == list(ALL)
    assert 'value="return" formnovalidate' in page
    released(baptiste, letter)
    assert 'name="sent_on" value="2025-11-17" max="2025-11-17"' in okafor("GET", letter).text


def test_a_letter_is_taken_back_changed_from_what_was_chosen_or_handed_in_as_it_was(
    okafor: Visitor, baptiste: Visitor
) -> None:
    letter = written(okafor, offer="homework_help", weekday="2", at="15:30", room="B-12")
    assert okafor.send(f"{letter}/back", letter, form_id="b", back=letter).status_code == 303
    assert "Taken back by you" in shown(okafor("GET", letter).text)
    assert "Draft: taken back by the writer" in shown(okafor("GET", "/letters").text)
    assert MARIBEL.name not in baptiste("GET", "/letters").text
    assert "The second look" not in shown(baptiste("GET", letter).text)
    form = okafor("GET", f"{FAMILY}?from={letter.rpartition('/')[2]}").text
    assert 'value="15:30"' in form and 'value="B-12"' in form and 'value="2" selected' in form
    assert baptiste.send(f"{letter}/back", letter, form_id="b").status_code == 404
    assert okafor.send(f"{letter}/again", letter, form_id="c", back=letter).status_code == 303
    assert MARIBEL.name in baptiste("GET", "/letters").text


def test_a_letter_in_a_language_that_nobody_has_read_stays(okafor: Visitor, baptiste: Visitor) -> None:
    letter = written(okafor, language="ar")
    page = baptiste("GET", letter).text
    assert 'lang="ar" dir="rtl"' in page and "Release it" not in page
    assert "nobody of this district has read the sentences in Arabic" in shown(page)


def test_the_demo_releases_for_show_and_says_so(call: Caller, okafor: Visitor, baptiste: Visitor) -> None:
    (call.inside.settings.home / "demo.json").write_text("{}", encoding="utf-8")
    letter = written(okafor, language="ar")
    assert "for show, in the demo alone" in shown(baptiste("GET", letter).text)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_in_a_letter_is_only_ever_text(settings: Settings, calling: Calling, name: str) -> None:
    odd = Person(name, MARIBEL.p, facts=PRAISE)
    keep(roomy(settings), [odd])
    call = calling(pages.routes, of=settings)
    family_of(call, odd.student_id, MOTHER | {"language": "eng"})
    okafor = signed_in(call, OKAFOR)
    student = okafor("GET", "/list.json?tab=all").json()["rows"][0]["student_id"]
    address = pages.act_pages.act_address(student, "letters")
    answer = okafor.send(address, address, form_id="a", **(DRAFT | {"language": "en", "person": NAMES[0]}))
    letter = answer.headers["location"]
    released(signed_in(call, BAPTISTE), letter)
    for path in (address, letter, f"{letter}/print", "/letters"):
        page = okafor("GET", path)
        assert page.status_code == 200 and "<script" not in page.text


def test_a_letter_that_wants_something_is_asked_for_again_with_all_that_was_typed(okafor: Visitor) -> None:
    sent = DRAFT | {"offer": "homework_help", "weekday": "2", "at": "15:30", "person": "Ms. <b>Lee</b>"}
    answer = okafor.send(FAMILY, FAMILY, form_id="a", **sent)
    assert answer.status_code == 400
    assert "The room of the help is missing." in shown(answer.text)
    assert 'value="(555) 010-0100"' in answer.text and 'value="15:30"' in answer.text
    assert '<option value="2" selected>' in answer.text and "<b>Lee" not in answer.text
    assert MARIBEL.name in answer.text


REFUSED: dict[str, tuple[Principal, str]] = {
    "another counselor's student": (OKAFOR, SOFIA.student_id),
    "nobody": (OKAFOR, "nobody"),
    "a student of another school": (BAPTISTE, "ana-reyes"),
}


@pytest.mark.parametrize("title", REFUSED)
def test_a_strangers_family_looks_like_none(call: Caller, title: str) -> None:
    who, student = REFUSED[title]
    visitor = signed_in(call, who)
    nobody = visitor("GET", "/students/nobody-at-all/letters")
    found = visitor("GET", f"/students/{student}/letters")
    assert (found.status_code, shown(found.text)) == (404, shown(nobody.text))
    assert visitor("GET", f"/students/{student}/letters.json").status_code == 404
    assert visitor.send(f"/students/{student}/letters", "/how", **DRAFT).status_code == 404


def test_a_strangers_letter_looks_like_none(call: Caller, okafor: Visitor) -> None:
    letter = written(okafor)
    diaz = signed_in(call, Principal("diaz@alder.example", "Rafael Diaz", "counselor", staff_id="t-diaz"))
    for end in ("", ".json", "/print", "/letter.pdf"):
        found, nobody = (diaz("GET", f"{one}{end}") for one in (letter, "/letters/999"))
        assert found.status_code == nobody.status_code == 404
        assert shown(found.text) == shown(nobody.text)
    assert MARIBEL.name not in diaz("GET", "/letters").text
    assert diaz.send(f"{letter}/sent", "/how", guardian="mother").status_code == 404


@pytest.mark.parametrize("who", [ZHAO, ADMIN], ids=["an analyst", "whoever runs the machines"])
def test_letters_are_for_those_who_write_home(call: Caller, who: Principal) -> None:
    visitor = signed_in(call, who)
    for path in ("/letters", FAMILY, "/letters/1"):
        assert visitor("GET", path).status_code in (403, 404)


def test_the_languages_that_are_due_are_named_and_small_ones_are_not(call: Caller, okafor: Visitor) -> None:
    from datetime import date

    with call.inside.store.begin() as tx:
        rows = [("spa", 62), ("vie", 9), ("mix", 40), ("eng", 89)]
        tx.execute(
            home_languages.insert(),
            [
                {"school_id": HIGH, "language": language, "students": number, "enrolled": 200,
                 "counted_on": date(2024, 10, 2)}
                for language, number in rows
            ],
        )  # fmt: skip
    said = shown(okafor("GET", "/letters").text).replace("\xa0", " ")
    assert "Spanish at Alder Creek High: about 3 of 10 pupils speak it at home (counted 2 Oct 2024)." in said
    assert "Mixteco at Alder Creek High: about 2 of 10" in said and "call with an interpreter" in said
    assert "Vietnamese at" not in said


def test_whoever_may_write_home_finds_the_way_there(okafor: Visitor, call: Caller) -> None:
    assert 'href="/letters"' in okafor("GET", "/list").text
    assert FAMILY in okafor("GET", STUDENT).text
    assert LINH.name in okafor("GET", f"/students/{LINH.student_id}/letters").text
