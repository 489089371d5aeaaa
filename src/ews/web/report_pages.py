"""The reports of audits and evaluations that lie on this machine: which there are, what each says in short,
and each one whole.

A report is a document of its own, with its sheet of style inside. Our pages allow no style inside a page,
and that stays so: the sheet is taken out and given at an address of its own beside the report.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from ews.people.roles import Act, who_do
from ews.risk.report_shelf import AUDIT, KeptReport, Verdict, facts_of, kept_reports, verdict_of
from ews.web import problems
from ews.web.desk import Desk, both_faces, for_staff
from ews.web.faces import answer
from ews.web.routes import Guarded, Policy, Who, address

OF_REPORTS = Policy(Who.staff, roles=who_do(Act.SEE_MODELS))
SHEET = re.compile(r"<style>(.*?)</style>", re.DOTALL)
LINKS = '<link rel="stylesheet" href="/reports/{name}.css"><link rel="icon" href="/static/mark.svg">'
WAY_BACK = '<nav class="wide" aria-label="Way back"><a href="/reports">Reports of Early Support</a></nav>'
TITLES = {"audit": "Is the list fair to every group?", "evaluation": "How good are the models?"}


@dataclass(frozen=True)
class ReportLine:
    """One report: what it asks, as of when, and its answers in short, a model each.

    readable: whether its page is there; facts: whether the file for machines is.
    """

    name: str
    kind: str
    title: str
    as_of: date
    said: Mapping[str, str]
    readable: bool
    facts: bool


@dataclass(frozen=True)
class ReportsPage:
    """Every report, the newest first, and whether individual scores are needed."""

    reports: tuple[ReportLine, ...]
    verdict: Verdict | None


def routes(desk: Desk) -> list[Guarded]:
    """The addresses of the reports."""
    return [
        *both_faces(desk, "/reports", show_all, OF_REPORTS),
        address("/reports/{name}.json", for_staff(desk, show_facts), OF_REPORTS, name="report-facts"),
        address("/reports/{name}.css", for_staff(desk, show_sheet), OF_REPORTS, name="report-sheet"),
        address("/reports/{name}", for_staff(desk, show), OF_REPORTS, name="report"),
    ]


def show_all(desk: Desk, request: Request) -> Response:
    """Which reports there are."""
    folder = shelf(desk)
    view = ReportsPage(tuple(report_line(one) for one in kept_reports(folder)), verdict_of(folder))
    return answer(request, "reports.html", view, desk.frame(request, "reports"))


def show(desk: Desk, request: Request) -> Response:
    """One report, with its sheet linked and a way back."""
    report = asked_for(desk, request)
    text = read(report.page) if report else None
    if report is None or text is None:
        return desk.refuse(request, problems.NOT_FOUND)
    linked = SHEET.sub(LINKS.format(name=report.name), text, count=1)
    return HTMLResponse(linked.replace("<body>", f"<body>\n{WAY_BACK}", 1))


def show_sheet(desk: Desk, request: Request) -> Response:
    """The sheet of style of one report."""
    report = asked_for(desk, request)
    found = SHEET.search(read(report.page) or "") if report else None
    if found is None:
        return desk.refuse(request, problems.NOT_FOUND)
    return Response(found[1], media_type="text/css")


def show_facts(desk: Desk, request: Request) -> Response:
    """What one report says to machines."""
    report = asked_for(desk, request)
    found = facts_of(report) if report else None
    return JSONResponse(found) if found is not None else desk.refuse(request, problems.NOT_FOUND)


def shelf(desk: Desk) -> Path:
    """Where ``ews audit`` and ``ews evaluate`` leave their reports."""
    return desk.settings.home / "reports"


def asked_for(desk: Desk, request: Request) -> KeptReport | None:
    """The report that the address names: one of those that are there, so no name leads elsewhere."""
    name = request.path_params["name"]
    return next((one for one in kept_reports(shelf(desk)) if one.name == name), None)


def read(path: Path | None) -> str | None:
    """The text of a report; None where it is not there or no text."""
    try:
        return path.read_text(encoding="utf-8") if path else None
    except (OSError, UnicodeDecodeError):
        return None


def report_line(report: KeptReport) -> ReportLine:
    """One report in a line."""
    content = facts_of(report)
    return ReportLine(
        name=report.name,
        kind=report.kind,
        title=TITLES[report.kind],
        as_of=report.as_of,
        said=in_short(report, content) if content else {},
        readable=report.page is not None,
        facts=content is not None,
    )


def in_short(report: KeptReport, content: Mapping[str, Any]) -> dict[str, str]:
    """The model's title and the verdict on it; of an evaluation its first sentence."""
    if report.kind == AUDIT:
        return {model["title"]: audit_words(model) for model in content["models"].values()}
    return {name: next(iter(said.values()), "") for name, said in content["in_short"].items()}


def audit_words(model: Mapping[str, Any]) -> str:
    """``Passed: 42 groups tested on 2024-25, no alarm.``"""
    alarms = len(model["alarms"])
    told = f"{alarms} alarm{'s' if alarms > 1 else ''}" if alarms else "no alarm"
    year = f"{model['year'] - 1}-{model['year'] % 100:02d}"
    return f"{str(model['verdict']).capitalize()}: {model['groups']} groups tested on {year}, {told}."
