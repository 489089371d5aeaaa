"""Forms are taken: checked, done in one transaction, then back to where the person was.

Every form carries the token of the session, and an id of its own: sent twice it acts once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ews.errors import ChangedMeanwhile, EwsError, UsageError
from ews.store.store import Transaction
from ews.web import cookies, problems
from ews.web.desk import Desk, for_staff
from ews.web.forms import anchor, own_address, said
from ews.web.unsent import unsent

Taken = Callable[[Transaction, Request, FormData, datetime], bool | str]
"""Does what a form asks: False for nobody's student, True when it is done, or the address to go on to."""

DrawnAgain = Callable[[Desk, Request, FormData, EwsError], Response | None]
"""The form's own page again with what was typed and why it was not taken; None where it cannot be drawn."""


def form_endpoint(desk: Desk, take: Taken, again: DrawnAgain | None = None) -> Callable[[Request], object]:
    """An address that takes a form: checked, done in one transaction, then back to where it came from.

    ``again`` draws the form anew when it says something that cannot be meant; else the words are kept on a
    page of their own.
    """

    async def endpoint(request: Request) -> Response:
        sent = await request.form()
        if not cookies.from_our_page(request, sent, cookies.session_secret(request)):
            if cookies.own_origin(request):  # a page of ours that was open since before the last signing in
                return unsent(desk, request, sent, problems.STALE)
            return desk.refuse(request, problems.FORBIDDEN)
        if request.state.principal.must_change:
            return RedirectResponse("/password", 303)
        return await run_in_threadpool(done, desk, request, sent, take, again)

    return endpoint


def page_endpoint(
    desk: Desk, draw: Callable[[Desk, Request, FormData], Response]
) -> Callable[[Request], object]:
    """An address that takes a form and answers with a page of it: what was ticked and typed stays, and no
    student stands in an address. Nothing is done but the look that the page is."""

    async def endpoint(request: Request) -> Response:
        sent = await request.form()
        if not cookies.from_our_page(request, sent, cookies.session_secret(request)):
            if cookies.own_origin(request):
                return unsent(desk, request, sent, problems.STALE)
            return desk.refuse(request, problems.FORBIDDEN)

        def drawn(desk: Desk, request: Request) -> Response:
            return draw(desk, request, sent)

        return await for_staff(desk, drawn)(request)  # type: ignore[misc, no-any-return]

    return endpoint


def done(
    desk: Desk, request: Request, sent: FormData, take: Taken, again: DrawnAgain | None = None
) -> Response:
    """What was asked is done and the browser sent back; or why not, with what was typed."""
    try:
        taken = desk.store.written(lambda tx: take(tx, request, sent, desk.now()))
    except EwsError as error:
        if error.status >= 500 and error.status != 503:
            raise
        drawn = again(desk, request, sent, error) if again and isinstance(error, UsageError) else None
        if drawn is not None:
            return drawn
        meanwhile = error if isinstance(error, ChangedMeanwhile) else None
        return unsent(desk, request, sent, problems.told(error), meanwhile)
    if not taken:
        return desk.refuse(request, problems.NOT_FOUND)
    onward = taken if isinstance(taken, str) else own_address(said(sent, "back")) + anchor(sent)
    return RedirectResponse(onward, 303)
