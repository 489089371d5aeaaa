"""The handover on its page: packets of a grade, and who is new on a caseload. It prints from any browser."""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response

from ews.errors import UsageError
from ews.people.roles import Act, who_do
from ews.support.handover import handover
from ews.web import problems
from ews.web.desk import Desk, for_staff
from ews.web.faces import answer
from ews.web.list_page import whole
from ews.web.routes import Guarded, Policy, Who, address

OF_HANDOVERS = Policy(Who.staff, roles=who_do(Act.PLAN))
BOUNDS = {"grade": (-1, 13), "page": (1, 1_000)}


def routes(desk: Desk) -> list[Guarded]:
    """The page and its twin."""
    draw: Callable[[Request], object] = for_staff(desk, show)
    return [address("/handover.json", draw, OF_HANDOVERS), address("/handover", draw, OF_HANDOVERS)]


def show(desk: Desk, request: Request) -> Response:
    """The packets; looked up, written into the ledger, then drawn."""
    with desk.store.begin() as tx:
        found = handover(
            tx,
            request.state.principal,
            grade=_number(request, "grade"),
            page=_number(request, "page") or 1,
            now=desk.now(),
        )
    if found is None:
        return desk.refuse(request, problems.NO_RUN)
    return answer(request, "handover.html", found, desk.frame(request, "handover"))


def _number(request: Request, word: str) -> int | None:
    least, most = BOUNDS[word]
    text = request.query_params.get(word, "")
    try:
        return whole(text, least, most) if text else None
    except ValueError:
        raise UsageError(
            f"The address asks for a handover that there is not: look at {word}.", "Choose on the page."
        ) from None
