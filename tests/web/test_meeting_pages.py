"""A team meeting on the pages: called, printed, decided; what a stranger, an odd name, a bare machine get."""

from __future__ import annotations

import re
import zlib
from contextlib import suppress

import pytest
from support.alder_creek import ADMIN, DIAZ, LINH, MARIBEL, NOAH, OKAFOR, SOFIA, TOWN, Person, keep, roomy
from web.calling import Caller, Calling
from web.test_pages import NAMES, signed_in
from web.visitor import OWN, Visitor, shown, token_in

from ews.settings import Settings
from ews.web import handout_pages, pages, printing

LONG = "Wilhelmina-Bartholomea " + "Featherstonehaugh-" * 3 + "Abc"


@pytest.fixture
def call(settings: Settings, calling: Calling) -> Caller:
    keep(roomy(settings), TOWN)
    return calling(pages.routes, of=settings)


@pytest.fixture
def okafor(call: Caller) -> Visitor:
    return signed_in(call, OKAFOR)


def call_meeting(visitor: Visitor, *students: str, **more: str) -> str:
    """The address of a meeting called through the form."""
    sent = {
        "form_token": token_in(visitor("GET", "/meetings/new").text), "form_id": "f", "school": "alder",
        "held_on": "2025-11-20", "begins": "10:00", "minutes": "10", "attending": "Mr. Lee",
    }  # fmt: skip
    ticked = {"student": list(students)}
    answer = visitor("POST", "/meetings", data=sent | ticked | more, headers=OWN)
    assert answer.status_code == 303, shown(answer.text)
    return str(answer.headers["location"])


def unpacked(pdf: bytes) -> bytes:
    """What the streams of a PDF hold."""
    parts = []
    for packed in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        with suppress(zlib.error):
            parts.append(zlib.decompress(packed))
    return pdf + b"\n".join(parts)


def sheets_in(pdf: bytes) -> int:
    """How many pages a PDF has."""
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", unpacked(pdf)))


def test_a_meeting_goes_from_the_form_to_the_agenda_and_into_the_list_of_meetings(okafor: Visitor) -> None:
    form = okafor("GET", "/meetings/new").text
    assert re.search(rf'name="student" value="{MARIBEL.student_id}" checked', form)
    here = call_meeting(okafor, MARIBEL.student_id, LINH.student_id)
    said = shown(okafor("GET", here).text)
    assert "Agenda, Thursday 20 November 2025" in said
    assert "1 of 2 · 10:00 to 10:10" in said.replace("\xa0", " ")
    assert "2 students" in shown(okafor("GET", "/meetings").text).replace("\xa0", " ")
    assert MARIBEL.name not in okafor("GET", "/meetings").text


def test_a_decision_stands_on_the_agenda_on_paper_and_as_a_note(okafor: Visitor) -> None:
    here = call_meeting(okafor, MARIBEL.student_id)
    back = okafor.send(
        f"{here}/students/{MARIBEL.student_id}/decisions", here, form_id="d", back=here, place="student-1",
        decided="A mentor twice a week.", adult="Ms. Roy", does="asks her", due_on="2025-12-04",
    )  # fmt: skip
    assert back.headers["location"] == f"{here}#student-1"
    for page in (here, f"{here}/pages", f"/students/{MARIBEL.student_id}"):
        assert "A mentor twice a week." in shown(okafor("GET", page).text)


def test_what_was_decided_is_marked_done_and_the_next_agenda_and_its_paper_tell_both(
    call: Caller, okafor: Visitor
) -> None:
    first, student = call_meeting(okafor, MARIBEL.student_id), f"/students/{MARIBEL.student_id}"
    for form, words in (("d", "A mentor twice a week."), ("e", "Breakfast club.")):
        okafor.send(f"{first}/students/{MARIBEL.student_id}/decisions", first, form_id=form, decided=words)
    number = min(int(one) for one in re.findall(r"/decisions/(\d+)/done", okafor("GET", first).text))
    back = okafor.send(f"/decisions/{number}/done", first, form_id="f", back=first, place="student-1")
    assert back.headers["location"] == f"{first}#student-1"
    for page in (first, student):
        assert "Done: said by you" in shown(okafor("GET", page).text)
    second = call_meeting(okafor, MARIBEL.student_id, form_id="g")
    agenda, paper = (shown(okafor("GET", second + end).text) for end in ("", "/pages"))
    assert "Decided before: 1 open" in agenda and "1 open from before" in paper
    assert re.search(r"Breakfast club\. +Open", paper) and "twice a week. Done, said 17 Nov" in paper
    diaz = signed_in(call, DIAZ)
    for act in ("done", "open"):
        assert diaz.send(f"/decisions/{number}/{act}", "/list").status_code == 404
    assert okafor.send(f"/decisions/{number}/open", first, back=first).status_code == 303
    assert "Done: said by you" not in shown(okafor("GET", first).text)


def test_a_student_is_brought_to_a_coming_meeting_from_their_own_page(okafor: Visitor) -> None:
    here = call_meeting(okafor, MARIBEL.student_id)
    student = f"/students/{LINH.student_id}"
    assert "Bring to Thu 20 Nov, 10:00" in shown(okafor("GET", student).text).replace("\xa0", " ")
    back = okafor.send(f"{here}/students", student, student=LINH.student_id, back=student, place="team")
    assert back.headers["location"] == f"{student}#team"
    assert f'href="{here}"' in okafor("GET", student).text
    assert len(okafor("GET", f"{here}.json").json()["entries"]) == 2


def test_a_meeting_is_called_about_a_student_from_their_own_page(okafor: Visitor) -> None:
    here = f"/students/{MARIBEL.student_id}"
    page = okafor("GET", here).text
    form = page[page.index('action="/meetings"') :].partition("</form>")[0]
    held = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    answer = okafor("POST", "/meetings", data=held | {"begins": "09:30"}, headers=OWN)
    assert answer.status_code == 303, shown(answer.text)
    agenda = shown(okafor("GET", answer.headers["location"]).text)
    assert MARIBEL.name in agenda and "Agenda, Thursday 20 November 2025" in agenda


def test_whom_to_talk_about_is_found_by_name_and_nobody_elses_student_is(okafor: Visitor) -> None:
    form = okafor("GET", "/meetings/new?school=alder&name=KIM noah").text
    assert f'name="student" value="{NOAH.student_id}"' in form
    assert SOFIA.student_id not in okafor("GET", "/meetings/new?school=alder&name=sofia").text
    here = call_meeting(okafor, MARIBEL.student_id)
    assert NOAH.name not in shown(okafor("GET", here).text)
    page = okafor("GET", f"{here}?name=noah").text
    assert f'name="student" value="{NOAH.student_id}"' in page and f"Bring {NOAH.name}" in shown(page)
    for name in ("maribel", "sofia", "nobody"):
        assert "No other student of yours with that name" in shown(okafor("GET", f"{here}?name={name}").text)
    assert okafor.send(f"{here}/students", here, student=NOAH.student_id, back=here).status_code == 303
    assert NOAH.name in shown(okafor("GET", here).text)
    found = okafor("GET", f"{here}.json?name=linh").json()["found"]
    assert [one["student_id"] for one in found["students"]] == [LINH.student_id]


def test_ticks_survive_the_search_and_a_meeting_that_was_not_called(okafor: Visitor) -> None:
    typed = {
        "school": "alder",
        "held_on": "2025-11-24",
        "begins": "09:15",
        "minutes": "12",
        "attending": "Ms. Roy",
    }
    sent = typed | {"form_token": token_in(okafor("GET", "/meetings/new").text), "form_id": "f"}

    def answered(path: str, *students: str, **more: str) -> str:
        answer = okafor("POST", path, data=sent | {"student": list(students)} | more, headers=OWN)
        assert answer.status_code == (400 if more.get("held_on") else 200), shown(answer.text)
        return answer.text

    def ticked(page: str) -> set[str]:
        return set(re.findall(r'name="student" value="([^"]+)" checked', page))

    found = answered("/meetings/new", LINH.student_id, name="noah")
    assert ticked(found) == {LINH.student_id} and f'value="{NOAH.student_id}"' in found
    again = answered("/meetings/new", LINH.student_id, NOAH.student_id, SOFIA.student_id, name="maribel")
    assert ticked(again) == {LINH.student_id, NOAH.student_id}, "whoever is not theirs is not there"
    for value in ("2025-11-24", "09:15", "Ms. Roy"):
        assert f'value="{value}"' in again
    refused = answered("/meetings", NOAH.student_id, held_on="2020-01-01")
    assert ticked(refused) == {NOAH.student_id} and "Choose another day" in refused
    assert 'value="Ms. Roy"' in refused and "<option selected>12</option>" in refused


def test_an_agenda_is_asked_for_words_and_a_day_that_is_one(okafor: Visitor) -> None:
    here = call_meeting(okafor, MARIBEL.student_id)
    decisions = f"{here}/students/{MARIBEL.student_id}/decisions"
    assert okafor.send(decisions, here, decided=" ").status_code == 400
    assert okafor.send(decisions, here, decided="x", due_on="soon").status_code == 400


def test_a_meeting_about_others_is_the_same_404_as_none(call: Caller, okafor: Visitor) -> None:
    here = call_meeting(okafor, MARIBEL.student_id)
    diaz = signed_in(call, DIAZ)
    for face in ("", ".json", "/pages", "/pages.json", "/pages.pdf"):
        theirs, none = diaz("GET", here + face), diaz("GET", f"/meetings/999{face}")
        assert (theirs.status_code, none.status_code) == (404, 404)
        assert re.sub(r"[0-9a-f]{64}", "", theirs.text) == re.sub(r"[0-9a-f]{64}", "", none.text)


def test_whoever_plans_no_support_has_no_meetings(call: Caller) -> None:
    admin = signed_in(call, ADMIN)
    assert admin("GET", "/meetings").status_code == 403


def test_the_json_twin_has_the_students_of_the_page_and_no_chance(okafor: Visitor) -> None:
    here = call_meeting(okafor, MARIBEL.student_id, LINH.student_id)
    entries = okafor("GET", f"{here}.json").json()["entries"]
    assert [one["row"]["display_name"] for one in entries] == [MARIBEL.name, LINH.name]
    paper = okafor("GET", f"{here}/pages").text
    sheets = paper[paper.index("sheets") :]
    assert "robability" not in sheets
    assert "0.8" not in shown(sheets)


def test_the_pdf_has_the_agenda_and_one_page_a_student_on_both_papers(okafor: Visitor) -> None:
    here = call_meeting(okafor, MARIBEL.student_id, LINH.student_id)
    for paper, box in (("letter", b"612 792"), ("a4", b"595")):
        answer = okafor("GET", f"{here}/pages.pdf?paper={paper}")
        assert answer.headers["content-type"] == "application/pdf"
        assert sheets_in(answer.content) == 3
        assert re.search(rb"/MediaBox\s*\[0 0 " + box, unpacked(answer.content))


@pytest.mark.parametrize("name", [*NAMES, LONG])
def test_a_name_of_any_kind_is_only_text_and_keeps_to_one_page(
    settings: Settings, calling: Calling, name: str
) -> None:
    keep(roomy(settings), [Person(name, MARIBEL.p)])
    visitor = signed_in(calling(pages.routes, of=settings), OKAFOR)
    student = visitor("GET", "/list.json?tab=all").json()["rows"][0]["student_id"]
    here = call_meeting(visitor, student, attending=name)
    visitor.send(
        f"{here}/students/{student}/decisions", here, decided=name, adult=name, does=name, form_id="d"
    )
    for page in ("/meetings", "/meetings/new", here, f"{here}/pages"):
        assert "<script" not in visitor("GET", page).text
    assert " ".join(name.split()) in shown(visitor("GET", here).text)
    assert sheets_in(visitor("GET", f"{here}/pages.pdf").content) == 2


def test_where_pango_is_missing_a_page_says_what_to_install(
    okafor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_pango(page: str) -> bytes:
        raise printing.NoPango

    here = call_meeting(okafor, MARIBEL.student_id)
    monkeypatch.setattr(handout_pages, "pdf_of", no_pango)
    answer = okafor("GET", f"{here}/pages.pdf")
    assert answer.status_code == 503
    assert "libpangoft2-1.0-0" in answer.text


def test_a_pdf_fetches_nothing() -> None:
    page = '<img src="file:///etc/passwd" alt=""><img src="http://127.0.0.1:9/x.png" alt=""><p>Still here</p>'
    assert printing.pdf_of(page).startswith(b"%PDF")
