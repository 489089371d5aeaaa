"""Still savable, as a counselor meets it: her own students, one sentence each, the filters in the address."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from support.alder_creek import (
    ADMIN,
    BAPTISTE,
    HIGH,
    LINH,
    MARIBEL,
    NOAH,
    OKAFOR,
    SOFIA,
    TOWN,
    ZHAO,
    Person,
    keep,
    roomy,
    roster_of,
)
from web.calling import Caller, Calling
from web.test_pages import NAMES, signed_in
from web.visitor import Visitor, shown

from ews.settings import Settings
from ews.store.tables import ledger
from ews.support.savable import OTHERWISE_COUNTED, Lines, SavableCourse, kind_of
from ews.support.schedule import Schedule
from ews.web import pages

TERM_ENDS = date(2025, 12, 19)
LINES = Lines(passing=60.0, edge=3.0, agree_within=3.0, late_days=45)
PAGE_2, PAGE_3 = ({"category": "homework", "due": due, "points": 5.0} for due in ("2025-10-30", "2025-11-05"))


def course(
    student: Person, section: str, percent: float, would_be: float | None, **more: Any
) -> SavableCourse:
    """One course as a run keeps it."""
    kind = kind_of(percent, OTHERWISE_COUNTED if would_be is None else would_be, LINES)
    return SavableCourse(
        student_id=student.student_id,
        section_id=section,
        kind=kind,
        percent=percent,
        mark_type="progress",
        mark_on=date(2025, 11, 7),
        would_be=would_be,
        why_no_figure=OTHERWISE_COUNTED if would_be is None else None,
        term_ends=more.get("ends", TERM_ENDS),
        school_days_left=20,
        work=more.get("work", (PAGE_2, PAGE_3)),
    )


COURSES = (
    course(MARIBEL, "alg", 57.0, 64.0),
    course(LINH, "eng", 58.0, 63.4, work=(PAGE_2,), ends=date(2025, 11, 28)),
    course(NOAH, "alg", 61.0, 69.0),
    course(NOAH, "eng", 41.0, None),
    course(LINH, "alg", 40.0, 45.0),
    course(SOFIA, "alg", 55.0, 66.0),
)


def section(key: str, title: str) -> dict[str, Any]:
    """A class under way."""
    return {
        "section_id": key, "school_id": HIGH, "title": title, "subject": None, "is_core": True,
        "starts_on": date(2025, 8, 18), "ends_on": TERM_ENDS,
    }  # fmt: skip


SCHEDULE = Schedule(
    sections=(section("alg", "Algebra 1"), section("eng", "English 9")),
    teachers=({"section_id": "alg", "staff_id": "t-diaz", "period": "3", "room": "B12"},),
    seats=tuple({"student_id": one.student_id, "section_id": one.section_id} for one in COURSES),
)


@pytest.fixture
def call(settings: Settings, calling: Calling, monkeypatch: pytest.MonkeyPatch) -> Caller:
    """The pages of the town; the run reckoned COURSES."""
    monkeypatch.setattr(
        "support.alder_creek.roster_of",
        lambda people: replace(roster_of(people), schedule=SCHEDULE, savable=COURSES),
    )
    keep(roomy(settings), TOWN)
    return calling(pages.routes, of=settings)


@pytest.fixture
def okafor(call: Caller) -> Visitor:
    return signed_in(call, OKAFOR)


def names(visitor: Visitor, address: str = "/savable.json", table: str = "passes") -> list[str]:
    return [row["display_name"] for row in visitor("GET", address).json()[table]]


def test_her_own_students_stand_there_by_the_days_left(okafor: Visitor) -> None:
    assert names(okafor) == [LINH.name, MARIBEL.name]
    page = shown(okafor("GET", "/savable").text)
    assert "Algebra 1 at 57, two assignments not in; both turned in, about 64." in page
    assert "English 9 at 58, one assignment not in; turned in, about 63." in page
    assert "Rafael Diaz period 3" in page and "Sofía" not in page
    assert "It is what the points say and no promise" in page


def test_just_above_the_line_and_without_a_figure_stand_apart(okafor: Visitor) -> None:
    twin = okafor("GET", "/savable.json").json()
    assert [row["sentence"] for row in twin["edge"]] == [
        "Algebra 1 at 61, two assignments not in; both turned in, about 69."
    ]
    row = twin["no_figure"][0]
    assert (row["sentence"], row["would_be"]) == ("English 9 at 41, two assignments not in.", None)
    assert row["why_no_figure"] == OTHERWISE_COUNTED
    assert twin["not_enough"] == 1


def test_the_address_asks_for_a_course_or_a_teacher(okafor: Visitor) -> None:
    assert names(okafor, "/savable.json?course=English+9") == [LINH.name]
    assert names(okafor, "/savable.json?teacher=t-diaz") == [MARIBEL.name]
    assert names(okafor, "/savable.json?course=English+9&teacher=t-diaz") == []
    assert "Clear the filters" in okafor("GET", "/savable?course=English+9").text


def test_the_look_is_in_the_ledger_with_those_shown_alone(okafor: Visitor, call: Caller) -> None:
    okafor("GET", "/savable?course=English+9")
    with call.inside.store.read() as tx:
        seen = tx.execute(select(ledger.c.students).where(ledger.c.action == "savable")).scalars().all()
    assert seen == ['["linh-tran","noah-kim"]']


def test_it_stands_on_the_students_own_page_too(okafor: Visitor) -> None:
    page = shown(okafor("GET", f"/students/{MARIBEL.student_id}").text)
    assert "Algebra 1 at 57, two assignments not in; both turned in, about 64." in page
    rows = okafor("GET", f"/students/{NOAH.student_id}.json").json()["savable"]
    assert [row["course"] for row in rows] == ["Algebra 1"]  # one has no figure


def test_whose_it_is_not(call: Caller) -> None:
    assert set(names(signed_in(call, BAPTISTE))) == {LINH.name, MARIBEL.name, SOFIA.name}
    for who in (ZHAO, ADMIN):
        assert signed_in(call, who)("GET", "/savable").status_code == 403


@pytest.mark.parametrize("name", NAMES)
def test_an_odd_course_is_only_ever_text(
    settings: Settings, calling: Calling, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    odd = replace(SCHEDULE, sections=(section("alg", name), section("eng", name)))
    monkeypatch.setattr(
        "support.alder_creek.roster_of",
        lambda people: replace(roster_of(people), schedule=odd, savable=COURSES),
    )
    keep(roomy(settings), TOWN)
    page = signed_in(calling(pages.routes, of=settings))("GET", "/savable").text
    assert "<script" not in page and " ".join(name.split()) in shown(page)
