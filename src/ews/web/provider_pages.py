"""Signing in through the district's identity provider: there, and back.

Each refusal is a page that says what to do. The log has a word for why, and nobody's name.
"""

from __future__ import annotations

from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ews.people.identities import Entered, begin_sign_in, sign_in_as, take_sign_in
from ews.people.owed_codes import roles_owing
from ews.web import cookies, log, problems
from ews.web.desk import Desk
from ews.web.problems import OVER, Problem
from ews.web.provider import OURS, Provider, ProviderRefused, ProviderSilent
from ews.web.routes import ANYONE, Guarded, address
from ews.web.signin import HOME, VISITOR_SECONDS, let_in, own_path, to_code

NOT_OURS = Problem(
    403,
    "not_of_this_district",
    "Not an account of this district",
    "You signed in there, but not with an account that this district gives to its staff.",
    "Sign out there, then sign in with your work account of this district.",
)
UNKNOWN = Problem(
    403,
    "no_account_here",
    "No account here yet",
    "You signed in, but nobody has given you an account in this service, or it has been disabled.",
    "Ask the person who keeps the accounts to add one under your work e-mail address.",
)
NOT_VOUCHED = Problem(
    403,
    "sign_in_not_valid",
    "That sign-in does not count",
    "What came back is not the identity provider's word for this sign-in.",
    "Open the sign-in page and begin again. If it stays, tell the person who runs this service.",
)
SILENT = Problem(
    503,
    "provider_silent",
    "The identity provider does not answer",
    "Nobody can be signed in through it at the moment.",
    "Try again in a few minutes, or sign in with a user name and a password if you have them.",
)


def routes(desk: Desk, provider: Provider | None) -> list[Guarded]:
    """The two addresses; none without a provider."""
    if provider is None:
        return []
    return [
        address("/signin/there", partial(leave_for, desk, provider), ANYONE, name="sign-in-there"),
        address(OURS, partial(come_back, desk, provider), ANYONE, name="sign-in-back"),
    ]


async def leave_for(desk: Desk, provider: Provider, request: Request) -> Response:
    """On to the provider, with a sign-in that only this browser can finish."""
    visitor = cookies.visitor_secret(request)
    wanted = own_path(request.query_params.get("next", ""))

    def begun() -> str:
        with desk.store.begin() as tx:
            there = begin_sign_in(tx, visitor, wanted, now=desk.now())
        return provider.address(there.state, there.nonce, there.verifier)

    try:
        response: Response = RedirectResponse(await run_in_threadpool(begun), 303)
    except ProviderSilent:
        return refused(desk, request, SILENT)
    cookies.keep(response, request, visitor, VISITOR_SECONDS, cookies.VISITOR)
    return response


async def come_back(desk: Desk, provider: Provider, request: Request) -> Response:
    """A session for whoever the provider vouches for, if they have an account here."""
    query = request.query_params
    visitor, state, code = cookies.visitor_secret(request), query.get("state", ""), query.get("code", "")
    hours = desk.settings["serve.session_hours"]

    def finished() -> tuple[Entered, str] | Problem:
        with desk.store.begin() as tx:
            begun = take_sign_in(tx, visitor, state, now=desk.now())
        if begun is None:
            return OVER
        if not code:  # the person said no there, or the provider did
            return NOT_VOUCHED
        person = provider.person(code, begun.nonce, begun.verifier, now=desk.now().timestamp())
        entered = sign_in_as(
            desk.store,
            person.issuer,
            person.subject,
            person.email,
            begun.wanted,
            now=desk.now(),
            hours=hours,
            owing=roles_owing(desk.settings),
        )
        return (entered, begun.wanted) if entered else UNKNOWN

    try:
        done = await run_in_threadpool(finished)
    except ProviderSilent:
        return refused(desk, request, SILENT)
    except ProviderRefused as problem:
        page = NOT_OURS if problem.why in ("tenant", "student") else NOT_VOUCHED
        return refused(desk, request, page, problem.why)
    if isinstance(done, Problem):
        return refused(desk, request, done)
    entered, wanted = done
    if entered.owes_code:
        return to_code(request, entered.token)
    return let_in(RedirectResponse(wanted or HOME, 303), request, entered.token, hours)


def refused(desk: Desk, request: Request, page: Problem, why: str = "") -> Response:
    """The page that says why not, and a line in the log."""
    log.say("sign_in_refused", why=why or page.error)
    return problems.problem(request, page, desk.bare_frame(request))
