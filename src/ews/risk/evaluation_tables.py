"""The tables of an evaluation's page: the same numbers as its drawings and its JSON, in cells of words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ews.risk.baselines import TITLES
from ews.risk.groups_shown import title_of

MEASURES = {
    "recall_at_10": ("Found, of 100", 100),
    "precision_at_10": ("Right, of 100 named", 100),
    "auc": ("AUC", 1),
    "auc_within": ("AUC within a school's list", 1),
    "average_precision": ("Average precision", 1),
    "brier": ("Brier", 1),
    "slope": ("Slope", 1),
}
NONE = "–"


@dataclass(frozen=True)
class Table:
    """A title, heads, rows of words, and the first cell of the row that stands out."""

    title: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    chosen: str = ""


def told(estimate: Mapping[str, float] | None, times: float = 1) -> str:
    """A value with its interval: 31.6 (29.7 to 33.7), or .766 (.758 to .775)."""
    if not estimate:
        return NONE
    point, low, high = (plain(times * estimate[key], times) for key in ("point", "low", "high"))
    return f"{point} ({low} to {high})"


def plain(value: float, times: float = 1) -> str:
    """A number with three figures that count."""
    return f"{value:.1f}" if times == 100 else f"{value:.3f}"


def compared(content: Mapping[str, Any], year: Mapping[str, Any], group: str) -> Table:
    """Everything compared on one group of a test year, by every measure."""
    found = year["groups"][group]
    lines = [name for name in next(iter(found["measures"].values())) if name.startswith("net_benefit")]
    heads = [head for head, _ in MEASURES.values()]
    benefit = [f"Net benefit at {name.rsplit('_', 1)[1]} in 100" for name in lines]
    rows = [
        [
            TITLES[name],
            *(told(measures.get(measure), times) for measure, (_, times) in MEASURES.items()),
            *(told(measures.get(line), 100) for line in lines),
            calibration(found["calibration"].get(name)),
        ]
        for name, measures in found["measures"].items()
    ]
    title = (
        f"{title_of(group)}, {year['year']}: {found['students']:,} students, {found['rows']:,} rows,"
        f" {100 * found['base_rate']:.1f} of 100 with the outcome; a list of a tenth of each school"
    )
    chosen = TITLES[content["kind"]]
    return Table(title, ["Order by", *heads, *benefit, "Calibration error (lower bound)"], rows, chosen)


def calibration(found: Mapping[str, Any] | None) -> str:
    """The debiased error, its lower bound, the verdict."""
    return f"{found['error']:.3f} ({found['low']:.3f}): {found['verdict']}" if found else NONE


def by_capacity(content: Mapping[str, Any], year: Mapping[str, Any]) -> Table:
    """Recall and precision of everything at each capacity."""
    measures = year["groups"]["everyone"]["measures"]
    sizes = [name.rsplit("_", 1)[1] for name in measures[content["kind"]] if name.startswith("recall_at")]
    heads = [
        "Order by",
        *(f"Found, list of {s} %" for s in sizes),
        *(f"Right of 100, list of {s} %" for s in sizes),
    ]
    rows = [
        [
            TITLES[name],
            *(
                told(found.get(f"{what}_at_{size}"), 100)
                for what in ("recall", "precision")
                for size in sizes
            ),
        ]
        for name, found in measures.items()
    ]
    return Table(f"By the length of the list, {year['year']}, everyone", heads, rows, TITLES[content["kind"]])


def by_year(content: Mapping[str, Any]) -> Table:
    """Every test year: what it was learned from, and how much of the outcome a list of a tenth holds."""
    names = list(content["years"][0]["groups"]["everyone"]["measures"])
    rows = []
    for year in content["years"]:
        measures = year["groups"]["everyone"]["measures"]
        learned = f"{', '.join(map(str, year['learned_from']))}; calibrated on {year['calibrated_on']}"
        rows.append(
            [str(year["year"]), learned]
            + [told(measures.get(name, {}).get("recall_at_10"), 100) for name in names]
        )
    heads = ["Test year", "Learned from", *(TITLES[name] for name in names)]
    return Table("Found of 100 with the outcome, list of a tenth, year by year", heads, rows)


def by_group(content: Mapping[str, Any], year: Mapping[str, Any]) -> Table:
    """Each group: who it is, and the model on a list of a tenth of that group alone."""
    kind = content["kind"]
    rows = []
    for name, found in year["groups"].items():
        mine = found["measures"][kind]
        rows.append(
            [
                title_of(name),
                f"{found['students']:,}",
                f"{100 * found['base_rate']:.1f}",
                told(mine.get("auc")),
                told(mine.get("recall_at_10"), 100),
                told(mine.get("precision_at_10"), 100),
                told(mine.get("slope")),
                calibration(found["calibration"].get(kind)),
            ]
        )
    heads = ["Group", "Students", "Base rate of 100", "AUC", "Found of 100", "Right of 100 named", "Slope"]
    return Table(
        f"The model group by group, {year['year']}", [*heads, "Calibration error (lower bound)"], rows
    )


def when_named(content: Mapping[str, Any]) -> Table:
    """Lead times at both paces, of those with the outcome and of those who came to an 18th absence."""
    lead = content["lead_time"]
    rows = []
    for pace, words in (("at_capacity", "a list of a tenth"), ("as_it_fires", "all whom the rule flags")):
        for whose, who in (("with_the_outcome", "with the outcome"), ("with_18_absences", "18 absences")):
            found = lead[pace][whose]
            if found["students"] is not None:
                rows.append([f"{who}; {words}", *lead_cells(found)])
    heads = [
        "Whose; pace",
        "Students",
        "Model earlier",
        "Rule earlier",
        "Weeks over the rule, median (quartiles)",
        "Mean (95 %)",
        "Never named by model",
        "By rule",
        "Weeks before the 18th absence: model",
        "Rule",
    ]
    return Table(f"When students were named, {lead['year']}, weeks 3 to 34", heads, rows)


def lead_cells(found: Mapping[str, Any]) -> list[str]:
    """One population's lead in cells."""
    weeks, before = found["weeks_over_rule"], found["before_18th"]
    return [
        f"{found['students']:,}",
        f"{found['earlier_by']['model']:.0%}",
        f"{found['earlier_by']['rule']:.0%}",
        middle(weeks),
        f"{weeks['mean']:+.1f} ({weeks['mean_low']:+.1f} to {weeks['mean_high']:+.1f})" if weeks else NONE,
        f"{found['never_named']['model']:.0%}",
        f"{found['never_named']['rule']:.0%}",
        *(middle(before.get(name, {}).get("weeks")) for name in ("model", "rule")),
    ]


def middle(weeks: Mapping[str, float] | None) -> str:
    """Median and quartiles of weeks."""
    if not weeks:
        return NONE
    return f"{weeks['median']:+.0f} ({weeks['lower_quartile']:+.0f} to {weeks['upper_quartile']:+.0f})"


def week_by_week(content: Mapping[str, Any]) -> Table:
    """The share of those with the outcome named by each week."""
    rows = [
        [str(row["week"]), *(f"{row[name]:.0%}" for name in ("model", "rule", "missed_18"))]
        for row in content["lead_time"]["at_capacity"]["by_week"]
    ]
    return Table(
        "Named by then, of those with the outcome", ["Week", "Model", "ABC rule", "18 absences"], rows
    )


def unseen_schools(content: Mapping[str, Any]) -> Table:
    """The model when no school's own past was learned from, beside itself."""
    found = content["schools_left_out"]
    rows = [
        [
            "Schools left out" if name == "schools_left_out" else "Schools known",
            *(told(measures.get(measure), times) for measure, (_, times) in MEASURES.items()),
        ]
        for name, measures in found["measures"].items()
    ]
    folds = f"{found['schools']} schools in {found['folds']} folds"
    title = f"At schools never seen: {folds}, {found['year']}; a list of a tenth"
    return Table(title, ["Schools", *(head for head, _ in MEASURES.values())], rows)


def amounts(content: Mapping[str, Any]) -> Table:
    """The learning curve: students, years, and what less of them costs."""
    curve = content["learning_curve"]
    rows = [
        [
            f"{found['students']:,}",
            str(found["years"]),
            told(found["measures"].get("recall_at_10"), 100),
            told(found["against_all"].get("recall_at_10"), 100),
            told(found["measures"].get("auc")),
        ]
        for found in [*curve["by_students"], *curve["by_years"][:-1]]
    ]
    heads = ["Students", "Years", "Found of 100", "Against all", "AUC"]
    return Table(f"Learned from fewer students and years, {curve['year']}, full logistic", heads, rows)


def reliable(content: Mapping[str, Any], year: Mapping[str, Any]) -> Table:
    """What was said and what happened."""
    rows = [
        [f"{100 * found['said']:.1f}", told(found, 100), f"{found['students']:,}"]
        for found in year["reliability"]
    ]
    return Table("Fifteen groups of equal size", ["Said, of 100", "Happened", "Students"], rows)


def decisions(content: Mapping[str, Any], year: Mapping[str, Any]) -> Table:
    """Net benefit at each line."""
    curve = year["net_benefit"]
    names = [name for name in curve if name != "line"]
    rows = [
        [f"{100 * line:.0f}", *(told(curve[name][place], 100) for name in names)]
        for place, line in enumerate(curve["line"])
    ]
    heads = ["Act from, of 100", *(TITLES.get(name, "Act on everybody") for name in names)]
    return Table("Net benefit, of 100 rows; acting on nobody is 0", heads, rows)
