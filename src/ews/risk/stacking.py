"""How overall is trained: on what the domain models said of a year that they had not learned from.

The domain models are the newest registered candidates. Each run keeps, beside its bundle, the models
that it was tested with, so overall is judged on exactly the same split of years.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ews.errors import BadData
from ews.risk.bundle import Bundle, load_bundle, read_model
from ews.risk.composite import Composite, fit_composite
from ews.risk.definition import RiskModel
from ews.risk.fitting import FOLDS, Fitted, numbers, student_fold
from ews.risk.judging import Judgement, rivals_of
from ews.risk.logistic import sigmoid
from ews.risk.refit_draws import REFITS
from ews.risk.refitting import with_composite_refits
from ews.risk.rows import Rows
from ews.risk.splits import Split, fitted_by, test_rows
from ews.risk.tracking import BUNDLE, Run, Tracking
from ews.settings import Settings

TESTED = "tested"
TestedModel = Fitted | Composite


@dataclass(frozen=True)
class Domain:
    """A trained domain model: its candidate bundle, and the model it was tested with by test year."""

    bundle: Bundle
    tested: Mapping[int, Fitted]

    def log_odds(self, model: Fitted, rows: Rows, *, as_supported: bool = False) -> np.ndarray:
        """(n,) calibrated log-odds of ``model``, NaN for grades that the domain does not teach.

        ``as_supported``: with the support given after each day, to learn from what happened; else as served.
        """
        found = np.full(len(rows.labels), np.nan)
        own = rows.matrix["grade_level"].isin(self.bundle.grades).to_numpy()
        if own.any() and as_supported:
            found[own] = model.as_supported(rows.matrix[own])
        elif own.any():
            found[own] = model.log_odds(numbers(rows.matrix, model.features)[own])
        return found


def stacked_domains(model: RiskModel, settings: Settings) -> list[str]:
    """The domains that overall is made of in this district."""
    return [
        name
        for name in model.stacks
        if name not in model.needs_setting or settings[model.needs_setting[name]]
    ]


def candidates(tracking: Tracking, names: Sequence[str]) -> dict[str, Domain]:
    """The newest registered candidate of each domain. Errors: UsageError when one was never trained."""
    return {name: read_domain(tracking.candidate(name)) for name in names}


def refuse_failed_audit(model: RiskModel, domains: Mapping[str, Domain]) -> None:
    """BadData where a domain that joins only by the district's choice has failed its audit.

    The choice says that people have looked; a verdict on the candidate's own card is stronger than it.
    """
    for name, setting in model.needs_setting.items():
        if name in domains and domains[name].bundle.card.get("audit", {}).get("verdict") == "failed":
            raise BadData(
                f"{name} has not passed its audit in this district, so it cannot join {model.name}.",
                f"Set {setting} to false, or see the audit for what to repair.",
            )


def read_domain(run: Run) -> Domain:
    """The domain model whose artifacts ``run`` holds."""
    bundle = load_bundle(run.folder / BUNDLE)
    tested = read_tested(run.folder, tuple(bundle.features))
    return Domain(bundle, {year: model for year, model in tested.items() if isinstance(model, Fitted)})


def read_tested(folder: Path, features: tuple[str, ...]) -> dict[int, TestedModel]:
    """The model that the run with artifacts in ``folder`` was tested with, by test year."""
    tested = {}
    for year in sorted((folder / TESTED).glob("*/")):
        calibration = json.loads((year / "calibration.json").read_text(encoding="utf-8"))
        text = (year / "model.txt").read_text(encoding="utf-8")
        tested[int(year.name)] = read_model(text, calibration, features)
    return tested


def heard(
    domains: Mapping[str, Domain], rows: Rows, test_year: int | None, *, as_supported: bool = False
) -> np.ndarray:
    """(n, domains) log-odds on ``rows`` of the models tested on ``test_year``, or of the candidates.

    As they are served; or ``as_supported``, which a composite learns from (see ``ews.risk.support_ahead``).
    """
    columns = []
    for name, domain in domains.items():
        model = domain.bundle.model if test_year is None else domain.tested.get(test_year)
        if not isinstance(model, Fitted):
            raise BadData(
                f"The candidate {name} was not tested on {test_year}.", f"Train {name} again, then overall."
            )
        columns.append(domain.log_odds(model, rows, as_supported=as_supported))
    return np.column_stack(columns)


def heard_apart(domains: Mapping[str, Domain], rows: Rows) -> np.ndarray | None:
    """(n, domains, REFITS) how far the candidates' refits lie apart; None when one has no refits."""
    found = np.zeros((len(rows.labels), len(domains), REFITS))
    for place, domain in enumerate(domains.values()):
        model = domain.bundle.model
        own = rows.matrix["grade_level"].isin(domain.bundle.grades).to_numpy()
        if not isinstance(model, Fitted) or model.refits is None:
            return None
        if own.any():
            found[own, place] = model.apart(numbers(rows.matrix, model.features)[own])
    return found


def stack(
    domains: Mapping[str, Domain], rows: Rows, served: Split, tests: Sequence[Split]
) -> tuple[Composite, np.ndarray]:
    """The composite to serve, and the log-odds (n, domains) it was fitted on."""
    if served.calibrate is None:
        year = tests[0].test
        learn = rows.of([year or 0])
        said = heard(domains, learn, year, as_supported=True)
    else:
        learn = rows.of([served.calibrate])
        said = heard(domains, learn, None, as_supported=True)
    composite = stacked(domains, learn, said)
    return with_composite_refits(composite, learn, said, heard_apart(domains, learn)), said


def stacked(domains: Mapping[str, Domain], rows: Rows, said: np.ndarray) -> Composite:
    """The composite fitted on ``said``, the domains' log-odds on ``rows``."""
    versions = {name: domain.bundle.version for name, domain in domains.items()}
    return fit_composite(list(domains), said, rows.labels, rows.weights, versions)


def tested_stack(domains: Mapping[str, Domain], rows: Rows, split: Split) -> Composite | None:
    """The composite to test on ``split``; None with two years, where each student has another one."""
    if split.calibrate is None:
        return None
    learn = rows.of([split.calibrate])
    return stacked(domains, learn, heard(domains, learn, split.test, as_supported=True))


def judge_stack(
    model: RiskModel,
    domains: Mapping[str, Domain],
    rows: Rows,
    split: Split,
    tested: Composite | None,
) -> Judgement:
    """The composite on a year that neither it nor its domains learned from, beside a full logistic."""
    test = test_rows(rows, split)
    said, helped = (heard(domains, test, split.test, as_supported=told) for told in (False, True))
    log_odds, meanwhile = (
        crossed(domains, test, helped, told) if tested is None else tested.log_odds(told)
        for told in (said, helped)
    )
    names = dict.fromkeys(name for domain in domains.values() for name in domain.bundle.features)
    full = fitted_by(replace(model, features=tuple(names)), rows, split, "logistic")
    told = {"composite": sigmoid(log_odds), "logistic": full.probability(test.matrix)}
    rivals = rivals_of(test, float(rows.of(split.fit).labels.mean()))
    with_help = {"composite": sigmoid(meanwhile), "logistic": sigmoid(full.as_supported(test.matrix))}
    return Judgement(split.test or 0, test, told, rivals, with_help)


def crossed(domains: Mapping[str, Domain], rows: Rows, learned: np.ndarray, said: np.ndarray) -> np.ndarray:
    """(n,) log-odds on ``said`` of composites fitted, on ``learned``, without the student.

    For two years, with none to spare.
    """
    fold = student_fold(rows.matrix["student_id"])
    found = np.full(len(said), np.nan)
    for part in range(FOLDS):
        inside, outside = fold != part, fold == part
        learn = Rows(rows.matrix[inside].reset_index(drop=True), rows.labels[inside], rows.censored)
        found[outside] = stacked(domains, learn, learned[inside]).log_odds(said[outside])
    return found
