"""The numbers of a school or of the district as rows of a sheet: what its page shows, and nothing more."""

from __future__ import annotations

from collections.abc import Iterator

from ews.support.school_view import Need, NeedLine, Reached, SchoolsView, SchoolView

NOT_SHOWN, NOT_ASKED = "not shown", ""
BANDS = ("flagged", "elevated", "high")


def heads(view: SchoolView | SchoolsView) -> list[str]:
    """The heads of the columns."""
    return [
        "school_id",
        "school",
        "grade",
        "students",
        *(f"{domain}_{band}" for domain in view.columns for band in BANDS),
        "on_list",
        "beyond",
    ]


def rows_of_school(view: SchoolView) -> Iterator[list[object]]:
    """One row a grade and one for all; who has a place is counted for all together."""
    for line in view.lines:
        yield [view.school_id, view.name, line.grade_level, *needs_of(line), NOT_ASKED, NOT_ASKED]
    yield [view.school_id, view.name, "all", *needs_of(view.everyone), *reach_of(view.reached)]


def rows_of_schools(view: SchoolsView) -> Iterator[list[object]]:
    """One row a school, and one for the district where it is asked for."""
    for school in view.schools:
        yield [school.school_id, school.name, "all", *needs_of(school.need), *reach_of(school.reached)]
    if view.whole and view.reached:
        yield ["", "all", "all", *needs_of(view.whole), *reach_of(view.reached)]


def needs_of(line: NeedLine) -> list[object]:
    """Students, and for each domain those flagged and in each band."""
    return [number(line.students), *(cell(need, band) for need in line.needs.values() for band in BANDS)]


def reach_of(reached: Reached) -> list[object]:
    """On a list, and beyond."""
    return [number(reached.on_list), number(reached.beyond)]


def cell(need: Need, band: str) -> object:
    """One number of need."""
    return number(getattr(need, band)) if need.asked else NOT_ASKED


def number(value: int | None) -> object:
    """A number, or that it is not shown."""
    return NOT_SHOWN if value is None else value
