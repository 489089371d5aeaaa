"""The pages docs/district.md and docs/own-cards.md: what cards say of a year their models never saw."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Any

HEAD = """# {title}, on a year the models never saw

<!-- Written by `python benchmarks/district.py {asked}--write docs/{page}`. -->

Size {size}; seeds {seeds}, fixed beforehand; as of ten weeks of school year {year} (labels lie ahead
of each as-of date; students are ranked within their school and week). Invented students: these figures show
that the path is honest and its difficulty believable, not how it will do in your district."""

READING = """
*Rule* is the ABC rule, *to date* the share of days missed so far, each at the same number of names.
Calibration is judged by its debiased error; it fails when the lower 95 % bound is above .03.

Which kind ships is decided by recall at 10 % on the test year, and a kind that fails calibration gives way
to one that passes. What ships, less the other kind (points, 95 % interval over students):
"""

HEADS = (
    "seed",
    "ships",
    "base rate",
    "AUC",
    "recall at 10 %",
    "precision at 10 %",
    "calibration error (lower bound)",
    "verdict",
)


def figures(card: dict[str, Any]) -> dict[str, Any]:
    """What a card says of its latest test year, for the kind that it ships."""
    test = card["tests"][0]
    mine, rule = test["measures"][card["kind"]], test["measures"]["abc_rule"]
    return {
        "kind": card["kind"],
        "year": test["year"],
        "base_rate": test["base_rate"],
        "auc": mine["auc"],
        "recall": mine["recall_at_10"],
        "precision": mine["precision_at_10"],
        "rule_auc": rule["auc"],
        "rule_recall": rule["recall_at_10"],
        "rule_precision": rule["precision_at_10"],
        "to_date_recall": test["measures"]["year_to_date"]["recall_at_10"],
        "calibration": test["calibration"]["error"],
        "calibration_low": test["calibration"]["low"],
        "verdict": test["calibration"]["verdict"],
        "gain": test["recall_gain_over"]["lightgbm" if card["kind"] == "logistic" else "logistic"],
    }


BY_WEEK = """
These outcomes lie at the year's end, and part of them is on record before: the first semester in grade 9, a
reclassification in autumn. So the AUC is told by week too, over the seeds (lowest, median, highest):
"""


def page(
    cards: dict[int, dict[str, Any]], size: str, hashes: dict[str, bool], own_cards: bool
) -> Iterator[str]:
    """The whole page, line by line; ``cards`` by seed and model name. ``own_cards``: the year's targets."""
    names = list(next(iter(cards.values())))
    year = figures(cards[next(iter(cards))][names[0]])["year"]
    seeds = ", ".join(map(str, cards))
    yield HEAD.format(
        title="Cards of their own in the made-up district" if own_cards else "The made-up district",
        asked=f"--models {','.join(names)} --seeds {seeds.replace(' ', '')} " if own_cards else "",
        page="own-cards.md" if own_cards else "district.md",
        size=size,
        seeds=seeds,
        year=year,
    )
    for name in names:
        yield from (
            "",
            f"## {cards[next(iter(cards))][name]['title']}",
            "",
            row_of(HEADS),
            "|---" * len(HEADS) + "|",
        )
        yield from (row_of(cells(seed, figures(of_seed[name]))) for seed, of_seed in cards.items())
    yield READING
    yield row_of(["seed", *names])
    yield "|---" * (len(names) + 1) + "|"
    for seed, of_seed in cards.items():
        told = (figures(of_seed[name]) for name in names)
        yield row_of([str(seed), *(f"{row['kind']} by {points(row['gain'])}" for row in told)])
    if own_cards:
        yield from by_week(cards, names)
        return
    yield from ("", "The same data and seed give the same model, to the hash of its body:", "")
    yield from (f"- {what}: {'the same' if same else '**another model**'}" for what, same in hashes.items())


def by_week(cards: dict[int, dict[str, Any]], names: list[str]) -> Iterator[str]:
    """The AUC of each model by school week, over the seeds."""
    groups = {name: [of_seed[name]["tests"][0]["groups"] for of_seed in cards.values()] for name in names}
    weeks = [group for group in groups[names[0]][0] if group.startswith("week ")]
    yield BY_WEEK
    yield row_of(["", *names])
    yield "|---" * (len(names) + 1) + "|"
    for week in weeks:
        found = [sorted(of_seed[week]["auc"] for of_seed in groups[name]) for name in names]
        yield row_of([week, *(f"{one[0]:.3f}, {statistics.median(one):.3f}, {one[-1]:.3f}" for one in found)])


def row_of(items: Any) -> str:
    """One row of a Markdown table."""
    return f"| {' | '.join(items)} |"


def cells(seed: int, row: dict[str, Any]) -> tuple[str, ...]:
    """The cells of one seed, in the order of HEADS."""
    return (
        str(seed),
        row["kind"],
        f"{row['base_rate']:.3f}",
        f"{row['auc']:.3f} (rule {row['rule_auc']:.3f})",
        f"{row['recall']:.3f} (rule {row['rule_recall']:.3f}, to date {row['to_date_recall']:.3f})",
        f"{row['precision']:.3f} (rule {row['rule_precision']:.3f})",
        f"{row['calibration']:.3f} ({row['calibration_low']:.3f})",
        row["verdict"],
    )


def points(gain: dict[str, float]) -> str:
    """A difference in points with its interval."""
    return f"{100 * gain['point']:+.1f} ({100 * gain['low']:+.1f} to {100 * gain['high']:+.1f})"
