"""A pandemic-like year: `ews watch` turns red on calibration, PSI alone does not, and the repair mends it.

    python benchmarks/watching.py [--students 3000] [--seed 3] [--page docs/watching-measured.md]

A made-up district in which, in one school year, students are sent home at random. The attendance model is
trained on the years before, and scores through that year; outcomes close as time goes by. In February it
is watched, repaired and promoted; in June it is watched again, on labels that the repair had not seen.
Beside it the same district without such a year, which must stay calm.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from measures import Measures

ROOT = Path(__file__).parents[1]
NOW = datetime(2025, 7, 1, 14, tzinfo=UTC)
YEAR = 2025
TRAINED = date(2024, 7, 31)
AUTUMN = [date(2024, 9, 20), date(2024, 10, 4), date(2024, 10, 18), date(2024, 11, 1), date(2024, 11, 15)]
FEBRUARY = date(2025, 2, 28)
SPRING = [date(2025, 2, 28), date(2025, 3, 7), date(2025, 3, 14)]
JUNE = date(2025, 6, 13)
OVER = date(2025, 6, 30)
SIGNERS = ("benchmark analyst", "benchmark reviewer")
LINE, RED, PSI_RED = 0.03, 0.05, 0.25


def main() -> int:
    """Both districts through the year; say each figure, and write the page when asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--page", type=Path, help="the page to write")
    given = parser.parse_args()
    measures = Measures()
    with tempfile.TemporaryDirectory() as scratch:
        struck = through_the_year(Path(scratch) / "struck", given.students, given.seed, pandemic=True)
        calm = through_the_year(Path(scratch) / "calm", given.students, given.seed, pandemic=False)
    tell(measures, struck, calm)
    if given.page:
        given.page.write_text("\n".join(page(measures, struck)) + "\n", encoding="utf-8")
    return measures.exit_code()


def through_the_year(folder: Path, students: int, seed: int, *, pandemic: bool) -> dict[str, Any]:
    """One district: trained before, scored in autumn, watched in February; repaired, watched in June."""
    from ews.risk.promotion import promote
    from ews.risk.training import train_all
    from ews.support.score_run import score_run
    from ews.support.watching import repair_model, watch

    settings = loaded(folder, students, seed, pandemic=pandemic)
    train_all(settings, ["attendance"], TRAINED)
    promote(settings, "attendance", signed_by=SIGNERS)
    for day in AUTUMN:
        score_run(settings, day, now=NOW)
    score_run(settings, SPRING[0], now=NOW)
    february = watch(settings, FEBRUARY, now=NOW).as_json()
    if not pandemic:
        return {"february": february}
    repaired = repair_model(settings, "attendance", FEBRUARY)
    report = promote(settings, "attendance", run_id=repaired.run_id, signed_by=SIGNERS)
    for day in SPRING:
        score_run(settings, day, now=NOW)
    june = watch(settings, JUNE, now=NOW).as_json()
    return {
        "february": february,
        "repaired": dict(repaired.repaired),
        "gate": [gate.told for gate in report.gates],
        "june": june,
    }


def loaded(folder: Path, students: int, seed: int, *, pandemic: bool) -> Any:
    """Settings of a home into which the district was loaded."""
    from ews.district.make import make_district
    from ews.district.world import World
    from ews.records.intake import load_drop
    from ews.settings import read_settings

    settings = read_settings(
        {
            "EWS_HOME": str(folder / "data"),
            "EWS_MODELS": str(folder / "models"),
            "EWS_MLRUNS": str(folder / "mlruns"),
            "EWS_TRAINING": str(ROOT / "training"),
            "EWS_CONFIG": str(folder / "ews.toml"),
        }
    )
    world = World(pandemic_year=YEAR if pandemic else None)
    make_district(folder / "drop", "demo", students=students, years=5, seed=seed, world=world, until=OVER)
    report = load_drop(settings, folder / "drop", "csv", history=True, now=NOW)
    if report.status != "loaded":
        raise SystemExit(f"the drop was {report.status}")
    return settings


def tell(measures: Measures, struck: dict[str, Any], calm: dict[str, Any]) -> None:
    """Each figure with its goal."""
    before = gap_of(struck["february"])
    measures.add("gap_in_february", before["gap"], goal=f">= {RED}", colour=before["colour"])
    measures.add("psi_of_scores_in_february", psi_of(struck["february"]), goal=f"< {PSI_RED}")
    repair = struck["repaired"]
    measures.add(
        "repair_shift_log_odds", repair["shift"], labels=repair["labels"], students=repair["students"]
    )
    measures.add("calibration_error_before_repair", repair["before"]["error"])
    measures.add("calibration_error_after_repair", repair["after"]["error"])
    measures.add("calibration_lower_bound_after_repair", repair["after"]["low"], goal=f"<= {LINE}")
    after = gap_of(struck["june"])
    measures.add("gap_in_june_after_repair", after["gap"], goal=f"< {LINE}", colour=after["colour"])
    quiet = gap_of(calm["february"])
    measures.add("gap_in_february_calm_year", quiet["gap"], goal=f"< {RED}", colour=quiet["colour"])


def check_of(report: dict[str, Any], name: str) -> dict[str, Any]:
    """One check of a watch."""
    return next(check for check in report["checks"] if check["name"] == name)


def gap_of(report: dict[str, Any]) -> dict[str, Any]:
    """How far what was said lies from what happened, and the colour."""
    check = check_of(report, "calibration_attendance")
    row = check["rows"][0]
    return {"gap": abs(row["said"] - row["happened"]), "colour": check["colour"]}


def psi_of(report: dict[str, Any]) -> float:
    """The largest PSI of scores."""
    return max(row["psi"] for row in check_of(report, "psi_scores")["rows"])


def page(measures: Measures, struck: dict[str, Any]) -> Iterator[str]:
    """What was measured, in words that a person reads."""
    yield "# A pandemic-like year, watched"
    yield ""
    yield "<!-- Written by `python benchmarks/watching.py --page docs/watching-measured.md`. -->"
    yield ""
    yield "A made-up district in which students were sent home at random in one year."
    yield "What the checks are: [watching](watching.md)."
    yield ""
    yield "| measure | value | goal | reached |"
    yield "|---|---|---|---|"
    for row in measures.rows:
        reached = {True: "yes", False: "**no**", None: ""}[row["ok"]]
        colour = f" ({row['colour']})" if "colour" in row else ""
        yield f"| {row['measure']} | {row['value']:.3f}{colour} | {row['goal'] or ''} | {reached} |"
    for title, report in (("In February", struck["february"]), ("In June, after the repair", struck["june"])):
        yield ""
        yield f"## {title}"
        yield ""
        for check in report["checks"]:
            yield f"- **{check['colour']}**: {check['title']}: {check['told']}"
    yield ""
    yield "## What the gate said of the repaired version"
    yield ""
    for told in struck["gate"]:
        yield f"- {told}"


if __name__ == "__main__":
    sys.exit(main())
