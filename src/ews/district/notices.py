"""Which letters about attendance did a school's office send home? Truancy notices, and what follows them.

California (EC 48260 to 48263): three days without a valid excuse, or three times later than half an hour,
make a truancy to be notified of; each further three another notice, then a meeting with the school's review
team (SART) and the district's board (SARB). Many excused days bring a letter of their own. No office gets
round to every family, so some that are due are never sent. The named cast has its notices told.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ews.district.attending import Attending
from ews.district.sizes import Size
from ews.district.streams import Array, stream
from ews.district.students import Students

LATE_BY = 30  # minutes beyond which a late arrival counts as a day
STEPS = ((3, "truancy_1"), (6, "truancy_2"), (9, "truancy_3"), (12, "sart"), (18, "sarb"))
"""Unexcused days of a school year, and what the office sends then."""
EXCUSED_DAYS = 10
"""Excused days of a school year after which the office asks for a doctor's note from then on."""
SENT = {"es": 0.45, "ms": 0.60, "hs": 0.70, "alt": 0.50}
"""To how many of the families whose turn it is an office does send its letters."""
TO_EXCUSE = 3  # days that a family has to explain an absence
BETWEEN = 10  # days from one notice to the next, at least


def notices_table(
    seed: int, size: Size, students: Students, year: Attending, attendance: pa.Table
) -> pa.Table:
    """The table ``attendance_notices`` of one year, from the rows of its ``attendance``."""
    office = letters_sent(seed, size, students, year)
    unexcused = pc.or_(
        pc.equal(attendance["status"], "absent_unexcused"),
        pc.and_(
            pc.equal(attendance["status"], "tardy"),
            pc.fill_null(pc.greater(attendance["minutes_late"], LATE_BY), False),
        ),
    )
    excused = pc.equal(attendance["status"], "absent_excused")
    counted = running(students, year, attendance.filter(unexcused), [days for days, _ in STEPS])
    many = running(students, year, attendance.filter(excused), [EXCUSED_DAYS])
    sent = spaced(office, counted)
    found = [(sent[:, step], kind) for step, (_, kind) in enumerate(STEPS)]
    found.append((office.posted(many[:, 0]), "excessive_excused"))
    return pa.concat_tables([rows_of(students, year, office, on, kind) for on, kind in found])


class Office:
    """When letters go out: one weekday a school, on school days; to which families, ``reached`` says."""

    def __init__(self, weekday: Array, reached: Array, days: Array) -> None:
        self.weekday = weekday  # n: 0 Monday to 4 Friday
        self.reached = reached  # n
        self.days = days  # the year's school days

    def posted(self, due: Array) -> Array:
        """n: the first day of letters on or after each ``due`` day; NaT where none is due or left."""
        on = np.full(len(due), np.datetime64("NaT"), "datetime64[D]")
        for weekday in range(5):
            post = self.days[(self.days - np.datetime64("1970-01-05")).astype(int) % 7 == weekday]
            mine = (self.weekday == weekday) & ~np.isnat(due)
            place = np.searchsorted(post, due[mine])
            on[mine] = np.append(post, np.datetime64("NaT"))[np.minimum(place, len(post))]
        return on


def letters_sent(seed: int, size: Size, students: Students, year: Attending) -> Office:
    """Each student's office: its weekday for letters, and whether it gets round to the family this year."""
    rng = stream(seed, "attendance notices", year.calendar.year)
    weekday = rng.integers(0, 5, len(size.schools))
    share = np.array([SENT[school.level] for school in size.schools])
    told = students.cast[year.student] >= 0
    reached = (rng.random(len(year.student)) < share[year.home]) & ~told
    return Office(weekday[year.home], reached, year.calendar.days)


def running(students: Students, year: Attending, rows: pa.Table, counts: list[int]) -> Array:
    """n x counts: the day by which a student's row of that number could be explained no more, or NaT."""
    ids = pa.array(students.student_id[year.student], pa.string())
    row = pc.index_in(rows["student_id"].cast(pa.string()), value_set=ids).to_numpy()
    day = rows["date"].to_numpy().astype("datetime64[D]")
    order = np.lexsort((day, row))
    row, day = row[order], day[order]
    first = np.searchsorted(row, np.arange(len(ids)))
    after = np.searchsorted(row, np.arange(len(ids)), side="right")
    found = np.full((len(ids), len(counts)), np.datetime64("NaT"), "datetime64[D]")
    for at, count in enumerate(counts):
        there = np.nonzero(after - first >= count)[0]
        found[there, at] = day[first[there] + count - 1] + TO_EXCUSE
    return found


def spaced(office: Office, due: Array) -> Array:
    """n x steps: the day each notice went out, none soon after the one before it."""
    sent = np.full(due.shape, np.datetime64("NaT"), "datetime64[D]")
    earliest = np.full(len(due), np.datetime64("1970-01-01"), "datetime64[D]")
    for step in range(due.shape[1]):
        sent[:, step] = office.posted(np.maximum(due[:, step], earliest))
        earliest = sent[:, step] + BETWEEN
    return sent


def rows_of(students: Students, year: Attending, office: Office, on: Array, kind: str) -> pa.Table:
    """The notices of one kind, of students still at school when they were sent."""
    row = np.nonzero(office.reached & ~np.isnat(on))[0]
    row = row[year.expected[row, np.searchsorted(office.days, on[row])]]
    return pa.table(
        {
            "student_id": pa.array(students.student_id[year.student[row]], pa.string()),
            "notice_date": pa.array(on[row]),
            "kind": pa.array([kind] * len(row), pa.string()),
        }
    )
