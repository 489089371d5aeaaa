"""The page of what is still savable this term."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from ews.people.roles import Act, who_do
from ews.support.savable_view import Filter, savable_view
from ews.web import problems
from ews.web.desk import Desk
from ews.web.faces import answer
from ews.web.routes import Policy, Who

LONGEST = 200
POLICY = Policy(Who.staff, roles=who_do(Act.FOLLOW_UP))


def show(desk: Desk, request: Request) -> Response:
    """What is savable of one's own students; the address says which course, teacher and school."""
    asked = {name: request.query_params.get(name, "")[:LONGEST] for name in ("course", "teacher", "school")}
    with desk.store.begin() as tx:
        view = savable_view(
            tx,
            request.state.principal,
            Filter(**asked),
            now=desk.now(),
            passing=desk.settings["savable.passing"],
            late_days=desk.settings["savable.late_days"],
        )
    if view.run is None:
        return desk.refuse(request, problems.NO_RUN)
    return answer(request, "savable.html", view, desk.frame(request, "savable"))
