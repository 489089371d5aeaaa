"""Whose a student is and where they stand: handing over, monitoring, closing."""

from __future__ import annotations

from datetime import datetime

from starlette.datastructures import FormData
from starlette.requests import Request

from ews.people.roles import Act, who_do
from ews.store.store import Transaction
from ews.support.hand_overs import hand_over
from ews.support.states import ENDINGS, LONGEST_REVIEW, close, monitor
from ews.web.desk import Desk
from ews.web.forms import day_in, form_id, number_in, said
from ews.web.routes import Guarded, Policy, Who, address
from ews.web.taking import form_endpoint

OF_FOLLOW_UPS = Policy(Who.staff, roles=who_do(Act.FOLLOW_UP))


def routes(desk: Desk) -> list[Guarded]:
    """The three forms of a student's page."""
    takes = {"owner": take_owner, "monitor": take_monitor, "close": take_close}
    return [
        address(
            f"/students/{{student_id:path}}/{act}",
            form_endpoint(desk, take),
            OF_FOLLOW_UPS,
            ("POST",),
            name=take.__name__,
        )
        for act, take in takes.items()
    ]


def take_owner(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool:
    """Hand a student over to a colleague."""
    return hand_over(
        tx,
        request.state.principal,
        request.path_params["student_id"],
        number_in(said(sent, "to")),
        said(sent, "words"),
        version=number_in(said(sent, "version")),
        now=now,
        form_id=form_id(sent),
    )


def take_monitor(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool:
    """Nothing more for now, and a look again on a day."""
    return monitor(
        tx,
        request.state.principal,
        request.path_params["student_id"],
        day_in(said(sent, "review_on")) or now.date(),
        said(sent, "words"),
        now=now,
        form_id=form_id(sent),
    )


def take_close(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool:
    """The follow-up is over."""
    return close(
        tx,
        request.state.principal,
        request.path_params["student_id"],
        said(sent, "ending"),
        said(sent, "words"),
        now=now,
        form_id=form_id(sent),
    )


IN_TEMPLATES = {
    "endings": ENDINGS,
    "longest_review": LONGEST_REVIEW,
}
