"""What is on record of a model's promotions: every switch, every refusal and what the gate then said.

Small files beside the bundles, in ``models/NAME/``; reading them needs no tracking store, so pages may.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ews.risk.shadow_file import shadow_version

CURRENT, HISTORY, REFUSALS = "current", "history", "refusals"
REFUSALS_KEPT = 20


@dataclass(frozen=True)
class Switch:
    """A version that came into service, in place of which, by whose word; ``on`` None: not written then."""

    version: str
    previous: str | None
    signed_by: tuple[str, ...]
    on: str | None
    run_id: str | None


@dataclass(frozen=True)
class Said:
    """What the gate said of one condition, with its number."""

    name: str
    passed: bool
    told: str


@dataclass(frozen=True)
class Refusal:
    """A version that the gate refused, and everything that it said."""

    version: str
    on: str | None
    signed_by: tuple[str, ...]
    gates: tuple[Said, ...]


@dataclass(frozen=True)
class PromotionState:
    """The champion, the shadow, how they came to be, and which version a rollback would put back.

    rolled_back: what serves is not what came into service last.
    """

    name: str
    in_service: str | None
    shadow: str | None
    switches: tuple[Switch, ...]
    refusals: tuple[Refusal, ...]
    rolls_back_to: str | None
    rolled_back: bool

    @property
    def shadow_refused(self) -> Refusal | None:
        """Why the shadow does not serve."""
        return next((one for one in reversed(self.refusals) if one.version == self.shadow), None)


def promotion_state(folder: Path) -> PromotionState:
    """Everything on record in ``models/NAME``, oldest first; nothing is on record before the first."""
    switches = tuple(
        Switch(
            entry["version"],
            entry["previous"],
            tuple(entry.get("signed_by", ())),
            entry.get("on"),
            entry.get("run_id"),
        )
        for entry in lines_of(folder / HISTORY)
    )
    current = text_of(folder / CURRENT)
    earlier = [one.previous for one in switches if one.version == current]
    return PromotionState(
        name=folder.name,
        in_service=current,
        shadow=shadow_version(folder),
        switches=switches,
        refusals=tuple(refusal_of(entry) for entry in lines_of(folder / REFUSALS)),
        rolls_back_to=earlier[-1] if earlier else None,
        rolled_back=bool(switches) and current != switches[-1].version,
    )


def refusal_of(entry: Mapping[str, Any]) -> Refusal:
    """One line of the file of refusals."""
    gates = tuple(Said(one["name"], one["passed"], one["told"]) for one in entry["gates"])
    return Refusal(entry["version"], entry.get("on"), tuple(entry.get("signed_by", ())), gates)


def with_refusal(folder: Path, entry: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The refusals on record and this one, the last REFUSALS_KEPT of them."""
    return [*lines_of(folder / REFUSALS), entry][-REFUSALS_KEPT:]


def lines_of(path: Path) -> list[dict[str, Any]]:
    """A file of one JSON object a line; empty where it is not there."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in lines]


def text_of(path: Path) -> str | None:
    """The one line of a small file; None where it is not there or empty."""
    try:
        return path.read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None
