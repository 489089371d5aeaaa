"""The Monday digest as its reader would get it, and the switch that stops it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from ews.people.roles import Act, who_do
from ews.store.store import Transaction
from ews.support.digest import Digest, as_text, choose_digest, digest_for, has_caseload, wants_digest
from ews.web import problems
from ews.web.desk import Desk, for_staff
from ews.web.faces import answer
from ews.web.forms import said
from ews.web.routes import Guarded, Policy, Who, address
from ews.web.taking import form_endpoint

OF_DIGESTS = Policy(Who.staff, roles=who_do(Act.FOLLOW_UP))


@dataclass(frozen=True)
class DigestPage:
    """The mail in words; whether this person has a caseload, wants it, and whether any mail leaves here."""

    digest: Digest
    text: str
    has_caseload: bool
    wanted: bool
    sending: bool


def routes(desk: Desk) -> list[Guarded]:
    """The preview and its switch."""
    return [
        address("/digest.json", for_staff(desk, show), OF_DIGESTS),
        address("/digest", for_staff(desk, show), OF_DIGESTS),
        address(
            "/digest/choice", form_endpoint(desk, take_choice), OF_DIGESTS, ("POST",), name="choose-digest"
        ),
    ]


def show(desk: Desk, request: Request) -> Response:
    """This week's mail to whoever asks."""
    principal = request.state.principal
    base_url = desk.settings.base_url or str(request.base_url)
    with desk.store.begin() as tx:
        found = digest_for(tx, principal, base_url=base_url, now=desk.now())
        mine = has_caseload(tx, principal)
        wanted = wants_digest(tx, principal.account_id)
    if found is None:
        return desk.refuse(request, problems.NO_RUN)
    page = DigestPage(found, as_text(found), mine, wanted, sending=bool(desk.settings["mail.host"]))
    return answer(request, "digest.html", page, desk.frame(request, "digest"))


def take_choice(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool | str:
    """Stop it, or have it again."""
    wanted = said(sent, "wanted") == "yes"
    return "/digest" if choose_digest(tx, request.state.principal, wanted=wanted, now=now) else False
