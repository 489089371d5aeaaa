"""The audit as one page: plain words first, every number with its interval, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ews.risk.need_individual_scores import TITLES
from ews.risk.recording_bias import TITLES as RECORDED
from ews.risk.report_page import drawn
from ews.risk.small_cells import FEWEST

HEADS = (
    "Students",
    "Had the outcome",
    "On a list",
    "Missed help",
    "Beyond own risk",
    "Wrongly listed",
    "Beyond own risk",
    "Wrong of those listed",
    "Happened less said",
    "Not scored",
    "Got support",
)
LEGEND = (
    ("Missed help", "of 100 with the outcome, how many were on no list (false negative rate)."),
    ("Wrongly listed", "of 100 without it, how many were on a list (false positive rate)."),
    (
        "Wrong of those listed",
        "of 100 on a list, how many went on without the outcome: a label that was wrong.",
    ),
    (
        "Beyond own risk",
        "how much of it is not explained by the group's own risk. Where it happens to fewer, one list for all"
        " misses a larger share of them: that part is arithmetic, for the board to accept in writing."
        " What is left over is what the audit is about: above 5 and surely above 0, it is an alarm.",
    ),
    ("Happened less said", "how much oftener it happened than the model said, of 100."),
    ("Not scored", "of 100 student-weeks, those without a score, and why."),
    ("Got support", "of 100 listed, those for whom support began within 60 days; days until a contact."),
)
METHOD = (
    "The model audited is the recipe as it was tested: fitted on earlier years, on a year it never saw. Lists"
    " hold a tenth of each school's students on each day; nobody has a cut-off of their own.",
    "Intervals are 95 %, students weighted anew 800 times with all their weeks. Alarms hold for all groups at"
    " once: without any bias, at most one audit in twenty raises one.",
    "A disparity is tested where at least 75 students had the outcome, and 75 had not.",
    f"Groups under {FEWEST} students are hidden, and others with them that would give them away.",
    "Long-term English learners are told as on the learners' own card, by what was known on each day.",
    "Race and every other group were joined after the models had spoken. No model has seen them.",
)


def page(content: Mapping[str, Any]) -> str:
    """The whole page as HTML; ``content`` is what ``audit_content`` answers."""
    district = f" in {content['district']}" if content["district"] else ""
    return drawn(
        "audit",
        title="Is the list fair to every group?",
        source=f"What was known{district} by {content['as_of']}. Each model on the latest year that it was"
        " tested on and had never seen.",
        models=[model_view(model) for model in content["models"].values()],
        recording=recording_view(content["recording"]),
        beyond=beyond_view(content["beyond_expected"]),
        heads=HEADS,
        legend=LEGEND,
        method=METHOD,
    )


@dataclass(frozen=True)
class CellView:
    """A number, and in small what stands under it."""

    number: str
    under: str = ""


def model_view(model: Mapping[str, Any]) -> dict[str, Any]:
    """One model's section."""
    return {
        "name": model["name"],
        "title": model["title"],
        "predicts": model["predicts"],
        "version": model["version"],
        "year": f"{model['year'] - 1}-{model['year'] % 100:02d}",
        "verdict": model["verdict"],
        "told": verdict(model),
        "alarms": [alarm["told"] for alarm in model["alarms"]],
        "need": need_view(model.get("individual_scores")),
        "dimensions": [
            {
                "title": part["title"],
                "crossed": "*" in name,
                "rows": [row_view(group) for group in part["groups"]],
            }
            for name, part in model["dimensions"].items()
        ],
        "not_recorded": model["not_recorded"],
    }


def verdict(model: Mapping[str, Any]) -> str:
    """The verdict in a sentence."""
    if model["verdict"] == "failed":
        count = len(model["alarms"])
        return f"Failed: {count} alarm{'s' if count > 1 else ''}. It must not go into service as it is."
    if model["verdict"] == "passed":
        return f"Passed: no alarm in the {model['groups']} groups large enough to test."
    return "Too few to tell: too few students with the outcome to test any disparity between groups."


def row_view(group: Mapping[str, Any]) -> dict[str, Any]:
    """One group's row; a hidden group says so, and what was not tested is told apart."""
    if group["hidden"]:
        return {
            "title": group["title"],
            "hidden": f"Hidden: fewer than {FEWEST} students, or next to such a group",
        }
    return {"title": group["title"], "hidden": "", "cells": list(cells(group))}


def cells(group: Mapping[str, Any]) -> Iterator[CellView]:
    """The cells of one group, in the order of HEADS."""
    yield CellView(f"{group['students']:,}", "" if group["tested"] else "too few to test")
    base = rate(group.get("base_rate"))
    yield CellView(
        base.number, f"{group['positives']} students" if base.number != "–" else "under 11 students"
    )
    yield rate(group.get("selection_rate"))
    yield rate(group.get("false_negative_rate"))
    yield excess(group.get("missed_help_excess"))
    yield rate(group.get("false_positive_rate"))
    yield excess(group.get("wrong_label_excess"))
    yield rate(group.get("false_discovery_rate"))
    yield rate(group.get("calibration_gap"), signed=True)
    yield not_scored(group.get("not_scored"))
    yield support(group.get("support"))


def rate(told: Mapping[str, float] | None, *, signed: bool = False) -> CellView:
    """A rate of 100 with its interval."""
    if told is None:
        return CellView("–")
    point, low, high = (whole(told[name], signed) for name in ("point", "low", "high"))
    return CellView(point, f"{low} to {high}")


def whole(share: float, signed: bool) -> str:
    """A share as a whole number of 100, with its sign where it is a difference."""
    number = round(100 * share)
    return f"{number:+d}".replace("-", "−") if signed and number else str(number)


def excess(told: Mapping[str, float] | None) -> CellView:
    """An excess of 100 with its interval; the rate that the group's own risk explains stands beside it."""
    if told is None:
        return CellView("–")
    shown = rate({"point": told["size"], "low": told["low"], "high": told["high"]}, signed=True)
    return CellView(shown.number, shown.under)


def not_scored(told: Mapping[str, Any] | None) -> CellView:
    """The share without a score, and why."""
    if told is None:
        return CellView("–", "not recorded yet")
    if told["few"]:
        return CellView("few", f"under {FEWEST} students")
    why = "; ".join(f"{at_least(share)} {short(reason)}" for reason, share in told["why"].items())
    return CellView(f"{100 * told['share']:.0f}", why)


def at_least(share: float) -> str:
    """A share of 100 that is there, however small."""
    return f"{100 * share:.0f}" if share >= 0.01 else "under 1"


def short(reason: str) -> str:
    """A reason in a few words."""
    return "too few days yet" if "on record" in reason else "year nearly over"


def support(told: Mapping[str, Any] | None) -> CellView:
    """The share of those listed that got support, and the days until a contact."""
    if told is None:
        return CellView("–", "not recorded yet")
    if told["few"]:
        return CellView("few", f"under {FEWEST} listed")
    days = told.get("days_to_contact")
    under = f"contact after {days:.0f} days" if days is not None else "no contact recorded"
    return CellView(f"{100 * told['supported']:.0f}" if "supported" in told else "–", under)


def need_view(need: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """Do we need individual scores? What each way reached."""
    if need is None:
        return None
    rows = []
    for name, recall in need["recall"].items():
        gain = need["gain_over"].get(name)
        less = (
            rate(
                {k: -gain[o] for k, o in (("point", "point"), ("low", "high"), ("high", "low"))}, signed=True
            )
            if gain
            else None
        )
        rows.append((TITLES[name], f"{100 * recall:.0f}", f"{less.number} ({less.under})" if less else ""))
    return {"told": need["told"], "rows": rows}


def beyond_view(beyond: Mapping[str, Any]) -> dict[str, Any] | None:
    """Which schools record more than the behavior model expects; None where it was not audited."""
    if not beyond["schools"]:
        return None
    return {
        "predicts": beyond["predicts"],
        "year": f"{beyond['year'] - 1}-{beyond['year'] % 100:02d}",
        "rows": [
            (
                one["name"],
                *(tenths(one[part]) for part in ("happened", "expected")),
                between(one),
                one["told"],
            )
            for one in beyond["schools"]
        ],
    }


def tenths(share: float | None) -> str:
    """A share of 100, to a tenth."""
    return "–" if share is None else f"{100 * share:.1f}"


def between(one: Mapping[str, Any]) -> str:
    """The difference of 100 with its interval."""
    if one["beyond"] is None:
        return "–"
    point, low, high = (f"{100 * one[part]:+.1f}".replace("-", "−") for part in ("beyond", "low", "high"))
    return f"{point} ({low} to {high})"


def recording_view(recording: Mapping[str, Any]) -> dict[str, Any]:
    """Who gets written up, and whose absence is excused."""
    kinds: dict[str, Sequence[tuple[str, ...]]] = {}
    for kind, title in RECORDED.items():
        own = [one for one in recording["comparisons"] if one["kind"] == kind]
        kinds[title] = [
            (
                one["title"],
                f"{one['ratio']:.2f}",
                f"{one['low']:.2f} to {one['high']:.2f}",
                "look into it" if one["alarm"] else "",
            )
            for one in own
        ]
    alarms = [one["told"] for one in recording["comparisons"] if one["alarm"]]
    return {"kinds": kinds, "alarms": alarms, "year": recording["year"]}
