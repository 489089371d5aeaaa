"""Each form of the work, from the same page: an old token, a session that ended, the click that comes twice.

What was typed is never lost, and what comes twice is written once: told by counting the rows of every table.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import unescape

import pytest
from sqlalchemy import func, select
from support.alder_creek import BAPTISTE, MARIBEL, OKAFOR, TOWN, keep, roomy
from support.in_class import CRUZ, seat_the_town
from web.calling import NOW, Caller, Calling
from web.test_pages import signed_in
from web.visitor import OWN, Visitor, account_id_of, token_in

from ews.settings import Settings
from ews.store.tables import METADATA
from ews.web import pages

HER = MARIBEL.student_id
STUDENT = f"/students/{HER}"
WORDS = "Her aunt picks up the phone; ask after four."
PLAN = {"kind": "Mentor", "tier": "Targeted", "other_adult": "Coach Ruiz", "review_on": "2025-12-12"}
CONTACT = {"on": "2025-11-17", "channel": "phone", "direction": "out", "whom": "family"}
LOOKS = ("ledger", "ledger_students", "sessions", "alarms")  # written at each look, too


@dataclass(frozen=True)
class Form:
    """A form on a page: where it goes, what it says, and the field that holds the words."""

    on: str
    to: str
    words: str
    said: dict[str, str]


FORMS = {
    "a note": Form(STUDENT, f"{STUDENT}/notes", "note", {"readers": "all"}),
    "a nomination": Form(f"{STUDENT}/nominate", f"{STUDENT}/nominate", "reason", {}),
    "an override": Form(STUDENT, f"{STUDENT}/override", "reason", {"says": "sooner"}),
    "not now": Form(f"{STUDENT}/not-now", f"{STUDENT}/not-now", "words", {"returns_on": "2025-11-24"}),
    "a contact": Form(STUDENT, f"{STUDENT}/contacts", "words", CONTACT),
    "a plan": Form(f"{STUDENT}/plan", f"{STUDENT}/plan", "goal", PLAN),
    "a session": Form("{plan}", "{plan}/session", "words", {"on_day": "2025-11-17", "attended": "yes"}),
    "another goal": Form("{plan}", "{plan}/change", "goal", PLAN | {"version": "1"}),
    "a question": Form(f"{STUDENT}/ask", f"{STUDENT}/ask", "question", {"due_on": "2025-11-20"}),
    "an answer": Form("/asked", "/asked/{question}", "answer", {}),
    "what a team decided": Form("{meeting}", "{meeting}" + f"{STUDENT}/decisions", "decided", {}),
    "a meeting": Form(
        "/meetings/new", "/meetings", "attending",
        {"school": "alder", "held_on": "2025-11-21", "begins": "10:00", "minutes": "10", "student": HER},
    ),
    "slips": Form("/slips", "/slips", "place", {"on": "2025-11-18", "period": "3", "student": HER}),
    "a group's log": Form("{slips}", "{slips}/log", "words", CONTACT | {"student": HER}),
    "handing over": Form(STUDENT, f"{STUDENT}/owner", "words", {"to": "{colleague}", "version": "1"}),
    "monitoring": Form(STUDENT, f"{STUDENT}/monitor", "words", {"review_on": "2025-12-01"}),
    "an end": Form("{plan}", "{plan}/review", "words", {"outcome": "met", "then": "end"}),
    "closing": Form(STUDENT, f"{STUDENT}/close", "words", {"ending": "met"}),
}  # fmt: skip
"""In this order, since a plan that goes on keeps a follow-up open."""


def rows(call: Caller) -> dict[str, int]:
    """How many rows each table has that is not written by looking."""
    with call.inside.store.read() as tx:
        return {
            table.name: tx.execute(select(func.count()).select_from(table)).scalar_one()
            for table in METADATA.sorted_tables
            if table.name not in LOOKS
        }


@pytest.fixture
def call(settings: Settings, calling: Calling, monkeypatch: pytest.MonkeyPatch) -> Caller:
    """The pages of the town in class."""
    seat_the_town(monkeypatch)
    keep(roomy(settings), TOWN, now=NOW)
    return calling(pages.routes, of=settings)


def test_each_form_keeps_its_words_and_acts_once(call: Caller) -> None:
    okafor, cruz = signed_in(call, OKAFOR), signed_in(call, CRUZ)
    with call.inside.store.begin() as tx:
        known = {"colleague": str(account_id_of(tx, BAPTISTE))}
    made = {"a plan": "plan", "a question": "question", "a meeting": "meeting", "slips": "slips"}
    order = [*made, *(title for title in FORMS if title not in made)]
    for title in order:
        form = FORMS[title]
        visitor = cruz if title == "an answer" else okafor
        on, to = form.on.format(**known), form.to.format(**known)
        said = {name: text.format(**known) for name, text in form.said.items()}
        words = f"{WORDS} ({title})"
        said |= {form.words: words, "form_id": f"of {title}", "about": MARIBEL.name}
        token = {"form_token": token_in(visitor("GET", on).text)}
        before = rows(call)
        old = visitor("POST", to, data=said | {"form_token": "0" * 64}, headers=OWN)
        assert (old.status_code, words in unescape(old.text)) == (403, True), title
        away = Visitor(call)("POST", to, data=said | token, headers=OWN)
        assert (away.status_code, words in unescape(away.text)) == (401, True), title
        assert rows(call) == before, title
        first = visitor("POST", to, data=said | token, headers=OWN)
        assert first.status_code == 303, f"{title}: {first.text}"
        once = rows(call)
        assert once != before, title
        again = visitor("POST", to, data=said | token, headers=OWN)
        assert (again.status_code, again.headers.get("location")) == (303, first.headers["location"]), title
        assert rows(call) == once, title
        if title in made:
            where = first.headers["location"]
            known[made[title]] = where.rpartition("/")[2] if title == "a question" else where
