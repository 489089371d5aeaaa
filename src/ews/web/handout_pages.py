"""The printouts of a team meeting: the agenda, then one sheet a student, on Letter or A4, also as a PDF."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from ews.people.roles import Act, who_do
from ews.support.handouts import Handout, Handouts, handouts
from ews.web import problems
from ews.web.charts import Term, Week
from ews.web.desk import Desk, for_staff
from ews.web.drawn import PRINT, drawing
from ews.web.faces import answer, page
from ews.web.printing import NO_PANGO, PAPERS, NoPango, pdf_answer, pdf_of
from ews.web.routes import Guarded, Policy, Who, address
from ews.web.sheet_room import (
    LONG_NAME,
    MOST_DECIDED,
    MOST_TASK,
    DecidedBefore,
    fitted,
    sheets_before,
)
from ews.web.student_page import SIGNALS, attendance_series, contact_mark

OF_MEETINGS = Policy(Who.staff, roles=who_do(Act.PLAN))
ACROSS, DOWN = 708, 104  # the drawing on paper, in CSS px: from side to side, and the depth of its scale
ON_A_PHONE = 256


@dataclass(frozen=True)
class Printouts:
    """The sheets as they are shown: on which paper, and what was decided before, a sheet at a time."""

    handouts: Handouts
    before: tuple[tuple[DecidedBefore, ...], ...]
    paper: str
    papers: dict[str, str]


@dataclass(frozen=True)
class PaperChart:
    """The weeks of attendance for paper, drawn wide, and narrow for a phone that looks at the sheet."""

    wide: Markup
    narrow: Markup


def routes(desk: Desk) -> list[Guarded]:
    """The sheets as a page, as JSON, as a PDF."""
    sheets = "/meetings/{meeting_id:int}/pages"
    return [
        address(f"{sheets}.pdf", for_staff(desk, show_pdf), OF_MEETINGS),
        address(f"{sheets}.json", for_staff(desk, show), OF_MEETINGS),
        address(sheets, for_staff(desk, show), OF_MEETINGS),
    ]


def show(desk: Desk, request: Request) -> Response:
    """The sheets on the screen, ready for the browser's own printing."""
    found = _found(desk, request)
    if found is None:
        return desk.refuse(request, problems.NOT_FOUND)
    return answer(request, "handouts.html", found, desk.frame(request, "meetings"))


def show_pdf(desk: Desk, request: Request) -> Response:
    """The same sheets as one PDF."""
    found = _found(desk, request)
    if found is None:
        return desk.refuse(request, problems.NOT_FOUND)
    written = page("printed/meeting.html", found, desk.frame(request, "meetings"))
    try:
        content = pdf_of(written)
    except NoPango:
        return desk.refuse(request, NO_PANGO)
    return pdf_answer(content, f"team-meeting-{found.handouts.agenda.meeting.held_on}")


def _found(desk: Desk, request: Request) -> Printouts | None:
    with desk.store.begin() as tx:
        found = handouts(tx, request.state.principal, request.path_params["meeting_id"], now=desk.now())
    if found is None:
        return None
    sheets = replace(found, pages=tuple(fitted(one) for one in found.pages))
    return Printouts(sheets, sheets_before(found.agenda), paper_in(request), PAPERS)


def paper_in(request: Request) -> str:
    """The paper that the address asks for; Letter where it asks for none that there is."""
    asked = request.query_params.get("paper", "")
    return asked if asked in PAPERS else "letter"


def paper_chart(handout: Handout) -> PaperChart | None:
    """A student's weeks of attendance; None when no week of them is on record."""
    card = handout.attendance
    if card is None or all(week.value is None for week in card.weeks):
        return None
    weeks = tuple(Week(week.starts_on, week.value, week.expected) for week in card.weeks)
    terms = tuple(Term(term.label, term.starts_on) for term in handout.view.terms)
    series = replace(
        attendance_series(weeks, terms), typical=handout.view.typical_weeks.get(SIGNALS["attendance"])
    )
    series = replace(series, depth=DOWN, contact=contact_mark(handout.view.row.last_contact))
    return PaperChart(
        wide=drawing(series, ACROSS, place="wide-drawing", ink=PRINT),
        narrow=drawing(series, ON_A_PHONE, place="narrow-drawing", ink=PRINT),
    )


IN_TEMPLATES: dict[str, Any] = {
    "paper_chart": paper_chart,
    "long_name": LONG_NAME,
    "most_decided": MOST_DECIDED,
    "most_task": MOST_TASK,
}
