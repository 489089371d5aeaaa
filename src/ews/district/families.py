"""What programs is a student in, and who are the guardians?"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ews.district.attending import Attending
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
