"""The fairness audit of one model: METHOD's table for each group, and alarms on what is not arithmetic.

Raw rates are always shown. An alarm needs more: help missed, or labels that were wrong, beyond what the
group's own calibrated scores imply at the same cut, or a calibration that does not hold in the group.
Bounds are simultaneous over all groups (a maximum of studentised draws), so that in a world without bias
the whole audit raises an alarm in at most one of twenty. There are no group-specific cut-offs anywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ews.risk.evaluation import listed
from ews.risk.excess import Excess, Listing, calibrated_on, cuts, excess_of
from ews.risk.group_calibration import ALLOWED, GroupCalibration, group_calibration
from ews.risk.groups import Dimension, Groups
from ews.risk.judging import CAPACITY
from ews.risk.reweighted import REPEATS, Reweighted
from ews.risk.rows import Rows
from ews.risk.small_cells import FEWEST, Cell, hidden_cells

ENOUGH = 75  # students with the outcome: with fewer, no disparity is tested
SIZE = 0.05  # an excess up to this is told and raises no alarm
FALSE_ALARMS = {"groups": 0.03, "intersections": 0.005, "calibration": 0.005}
"""How the .05 of false alarms that an audit may raise is shared out; .01 is left for recording bias."""
ONE_SIDED = 1.96  # standard errors: even a single group's own 95 % interval must exclude 0
PASSED, FAILED, TOO_FEW = "passed", "failed", "too few to tell"
MISSED, WRONG, GAP = "missed_help", "wrong_label", "calibration"


@dataclass(frozen=True)
class Rate:
    """A rate in a group with its 95 % interval over students."""

    point: float
    low: float
    high: float

    def as_json(self) -> dict[str, float]:
        """Four decimals."""
        return {"point": round(self.point, 4), "low": round(self.low, 4), "high": round(self.high, 4)}


@dataclass(frozen=True)
class Alarm:
    """Something that may not stay: which group, what, how large, with its simultaneous lower bound."""

    kind: str
    dimension: str
    group: str
    title: str
    size: float
    low: float
    told: str

    def as_json(self) -> dict[str, Any]:
        """For reports and cards."""
        return {
            "kind": self.kind,
            "dimension": self.dimension,
            "group": self.group,
            "title": self.title,
            "size": round(self.size, 4),
            "low": round(self.low, 4),
            "told": self.told,
        }


@dataclass(frozen=True)
class GroupResult:
    """One row of the table. A ``hidden`` group shows nothing; ``rates`` lacks what rests on too few.

    ``students`` and ``positives`` (with the outcome on any day) are students, not rows. ``missed``,
    ``wrong`` and ``calibration`` are there where ``tested``. ``more`` is what others tell of the group.
    """

    dimension: str
    code: str
    title: str
    students: int
    positives: int
    hidden: bool
    rates: Mapping[str, Rate]
    missed: Excess | None = None
    wrong: Excess | None = None
    calibration: GroupCalibration | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tested(self) -> bool:
        """Whether there are enough students with and without the outcome to test disparities."""
        return self.missed is not None

    def as_json(self) -> dict[str, Any]:
        """For reports; a hidden group says only that it is there."""
        about: dict[str, Any] = {"group": self.code, "title": self.title, "hidden": self.hidden}
        if self.hidden:
            return about
        about |= {"students": self.students, "positives": shown_count(self.positives), "tested": self.tested}
        about |= {name: rate.as_json() for name, rate in self.rates.items()}
        for name, excess in ((MISSED, self.missed), (WRONG, self.wrong)):
            if excess is not None:
                about[f"{name}_excess"] = told_excess(excess)
        if self.calibration is not None:
            about["calibration_error"] = round(self.calibration.error, 4)
        return about | dict(self.more)


@dataclass(frozen=True)
class Audit:
    """What the audit of one model found on one year that it never saw."""

    name: str
    year: int
    students: int
    dimensions: tuple[tuple[str, str, tuple[GroupResult, ...]], ...]
    not_recorded: tuple[str, ...]
    alarms: tuple[Alarm, ...]
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether nothing in it stands against the model."""
        return not self.alarms

    @property
    def groups(self) -> list[GroupResult]:
        """Every group of every dimension."""
        return [group for _, _, groups in self.dimensions for group in groups]

    @property
    def verdict(self) -> str:
        """passed, failed, or too few to tell: no group, or only one, could be tested."""
        if self.alarms:
            return FAILED
        return PASSED if sum(group.tested for group in self.groups) > 1 else TOO_FEW

    def summary(self) -> dict[str, Any]:
        """What the model's card keeps, for the gate."""
        return {
            "verdict": self.verdict,
            "alarms": [alarm.told for alarm in self.alarms],
            "groups": sum(group.tested for group in self.groups),
            "year": self.year,
            **self.more,
        }

    def as_json(self) -> dict[str, Any]:
        """The summary and the whole table."""
        told = {
            name: {"title": title, "groups": [group.as_json() for group in groups]}
            for name, title, groups in self.dimensions
        }
        return {
            "name": self.name,
            "students": self.students,
            **self.summary(),
            "alarms": [alarm.as_json() for alarm in self.alarms],
            "not_recorded": list(self.not_recorded),
            "dimensions": told,
        }


def audit_model(
    name: str,
    year: int,
    rows: Rows,
    probability: np.ndarray,
    groups: Groups,
    *,
    beside: Mapping[str, Mapping[Cell, Any]] | None = None,
    more: Mapping[str, Any] | None = None,
    repeats: int = REPEATS,
    seed: int = 1,
) -> Audit:
    """The audit of a model that said ``probability`` (n,) of ``rows``, a year that it never saw.

    ``beside`` tells more of each group, by what is told (who was not scored, who got support); ``more``
    of the model.
    """
    said = Said.of(rows, probability, Reweighted.of(rows.students, repeats=repeats, seed=seed))
    counts = counts_of(groups.dimensions, said)
    hidden = hidden_cells(groups.dimensions, {cell: count[0] for cell, count in counts.items()})
    found = tuple(
        (
            dimension.name,
            dimension.title,
            tuple(
                replace(
                    result_of(said, dimension, code, title, counts[dimension.name, code], hidden),
                    more={what: by[dimension.name, code] for what, by in (beside or {}).items()},
                )
                for code, title in dimension.groups
            ),
        )
        for dimension in groups.dimensions
        if dimension.shown
    )
    results = [result for _, _, part in found for result in part]
    return Audit(
        name, year, len(set(rows.students)), found, groups.not_recorded, alarms_of(results), more or {}
    )


@dataclass(frozen=True)
class Said:
    """What a model said, what happened, and who was listed: all (n,), with the draws of students.

    ``listing`` has the log-odds calibrated on everyone, so that a drift all groups share is nobody's excess.
    """

    labels: np.ndarray
    probability: np.ndarray
    listing: Listing
    students: Reweighted

    @classmethod
    def of(cls, rows: Rows, probability: np.ndarray, students: Reweighted) -> Said:
        """Lists of CAPACITY a school and day, as in every other judgement of the model."""
        held = np.clip(probability, 1e-6, 1 - 1e-6)
        log_odds = calibrated_on(rows.labels, np.log(held / (1 - held)), 0.0).log_odds
        chosen = listed(probability, rows.lists, CAPACITY)
        cut = cuts(log_odds, rows.lists, CAPACITY)
        listing = Listing(rows.labels, log_odds, chosen, rows.lists, cut, CAPACITY)
        return cls(rows.labels, probability, listing, students)

    @property
    def listed(self) -> np.ndarray:
        """(n,) how much of each row was on a list."""
        return self.listing.listed

    def take(self, rows: np.ndarray) -> Said:
        """Some of the rows, by position."""
        part = self.listing
        listing = Listing(
            part.labels[rows],
            part.log_odds[rows],
            part.listed[rows],
            part.lists[rows],
            part.cut[rows],
            part.share,
        )
        return Said(self.labels[rows], self.probability[rows], listing, self.students.among(rows))

    def counted(self, of: np.ndarray) -> int:
        """How many students have a row of which ``of`` (n,) is above 0."""
        return len(np.unique(self.students.owner[of > 0]))


def counts_of(dimensions: Sequence[Dimension], said: Said) -> dict[tuple[str, str], tuple[int, int]]:
    """Students, and students with the outcome, of each group of each dimension."""
    happened = said.labels > 0
    found = {}
    for dimension in dimensions:
        for place, (code, _) in enumerate(dimension.groups):
            inside = dimension.place == place
            owners = said.students.owner
            found[dimension.name, code] = (
                len(np.unique(owners[inside])),
                len(np.unique(owners[inside & happened])),
            )
    return found


def result_of(
    said: Said,
    dimension: Dimension,
    code: str,
    title: str,
    counts: tuple[int, int],
    hidden: frozenset[tuple[str, str]],
) -> GroupResult:
    """One group's row of the table."""
    about = (dimension.name, code, title, *counts, (dimension.name, code) in hidden)
    rows = np.flatnonzero(dimension.of(code))
    if counts[0] < FEWEST:
        return GroupResult(*about, {})
    own = said.take(rows)
    if counts[1] < ENOUGH or own.counted(1 - own.labels) < ENOUGH:
        return GroupResult(*about, rates_of(own))
    missed, wrong = excess_of(said.listing, dimension.of(code), said.students)
    calibration = group_calibration(own.labels, own.probability, counts[1], own.students)
    return GroupResult(*about, rates_of(own), missed, wrong, calibration)


RATES = {
    "base_rate": ("happened", "rows", "happened"),
    "said": ("said", "rows", "rows"),
    "selection_rate": ("listed", "rows", "listed"),
    "precision": ("caught", "listed", "listed"),
    "false_negative_rate": ("missed", "happened", "happened"),
    "false_positive_rate": ("wrong", "not_happened", "not_happened"),
    "false_discovery_rate": ("wrong", "listed", "listed"),
    "calibration_gap": ("gap", "rows", "happened"),
}
"""Each rate as one sum over another, and of whom there must be FEWEST students for it to be told."""


def rates_of(own: Said) -> dict[str, Rate]:
    """The rates of one group with their intervals; without those that rest on fewer than FEWEST students."""
    labels, chosen = own.labels, own.listed
    columns = {
        "rows": np.ones(len(labels)),
        "happened": labels,
        "not_happened": 1 - labels,
        "said": own.probability,
        "listed": chosen,
        "caught": labels * chosen,
        "missed": labels * (1 - chosen),
        "wrong": (1 - labels) * chosen,
        "gap": labels - own.probability,
    }
    sums = own.students.by_student(*columns.values())
    whole = dict(zip(columns, sums.sum(axis=0), strict=True))
    drawn = dict(zip(columns, own.students.drawn(sums).T, strict=True))
    found = {}
    enough = {
        name: own.counted(columns[name]) >= FEWEST for name in ("rows", "listed", "happened", "not_happened")
    }
    for name, (above, below, held_by) in RATES.items():
        if enough[held_by]:
            low, high = np.quantile(drawn[above] / drawn[below], [0.025, 0.975])
            found[name] = Rate(float(whole[above] / whole[below]), float(low), float(high))
    return found


def alarms_of(results: Sequence[GroupResult]) -> tuple[Alarm, ...]:
    """The alarms of all groups together, the largest first, each beyond its simultaneous bound."""
    tested = [result for result in results if result.calibration]
    whole = [result for result in tested if "*" not in result.dimension]
    parts = [result for result in tested if "*" in result.dimension]
    off = times_spread([r.calibration.drawn for r in tested if r.calibration], 0.0, "calibration")
    found = []
    for kind, some in (("groups", whole), ("intersections", parts)):
        beyond = times_spread([e.drawn for r in some for e in (r.missed, r.wrong) if e], SIZE, kind)
        found += [alarm for result in some for alarm in alarms_in(result, beyond, off)]
    return tuple(sorted(found, key=lambda alarm: -alarm.size))


def times_spread(drawn: Sequence[np.ndarray], size: float, kind: str) -> float:
    """How many standard errors from 0 raise an alarm, if no more than FALSE_ALARMS of worlds may.

    Around 0 the draws stand for worlds without bias. In each the largest distance in standard errors
    counts, of those that are above ``size`` at all; never fewer than ONE_SIDED.
    """
    if not drawn:
        return ONE_SIDED
    columns = np.column_stack(drawn)
    distance = columns - columns.mean(axis=0)
    spreads = np.maximum(distance / np.maximum(columns.std(axis=0), 1e-12), 0.0)
    largest = np.where(distance > size, spreads, 0.0).max(axis=1)
    return max(ONE_SIDED, float(np.quantile(largest, 1 - FALSE_ALARMS[kind])))


def alarms_in(result: GroupResult, beyond: float, off: float) -> list[Alarm]:
    """The alarms that one tested group raises."""
    assert result.missed and result.wrong and result.calibration
    about = (result.dimension, result.code, result.title)
    found = []
    told = {
        MISSED: (result.missed, "of those with the outcome, {seen:.0%} were not on a list"),
        WRONG: (result.wrong, "of those without the outcome, {seen:.0%} were on a list"),
    }
    for kind, (excess, words) in told.items():
        low = excess.size - beyond * excess.spread
        if excess.size > SIZE and low > 0:
            sentence = f"{result.title}: {words.format(seen=excess.observed)}; their own risk explains"
            found.append(Alarm(kind, *about, excess.size, low, f"{sentence} {excess.implied:.0%}."))
    low = result.calibration.low(off)
    if low > ALLOWED:
        gap = result.rates["calibration_gap"].point
        far = f"what is said is off by {result.calibration.error:.2f}, at least {low:.2f}"
        way = "more often" if gap > 0 else "less often"
        told_gap = f"{result.title}: {far}; it happened {way} than said."
        found.append(Alarm(GAP, *about, result.calibration.error, low, told_gap))
    return found


def shown_count(count: int) -> int | str:
    """A count of students, or that it is too small to be shown."""
    return f"under {FEWEST}" if 0 < count < FEWEST else count


def told_excess(excess: Excess) -> dict[str, float]:
    """An excess for reports: with the interval of this group alone."""
    half = 1.96 * excess.spread
    told = {"observed": excess.observed, "implied": excess.implied, "size": excess.size}
    told |= {"low": excess.size - half, "high": excess.size + half}
    return {name: round(value, 4) for name, value in told.items()}
