"""One answer, two faces: a view is drawn as a page, or given as JSON when the address ends in ``.json``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, tzinfo
from enum import Enum
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from ews.people.mass_reading import MassReading
from ews.people.roles import Act, Field
from ews.web import words


@dataclass(frozen=True)
class Frame:
    """What stands around every view: who is signed in, their form token, whether all is made up.

    sees: what of a student is for this role (``Field``); the rest is told as not shown.
    does: the forms and pages that are for this role (``Act``).
    form_id: new with each page, so that a form acts once.
    today: the day that people in the district write.
    back: where a page is left to that is opened from more than one.
    alarms: what those who answer for the service have to hear of, whatever the page.
    """

    at: str
    timezone: tzinfo
    viewer: str = ""
    viewer_role: str = ""
    viewer_note: str = ""
    sees: frozenset[Field] = frozenset(Field)
    does: frozenset[Act] = frozenset()
    form_token: str = ""
    form_id: str = ""
    today: date | None = None
    back: str = "/list"
    made_up: bool = False
    alarms: tuple[MassReading, ...] = ()


def wants_json(request: Request) -> bool:
    """Whether the address asks for the JSON face."""
    return request.url.path.endswith(".json")


def answer(request: Request, template: str, view: Any, frame: Frame, status: int = 200) -> Response:
    """``view`` in the face that the address asks for."""
    if wants_json(request):
        return JSONResponse(as_json(view), status_code=status)
    return HTMLResponse(page(template, view, frame), status_code=status)


def page(template: str, view: Any, frame: Frame) -> str:
    """The page that ``template`` draws of ``view``; everything put into it is escaped."""
    return paper().get_template(template).render(view=view, frame=frame)


@cache
def paper() -> Environment:
    """The templates: escaping on everywhere, and an unknown name is an error and not a gap."""
    environment = Environment(
        loader=PackageLoader("ews.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(words.FILTERS)
    environment.globals.update(places())
    return environment


def places() -> dict[str, Any]:
    """What templates may call besides the words: addresses of the list, choices of its filters, charts."""
    from ews.web import (
        act_pages,
        contact_pages,
        family_pages,
        follow_up_pages,
        handout_pages,
        ledger_page,
        letter_pages,
        list_page,
        meeting_pages,
        navigation,
        nomination_pages,
        plan_pages,
        school_pages,
        static_files,
        student_page,
    )

    pages = (
        follow_up_pages,
        plan_pages,
        nomination_pages,
        list_page,
        student_page,
        act_pages,
        contact_pages,
        navigation,
        static_files,
        handout_pages,
        school_pages,
        ledger_page,
        letter_pages,
        family_pages,
        meeting_pages,
    )
    found: dict[str, Any] = {}
    for page in pages:
        if twice := found.keys() & page.IN_TEMPLATES.keys():
            raise RuntimeError(f"Two pages give templates the same word: {', '.join(sorted(twice))}.")
        found |= page.IN_TEMPLATES
    return found


def as_json(view: Any) -> Any:
    """A view as JSON's own types: dataclasses by their fields, days and moments in ISO form."""
    if is_dataclass(view) and not isinstance(view, type):
        return {field.name: as_json(getattr(view, field.name)) for field in fields(view)}
    if isinstance(view, Mapping):
        return {str(key): as_json(value) for key, value in view.items()}
    if isinstance(view, list | tuple | set | frozenset):
        return [as_json(value) for value in view]
    if isinstance(view, Enum):
        return view.value
    if isinstance(view, date | datetime):
        return view.isoformat()
    return view
