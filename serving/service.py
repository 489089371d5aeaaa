"""The BentoML service, thin: HTTP in, ews, HTTP out.

BentoML starts the processes and owns the sockets; what is answered, and to whom, is decided in
``ews.web``: its door stands before everything, its app is mounted at ``/``. BentoML's own metrics, access
log and tracing stay off, since they write down addresses, and an address may hold a student's id.
"""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

os.environ["BENTOML_DO_NOT_TRACK"] = "True"

import bentoml

if TYPE_CHECKING:
    from ews.web.inside import Inside

LONGEST_ANSWER = 120  # seconds; the door holds each address to its own, shorter time


@cache
def inside() -> Inside:
    """The service's parts, made once in each worker (the process that only starts workers needs none)."""
    from ews.settings import read_settings
    from ews.web.app import open_inside

    return open_inside(read_settings())


class FirstDoor:
    """The door of ``ews.web``, in the form in which BentoML takes a middleware."""

    def __init__(self, app: Any) -> None:
        from ews.web.door import Door

        self.door = Door(app, inside())

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Every request passes here first."""
        await self.door(scope, receive, send)


async def rooms(scope: Any, receive: Any, send: Any) -> None:
    """The app behind the door; mounted at ``/``, it stands before BentoML's own index and documents."""
    await inside()(scope, receive, send)


@bentoml.service(
    name="ews",
    http={"host": "127.0.0.1", "port": 3000},
    traffic={"timeout": LONGEST_ANSWER},
    metrics={"enabled": False},
    logging={"access": {"enabled": False}},
    tracing={"excluded_urls": ".*"},
)
class EarlyWarning:
    """An early-warning service: pages for staff, scores for information systems."""

    def __init__(self) -> None:
        from ews.web.serve import end_with_parent

        end_with_parent()
        inside().warm_up()


EarlyWarning.add_asgi_middleware(FirstDoor)
EarlyWarning.mount_asgi_app(rooms, path="/")
