"""The page of figures on real students (docs/oulad.md), from what benchmarks/oulad.py measured."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from ews.features.definition import DRIVERS
from ews.risk.definition import RiskModel

Row = dict[str, Any]
MODULES = {"all": "all modules", "seen": "modules seen in training", "not_seen": "modules not seen"}
KINDS = {"lightgbm": "LightGBM", "logistic": "logistic"}

ABOUT = """
OULAD: real students of the Open University, 2013, with dated assessments, registrations, withdrawals and
final results (Kuzilek, Hlosta, Zdrahal, Scientific Data 4:170171, 2017, CC BY 4.0). The outcome is Fail or
Withdrawn. On each day those are scored who are registered and have not withdrawn; leaving in those who
have already withdrawn would add .04 to .07 of AUC and mean nothing.

A score counts as known seven days after it was handed in (`known.assignments_lag_days`), the handing in
itself on its day. No region, education, deprivation, age, disability or sex is a feature. Registrations
without a date are left out, since nobody can say whether that student was registered on a day. Whoever
withdrew without a date counts as registered, as the registry itself saw it.
"""

CHOICES = """
## How the choices were made

Features, trees and training days were chosen within 2013B alone, by cross-validation in two ways: groups
of students left out, and whole modules left out in turn, since a model must hold for a module it has never
seen. What was tried there, with what it showed (AUC):

- marks as they are, or standings among classmates on what was known by then: standings are better by up
  to .01 for students left out and by .01 to .08 for modules left out. They stay.
- 4, 8 and 15 leaves, depth 2 to 4, 120 to 400 trees: within .002 of each other; the smallest trees held
  best for modules left out. Averaging over seeds added nothing. Monotone constraints cost nothing.
- lateness in days, credits, days of registration, results carried over, missing work on the latest due
  date: nothing lost without them.
- before anything is due: a first version took a class in which nobody had a mark for a class of students
  without marks. **This was noticed on 2013J**, where some modules set nothing before day 28 or 56 and got
  far too much risk (LightGBM's AUC over all modules was .667, .782, .829 on days 28, 56, 84). The repair
  (everyone stands in the middle where nobody has a value; week 2 is learned too; the number of
  assessments due replaces the week) was chosen within 2013B at day 14, before anything is due: there the
  gap between said and seen fell from .29 to .06. So figures on 2013J are of a second look, and this is
  what the first one showed.
"""


def page(
    rows: Sequence[Row], *, train: str, test: str, days: Sequence[int], model: RiskModel
) -> Iterator[str]:
    """The page: what was asked, how it was chosen, the figures, what ships, what the scores rest on."""
    told = ",".join(str(day) for day in days)
    yield "# Real students: OULAD"
    yield ""
    yield f"<!-- Written by `python benchmarks/oulad.py DIR --train {train} --test {test} --days {told}"
    yield "     --write docs/oulad.md`. -->"
    yield from ABOUT.splitlines()
    yield ""
    yield f"Trained on {train}, tested on {test}. DIR is a folder with OULAD's CSV files:"
    yield ""
    yield f"    python benchmarks/oulad.py DIR --train {train} --test {test} --days {told}"
    yield ""
    yield "The same path in single steps: `ews load DIR --source oulad`, then `ews train course`."
    yield from figures(rows)
    yield from shipping(rows, test)
    yield from drivers(rows)
    yield from CHOICES.splitlines()
    yield ""
    yield from within_training(rows, train)
    yield ""
    yield from meaning(model)


def figures(rows: Sequence[Row]) -> Iterator[str]:
    """A table for each group of modules: day by day, each model beside the rule."""
    for modules, title in MODULES.items():
        own = [row for row in rows if row.get("modules") == modules]
        if not own:
            continue
        yield from ("", f"## On {title}", "")
        yield "| day | students | outcome | model | AUC | above the rule (95 %) | average precision | Brier |"
        yield "|---|---|---|---|---|---|---|---|"
        for row in own:
            if row["measure"] == "auc":
                yield figure_line(row, own)
        yield from ("", "LightGBM less logistic, AUC (95 %):", "")
        yield from (
            f"- day {row['day']}: {signed(row['difference'])} ({signed(row['low'])} to {signed(row['high'])})"
            for row in own
            if row["measure"] == "auc_above_logistic"
        )
        yield from ("", "Calibration error, debiased (lower 95 % bound; it fails above .03):", "")
        yield from (
            f"- day {row['day']}, {KINDS[row['kind']]}: {row['value']:.3f}"
            f" ({row['low']:.3f}): {row['verdict']}"
            for row in own
            if row["measure"] == "calibration_error"
        )


def figure_line(row: Row, own: Sequence[Row]) -> str:
    """One model on one day."""
    more = {
        other["measure"]: other["value"]
        for other in own
        if (other["day"], other.get("kind")) == (row["day"], row["kind"])
    }
    above = f"{signed(row['difference'])} ({signed(row['low'])} to {signed(row['high'])})"
    return (
        f"| {row['day']} | {row['rows']:,} | {row['base_rate']:.0%} | {KINDS[row['kind']]} "
        f"| {row['value']:.3f} | {above} | {more['average_precision']:.3f} | {more['brier']:.3f} |"
    )


def shipping(rows: Sequence[Row], test: str) -> Iterator[str]:
    """Which model ships and why."""
    recall = {row["kind"]: row for row in rows if row["measure"] == "recall_at_10"}
    gain = next(row for row in rows if row["measure"] == "recall_above_logistic")
    rule = next(iter(recall.values()))["reference"]
    yield from ("", "## What ships", "")
    yield "The rule of `ews train` decides: LightGBM only where it catches more, else the simpler model. On a"
    yield f"list of 10 % of each presentation of {test}, over all days, of the outcomes were caught:"
    yield "".join(f"{KINDS[kind]} {row['value']:.1%}, " for kind, row in recall.items()) + f"rule {rule:.1%}."
    yield gain["why"]
    yield f"**{KINDS[gain['ships']]} ships.**"
    error = next(row for row in rows if row["measure"] == "calibration_of_what_ships")
    yield ""
    yield f"Its calibration error over all days is {error['value']:.3f} (lower bound {error['low']:.3f}):"
    yield f"{error['verdict']}." + (
        " So `ews promote course` refuses it: its order helps, its numbers do not hold yet."
        if error["verdict"] == "fail"
        else ""
    )


def drivers(rows: Sequence[Row]) -> Iterator[str]:
    """What the scores rest on."""
    own = [row for row in rows if row["measure"] == "driver_share"]
    yield from ("", "## What the scores rest on", "")
    yield "Each driver's share of all contributions to the log-odds, in size, over the test rows."
    yield from ("", "| driver | LightGBM | logistic |", "|---|---|---|")
    for name in dict.fromkeys(row["driver"] for row in own):
        share = {row["kind"]: row["value"] for row in own if row["driver"] == name}
        yield f"| {DRIVERS[name].title} | {share['lightgbm']:.0%} | {share['logistic']:.0%} |"


def within_training(rows: Sequence[Row], train: str) -> Iterator[str]:
    """AUC within the training presentations, left-out students and left-out modules."""
    own = [row for row in rows if row["measure"] == "within_training_auc"]
    days = sorted({row["day"] for row in own})
    yield f"AUC within {train} of the two models above, on rows left out:"
    yield ""
    yield f"| left out | model | {' | '.join(f'day {day}' for day in days)} |"
    yield f"|---|---|{'---|' * len(days)}"
    for left_out, kind in dict.fromkeys((row["left_out"], row["kind"]) for row in own):
        value = {
            row["day"]: row["value"] for row in own if (row["left_out"], row["kind"]) == (left_out, kind)
        }
        yield f"| {left_out} | {KINDS[kind]} | {' | '.join(f'{value[day]:.3f}' for day in days)} |"


def meaning(model: RiskModel) -> Iterator[str]:
    """What must not be read into the figures."""
    yield "## What this does not show"
    yield ""
    yield "- The Open University's students are adults at a distance: the figures say that the way from"
    yield "  records to scores holds on real students, not how well a school's model will do."
    yield "- How many pass differs between modules. A model that has never seen a module cannot know how hard"
    yield "  it is, so its probabilities there are off, as the calibration says, while its order still helps."
    yield from (f"- {limit}" for limit in model.limits)


def signed(value: float) -> str:
    """Three decimals with their sign."""
    return f"{value:+.3f}"
