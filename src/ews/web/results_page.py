"""The results report: asked for by two days in the address, as a page to print, as JSON, as a CSV."""

from __future__ import annotations

import io
from datetime import date

from starlette.requests import Request
from starlette.responses import Response

from ews.errors import UsageError
from ews.people.ledger import record_view
from ews.people.roles import Act, who_do
from ews.support.escaping import write_csv
from ews.support.results import HEADS, Results, results, rows_of
from ews.web import problems
from ews.web.desk import Desk, for_staff
from ews.web.faces import answer
from ews.web.routes import Guarded, Policy, Who, address

OF_RESULTS = Policy(Who.staff, roles=who_do(Act.FOLLOW_UP))
OF_EXPORTS = Policy(Who.staff, roles=who_do(Act.EXPORT) & who_do(Act.FOLLOW_UP))


def routes(desk: Desk) -> list[Guarded]:
    """The report in its three forms."""
    return [
        address("/results.json", for_staff(desk, show), OF_RESULTS),
        address("/results", for_staff(desk, show), OF_RESULTS),
        address("/results.csv", for_staff(desk, download), OF_EXPORTS, name="results-csv"),
    ]


def show(desk: Desk, request: Request) -> Response:
    """The report; it names nobody and tells of no group of ten or fewer, so it is no look at a student."""
    found = _found(desk, request)
    if found is None:
        return desk.refuse(request, problems.NO_RUN)
    return answer(request, "results.html", found, desk.frame(request, "results"))


def download(desk: Desk, request: Request) -> Response:
    """The very numbers of the page as a CSV; that it was taken is in the ledger."""
    found = _found(desk, request)
    if found is None:
        return desk.refuse(request, problems.NO_RUN)
    with desk.store.begin() as tx:
        record_view(
            tx,
            request.state.principal,
            action="export",
            reason="results report, groups only",
            students=(),
            fields=("results",),
            at=desk.now(),
        )
    out = io.StringIO()
    write_csv(out, HEADS, rows_of(found))
    return Response(
        out.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="results-{found.since}-{found.until}.csv"'},
    )


def _found(desk: Desk, request: Request) -> Results | None:
    with desk.store.read() as tx:
        return results(
            tx,
            request.state.principal,
            since=_day(request, "since"),
            until=_day(request, "until"),
        )


def _day(request: Request, word: str) -> date | None:
    text = request.query_params.get(word, "")
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(
            f"The address asks for a report that there is not: look at {word}.", "Write it as 2025-11-14."
        ) from None
