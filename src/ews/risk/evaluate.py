"""`ews evaluate`: every model on every year it never saw, in one report for people and one for machines.

Years in order, labels closed before the test begins, a calibration year apart; schools left out beside it;
what more data would buy; how much earlier than the rule. Nothing here holds or names a student.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from ews.errors import BadData
from ews.records.lake import Records, open_lake
from ews.risk.course_rows import COURSE, past_courses
from ews.risk.definition import RiskModel, definitions
from ews.risk.evaluation_words import in_short
from ews.risk.judging import Judgement, kind_to_ship
from ews.risk.learner import COMPOSITE, Learner
from ews.risk.learning_curve import learning_curve
from ews.risk.measured import CAPACITIES
from ews.risk.rolling import JudgedYear, judged_year
from ews.risk.rows import Past, past
from ews.risk.schools_left_out import schools_left_out
from ews.risk.shortcomings import (
    Shortcoming,
    of_the_features,
    of_the_labels,
    of_the_tests,
    of_the_years,
    told_of,
)
from ews.risk.splits import Split, plan
from ews.risk.stacking import stacked_domains
from ews.risk.week_by_week import Weekly, earlier_than_the_rule
from ews.settings import Settings

ALL_YEARS = 99
Tell = Callable[[int, int, str], None]
"""Told of each step: how many are done, of how many, and which one begins."""


@dataclass
class Steps:
    """Counts the steps of an evaluation and tells of each."""

    total: int
    tell: Tell
    done: int = 0

    def begin(self, what: str) -> None:
        """The next step begins."""
        self.tell(self.done, self.total, what)
        self.done += 1


@dataclass
class Evaluated:
    """What came of evaluating one model: the ``content`` for the report, or why there is none."""

    name: str
    content: dict[str, Any] = field(default_factory=dict)
    shortcomings: list[Shortcoming] = field(default_factory=list)


def evaluate(settings: Settings, names: Sequence[str], until: date, tell: Tell) -> dict[str, Any]:
    """The evaluation of the definitions ``names`` (all when empty) on what was known by ``until``, as JSON.

    Errors: BadData when no model can be evaluated, or one that was asked for by name cannot.
    """
    records = open_lake(settings)
    asked = definitions(settings.training, names)
    models = {model.name: model for model in with_domains(asked, settings)}
    steps = Steps(1 + sum(steps_of(model) for model in models.values()), tell)
    steps.begin("the closed years, as they were known week by week")
    learner = Learner(models, known_to(records, list(models.values()), settings, until), settings)
    weekly = Weekly(records, settings, learner)
    found = [evaluated(learner, model, weekly, steps) for model in models.values()]
    refuse_nothing(found, names)
    tell(steps.total, steps.total, "done")
    return report(records, learner, found, settings, until)


def with_domains(asked: Sequence[RiskModel], settings: Settings) -> list[RiskModel]:
    """The definitions asked for and, before a composite, the domains that it is stacked on."""
    names = {model.name for model in asked}
    stacked = [name for model in asked if model.stacks for name in stacked_domains(model, settings)]
    missing = [name for name in dict.fromkeys(stacked) if name not in names]
    more = definitions(settings.training, missing) if missing else []
    return sorted([*more, *asked], key=lambda model: bool(model.stacks))


def steps_of(model: RiskModel) -> int:
    """How many steps a model's evaluation tells of."""
    return 4 if model.outcome == COURSE or model.stacks else 5


def known_to(
    records: Records, models: Sequence[RiskModel], settings: Settings, until: date
) -> Callable[[RiskModel], Past]:
    """What each model may learn from and be judged on; each past is built once, when asked for."""
    yearly = [model for model in models if model.outcome != COURSE]
    held: dict[str, Past] = {}

    def built(model: RiskModel) -> Past:
        if model.outcome == COURSE:
            return past_courses(records, model, settings, until)
        return slim(past(records, yearly, settings, until))

    def known(model: RiskModel) -> Past:
        of = model.name if model.outcome == COURSE else "school years"
        if of not in held:
            held[of] = built(model)
        return held[of]

    return known


def slim(known: Past) -> Past:
    """The same past without the columns that sentences are made of: half the memory."""
    facts = [name for name in known.matrix.columns if name.startswith("fact_")]
    return replace(known, matrix=known.matrix.drop(columns=facts))


def evaluated(learner: Learner, model: RiskModel, weekly: Weekly, steps: Steps) -> Evaluated:
    """One model through all its test years, or why it cannot be."""
    found = Evaluated(model.name)
    end = steps.done + steps_of(model)
    try:
        fill(learner, model, weekly, steps, found)
    except BadData as problem:
        found.content.clear()
        found.shortcomings.append(told_of(model.name, problem))
    steps.done = end
    return found


def fill(learner: Learner, model: RiskModel, weekly: Weekly, steps: Steps, found: Evaluated) -> None:
    """Everything the report says of ``model``, into ``found``."""
    steps.begin(f"{model.name}: its outcomes and test years")
    known = learner.known(model)
    learner.labelled(model.name)  # what was asked for and has no outcome is told before anything else
    found.shortcomings += of_the_labels(model, known)
    judgements = testable(learner, model, plan(known.years, ALL_YEARS)[0], found)
    splits = list(judgements)
    kind, because = learner.kinds[model.name], found.content["kind_because"]
    chosen = COMPOSITE if model.stacks else kind
    if not model.stacks:
        found.shortcomings += of_the_features(model, learner.rows(model.name), splits[0])
    found.shortcomings += of_the_tests(model, splits)
    steps.begin(f"{model.name}: measures of {len(splits)} test years")
    lines = [learner.settings["bands.elevated"], learner.settings["bands.high"]]
    latest, years = None, []
    for split in splits:
        year = judged_year(learner, model.name, split, judgements[split])
        years.append(year.about(chosen, lines))
        latest = latest or year
    assert latest is not None
    found.content = {
        "title": model.title,
        "outcome": model.outcome,
        "predicts": model.predicts,
        "why": model.why,
        "kind": kind,
        "kind_because": because,
        "years": years,
    }
    beside(learner, model, latest, chosen, lines, weekly, steps, found)


def testable(
    learner: Learner, model: RiskModel, splits: Sequence[Split], found: Evaluated
) -> dict[Split, Judgement]:
    """The splits that a model can be learned and judged on; says what it would ship after them.

    Errors: BadData, the latest year's, when there is none.
    """
    learner.fit_ahead(model.name, splits)
    judgements: dict[Split, Judgement] = {}
    problems = []
    for split in splits:
        try:
            judgements[split] = learner.judged(model.name, split)
        except BadData as problem:
            problems.append(problem)
            fixed = problem.fix or "Load more records of the years before."
            found.shortcomings.append(
                Shortcoming(model.name, f"{split.test} is not tested on. {problem.found}", fixed)
            )
    if not judgements:
        raise problems[0]
    if model.stacks:
        kind, because = COMPOSITE, "Overall is stacked on its domains, so that its reasons are theirs."
    else:
        kind, because = kind_to_ship(list(judgements.values()))
    learner.kinds[model.name] = kind
    found.content["kind_because"] = because
    return judgements


def beside(
    learner: Learner,
    model: RiskModel,
    latest: JudgedYear,
    chosen: str,
    lines: Sequence[float],
    weekly: Weekly,
    steps: Steps,
    found: Evaluated,
) -> None:
    """What stands beside the test years, on the latest of them: schools left out, more data, lead time."""
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "schools_left_out": lambda: schools_left_out(learner, model.name, latest, chosen, lines)
    }
    if not model.stacks:
        parts["learning_curve"] = lambda: learning_curve(learner, model.name, latest)
    if model.outcome != COURSE:
        parts["lead_time"] = lambda: earlier_than_the_rule(learner, model.name, latest, weekly)
    for part, made in parts.items():
        steps.begin(f"{model.name}: {part.replace('_', ' ')}")
        try:
            found.content[part] = made()
        except BadData as problem:
            found.content[part] = {"not_told": str(problem)}
            found.shortcomings.append(told_of(model.name, problem))


def refuse_nothing(found: Iterable[Evaluated], names: Sequence[str]) -> None:
    """BadData when there is nothing to report, or nothing of a model asked for by name."""
    empty = [each for each in found if not each.content]
    missing = [each for each in empty if each.name in names] or empty
    if missing and (names or len(empty) == len(list(found))):
        told = [
            f"{each.name}: {problem.found} {problem.can_be_done}".strip()
            for each in missing
            for problem in each.shortcomings[-1:]
        ]
        raise BadData(f"Nothing to report. {' '.join(dict.fromkeys(told))}")


def report(
    records: Records, learner: Learner, found: Sequence[Evaluated], settings: Settings, until: date
) -> dict[str, Any]:
    """The whole evaluation as JSON: what was measured, what it was measured on, what was missing."""
    done = {each.name: each.content for each in found if each.content}
    yearly = [learner.models[name] for name in done if learner.models[name].outcome != COURSE]
    shortcomings = [one for each in found for one in each.shortcomings]
    if yearly:
        shortcomings = [*of_the_years(learner.known(yearly[0]), settings["years.left_out"]), *shortcomings]
    return {
        "until": until.isoformat(),
        "district": settings["district.name"],
        "records": dict(records.versions),
        "capacities": list(CAPACITIES),
        "lines": {name: settings[f"bands.{name}"] for name in ("elevated", "high")},
        "in_short": {name: in_short(content) for name, content in done.items()},
        "models": done,
        "not_evaluated": [each.name for each in found if not each.content],
        "shortcomings": [one.as_json() for one in shortcomings],
    }
