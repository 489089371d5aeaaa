"""How well the course model foresees Fail and Withdrawn for real students (OULAD), in later presentations.

    python benchmarks/oulad.py DIR --train 2013B --test 2013J [--days 28,56,84] [--write docs/oulad.md]

DIR holds OULAD's CSV files; several presentations are separated by commas. The files are loaded as
`ews load --source oulad` loads them. Scored on each day of the course: who is registered and has not
withdrawn. Two models, LightGBM and a logistic regression of the same features, stand beside the rule
"latest mark below 40"; the rule of `ews train` says which of them ships. Intervals are paired, drawn over
students. Exit code 1 when a model is not above the rule.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from measures import Measures
from oulad_page import page

from ews.features.course import course_terms
from ews.records.intake import load_drop
from ews.records.lake import Records, open_lake
from ews.risk.calibration_error import calibration_error
from ews.risk.course_rows import RULE, course_rows, latest_below_40
from ews.risk.definition import RiskModel, read_definition
from ews.risk.evaluation import auc, average_precision, brier, paired_bootstrap
from ews.risk.fitting import KINDS, Fitted, fit, fit_with_folds, student_fold
from ews.risk.judging import Judgement, kind_to_ship
from ews.risk.rows import Rows
from ews.settings import Settings, read_settings

ROOT = Path(__file__).parents[1]
DEFINITION = ROOT / "training" / "course.py"
REPEATS = 300


def main() -> int:
    """Load, train on the one, score the other; say each figure, and write the page when asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="DIR")
    parser.add_argument("--train", default="2013B", help="presentations, separated by commas")
    parser.add_argument("--test", default="2013J", help="presentations, separated by commas")
    parser.add_argument("--days", default="28,56,84", help="days since the presentation's first")
    parser.add_argument("--write", type=Path, help="the page to write")
    given = parser.parse_args()
    days = [int(day) for day in given.days.split(",")]
    model = read_definition(DEFINITION)
    with tempfile.TemporaryDirectory() as scratch:
        settings = settings_in(Path(scratch))
        records = loaded(given.folder, settings)
        learned = sorted({*days, *(7 * week for week in model.snapshot_weeks)})
        train = rows_of(records, given.train.split(","), learned, settings)
        test = rows_of(records, given.test.split(","), days, settings)
    measures = Measures()
    within_training(measures, model, train, learned)
    fits = {kind: fit_with_folds(model, train.matrix, train.labels, train.weights, kind) for kind in KINDS}
    scored = Scored(train, test, fits)
    for part in parts_of(scored, days):
        tell(measures, part)
    tell_what_ships(measures, scored)
    tell_drivers(measures, model, scored)
    if given.write:
        lines = page(measures.rows, train=given.train, test=given.test, days=days, model=model)
        given.write.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return measures.exit_code()


def settings_in(folder: Path) -> Settings:
    """The settings as they come, every place under ``folder``."""
    places = {"EWS_HOME": "data", "EWS_MODELS": "models", "EWS_MLRUNS": "mlruns", "EWS_CONFIG": "ews.toml"}
    return read_settings({name: str(folder / place) for name, place in places.items()})


def loaded(folder: Path, settings: Settings) -> Records:
    """The lake after `ews load FOLDER --source oulad`; ends the program when the drop is not loaded."""
    report = load_drop(settings, folder, "oulad", now=datetime.now(UTC))
    if report.status != "loaded":
        told = "\n".join(problem.in_words() for problem in report.problems[:10])
        raise SystemExit(f"The drop was {report.status}.\n{told}")
    return open_lake(settings)


def rows_of(records: Records, presentations: Sequence[str], days: Sequence[int], settings: Settings) -> Rows:
    """The students of ``presentations`` on each of ``days``, with what became of them."""
    sections = [
        term.section_id
        for term in course_terms(records)
        if term.section_id.rpartition("-")[2] in presentations
    ]
    if not sections:
        raise SystemExit(f"There is no presentation {', '.join(presentations)} in the folder.")
    return course_rows(records, days, settings, sections=sections)


def where(rows: Rows, inside: np.ndarray) -> Rows:
    """The rows for which ``inside`` is true."""
    return Rows(rows.matrix[inside].reset_index(drop=True), rows.labels[inside], rows.censored)


# ---- choices, within the training presentations alone --------------------------------------------


def within_training(measures: Measures, model: RiskModel, train: Rows, days: Sequence[int]) -> None:
    """AUC within the training presentations, for students and for whole modules left out in turn."""
    module = np.unique(train.matrix["course"].to_numpy(str), return_inverse=True)[1]
    folds = {"students": student_fold(train.matrix["student_id"]), "modules": module}
    for left_out, fold in folds.items():
        if len(set(fold)) < 2:
            continue
        for kind in KINDS:
            said = left_out_log_odds(model, train, fold, kind)
            for day in days:
                at = on_day(train, day)
                value = auc(train.labels[at], said[at])
                measures.add("within_training_auc", value, left_out=left_out, kind=kind, day=day)


def left_out_log_odds(model: RiskModel, rows: Rows, fold: np.ndarray, kind: str) -> np.ndarray:
    """(n,) log-odds of each row by a model that saw no row of its fold."""
    said = np.empty(len(rows.labels))
    for part in np.unique(fold):
        seen = where(rows, fold != part)
        fitted = fit(model, seen.matrix, seen.labels, seen.weights, kind)
        said[fold == part] = fitted.log_odds(rows.matrix[fold == part])
    return said


# ---- what the other presentations say ------------------------------------------------------------


@dataclass(frozen=True)
class Scored:
    """The test rows with what each kind of model and the rule say of them."""

    train: Rows
    test: Rows
    fits: Mapping[str, Fitted]

    @cached_property
    def probability(self) -> dict[str, np.ndarray]:
        return {kind: fitted.probability(self.test.matrix) for kind, fitted in self.fits.items()}

    @cached_property
    def rule(self) -> np.ndarray:
        return latest_below_40(self.test.matrix)

    @cached_property
    def seen(self) -> np.ndarray:
        """(n,) whether the row's module is also in the training presentations."""
        return self.test.matrix["course"].isin(set(self.train.matrix["course"])).to_numpy()


@dataclass(frozen=True)
class Part:
    """Some of the test rows: those of a day, of all modules or of those seen or not seen in training."""

    day: int
    modules: str
    labels: np.ndarray
    students: np.ndarray
    said: Mapping[str, np.ndarray]
    rule: np.ndarray


def on_day(rows: Rows, day: int) -> np.ndarray:
    """(n,) the rows of that day of the course."""
    return (rows.matrix["course_day"] == day).to_numpy()


def parts_of(scored: Scored, days: Sequence[int]) -> Iterator[Part]:
    """Each day, for all modules and, where both are there, for those seen in training and those not."""
    test = scored.test
    groups = {"all": np.ones(len(scored.seen), bool)}
    if 0 < scored.seen.sum() < len(scored.seen):
        groups |= {"seen": scored.seen, "not_seen": ~scored.seen}
    for day in days:
        for name, inside in groups.items():
            at = inside & on_day(test, day)
            if len(set(test.labels[at])) == 2:
                said = {kind: values[at] for kind, values in scored.probability.items()}
                yield Part(day, name, test.labels[at], test.students[at], said, scored.rule[at])


def tell(measures: Measures, part: Part) -> None:
    """The part's figures: each model beside the rule, and LightGBM beside the logistic regression."""
    place: dict[str, Any] = {"day": part.day, "modules": part.modules}
    labels, rule = part.labels, part.rule
    size: dict[str, Any] = {"rows": len(labels), "base_rate": float(labels.mean())}
    for kind, said in part.said.items():
        told = place | {"kind": kind}
        above = difference(part, said, rule)
        measures.add(
            "auc",
            auc(labels, said),
            reference=auc(labels, rule),
            goal="> 0",
            of="low",
            **told,
            **above,
            **size,
        )
        measures.add("average_precision", average_precision(labels, said), **told)
        measures.add("brier", brier(labels, said), **told)
        error = calibration_error(labels, said, part.students)
        measures.add("calibration_error", error.error, **told, low=error.low, verdict=error.verdict)
    first, second = (part.said[kind] for kind in KINDS)
    gain = difference(part, first, second)
    measures.add("auc_above_logistic", auc(labels, first), reference=auc(labels, second), **place, **gain)


def difference(part: Part, first: np.ndarray, second: np.ndarray) -> dict[str, Any]:
    """AUC of ``first`` less that of ``second``, with its paired interval over students."""
    found = paired_bootstrap(auc, part.labels, first, second, part.students, repeats=REPEATS)
    return {"difference": found.point, "low": found.low, "high": found.high}


def judged(scored: Scored) -> Judgement:
    """The test rows as `ews train` judges them."""
    year = int(scored.test.matrix["school_year"].max())
    return Judgement(year, scored.test, scored.probability, {RULE: scored.rule})


def tell_what_ships(measures: Measures, scored: Scored) -> None:
    """Recall of a list of 10 % of each presentation, and which model ships by the rule of `ews train`."""
    judgement = judged(scored)
    ships, because = kind_to_ship([judgement])
    gain = judgement.recall_gain(*KINDS)
    for kind in KINDS:
        recall = judgement.measures(kind)["recall_at_10"]
        by_rule = judgement.measures(RULE)["recall_at_10"]
        measures.add("recall_at_10", recall, reference=by_rule, kind=kind, ships=kind == ships)
    measures.add("recall_above_logistic", gain.point, low=gain.low, high=gain.high, ships=ships, why=because)
    error = judgement.calibration(ships)
    measures.add("calibration_of_what_ships", error.error, low=error.low, verdict=error.verdict, kind=ships)


def tell_drivers(measures: Measures, model: RiskModel, scored: Scored) -> None:
    """What the scores rest on: each driver's share of all contributions, in size, on the test rows."""
    names = [feature.driver for feature in model.described().values()]
    for kind, fitted in scored.fits.items():
        parts = fitted.contributions(scored.test.matrix)[:, :-1]
        sums = {
            name: np.abs(
                parts[:, [place for place, own in enumerate(names) if own == name]].sum(axis=1)
            ).mean()
            for name in dict.fromkeys(names)
        }
        for name, size in sums.items():
            measures.add("driver_share", float(size / sum(sums.values())), kind=kind, driver=name)


if __name__ == "__main__":
    sys.exit(main())
