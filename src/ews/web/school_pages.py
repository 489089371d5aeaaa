"""The schools and the district in numbers: pages on which no student stands.

A school that is somebody else's and one that does not exist give the same answer. No number of ten or
fewer is on them, nor what would tell of one (``ews.support.need``).
"""

from __future__ import annotations

import io
from collections import OrderedDict
from collections.abc import Iterable
from datetime import date
from functools import partial
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ews.people.access import runs_school, schools_in_sight, sees_every_school
from ews.people.roles import DISTRICT_ANALYST, EQUITY_REVIEWER, Act, who_do
from ews.risk.report_shelf import Equity, Verdict, equity_of, verdict_of
from ews.store.store import Transaction
from ews.support.escaping import write_csv
from ews.support.facts import Run
from ews.support.need import Counted, Numbers, numbers_of
from ews.support.runs import shown_run
from ews.support.school_sheet import heads, rows_of_school, rows_of_schools
from ews.support.school_view import most_of, school_of, school_view, schools_view
from ews.support.team_load import team_load
from ews.web import problems
from ews.web.desk import Desk, both_faces, for_staff
from ews.web.faces import answer, wants_json
from ews.web.routes import Guarded, Policy, Who, address

OF_SCHOOLS = Policy(Who.staff, roles=who_do(Act.SEE_SCHOOLS))
OF_DISTRICT = Policy(Who.staff, roles=frozenset({DISTRICT_ANALYST, EQUITY_REVIEWER}))
RUNS_KEPT = 4


class KeptNumbers:
    """The numbers of the runs shown last: a run never changes, so they are counted once in a process."""

    def __init__(self) -> None:
        self.kept: OrderedDict[str, tuple[Counted, Numbers]] = OrderedDict()

    def of(self, tx: Transaction, run: Run) -> tuple[Counted, Numbers]:
        """The numbers of ``run``."""
        found = self.kept.get(run.run_id)
        if found is None:
            found = self.kept[run.run_id] = numbers_of(tx, run)
            while len(self.kept) > RUNS_KEPT:
                self.kept.popitem(last=False)
        return found


def routes(desk: Desk) -> list[Guarded]:
    """The addresses of the schools and of the district."""
    numbers = KeptNumbers()
    sheets = {
        "/district.csv": (partial(show_district, numbers), OF_DISTRICT),
        "/schools.csv": (partial(show_schools, numbers), OF_SCHOOLS),
        "/schools/{school_id:path}.csv": (partial(show_school, numbers), OF_SCHOOLS),
    }
    return [
        *(address(path, for_staff(desk, draw), policy, name=path) for path, (draw, policy) in sheets.items()),
        *both_faces(desk, "/schools", partial(show_schools, numbers), OF_SCHOOLS),
        *both_faces(desk, "/district", partial(show_district, numbers), OF_DISTRICT),
        *both_faces(desk, "/schools/{school_id:path}", partial(show_school, numbers), OF_SCHOOLS),
    ]


def show_schools(numbers: KeptNumbers, desk: Desk, request: Request) -> Response:
    """The schools in sight; whoever has one alone is led to it."""
    return all_schools(numbers, desk, request, "schools")


def show_district(numbers: KeptNumbers, desk: Desk, request: Request) -> Response:
    """Every school, and what they come to together."""
    return all_schools(numbers, desk, request, "district")


def all_schools(numbers: KeptNumbers, desk: Desk, request: Request, at: str) -> Response:
    """The schools in sight; ``at`` the district with their sums, for those who see them all."""
    principal = request.state.principal
    with desk.store.read() as tx:
        run = shown_run(tx)
        if run is None:
            return desk.refuse(request, problems.NO_RUN)
        theirs, district = schools_in_sight(tx, principal), sees_every_school(principal)
        page = not (wants_json(request) or wants_sheet(request))
        if page and len(theirs) == 1 and not district and school_of(tx, run, *theirs):
            return RedirectResponse(f"/schools/{quote(next(iter(theirs)), safe='')}", 303)
        whole = district and at == "district"
        found = numbers.of(tx, run)
        view = schools_view(
            tx, run, found, theirs, whole=whole, district=district, verdict=verdict(desk), equity=equity(desk)
        )
    if wants_sheet(request):
        return sheet(at, heads(view), rows_of_schools(view), run.as_of)
    return answer(request, "schools.html", view, desk.frame(request, "schools"))


def show_school(numbers: KeptNumbers, desk: Desk, request: Request) -> Response:
    """One school."""
    principal, school_id = request.state.principal, request.path_params["school_id"]
    with desk.store.read() as tx:
        run = shown_run(tx)
        if run is None:
            return desk.refuse(request, problems.NO_RUN)
        theirs = schools_in_sight(tx, principal)
        school = school_of(tx, run, school_id) if school_id in theirs else None
        if school is None:
            return desk.refuse(request, problems.NOT_FOUND)
        team = (
            team_load(tx, principal, school_id, now=desk.now()) if runs_school(principal, school_id) else None
        )
        view = school_view(
            tx,
            run,
            numbers.of(tx, run),
            school,
            team=team,
            alone=len(theirs) == 1,
            verdict=verdict(desk),
            equity=equity(desk),
        )
    if wants_sheet(request):
        return sheet("school", heads(view), rows_of_school(view), run.as_of)
    return answer(request, "school.html", view, desk.frame(request, "schools"))


def wants_sheet(request: Request) -> bool:
    """Whether the address asks for the CSV file."""
    return request.url.path.endswith(".csv")


def sheet(name: str, columns: list[str], rows: Iterable[list[object]], as_of: date) -> Response:
    """The numbers as a file; no student is in it, so none is written to the ledger."""
    out = io.StringIO()
    write_csv(out, columns, rows)
    return Response(
        out.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="early-support-{name}-{as_of}.csv"'},
    )


def verdict(desk: Desk) -> Verdict | None:
    """What the newest audit says of individual scores."""
    return verdict_of(desk.settings.home / "reports")


def equity(desk: Desk) -> Equity | None:
    """What the newest audit says of schools that record more than expected."""
    return equity_of(desk.settings.home / "reports")


IN_TEMPLATES = {"most_of": most_of}
