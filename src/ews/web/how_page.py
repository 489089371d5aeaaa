"""How the list is made, in plain words: the levels, the hand-set rules, the models and their tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ews.errors import NoModel
from ews.risk.abc_rule import RULES
from ews.support.facts import Rule, Run
from ews.support.runs import shown_run
from ews.web.desk import Desk
from ews.web.faces import answer

KINDS = {
    "lightgbm": "Boosted trees (LightGBM)",
    "logistic": "Logistic regression",
    "composite": "A weighing of the other models",
}


@dataclass(frozen=True)
class TestYear:
    """How a model did on a school year it never saw: of ten on its list, and of ten it should have found."""

    school_year: int
    students: int
    right_of_ten: int
    found_of_ten: int


@dataclass(frozen=True)
class ModelFacts:
    """One model in service, as its card tells it."""

    name: str
    title: str
    predicts: str
    why: str
    kind: str
    version: str
    learned_until: date
    happened_of_ten: float
    tests: tuple[TestYear, ...]
    provisional: bool
    limits: tuple[str, ...]
    fairness: str
    reviewed: str


@dataclass(frozen=True)
class HowPage:
    """Everything the page says. ``run`` None: nothing was scored yet."""

    run: Run | None
    models: tuple[ModelFacts, ...]
    rules: tuple[Rule, ...]
    capacity_of_hundred: int
    first_of_hundred: int
    new_names: int
    minimum_days: int


def show(desk: Desk, request: Request) -> Response:
    """The page; it names no student, so nothing goes into the ledger."""
    with desk.store.read() as tx:
        run = shown_run(tx)
    choices = desk.settings
    view = HowPage(
        run=run,
        models=models_of(desk),
        rules=tuple(Rule(letter, text) for letter, text in RULES.items()),
        capacity_of_hundred=round(100 * choices["list.capacity_share"]),
        first_of_hundred=round(100 * choices["list.first_share"]),
        new_names=choices["list.new_names_per_week"],
        minimum_days=choices["list.minimum_days"],
    )
    return answer(request, "how.html", view, desk.frame(request, "how"))


def models_of(desk: Desk) -> tuple[ModelFacts, ...]:
    """The models in service by name; none while nothing is in service."""
    try:
        bundles = desk.models.bundles()
    except NoModel:
        return ()
    return tuple(model_facts(bundles[name].card) for name in sorted(bundles))


def model_facts(card: Mapping[str, Any]) -> ModelFacts:
    """What a card says, for people."""
    return ModelFacts(
        name=card["name"],
        title=card["title"],
        predicts=card["predicts"],
        why=card["why"],
        kind=KINDS.get(card["kind"], card["kind"]),
        version=card["version"],
        learned_until=date.fromisoformat(card["until"]),
        happened_of_ten=round(10 * card["base_rate"], 1),
        tests=tuple(test_year(test, card["kind"]) for test in card["tests"]),
        provisional=bool(card.get("provisional")),
        limits=tuple(card["limits"]),
        fairness=card["fairness"],
        reviewed=card["reviewed"],
    )


def test_year(test: Mapping[str, Any], kind: str) -> TestYear:
    """One test year in counts out of ten, at a list of one student in ten."""
    measured = test["measures"][kind]
    return TestYear(
        school_year=test["year"],
        students=test["students"],
        right_of_ten=round(10 * measured["precision_at_10"]),
        found_of_ten=round(10 * measured["recall_at_10"]),
    )
