"""A service opened in an empty folder for each test that asks, on SQLite and again on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from calling import NOW, Caller, Calling
from databases import on_both as settings

from ews.settings import Settings
from ews.web.inside import Inside

__all__ = ["calling", "settings"]


@pytest.fixture
def calling(settings: Settings) -> Iterator[Calling]:
    """A maker of callers: ``calling(addresses)`` opens those addresses to their callers."""
    opened: list[Inside] = []

    def make(*addresses: Callable[[Inside], list[Any]], of: Settings = settings) -> Caller:
        inside = Inside(of, clock=lambda: NOW)
        inside.open([route for made in addresses for route in made(inside)])
        opened.append(inside)
        return Caller(inside)

    yield make
    for inside in opened:
        inside.close()
