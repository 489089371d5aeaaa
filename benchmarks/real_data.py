"""Our modelling code on real students, beside rules, a logistic regression and reference figures.

    python benchmarks/real_data.py DIR [--page docs/real_data.md] [--runs N]

DIR (or EWS_REAL_DATA) holds oulad_2013, uci_student_performance and uci_student_dropout; a folder that is
not there is passed over with a word. UCI: repeated ten-fold cross-validation; within each training part
inner folds choose LightGBM's or the logistic's configuration, then the kind, and fit the sigmoid. OULAD:
2013B to 2013J. Exit code 1 when a reference lies above the interval of ours on the same columns, or when we
are not above a rule.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from measures import Measures
from real_data_page import page
from real_set import PUBLISHED, RealSet
from uci_dropout import dropout_sets
from uci_performance import performance_sets

from ews.risk.calibration import fit_sigmoid
from ews.risk.calibration_error import calibration_error
from ews.risk.evaluation import auc, brier, paired_bootstrap
from ews.risk.fitting import KINDS, fit
from ews.risk.rows import Rows
from ews.risk.tuning import left_out_log_odds

FOLDS = 10
PROCESSES = 2
UCI = {"uci_student_performance": performance_sets, "uci_student_dropout": dropout_sets}


def main() -> int:
    """Every set in turn; say each figure, and write the page when asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", nargs="?", metavar="DIR", default=os.environ.get("EWS_REAL_DATA"))
    parser.add_argument("--page", type=Path, help="the page to write")
    parser.add_argument("--runs", type=int, help="of cross-validation; as published otherwise")
    given = parser.parse_args()
    if given.folder is None:
        print("# no folder with real data: give DIR or EWS_REAL_DATA", file=sys.stderr)
        return 0
    folder = Path(given.folder)
    began = time.perf_counter()
    measures = Measures()
    with ProcessPoolExecutor(PROCESSES) as pool:
        for real in sets_in(folder):
            tell(measures, real, list(pool.map(partial(one_run, real), range(given.runs or real.runs))))
    tell_oulad(measures, folder / "oulad_2013")
    measures.add("seconds", time.perf_counter() - began, goal="<= 600")
    if given.page and measures.rows:
        given.page.write_text("\n".join(page(measures.rows)) + "\n", encoding="utf-8")
    return measures.exit_code()


def sets_in(folder: Path) -> Iterator[RealSet]:
    """The UCI sets that are there."""
    for name, read in UCI.items():
        if (folder / name).is_dir():
            yield from read(folder / name)
        else:
            print(f"# {folder / name} is not here: passed over", file=sys.stderr)


# ---- one run of cross-validation -----------------------------------------------------------------


@dataclass(frozen=True)
class Run:
    """What was said of each student by models that had not seen the student, in one run of ten folds.

    ``said``: probability by "ours" and "logistic"; ``fold`` (n,); ``trees`` the share of folds in which
    inner validation took LightGBM.
    """

    said: dict[str, np.ndarray]
    fold: np.ndarray
    trees: float

    def fold_auc(self, labels: np.ndarray, name: str) -> float:
        """The mean AUC of the folds, as cross-validation is published."""
        parts = [self.fold == place for place in range(FOLDS)]
        return float(np.mean([auc(labels[part], self.said[name][part]) for part in parts]))


def one_run(real: RealSet, seed: int) -> Run:
    """One run over folds dealt out under ``seed``, stratified by the outcome."""
    rows = real.rows
    fold = stratified_folds(real.labels, seed)
    said = {name: np.empty(len(fold)) for name in ("ours", "logistic")}
    trees = 0
    for place in range(FOLDS):
        inside = fold != place
        learn = Rows(rows.matrix[inside].reset_index(drop=True), rows.labels[inside], 0.0)
        fits = {kind: best_fit(real, learn, kind) for kind in KINDS}
        chosen = min(fits, key=lambda kind: fits[kind][0])
        trees += chosen == "lightgbm"
        for name, kind in (("ours", chosen), ("logistic", "logistic")):
            said[name][~inside] = fits[kind][1].probability(rows.matrix[~inside])
    return Run(said, fold, trees / FOLDS)


def best_fit(real: RealSet, learn: Rows, kind: str) -> tuple[float, Any]:
    """The inner log loss of a kind's best configuration, and its model, calibrated on inner folds."""
    losses, found = [], []
    for model in real.models(kind):
        said = left_out_log_odds(model, learn, kind)
        losses.append(float(np.mean(np.logaddexp(0.0, said) - learn.labels * said)))
        found.append((model, said))
    model, said = found[int(np.argmin(losses))]
    even = np.ones(len(said))
    fitted = fit(model, learn.matrix, learn.labels, even, kind)
    return min(losses), type(fitted)(fitted.body, fit_sigmoid(said, learn.labels, even))


def stratified_folds(labels: np.ndarray, seed: int) -> np.ndarray:
    """(n,) a fold each, those with the outcome and those without dealt out evenly."""
    chance = np.random.default_rng(seed)
    fold = np.empty(len(labels), dtype=int)
    for value in (0, 1):
        own = np.flatnonzero(labels == value)
        fold[chance.permutation(own)] = np.arange(len(own)) % FOLDS
    return fold


# ---- what is told --------------------------------------------------------------------------------


def tell(measures: Measures, real: RealSet, runs: list[Run]) -> None:
    """Ours, the logistic regression and the rule, with intervals, beside the references."""
    labels, students = real.labels, np.arange(len(real.labels))
    place: dict[str, Any] = {"set": real.name, "columns": real.columns, "runs": len(runs)}
    size = {"students": len(labels), "base_rate": float(labels.mean()), "features": real.features.shape[1]}
    mean = {name: np.mean([run.said[name] for run in runs], axis=0) for name in ("ours", "logistic")}
    for name, reference in (("ours", real.reference), ("logistic", real.reference_logistic)):
        value = float(np.mean([run.fold_auc(labels, name) for run in runs]))
        apart = float(np.std([run.fold_auc(labels, name) for run in runs]))
        beside = difference(labels, mean[name], np.zeros(len(labels)), students)
        low, high = (value + beside[end] - beside["point"] for end in ("low", "high"))
        same = real.columns == PUBLISHED and reference is not None
        measures.add(
            f"auc_{name}",
            value,
            reference=reference,
            goal=f">= {reference}" if same else None,
            of="high",
            **place,
            **size,
            low=low,
            high=high,
            over_runs=apart,
            verdict=verdict(value, low, high, reference),
        )
    rule = difference(labels, mean["ours"], real.rule, students)
    measures.add(
        "auc_rule",
        auc(labels, real.rule),
        goal="> 0" if real.rule_to_beat else None,
        of="low",
        **place,
        rule=real.rule_words,
        difference=rule["point"],
        low=rule["low"],
        high=rule["high"],
    )
    by_logistic = brier(labels, mean["logistic"])
    measures.add("brier_ours", brier(labels, mean["ours"]), reference=by_logistic, **place)
    error = calibration_error(labels, mean["ours"], students)
    told = {"low": error.low, "raw": error.raw, "verdict": error.verdict}
    measures.add("calibration_ours", error.error, **place, **told)
    measures.add("share_of_folds_with_trees", float(np.mean([run.trees for run in runs])), **place)


def difference(
    labels: np.ndarray, first: np.ndarray, second: np.ndarray, students: np.ndarray
) -> dict[str, float]:
    """AUC of ``first`` less that of ``second`` over students drawn again."""
    found = paired_bootstrap(auc, labels, first, second, students)
    return {"point": found.point, "low": found.low, "high": found.high}


def verdict(value: float, low: float, high: float, reference: float | None) -> str:
    """Against the reference: above, below, or a tie where it lies within the interval."""
    if reference is None:
        return "no reference"
    if low <= reference <= high:
        return "tie, at or above" if value >= reference else "tie, below"
    return "above" if value > reference else "below"


def tell_oulad(measures: Measures, folder: Path) -> None:
    """The figures of benchmarks/oulad.py, 2013B to 2013J, over all modules."""
    if not folder.is_dir():
        print(f"# {folder} is not here: passed over", file=sys.stderr)
        return
    command = [sys.executable, str(Path(__file__).with_name("oulad.py")), str(folder)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    for line in done.stdout.splitlines():
        row = json.loads(line) if line.startswith("{") else {}
        if row.get("modules") == "all" and row["measure"] in ("auc", "auc_above_logistic"):
            keys = ("day", "kind", "rows", "base_rate", "difference", "low", "high")
            measures.add(
                f"oulad_{row['measure']}",
                row["value"],
                reference=row["reference"],
                goal="> 0" if row["measure"] == "auc" else None,
                of="low",
                **{key: row[key] for key in keys if key in row},
            )


if __name__ == "__main__":
    sys.exit(main())
