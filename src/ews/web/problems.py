"""The pages that say what went wrong: the same sentence for a student of others and for one who is not.

No page here carries anything of the request: not the address, not an id, not the error's own text
unless it was written for people (``EwsError``). So two answers of the same kind are the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from ews.errors import EwsError
from ews.web.answers import Refused
from ews.web.faces import Frame, answer, page, wants_json


@dataclass(frozen=True)
class Problem:
    """What the page says: the code for machines, the title, what happened, what can be done."""

    status: int
    error: str
    title: str
    detail: str
    fix: str


NOT_FOUND = Problem(
    404,
    "not_found",
    "Nothing here for you",
    "There is no such page, or no such student among those you work with.",
    "If a student of yours is missing, ask the office to check the caseload in the student system.",
)
FORBIDDEN = Problem(
    403,
    "forbidden",
    "Not from this page",
    "This form was not sent from our own page, or the page had been open for too long.",
    "Go back, load the page again, and send it once more.",
)
STALE = Problem(
    403,
    "forbidden",
    "Not saved yet",
    "This page had been open since before you signed in again.",
    "Read it once more, then save it.",
)
OVER = Problem(
    400,
    "sign_in_over",
    "That sign-in is over",
    "It was begun more than ten minutes ago, in another browser, or was used already.",
    "Open the sign-in page and begin again.",
)
FIRST_PASSWORD = Problem(
    403,
    "first_password",
    "Choose a password first",
    "You are signed in with a one-time password.",
    "Open /password and choose one of your own.",
)
BROKEN = Problem(
    500,
    "internal",
    "Something broke on our side",
    "The page could not be made. Nothing was changed, and no student was shown.",
    "Try again in a minute. If it stays, tell the person who runs this service the time it happened.",
)
SILENT = Problem(
    503,
    "database_silent",
    "The database does not answer",
    "The database does not answer just now, or somebody else holds it. Nothing was changed.",
    "Try again in a minute. If it stays, tell the person who runs this service the time it happened.",
)
SLOW = Problem(
    503,
    "too_slow",
    "Not ready",
    "The answer was not ready in time.",
    "Try again in a minute: what is sent twice is done once. If it stays, tell the person who runs this "
    "service the time it happened.",
)
NO_RUN = Problem(
    503,
    "no_run",
    "No list yet",
    "The records have not been scored yet, so there is no list to show.",
    "The person who runs this service can make one with: ews score --as-of DATE",
)
NO_LIST_THEN = Problem(
    404,
    "not_found",
    "No list of that day",
    "That day was not scored, so there is no list of it.",
    "Leave the day out of the address for the newest list.",
)


def problem(request: Request, found: Problem, frame: Frame) -> Response:
    """The answer for ``found``, as a page or as ``{"error", "detail", "fix"}``."""
    if wants_json(request):
        return JSONResponse(
            {"error": found.error, "detail": found.detail, "fix": found.fix}, status_code=found.status
        )
    return answer(request, "problem.html", found, frame, found.status)


def told(error: EwsError) -> Problem:
    """An error that was written for people, as a problem. Where the database is, is not for the pages."""
    if error.code == SILENT.error:
        return SILENT
    return Problem(error.status, error.code, "This could not be shown", error.found, error.fix)


TITLES = {
    401: "Sign in first",
    403: "Not for this account",
    404: NOT_FOUND.title,
    413: "Too much at once",
    429: "Too many at once",
    500: BROKEN.title,
    503: "Not ready",
}


def drawn(refused: Refused, frame: Frame) -> Response:
    """A refusal of the door as a page; an address that is not there looks like a student who is not."""
    found = of(refused)
    return HTMLResponse(page("problem.html", found, frame), found.status, refused.headers)


def of(refused: Refused) -> Problem:
    """A refusal of the door in the words of a page."""
    return AS_PAGES.get(refused.error) or Problem(
        refused.status,
        refused.error,
        TITLES.get(refused.status, "This could not be shown"),
        refused.detail,
        refused.fix,
    )


AS_PAGES = {"not_found": NOT_FOUND, "internal": BROKEN, "database_silent": SILENT, "too_slow": SLOW}
