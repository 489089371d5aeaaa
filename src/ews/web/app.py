"""The whole of what the service answers, joined: scoring for information systems, pages for staff, documents.

``web_app`` is the complete ASGI app, door included: what any ASGI server could run. ``serving/service.py``
puts the same two parts into BentoML.
"""

from __future__ import annotations

from starlette.types import ASGIApp

from ews.settings import Settings
from ews.web import api, log, oauth, openapi, pages
from ews.web.door import Door
from ews.web.inside import Inside


def open_inside(settings: Settings) -> Inside:
    """The service's parts for ``settings``, with every address open to those whom its policy names."""
    log.set_up()
    inside = Inside(settings)
    inside.open(
        [*oauth.addresses(inside), *api.addresses(inside), *openapi.addresses(inside), *pages.routes(inside)]
    )
    return inside


def web_app(settings: Settings) -> ASGIApp:
    """The service as one ASGI app, with its door."""
    inside = open_inside(settings)
    return Door(inside, inside)
