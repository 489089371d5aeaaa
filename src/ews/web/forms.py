"""What a form says, and where the person was who sent it."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit

from starlette.datastructures import FormData
from starlette.requests import Request

LONGEST_ID, LONGEST_NAME = 64, 100


def said(sent: FormData, field: str) -> str:
    """What the form says in ``field``; an upload in its place is nothing."""
    value = sent.get(field)
    return value if isinstance(value, str) else ""


def all_said(sent: FormData, field: str) -> list[str]:
    """Everything that the form says in ``field``, of several boxes with one name."""
    return [value for value in sent.getlist(field) if isinstance(value, str)]


def form_id(sent: FormData) -> str:
    """The form's own id. A form without one is not ours; its token is then the best that there is."""
    return (said(sent, "form_id") or said(sent, "form_token"))[:LONGEST_ID]


def day_in(text: str) -> date | None:
    """The day that ``text`` names, if it names one."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def number_in(text: str) -> int:
    """The whole number that ``text`` names; 0 where it names none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def name_in(request: Request) -> str:
    """The words of a name that the address asks for."""
    return request.query_params.get("name", "").strip()[:LONGEST_NAME]


def own_address(wanted: str) -> str:
    """``wanted`` if it is an address of ours with its filters, else the list."""
    parts = urlsplit(wanted.replace("\\", "/"))
    ours = not parts.scheme and not parts.netloc and parts.path.startswith("/") and wanted.isprintable()
    if not ours or parts.path.startswith("//"):
        return "/list"
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def anchor(sent: FormData) -> str:
    """Where on the page the person was: the row that was clicked, or the notes."""
    place = said(sent, "place")
    return f"#{place}" if place.replace("-", "").isalnum() and place.isascii() else ""
