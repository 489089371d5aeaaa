"""Who missed which day, and how is it written down? Illness, disengagement, Fridays, January travel.

``attendance`` holds exceptions only (negative attendance): a day without a row is a day in school.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from ews.district.attending import Attending
from ews.district.engagement import Engagement, by_day
from ews.district.recording import recorded_otherwise
from ews.district.sizes import Size
from ews.district.streams import Array, chosen, logistic, stream
from ews.district.students import Students
from ews.district.world import World

PRESENT, ILL, AWAY, TRAVEL, STUDY, OUT, TARDY, EARLY = range(8)

BY_GRADE = np.array([0.42, 0.18, 0.02, -0.08, -0.10, -0.06, 0.02, 0.10, 0.18, 0.20, 0.32, 0.45, 0.66])
"""Log-odds of missing a day by grade K to 12: the J-shape."""

MISSED_DAY = -4.29
MOST_DAYS = 0.5  # even the least engaged come about every other day
ILLNESS_STARTS = 0.0085
FRIDAY_POINTS = 0.011
AWAY_LENGTH, ILL_LENGTH = 0.72, 0.55  # chance that a spell ends with a day
TARDY_DAY = {"es": -4.45, "ms": -3.95, "hs": -3.45, "alt": -3.0}
LEFT_EARLY = 0.004
UNEXCUSED, EXCUSED = 0.56, 0.30  # of absences for no reason that the office knows; the rest is unverified
STUDY_SHARE = 0.5
QUARANTINE_DAYS = (5, 11)  # school days at home, the end not among them


@dataclass
class Absence:
    """n x 180: what each day was; ``untreated`` is the same year with nobody in a program."""

    state: Array
    untreated: Array

    @staticmethod
    def missed(state: Array) -> Array:
        """Which days count as missed."""
        return np.isin(state, [ILL, AWAY, TRAVEL, OUT])


@dataclass(frozen=True)
class Life:
    """Everything behind one year of days but disengagement: the same life can be lived with and without
    support, and by students who are sent home or not."""

    year: Attending
    draws: Draws
    health: Array
    fixed: Array  # days that are spoken for: travel, quarantine
    late: Array
    slope: Array  # per student: what a unit of disengagement does to absence

    def lived(self, latent: Array, out: Array | None = None) -> Array:
        """n x 180 of what each day was, given disengagement by week; ``out`` are days of suspension."""
        fixed = self.fixed if out is None else np.where(out, OUT, self.fixed)
        felt = latent * self.slope[:, None]
        return days(self.draws, self.year, self.health, felt, fixed, self.late)

    def again(self, seed: int, time: int) -> Life:
        """Another life of the same students: other days of illness and absence."""
        rng = stream(seed, "another life", self.year.calendar.year, time)
        return replace(self, draws=Draws.of(rng, self.year.shape))


def life(
    seed: int, size: Size, students: Students, year: Attending, engagement: Engagement, world: World
) -> Life:
    """What this year holds for everyone, before anybody is helped."""
    fixed = travel(stream(seed, "travel", year.calendar.year), students, year)
    fixed[quarantines(seed, students, year, world)] = ILL
    return Life(
        year,
        Draws.of(stream(seed, "attendance", year.calendar.year), year.shape),
        students.health[year.student],
        fixed,
        tardies(stream(seed, "tardy", year.calendar.year), size, students, year, engagement),
        1.0 - world.interactions * np.tanh(students.ability[year.student]),
    )


def absence(one: Life, latent: Array, support: Array, out: Array) -> Absence:
    """Every day of one school year, with support and (from the same random numbers) without.

    ``latent`` and ``support`` (n x 44): disengagement, and what support adds to it; ``out`` (n x 180) are
    days of suspension.
    """
    return Absence(one.lived(latent + support, out), one.lived(latent, out))


@dataclass
class Draws:
    """The random numbers behind one year of days; kept to live the same year twice."""

    ill: Array
    ill_length: Array
    away: Array
    away_length: Array
    friday: Array

    @classmethod
    def of(cls, rng: np.random.Generator, shape: tuple[int, int]) -> Draws:
        return cls(
            rng.random(shape, dtype=np.float32),
            rng.geometric(ILL_LENGTH, shape).astype(np.int8),
            rng.random(shape, dtype=np.float32),
            rng.geometric(AWAY_LENGTH, shape).astype(np.int8),
            rng.random(shape, dtype=np.float32),
        )


def days(draws: Draws, year: Attending, health: Array, latent: Array, fixed: Array, late: Array) -> Array:
    """n x 180 of what each day was, given the disengagement of the weeks."""
    disengaged = by_day(latent, year) + BY_GRADE[year.grade][:, None]
    season = 1 + 0.9 * np.exp(-(((np.arange(year.shape[1]) - 92) / 26) ** 2))
    ill = spells(draws.ill < ILLNESS_STARTS * np.exp(health)[:, None] * season, draws.ill_length)
    away = spells(
        draws.away < MOST_DAYS * logistic(MISSED_DAY - np.log(MOST_DAYS) + disengaged) * AWAY_LENGTH,
        draws.away_length,
    )
    friday = (year.calendar.weekday == 4) & (draws.friday < FRIDAY_POINTS * np.exp(0.5 * disengaged))
    state = np.where(late > 0, late, PRESENT).astype(np.int8)
    state[away | friday] = AWAY
    state[ill] = ILL
    state = np.where(fixed > 0, fixed, state)
    return np.where(year.expected, state, PRESENT).astype(np.int8)


def spells(starts: Array, length: Array) -> Array:
    """Every start lasts ``length`` school days."""
    covered = np.zeros(starts.shape, dtype=bool)
    row, day = np.nonzero(starts)
    left = length[row, day].astype(int)
    while len(row):
        covered[row, day] = True
        day, left = day + 1, left - 1
        going = (left > 0) & (day < starts.shape[1])
        row, day, left = row[going], day[going], left[going]
    return covered


def travel(rng: np.random.Generator, students: Students, year: Attending) -> Array:
    """Families away around January: half on an independent-study contract, half simply absent."""
    n, n_days = year.shape
    goes = students.travels[year.student] & (rng.random(n) < 0.55)
    start = year.calendar.position(year.calendar.second_start) + rng.integers(-4, 8, n)
    day = np.arange(n_days)
    away = goes[:, None] & (day >= start[:, None]) & (day < (start + rng.integers(4, 13, n))[:, None])
    kind = np.where(rng.random(n) < 0.5, STUDY, TRAVEL)
    return np.where(away, kind[:, None], PRESENT).astype(np.int8)


def quarantines(seed: int, students: Students, year: Attending, world: World) -> Array:
    """n x 180: days at home in quarantine, in the pandemic's year; anyone may be sent home at any time."""
    if year.calendar.year != world.pandemic_year:
        return np.zeros(year.shape, dtype=bool)
    rng = stream(seed, "quarantines", year.calendar.year)
    spared = students.cast[year.student] >= 0
    starts = (rng.random(year.shape) < world.quarantine_day) & ~spared[:, None]
    return spells(starts, rng.integers(*QUARANTINE_DAYS, year.shape))


def tardies(
    rng: np.random.Generator, size: Size, students: Students, year: Attending, engagement: Engagement
) -> Array:
    """Late arrivals, which show disengagement before absence does, and days left early."""
    by_school = np.array([TARDY_DAY[school.level] for school in size.schools])
    standing = 0.55 * students.lateness[year.student][:, None]
    chance = logistic(by_school[year.school] + standing + 0.95 * by_day(engagement.early, year))
    late = rng.random(year.shape) < chance
    leaves = rng.random(year.shape) < LEFT_EARLY
    return np.where(late, TARDY, np.where(leaves, EARLY, PRESENT)).astype(np.int8)


def attendance_table(
    seed: int, size: Size, students: Students, year: Attending, state: Array, world: World
) -> pa.Table:
    """The year's exceptions as the table ``attendance``."""
    rng = stream(seed, "attendance clerk", year.calendar.year)
    state = as_recorded(seed, year, state, world)
    row, day = np.nonzero(state)
    what = state[row, day]
    school = year.school[row, day]
    otherwise = recorded_otherwise(seed, size, world, students, year)[row, day]
    status, reason = written(what, rng, np.where(otherwise, 1 / world.excusing_bias, 1.0))
    delay = clerk_delays(rng, status)
    date = year.calendar.days[day]
    code = local_codes(size, school, date, status, year)
    return pa.table(
        {
            "student_id": students.student_id[year.student[row]],
            "school_id": np.array([s.org_id for s in size.schools], dtype=object)[school],
            "date": date,
            "status": np.where(code == SUBSTITUTE_CODE, SUBSTITUTE_CODE, status),
            "absent_fraction": np.isin(what, [ILL, AWAY, TRAVEL, OUT]).astype(float),
            "minutes_late": pa.array(
                np.minimum(rng.geometric(0.08, len(row)) + 1, 120), mask=np.asarray(what != TARDY)
            ),
            "reason": reason,
            "source_code": code,
            "recorded_at": instants(date, delay),
        }
    )


def as_recorded(seed: int, year: Attending, state: Array, world: World) -> Array:
    """The days as the office has to write them: from a day on, half of the ill days as independent study."""
    if world.independent_study_from is None:
        return state
    rng = stream(seed, "independent study", year.calendar.year)
    since = year.calendar.days >= np.datetime64(world.independent_study_from)
    return np.where((state == ILL) & since & (rng.random(year.shape) < STUDY_SHARE), STUDY, state)


def written(what: Array, rng: np.random.Generator, excused: Array) -> tuple[Array, Array]:
    """Status and reason as the office writes them; ``excused`` multiplies each absence's chance of it."""
    n = len(what)
    loose = excuses(rng, excused)
    status = np.where(what == AWAY, loose, "absent_excused").astype(object)
    plain = {STUDY: "independent_study", OUT: "suspended_out", TARDY: "tardy", EARLY: "left_early"}
    for state, word in plain.items():
        status[what == state] = word
    reason = np.full(n, None, dtype=object)
    reason[status == "absent_unexcused"] = "truancy"
    note = status == "absent_excused"
    reason[note] = chosen(rng, ("family", "other"), (0.6, 0.4), int(note.sum()))
    ill = what == ILL
    reason[ill] = chosen(rng, ("illness", "medical"), (0.85, 0.15), int(ill.sum()))
    reason[np.isin(what, [TRAVEL, STUDY])] = "family"
    return status, reason


def excuses(rng: np.random.Generator, excused: Array) -> Array:
    """Unexcused, excused or unverified; what is excused less often is unexcused more often."""
    draw = rng.random(len(excused))
    edge = UNEXCUSED + EXCUSED * (1 - excused)
    word = np.where(draw < edge, "absent_unexcused", "absent_unverified").astype(object)
    word[(draw >= edge) & (draw < UNEXCUSED + EXCUSED)] = "absent_excused"
    return word


def clerk_delays(rng: np.random.Generator, status: Array) -> Array:
    """Days until a row stood in its final form: most the same day; some notes came in later."""
    n = len(status)
    days = chosen(rng, (0, 1, 2, 3), (0.84, 0.11, 0.03, 0.02), n).astype(int)
    corrected = (status == "absent_excused") & (rng.random(n) < 0.06)
    return np.where(corrected, rng.integers(4, 15, n), days)


SUBSTITUTE_CODE = "QX"
LOCAL_CODES = {
    "absent_excused": "E", "absent_unexcused": "U", "absent_unverified": "A", "suspended_out": "S",
    "independent_study": "I", "tardy": "T", "left_early": "L",
}  # fmt: skip


def local_codes(size: Size, school: Array, date: Array, status: Array, year: Attending) -> Array:
    """The raw codes; a substitute clerk wrote a code of her own for three days at one school."""
    code = np.vectorize(LOCAL_CODES.get, otypes=[object])(status)
    days = year.calendar.days[[30, 31, 32]]
    away = (school == len(size.schools) - 1) & np.isin(date, days) & (status == "absent_unverified")
    code[away] = SUBSTITUTE_CODE
    return code


def instants(date: Array, delay: Array) -> Array:
    """``delay`` days after ``date`` at 23:00 UTC, which is the afternoon in the district."""
    return np.asarray((date + delay).astype("datetime64[s]") + np.timedelta64(23, "h"))
