"""The ledger for whoever answers for it: search by person, student, day and action; is it whole?

A student's id is never in what follows a question mark: it is sent by the form, and stands in the path.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from ews.errors import OurFault, UsageError
from ews.people.ledger import record_view, verify
from ews.people.ledger_search import Found, Search, search_ledger
from ews.people.mass_reading import hear_alarm
from ews.people.roles import Act, role_of, who_do
from ews.store.store import Transaction
from ews.web import problems
from ews.web.alarms import HEARERS
from ews.web.desk import Desk, both_faces
from ews.web.faces import answer
from ews.web.forms import said
from ews.web.routes import Guarded, Policy, Who, address
from ews.web.taking import form_endpoint

SEARCHERS = Policy(Who.staff, roles=who_do(Act.SEARCH_LEDGER))
LONGEST = 254
NOT_WHOLE = "The ledger is not whole"


@dataclass(frozen=True)
class LedgerPage:
    """What was found, and the days and address of the search as the form holds them."""

    found: Found
    since: date | None
    until: date | None


def routes(desk: Desk) -> list[Guarded]:
    """The addresses of the ledger."""
    return [
        *both_faces(desk, "/ledger", show, SEARCHERS),
        *both_faces(desk, "/ledger/of/{looked_at:path}", show, SEARCHERS),
        address("/ledger/search", form_endpoint(desk, take_search), SEARCHERS, ("POST",), name="search"),
        address(
            "/ledger/verify", form_endpoint(desk, take_verify), SEARCHERS, ("POST",), name="verify-ledger"
        ),
        address(
            "/alarms/{alarm_id:int}/heard",
            form_endpoint(desk, take_alarm),
            HEARERS,
            ("POST",),
            name="hear-alarm",
        ),
    ]


def show(desk: Desk, request: Request) -> Response:
    """The entries that the address asks for; the search is in the ledger before they are shown."""
    query = request.query_params
    since, until = day_of(query, "since"), day_of(query, "until")
    search = Search(
        who=query.get("who", "").strip()[:LONGEST],
        student=request.path_params.get("looked_at", "")[:LONGEST],
        since=beginning(desk, since),
        before=beginning(desk, until + timedelta(days=1)) if until else None,
        action=query.get("action", "")[:LONGEST],
        page=page_of(query),
    )
    try:
        with desk.store.begin() as tx:
            found = search_ledger(tx, request.state.principal, search, now=desk.now())
    except OurFault as fault:
        return desk.refuse(request, not_whole(fault))
    return answer(request, "ledger.html", LedgerPage(found, since, until), desk.frame(request, "ledger"))


def not_whole(fault: OurFault) -> problems.Problem:
    """The page of a ledger that was touched."""
    return problems.Problem(409, "ledger_not_whole", NOT_WHOLE, fault.found, fault.fix)


def beginning(desk: Desk, day: date | None) -> datetime | None:
    """The first moment of a day where the district is."""
    return datetime.combine(day, time.min, tzinfo=desk.settings.timezone) if day else None


def day_of(query: Mapping[str, str], word: str) -> date | None:
    """The day under ``word``; UsageError when it is none."""
    text = query.get(word, "")
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        day = date.min
    if (
        day is not None and not 1900 <= day.year <= 9000
    ):  # the first and last days of all have none beside them
        raise UsageError(f"The address names no day: look at {word}.", "Write it as 2025-11-14.")
    return day


def page_of(query: Mapping[str, str]) -> int:
    """The page asked for, from 1."""
    text = query.get("page", "1")
    if not text.isdecimal() or not 1 <= int(text) <= 100_000:
        raise UsageError("The address names no page.", "Pages are counted from 1.")
    return int(text)


def take_search(tx: Transaction, request: Request, sent: FormData, now: datetime) -> str:
    """On to the address that asks for what the form says."""
    words = {name: said(sent, name).strip() for name in ("who", "since", "until", "action")}
    student = said(sent, "student").strip()[:LONGEST]
    return address_of(student, words)


def address_of(student: str, words: Mapping[str, Any]) -> str:
    """The address of a search."""
    path = f"/ledger/of/{quote(student, safe='')}" if student else "/ledger"
    asked = {name: str(value) for name, value in words.items() if value}
    return f"{path}?{urlencode(asked)}" if asked else path


def page_address(page: LedgerPage, number: int) -> str:
    """The same search, on another page."""
    search = page.found.search
    words = {"who": search.who, "since": page.since, "until": page.until, "action": search.action}
    return address_of(search.student, words | {"page": number if number > 1 else ""})


def take_verify(tx: Transaction, request: Request, sent: FormData, now: datetime) -> str:
    """Every entry is looked at; on to the ledger, which says how far it is whole."""
    try:
        verify(tx, tx.ledger_key)
    except OurFault as fault:
        raise UsageError(f"{NOT_WHOLE}. {fault.found}", fault.fix) from None
    return "/ledger"


def take_alarm(tx: Transaction, request: Request, sent: FormData, now: datetime) -> str:
    """Somebody has seen an alarm; the second click finds it seen."""
    principal, number = request.state.principal, request.path_params["alarm_id"]
    whose = hear_alarm(tx, principal, number, now=now)
    if whose is not None:
        record_view(tx, principal, action="alarm_heard", reason=whose, students=(), fields=(), at=now)
    return "/"


IN_TEMPLATES = {
    "looks_of": lambda who: address_of("", {"who": who}),
    "ledger_page_address": page_address,
    "role_words_of": lambda role: role_of(role).words or role,
}
