"""Counselors who act on lists: whom do they give support, out of whom the list puts first?

After each list a counselor fills the places that are free with the students highest on it who are in no
program. The list knows what the records know by then, support and all; what counselors see for
themselves moves some students up and others down (``World.discretion``), which no record tells.
"""

from __future__ import annotations

import numpy as np

from ews.district.attendance import TARDY, Absence, Life
from ews.district.attending import Attending
from ews.district.engagement import Engagement
from ews.district.streams import Array, chosen, stream
from ews.district.students import Students
from ews.district.support import PROGRAMS, Support
from ews.district.world import World

PROGRAM_SHARES = (0.45, 0.35, 0.12, 0.08)
"""How often each of ``PROGRAMS`` is chosen for a student on a list: most get what helps."""

GLANCE = 0.7  # standard deviation of what a counselor sees beside the truth
LISTS_TO_FILL = 3  # nobody begins with more than a third of all they have places for
CHANCE = 0.3  # of who happens to be met first, in standard deviations of the list
USUAL_RATE = 0.06  # taken for last year's absence where there is none on record
SOFTENED = 0.02


def acted_on(
    seed: int,
    students: Students,
    engaged: Engagement,
    one: Life,
    caseload: Array,
    last_year: Array,
    world: World,
) -> Support:
    """The support of one year whose lists were acted on.

    ``caseload`` (n): whose student each is; ``last_year`` (one a student of the district): the share of
    days missed in the year before, NaN where nothing is known.
    """
    year = one.year
    rng = stream(seed, "acting", year.calendar.year)
    rates = last_year[year.student]
    before = np.where(np.isnan(rates), USUAL_RATE, rates)
    spared = students.cast[year.student] >= 0
    given = Support.none(world.strength)
    school_weeks = np.unique(year.calendar.week_of_day)
    for week in sorted(world.list_weeks):
        lived = one.lived(engaged.latent + given.shift(len(before)))
        first_week = int(school_weeks[week])
        today = int(np.searchsorted(year.calendar.week_of_day, first_week))
        own = engaged.latent[:, first_week - 1] + GLANCE * rng.normal(0, 1, len(before))
        order = (1 - world.discretion) * standard(listed_by(year, lived, before, today))
        order = order + world.discretion * standard(own) + CHANCE * rng.normal(0, 1, len(before))
        busy = given.running(len(before), first_week)
        order[busy | spared | ~year.expected[:, today]] = -np.inf
        row = first_of_each(order, caseload, busy, world.places)
        program = chosen(rng, tuple(range(len(PROGRAMS))), PROGRAM_SHARES, len(row)).astype(int)
        given = given.and_also(row, program, first_week)
    return given


def listed_by(year: Attending, lived: Array, before: Array, today: int) -> Array:
    """(n,) what the list goes by: days missed this year, lately, and last year, and lateness."""
    missed, expected = Absence.missed(lived), year.expected
    recent = slice(max(today - 20, 0), today)
    so_far = share(missed[:, :today], expected[:, :today])
    lately = share(missed[:, recent], expected[:, recent])
    late = share(lived[:, recent] == TARDY, expected[:, recent])
    return np.asarray(
        np.log(SOFTENED + so_far)
        + 0.6 * np.log(SOFTENED + lately)
        + 0.5 * np.log(SOFTENED + before)
        + 2.0 * late
    )


def share(happened: Array, expected: Array) -> Array:
    """(n,) on which share of the expected days it happened; 0 where none was expected."""
    days = expected.sum(axis=1)
    return np.asarray((happened & expected).sum(axis=1) / np.maximum(days, 1))


def standard(values: Array) -> Array:
    """The values with mean 0 and standard deviation 1."""
    return np.asarray((values - values.mean()) / values.std())


def first_of_each(order: Array, caseload: Array, busy: Array, places: float) -> Array:
    """Rows of those highest in ``order`` on each caseload, as many as have a place free."""
    found = []
    for counselor in np.unique(caseload):
        mine = np.flatnonzero(caseload == counselor)
        every = round(places * len(mine))
        free = min(every - int(busy[mine].sum()), -(-every // LISTS_TO_FILL))
        able = mine[np.isfinite(order[mine])]
        found.append(able[np.argsort(-order[able], kind="stable")][: max(free, 0)])
    return np.sort(np.concatenate(found))
