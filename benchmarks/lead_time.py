"""What a list finds and how early, against days missed and the ABC rule, on made-up districts.

    python benchmarks/lead_time.py [--seeds 11,23,37] [--size demo] [--page docs/lead_time.md]

Attendance, capacity 10 %, weeks 8 to 12 of the last closed school year, which nothing was learned from.
Recall and precision for everyone and for those whom no rule has flagged so far, less those of the rivals
on the same draws of students; lead in weeks over the rule at as many names; the gate's choice of kind.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from lead_time_page import page
from measures import Measures

ROOT = Path(__file__).parents[1]
SEEDS = "11,23,37"
AS_OF = date(2025, 11, 14)
NOW = datetime(2025, 11, 17, 14, tzinfo=UTC)
WEEKS = (8, 9, 10, 11, 12)
RIVALS = ("year_to_date", "abc_rule")
ASKED = ("recall_at_10", "precision_at_10")


@dataclass(frozen=True)
class Found:
    """What one district shows."""

    because: str
    kind: str
    year: int
    groups: dict[str, dict[str, Any]]
    lead: dict[str, Any]


def main() -> int:
    """One district a seed; each figure, the page when asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", default=SEEDS)
    parser.add_argument("--size", default="demo", choices=("tiny", "demo", "district"))
    parser.add_argument("--page", type=Path, help="the page to write")
    given = parser.parse_args()
    measures, found = Measures(), {}
    for seed in (int(seed) for seed in given.seeds.split(",")):
        with tempfile.TemporaryDirectory() as scratch:
            found[seed] = look(Path(scratch), seed, given.size)
        tell(measures, seed, found[seed])
    leads = [each.lead["with_18_absences"]["weeks_over_rule"] for each in found.values()]
    measures.add("lead_mean_weeks_over_rule_median_of_seeds", statistics.median(one["mean"] for one in leads))
    if given.page:
        given.page.write_text("\n".join(page(found, given.size)) + "\n", encoding="utf-8")
    return measures.exit_code()


def look(folder: Path, seed: int, size: str) -> Found:
    """A district made and loaded; attendance learned, its latest test year judged week by week."""
    from ews.district.make import make_district
    from ews.records.intake import load_drop
    from ews.records.lake import open_lake
    from ews.risk.definition import definitions
    from ews.risk.evaluate import known_to
    from ews.risk.judging import kind_to_ship
    from ews.risk.learner import Learner
    from ews.risk.splits import plan
    from ews.risk.week_by_week import Weekly
    from ews.settings import read_settings

    settings = read_settings(environment(folder))
    make_district(folder / "drop", size, seed=seed, until=AS_OF)
    report = load_drop(settings, folder / "drop", "csv", now=NOW)
    if report.status != "loaded":
        raise SystemExit(f"the drop was {report.status}")
    records = open_lake(settings)
    model = definitions(settings.training, ["attendance"])[0]
    learner = Learner({model.name: model}, known_to(records, [model], settings, AS_OF), settings)
    splits = plan(learner.known(model).years)[0]
    judgements = [learner.judged(model.name, split) for split in splits]
    kind, because = kind_to_ship(judgements)
    learner.kinds[model.name] = kind
    weekly = Weekly(records, settings, learner)
    return Found(
        because,
        kind,
        splits[0].test or 0,
        in_the_autumn(learner, splits[0], weekly),
        leads(learner, splits[0], judgements[0], weekly),
    )


def environment(folder: Path) -> dict[str, str]:
    """The variables under which everything is in ``folder``."""
    return {
        "EWS_HOME": str(folder / "data"),
        "EWS_MODELS": str(folder / "models"),
        "EWS_MLRUNS": str(folder / "mlruns"),
        "EWS_TRAINING": str(ROOT / "training"),
        "EWS_CONFIG": str(folder / "ews.toml"),
    }


def in_the_autumn(learner: Any, split: Any, weekly: Any) -> dict[str, dict[str, Any]]:
    """Recall and precision at 10 % in WEEKS, with paired differences; everyone, and the not yet flagged."""
    from ews.outcomes import outcomes
    from ews.risk.abc_rule import flagged_so_far
    from ews.risk.draws import Draws
    from ews.risk.judging import rivals_of
    from ews.risk.measured import Ground, Score
    from ews.risk.rows import Rows

    whole = weekly.of(split.test)
    unflagged = ~flagged_so_far(whole)
    now = whole["week"].isin(WEEKS).to_numpy()
    matrix = whole[now].assign(unflagged=unflagged[now])
    known = learner.known(learner.models["attendance"])
    days = sorted(set(matrix["as_of"]))
    labels = outcomes(known.records, days, "attendance", settings=learner.settings, frozen_by=known.until)
    told = matrix.merge(labels[["student_id", "as_of", "label"]], on=["student_id", "as_of"])
    told = told[told["label"].notna()].reset_index(drop=True)
    rows = Rows(told, told["label"].to_numpy(dtype=float), 0.0)
    scores = {"model": Score("model", learner.answer("attendance", split)(told), True)}
    scores |= {name: Score(name, rivals_of(rows, 0.0)[name], False) for name in RIVALS}
    ground = Ground(rows.labels, rows.lists, Draws.of(rows.students))
    return {
        "everyone": compared(ground, scores),
        "not_yet_flagged": among(ground, scores, told["unflagged"].to_numpy()),
    }


def among(ground: Any, scores: Any, inside: Any) -> dict[str, Any]:
    """The same for the rows ``inside`` alone, on lists of their own."""
    return compared(ground.among(inside), {name: score.of(inside) for name, score in scores.items()})


def compared(ground: Any, scores: Any) -> dict[str, Any]:
    """Each score's measures and what the model has more, with intervals."""
    from ews.risk.draws import as_json
    from ews.risk.measured import on_lists

    found = {name: on_lists(ground, score) for name, score in scores.items()}
    return {
        "students": ground.students,
        "base_rate": round(float(ground.labels.mean()), 4),
        "measures": {name: as_json({key: held[key] for key in ASKED}) for name, held in found.items()},
        "gain_over": {
            name: as_json({key: found["model"][key].minus(found[name][key]) for key in ASKED})
            for name in RIVALS
        },
    }


def leads(learner: Any, split: Any, judgement: Any, weekly: Any) -> dict[str, Any]:
    """Lead times over the whole test year at the pace of the rule's list of a tenth."""
    from ews.risk.lead_time import lead_time

    rows, judged = weekly.of(split.test), judgement.rows
    with_it = sorted(set(judged.matrix["student_id"][judged.labels == 1]))
    return lead_time(rows, learner.answer("attendance", split)(rows), with_it, paced_by="list")


def tell(measures: Measures, seed: int, found: Found) -> None:
    """Every figure of one district; gains must stand above 0 with their interval."""
    for group, told in found.groups.items():
        for rival in RIVALS:
            for measure in ASKED:
                gain = told["gain_over"][rival][measure]
                measures.add(
                    f"{group}_{measure}_over_{rival}",
                    told["measures"]["model"][measure]["point"],
                    reference=told["measures"][rival][measure]["point"],
                    goal="> 0",
                    of="low",
                    seed=seed,
                    **{"gain": gain["point"], "low": gain["low"], "high": gain["high"]},
                )
    for whose in ("with_18_absences", "with_the_outcome"):
        told = found.lead[whose]
        measures.add(
            f"lead_median_weeks_over_rule_{whose}",
            told["weeks_over_rule"]["median"],
            seed=seed,
            students=told["students"],
            mean=told["weeks_over_rule"]["mean"],
            mean_low=told["weeks_over_rule"]["mean_low"],
            earlier=told["earlier_by"]["model"],
            later=told["earlier_by"]["rule"],
            never=told["never_named"]["model"],
            rule_never=told["never_named"]["rule"],
        )
    measures.add("ships_lightgbm", int(found.kind == "lightgbm"), seed=seed, because=found.because)


if __name__ == "__main__":
    sys.exit(main())
