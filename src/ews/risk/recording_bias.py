"""Who gets written up, and whose absence is excused? Held against what needs no adult's discretion.

Write-ups: how many minor incidents (an adult's call) a group has for its serious ones, against everyone
else in the same grades and of like standing. Absences: how many of a group's days missed are excused,
against everyone else's who missed as many. A group that truly does more, does more of both; a group that
is seen more sharply has more of the one alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from ews.records.lake import Records
from ews.risk.fairness import ENOUGH, ONE_SIDED
from ews.risk.groups import Groups, standing
from ews.risk.reweighted import REPEATS, Reweighted
from ews.risk.small_cells import FEWEST, Cell
from ews.school_year import first_day, last_day

FALSE_ALARMS = 0.01
HELD = 5.0  # serious incidents, or days missed, of everyone's ratio that a stratum's own is held by
SERIOUS = 2
WRITTEN_MORE, EXCUSED_LESS = 1.25, 0.90
MISSED_DAYS = (0, 4, 10, 19)
TITLES = {"written_up": "Write-ups", "excused": "Excused absences"}


@dataclass(frozen=True)
class Recorded:
    """What was recorded of each of n students: ``called`` at an adult's discretion, beside what was ``not``.

    ``stratum`` (n,) are those who are compared with each other.
    """

    called: np.ndarray
    plain: np.ndarray
    stratum: np.ndarray


@dataclass(frozen=True)
class Comparison:
    """How many times as often a group was ``called`` as the others were for as much that was plain."""

    kind: str
    dimension: str
    code: str
    title: str
    ratio: float
    low: float
    high: float
    alarm: bool

    def as_json(self) -> dict[str, Any]:
        """For reports."""
        return {
            "kind": self.kind,
            "dimension": self.dimension,
            "group": self.code,
            "title": self.title,
            "ratio": round(self.ratio, 3),
            "low": round(self.low, 3),
            "high": round(self.high, 3),
            "alarm": self.alarm,
        }

    @property
    def told(self) -> str:
        """A sentence."""
        if self.kind == "written_up":
            what = "minor write-ups for as many serious incidents"
        else:
            what = "excused days for as many days missed"
        return (
            f"{self.title}: {self.ratio:.2f} times as many {what} as everyone else's"
            f" ({self.low:.2f} to {self.high:.2f})."
        )


def compared(
    kind: str,
    recorded: Recorded,
    groups: Groups,
    hidden: frozenset[Cell] = frozenset(),
    *,
    repeats: int = REPEATS,
    seed: int = 1,
) -> list[Comparison]:
    """Each group against everyone else, with enough students in it; intervals hold for all groups at once."""
    students = Reweighted.of(np.arange(len(recorded.called)), repeats=repeats, seed=seed)
    asked = [
        (dimension, code, title, dimension.of(code))
        for dimension in groups.dimensions
        for code, title in dimension.groups
        if dimension.shown and not dimension.parents and (dimension.name, code) not in hidden
    ]
    tested = [part for part in asked if enough(recorded, part[3])]
    ratios = [ratio_of(recorded, inside, students) for *_, inside in tested]
    if not ratios:
        return []
    drawn = np.column_stack([draws for _, draws in ratios])
    spread = drawn.std(axis=0)
    distance = np.abs(drawn - drawn.mean(axis=0)) / spread
    times = max(ONE_SIDED, float(np.quantile(distance.max(axis=1), 1 - FALSE_ALARMS)))
    return [
        comparison(kind, dimension.name, code, title, point, times * width)
        for (dimension, code, title, _), (point, _), width in zip(tested, ratios, spread, strict=True)
    ]


def enough(recorded: Recorded, inside: np.ndarray) -> bool:
    """Whether the group and the others have students enough to be compared."""
    return all(
        (recorded.called[part] > 0).sum() >= ENOUGH and (recorded.plain[part] > 0).sum() >= FEWEST
        for part in (inside, ~inside)
    )


def ratio_of(recorded: Recorded, inside: np.ndarray, students: Reweighted) -> tuple[float, np.ndarray]:
    """The log of called over expected by the others' ratio in each stratum, and its draws (repeats,)."""
    strata = int(recorded.stratum.max()) + 1
    table = np.zeros((len(inside), 4 * strata))
    who = np.arange(len(inside))
    side = np.where(inside, 0, 2)
    table[who, side * strata + recorded.stratum] = recorded.called
    table[who, (side + 1) * strata + recorded.stratum] = recorded.plain
    whole = table.sum(axis=0)[None, :]
    return float(log_ratio(whole, strata)[0]), log_ratio(students.drawn(table), strata)


def log_ratio(sums: np.ndarray, strata: int) -> np.ndarray:
    """(draws,) from sums (draws, 4 * strata): the group's called and plain, the others' called and plain."""
    called, plain, theirs, their_plain = (
        sums[:, place * strata : (place + 1) * strata] for place in range(4)
    )
    everyone = theirs.sum(axis=1, keepdims=True) / np.maximum(their_plain.sum(axis=1, keepdims=True), 1e-9)
    rate = (theirs + HELD * everyone) / (their_plain + HELD)
    return np.asarray(np.log(called.sum(axis=1) / np.maximum((plain * rate).sum(axis=1), 1e-9)))


def comparison(kind: str, dimension: str, code: str, title: str, point: float, half: float) -> Comparison:
    """The comparison of one group, and whether it is an alarm."""
    ratio, low, high = np.exp([point, point - half, point + half])
    more = kind == "written_up" and ratio > WRITTEN_MORE and low > 1
    less = kind == "excused" and ratio < EXCUSED_LESS and high < 1
    return Comparison(kind, dimension, code, title, float(ratio), float(low), float(high), bool(more or less))


def written_up(
    records: Records, students: pd.DataFrame, year: int, known_by: date, score: np.ndarray | None = None
) -> Recorded | None:
    """Minor incidents beside serious ones of ``students`` (student_id, grade_level) in a school year.

    ``score`` (n,) is what the behavior model said of each: they are compared within thirds of it. None
    where no incidents are on record.
    """
    columns = ["student_id", "incident_id", "role", "severity"]
    part = standing(records, "student_incidents", columns, known_by)
    if part.empty:
        return None
    what = standing(records, "incidents", ["incident_id", "occurred_on"], known_by)
    happened = part[part["role"].fillna("offender") == "offender"].merge(what, on="incident_id")
    happened = happened[between(happened["occurred_on"], year)]
    serious = happened["severity"] >= SERIOUS
    order = np.zeros(len(students)) if score is None else pd.Series(score).rank(pct=True).to_numpy()
    thirds = np.minimum((np.nan_to_num(order) * 3).astype(int), 2)
    return Recorded(
        count(happened[~serious], students), count(happened[serious], students), 3 * bands(students) + thirds
    )


def excused(records: Records, students: pd.DataFrame, year: int, known_by: date) -> Recorded | None:
    """Excused days beside all days missed; compared among those who missed about as many."""
    if not records.has("attendance"):
        return None
    table = records.table("attendance")
    away = ["absent_excused", "absent_unexcused", "absent_unverified"]
    rows = table.filter(table.superseded_at.isnull(), table.status.isin(away), table.date >= first_day(year))
    rows = rows.filter(rows.date <= min(last_day(year), known_by))
    counted = rows.group_by("student_id", "status").agg(days=rows.count()).to_pyarrow().to_pandas()
    both = counted.pivot_table(index="student_id", columns="status", values="days", fill_value=0)
    missed = both.sum(axis=1)
    own = students["student_id"].map(missed).fillna(0.0).to_numpy(dtype=float)
    if "absent_excused" not in both or not own.sum():
        return None
    called = students["student_id"].map(both["absent_excused"]).fillna(0.0).to_numpy(dtype=float)
    much = np.searchsorted(MISSED_DAYS, own, side="right") - 1
    return Recorded(called, own, len(MISSED_DAYS) * bands(students) + much)


def between(days: pd.Series, year: int) -> np.ndarray:
    """Which days lie in the school year."""
    when = pd.to_datetime(days)
    return ((when >= pd.Timestamp(first_day(year))) & (when <= pd.Timestamp(last_day(year)))).to_numpy()


def count(rows: pd.DataFrame, students: pd.DataFrame) -> np.ndarray:
    """(n,) how many of ``rows`` each student has."""
    return students["student_id"].map(rows["student_id"].value_counts()).fillna(0.0).to_numpy(dtype=float)


def bands(students: pd.DataFrame) -> np.ndarray:
    """(n,) TK to 5, 6 to 8, 9 to 12 as 0, 1, 2."""
    return np.digitize(students["grade_level"].to_numpy(dtype=int), [6, 9])
