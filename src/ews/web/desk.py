"""What every page stands on: the settings, the database, the clock, and who is sitting in front of it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response

from ews.errors import EwsError
from ews.people.roles import role_of
from ews.settings import Settings
from ews.web import problems
from ews.web.alarms import alarms_for
from ews.web.answers import Refused
from ews.web.cookies import form_token, session_secret
from ews.web.faces import Frame, wants_json
from ews.web.routes import STAFF, Guarded, Policy, address

if TYPE_CHECKING:
    from ews.people.access import Principal
    from ews.store import Store
    from ews.web.models_in_service import ModelsInService


@dataclass(frozen=True)
class Desk:
    """The parts that a page needs. ``open_store`` gives the one database of this process.

    now: this moment where the district is (``Inside.now``).
    """

    settings: Settings
    open_store: Callable[[], Store]
    models: ModelsInService
    now: Callable[[], datetime]

    @property
    def store(self) -> Store:
        """The application database."""
        return self.open_store()

    @property
    def made_up(self) -> bool:
        """Whether this is the demo, whose people and schools are all made up: `ews demo` leaves its mark."""
        return (self.settings.home / "demo.json").exists()

    def frame(self, request: HTTPConnection, at: str = "") -> Frame:
        """What stands around a page for whoever asked for it. It asks the database: for threads alone."""
        person: Principal | None = getattr(request.state, "principal", None)
        plain = self.bare_frame(request, at)
        return plain if person is None else replace(plain, alarms=alarms_for(self.store, person))

    def bare_frame(self, request: HTTPConnection, at: str = "") -> Frame:
        """The same without what the database is asked for: a refusal is said also while that is silent."""
        person: Principal | None = getattr(request.state, "principal", None)
        if person is None:
            return Frame(at, self.settings.timezone, made_up=self.made_up)
        return Frame(
            at,
            self.settings.timezone,
            viewer=person.display_name,
            viewer_role=role_of(person.role).words,
            sees=role_of(person.role).sees,
            does=role_of(person.role).does if person.account_id is not None else frozenset(),
            form_id=secrets.token_urlsafe(12),
            today=self.now().date(),
            form_token=form_token(session_secret(request) or ""),
            made_up=self.made_up,
        )

    def refuse(self, request: Request, found: problems.Problem) -> Response:
        """The page, or the JSON, that says why not."""
        return problems.problem(request, found, self.bare_frame(request))

    async def unheard(self, request: Request, refused: Refused) -> Response | None:
        """The page that keeps what was typed, for a form of ours before it is known who sent it."""
        from ews.web.unsent import unheard

        return await unheard(self, request, problems.of(refused))

    def drawn(self, connection: HTTPConnection, refused: Refused) -> Response:
        """A refusal of the door as a page."""
        return problems.drawn(refused, self.bare_frame(connection))


StaffPage = Callable[[Desk, Request], Response]


def for_staff(desk: Desk, draw: StaffPage) -> Callable[[Request], object]:
    """``draw`` as an endpoint: in a thread, after a first password was changed, errors told as pages."""

    async def endpoint(request: Request) -> Response:
        if request.state.principal.must_change:
            if wants_json(request):
                return desk.refuse(request, problems.FIRST_PASSWORD)
            return RedirectResponse("/password", 303)
        try:
            return await run_in_threadpool(draw, desk, request)
        except EwsError as error:
            if error.status >= 500 and error.status != 503:
                raise
            return desk.refuse(request, problems.told(error))

    return endpoint


def both_faces(desk: Desk, path: str, draw: StaffPage, policy: Policy = STAFF) -> list[Guarded]:
    """The address of a page, and the same with ``.json``, which is looked for first."""
    endpoint = for_staff(desk, draw)
    return [address(f"{path}.json", endpoint, policy), address(path, endpoint, policy)]
