"""The pages and their addresses; each also as ``.json`` from the very same view."""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from ews.people.owed_codes import roles_owing
from ews.people.roles import Act, role_of, who_do
from ews.web import (
    account_pages,
    act_pages,
    code_page,
    contact_pages,
    digest_page,
    draw_pages,
    family_pages,
    follow_up_pages,
    handout_pages,
    handover_page,
    how_page,
    ledger_page,
    letter_pages,
    list_download,
    list_page,
    meeting_pages,
    models_page,
    nomination_pages,
    own_page,
    plan_pages,
    provider_pages,
    question_pages,
    records_pages,
    report_pages,
    results_page,
    savable_page,
    school_pages,
    signin,
    slip_pages,
    student_page,
)
from ews.web.desk import Desk, both_faces, for_staff
from ews.web.inside import Inside
from ews.web.navigation import first_place
from ews.web.provider import provider_of
from ews.web.routes import ANYONE, STAFF, Guarded, Policy, Who, address, files
from ews.web.static_files import STATIC, KeptFiles
from ews.web.taking import form_endpoint

OF_MODELS = Policy(Who.staff, roles=who_do(Act.SEE_MODELS))


def routes(inside: Inside) -> list[Guarded]:
    """Every page's address with its policy, for the door to open."""
    roles_owing(inside.settings)  # a role that there is not stops the start
    desk = Desk(inside.settings, lambda: inside.store, inside.models, inside.now)
    inside.drawn = desk.drawn
    inside.beforehand = student_page.draw_beforehand
    inside.unheard = desk.unheard
    return [
        address("/", home, STAFF),
        address("/signin", partial(signin.show, desk), ANYONE, name="signin"),
        address("/signin", partial(signin.enter, desk), ANYONE, ("POST",), name="enter"),
        *provider_pages.routes(desk, provider_of(inside.settings)),
        *code_page.routes(desk),
        address("/signout", partial(signin.leave, desk), ANYONE, ("POST",), name="signout"),
        address("/password", partial(signin.show_password, desk), STAFF, name="password"),
        address("/password", partial(signin.choose, desk), STAFF, ("POST",), name="choose-password"),
        *list_download.routes(desk),
        *both_faces(desk, "/list", list_page.show),
        *both_faces(desk, "/how", how_page.show),
        *acts(desk),
        *contact_pages.routes(desk),
        *digest_page.routes(desk),
        *follow_up_pages.routes(desk),
        *plan_pages.routes(desk),
        *draw_pages.routes(desk),
        *nomination_pages.routes(desk),
        *handout_pages.routes(desk),
        *meeting_pages.routes(desk),
        *handover_page.routes(desk),
        *results_page.routes(desk),
        *question_pages.routes(desk),
        *slip_pages.routes(desk),
        *both_faces(desk, "/savable", savable_page.show, savable_page.POLICY),
        *letter_pages.routes(desk),
        *family_pages.routes(desk),
        *both_faces(desk, "/models", models_page.show_all, OF_MODELS),
        *both_faces(desk, "/models/{name}", models_page.show, OF_MODELS),
        *both_faces(desk, "/students/{student_id:path}", student_page.show),
        *records_pages.routes(desk),
        *report_pages.routes(desk),
        *school_pages.routes(desk),
        *account_pages.routes(desk),
        *own_page.routes(desk),
        *ledger_page.routes(desk),
        files("/static", KeptFiles(directory=STATIC), ANYONE, "static"),
    ]


def acts(desk: Desk) -> list[Guarded]:
    """What people do: looked for before the student's own page, whose address ends in any id."""
    student = "/students/{student_id:path}"
    takes = {
        f"{student}/acknowledge": act_pages.take_acknowledge,
        f"{student}/not-now": act_pages.take_not_now,
        f"{student}/notes": act_pages.take_note,
        "/actions/{action_id:int}/undo": act_pages.take_undo,
    }
    return [
        address(f"{student}/not-now", for_staff(desk, act_pages.show_not_now), STAFF, name="not-now"),
        *(
            address(path, form_endpoint(desk, take), STAFF, ("POST",), name=take.__name__)
            for path, take in takes.items()
        ),
    ]


async def home(request: Request) -> Response:
    """Everyone begins on the first page of their role: the list, for whoever works with students."""
    return RedirectResponse(first_place(role_of(request.state.principal.role).does), 303)
