"""Whether a model that learns from years in which students were helped still knows who needs help.

    python benchmarks/retraining.py [--seeds 11,23,37,41,59] [--students 3000] [--page docs/retraining.md]

A made-up district whose counselors act on lists, with programs of known effects. The year before last is
the last one learned from; in the year judged everything is known twice, with the support given and without
(the truth folder). Naive: what happened is learned as it stands. Ours: support given after the as-of date
is told to the fit, and the score is said at usual support. Best: the naive recipe, taught by the same years
lived without support, which nobody can have; what it lacks of the truth is not retraining's.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
from measures import Measures
from retraining_page import page

from ews.district.make import make_district
from ews.district.world import World
from ews.records.intake import load_drop
from ews.records.lake import open_lake
from ews.risk.definition import RiskModel, read_definition
from ews.risk.evaluation import auc, listed
from ews.risk.fitting import KINDS
from ews.risk.rows import Rows, past
from ews.risk.splits import fitted_by, plan
from ews.risk.support_ahead import AHEAD, FEATURES_OF_SUPPORT, SOON
from ews.settings import Settings, read_settings

ROOT = Path(__file__).parents[1]
SEEDS = "11,23,37,41,59"
AS_OF = date(2025, 11, 14)
NOW = datetime(2025, 11, 17, 14, tzinfo=UTC)
CAPACITY = 0.10
YEARS = 5
REPEATS = 400
WORLD = World(
    list_weeks=(3, 4, 6, 8, 10, 12, 16, 20, 24, 28),
    places=0.24,
    discretion=0.0,
    strength=2.0,
    biased_schools=0.0,
    lives=10,
)


@dataclass(frozen=True)
class Told:
    """What was said of some rows, and what is true of them: means over rows, and their repair."""

    rows: int
    happened: float
    naive: float
    ours: float
    best: float
    truth: float
    repair: float
    low: float
    high: float
    naive_auc: float
    ours_auc: float


def main() -> int:
    """One district a seed; every figure, and the medians with the goals."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", default=SEEDS)
    parser.add_argument("--students", type=int, default=2500)
    parser.add_argument("--discretion", type=float, default=WORLD.discretion, help="see ews.district.world")
    parser.add_argument("--page", type=Path, help="the page whose table is written anew")
    given = parser.parse_args()
    found: dict[str, dict[int, dict[str, Told]]] = {kind: {} for kind in KINDS}
    measures, world = Measures(), replace(WORLD, discretion=given.discretion)
    for seed in (int(seed) for seed in given.seeds.split(",")):
        with tempfile.TemporaryDirectory() as scratch:
            for kind, told in repaired(Path(scratch), seed, given.students, world).items():
                found[kind][seed] = told
                for who, figures in told.items():
                    measures.add(f"{kind}_{who}_repair", figures.repair, seed=seed, **vars(figures))
    for kind, of_seeds in found.items():
        for who in WHO:
            middle = statistics.median(told[who].repair for told in of_seeds.values())
            measures.add(f"{kind}_{who}_repair_median", middle, goal=">= 0.8")
    if given.page:
        given.page.write_text(page(given.page.read_text(encoding="utf-8"), found), encoding="utf-8")
    return measures.exit_code()


WHO = ("helped_next", "listed")


def repaired(folder: Path, seed: int, students: int, world: World) -> dict[str, dict[str, Told]]:
    """By kind of model and by whom it is asked: what naive and ours say of the year judged, and the truth."""
    settings = read_settings({"EWS_HOME": str(folder / "home"), "EWS_CONFIG": str(folder / "ews.toml")})
    make_district(
        folder / "drop", "demo", students=students, years=YEARS, seed=seed, world=world, until=AS_OF,
        truth=folder / "truth",
    )  # fmt: skip
    if load_drop(settings, folder / "drop", "csv", now=NOW).status != "loaded":
        raise SystemExit("the drop was not loaded")
    model = read_definition(ROOT / "training" / "attendance.py")
    rows = learned(model, settings)
    truth = pd.read_parquet(folder / "truth" / "outcomes.parquet")
    return {kind: compared(model, rows, truth, kind) for kind in KINDS}


def learned(model: RiskModel, settings: Settings) -> Rows:
    """The rows of the closed years."""
    return past(open_lake(settings), [model], settings, AS_OF).rows(model, settings)


def compared(model: RiskModel, rows: Rows, truth: pd.DataFrame, kind: str) -> dict[str, Told]:
    """What naive and ours say in the year judged of those helped next, and of those first on the list."""
    split = plan(sorted(set(rows.matrix["school_year"])))[0][0]
    naively = replace(model, features=tuple(n for n in model.features if n not in FEATURES_OF_SUPPORT))
    untold = replace(rows, matrix=rows.matrix.drop(columns=[SOON, AHEAD]))
    test = rows.of([split.test or 0])
    ours = fitted_by(model, rows, split, kind).probability(test.matrix)
    naive = fitted_by(naively, untold, split, kind).probability(test.matrix)
    alone = untreated(rows.matrix, truth)
    without = replace(untold, labels=(10 * alone.missed_without >= alone.expected_days).to_numpy(float))
    best = fitted_by(naively, without, split, kind).probability(test.matrix)
    risk = untreated(test.matrix, truth).untreated_risk.to_numpy()
    fresh = test.matrix["support_days"].to_numpy() == 0
    who = {
        "helped_next": (test.matrix[SOON].to_numpy() > 0) & fresh,
        "listed": listed(naive, test.lists, CAPACITY) > 0.5,
    }
    said = np.column_stack([naive, ours, best, risk])
    return {name: told(test, said, which) for name, which in who.items()}


def untreated(matrix: pd.DataFrame, truth: pd.DataFrame) -> pd.DataFrame:
    """What the truth knows of each row's student in the days ahead, with no support."""
    keys = ["student_id", "school_year", "week"]
    return matrix[keys].merge(truth, on=keys, how="left", validate="1:1")


def told(test: Rows, said: np.ndarray, which: np.ndarray) -> Told:
    """The means over the rows, and the share of the naive error that is repaired, with its interval.

    ``said`` (n, 4): naive, ours, best, truth.
    """
    students = test.students[which]
    columns = said[which]
    names, place = np.unique(students, return_inverse=True)
    sums = np.column_stack([np.bincount(place, column, len(names)) for column in columns.T])
    times = np.random.default_rng(1).multinomial(len(names), np.full(len(names), 1 / len(names)), REPEATS)
    low, high = np.quantile([repair(*drawn) for drawn in times @ sums], [0.025, 0.975])
    happened = test.labels[which]
    aucs = [auc(test.labels, said[:, place]) for place in (0, 1)]
    means = columns.mean(axis=0)
    return Told(
        int(which.sum()), float(happened.mean()), *(float(mean) for mean in means),
        repair(*means), float(low), float(high), *aucs,
    )  # fmt: skip


def repair(naive: float, ours: float, best: float, truth: float) -> float:
    """Which share of what naive learning says too little is put right: 1 is all of it."""
    return float((ours - naive) / (truth - naive))


if __name__ == "__main__":
    sys.exit(main())
