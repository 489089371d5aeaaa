"""The models in service for those who answer for them: each one's card, its gate, and the latest watch.

No student is named and nothing that a shadow says of anybody stands here, so nothing goes into the ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ews.errors import NoModel
from ews.risk.promotion_history import PromotionState, Refusal, promotion_state
from ews.risk.shadow_file import shadow_version
from ews.support.watches import latest_watch
from ews.web import problems
from ews.web.desk import Desk
from ews.web.faces import answer
from ews.web.how_page import KINDS

COLOURS = {"red": "Act now", "amber": "Look into it", "green": "Fine", "grey": "Cannot be told yet"}
RIVALS = {
    "logistic": "Full logistic regression",
    "lightgbm": "Boosted trees",
    "composite": "The weighing of the models",
    "abc_rule": "The ABC rule",
    "latest_below_40": "Latest mark below 40",
    "year_to_date": "Absence rate this year",
    "last_year": "Absence rate last year",
    "base_rate": "The base rate of everyone",
}


@dataclass(frozen=True)
class WatchLine:
    """One check of the latest watch."""

    name: str
    title: str
    colour: str
    word: str
    told: str
    to_do: str


@dataclass(frozen=True)
class Watched:
    """The latest watch: of which day, its colour, its checks."""

    as_of: date
    colour: str
    word: str
    checks: tuple[WatchLine, ...]


@dataclass(frozen=True)
class ModelLine:
    """One model in service, in a line. ``watch``: what the latest watch found of its calibration."""

    name: str
    title: str
    predicts: str
    kind: str
    version: str
    learned_until: date
    provisional: bool
    repaired: bool
    audit: str
    shadow: str | None
    watch: WatchLine | None


@dataclass(frozen=True)
class ModelsPage:
    """Every model in service, and what the latest watch found."""

    models: tuple[ModelLine, ...]
    watched: Watched | None


@dataclass(frozen=True)
class Measured:
    """One candidate or rival on a test year, at a list of one student in ten; None where it says none."""

    title: str
    chosen: bool
    recall: float | None
    precision: float | None
    auc: float | None
    brier: float | None


@dataclass(frozen=True)
class Group:
    """How the model did in one group; ``error``: its calibration error where enough students allow it."""

    title: str
    students: int
    base_rate: float | None
    recall: float | None
    precision: float | None
    error: float | None


@dataclass(frozen=True)
class TestYear:
    """A school year that the model never saw."""

    school_year: int
    students: int
    positives: int
    calibration: Mapping[str, Any]
    measures: tuple[Measured, ...]
    groups: tuple[Group, ...]


@dataclass(frozen=True)
class Condition:
    """One condition of the gate as it was met on the day of promotion."""

    name: str
    passed: bool
    told: str


@dataclass(frozen=True)
class ModelPage:
    """A card: what it is, what it learned from, how it did, who signed, what it must not be used for."""

    line: ModelLine
    why: str
    kind_because: str
    outcome: str
    grades: tuple[int, ...]
    learned_from: Mapping[str, Any]
    records: Mapping[str, int]
    base_rate: float
    censored_share: float
    tests: tuple[TestYear, ...]
    gate: tuple[Condition, ...]
    signed_by: tuple[Mapping[str, str], ...]
    promoted_on: date | None
    audit: Mapping[str, Any] | None
    fairness: str
    repaired: Mapping[str, Any] | None
    stacked_on: Mapping[str, str]
    features: tuple[str, ...]
    parameters: Mapping[str, Any]
    limits: tuple[str, ...]
    body_sha256: str
    reviewed: str
    promotion: PromotionState
    refused: Refusal | None


def show_all(desk: Desk, request: Request) -> Response:
    """The models in service."""
    watched = watch_of(desk)
    lines = tuple(model_line(desk, card, watched) for card in cards(desk).values())
    return answer(request, "models.html", ModelsPage(lines, watched), desk.frame(request, "models"))


def show(desk: Desk, request: Request) -> Response:
    """One model's card."""
    card = cards(desk).get(request.path_params["name"])
    if card is None:
        return desk.refuse(request, problems.NOT_FOUND)
    page = model_page(desk, card, watch_of(desk))
    return answer(request, "model.html", page, desk.frame(request, "models"))


def cards(desk: Desk) -> dict[str, Mapping[str, Any]]:
    """The cards in service by name; none while nothing is."""
    try:
        bundles = desk.models.bundles()
    except NoModel:
        return {}
    return {name: bundles[name].card for name in sorted(bundles)}


def watch_of(desk: Desk) -> Watched | None:
    """The latest watch; None when nobody has watched."""
    with desk.store.read() as tx:
        found = latest_watch(tx)
    if found is None:
        return None
    checks = tuple(
        WatchLine(
            check["name"],
            check["title"],
            check["colour"],
            COLOURS[check["colour"]],
            check["told"],
            check["to_do"],
        )
        for check in found["checks"]
    )
    colour = found["colour"]
    return Watched(date.fromisoformat(found["as_of"]), colour, COLOURS[colour], checks)


def model_line(desk: Desk, card: Mapping[str, Any], watched: Watched | None) -> ModelLine:
    """One model in a line."""
    name = card["name"]
    own = [check for check in watched.checks if check.name == f"calibration_{name}"] if watched else []
    return ModelLine(
        name=name,
        title=card["title"],
        predicts=card["predicts"],
        kind=KINDS.get(card["kind"], card["kind"]),
        version=card["version"],
        learned_until=date.fromisoformat(card["until"]),
        provisional=bool(card.get("provisional")),
        repaired="repaired" in card,
        audit=audit_word(card.get("audit")),
        shadow=shadow_version(desk.settings.models / name),
        watch=own[0] if own else None,
    )


def audit_word(audit: Mapping[str, Any] | None) -> str:
    """``Passed``, ``Failed``, ``Too few to tell`` or ``Not audited``."""
    return str(audit["verdict"]).capitalize() if audit else "Not audited"


def model_page(desk: Desk, card: Mapping[str, Any], watched: Watched | None) -> ModelPage:
    """A whole card."""
    promoted = card.get("promoted_on")
    promotion = promotion_state(desk.settings.models / card["name"])
    return ModelPage(
        line=model_line(desk, card, watched),
        why=card["why"],
        kind_because=card["kind_because"],
        outcome=card["outcome"],
        grades=tuple(card["grades"]),
        learned_from=card["learned_from"],
        records=card.get("records", {}),
        base_rate=card["base_rate"],
        censored_share=card.get("censored_share", 0.0),
        tests=tuple(test_year(test, card["kind"]) for test in card["tests"]),
        gate=tuple(Condition(one["name"], one["passed"], one["told"]) for one in card.get("gate", ())),
        signed_by=tuple(card.get("signed_by", ())),
        promoted_on=date.fromisoformat(promoted) if promoted else None,
        audit=card.get("audit"),
        fairness=card["fairness"],
        repaired=card.get("repaired"),
        stacked_on=card.get("stacked_on", {}),
        features=tuple(card.get("features", ())),
        parameters=card.get("parameters", {}),
        limits=tuple(card["limits"]),
        body_sha256=card["body_sha256"],
        reviewed=card["reviewed"],
        promotion=promotion,
        refused=promotion.shadow_refused,
    )


def test_year(test: Mapping[str, Any], kind: str) -> TestYear:
    """One test year: the model first, then what it was held against."""
    known = [name for name in RIVALS if name in test["measures"]]
    others = [name for name in test["measures"] if name not in RIVALS]
    order = sorted([*known, *others], key=lambda name: name != kind)
    return TestYear(
        school_year=test["year"],
        students=test["students"],
        positives=test["positives"],
        calibration=test["calibration"],
        measures=tuple(measured(name, test["measures"][name], name == kind) for name in order),
        groups=tuple(
            Group(
                name.replace("_", " ").capitalize(),
                group["students"],
                group.get("base_rate"),
                group.get("recall_at_10"),
                group.get("precision_at_10"),
                group.get("calibration_error"),
            )
            for name, group in test["groups"].items()
            if not name.startswith("week ")
        ),
    )


def measured(name: str, told: Mapping[str, float], chosen: bool) -> Measured:
    """One row of the table of measures."""
    return Measured(
        title=RIVALS.get(name, name.replace("_", " ").capitalize()),
        chosen=chosen,
        recall=told.get("recall_at_10"),
        precision=told.get("precision_at_10"),
        auc=told.get("auc"),
        brier=told.get("brier"),
    )
