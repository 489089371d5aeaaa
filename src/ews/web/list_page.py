"""The list page: whom to see this week. The address says everything that is asked, so it can be shared."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Any
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import Response

from ews.errors import UsageError
from ews.store.store import Transaction
from ews.support.facts import DOMAIN_TITLES, FILTERED_BY, TIERS
from ews.support.levels import LEVEL_WORDS
from ews.support.list_filters import LEARNERS, ON_THE_LIST, SORTS, TABS, Filters
from ews.support.list_sheet import MOST_ROWS
from ews.support.quick_views import QUICK_VIEWS
from ews.support.risk_list import RiskList, risk_list
from ews.support.runs import shown_run
from ews.support.waiting import (
    DECIDED,
    DISPUTE,
    LETTER,
    LETTER_BACK,
    NO_SESSION,
    QUESTION,
    RECORD,
    REVIEW,
    Wait,
)
from ews.web import problems
from ews.web.desk import Desk
from ews.web.faces import answer

NO_CONTACT_DAYS = (7, 14, 21, 30, 60)
NO_NOTE_DAYS = (7, 14, 21, 30)
LEVELS = {ON_THE_LIST: "See first or See next"} | LEVEL_WORDS
SORT_WORDS = {
    "level": "Suggested level",
    "name": "Name",
    "grade": "Grade",
    "missed": "Days missed in 4 weeks",
    "contact": "Last contact",
    "due": "What is due first",
}
LONGEST_NAME = 100
NO_FILTERS = ("tab", "as_of", "sort", "order", "page")  # words of the address that narrow nothing

# The words of the address: what each sets of ``Filters``, and how its text is read.
ADDRESS: Mapping[str, tuple[str, Callable[[str], Any]]] = {
    "tab": ("tab", lambda text: one_of(text, TABS)),
    "as_of": ("as_of", date.fromisoformat),
    "school": ("school", str),
    "grade": ("grade", lambda text: whole(text, -1, 13)),
    "domain": ("domain", lambda text: one_of(text, FILTERED_BY)),
    "level": ("level", lambda text: one_of(text, LEVELS)),
    "tier": ("tier", lambda text: one_of(text, TIERS.values())),
    "no_contact": ("no_contact_days", lambda text: whole(text, 1, 366)),
    "no_note": ("no_note_days", lambda text: whole(text, 1, 366)),
    "el": ("learners", lambda text: one_of(text, LEARNERS)),
    "counselor": ("caseload", str),
    "name": ("name", lambda text: text.strip()[:LONGEST_NAME]),
    "new": ("new_students", lambda text: one_of(text, ("1",)) == "1"),
    "sort": ("sort", lambda text: one_of(text, SORTS)),
    "order": ("descending", lambda text: one_of(text, ("asc", "desc")) == "desc"),
    "page": ("page", lambda text: whole(text, 1, 100_000)),
}


def show(desk: Desk, request: Request) -> Response:
    """The list that the address asks for; looked up, written into the ledger, then drawn."""
    filters = filters_of(request.query_params)
    with desk.store.begin() as tx:
        view = risk_list(tx, request.state.principal, filters, now=desk.now())
        if view.run is None:
            return desk.refuse(request, no_list(tx, filters))
    frame = desk.frame(request, "list")
    return answer(request, "list.html", view, replace(frame, viewer_note=note(view)))


def no_list(tx: Transaction, filters: Filters) -> problems.Problem:
    """Why there is no list: the day asked for was not scored, or no day was yet."""
    return problems.NO_LIST_THEN if filters.as_of and shown_run(tx) else problems.NO_RUN


def note(view: RiskList) -> str:
    """How many students the person in front of the page works with."""
    return f"{view.students:,} students" if not view.filters.narrowing else ""


def filters_of(query: Mapping[str, str]) -> Filters:
    """What the address asks for; UsageError names the word that is not understood, never its value."""
    found: dict[str, Any] = {}
    for word, (name, read) in ADDRESS.items():
        text = query.get(word, "")
        if not text:
            continue
        try:
            found[name] = read(text)
        except ValueError:
            raise UsageError(
                f"The address asks for a list that there is not: look at {word}.",
                "Choose from the page's own filters.",
            ) from None
    return Filters(**found)


def one_of(text: str, allowed: Any) -> str:
    """``text`` if it is allowed; ValueError otherwise."""
    if text not in allowed:
        raise ValueError
    return text


def whole(text: str, least: int, most: int) -> int:
    """``text`` as a whole number within bounds; ValueError otherwise."""
    number = int(text)
    if not least <= number <= most:
        raise ValueError
    return number


def list_address(filters: Filters, **changes: Any) -> str:
    """The address of the list with ``changes`` made to ``filters``; what is as usual is left out."""
    asked = replace(filters, **({"page": 1} | changes))
    said = words_said(asked)
    return f"/list?{urlencode(said)}" if said else "/list"


def csv_address(filters: Filters) -> str:
    """The address of the same list as a CSV file: every page of it."""
    said = words_said(replace(filters, page=1))
    return f"/list.csv?{urlencode(said)}" if said else "/list.csv"


def quick_address(name: str, filters: Filters) -> str:
    """The address of a quick view, as of the same day."""
    asks = next(view.asks for view in QUICK_VIEWS if view.name == name)
    return list_address(Filters(as_of=filters.as_of), **asks)


def words_said(asked: Filters) -> dict[str, str]:
    """What an address says of ``asked``; what is as usual is left out."""
    usual = {field.name: field.default for field in fields(Filters)}
    return {
        word: in_address(word, getattr(asked, name))
        for word, (name, _) in ADDRESS.items()
        if getattr(asked, name) != usual[name]
    }


def in_address(word: str, value: Any) -> str:
    """A filter's value as the address writes it."""
    if value is True:
        return "desc" if word == "order" else "1"
    return str(value)


def sorted_by(filters: Filters, column: str) -> str:
    """The address that sorts by ``column``, or turns its order round when it is sorted by it already."""
    turned = not filters.descending if filters.sorted_by == column else column in ("missed",)
    return list_address(filters, sort=column, descending=turned)


def active(filters: Filters) -> int:
    """How many filters are set."""
    plain = Filters()
    names = [name for word, (name, _) in ADDRESS.items() if word not in NO_FILTERS]
    return sum(getattr(filters, name) != getattr(plain, name) for name in names)


def cleared(filters: Filters) -> str:
    """The address of the same tab with no filter set."""
    return list_address(Filters(tab=filters.tab, as_of=filters.as_of))


def student_address(student_id: str, filters: Filters, back: str = "/list") -> str:
    """The address of a student's page, as of the same day as the list; ``back``: where it is opened from."""
    said = {"as_of": str(filters.as_of)} if filters.as_of else {}
    said |= {"back": back} if back != "/list" else {}
    return f"/students/{quote(student_id, safe='')}{'?' if said else ''}{urlencode(said)}"


WHERE_IT_IS_DONE: Mapping[str, str] = {
    REVIEW: "/plans/{about}",
    NO_SESSION: "/plans/{about}",
    DECIDED: "/students/{student}#team",
    RECORD: "/students/{student}/family",
    DISPUTE: "/students/{student}/family",
    LETTER: "/letters/{about}",
    LETTER_BACK: "/letters/{about}",
    QUESTION: "/asked",
}


def wait_address(student_id: str, wait: Wait) -> str:
    """The address at which what waits is done; empty where that is the student's own page."""
    return WHERE_IT_IS_DONE.get(wait.kind, "").format(about=wait.about, student=quote(student_id, safe=""))


IN_TEMPLATES: dict[str, Any] = {
    "active": active,
    "cleared": cleared,
    "csv_address": csv_address,
    "domain_titles": DOMAIN_TITLES,
    "domains": FILTERED_BY,
    "levels": LEVELS,
    "learners": LEARNERS,
    "list_filters": Filters,
    "list_address": list_address,
    "most_rows": MOST_ROWS,
    "no_contact_days": NO_CONTACT_DAYS,
    "no_note_days": NO_NOTE_DAYS,
    "quick_address": quick_address,
    "quick_views": QUICK_VIEWS,
    "sorted_by": sorted_by,
    "sorts": SORT_WORDS,
    "student_address": student_address,
    "tiers": tuple(TIERS.values()),
    "wait_address": wait_address,
    "words_said": words_said,
}
