"""The drawings of an evaluation's page, each with what it says and the table of the same numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from ews.risk import evaluation_tables as tables
from ews.risk.baselines import TITLES
from ews.risk.drawings import NARROW, WIDE, Dot, Line, Scale, dots_chart, lines_chart, percents
from ews.risk.evaluation_tables import Table
from ews.risk.evaluation_words import TO_DATE, rule_of
from ews.risk.groups_shown import title_of

SHORT = {
    "abc_rule": "ABC rule",
    "latest_below_40": "Mark below 40",
    TO_DATE: "Days missed",
    "base_rate": "By lot",
    "act_on_everybody": "Everybody",
}


LOWEST_LINE = 0.10  # net benefit is drawn from here on; below it nobody is acted on singly
LEAST_BENEFIT = 0.002  # of all rows; less cannot be drawn


@dataclass(frozen=True)
class Figure:
    """A drawing, wide and narrow, its title, the one thing it says, its key and its table."""

    title: str
    says: str
    wide: Markup
    narrow: Markup
    table: Table
    key: Sequence[tuple[str, str]] = ()


def figures(content: Mapping[str, Any]) -> Iterator[Figure]:
    """Every drawing of one model, in the order in which a person asks."""
    year = content["years"][0]
    yield by_capacity(content, year)
    yield compared(content, year)
    if content.get("lead_time", {}).get("at_capacity", {}).get("by_week"):
        yield when_named(content)
    if year["reliability"]:
        yield reliable(content, year)
    yield by_group(content, year)
    if len(content["years"]) > 1:
        yield by_year(content)
    if len(content.get("learning_curve", {}).get("by_students", ())) > 1:
        yield amounts(content)
    worth = decisions(content, year)
    if worth is not None:
        yield worth


def lines(title: str, says: str, drawn: Sequence[Line], across: Scale, up: Scale, table: Table) -> Figure:
    """A figure of lines."""
    wide, narrow = (
        Markup(lines_chart(drawn, across, up, width=width, says=f"{title}. {says}"))
        for width in (WIDE, NARROW)
    )
    return Figure(title, says, wide, narrow, table)


def dots(
    title: str,
    says: str,
    rows: Sequence[tuple[str, Sequence[Dot]]],
    across: Scale,
    table: Table,
    key: Sequence[tuple[str, str]] = (),
) -> Figure:
    """A figure of dots with intervals."""
    wide, narrow = (
        Markup(dots_chart(rows, across, width=width, says=f"{title}. {says}")) for width in (WIDE, NARROW)
    )
    return Figure(title, says, wide, narrow, table, key)


def ink(name: str, chosen: str) -> str:
    """How a score is drawn."""
    if name == chosen:
        return "model"
    return {"abc_rule": "rule", "latest_below_40": "rule", "base_rate": "chance"}.get(name, "plain")


def called(name: str, chosen: str) -> str:
    """How a score is called in a drawing."""
    return "This model" if name == chosen else SHORT.get(name, TITLES.get(name, name))


def by_capacity(content: Mapping[str, Any], year: Mapping[str, Any]) -> Figure:
    """How much of the outcome lists of each length hold."""
    chosen, measures = content["kind"], year["groups"]["everyone"]["measures"]
    sizes = [int(name.rsplit("_", 1)[1]) for name in measures[chosen] if name.startswith("recall_at")]
    shown = [name for name in (chosen, TO_DATE, rule_of(measures), "base_rate") if name in measures]
    drawn = []
    for name in shown:
        found = [measures[name][f"recall_at_{size}"] for size in sizes]
        points = [(size, each["point"]) for size, each in zip(sizes, found, strict=True)]
        between = [(each["low"], each["high"]) for each in found] if name == chosen else []
        drawn.append(Line(called(name, chosen), ink(name, chosen), points, between))
    highest = max(y for line in drawn for _, y in line.points)
    across = Scale(sizes[0], sizes[-1], sizes, lambda size: f"{size:.0f} %", "Length of each school's list")
    says = "Of 100 students with the outcome, so many are on the list. Grey: 95 % interval."
    up = percents(0.0, highest * 1.05, "Found, of 100")
    return lines("How many a list finds", says, drawn, across, up, tables.by_capacity(content, year))


def compared(content: Mapping[str, Any], year: Mapping[str, Any]) -> Figure:
    """Everything compared on a list of a tenth."""
    chosen, measures = content["kind"], year["groups"]["everyone"]["measures"]
    rows = [
        (TITLES[name] if name != chosen else f"This model: {TITLES[name]}", [a_dot(found, ink(name, chosen))])
        for name, found in sorted(measures.items(), key=lambda item: -item[1]["recall_at_10"]["point"])
    ]
    return dots(
        "Beside everything it has to beat",
        "The same list of a tenth of each school, ordered by each. Bars: 95 % intervals.",
        [(shortened(name), held) for name, held in rows],
        dot_scale(rows, "Found, of 100 with the outcome"),
        tables.compared(content, year, "everyone"),
    )


def shortened(name: str) -> str:
    """A name that fits beside a drawing."""
    return name.replace("This model: Overall, stacked on its domains", "This model, stacked")


def a_dot(found: Mapping[str, Any], kind: str, measure: str = "recall_at_10") -> Dot:
    """A measure as a dot."""
    told = found[measure]
    return Dot(told["point"], told["low"], told["high"], kind)


def dot_scale(rows: Sequence[tuple[str, Sequence[Dot]]], title: str) -> Scale:
    """A scale that holds every interval."""
    every = [one for _, held in rows for one in held]
    return percents(min(one.low for one in every), max(one.high for one in every), title)


def by_group(content: Mapping[str, Any], year: Mapping[str, Any]) -> Figure:
    """The model beside the rule, or days missed, group by group."""
    chosen, rows = content["kind"], []
    rule = rule_of(year["gain_over"]["everyone"])
    for name, found in year["groups"].items():
        held = [
            a_dot(found["measures"][each], kind, "precision_at_10")
            for each, kind in ((chosen, "model"), (rule, "rule"))
            if found["measures"].get(each, {}).get("precision_at_10")
        ]
        if held:
            rows.append((f"{title_of(name)}", held))
    hidden = (
        f" {len(year['hidden_groups'])} groups are too small to be shown." if year["hidden_groups"] else ""
    )
    return dots(
        "Group by group",
        f"Of 100 named on a list of a tenth of that group, so many had the outcome.{hidden}",
        rows,
        dot_scale(rows, "Right, of 100 named"),
        tables.by_group(content, year),
        (("model", "This model"), ("rule", SHORT[rule])),
    )


def by_year(content: Mapping[str, Any]) -> Figure:
    """The model, days missed and the rule in every test year."""
    chosen, rows = content["kind"], []
    for year in content["years"]:
        measures = year["groups"]["everyone"]["measures"]
        shown = [name for name in (chosen, TO_DATE, rule_of(measures)) if name in measures]
        rows.append((str(year["year"]), [a_dot(measures[name], ink(name, chosen)) for name in shown]))
    inks = [("model", "This model"), ("plain", SHORT[TO_DATE]), ("rule", SHORT[rule_of(measures)])]
    if TO_DATE not in measures:
        del inks[1]
    return dots(
        "Year after year",
        "Each year was judged by a model that had learned from earlier years alone.",
        rows,
        dot_scale(rows, "Found, of 100 with the outcome"),
        tables.by_year(content),
        inks,
    )


def when_named(content: Mapping[str, Any]) -> Figure:
    """By which week each had named those with the outcome."""
    weeks = content["lead_time"]["at_capacity"]["by_week"]
    drawn = [
        Line(name, kind, [(row["week"], row[key]) for row in weeks])
        for key, name, kind in (
            ("model", "This model", "model"),
            ("rule", "ABC rule", "rule"),
            ("missed_18", "18 absences", "plain"),
        )
    ]
    first, last = weeks[0]["week"], weeks[-1]["week"]
    ticks = [week for week in (3, 10, 18, 26, 34) if first <= week <= last] or [first, last]
    across = Scale(first, max(last, first + 1), ticks, lambda week: f"{week:.0f}", "School week")
    says = "By each week both have named equally many students in each school."
    up = percents(0.0, max(y for line in drawn for _, y in line.points) * 1.05, "Named by then, of 100")
    return lines("When they are named", says, drawn, across, up, tables.week_by_week(content))


def reliable(content: Mapping[str, Any], year: Mapping[str, Any]) -> Figure:
    """What was said against what happened."""
    bins = year["reliability"]
    held = [(each["said"], each["point"]) for each in bins]
    edge = max(max(pair) for pair in held) * 1.05
    across = percents(0.0, edge, "Said, of 100")
    up = percents(0.0, edge, "Happened, of 100")
    limit = min(across.high, up.high)
    drawn = [
        Line("This model", "model", held, [(each["low"], each["high"]) for each in bins]),
        Line("As said", "chance", [(0.0, 0.0), (limit, limit)]),
    ]
    says = "On the dotted line 30 in 100 means 30 in 100; above it more happened than was said."
    return lines("Do the numbers hold?", says, drawn, across, up, tables.reliable(content, year))


def amounts(content: Mapping[str, Any]) -> Figure:
    """What fewer students cost, by how many were learned from."""
    points = content["learning_curve"]["by_students"]
    held = [(each["students"], each["against_all"]["recall_at_10"]) for each in points]
    most = held[-1][0]
    ticks = [students for students, _ in held if students > 0.2 * most]
    across = Scale(0, most, ticks, lambda students: f"{students:,.0f}", "Students learned from")
    low, high = (pick(told[end] for _, told in held) for pick, end in ((min, "low"), (max, "high")))
    line = Line(
        "Against all",
        "model",
        [(students, told["point"]) for students, told in held],
        [(told["low"], told["high"]) for _, told in held],
    )
    says = "Found fewer, of 100, after learning from fewer students. Flat: more would buy little."
    up = percents(min(low, -0.01), max(high, 0.005), "Points of 100", signed=True)
    return lines("What more data would buy", says, [line], across, up, tables.amounts(content))


def decisions(content: Mapping[str, Any], year: Mapping[str, Any]) -> Figure | None:
    """Net benefit by the line from which somebody acts; None where hardly anybody is worth acting on."""
    curve, chosen = year["net_benefit"], content["kind"]
    places = [place for place, line in enumerate(curve["line"]) if line >= LOWEST_LINE]
    highest = max((curve[chosen][place].get("point", 0.0) for place in places), default=0.0)
    if highest < LEAST_BENEFIT:
        return None
    drawn = []
    for name in (chosen, rule_of(curve), "act_on_everybody"):
        told = [(curve["line"][place], curve[name][place].get("point", 0.0)) for place in places]
        held = [(line, point) for line, point in told if point > -0.4 * highest]
        if len(held) > 1:
            kind = {"act_on_everybody": "chance"}.get(name, ink(name, chosen))
            drawn.append(Line(called(name, chosen), kind, held))
    across = percents(LOWEST_LINE, curve["line"][-1], "Act from so many in 100 on")
    up = percents(-0.4 * highest, highest * 1.05, "Net benefit, of 100")
    says = "Rightly helped less helped in vain at the line's exchange rate; below 0 do nothing."
    return lines("Is it worth acting on?", says, drawn, across, up, tables.decisions(content, year))
