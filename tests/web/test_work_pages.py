"""The forms of the work with students: named on the form, for those whose students they are, acting once."""

from __future__ import annotations

import pytest
from support.alder_creek import (
    ADMIN,
    BAPTISTE,
    DIAZ,
    LINH,
    MARIBEL,
    NOAH,
    OKAFOR,
    SOFIA,
    TOWN,
    ZHAO,
    keep,
    roomy,
)
from web.calling import NOW, Caller, Calling
from web.test_pages import NAMES, signed_in
from web.visitor import Visitor, account_id_of, shown

from ews.people.access import Principal
from ews.settings import Settings
from ews.web import pages

STUDENT = f"/students/{MARIBEL.student_id}"


@pytest.fixture
def call(settings: Settings, calling: Calling) -> Caller:
    """The pages of the town, scored."""
    keep(roomy(settings), TOWN, now=NOW)
    return calling(pages.routes, of=settings)


@pytest.fixture
def okafor(call: Caller) -> Visitor:
    return signed_in(call, OKAFOR)


def work(visitor: Visitor, student: str = STUDENT) -> dict[str, dict[str, object]]:
    return visitor("GET", f"{student}.json").json()["work"]


def test_whose_she_is_and_where_she_stands_is_on_her_page_and_can_be_changed(
    okafor: Visitor, call: Caller
) -> None:
    with call.inside.store.begin() as tx:
        baptiste = account_id_of(tx, BAPTISTE)
    page = okafor("GET", STUDENT).text
    assert f"Follow-up with {MARIBEL.name}" in shown(page)
    okafor.send(f"{STUDENT}/monitor", STUDENT, review_on="2025-12-05", words="Mondays", form_id="m")
    assert work(okafor)["follow_up"]["state"] == "monitoring"
    handed = okafor.send(
        f"{STUDENT}/owner", STUDENT, to=str(baptiste), words="She knows her", version="1", form_id="o",
        back=STUDENT, place="follow-up",
    )  # fmt: skip
    assert handed.headers["location"] == f"{STUDENT}#follow-up"
    assert work(okafor)["follow_up"]["owner"] == BAPTISTE.name
    number = work(okafor)["follow_up"]["handed_id"]
    assert f"Undo the hand-over of {MARIBEL.name}" in shown(okafor("GET", STUDENT).text)
    okafor.send(f"/actions/{number}/undo", STUDENT, back=STUDENT)
    assert work(okafor)["follow_up"]["owner"] == OKAFOR.display_name
    okafor.send(f"{STUDENT}/owner", STUDENT, to=str(baptiste), version="3", words="Yours", form_id="again")
    assert work(okafor)["follow_up"]["owner"] == BAPTISTE.name
    clash = okafor.send(
        f"{STUDENT}/owner", STUDENT, to=str(baptiste + 1), version="1", words="Mine", form_id="p"
    )
    assert clash.status_code in (400, 409)
    okafor.send(f"{STUDENT}/close", STUDENT, ending="transferred", form_id="c")
    said = shown(okafor("GET", STUDENT).text)
    assert "Closed : Another school or program has the student" in said or "Closed: Another" in said
    assert "Undo closed" in said


def test_two_who_change_the_owner_at_once_read_both(okafor: Visitor, call: Caller) -> None:
    with call.inside.store.begin() as tx:
        baptiste, mine = account_id_of(tx, BAPTISTE), account_id_of(tx, OKAFOR)
    okafor.send(f"{STUDENT}/owner", STUDENT, to=str(baptiste), version="1", words="To you", form_id="o")
    clash = signed_in(call, BAPTISTE).send(
        f"{STUDENT}/owner", STUDENT, to=str(mine), version="1", words="I had rather not", form_id="p",
        about=MARIBEL.name,
    )  # fmt: skip
    said = shown(clash.text)
    assert clash.status_code == 409
    assert "I had rather not" in said and BAPTISTE.name in said and MARIBEL.name in said
    assert 'name="version" value="2"' in clash.text


def test_what_waits_on_her_stands_on_the_list_and_nowhere_else(okafor: Visitor) -> None:
    said = shown(okafor("GET", "/list?tab=waiting").text)
    assert "Waiting on me: 2 students" in said and MARIBEL.name in said and LINH.name in said
    assert said.count("To see: on the list since today") == 2
    rows = okafor("GET", "/list.json?tab=waiting").json()["rows"]
    assert [one["kind"] for row in rows for one in row["waits"]] == ["to_see", "to_see"]
    assert okafor("GET", "/due").status_code == 404


def test_a_student_is_named_from_a_page_that_shows_names_alone(okafor: Visitor) -> None:
    page = shown(okafor("GET", "/nominate?name=kim").text)
    assert NOAH.name in page and MARIBEL.name not in page and "See first" not in page
    form = okafor("GET", f"/students/{NOAH.student_id}/nominate")
    assert form.text.count(NOAH.name) >= 4
    back = okafor.send(
        f"/students/{NOAH.student_id}/nominate", f"/students/{NOAH.student_id}/nominate",
        reason="Very quiet since October", form_id="n", back="/nominate", place="mine",
    )  # fmt: skip
    assert back.headers["location"] == "/nominate#mine"
    assert "Very quiet since October" in shown(okafor("GET", "/nominate").text)
    assert f"Named by {OKAFOR.display_name}" in shown(okafor("GET", "/list").text)


@pytest.mark.parametrize("words", NAMES)
def test_what_is_said_is_only_ever_text(okafor: Visitor, words: str) -> None:
    okafor.send(f"{STUDENT}/nominate", STUDENT, reason=words, form_id="n")
    okafor.send(f"{STUDENT}/override", STUDENT, says="later", reason=words, form_id="o")
    okafor.send(f"{STUDENT}/monitor", STUDENT, review_on="2025-12-05", words=words, form_id="m")
    for path in (STUDENT, "/nominate", "/list?tab=waiting", "/list"):
        assert "<script" not in okafor("GET", path).text
    assert shown(okafor("GET", STUDENT).text).count(words) >= 3


REFUSED: dict[str, tuple[Principal, str]] = {
    "another counselor's student": (OKAFOR, SOFIA.student_id),
    "for another counselor": (DIAZ, MARIBEL.student_id),
    "nobody": (OKAFOR, "nobody"),
    "a student of another school": (BAPTISTE, "ana-reyes"),
}
FORMS = {
    "owner": {"to": "1", "version": "1"},
    "monitor": {"review_on": "2025-12-05"},
    "close": {"ending": "met"},
    "nominate": {"reason": "words"},
    "override": {"says": "later", "reason": "words"},
}


@pytest.mark.parametrize("title", REFUSED)
def test_a_stranger_meets_the_page_that_is_not_there(call: Caller, title: str) -> None:
    who, student = REFUSED[title]
    visitor = signed_in(call, who)
    nothing = visitor("GET", "/students/nobody-at-all").text
    for act, fields in FORMS.items():
        answer = visitor.send(f"/students/{student}/{act}", "/how", form_id=act, **fields)
        assert (answer.status_code, shown(answer.text)) == (404, shown(nothing)), act
    answer = visitor("GET", f"/students/{student}/nominate")
    assert (answer.status_code, shown(answer.text)) == (404, shown(nothing))


@pytest.mark.parametrize("who", [ZHAO, ADMIN])
def test_whoever_may_only_look_is_refused(call: Caller, who: Principal) -> None:
    visitor = signed_in(call, who)
    for act, fields in FORMS.items():
        assert visitor.send(f"{STUDENT}/{act}", "/how", form_id=act, **fields).status_code == 403
    for path in ("/nominate", f"{STUDENT}/nominate"):
        assert visitor("GET", path).status_code == 403
