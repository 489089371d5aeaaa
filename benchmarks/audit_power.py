"""Does the audit hear a planted recording bias, and keep quiet where there is none?

    python benchmarks/audit_power.py [--seeds 50] [--quiet-seeds 100] [--page docs/audit_power.md]

The audit's own code over worlds made in a blink (audit_worlds.py), whose groups' true base rates are 9, 15,
22 and 33 %. Two mechanisms are planted, each in one group at a time: half of its need is in no record, so
that its scores are too low; and its minor incidents are written up 1.7 times as often for the same conduct.
Heard means: an alarm names that group. In the world without bias any alarm about anything is a false one.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

from audit_worlds import BASES, GROUPS, world
from measures import Measures
from scipy.stats import beta

from ews.risk.fairness import audit_model
from ews.risk.recording_bias import compared

UNWRITTEN, WRITTEN_UP = 2.0, 1.7
POSITIVES = 300
FIRST_SEED = 1000


def main() -> int:
    """Say each figure, and write the page when asked."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--quiet-seeds", type=int, default=100)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--page", type=Path, help="the page to write")
    given = parser.parse_args()
    measures = Measures()
    with ProcessPoolExecutor(given.processes) as pool:
        quiet(measures, pool, given.quiet_seeds)
        heard(measures, pool, given.seeds)
    if given.page:
        given.page.write_text("\n".join(page(measures.rows)) + "\n", encoding="utf-8")
    return measures.exit_code()


def quiet(measures: Measures, pool: ProcessPoolExecutor, seeds: int) -> None:
    """Worlds without bias, with few and with many positives: how many raise any alarm at all."""
    for positives in (100, POSITIVES):
        found = list(pool.map(partial(alarms_of, positives=positives), range(FIRST_SEED, FIRST_SEED + seeds)))
        false = sum(bool(alarms) for alarms, _ in found)
        low, high = exact(false, seeds)
        measures.add(
            f"false alarms without bias, {positives} positives a group",
            false / seeds,
            goal="<= 0.05",
            worlds=seeds,
            low=low,
            high=high,
            groups_tested=sum(tested for _, tested in found) / seeds,
        )


def heard(measures: Measures, pool: ProcessPoolExecutor, seeds: int) -> None:
    """Worlds with a bias against one group: how many raise an alarm that names it."""
    for mechanism, times in (("unwritten", UNWRITTEN), ("written_up", WRITTEN_UP)):
        for of, base in enumerate(BASES):
            asked = partial(alarms_of, positives=POSITIVES, of=of, **{mechanism: times})
            found = list(pool.map(asked, range(FIRST_SEED, FIRST_SEED + seeds)))
            named = sum(any(group == GROUPS[of] for _, group in alarms) for alarms, _ in found)
            low, high = exact(named, seeds)
            measures.add(
                f"power, {mechanism} {times:g}, base rate {base:.0%}",
                named / seeds,
                goal=">= 0.8",
                worlds=seeds,
                low=low,
                high=high,
                positives=POSITIVES,
            )
    fainter(measures, pool, max(1, seeds // 2))


def fainter(measures: Measures, pool: ProcessPoolExecutor, seeds: int) -> None:
    """What is heard of less: fewer positives, or more of the need written down. No goal stands on these."""
    for positives, times in ((100, UNWRITTEN), (150, UNWRITTEN), (POSITIVES, 1.33), (POSITIVES, 1.5)):
        asked = partial(alarms_of, positives=positives, of=2, unwritten=times)
        found = list(pool.map(asked, range(FIRST_SEED, FIRST_SEED + seeds)))
        named = sum(any(group == GROUPS[2] for _, group in alarms) for alarms, _ in found)
        low, high = exact(named, seeds)
        what = f"power, unwritten {times:g}, base rate 22%, {positives} positives"
        measures.add(what, named / seeds, worlds=seeds, low=low, high=high)


def alarms_of(seed: int, positives: int, **bias: Any) -> tuple[list[tuple[str, str]], int]:
    """The alarms (kind, group) of one world by the audit's own code, and how many groups it tested."""
    made = world(seed, positives, **bias)
    found = audit_model("attendance", 2025, made.rows, made.probability, made.groups)
    alarms = [(alarm.kind, alarm.group) for alarm in found.alarms]
    written = compared("written_up", made.recorded, made.groups_of_students)
    alarms += [("recording", one.code) for one in written if one.alarm]
    return alarms, sum(group.tested for group in found.groups)


def exact(times: int, of: int) -> tuple[float, float]:
    """The exact 95 % interval of a share (Clopper and Pearson 1934)."""
    low = beta.ppf(0.025, times, of - times + 1) if times else 0.0
    high = beta.ppf(0.975, times + 1, of - times) if times < of else 1.0
    return float(low), float(high)


def page(rows: list[dict[str, Any]]) -> Iterator[str]:
    """The figures as a page."""
    yield "# What the audit hears, and where it keeps quiet"
    yield ""
    yield "<!-- Written by `python benchmarks/audit_power.py --page docs/audit_power.md`. -->"
    yield ""
    yield from told()
    yield ""
    yield "| measure | share of worlds | 95 % interval | worlds | goal | reached |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        interval = f"{row['low']:.2f} to {row['high']:.2f}" if "low" in row else ""
        reached = {True: "yes", False: "**no**", None: ""}[row["ok"]]
        goal = (row["goal"] or "").removeprefix("value ")
        yield f"| {row['measure']} | {row['value']:.3f} | {interval} | {row['worlds']} | {goal} | {reached} |"
    yield ""
    yield "What it does not hear: a small bias (a third more need unwritten), and too many wrong labels in a"
    yield "group of which few are at risk, since a false positive rate that small never exceeds METHOD's .05."
    yield "How the alarms are made: [the audit](audit.md)."


def told() -> Iterator[str]:
    """What was done, as the script says it."""
    yield from (__doc__ or "").strip().splitlines()[4:]


if __name__ == "__main__":
    sys.exit(main())
