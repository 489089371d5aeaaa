"""The checks of a watch: what each measures, from which number on it is amber or red, and what to do.

The first alarm is calibration in the large on matured labels: in a year in which calibration error was
.084, the population stability index said .071, which reads as fine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd

GREEN, AMBER, RED, GREY = "green", "amber", "red", "grey"
WORST_FIRST = (RED, AMBER, GREEN, GREY)

GAP_AMBER, GAP_RED = 0.03, 0.05
ENOUGH_LABELS = 500
ENOUGH_STUDENTS = 100
PSI_AMBER, PSI_RED = 0.10, 0.25  # the usual reading of the index: some change, much change
MISSING_AMBER, MISSING_RED = 0.10, 0.30  # more of the rows lack the feature than a year before
ROWS_AMBER, ROWS_RED = 0.80, 0.50  # of the rows of the same weeks before
CHURN_AMBER, CHURN_RED = 0.30, 0.50  # of the names listed, those that were not listed the week before
FEWEST_LISTED = 20
ANSWERED_AMBER = 0.70  # of new names, acknowledged or put off in time
DAYS_AMBER, DAYS_RED = 2, 5  # school days of attendance that are wanting
BINS = 10
LEAST_SHARE = 1e-4  # of the rows in a bin: an empty bin is not infinitely far away


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. ``colour``: green, amber, red, or grey where it cannot be told yet.

    ``told`` has the number in words, ``to_do`` what follows from amber or red; ``rows`` is its table.
    """

    name: str
    title: str
    colour: str
    told: str
    to_do: str = ""
    rows: tuple[Mapping[str, Any], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Every field by name."""
        return asdict(self) | {"rows": [dict(row) for row in self.rows]}


def worst(colours: Iterable[str]) -> str:
    """The worst of the colours; grey only when nothing could be told."""
    found = set(colours)
    return next((colour for colour in WORST_FIRST if colour in found), GREY)


def above(value: float, amber: float, red: float) -> str:
    """The colour of a value that should be small."""
    return RED if value >= red else AMBER if value >= amber else GREEN


@dataclass(frozen=True)
class Gap:
    """What was said on average, what happened, and the gap with its 95 % interval over students."""

    said: float
    happened: float
    low: float
    high: float
    labels: int
    students: int

    @property
    def gap(self) -> float:
        """Said less happened: below 0, more happened than was said."""
        return self.said - self.happened


def calibration_in_the_large(labels: np.ndarray, probability: np.ndarray, students: np.ndarray) -> Gap:
    """How far the average probability lies from what happened; a student's weeks are one draw."""
    names, owner = np.unique(students, return_inverse=True)
    gap = probability - labels
    point = float(gap.mean()) if len(gap) else float("nan")
    sums = np.bincount(owner, gap - point, len(names))
    error = float(np.sqrt(np.sum(sums**2)) / max(len(gap), 1)) if len(names) > 1 else float("nan")
    return Gap(
        said=float(probability.mean()) if len(gap) else float("nan"),
        happened=float(labels.mean()) if len(gap) else float("nan"),
        low=point - 1.96 * error,
        high=point + 1.96 * error,
        labels=len(gap),
        students=len(names),
    )


def gap_colour(gap: Gap) -> str:
    """METHOD's amber and red; grey with few labels, amber at most while the interval holds 0."""
    if gap.labels < ENOUGH_LABELS or gap.students < ENOUGH_STUDENTS:
        return GREY
    colour = above(abs(gap.gap), GAP_AMBER, GAP_RED)
    return AMBER if colour == RED and gap.low <= 0 <= gap.high else colour


def calibration_check(name: str, gap: Gap, runs: int, since: str) -> Check:
    """The first alarm, for one model. ``since``: which scores it speaks of."""
    colour = gap_colour(gap)
    title = f"Calibration of {name} on matured labels"
    if not gap.labels:
        return Check(f"calibration_{name}", title, GREY, f"No outcome has closed yet for {since}.")
    few = "" if colour != GREY else f"; too few to tell under {ENOUGH_LABELS} of {ENOUGH_STUDENTS} students"
    told = (
        f"Said {gap.said:.3f}, happened {gap.happened:.3f}: {gap.gap:+.3f}"
        f" ({gap.low:+.3f} to {gap.high:+.3f}) over {gap.labels:,} labels of {gap.students:,} students"
        f" in {runs} {'run' if runs == 1 else 'runs'}, {since}{few}."
    )
    to_do = {
        RED: f"Shift its intercept: `ews repair {name} --as-of DATE`, then promote it. Then look for why.",
        AMBER: "Look again in two weeks; see the other checks for a cause.",
    }.get(colour, "")
    row = {"said": round(gap.said, 4), "happened": round(gap.happened, 4), "labels": gap.labels}
    return Check(f"calibration_{name}", title, colour, told, to_do, (row,))


def psi(before: np.ndarray, now: np.ndarray) -> float:
    """The population stability index over tenths of ``before``; the missing are a bin of their own."""
    known = before[~np.isnan(before)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, BINS + 1)[1:-1])) if len(known) else np.zeros(0)
    first, second = (np.maximum(shares(values, edges), LEAST_SHARE) for values in (before, now))
    return float(np.sum((second - first) * np.log(second / first)))


def shares(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The share of ``values`` in each bin between ``edges``, the missing last."""
    missing = np.isnan(values)
    counts = np.bincount(np.searchsorted(edges, values[~missing], side="right"), minlength=len(edges) + 1)
    return np.append(counts, missing.sum()) / max(len(values), 1)


def drift_of_scores(before: Mapping[str, np.ndarray], now: Mapping[str, np.ndarray]) -> Check:
    """PSI of each model's probabilities against the same week a year before."""
    title = "Scores against the same week last year (PSI)"
    if not before:
        return Check("psi_scores", title, GREY, "No records of the same week last year.")
    found = {name: psi(before[name], now[name]) for name in sorted(set(before) & set(now))}
    colour = worst(above(value, PSI_AMBER, PSI_RED) for value in found.values())
    told = ", ".join(f"{name} {value:.3f}" for name, value in found.items())
    to_do = "" if colour == GREEN else "See which features moved, below, and whether calibration still holds."
    rows = tuple({"model": name, "psi": round(value, 3)} for name, value in found.items())
    return Check(
        "psi_scores", title, colour, f"{told} (amber from {PSI_AMBER}, red from {PSI_RED}).", to_do, rows
    )


def drift_of_features(before: pd.DataFrame, now: pd.DataFrame, features: Sequence[str]) -> Check:
    """PSI of each feature; at most amber, since a year may differ and the numbers still hold."""
    title = "Features against the same week last year (PSI)"
    if before.empty:
        return Check("psi_features", title, GREY, "No records of the same week last year.")
    found = {name: psi(numbers_of(before[name]), numbers_of(now[name])) for name in features}
    much = {name: value for name, value in found.items() if value >= PSI_RED}
    most = sorted(found.items(), key=lambda item: -item[1])[:10]
    first, value = most[0]
    told = f"{len(much)} of {len(found)} features moved much (from {PSI_RED}); most: {first} {value:.3f}."
    to_do = "Ask what changed in how these are recorded: " + ", ".join(much) + "." if much else ""
    rows = tuple({"feature": name, "psi": round(value, 3)} for name, value in most)
    return Check("psi_features", title, AMBER if much else GREEN, told, to_do, rows)


def missing_features(before: pd.DataFrame, now: pd.DataFrame, features: Sequence[str]) -> Check:
    """The share of rows without each feature, against the same week a year before."""
    title = "Missing features against the same week last year"
    if before.empty:
        return Check("missingness", title, GREY, "No records of the same week last year.")
    more = {name: (float(now[name].isna().mean()), float(before[name].isna().mean())) for name in features}
    most = sorted(more.items(), key=lambda item: item[1][1] - item[1][0])[:10]
    name, (share, earlier) = most[0]
    colour = above(share - earlier, MISSING_AMBER, MISSING_RED)
    told = f"Largest rise: {name}, missing for {share:.0%} of students, {earlier:.0%} a year before."
    to_do = "" if colour == GREEN else "Ask whether its table still arrives whole: see the rows by table."
    rows = tuple(
        {"feature": key, "missing": round(value[0], 3), "a_year_before": round(value[1], 3)}
        for key, value in most
    )
    return Check("missingness", title, colour, told, to_do, rows)


def numbers_of(column: pd.Series) -> np.ndarray:
    """A feature as numbers, NaN where there is none."""
    return column.to_numpy(dtype=float, na_value=np.nan)


def volumes(rows: Mapping[str, Mapping[str, int]]) -> Check:
    """Rows by table in the last four weeks against the same weeks a year before, or the four before."""
    title = "Rows by table in the last four weeks"
    told, table = [], []
    by_year = any(counts["a_year_before"] for counts in rows.values())
    beside = "the same weeks last year" if by_year else "the four weeks before"
    for name, counts in rows.items():
        basis = counts["a_year_before" if by_year else "four_weeks_before"]
        if basis:
            ratio = counts["now"] / basis
            told.append((ratio, f"{name} {counts['now']:,} rows, {ratio:.0%} of {beside}"))
        table.append({"table": name, **counts})
    if not told:
        return Check("volumes", title, GREY, "No earlier weeks on record.", rows=tuple(table))
    ratio, sentence = min(told)
    colour = RED if ratio < ROWS_RED else AMBER if ratio < ROWS_AMBER else GREEN
    to_do = "" if colour == GREEN else "Ask who sends this table whether the export is whole; load it again."
    return Check("volumes", title, colour, f"Fewest: {sentence}.", to_do, tuple(table))


def churn(listed: frozenset[str], before: frozenset[str] | None) -> Check:
    """How many of the names on the list were not on it a week before."""
    title = "Churn of the list"
    if before is None or len(listed) < FEWEST_LISTED:
        return Check("churn", title, GREY, "No list of the week before to compare with, or too few names.")
    share = len(listed - before) / len(listed)
    colour = above(share, CHURN_AMBER, CHURN_RED)
    told = f"{len(listed - before)} of {len(listed)} names were not listed the week before: {share:.0%}."
    to_do = (
        "" if colour == GREEN else "See freshness and missing features first: a list turns over when data do."
    )
    return Check("churn", title, colour, told, to_do)


def freshness(days_behind: Mapping[str, int | None], days_since_run: int) -> Check:
    """School days of attendance that are wanting, by school, and how old the newest run is."""
    title = "Freshness of the feeds"
    worst_day = max((DAYS_RED if days is None else days for days in days_behind.values()), default=0)
    colour = above(worst_day, DAYS_AMBER, DAYS_RED)
    late = [name for name, days in days_behind.items() if days is None or days >= DAYS_RED]
    run = f"The newest run is {days_since_run} school {'day' if days_since_run == 1 else 'days'} old."
    told = f"Attendance is at most {worst_day} school days behind in {len(days_behind)} schools. {run}"
    to_do = {
        AMBER: "Ask for the attendance export before the next run.",
        RED: f"The list is stamped and raises no new names at {len(late)} schools until attendance arrives.",
    }.get(colour, "")
    rows = tuple(
        {"school": name, "school_days_behind": "none on record" if days is None else days}
        for name, days in days_behind.items()
    )
    return Check("freshness", title, colour, told, to_do, rows)


def acknowledged(answered: int, new: int, *, recorded: bool) -> Check:
    """The share of new names that somebody answered in 5 school days; amber at most, it is people's work."""
    title = "New names acknowledged within 5 days"
    if not recorded:
        return Check("acknowledged", title, GREY, "No acknowledgement is recorded yet.")
    if new < FEWEST_LISTED:
        return Check("acknowledged", title, GREY, f"{new} new names in the last weeks: too few to tell.")
    share = answered / new
    colour = GREEN if share >= ANSWERED_AMBER else AMBER
    told = f"{answered} of {new} new names of the last weeks were acknowledged or put off: {share:.0%}."
    to_do = "" if colour == GREEN else "Ask whether the list is longer than there are hours for."
    return Check("acknowledged", title, colour, told, to_do)
