"""The evaluation as one page that a person reads in five minutes: nothing in it comes from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ews.risk import evaluation_tables as tables
from ews.risk.evaluation_figures import figures
from ews.risk.evaluation_words import TO_DATE, opening, rule_of, wins
from ews.risk.report_page import drawn

HEADS = (
    "Model",
    "Found by a list of a tenth, of 100 with the outcome",
    "By the rule's list",
    "By days missed",
    "Named before the rule",
    "Do the numbers hold?",
    "At schools never seen",
    "What would ship",
)
READING = (
    "A list of a tenth names one student in ten at each school each week. In brackets: 95 % intervals over"
    " students. The rule's list is as long. “Named before the rule”: of those with the outcome, at equally"
    " many names."
)
METHOD = (
    "Each test year was judged by a model fitted on years up to two before it and calibrated on the year"
    " before it, from outcomes known before the test year began. No row was split at random.",
    "What is judged lies ahead of each as-of date; what was known on that day, and nothing later, went in.",
    "Intervals: students drawn again 200 times with all their weeks; differences are on the same draws.",
    "Every list is as long for each method: a share of each school's students on one day. For a group the"
    " list is of that group alone. Of equals at a list's edge each counts by its chance.",
    "Calibration error is debiased, over 15 groups of equal size; it fails when its lower 95 % bound is above"
    " .03, and under 2,000 students it is too few to tell.",
    "When students are named: week by week, in each school the model may name as many new students as"
    " newly stand on the rule's list. Whoever was named stays named.",
    "Schools never seen: schools in folds; all years of a fold's schools were kept from what was learned.",
    "Net benefit is Vickers and Elkin's (2006). The six features are attendance this year and last, course"
    " failures, incidents, grade and week. Last year's model is the same recipe one year older.",
    "Groups under 11 students, and groups that could be worked out from another, are not shown. No student's"
    " data are in this page.",
)


def page(content: Mapping[str, Any]) -> str:
    """The whole page as HTML; ``content`` is what ``evaluate`` answers."""
    district = f" in {content['district']}" if content["district"] else ""
    return drawn(
        "evaluation",
        title="How well the models did on years they had not seen",
        source=source(content, district),
        opening=opening(content),
        glance={"heads": HEADS, "rows": [glance(name, found) for name, found in content["models"].items()]},
        reading=READING,
        models=[described(content, name, found) for name, found in content["models"].items()],
        shortcomings=content["shortcomings"],
        method=METHOD,
    )


def source(content: Mapping[str, Any], district: str) -> str:
    """What the page rests on."""
    years = sorted({year["year"] for found in content["models"].values() for year in found["years"]})
    most = max(found["years"][0]["groups"]["everyone"]["students"] for found in content["models"].values())
    return (
        f"Records{district} as known by {content['until']}; test years {', '.join(map(str, years))};"
        f" {most:,} students in the latest."
    )


def described(content: Mapping[str, Any], name: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """One model's part of the page."""
    latest = found["years"][0]
    more = [tables.compared(found, latest, group) for group in latest["groups"] if group != "everyone"]
    more += [tables.compared(found, year, "everyone") for year in found["years"][1:]]
    if "measures" in found.get("schools_left_out", {}):
        more.append(tables.unseen_schools(found))
    if "at_capacity" in found.get("lead_time", {}):
        more.append(tables.when_named(found))
    return {
        "name": name,
        "title": found["title"],
        "predicts": found["predicts"],
        "in_short": content["in_short"][name],
        "figures": list(figures(found)),
        "tables": more,
    }


def glance(name: str, found: Mapping[str, Any]) -> dict[str, Any]:
    """One row of the first table."""
    year, chosen = found["years"][0], found["kind"]
    measures, gains = year["groups"]["everyone"]["measures"], year["gain_over"]["everyone"]
    rule = rule_of(gains)
    cells = [
        cell(measures[chosen]["recall_at_10"]),
        against(measures, gains, rule),
        against(measures, gains, TO_DATE),
        named(found),
        numbers(year["groups"]["everyone"]["calibration"][chosen]),
        unseen(found),
        {"number": "stacked" if chosen == "composite" else chosen, "under": years_won(found)},
    ]
    return {"name": name, "title": found["title"], "cells": cells}


def cell(told: Mapping[str, float], under: str = "") -> dict[str, str]:
    """A share of 100 with its interval, or other words, under it."""
    span = f"{100 * told['low']:.0f} to {100 * told['high']:.0f}"
    return {"number": f"{100 * told['point']:.0f}", "under": under or f"({span})"}


def against(measures: Mapping[str, Any], gains: Mapping[str, Any], other: str) -> dict[str, str]:
    """What another finds, and by how much the model finds more."""
    if other not in measures:
        return {"number": tables.NONE, "under": ""}
    gain = gains[other]["recall_at_10"]
    more = f"model {100 * gain['point']:+.1f} ({100 * gain['low']:+.1f} to {100 * gain['high']:+.1f})"
    return cell(measures[other]["recall_at_10"], more)


def named(found: Mapping[str, Any]) -> dict[str, str]:
    """How many it names earlier than the rule, and later."""
    told = found.get("lead_time", {}).get("at_capacity", {}).get("with_the_outcome", {})
    if "earlier_by" not in told:
        return {"number": tables.NONE, "under": ""}
    earlier = told["earlier_by"]
    return {"number": f"{earlier['model']:.0%}", "under": f"later: {earlier['rule']:.0%}"}


def numbers(calibration: Mapping[str, Any]) -> dict[str, str]:
    """The verdict on calibration."""
    word = {"pass": "yes", "fail": "no"}.get(calibration["verdict"], calibration["verdict"])
    return {"number": word, "under": f"error {calibration['error']:.3f}"}


def unseen(found: Mapping[str, Any]) -> dict[str, str]:
    """What a list finds at schools that were not learned from."""
    left_out = found.get("schools_left_out", {})
    if "measures" not in left_out:
        return {"number": tables.NONE, "under": "not told"}
    return cell(left_out["measures"]["schools_left_out"]["recall_at_10"])


def years_won(found: Mapping[str, Any]) -> str:
    """In how many test years it beat the rule."""
    years = found["years"]
    if len(years) == 1:
        return "one test year: provisional"
    return f"beat the rule in {sum(wins(year) for year in years)} of {len(years)} years"
