"""Who is expected at which school on each day of one school year?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ews.district.calendar import SchoolYear
from ews.district.enrolling import Stays
from ews.district.sizes import Size
from ews.district.streams import Array


@dataclass
class Attending:
    """One row a student of the year (n), one column a planned school day (180)."""

    calendar: SchoolYear
    student: Array  # n: position in Students
    grade: Array  # n
    school: Array  # n x 180: position in Size.schools, -1 when not enrolled
    expected: Array  # n x 180: enrolled, and the school is open
    stays: Stays
    row_of_stay: Array  # one a stay

    @property
    def shape(self) -> tuple[int, int]:
        return self.school.shape[0], self.school.shape[1]

    @property
    def home(self) -> Array:
        """n: the school of each student's last stay."""
        last = self.school.shape[1] - 1 - np.argmax(self.school[:, ::-1] >= 0, axis=1)
        return np.asarray(self.school[np.arange(len(self.student)), last])


def attending(size: Size, stays: Stays, calendar: SchoolYear) -> Attending:
    """The year's students, and for every day where they are enrolled and whether they are expected."""
    student, row_of_stay = np.unique(stays.student, return_inverse=True)
    days = np.arange(len(calendar.days))
    enrolled = (days >= stays.first[:, None]) & (days <= stays.last[:, None])
    school = np.full((len(student), len(days)), -1, dtype=np.int16)
    stay, day = np.nonzero(enrolled)
    school[row_of_stay[stay], day] = stays.school[stay]
    is_open = np.array([calendar.is_open(place) for place in size.schools])
    grade = np.zeros(len(student), dtype=int)
    grade[row_of_stay] = stays.grade
    expected = (school >= 0) & is_open[np.maximum(school, 0), days]
    return Attending(calendar, student, grade, school, expected, stays, row_of_stay)
