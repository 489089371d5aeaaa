"""How much earlier a model names a student than the ABC rule does, at an equal budget of names.

Week by week: each school's rule list holds a tenth of its students, by the number of rules that flag them
and then by days missed so far. As many students as stand on it for the first time that week, the model may
name too: those with the highest chance whom it has not named before. So in every school and by every week
both have named equally many different students; what differs is who, and when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ews.risk.abc_rule import abc_flags
from ews.risk.draws import Draws
from ews.risk.judging import CAPACITY, FEWEST

CHRONIC_DAYS = 18
NEVER = 10_000
FIRST_WEEK, LAST_WEEK = 3, 34


@dataclass(frozen=True)
class Firsts:
    """For each student (n,) the first week that each named them, and of the 18th absence; NEVER if none."""

    model: np.ndarray
    rule: np.ndarray
    chronic: np.ndarray


def lead_time(
    weekly: pd.DataFrame, chance: np.ndarray, with_it: Sequence[str], *, paced_by: str = "list"
) -> dict[str, Any]:
    """Who was named when, in weeks; students ``with_it`` had the outcome in the year.

    ``weekly``: one row a student and week. ``chance`` (n,) what the model says of each row. ``paced_by``:
    ``list`` (the rule's list of a tenth) or ``rule`` (all whom the rule flags, as it fires).
    """
    student, names = pd.factorize(weekly["student_id"], sort=True)
    week = weekly["week"].to_numpy(dtype=int)
    school = pd.factorize(weekly["school_id"], sort=True)[0]
    named_by_rule = rule_list(weekly, week, school) if paced_by == "list" else flagged(weekly)
    rule = first_week(student, week, named_by_rule, len(names))
    model = named_at_pace(student, week, school, np.asarray(chance, dtype=float), rule)
    days = weekly["fact_absent_days_year"].fillna(0.0).to_numpy(dtype=float)
    firsts = Firsts(model, rule, first_week(student, week, days >= CHRONIC_DAYS, len(names)))
    positive = np.isin(np.asarray(names, dtype=str), np.asarray(list(with_it), dtype=str))
    return {
        "capacity": CAPACITY if paced_by == "list" else None,
        "first_week": int(week.min()),
        "last_week": int(week.max()),
        "names_each": int(np.sum(model < NEVER)),
        "named_with_the_outcome": hits(firsts, positive),
        "with_the_outcome": among(firsts, positive),
        "with_18_absences": among(firsts, firsts.chronic < NEVER),
        "by_week": by_week(firsts, positive, sorted(set(week))),
    }


def flagged(weekly: pd.DataFrame) -> np.ndarray:
    """(n,) whether any rule fires."""
    return abc_flags(weekly).any(axis=1).to_numpy()


def rule_list(weekly: pd.DataFrame, week: np.ndarray, school: np.ndarray) -> np.ndarray:
    """(n,) whether the row stands on its school's rule list of a tenth that week."""
    flags = abc_flags(weekly).sum(axis=1).to_numpy(dtype=float)
    missed = weekly["absence_rate_year"].fillna(0.0).to_numpy(dtype=float)
    group = week * (school.max(initial=0) + 1) + school
    order = np.lexsort((weekly["student_id"].to_numpy(dtype=str), -missed, -flags, group))
    begins = np.append(0, np.flatnonzero(np.diff(group[order])) + 1)
    size = np.diff(np.append(begins, len(order)))
    rank = np.arange(len(order)) - np.repeat(begins, size)
    places = np.maximum(1, np.floor(CAPACITY * size + 0.5))
    found = np.zeros(len(order), dtype=bool)
    found[order] = rank < np.repeat(places, size)
    return found


def first_week(student: np.ndarray, week: np.ndarray, happens: np.ndarray, students: int) -> np.ndarray:
    """(students,) the first week in which it happens to each; NEVER where it does not."""
    found = np.full(students, NEVER)
    np.minimum.at(found, student[happens], week[happens])
    return found


def named_at_pace(
    student: np.ndarray, week: np.ndarray, school: np.ndarray, chance: np.ndarray, rule: np.ndarray
) -> np.ndarray:
    """(students,) the week the model names each, naming in each school and week as many as the rule does.

    Where a school has fewer students left than that, the rest of its names wait for the next week.
    """
    found = np.full(len(rule), NEVER)
    owed: dict[int, int] = {}
    for now in sorted(set(week)):
        here = week == now
        new = here & (rule[student] == now)
        for place in np.unique(school[here]):
            rows = np.flatnonzero(here & (school == place) & (found[student] == NEVER))
            due = owed.get(int(place), 0) + int(np.sum(new & (school == place)))
            chosen = rows[np.lexsort((student[rows], -chance[rows]))][:due]
            found[student[chosen]] = now
            owed[int(place)] = due - len(chosen)
    return found


def hits(firsts: Firsts, positive: np.ndarray) -> dict[str, int | None]:
    """Of equally many names, how many went on to have the outcome; None under FEWEST."""
    counts = {
        "model": int(np.sum(positive & (firsts.model < NEVER))),
        "rule": int(np.sum(positive & (firsts.rule < NEVER))),
    }
    return {name: count if count >= FEWEST else None for name, count in counts.items()}


def among(firsts: Firsts, whose: np.ndarray) -> dict[str, Any]:
    """Shares named and never named, and the lead in weeks, among the students ``whose`` (booleans).

    ``weeks_over_rule`` is of those whom both named; above 0 the model was earlier. ``counting_never`` is of
    all, as if who was never named had been named the week after the last.
    """
    count = int(whose.sum())
    if count < FEWEST:
        return {"students": None}
    model, rule, chronic = firsts.model[whose], firsts.rule[whose], firsts.chronic[whose]
    draws = Draws.of(np.arange(count)).times.astype(int)
    both, late = (model < NEVER) & (rule < NEVER), chronic < NEVER
    return {
        "students": count,
        "never_named": {
            "model": share(model == NEVER),
            "rule": share(rule == NEVER),
            "both": share((model == NEVER) & (rule == NEVER)),
        },
        "earlier_by": {"model": share(model < rule), "rule": share(rule < model)},
        "weeks_over_rule": quartiles((rule - model)[both], draws[:, both]),
        "counting_never": quartiles(
            np.minimum(rule, LAST_WEEK + 1) - np.minimum(model, LAST_WEEK + 1), draws
        ),
        "before_18th": {
            "model": before(model, chronic, late, draws),
            "rule": before(rule, chronic, late, draws),
        },
    }


def before(named: np.ndarray, chronic: np.ndarray, late: np.ndarray, draws: np.ndarray) -> dict[str, Any]:
    """Of those who came to an 18th absence: the share named before it, and the weeks between."""
    if late.sum() < FEWEST:
        return {}
    both = late & (named < NEVER)
    return {
        "share_before": share(named[late] < chronic[late]),
        "share_never": share(named[late] == NEVER),
        "weeks": quartiles((chronic - named)[both], draws[:, both]),
    }


def quartiles(weeks: np.ndarray, draws: np.ndarray) -> dict[str, float]:
    """Median and quartiles of the weeks, the mean, and the mean's 95 % interval; none under FEWEST.

    A median of whole weeks hardly moves between draws, so the interval is the mean's.
    """
    if len(weeks) < FEWEST:
        return {}
    low, middle, high = np.quantile(weeks, [0.25, 0.5, 0.75])
    total = np.maximum(draws.sum(axis=1), 1)
    mean_low, mean_high = np.quantile(draws @ weeks / total, [0.025, 0.975])
    return {
        "students": len(weeks),
        "median": float(middle),
        "lower_quartile": float(low),
        "upper_quartile": float(high),
        "mean": round(float(np.mean(weeks)), 2),
        "mean_low": round(float(mean_low), 2),
        "mean_high": round(float(mean_high), 2),
    }


def share(flags: np.ndarray) -> float:
    """The share of true ones."""
    return round(float(np.mean(flags)), 4)


def by_week(firsts: Firsts, positive: np.ndarray, weeks: Sequence[int]) -> list[dict[str, float]]:
    """For each week the share of those with the outcome whom each had named, or who had missed 18 days."""
    if positive.sum() < FEWEST:
        return []
    return [
        {
            "week": int(week),
            "model": share(firsts.model[positive] <= week),
            "rule": share(firsts.rule[positive] <= week),
            "missed_18": share(firsts.chronic[positive] <= week),
        }
        for week in weeks
    ]
