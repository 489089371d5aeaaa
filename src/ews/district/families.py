"""What programs is a student in, who are the guardians, and when did the school reach them?"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ews.district.attendance import Absence
from ews.district.attending import Attending
from ews.district.sizes import Size
from ews.district.staff import caller_of
from ews.district.streams import Array, chosen, stream
from ews.district.students import Students


def programs_table(seed: int, students: Students, year: Attending) -> pa.Table:
    """The table ``programs`` of one year: meals, disability, homeless and foster youth, gifted."""
    rng = stream(seed, "programs", year.calendar.year)
    n = len(students)
    reduced = stream(seed, "reduced meals").random(n) < 0.14
    groups = {
        "frpm_free": students.poor & ~reduced,
        "frpm_reduced": students.poor & reduced,
        "sped": students.disability,
        "homeless": students.homeless & (stream(seed, "homeless", year.calendar.year).random(n) < 0.8),
        "foster": students.foster,
        "gate": students.gifted,
    }
    parts = [program_rows(rng, students, year, name, member) for name, member in groups.items()]
    return pa.concat_tables(parts)


def program_rows(
    rng: np.random.Generator, students: Students, year: Attending, name: str, member: Array
) -> pa.Table:
    """Rows of one program: from a student's first day of the year to the last."""
    row = np.nonzero(member[year.student])[0]
    first = np.argmax(year.school >= 0, axis=1)[row]
    n = len(row)
    setting = ("specific_learning_disability", "speech", "other_health", "autism", "emotional")
    detail = (
        chosen(rng, setting, (0.4, 0.24, 0.17, 0.14, 0.05), n) if name == "sped" else np.full(n, None, object)
    )
    return pa.table(
        {
            "student_id": pa.array(students.student_id[year.student[row]], pa.string()),
            "program": pa.array([name] * n, pa.string()),
            "begin_date": year.calendar.days[first],
            "end_date": np.full(n, year.calendar.days[-1]),
            "detail": pa.array(detail, pa.string()),
        }
    )


def guardians_table(seed: int, students: Students) -> pa.Table:
    """The table ``guardians``: one or two a student, the language they speak, and how to reach them."""
    rng = stream(seed, "guardians")
    two = np.concatenate([np.arange(len(students)), np.nonzero(rng.random(len(students)) < 0.58)[0]])
    second = np.arange(len(two)) >= len(students)
    language = students.language[two]
    n = len(two)
    foreign = language != "eng"
    no_contact = second & (rng.random(n) < 0.012)
    return pa.table(
        {
            "student_id": students.student_id[two],
            "guardian_id": np.array(
                [f"G{s}-{1 + b}" for s, b in zip(students.student_id[two], second, strict=True)]
            ),
            "language": language,
            "interpreter": foreign & (rng.random(n) < 0.6),
            "education_rights": ~no_contact,
            "no_contact": no_contact,
            "channel": chosen(
                rng, ("text", "phone", "email", "portal", "mail"), (0.45, 0.25, 0.18, 0.08, 0.04), n
            ),
            "receives_mail": ~second & ~no_contact,
        }
    )


def contacts_table(seed: int, size: Size, students: Students, year: Attending, absence: Absence) -> pa.Table:
    """The table ``contacts``: the school reaches families, more often where a student was away."""
    rng = stream(seed, "contacts", year.calendar.year)
    away = Absence.missed(absence.state)
    chance = 0.0006 + 0.018 * away
    quiet = students.cast[year.student] >= 0
    row, day = np.nonzero((rng.random(year.shape) < chance) & year.expected & ~quiet[:, None])
    n = len(row)
    staff = np.array([caller_of(size, school) for school in size.schools], dtype=object)
    minutes = rng.integers(0, 7 * 60, n)
    when = (
        year.calendar.days[day].astype("datetime64[s]")
        + np.timedelta64(16, "h")
        + minutes * np.timedelta64(60, "s")
    )
    reason = np.where(
        away[row, day], "attendance", chosen(rng, ("grades", "behavior", "meeting"), (0.5, 0.2, 0.3), n)
    )
    return pa.table(
        {
            "contact_id": pa.array([f"K{year.calendar.year}-{i:05d}" for i in range(n)], pa.string()),
            "student_id": pa.array(students.student_id[year.student[row]], pa.string()),
            "occurred_at": when,
            "direction": pa.array(chosen(rng, ("out", "in"), (0.86, 0.14), n), pa.string()),
            "channel": pa.array(
                chosen(rng, ("phone", "text", "email", "in person"), (0.4, 0.35, 0.2, 0.05), n), pa.string()
            ),
            "reason": pa.array(reason, pa.string()),
            "by_staff_id": pa.array(staff[year.school[row, day]], pa.string()),
            "system": pa.array(["SIS"] * n, pa.string()),
        }
    )
