"""What families ask for, on the pages: clocks, disputes, the record, and whom it is refused."""

from __future__ import annotations

import pytest
from support.alder_creek import ADMIN, BAPTISTE, MARIBEL, OKAFOR, SOFIA, TOWN, ZHAO, Person, keep, roomy
from support.test_letters import FATHER, MOTHER
from web.calling import Caller, Calling
from web.test_letter_pages import family_of
from web.test_pages import NAMES, signed_in
from web.visitor import Visitor, shown

from ews.people.access import Principal
from ews.settings import Settings
from ews.web import pages
from ews.web.family_pages import time_left

STUDENT = f"/students/{MARIBEL.student_id}"
FAMILY = f"{STUDENT}/family"
CHALLENGE = {"kind": "inference", "about": "attendance", "words": "She was in class.", "on": "2025-11-17"}


@pytest.fixture
def call(settings: Settings, calling: Calling) -> Caller:
    """The pages of the town, scored."""
    keep(roomy(settings), TOWN)
    return calling(pages.routes, of=settings)


@pytest.fixture
def okafor(call: Caller) -> Visitor:
    return signed_in(call, OKAFOR)


def test_a_dispute_is_raised_stands_above_the_facts_and_is_resolved(okafor: Visitor) -> None:
    answer = okafor.send(f"{STUDENT}/disputes", FAMILY, form_id="d", **CHALLENGE)
    assert answer.headers["location"] == FAMILY
    assert "Meeting by 17 Dec : 30 days left" in said(okafor, FAMILY)
    line = "In dispute since 17 Nov : a score, a level or a reason (attendance). She was in class."
    assert line in said(okafor, STUDENT)
    assert "The family questions this score, since 17 Nov" in said(okafor, "/list?tab=all")
    first = okafor("GET", "/list.json?tab=all").json()["rows"][0]
    assert first["student_id"] == MARIBEL.student_id and first["disputed"]["since"] == "2025-11-17"
    twin = okafor("GET", f"{STUDENT}.json").json()["disputes"]
    assert [(one["kind"], one["about"], one["meet_by"]) for one in twin] == [
        ("inference", "attendance", "2025-12-17")
    ]
    assert MARIBEL.name in said(okafor, "/families")
    okafor.send("/disputes/1/met", FAMILY, form_id="m", on="2025-11-17")
    assert "not resolved yet" in said(okafor, STUDENT)
    okafor.send(
        "/disputes/1/resolved", FAMILY, form_id="r", on="2025-11-17", outcome="corrected", words="Ours."
    )
    assert "In dispute" not in said(okafor, STUDENT)
    assert "The family questions" not in said(okafor, "/list?tab=all")
    assert "Corrected in the records. Ours." in said(okafor, FAMILY)
    assert "Nothing is in dispute." in said(okafor, "/families")


def said(visitor: Visitor, path: str) -> str:
    return shown(visitor("GET", path).text).replace("\xa0", " ")


def test_a_request_for_the_record_runs_its_clock_until_it_is_given(okafor: Visitor) -> None:
    okafor.send(f"{STUDENT}/record-requests", FAMILY, form_id="a", asked_by="guardian", on="2025-11-07")
    assert "Due 14 Nov : 3 days overdue" in said(okafor, FAMILY)
    assert "3 days overdue" in said(okafor, "/families")
    okafor.send("/record-requests/1/given", FAMILY, form_id="g", on="2025-11-17")
    assert "Given 17 Nov" in said(okafor, FAMILY) and "No request is open." in said(okafor, "/families")


def test_who_may_get_the_record_is_told_by_rights(call: Caller, okafor: Visitor) -> None:
    family_of(call, MARIBEL.student_id, MOTHER, FATHER)
    page = said(okafor, FAMILY)
    assert "Guardian 1 (father, Spanish) : A no-contact order stands" in page
    assert "Guardian 2 (mother, Spanish) : yes" in page


def test_the_whole_record_as_a_page_as_json_and_on_paper(okafor: Visitor) -> None:
    okafor.send(f"{STUDENT}/disputes", FAMILY, form_id="d", **CHALLENGE)
    page = said(okafor, f"{STUDENT}/record")
    assert "Everything that this service keeps about" in page and "She was in class." in page
    assert "Who has looked" in page and "Suggested levels" in page
    titles = [part["title"] for part in okafor("GET", f"{STUDENT}/record.json").json()["parts"]]
    assert titles[0] == "Suggested levels" and titles[-1] == "Who has looked"
    answer = okafor("GET", f"{STUDENT}/record.pdf")
    assert answer.status_code in (200, 503)
    if answer.status_code == 200:
        assert answer.content.startswith(b"%PDF") and MARIBEL.student_id not in str(answer.headers)


def test_a_role_that_does_not_see_all_of_it_is_told(call: Caller) -> None:
    baptiste = signed_in(call, BAPTISTE)
    answer = baptiste("GET", f"{STUDENT}/record")
    assert answer.status_code == 400 and "does not see all of it" in shown(answer.text)
    before = baptiste("GET", FAMILY).text
    assert f'href="{STUDENT}/record"' not in before and "counselor prints it" in before


@pytest.mark.parametrize("name", NAMES)
def test_names_and_words_are_only_ever_text(settings: Settings, calling: Calling, name: str) -> None:
    keep(roomy(settings), [Person(name, MARIBEL.p)])
    visitor = signed_in(calling(pages.routes, of=settings))
    student = visitor("GET", "/list.json?tab=all").json()["rows"][0]["student_id"]
    address = pages.act_pages.act_address(student, "family")
    forms = pages.act_pages.act_address(student, "disputes")
    sent = visitor.send(forms, address, form_id="d", **(CHALLENGE | {"words": NAMES[0]}))
    assert sent.status_code == 303
    for path in (address, "/families", pages.act_pages.act_address(student, "record")):
        page = visitor("GET", path)
        assert page.status_code == 200 and "<script" not in page.text
    assert "<script" not in visitor("GET", forms.removesuffix("/disputes")).text


REFUSED: dict[str, tuple[Principal, str]] = {
    "another counselor's student": (OKAFOR, SOFIA.student_id),
    "nobody": (OKAFOR, "nobody"),
    "a student of another school": (BAPTISTE, "ana-reyes"),
}


@pytest.mark.parametrize("title", REFUSED)
def test_a_strangers_family_looks_like_none(call: Caller, title: str) -> None:
    who, student = REFUSED[title]
    visitor = signed_in(call, who)
    for end in ("family", "family.json", "record", "record.json", "record.pdf"):
        found, nobody = (visitor("GET", f"/students/{one}/{end}") for one in (student, "nobody-at-all"))
        assert (found.status_code, found.text) == (404, nobody.text) or shown(found.text) == shown(
            nobody.text
        )
        assert found.status_code == 404
    assert visitor.send(f"/students/{student}/disputes", "/how", **CHALLENGE).status_code == 404
    for path in ("/disputes/1/met", "/record-requests/1/given"):
        assert visitor.send(path, "/how", on="2025-11-17").status_code == 404


@pytest.mark.parametrize("who", [ZHAO, ADMIN], ids=["an analyst", "whoever runs the machines"])
def test_families_are_heard_by_those_who_work_with_them(call: Caller, who: Principal) -> None:
    visitor = signed_in(call, who)
    for path in ("/families", FAMILY, f"{STUDENT}/record"):
        assert visitor("GET", path).status_code in (403, 404)


def test_the_time_left_is_told() -> None:
    told = [time_left(days).replace("\xa0", " ") for days in (7, 1, 0, -2)]
    assert told == ["7 days left", "1 day left", "due today", "2 days overdue"]
