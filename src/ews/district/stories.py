"""What happened to the named cast? Who, what and when, in plain rows.

``ews.district.telling`` writes these over the simulated records. In a school year in which a person's
days are told, only the told days are exceptions; all their work came in and their marks stand near
``USUAL``, except where a row here says otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from ews.district.cast import (
    AALIYAH,
    ANDRE,
    DEVON,
    DIAZ,
    HARRIET,
    LEE,
    LINH,
    MARIBEL,
    MICAELA,
    NOAH,
    OKAFOR,
    PARK,
    PRIYA,
    ROY,
    SOFIA,
    TARIQ,
    TYLER,
    XIMENA,
)


@dataclass(frozen=True)
class Days:
    """Days that a student missed or came late: dates as ``YYYY-MM-DD``, separated by spaces."""

    who: str
    status: str
    dates: str
    reason: str | None = None


@dataclass(frozen=True)
class Notice:
    """A letter of the attendance office to the family."""

    who: str
    on: date
    kind: str


@dataclass(frozen=True)
class Marks:
    """Percents in one course, by term; letters follow from them."""

    who: str
    course: str
    percents: dict[str, int]
    year: int = 2026


@dataclass(frozen=True)
class NotIn:
    """How many of the latest pieces of work due by 12 November 2025 did not come in.

    up_to: work for more points than this did come in, however late it was due.
    """

    who: str
    course: str
    pieces: int
    up_to: float = 1_000.0


@dataclass(frozen=True)
class Referral:
    """An incident that was written up."""

    who: str
    on: date
    code: str
    severity: int
    action: str


@dataclass(frozen=True)
class Contact:
    """The school reached the family or the student."""

    who: str
    on: date
    channel: str
    by: str
    reason: str


@dataclass(frozen=True)
class Level:
    """The level an English learner showed in spring."""

    who: str
    year: int
    level: int


@dataclass(frozen=True)
class Helped:
    """Support that was given; ``sessions`` maps days to whether the student came."""

    who: str
    kind: str
    target: str
    tier: int
    begin: date
    end: date | None
    sessions: dict[str, bool] = field(default_factory=dict)


def weekly(start: date, end: date, weekdays: tuple[int, ...]) -> str:
    """These weekdays (0 Monday) from start to end, as dates separated by spaces."""
    days = (start + timedelta(days=i) for i in range((end - start).days + 1))
    return " ".join(day.isoformat() for day in days if day.weekday() in weekdays)


USUAL = {
    MARIBEL: 79, DEVON: 76, SOFIA: 76, LINH: 86, ANDRE: 78, NOAH: 81, HARRIET: 80, AALIYAH: 82, TARIQ: 73,
    MICAELA: 75, PRIYA: 97, TYLER: 84, XIMENA: 78,
}  # fmt: skip

DAYS = (
    # Maribel: one day in nine weeks; then her mother's shift changed, and she takes her brother to school.
    Days(MARIBEL, "absent_excused", "2025-09-23", "illness"),
    Days(
        MARIBEL,
        "absent_unexcused",
        "2025-10-22 2025-10-28 2025-11-05 2025-11-10 2025-11-12 2025-11-13",
        "family",
    ),
    Days(
        MARIBEL,
        "tardy",
        "2025-10-29 2025-10-31 2025-11-04 2025-11-06 2025-11-07 2025-11-14",
    ),
    Days(
        MARIBEL,
        "absent_excused",
        "2024-09-26 2024-10-29 2024-12-05 2025-01-16 2025-02-11 2025-02-12 2025-03-20 2025-04-24 2025-05-15",
        "illness",
    ),
    # Devon works evenings: late to period 1, sometimes not there at all.
    Days(
        DEVON,
        "tardy",
        "2025-09-18 2025-10-03 2025-10-15 2025-10-21 2025-10-28 2025-10-31 2025-11-03 2025-11-05 2025-11-06 "
        "2025-11-10 2025-11-12 2025-11-14",
    ),
    Days(
        DEVON,
        "absent_unexcused",
        "2025-09-12 2025-09-26 2025-10-10 2025-10-17 2025-10-24 2025-11-04 2025-11-13",
    ),
    # Sofía never misses a Friday: she is at her internship.
    Days(
        SOFIA,
        "absent_unexcused",
        "2025-08-27 2025-09-09 2025-09-22 2025-10-02 2025-10-16 2025-10-23 2025-10-30 "
        "2025-11-05 2025-11-10 2025-11-12",
    ),
    Days(SOFIA, "tardy", "2025-09-16 2025-10-07 2025-10-28 2025-11-04 2025-11-06 2025-11-13 2025-11-14"),
    Days(LINH, "absent_excused", "2025-09-02", "illness"),
    Days(LINH, "tardy", "2025-10-29 2025-11-06 2025-11-12"),
    Days(ANDRE, "absent_excused", "2025-09-18", "illness"),
    Days(ANDRE, "tardy", "2025-10-17 2025-10-22 2025-11-04 2025-11-07 2025-11-10 2025-11-13"),
    # Noah: asthma this fall, and the work of those days to make up.
    Days(
        NOAH,
        "absent_excused",
        "2025-09-11 2025-09-15 2025-10-06 2025-10-20 2025-10-29 2025-11-03 2025-11-10 2025-11-13",
        "illness",
    ),
    Days(NOAH, "tardy", "2025-10-07 2025-10-21 2025-11-04 2025-11-14"),
    Days(
        HARRIET,
        "absent_excused",
        "2025-09-08 2025-09-30 2025-10-20 2025-10-21 2025-10-23 2025-10-27 2025-10-28 2025-11-05 2025-11-10",
        "medical",
    ),
    Days(HARRIET, "tardy", "2025-10-03 2025-10-22 2025-10-24 2025-10-30"),
    Days(AALIYAH, "absent_excused", "2025-10-08", "illness"),
    Days(TARIQ, "absent_unverified", "2025-09-25 2025-10-14 2025-10-27 2025-11-06 2025-11-07", "other"),
    Days(MICAELA, "absent_excused", "2025-10-13", "family"),
    # Priya stays home with her little brother when their mother works.
    Days(PRIYA, "absent_excused", "2025-09-29 2025-10-09", "family"),
    Days(PRIYA, "absent_excused", weekly(date(2025, 10, 20), date(2025, 11, 10), (0, 3)), "family"),
    # Tyler: one day missed by November of last year, many from January on. Last year's list missed him.
    Days(TYLER, "absent_excused", "2024-10-15", "illness"),
    Days(TYLER, "absent_unexcused", weekly(date(2025, 1, 14), date(2025, 5, 23), (1, 3))),
    Days(TYLER, "absent_excused", "2025-09-16 2025-10-23", "illness"),
    Days(XIMENA, "tardy", "2025-11-07"),
)

NOTICES = (
    # Devon's mother got two. Maribel's did not: Mr. Lee had called her before the third day.
    Notice(DEVON, date(2025, 10, 15), "truancy_1"),
    Notice(DEVON, date(2025, 11, 12), "truancy_2"),
    Notice(SOFIA, date(2025, 10, 1), "truancy_1"),
    Notice(SOFIA, date(2025, 10, 29), "truancy_2"),
    Notice(TYLER, date(2025, 1, 29), "truancy_1"),
    Notice(TYLER, date(2025, 2, 12), "truancy_2"),
    Notice(TYLER, date(2025, 2, 26), "truancy_3"),
)

MARKS = (
    Marks(MARIBEL, "Algebra 1", {"P1": 74, "Q1": 68, "P2": 57}),
    Marks(MARIBEL, "Biology", {"P1": 76, "Q1": 73, "P2": 58}),
    Marks(MARIBEL, "Ethnic Studies", {"P1": 78, "Q1": 76, "P2": 66}),
    Marks(MARIBEL, "Art 1", {"P1": 95, "Q1": 96, "P2": 96}),
    Marks(DEVON, "English 3", {"P1": 77, "Q1": 78, "P2": 88}),
    Marks(DEVON, "U.S. History", {"P1": 75, "Q1": 71, "P2": 58}),
    Marks(DEVON, "Algebra 2", {"P1": 73, "Q1": 70, "P2": 57}),
    Marks(SOFIA, "Geometry", {"Q4": 54, "S2": 55}, 2024),
    Marks(SOFIA, "Algebra 2", {"Q2": 53, "S1": 52, "Q4": 56, "S2": 55}, 2025),
    Marks(SOFIA, "Government and Economics", {"P1": 72, "Q1": 70, "P2": 57}),
    Marks(SOFIA, "Statistics", {"P1": 71, "Q1": 69, "P2": 56}),
    Marks(SOFIA, "English 4", {"P1": 76, "Q1": 75, "P2": 63}),
    Marks(SOFIA, "Health Careers", {"P1": 94, "Q1": 95, "P2": 96}),
    Marks(LINH, "Biology", {"P1": 87, "Q1": 85, "P2": 64}),
    Marks(LINH, "Algebra 1", {"P1": 82, "Q1": 78, "P2": 57}),
    Marks(LINH, "Ethnic Studies", {"P1": 84, "Q1": 80, "P2": 66}),
    Marks(ANDRE, "Geometry", {"P1": 74, "Q1": 72, "P2": 66}),
    Marks(ANDRE, "Spanish 2", {"P1": 77, "Q1": 75, "P2": 65}),
    Marks(ANDRE, "World History", {"P1": 74, "Q1": 70, "P2": 55}),
    Marks(NOAH, "Concert Band", {"P1": 97, "Q1": 98, "P2": 98}),
    Marks(NOAH, "Algebra 1", {"P1": 76, "Q1": 70, "P2": 58}),
    Marks(NOAH, "Biology", {"P1": 78, "Q1": 73, "P2": 62}),
    Marks(HARRIET, "Chemistry", {"P1": 70, "Q1": 54, "P2": 70}),
    Marks(HARRIET, "Algebra 2", {"P1": 69, "Q1": 55, "P2": 63}),
    Marks(HARRIET, "U.S. History", {"P1": 74, "Q1": 64, "P2": 72}),
    Marks(AALIYAH, "Geometry", {"P1": 72, "Q1": 70, "P2": 61}),
    Marks(AALIYAH, "Debate", {"P1": 96, "Q1": 97, "P2": 98}),
    Marks(TARIQ, "Algebra 1", {"Q1": 61, "P2": 58}),
    Marks(MICAELA, "English 2", {"P1": 64, "Q1": 62, "P2": 61}),
    Marks(MICAELA, "ELD 2", {"P1": 90, "Q1": 92, "P2": 94}),
    Marks(TYLER, "Algebra 2", {"P3": 68, "Q3": 61, "P4": 55, "Q4": 51, "S2": 56}, 2025),
)

NOT_IN = (
    NotIn(MARIBEL, "Algebra 1", 2, up_to=20),
    NotIn(MARIBEL, "Biology", 2),
    NotIn(MARIBEL, "English 1", 1),
    NotIn(DEVON, "U.S. History", 3),
    NotIn(DEVON, "Algebra 2", 2),
    NotIn(SOFIA, "Government and Economics", 3),
    NotIn(SOFIA, "Statistics", 3),
    NotIn(LINH, "Biology", 2),
    NotIn(LINH, "Algebra 1", 2),
    NotIn(ANDRE, "Spanish 2", 2),
    NotIn(ANDRE, "World History", 3),
    NotIn(NOAH, "Algebra 1", 2),
    NotIn(NOAH, "Biology", 2),
    NotIn(HARRIET, "Algebra 2", 2),
    NotIn(AALIYAH, "Geometry", 1),
    NotIn(TARIQ, "Algebra 1", 2),
)

REFERRALS = (
    Referral(ANDRE, date(2025, 11, 4), "disruption", 1, "conference"),
    Referral(ANDRE, date(2025, 11, 12), "defiance", 2, "restorative"),
    Referral(DEVON, date(2025, 10, 9), "tardy_sweep", 1, "detention"),
)

CONTACTS = (
    Contact(MARIBEL, date(2025, 8, 28), "in person", OKAFOR, "back-to-school night"),
    Contact(MARIBEL, date(2025, 10, 21), "phone", LEE, "attendance"),
    Contact(DEVON, date(2025, 11, 6), "in person", OKAFOR, "check-in"),
    Contact(SOFIA, date(2025, 9, 2), "in person", OKAFOR, "graduation plan"),
    Contact(LINH, date(2025, 11, 10), "email", PARK, "grades"),
    Contact(ANDRE, date(2025, 11, 13), "in person", DIAZ, "behavior"),
    Contact(HARRIET, date(2025, 11, 12), "phone", OKAFOR, "attendance"),
    Contact(AALIYAH, date(2025, 11, 14), "in person", ROY, "grades"),
    Contact(TARIQ, date(2025, 9, 10), "phone", OKAFOR, "enrollment"),
    Contact(MICAELA, date(2025, 10, 16), "phone", OKAFOR, "conference with an interpreter"),
    Contact(TYLER, date(2025, 5, 6), "phone", LEE, "attendance"),
    Contact(XIMENA, date(2025, 11, 6), "in person", OKAFOR, "enrollment"),
)

LEVELS = (
    Level(MARIBEL, 2023, 2),
    Level(MARIBEL, 2024, 2),
    Level(MARIBEL, 2025, 3),
    Level(MICAELA, 2025, 1),
)

HELPED = (
    Helped(
        MARIBEL,
        "math_help_at_lunch",
        "academic",
        2,
        date(2025, 10, 6),
        date(2025, 12, 12),
        {
            "2025-10-07": True,
            "2025-10-09": True,
            "2025-10-14": False,
            "2025-10-16": False,
            "2025-10-21": False,
            "2025-10-23": False,
            "2025-10-28": False,
            "2025-10-30": False,
            "2025-11-04": False,
            "2025-11-06": False,
        },
    ),
    Helped(DEVON, "check_in_check_out", "attendance", 2, date(2025, 10, 20), date(2025, 12, 12)),
    Helped(ANDRE, "mentor", "behavior", 2, date(2025, 11, 10), date(2026, 1, 30)),
    Helped(HARRIET, "mentor", "attendance", 3, date(2025, 10, 13), date(2025, 12, 19)),
)
