"""How large is the district? Its schools, their grades and seats, and the years it hands over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from ews.errors import UsageError

ELEMENTARY = tuple(range(0, 6))
MIDDLE = (6, 7, 8)
HIGH = (9, 10, 11, 12)
CONTINUATION = (11, 12)
LAST_YEAR = 2026


@dataclass(frozen=True)
class School:
    """One school. ``feeds`` is the school that takes its oldest students; ``posts_marks`` since not
    every elementary school does."""

    org_id: str
    name: str
    level: str
    grades: tuple[int, ...]
    seats: int
    feeds: str | None = None
    posts_marks: bool = True

    def seats_of(self, grade: int) -> int:
        """Seats in one grade; what does not divide evenly goes to the lower grades."""
        each, rest = divmod(self.seats, len(self.grades))
        return each + (self.grades.index(grade) < rest)


@dataclass(frozen=True)
class Size:
    """A district to make: schools, number of school years (the last ends in 2026), and until when
    things are known (None: to the end of the last year)."""

    name: str
    schools: tuple[School, ...]
    years: int
    until: date | None
    has_cast: bool

    @property
    def school_years(self) -> range:
        return range(LAST_YEAR - self.years + 1, LAST_YEAR + 1)

    @property
    def students(self) -> int:
        return sum(school.seats for school in self.schools)

    def position(self, org_id: str) -> int:
        """Where this school stands in ``schools``."""
        return [school.org_id for school in self.schools].index(org_id)


def feeder_district(
    high: int, continuation: int, middle: int, elementary: tuple[int, ...]
) -> tuple[School, ...]:
    """Alder Creek High School, its continuation school, two middle schools and elementary schools."""
    names = ("Maple Glen", "Rio Vista", "Sunnyside", "Harvest Lane")
    return (
        School("101", "Alder Creek High School", "hs", HIGH, high),
        School("190", "Juniper Hill Continuation School", "alt", CONTINUATION, continuation),
        School("201", "Orchard Bend Middle School", "ms", MIDDLE, middle, "101"),
        School("202", "Cedar Flat Middle School", "ms", MIDDLE, middle, "101"),
        *(
            School(
                f"30{i + 1}",
                f"{names[i]} Elementary School",
                "es",
                ELEMENTARY,
                seats,
                f"20{1 + i % 2}",
                i % 2 == 0,
            )
            for i, seats in enumerate(elementary)
        ),
    )


def unified_district() -> tuple[School, ...]:
    """Twenty-four schools: three high schools, a continuation school, five middle, fifteen elementary."""
    high = ("Alder Creek", "Mesa Verde", "Harbor View")
    middle = ("Orchard Bend", "Cedar Flat", "Stone Bridge", "Willow Park", "Bayside")
    elementary = (
        "Maple Glen",
        "Rio Vista",
        "Sunnyside",
        "Harvest Lane",
        "Oak Hollow",
        "Lakeshore",
        "Foothill",
        "Manzanita",
        "Quail Run",
        "Meadowbrook",
        "Canyon Crest",
        "Laurel Street",
        "Palm Avenue",
        "Heron Point",
        "Sycamore",
    )
    return (
        *(School(f"10{i + 1}", f"{name} High School", "hs", HIGH, 1200) for i, name in enumerate(high)),
        School("190", "Juniper Hill Continuation School", "alt", CONTINUATION, 150),
        *(
            School(f"20{i + 1}", f"{name} Middle School", "ms", MIDDLE, 540, f"10{1 + i * 3 // 5}")
            for i, name in enumerate(middle)
        ),
        *(
            School(
                f"3{i + 1:02d}",
                f"{name} Elementary School",
                "es",
                ELEMENTARY,
                370,
                f"20{1 + i // 3}",
                i % 3 > 0,
            )
            for i, name in enumerate(elementary)
        ),
    )


MID_NOVEMBER = date(2025, 11, 14)
SIZES = {
    "tiny": Size("tiny", feeder_district(168, 16, 54, (54, 54)), 4, MID_NOVEMBER, True),
    "demo": Size("demo", feeder_district(1900, 100, 570, (465, 465, 465, 465)), 4, MID_NOVEMBER, True),
    "district": Size("district", unified_district(), 5, None, False),
}


def sized(name: str, students: int | None, years: int | None) -> Size:
    """The size called ``name``, with another number of students or years where given.

    UsageError for an unknown name, fewer than 100 students, or years outside 2 to 12.
    """
    if name not in SIZES:
        raise UsageError(f"Unknown size {name!r}.", f"Sizes are {', '.join(SIZES)}.")
    size = SIZES[name]
    if years is not None and not 2 <= years <= 12:
        raise UsageError(f"{years} years asked for.", "A district has 2 to 12 school years.")
    if students is not None and students < 100:
        raise UsageError(f"{students} students asked for.", "A district has at least 100 students.")
    schools = size.schools if students is None else reseated(size.schools, students)
    return replace(size, schools=schools, years=years or size.years)


def reseated(schools: tuple[School, ...], students: int) -> tuple[School, ...]:
    """The same schools with ``students`` seats in all, in the same proportions."""
    total = sum(school.seats for school in schools)
    seats = [max(len(school.grades), round(school.seats * students / total)) for school in schools]
    seats[0] += students - sum(seats)
    return tuple(replace(school, seats=n) for school, n in zip(schools, seats, strict=True))
