"""How well each target is foreseen in the made-up district, on a year never seen.

    python benchmarks/district.py [--seeds 11,23,37,41,59] [--size demo] [--write docs/district.md]
    python benchmarks/district.py --models grade9_on_track,el_progress --write docs/own-cards.md

The seeds are fixed beforehand. For each, a district is made, loaded and trained on; the last closed
school year is neither learned from nor calibrated on. Labels lie ahead of the as-of date. Also told: whether
the same data and seed give the same model (its body hash) with other threads and with shuffled files;
with ``--models`` this is left out.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from district_page import figures, page
from measures import Measures

ROOT = Path(__file__).parents[1]
SEEDS = "11,23,37,41,59"
AS_OF = date(2025, 11, 14)
NOW = datetime(2025, 11, 17, 14, tzinfo=UTC)
MODELS = ("attendance", "grades", "behavior")
OF_THE_YEAR = ("grade9_on_track", "el_progress")
"""Targets at the year's end: part of the outcome is on record before, so a high AUC is no sign of a leak."""


def main() -> int:
    """Make, load and train once a seed; say each figure, and write the page when asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", default=SEEDS)
    parser.add_argument("--size", default="demo", choices=("tiny", "demo", "district"))
    parser.add_argument("--models", default=",".join(MODELS), help="which definitions")
    parser.add_argument("--write", type=Path, help="the page to write")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        return train_here(given.inside, given.models.split(","))
    names = given.models.split(",")
    seeds = [int(seed) for seed in given.seeds.split(",")]
    with tempfile.TemporaryDirectory() as scratch:
        cards = {seed: cards_of(Path(scratch) / str(seed), seed, given.size, names) for seed in seeds}
        first = Path(scratch) / str(seeds[0])
        hashes = same_model(first, cards[seeds[0]], names) if names == list(MODELS) else {}
    measures = Measures()
    tell(measures, cards, hashes)
    if given.write:
        given.write.write_text(
            "\n".join(page(cards, given.size, hashes, names != list(MODELS))) + "\n", encoding="utf-8"
        )
    return measures.exit_code()


def environment(folder: Path) -> dict[str, str]:
    """The variables under which everything is in ``folder``."""
    return {
        "EWS_HOME": str(folder / "data"),
        "EWS_MODELS": str(folder / "models"),
        "EWS_MLRUNS": str(folder / "mlruns"),
        "EWS_TRAINING": str(ROOT / "training"),
        "EWS_CONFIG": str(folder / "ews.toml"),
    }


def cards_of(folder: Path, seed: int, size: str, names: list[str]) -> dict[str, Any]:
    """The cards of the models trained on the district of ``seed``, by name."""
    from ews.district.make import make_district

    make_district(folder / "drop", size, seed=seed, until=AS_OF)
    return trained(folder, folder / "drop", names, threads=2)


def trained(folder: Path, drop: Path, names: list[str], threads: int) -> dict[str, Any]:
    """Load ``drop`` and train in a process of its own, with so many threads."""
    more = environment(folder) | {"OMP_NUM_THREADS": str(threads)}
    command = [sys.executable, __file__, "--inside", str(drop), "--models", ",".join(names)]
    done = subprocess.run(command, env=os.environ | more, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def train_here(drop: Path, names: list[str]) -> int:
    """Load and train in this process; print the cards."""
    from ews.records.intake import load_drop
    from ews.risk.training import train_all
    from ews.settings import read_settings

    settings = read_settings()
    report = load_drop(settings, drop, "csv", now=NOW)
    if report.status != "loaded":
        raise SystemExit(f"the drop was {report.status}")
    reports = train_all(settings, names, AS_OF)
    print(json.dumps({report.name: report.card for report in reports}, default=str))
    return 0


def same_model(folder: Path, cards: dict[str, Any], names: list[str]) -> dict[str, bool]:
    """Whether one thread, and files with shuffled rows, give the same model bodies."""
    shuffled = folder / "shuffled"
    shuffle(folder / "drop", shuffled)
    again = {
        "one thread instead of two": trained(folder / "one-thread", folder / "drop", names, threads=1),
        "rows of every file shuffled": trained(folder / "other-order", shuffled, names, threads=2),
    }
    hashes = {name: card["body_sha256"] for name, card in cards.items()}
    return {
        what: {name: card["body_sha256"] for name, card in other.items()} == hashes
        for what, other in again.items()
    }


def shuffle(drop: Path, out: Path) -> None:
    """The same drop with the rows of every file in another order; its checksums are left out."""
    out.mkdir()
    order = random.Random(5)
    for path in sorted(drop.glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            head, *rows = list(csv.reader(file))
        order.shuffle(rows)
        with (out / path.name).open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([head, *rows])
    manifest = json.loads((drop / "manifest.json").read_text(encoding="utf-8"))
    for told in manifest.get("files", {}).values():
        told.pop("sha256", None)
    (out / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


def tell(measures: Measures, cards: dict[int, dict[str, Any]], hashes: dict[str, bool]) -> None:
    """Every figure a seed, and their medians with the goals."""
    for name in next(iter(cards.values())):
        rows = [figures(of_seed[name]) for of_seed in cards.values()]
        for seed, row in zip(cards, rows, strict=True):
            measures.add(
                f"{name}_auc", row["auc"], seed=seed, **{key: row[key] for key in SHOWN if key != "auc"}
            )
        auc = statistics.median(row["auc"] for row in rows)
        measures.add(f"{name}_auc_median", auc, goal=None if name in OF_THE_YEAR else "< 0.92")
        recall = statistics.median(row["recall"] for row in rows)
        rule = statistics.median(row["rule_recall"] for row in rows)
        measures.add(f"{name}_recall_at_10_median", recall, reference=rule, goal="> 1", of="ratio")
        worst = max(row["calibration_low"] for row in rows)
        measures.add(f"{name}_calibration_lower_bound_worst", worst, goal="<= 0.03")
        for week in ("week 4", "week 10", "week 20") if name in OF_THE_YEAR else ():
            found = [of_seed[name]["tests"][0]["groups"][week]["auc"] for of_seed in cards.values()]
            measures.add(f"{name}_auc_median_{week.replace(' ', '_')}", statistics.median(found))
    if "attendance" not in next(iter(cards.values())):
        return
    lowest, highest = (
        pick(figures(of_seed["attendance"])["auc"] for of_seed in cards.values()) for pick in (min, max)
    )
    measures.add("attendance_auc_lowest", lowest, goal=">= 0.74")
    measures.add("attendance_auc_highest", highest, goal="<= 0.84")
    for what, same in hashes.items():
        measures.add(f"same_model_body: {what}", int(same), goal=">= 1")


SHOWN = (
    "kind",
    "base_rate",
    "auc",
    "recall",
    "precision",
    "rule_recall",
    "calibration",
    "calibration_low",
    "verdict",
)


if __name__ == "__main__":
    sys.exit(main())
