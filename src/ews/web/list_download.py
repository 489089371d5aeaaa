"""The list as a CSV file: what the page shows under the same address, written to the ledger as an export.

Above the day's quota (``people/export_quota.py``) a page asks first what the file is for. The file is the
answer to its form, once: sent again, it is asked anew.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, replace

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ews.errors import EwsError, UsageError
from ews.people.export_quota import (
    LONGEST_REASON,
    AboveQuota,
    GivenBefore,
    give_once,
    hold_to_quota,
    reason_given,
    taken_out,
)
from ews.people.roles import Act, who_do
from ews.support.escaping import write_csv
from ews.support.list_sheet import MOST_ROWS, heads_for, rows_of
from ews.support.risk_list import RiskList, risk_list
from ews.web import cookies, problems
from ews.web.desk import Desk, for_staff
from ews.web.faces import answer
from ews.web.forms import form_id, said
from ews.web.list_page import csv_address, filters_of, list_address, no_list
from ews.web.routes import Guarded, Policy, Who, address

OF_EXPORTS = Policy(Who.staff, roles=who_do(Act.EXPORT))


@dataclass(frozen=True)
class ReasonPage:
    """What is asked above the quota: how many students were taken out already, of how many; what is wrong."""

    taken: int
    most: int
    address: str
    back: str
    longest: int
    reason: str = ""
    wrong: str = ""


def routes(desk: Desk) -> list[Guarded]:
    """The file, and the file with a reason."""

    async def with_reason(request: Request) -> Response:
        sent = await request.form()
        if not cookies.from_our_page(request, sent, cookies.session_secret(request)):
            return desk.refuse(request, problems.FORBIDDEN)
        if request.state.principal.must_change:
            return RedirectResponse("/password", 303)
        try:
            return await run_in_threadpool(for_a_reason, desk, request, said(sent, "reason"), form_id(sent))
        except EwsError as error:
            if error.status >= 500 and error.status != 503:
                raise
            return desk.refuse(request, problems.told(error))

    return [
        address("/list.csv", for_staff(desk, download), OF_EXPORTS, name="list-csv"),
        address("/list.csv", with_reason, OF_EXPORTS, ("POST",), name="list-csv-with-reason"),
    ]


def download(desk: Desk, request: Request) -> Response:
    """Everyone on the tab and within the filters of the address, whatever the page; at most MOST_ROWS.

    Nothing is written to the ledger, and nothing handed out, when there are more: the list is not cut.
    The same above the day's quota, until a reason is given.
    """
    try:
        return file_of(desk, request)
    except AboveQuota:
        return ask(desk, request, 403)


def for_a_reason(desk: Desk, request: Request, text: str, form: str) -> Response:
    """The file, its reason in the ledger; or the page again, with what is wrong with the form."""
    try:
        return file_of(desk, request, reason_given(text), form)
    except UsageError as error:
        if error.status not in (400, GivenBefore.status):
            raise
        return ask(desk, request, error.status, text[:LONGEST_REASON], f"{error.found} {error.fix}")


def file_of(desk: Desk, request: Request, reason: str = "", form: str = "") -> Response:
    """The file; UsageError, and nothing written, when it is too long, names somebody or lacks a reason, or
    when its ``form`` was answered before."""
    person, now = request.state.principal, desk.now()
    heads = heads_for(person)
    asked = replace(filters_of(request.query_params), page=1, size=MOST_ROWS)
    with desk.store.begin() as tx:
        view = risk_list(tx, person, asked, now=now, action="export", shown=heads, for_what=reason)
        if view.run is None:
            return desk.refuse(request, no_list(tx, asked))
        if view.total > MOST_ROWS:
            raise UsageError(
                f"These are {view.total:,} students; a download has at most {MOST_ROWS}.",
                "Narrow the list: by school, grade, counselor or level.",
            )
        if not reason:
            hold_to_quota(tx, person, most=desk.settings["exports.students_a_day"], now=now)
        elif names_somebody(reason, view):
            raise UsageError("The reason names a student of the file.", "Say it without a name or an id.")
        else:
            give_once(tx, person, form, now=now)
    out = io.StringIO()
    write_csv(out, heads, rows_of(view, person))
    name = f"early-support-list-{view.run.as_of}.csv"
    return Response(
        out.getvalue().encode("utf-8-sig"),  # the mark tells spreadsheets that names are UTF-8
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def names_somebody(reason: str, view: RiskList) -> bool:
    """Whether ``reason`` holds the whole name or the id of a student of the file."""
    told = {one for row in view.rows for one in (row.display_name, row.student_id) if one}
    return any(re.search(rf"(?<!\w){re.escape(one)}(?!\w)", reason, re.IGNORECASE) for one in told)


def ask(desk: Desk, request: Request, status: int, reason: str = "", wrong: str = "") -> Response:
    """The page that asks what the file is for."""
    filters = filters_of(request.query_params)
    with desk.store.read() as tx:
        taken = taken_out(tx, request.state.principal, now=desk.now())
    view = ReasonPage(
        taken=taken,
        most=desk.settings["exports.students_a_day"],
        address=csv_address(filters),
        back=list_address(filters),
        longest=LONGEST_REASON,
        reason=reason,
        wrong=wrong,
    )
    return answer(request, "export_reason.html", view, desk.frame(request, "list"), status)
