"""Which students are given support, and what does it truly do? Four programs with known effects.

One helps much, one a little, one does nothing, one does harm: whoever measures impact later can be
checked against ``EFFECTS``. Staff choose by what they see, so those supported are not like the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from ews.district.attending import Attending
from ews.district.calendar import WEEKS_A_YEAR
from ews.district.engagement import Engagement
from ews.district.streams import Array, stream
from ews.district.students import Students


@dataclass(frozen=True)
class Program:
    """One kind of support; ``effect`` is in log-odds of missing a day while it runs."""

    kind: str
    target: str
    tier: int
    minutes_a_week: float
    effect: float


PROGRAMS = (
    Program("check_in_check_out", "attendance", 2, 50.0, -0.50),
    Program("mentor", "attendance", 3, 45.0, -0.25),
    Program("math_help_at_lunch", "academic", 2, 60.0, 0.0),
    Program("detention_contract", "behavior", 2, 120.0, 0.25),
)
SHARE = 0.030
WEEKS = 10


@dataclass
class Support:
    """Support of one year: who (row of Attending), which program, in which weeks."""

    row: Array
    program: Array
    first_week: Array
    strength: float = 1.0  # times the programs' effects are as large as said

    @classmethod
    def none(cls, strength: float) -> Support:
        """Nobody is in a program yet."""
        nobody = np.array([], dtype=int)
        return cls(nobody, nobody, nobody, strength)

    def and_also(self, row: Array, program: Array, first_week: int) -> Support:
        """This support and what begins in ``first_week``."""
        return Support(
            np.concatenate([self.row, row]),
            np.concatenate([self.program, program]),
            np.concatenate([self.first_week, np.full(len(row), first_week)]),
            self.strength,
        )

    @property
    def effect(self) -> Array:
        """What each adds to disengagement, in log-odds of missing a day, while it runs."""
        return np.asarray(self.strength * np.array([p.effect for p in PROGRAMS])[self.program])

    def shift(self, n: int) -> Array:
        """n x 44: what support adds to disengagement."""
        week = np.arange(WEEKS_A_YEAR)
        runs = (week >= self.first_week[:, None]) & (week < self.first_week[:, None] + WEEKS)
        shift = np.zeros((n, WEEKS_A_YEAR))
        np.add.at(shift, self.row, runs * self.effect[:, None])
        return shift

    def days(self, year: Attending) -> tuple[Array, Array]:
        """The first and the last school day of each, as positions in the year."""
        week, last = year.calendar.week_of_day, year.shape[1] - 1
        begin = np.searchsorted(week, self.first_week)
        end = np.searchsorted(week, self.first_week + WEEKS) - 1
        return np.minimum(begin, last), np.minimum(end, last)

    def running(self, n: int, week: int) -> Array:
        """(n,) who is in a program in this week of the calendar."""
        runs = (self.first_week <= week) & (week < self.first_week + WEEKS)
        return np.isin(np.arange(n), self.row[runs])


def support(
    seed: int, students: Students, year: Attending, engagement: Engagement, strength: float
) -> Support:
    """Who is given which program: whose first weeks looked worst to the staff, not quite the neediest."""
    rng = stream(seed, "support", year.calendar.year)
    n = len(year.student)
    seen = engagement.latent[:, 3:8].mean(axis=1) + rng.normal(0, 0.9, n)
    seen[students.cast[year.student] >= 0] = -np.inf
    row = np.sort(np.argsort(-seen, kind="stable")[: round(SHARE * n)])
    return Support(row, rng.integers(0, len(PROGRAMS), len(row)), rng.integers(8, 26, len(row)), strength)


def interventions_table(students: Students, year: Attending, given: Support) -> pa.Table:
    """The table ``interventions``, for students still enrolled when it began."""
    days = year.calendar.days
    begin, end = given.days(year)
    there = year.expected[given.row, begin]
    row, program = given.row[there], [PROGRAMS[i] for i in given.program[there]]
    n = len(row)
    return pa.table(
        {
            "intervention_id": pa.array([f"V{year.calendar.year}-{i:04d}" for i in range(n)], pa.string()),
            "student_id": pa.array(students.student_id[year.student[row]], pa.string()),
            "tier": np.array([p.tier for p in program], dtype=int),
            "kind": pa.array([p.kind for p in program], pa.string()),
            "target": pa.array([p.target for p in program], pa.string()),
            "begin_date": days[begin[there]],
            "end_date": days[end[there]],
            "planned_minutes_week": np.array([p.minutes_a_week for p in program], dtype=float),
            "outcome": pa.array(["partial"] * n, pa.string()),
        }
    )
