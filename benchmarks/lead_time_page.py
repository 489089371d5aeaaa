"""The page docs/lead_time.md: what lists find and how early, on districts the models never saw."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

HEAD = """# What a list finds, and how early, on the made-up district

<!-- Written by `python benchmarks/lead_time.py --page docs/lead_time.md`. -->

Attendance; size {size}; seeds {seeds}, fixed beforehand; weeks 8 to 12 of school year {year}, which
nothing was learned from. Each list is a tenth of a school's students on a day; the outcome lies ahead of it.
Invented students: these figures show what the method does, not how it will do in your district. In brackets:
95 % intervals over students; differences are paired."""

WORDS = {"everyone": "Everyone", "not_yet_flagged": "Students whom no rule has flagged so far that year"}
RIVALS = {"year_to_date": "days missed so far", "abc_rule": "the ABC rule"}

OF_THE_UNFLAGGED = """
Among them the ABC rule orders nobody, so its list is drawn by lot: that row is the gain over chance."""

HOW_EARLY = """
## How early, at as many names

Weeks 3 to 34. In each school and week the model may name as many new students as newly stand on the rule's
list of a tenth, so by every week both have named equally many. *Over the rule* is of those whom both named;
above 0 the model was earlier. *Never* is the share that is named in no week.
"""

GATE = """
## LightGBM against the logistic
"""


def page(found: Mapping[int, Any], size: str) -> Iterator[str]:
    """The whole page, line by line; ``found`` by seed."""
    first = next(iter(found.values()))
    yield HEAD.format(size=size, seeds=", ".join(map(str, found)), year=first.year)
    for group, title in WORDS.items():
        yield from ("", f"## {title}", "")
        yield row(
            ["seed", "students", "base rate", "recall", *over("recall"), "precision", *over("precision")]
        )
        yield "|---" * 9 + "|"
        for seed, told in found.items():
            yield row([str(seed), *cells(told.groups[group])])
        if group == "not_yet_flagged":
            yield OF_THE_UNFLAGGED
    yield HOW_EARLY
    yield row(
        [
            "seed",
            "whose",
            "students",
            "over the rule, median (quartiles)",
            "mean",
            "earlier, later",
            "before the 18th absence, median: model, rule",
            "never: model, rule",
        ]
    )
    yield "|---" * 8 + "|"
    for seed, told in found.items():
        for whose, words in (("with_18_absences", "18 absences"), ("with_the_outcome", "any outcome ahead")):
            yield row([str(seed), words, *lead(told.lead[whose])])
    yield GATE
    yield from (f"- seed {seed}: {told.kind} ships. {told.because}" for seed, told in found.items())


def over(measure: str) -> list[str]:
    """The heads of the differences."""
    return [f"{measure} over {words}" for words in RIVALS.values()]


def cells(told: Mapping[str, Any]) -> Iterator[str]:
    """One seed's figures of one group."""
    yield f"{told['students']:,}"
    yield f"{100 * told['base_rate']:.1f}"
    for measure in ("recall_at_10", "precision_at_10"):
        yield f"{100 * told['measures']['model'][measure]['point']:.1f}"
        for rival in RIVALS:
            gain = told["gain_over"][rival][measure]
            yield f"{100 * gain['point']:+.1f} ({100 * gain['low']:+.1f} to {100 * gain['high']:+.1f})"


def lead(told: Mapping[str, Any]) -> Iterator[str]:
    """One population's lead."""
    weeks, before = told["weeks_over_rule"], told["before_18th"]
    yield f"{told['students']:,}"
    yield f"{weeks['median']:+.0f} ({weeks['lower_quartile']:+.0f} to {weeks['upper_quartile']:+.0f})"
    yield f"{weeks['mean']:+.1f} ({weeks['mean_low']:+.1f} to {weeks['mean_high']:+.1f})"
    yield f"{told['earlier_by']['model']:.0%}, {told['earlier_by']['rule']:.0%}"
    yield ", ".join(f"{before[name]['weeks']['median']:.0f}" for name in ("model", "rule"))
    yield f"{told['never_named']['model']:.0%}, {told['never_named']['rule']:.0%}"


def row(items: Any) -> str:
    """One row of a Markdown table."""
    return f"| {' | '.join(items)} |"
