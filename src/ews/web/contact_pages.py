"""Logging a contact from a student's page, and taking one's own entry back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from starlette.datastructures import FormData
from starlette.requests import Request

from ews.errors import UsageError
from ews.people.roles import Act, who_do
from ews.store.store import Transaction
from ews.support.contact_log import (
    CHANNELS,
    DIRECTIONS,
    WHOM,
    log_contact,
    take_contact_back,
)
from ews.web.desk import Desk
from ews.web.forms import day_in, form_id, said
from ews.web.routes import Guarded, Policy, Who, address
from ews.web.taking import form_endpoint

WHO_FOLLOWS_UP = Policy(Who.staff, roles=who_do(Act.FOLLOW_UP))


def routes(desk: Desk) -> list[Guarded]:
    """The addresses of the log's two forms."""
    takes = {
        "/students/{student_id:path}/contacts": take_contact,
        "/contacts/{contact_id:int}/undo": take_back,
    }
    return [
        address(path, form_endpoint(desk, take), WHO_FOLLOWS_UP, ("POST",), name=take.__name__)
        for path, take in takes.items()
    ]


def take_contact(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool:
    """One student's contact."""
    return logged(tx, request, sent, [request.path_params["student_id"]], now)


def logged(tx: Transaction, request: Request, sent: FormData, students: Iterable[str], now: datetime) -> bool:
    """What the form says of a contact, as an entry about ``students``."""
    day = day_in(said(sent, "on"))
    if day is None:
        raise UsageError("The form does not say on which day.", "Choose the day of the contact.")
    entry = log_contact(
        tx,
        request.state.principal,
        students,
        on=day,
        channel=said(sent, "channel"),
        direction=said(sent, "direction"),
        whom=said(sent, "whom"),
        words=said(sent, "words"),
        form_id=form_id(sent),
        now=now,
    )
    return entry != 0


def take_back(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool:
    """Take one's own entry back."""
    return take_contact_back(tx, request.state.principal, request.path_params["contact_id"], now=now)


IN_TEMPLATES = {"contact_channels": CHANNELS, "contact_directions": DIRECTIONS, "contact_whom": WHOM}
