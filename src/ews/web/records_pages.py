"""What came in: every drop with what became of it, its problems by file and line, and what waits.

For those who answer for the records and the service. A value that was found may be a student's: it is shown
to them alone, the values of tables that hold names and families to nobody here, and the look is in the
ledger before.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import PurePath
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ews.people.access import Principal
from ews.people.ledger import record_view
from ews.people.roles import Act, who_do
from ews.records.load_log import KeptLoad, kept_load, kept_loads
from ews.support.escaping import write_csv
from ews.support.settings_told import ToldSetting, settings_told
from ews.web import problems
from ews.web.desk import Desk, both_faces, for_staff
from ews.web.faces import answer
from ews.web.routes import Guarded, Policy, Who, address

OF_RECORDS = Policy(Who.staff, roles=who_do(Act.SEE_RECORDS))
STATES = {
    "loaded": "Loaded",
    "nothing_new": "Nothing new",
    "rejected": "Rejected",
    "held": "Held for a person",
}
COLOURS = {"loaded": "green", "nothing_new": "grey", "rejected": "red", "held": "amber"}
MOST_LOADS, MOST_PROBLEMS = 50, 500
OF_PERSONS = ("student_names", "guardians", "contacts", "staff")
"""Tables whose values are of people themselves: names, addresses of a family, words about them."""
COLUMNS = ("severity", "file", "line", "column", "value", "problem", "fix", "rows")


@dataclass(frozen=True)
class LoadLine:
    """A drop in a line. rows: read, loaded and set aside over all tables; errors, warnings: how many."""

    load_id: str
    at: datetime
    source: str
    drop: str
    state: str
    word: str
    colour: str
    read: int
    loaded: int
    quarantined: int
    errors: int
    warnings: int


@dataclass(frozen=True)
class TableLine:
    """A table in the newest drop that had it: when, how many rows, and how many wait now."""

    name: str
    last_loaded: datetime | None
    read: int
    loaded: int
    waiting: int


@dataclass(frozen=True)
class RecordsPage:
    """The drops on record, the newest first, and every table that any of them had."""

    loads: tuple[LoadLine, ...]
    tables: tuple[TableLine, ...]
    waiting: int


@dataclass(frozen=True)
class ProblemLine:
    """A problem in a drop. value: what was found; None where there is none or it is not shown here."""

    severity: str
    file: str
    line: int | None
    column: str | None
    value: str | None
    hidden: bool
    problem: str
    fix: str
    rows: int


@dataclass(frozen=True)
class LoadPage:
    """One drop: its line, why it is held, what every table did, its problems. left: those beyond the most."""

    load: LoadLine
    accepted: bool
    difference: tuple[str, ...]
    tables: Mapping[str, Mapping[str, int]]
    problems: tuple[ProblemLine, ...]
    left: int


@dataclass(frozen=True)
class SettingsPage:
    """The settings in force, by section."""

    sections: Mapping[str, tuple[ToldSetting, ...]]
    changed: int


def routes(desk: Desk) -> list[Guarded]:
    """The addresses of the records and of the settings."""
    return [
        *both_faces(desk, "/records", show_all, OF_RECORDS),
        address("/records/{load_id}.csv", for_staff(desk, download), OF_RECORDS, name="load-problems"),
        *both_faces(desk, "/records/{load_id}", show, OF_RECORDS),
        *both_faces(desk, "/settings", show_settings, OF_RECORDS),
    ]


def show_all(desk: Desk, request: Request) -> Response:
    """The drops and the tables."""
    loads = list(kept_loads(desk.settings.home))
    tables = table_lines(loads)
    view = RecordsPage(
        tuple(load_line(one) for one in loads[:MOST_LOADS]), tables, sum(one.waiting for one in tables)
    )
    return answer(request, "records.html", view, desk.frame(request, "records"))


def show(desk: Desk, request: Request) -> Response:
    """One drop with its problems."""
    found = kept_load(desk.settings.home, request.path_params["load_id"])
    if found is None:
        return desk.refuse(request, problems.NOT_FOUND)
    view = load_page(found)
    written_down(desk, request.state.principal, view)
    return answer(request, "load.html", view, desk.frame(request, "records"))


def download(desk: Desk, request: Request) -> Response:
    """The problems of one drop as a CSV file, to be worked off in the student system."""
    found = kept_load(desk.settings.home, request.path_params["load_id"])
    if found is None:
        return desk.refuse(request, problems.NOT_FOUND)
    view = load_page(found, most=None)
    written_down(desk, request.state.principal, view)
    out = io.StringIO()
    write_csv(out, COLUMNS, ([getattr(one, column) for column in COLUMNS] for one in view.problems))
    return Response(
        out.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="problems-{found.load_id}.csv"'},
    )


def show_settings(desk: Desk, request: Request) -> Response:
    """What is in force, with its default and where it was set; no secret."""
    sections = settings_told(desk.settings)
    changed = sum(one.changed for found in sections.values() for one in found)
    return answer(request, "settings.html", SettingsPage(sections, changed), desk.frame(request, "settings"))


# ---- what they are made of ------------------------------------------------------------------------------


def load_line(load: KeptLoad) -> LoadLine:
    """A drop in a line; one that was loaded before and brought nothing says so."""
    report = load.report
    status = report["status"]
    state = "nothing_new" if status == "loaded" and not report["published"] else status
    tables = report["tables"].values()
    severities = [problem["severity"] for problem in report["problems"]]
    return LoadLine(
        load_id=load.load_id,
        at=load.at,
        source=load.source,
        drop=load.drop,
        state=state,
        word=STATES[state],
        colour=COLOURS[state],
        read=sum(table["read"] for table in tables),
        loaded=sum(table["loaded"] for table in tables) if status == "loaded" else 0,
        quarantined=sum(table["quarantined"] for table in tables) if status == "loaded" else 0,
        errors=severities.count("error"),
        warnings=severities.count("warning"),
    )


def table_lines(loads: list[KeptLoad]) -> tuple[TableLine, ...]:
    """Every table of the drops that were loaded, as the newest of them left it."""
    lines: dict[str, TableLine] = {}
    for load in loads:
        if load.report["status"] != "loaded":
            continue
        for name, table in load.report["tables"].items():
            before = lines.get(name)
            if before is None:
                at = load.at if table["read"] else None
                lines[name] = TableLine(name, at, table["read"], table["loaded"], table["waiting"])
            elif before.last_loaded is None and table["read"]:
                lines[name] = replace(before, last_loaded=load.at, read=table["read"], loaded=table["loaded"])
    return tuple(lines[name] for name in sorted(lines))


def load_page(load: KeptLoad, most: int | None = MOST_PROBLEMS) -> LoadPage:
    """One drop; its errors before its warnings."""
    told = sorted(load.report["problems"], key=lambda problem: problem["severity"] != "error")
    return LoadPage(
        load=load_line(load),
        accepted=load.accepted,
        difference=tuple(load.report["difference"]),
        tables=load.report["tables"],
        problems=tuple(problem_line(problem) for problem in told[:most]),
        left=0 if most is None else max(0, len(told) - most),
    )


def problem_line(problem: Mapping[str, Any]) -> ProblemLine:
    """A problem; the value of a table of persons is not shown."""
    hidden = problem["value"] is not None and PurePath(problem["file"]).stem.casefold() in OF_PERSONS
    return ProblemLine(
        severity=problem["severity"],
        file=problem["file"],
        line=problem["line"],
        column=problem["column"],
        value=None if hidden else problem["value"],
        hidden=hidden,
        problem=problem["problem"],
        fix=problem["fix"],
        rows=problem.get("rows", 1),
    )


def written_down(desk: Desk, principal: Principal, view: LoadPage) -> None:
    """In the ledger, before values are shown: who looks at which drop's. No student is named there."""
    if any(one.value is not None for one in view.problems):
        with desk.store.begin() as tx:
            record_view(
                tx,
                principal,
                action="load_problems",
                reason=f"problems of the drop {view.load.load_id}",
                students=[],
                fields=("value",),
                at=desk.now(),
                model_version="",
            )
