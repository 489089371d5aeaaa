"""Every address has a policy: who may use it, how long a body it takes, how many seconds it is given.

A route can only be made with its policy (``address``, ``files``), and the door opens nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import ASGIApp, Scope

CONTROL = re.compile(r"[\x00-\x1f\x7f]")
KIB = 1024
MOST_NUMBER = 2**31 - 1  # the largest number of a plan, a letter or an entry that PostgreSQL keeps
MOST_PATH = 512  # characters; our longest address with the longest id is far shorter


class Who(StrEnum):
    """The kinds of caller."""

    anyone = "anyone"
    staff = "staff"  # a person, signed in
    client = "client"  # an information system, with a token
    known = "known"  # either of the two


@dataclass(frozen=True)
class Policy:
    """Who may use an address. ``scope`` is what a client's token must carry; sizes in bytes.

    ``roles``: the roles of staff who may; None means everybody signed in.
    """

    who: Who
    scope: str | None = None
    body_limit: int = 64 * KIB
    seconds: float = 60.0
    roles: frozenset[str] | None = None


ANYONE = Policy(Who.anyone)
STAFF = Policy(Who.staff)
KNOWN = Policy(Who.known)


class Address(Route):
    """A route with its policy."""

    def __init__(
        self,
        path: str,
        endpoint: Callable[..., Any],
        policy: Policy,
        methods: Sequence[str],
        name: str | None,
    ) -> None:
        super().__init__(path, endpoint, methods=list(methods), name=name)
        self.policy = policy


class Files(Mount):
    """A folder of files with its policy."""

    def __init__(self, path: str, app: ASGIApp, policy: Policy, name: str) -> None:
        super().__init__(path, app=app, name=name)
        self.policy = policy


Guarded = Address | Files


def address(
    path: str,
    endpoint: Callable[..., Any],
    policy: Policy,
    methods: Sequence[str] = ("GET",),
    name: str | None = None,
) -> Address:
    """A route of ours; ``path`` in Starlette's form, such as ``/students/{student_id}``."""
    return Address(path, endpoint, policy, methods, name)


def files(path: str, app: ASGIApp, policy: Policy, name: str) -> Files:
    """A folder of files of ours, such as the static ones."""
    return Files(path, app, policy, name)


@dataclass(frozen=True)
class Found:
    """What stands at a path: the route and what it adds to the scope, or the methods that path takes."""

    route: Guarded | None
    child: Scope
    allowed: str = ""


class Addresses:
    """All addresses, found by path: those without a variable part at once, the others in their order."""

    def __init__(self, routes: Iterable[BaseRoute]) -> None:
        self.routes: list[Guarded] = []
        for route in routes:
            if not isinstance(route, Address | Files):
                raise TypeError(f"The route {getattr(route, 'path', route)!r} has no policy.")
            self.routes.append(route)
        self.fixed: dict[str, list[Address]] = {}
        self.patterns: list[Guarded] = []
        for route in self.routes:
            if isinstance(route, Address) and "{" not in route.path:
                self.fixed.setdefault(route.path, []).append(route)
            else:
                self.patterns.append(route)

    def find(self, scope: Scope) -> Found:
        """What stands at the path and method of ``scope``; nothing at a path that no id of ours can be in."""
        allowed: set[str] = set()
        if len(scope["path"]) > MOST_PATH or CONTROL.search(scope["path"]):
            return Found(None, {})
        for route in self.fixed.get(scope["path"], ()):
            if scope["method"] in (route.methods or ()):
                return Found(route, {"endpoint": route.endpoint, "path_params": {}})
            allowed |= route.methods or set()
        for pattern in self.patterns:
            match, child = pattern.matches(scope)
            if match is Match.FULL:
                return Found(None, {}) if too_large(child.get("path_params", {})) else Found(pattern, child)
            if match is Match.PARTIAL and isinstance(pattern, Address):
                allowed |= pattern.methods or set()
        return Found(None, {}, ", ".join(sorted(allowed)))


def too_large(of_path: Mapping[str, Any]) -> bool:
    """Whether a number in a path is larger than any of ours can be."""
    return any(isinstance(value, int) and value > MOST_NUMBER for value in of_path.values())
