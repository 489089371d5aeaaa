"""The list as a CSV file: what the page shows under the same address, written to the ledger as an export."""

from __future__ import annotations

import io
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from ews.errors import UsageError
from ews.support.escaping import write_csv
from ews.support.list_sheet import MOST_ROWS, heads_for, rows_of
from ews.support.risk_list import risk_list
from ews.web import problems
from ews.web.desk import Desk
from ews.web.list_page import filters_of


def download(desk: Desk, request: Request) -> Response:
    """Everyone on the tab and within the filters of the address, whatever the page; at most MOST_ROWS.

    Nothing is written to the ledger, and nothing handed out, when there are more: the list is not cut.
    """
    person = request.state.principal
    heads = heads_for(person)
    asked = replace(filters_of(request.query_params), page=1, size=MOST_ROWS)
    with desk.store.begin() as tx:
        view = risk_list(tx, person, asked, now=desk.here(), action="export", shown=heads)
        if view.total > MOST_ROWS:
            raise UsageError(
                f"These are {view.total:,} students; a download has at most {MOST_ROWS}.",
                "Narrow the list: by school, grade, counselor or level.",
            )
    if view.run is None:
        return desk.refuse(request, problems.NO_RUN)
    out = io.StringIO()
    write_csv(out, heads, rows_of(view, person))
    name = f"early-support-list-{view.run.as_of}.csv"
    return Response(
        out.getvalue().encode("utf-8-sig"),  # the mark tells spreadsheets that names are UTF-8
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )
