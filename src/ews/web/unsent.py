"""What somebody typed and could not be saved: it stays on the page that says why, and is sent from there.

A session that ended in the middle of a note, a database that is held or gone, a day that may not be: the
form comes back with every word in it. Nothing of it is kept on the server, in an address or in the log. It
keeps the form's own id, so what had been saved after all is not saved twice.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, Response

from ews.errors import ChangedMeanwhile
from ews.web import cookies, problems
from ews.web.desk import Desk
from ews.web.faces import page
from ews.web.forms import own_address, said
from ews.web.signin import SignInPage, form, own_path

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
ABOUT = "about"
"""The hidden field with the student's name: a page that the database cannot help with shows it, too."""
NOT_AGAIN = ("form_token", "password", "again", "code", "kept")
WRITTEN = {
    "note": "Your note",
    "words": "In your own words",
    "reason": "Your reason",
    "goal": "The goal",
    "question": "Your question",
    "answer": "Your answer",
    "decided": "What the team decided",
    "does": "Who does what",
}
"""The fields that people write sentences into, by what they are called."""

TYPED = {
    "on": ("Day", "date"),
    "on_day": ("Day", "date"),
    "sent_on": ("Sent on", "date"),
    "held_on": ("Day of the meeting", "date"),
    "begins": ("Begins", "time"),
    "due_on": ("By when", "date"),
    "returns_on": ("Look again on", "date"),
    "starts_on": ("Planned start", "date"),
    "ends_on": ("Planned end", "date"),
    "review_on": ("Review on", "date"),
    "again_on": ("Next review on", "date"),
    "minutes": ("Minutes", "text"),
    "minutes_week": ("Minutes a week", "text"),
    "name": ("Name", "text"),
    "places": ("Places", "text"),
    "other_kind": ("Another support", "text"),
    "other_adult": ("Another adult", "text"),
}
"""Days, numbers and names that people type: what they are called, and how they are asked for."""


@dataclass(frozen=True)
class Kept:
    """A form that was not taken: where it goes, and every field of it."""

    address: str
    fields: tuple[tuple[str, str], ...]

    @property
    def about(self) -> str:
        """The name of the student that the form is about; empty for a form about nobody."""
        return dict(self.fields).get(ABOUT, "")

    def at_version(self, version: int) -> Kept:
        """The same form, knowing of what stands there now."""
        told = ((name, str(version) if name == "version" else text) for name, text in self.fields)
        return Kept(self.address, tuple(told))

    @property
    def text(self) -> str:
        """The form in one text, for a hidden field."""
        return json.dumps([self.address, self.fields], ensure_ascii=False)


@dataclass(frozen=True)
class Unsent:
    """The page: what happened, what can be done, and the form with what was written in it.

    again: whether sending it anew can help: not where it says what cannot be, and nothing of it is shown.
    """

    title: str
    detail: str
    fix: str
    kept: Kept
    token: str
    theirs: tuple[tuple[str, str | date], ...] = ()
    again: bool = True

    @property
    def written(self) -> list[tuple[str, str, str]]:
        """What was written, to be read and changed: field, what it is called, the words."""
        return [(name, WRITTEN[name], text) for name, text in self.kept.fields if name in WRITTEN]

    @property
    def typed(self) -> list[tuple[str, str, str, str]]:
        """What was typed, to be changed where that was the trouble: field, what it is called, kind, text."""
        return [(name, *TYPED[name], text) for name, text in self.kept.fields if name in TYPED]

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """The fields that are only sent again."""
        shown = WRITTEN.keys() | TYPED.keys()
        return [(name, text) for name, text in self.kept.fields if name not in shown]

    @property
    def back(self) -> str:
        """Where the form would have led back to."""
        return own_address(dict(self.kept.fields).get("back", ""))


def kept_of(request: HTTPConnection, sent: FormData) -> Kept:
    """The form as it was sent, without what must not come twice: its token, and passwords."""
    fields = tuple((name, text) for name, text in texts_of(sent) if name not in NOT_AGAIN)
    return Kept(quote(request.scope["path"], safe="/"), fields)


def texts_of(sent: FormData) -> Sequence[tuple[str, str]]:
    """The fields of a form that are text, in their order."""
    return [(name, value) for name, value in sent.multi_items() if isinstance(value, str)]


def read_kept(text: str) -> Kept | None:
    """A form from the text that ``Kept.text`` made of it; None when it is none of ours."""
    try:
        address, fields = json.loads(text)
        kept = Kept(own_path(address), tuple((str(name), str(value)) for name, value in fields))
    except (ValueError, TypeError, AttributeError):
        return None
    return kept if kept.address else None


def unsent(
    desk: Desk,
    request: Request,
    sent: FormData,
    found: problems.Problem,
    meanwhile: ChangedMeanwhile | None = None,
) -> Response:
    """The page on which what was typed stays, for a form of ours that could not be taken.

    meanwhile: what somebody else wrote into the same fields. It stands beside one's own, and what is saved
    from here takes its place knowingly.
    """
    frame, kept = desk.bare_frame(request), kept_of(request, sent)
    view = Unsent("Not saved yet", found.detail, found.fix, kept, frame.form_token)
    if found.status == 400 and not (view.written or view.typed):
        view = replace(view, title="Not done", again=False)
    if meanwhile is not None:
        view = replace(
            view,
            title="Somebody else was faster",
            kept=kept.at_version(meanwhile.version),
            theirs=tuple(meanwhile.theirs.items()),
        )
    return HTMLResponse(page("unsent.html", view, frame), found.status)


async def unheard(desk: Desk, request: Request, found: problems.Problem) -> Response | None:
    """The answer to a form that came before it could be said who sent it; None when it is no form of ours.

    401: the session has ended, and the form for signing in carries what was typed. 503: the page on which it
    stays. Whether it came from here, its origin says; its token belonged to a session that is no more.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in FORMS or not cookies.own_origin(request) or found.status not in (401, 503):
        return None
    sent = await request.form()
    if "form_id" not in sent:
        return None
    if found.status == 503:
        view = Unsent(
            "Not saved yet",
            found.detail,
            found.fix,
            kept_of(request, sent),
            cookies.form_token(cookies.session_secret(request) or ""),
        )
        return HTMLResponse(page("unsent.html", view, desk.bare_frame(request)), 503)
    return form(desk, request, sign_in_page(kept_of(request, sent)), 401)


def sign_in_page(kept: Kept) -> SignInPage:
    """The form for signing in that carries what was typed."""
    return SignInPage(kept=kept.text, about=kept.about)


def signed_in_again(desk: Desk, request: Request, text: str, secret: str) -> Response | None:
    """The page after signing in again, with what was typed ready to be saved; None when nothing was."""
    kept = read_kept(text) if text else None
    if kept is None:
        return None
    view = Unsent(
        "You are signed in again",
        "Your session had ended before this was saved. Nothing of it is lost.",
        "Read it once more, then save it.",
        kept,
        cookies.form_token(secret),
    )
    return HTMLResponse(page("unsent.html", view, desk.bare_frame(request)))


__all__ = ["Kept", "Unsent", "said", "signed_in_again", "unheard", "unsent"]
