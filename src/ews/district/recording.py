"""At which schools do staff record some students' conduct and absences otherwise than others'?

The same students are written up more often for the same conduct, and their absences excused less often.
It is part of the truth and stands nowhere in the records.
"""

from __future__ import annotations

import numpy as np

from ews.district.attending import Attending
from ews.district.sizes import Size
from ews.district.streams import Array, stream
from ews.district.students import Students
from ews.district.world import World

OTHERWISE = ("black", "hispanic")
"""Whom the staff of a biased school record otherwise, by race and ethnicity."""


def biased_schools(seed: int, size: Size, world: World) -> Array:
    """Per school: whether its staff do not record alike."""
    rng = stream(seed, "recording bias")
    return np.asarray(rng.random(len(size.schools)) < world.biased_schools)


def recorded_otherwise(seed: int, size: Size, world: World, students: Students, year: Attending) -> Array:
    """n x 180: whether the student was that day at a school that records this student otherwise."""
    biased = biased_schools(seed, size, world)[np.maximum(year.school, 0)]
    return np.asarray(biased & np.isin(students.race[year.student], OTHERWISE)[:, None])
