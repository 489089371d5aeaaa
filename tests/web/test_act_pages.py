"""What a person does on the pages: the forms, whom they refuse, and where the browser is afterwards."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from urllib.parse import unquote

import pytest
from sqlalchemy import select
from support.alder_creek import ADMIN, BAPTISTE, LINH, MARIBEL, OKAFOR, SOFIA, TOWN, ZHAO, Person, keep, roomy
from web.calling import Caller, Calling
from web.test_pages import NAMES, signed_in
from web.visitor import OWN, Visitor, shown

from ews.people.access import Principal
from ews.settings import Settings
from ews.store import open_store
from ews.store.store import Transaction
from ews.store.work_tables import programs
from ews.web import pages

STUDENT = f"/students/{MARIBEL.student_id}"


@pytest.fixture
def call(settings: Settings, calling: Calling) -> Caller:
    """The pages of the town, scored."""
    keep(roomy(settings), TOWN)
    return calling(pages.routes, of=settings)


@pytest.fixture
def okafor(call: Caller) -> Visitor:
    return signed_in(call, OKAFOR)


def rows(visitor: Visitor, tab: str = "new") -> list[dict[str, object]]:
    return visitor("GET", f"/list.json?tab={tab}").json()["rows"]


def fields(page: str) -> dict[str, str]:
    """The hidden fields of a page's forms; of each name the last."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


def test_ms_okafor_acknowledges_from_the_list_and_takes_it_back(okafor: Visitor) -> None:
    page = okafor("GET", "/list").text
    assert f'formaction="{STUDENT}/acknowledge"' in page
    back = okafor.send(
        f"{STUDENT}/acknowledge", "/list", form_id="a", back="/list?tab=new&grade=9", place="row-1"
    )
    assert (back.status_code, back.headers["location"]) == (303, "/list?tab=new&grade=9#row-1")
    assert "Acknowledged by you" in shown(okafor("GET", "/list").text)
    done = rows(okafor)[0]["acknowledged"]
    assert isinstance(done, dict)
    okafor.send(f"/actions/{done['action_id']}/undo", "/list", back="/list")
    assert rows(okafor)[0]["acknowledged"] is None


def test_not_now_is_asked_with_the_name_in_sight_and_leads_to_the_second_tab(okafor: Visitor) -> None:
    link = re.search(rf'href="({STUDENT}/not-now[^"]*)"', okafor("GET", "/list").text)
    assert link
    form = okafor("GET", unquote(link[1]))
    assert form.text.count(MARIBEL.name) >= 3
    sent = fields(form.text) | {"reason": "Waiting for the team meeting", "returns_on": "2025-11-24"}
    sent["words"] = "\u202eبعد العيد"  # its direction ends with it: what follows is not turned round
    back = okafor("POST", f"{STUDENT}/not-now", data=sent, headers=OWN)
    assert back.headers["location"] == "/list"
    assert [row["display_name"] for row in rows(okafor)] == [LINH.name]
    waiting = okafor("GET", "/list?tab=waiting").text
    assert "Not now, until 24 Nov" in shown(waiting)
    for page in (waiting, okafor("GET", STUDENT).text):
        assert re.search(r"<bdi>[^<]*\u202eبعد العيد</bdi> \(", page)


def test_a_day_too_far_away_is_told_on_a_page(okafor: Visitor) -> None:
    answer = okafor.send(
        f"{STUDENT}/not-now", f"{STUDENT}/not-now", reason="Already in hand", returns_on="2026-06-01"
    )
    assert answer.status_code == 400
    assert "within the next three weeks" in shown(answer.text)


@pytest.mark.parametrize("words", [*NAMES, "two\nlines"])
def test_a_note_is_only_ever_text(okafor: Visitor, words: str) -> None:
    back = okafor.send(f"{STUDENT}/notes", STUDENT, note=words, form_id="n", back=STUDENT, place="notes")
    assert back.headers["location"] == f"{STUDENT}#notes"
    page = okafor("GET", STUDENT).text
    assert "<script" not in page
    assert " ".join(words.split()) in shown(page)


def test_a_student_with_an_odd_name_is_put_off_like_any_other(settings: Settings, calling: Calling) -> None:
    odd = Person(NAMES[0], MARIBEL.p)
    keep(roomy(settings), [odd])
    visitor = signed_in(calling(pages.routes, of=settings))
    student = rows(visitor, "all")[0]["student_id"]
    page = visitor("GET", "/list").text
    link = re.search(r'href="(/students/[^"?]*/not-now)', page)
    assert link and str(student) in unquote(link[1]).replace("&lt;", "<").replace("&gt;", ">")
    form = visitor("GET", f"/students/{student}/not-now")
    assert form.status_code == 200 and "<script" not in form.text


REFUSED: dict[str, tuple[Principal, str]] = {
    "another counselor's student": (OKAFOR, SOFIA.student_id),
    "nobody": (OKAFOR, "nobody"),
    "for an analyst": (ZHAO, MARIBEL.student_id),
    "for whoever runs the machines": (ADMIN, MARIBEL.student_id),
    "a student of another school": (BAPTISTE, "ana-reyes"),
}


@pytest.mark.parametrize("title", REFUSED)
@pytest.mark.parametrize("act", ["acknowledge", "not-now", "notes"])
def test_an_act_is_refused_like_a_page_that_is_not_there(call: Caller, title: str, act: str) -> None:
    who, student = REFUSED[title]
    visitor = signed_in(call, who)
    said = {"note": "words", "reason": "Already in hand", "returns_on": "2025-11-24"}
    answer = visitor.send(f"/students/{student}/{act}", "/how", **said)
    assert answer.status_code == 404
    if who.role != "system_administrator":
        assert shown(answer.text) == shown(visitor("GET", "/students/nobody-at-all").text)


@pytest.mark.parametrize("title", ["without a token", "from another site"])
def test_a_forged_act_is_refused(okafor: Visitor, title: str) -> None:
    sent = {} if title == "without a token" else fields(okafor("GET", "/list").text)
    origin = "https://example.org" if title == "from another site" else "http://127.0.0.1:3100"
    answer = okafor("POST", f"{STUDENT}/acknowledge", data=sent, headers={"origin": origin})
    assert answer.status_code == 403
    assert rows(okafor)[0]["acknowledged"] is None


@pytest.mark.parametrize(
    "back", ["https://example.org/", "//example.org", "/\\example.org", "javascript:alert(1)"]
)
def test_nobody_is_sent_elsewhere_afterwards(okafor: Visitor, back: str) -> None:
    answer = okafor.send(f"{STUDENT}/acknowledge", "/list", back=back, place="x y<")
    assert answer.headers["location"] == "/list"


def test_whoever_may_only_look_finds_no_buttons(call: Caller) -> None:
    page = signed_in(call, ZHAO)("GET", "/list?tab=all").text
    assert "Acknowledge" not in page and "Add note" not in page


def test_of_two_clicks_at_the_same_moment_the_second_finds_what_the_first_one_wrote(
    settings: Settings,
) -> None:
    """Where both look before either has written, the unique name refuses one of them."""
    both_have_looked = Barrier(2)

    def look_together() -> None:
        """On SQLite the second cannot look until the first has written."""
        with suppress(BrokenBarrierError):
            both_have_looked.wait(0.1 if settings.database_url.startswith("sqlite") else 20)

    with open_store(settings) as store:

        def click(_: int) -> str:
            looks = iter((look_together,))

            def work(tx: Transaction) -> str:
                if tx.execute(select(programs.c.name)).scalar():
                    return "found"
                next(looks)()
                tx.execute(programs.insert().values(school_id="h", name="Mentor", tier="Targeted", version=1))
                return "written"

            return store.written(work)

        with ThreadPoolExecutor(2) as clicks:
            assert sorted(clicks.map(click, range(2))) == ["found", "written"]
