"""How engaged is each student, week by week? The one hidden cause behind absence, marks and incidents.

Disengagement is in log-odds of missing a day, 0 = the average student: a standing part, a part of
the year, a weekly wobble that fades over some weeks, an onset for some students, and a shock that a
whole school shares. Lateness and missing work show it some weeks before absence does.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ews.district.attending import Attending
from ews.district.calendar import WEEKS_A_YEAR
from ews.district.streams import Array, stream
from ews.district.students import Students
from ews.district.world import World

STANDING = 1.28
YEAR = 0.50
WOBBLE = 0.55
WOBBLE_KEPT = 0.90
ONSET_SHARE = 0.11
ONSET_SIZE = 1.35
RAMP_WEEKS = 5
SCHOOL_SHOCK = 0.10
EARLY_WEEKS = 3


@dataclass
class Engagement:
    """Disengagement of one year: arrays n x 44 weeks, and per student what made it."""

    latent: Array
    early: Array
    standing: Array
    onset_week: Array  # -1 for none


def engagement(seed: int, students: Students, year: Attending, schools: int, world: World) -> Engagement:
    """Every student's disengagement in one school year, before any support."""
    rng = stream(seed, "engagement", year.calendar.year)
    n = len(year.student)
    standing = STANDING * students.engagement[year.student] + rng.normal(0.0, YEAR, n)
    wobble = fading(rng, n, WOBBLE, WOBBLE_KEPT)
    onset_week, ramp = onsets(rng, n, students.cast[year.student] >= 0)
    shock = fading(rng, schools, SCHOOL_SHOCK, 0.7)[year.home]
    lasting = school_effects(seed, schools, world)[year.home][:, None]
    latent = standing[:, None] + wobble + ramp + shock + lasting
    return Engagement(latent, ahead(latent), standing, onset_week)


def school_effects(seed: int, schools: int, world: World) -> Array:
    """Per school: what it adds for good to its students' log-odds of missing a day."""
    return np.asarray(world.school_spread * stream(seed, "school effects").normal(0.0, 1.0, schools))


def fading(rng: np.random.Generator, n: int, size: float, kept: float) -> Array:
    """n x weeks of first-order noise with standard deviation ``size``; ``kept`` is what stays a week on."""
    steps = rng.normal(0.0, 1.0, (n, WEEKS_A_YEAR))
    path = np.empty_like(steps)
    path[:, 0] = steps[:, 0]
    for week in range(1, WEEKS_A_YEAR):
        path[:, week] = kept * path[:, week - 1] + np.sqrt(1 - kept**2) * steps[:, week]
    return size * path


def onsets(rng: np.random.Generator, n: int, spared: Array) -> tuple[Array, Array]:
    """In which week trouble begins for some students, and its rise (and often fall) over the weeks."""
    week = np.where((rng.random(n) < ONSET_SHARE) & ~spared, rng.integers(3, 34, n), -1)
    size = ONSET_SIZE * rng.gamma(4.0, 0.25, n)
    lasts = np.where(rng.random(n) < 0.5, rng.geometric(0.1, n) + RAMP_WEEKS, WEEKS_A_YEAR)
    since = np.arange(WEEKS_A_YEAR) - week[:, None] + 1
    rise = np.clip(since / RAMP_WEEKS, 0, 1)
    fall = np.clip((since - lasts[:, None]) / RAMP_WEEKS, 0, 1)
    return week, np.where(week[:, None] >= 0, size[:, None] * (rise - fall), 0.0)


def ahead(latent: Array) -> Array:
    """The disengagement of some weeks later: what lateness and missing work already show."""
    return np.concatenate([latent[:, EARLY_WEEKS:], np.repeat(latent[:, -1:], EARLY_WEEKS, axis=1)], axis=1)


def by_day(weekly: Array, year: Attending) -> Array:
    """n x 44 weeks as n x 180 school days."""
    return np.asarray(weekly[:, year.calendar.week_of_day])
