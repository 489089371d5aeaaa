"""What was known on a day: corrections, late records, the local day, who was enrolled."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from small_school import (
    DAYS,
    LAST_YEAR,
    SETTINGS,
    attended,
    away,
    calendar,
    choosing,
    enrolled,
    enrolled_last_year,
    mark,
    rows_of,
    section,
    small_school,
    weekend_after,
    with_versions,
)

from ews.errors import OurFault
from ews.features.allowed import ALLOWED, FORBIDDEN
from ews.features.known import Moments, known_by
from ews.features.matrix import feature_matrix
from ews.records.contract import CONTRACT
from ews.records.lake import records_of
from ews.school_year import end_of_day

BEFORE, AFTER = weekend_after(20), weekend_after(40)
People = dict[str, pd.Series]
AsOf = Callable[[date], People]


def at_noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 20, tzinfo=UTC)


def attendance(student: str, status: str, known: date, until: date | None = None) -> dict[str, Any]:
    """One version of what was told of the student's tenth day."""
    return {
        "student_id": student,
        "school_id": "Lincoln",
        "date": DAYS[9],
        "status": status,
        "known_at": at_noon(known),
        "superseded_at": until and at_noon(until),
    }


VERSIONS = [
    attendance("Ana", "absent_unexcused", DAYS[9], DAYS[30]),
    attendance("Ana", "present", DAYS[30]),
    attendance("Ben", "present", DAYS[9], DAYS[30]),
    attendance("Ben", "absent_excused", DAYS[30]),
    attendance("Cora", "absent_excused", DAYS[35]),
    attendance("Dev", "absent_excused", DAYS[9], DAYS[30]),
]
ENROLLMENTS = [
    *(enrolled(name) for name in ("Ana", "Ben", "Cora", "Dev", "Ira")),
    enrolled("Eli", exit=DAYS[25]),
    enrolled("Fay", entry=DAYS[30]),
    enrolled_last_year("Gus") | {"exit_date": None},
    enrolled("Hana", grade=7),
    enrolled("Hana", grade=8, entry=DAYS[1], school_id="Roosevelt"),
    enrolled("Ira", entry=DAYS[1], school_id="Roosevelt", is_primary=False),
]


@pytest.fixture(scope="module")
def as_of(engine: Any) -> AsOf:
    told = small_school(
        enrollments=ENROLLMENTS,
        calendar_days=[
            row
            for school in ("Lincoln", "Roosevelt")
            for row in calendar(LAST_YEAR, school) + calendar(DAYS, school)
        ],
        sections=[section("Algebra 1")],
        marks=[
            mark("Ana", "Algebra 1", DAYS[10], letter="F", percent=50),
            mark("Ana", "Algebra 1", DAYS[12], letter="A", percent=95, recorded_at=at_noon(DAYS[30])),
        ],
    )
    records = with_versions(records_of(told, SETTINGS, engine), "attendance", VERSIONS)
    kept = feature_matrix(records, [BEFORE, AFTER], settings=SETTINGS)

    def on(day: date) -> People:
        return {row["student_id"]: row for _, row in kept[kept["as_of"] == day].iterrows()}

    return on


def test_an_absence_that_was_corrected_later_was_an_absence_until_then(as_of: AsOf) -> None:
    assert as_of(BEFORE)["Ana"]["fact_absent_days_year"] == 1
    assert as_of(AFTER)["Ana"]["fact_absent_days_year"] == 0
    assert as_of(BEFORE)["Ben"]["fact_absent_days_year"] == 0
    assert as_of(AFTER)["Ben"]["fact_absent_days_year"] == 1


def test_an_absence_recorded_late_was_not_known_before(as_of: AsOf) -> None:
    assert as_of(BEFORE)["Cora"]["expected_days_year"] == 0
    assert as_of(AFTER)["Cora"]["fact_absent_days_year"] == 1


def test_a_row_that_was_deleted_is_known_until_then(as_of: AsOf) -> None:
    assert as_of(BEFORE)["Dev"]["expected_days_year"] == 1
    assert as_of(AFTER)["Dev"]["expected_days_year"] == 0


def test_a_mark_posted_late_counts_from_then_on(as_of: AsOf) -> None:
    assert as_of(BEFORE)["Ana"]["fs_now"] == 1
    assert as_of(AFTER)["Ana"]["fs_now"] == 0


def test_who_has_left_is_no_longer_in_the_cohort_and_who_comes_not_yet(as_of: AsOf) -> None:
    assert "Eli" in as_of(BEFORE) and "Eli" not in as_of(AFTER)
    assert "Fay" not in as_of(BEFORE) and "Fay" in as_of(AFTER)


def test_an_enrollment_nobody_closed_ends_with_its_school_year(as_of: AsOf) -> None:
    assert "Gus" not in as_of(BEFORE)


def test_of_two_primary_enrollments_the_later_counts_and_a_second_school_does_not(as_of: AsOf) -> None:
    assert (as_of(BEFORE)["Hana"]["school_id"], as_of(BEFORE)["Hana"]["grade_level"]) == ("Roosevelt", 8)
    assert as_of(BEFORE)["Ira"]["school_id"] == "Lincoln"


def test_the_exit_date_is_the_last_day_enrolled() -> None:
    told = small_school(enrollments=[enrolled("Eli", exit=DAYS[25])])
    assert "Eli" in rows_of(told, DAYS[25])
    assert rows_of(told, DAYS[26]) == {}


def test_on_the_first_day_there_is_a_row_and_nothing_is_made_up() -> None:
    told = small_school(enrollments=[enrolled("Ana")], attendance=attended("Ana", DAYS[:1]))
    ana = rows_of(told, DAYS[0])["Ana"]
    assert (ana["week"], ana["expected_days_year"], ana["has_history"]) == (1, 0, False)
    assert all(math.isnan(ana[name]) for name in ("absence_rate_year", "absence_streak_now", "fs_now"))
    assert ana["attendance_through"] is None
    assert ana["days_since_entry"] == 0


def test_a_day_ends_at_the_districts_midnight_wherever_the_server_stands() -> None:
    evening = datetime(2025, 10, 11, 8, tzinfo=UTC)  # 10 October, 22:00 in Honolulu; past midnight in LA
    told = small_school(
        enrollments=[enrolled("Ana")],
        attendance=attended("Ana", [DAYS[39]], away([DAYS[39]]), recorded_at=evening),
    )
    on_the_day = date(2025, 10, 10)
    honolulu = choosing(district__timezone="Pacific/Honolulu")
    assert rows_of(told, on_the_day, honolulu)["Ana"]["fact_absent_days_year"] == 1
    assert rows_of(told, on_the_day)["Ana"]["expected_days_year"] == 0
    assert end_of_day(on_the_day, SETTINGS.timezone) == datetime(2025, 10, 11, 7, tzinfo=UTC)


def test_a_column_with_a_date_of_its_own_is_empty_until_then() -> None:
    told = small_school(enrollments=[enrolled("Eli", exit=DAYS[25])])
    moments = Moments.of([DAYS[10], DAYS[25]], SETTINGS.timezone)
    rows = known_by(records_of(told, SETTINGS), "enrollments", moments).to_pyarrow().to_pylist()
    assert {row["as_of"]: row["exit_date"] for row in rows} == {DAYS[10]: None, DAYS[25]: DAYS[25]}


def test_points_without_a_day_of_scoring_are_known_with_their_row_and_others_from_that_day() -> None:
    scored = datetime.combine(DAYS[14], datetime.min.time(), UTC)
    tables = small_school(
        enrollments=[enrolled("Ana"), enrolled("Ben")],
        sections=[section("Algebra 1")],
        assignments=[{"assignment_id": "page 1", "section_id": "Algebra 1", "due_date": DAYS[4]}],
        assignment_results=[
            {"student_id": name, "assignment_id": "page 1", "status": "graded", "points_earned": 7, **day}
            for name, day in (("Ana", {}), ("Ben", {"scored_at": scored}))
        ],
    )
    days = [DAYS[4], DAYS[12], DAYS[20]]
    records = records_of(tables, SETTINGS)
    rows = known_by(records, "assignment_results", Moments.of(days, SETTINGS.timezone)).to_pyarrow()
    told = [(row["student_id"], days[row["moment"]], row["points_earned"]) for row in rows.to_pylist()]
    seen = {(student, day): points for student, day, points in told if points is not None}
    assert seen == {("Ana", DAYS[12]): 7, ("Ana", DAYS[20]): 7, ("Ben", DAYS[20]): 7}  # Ana's a week later


def test_a_calendar_that_changes_later_is_the_old_one_until_then() -> None:
    """A closure announced on the 30th day takes the 26th day off the calendar from then on."""
    told = small_school(enrollments=[enrolled("Ana")], attendance=attended("Ana", DAYS[:20]))
    off = calendar(DAYS[25:26])[0] | {"is_instructional": False, "known_at": at_noon(DAYS[30])}
    before = calendar(DAYS[25:26])[0] | {"superseded_at": at_noon(DAYS[30])}
    days = [*calendar(DAYS[:25]), before, off, *calendar(DAYS[26:80])]
    records = with_versions(records_of(told, SETTINGS), "calendar_days", days)
    assert rows_of(records, DAYS[29])["Ana"]["horizon_days"] == 45
    horizon = [rows_of(records, DAYS[day])["Ana"]["horizon_days"] for day in (36, 24)]
    assert horizon == [43, 45]
    assert rows_of(records, DAYS[24])["Ana"]["week"] == 5


@pytest.mark.parametrize("table", sorted(set(CONTRACT) - set(ALLOWED)))
def test_no_feature_may_read_a_table_that_is_not_allowed(table: str) -> None:
    moments = Moments.of([DAYS[10]], SETTINGS.timezone)
    with pytest.raises(OurFault, match="No feature may read"):
        known_by(records_of({}, SETTINGS), table, moments)


def test_no_allowed_column_is_forbidden_and_each_exists() -> None:
    for table, columns in ALLOWED.items():
        assert not FORBIDDEN.intersection(columns), table
        if table in CONTRACT:
            assert set(columns) <= {*CONTRACT[table].names, "event_on"}, table


def test_many_dates_at_once_answer_as_one_by_one() -> None:
    told = small_school(
        enrollments=ENROLLMENTS,
        attendance=attended("Ana", DAYS[:60], away(DAYS[3:9]))
        + attended("Ben", DAYS[:60], away(DAYS[30:33])),
    )
    days = [DAYS[0] + timedelta(days=days) for days in (4, 46)] + [date(2025, 7, 4), date(2026, 7, 4)]
    records = records_of(told, SETTINGS)
    together = feature_matrix(records, days, settings=SETTINGS)
    alone = [feature_matrix(records, [day], settings=SETTINGS) for day in sorted(days)]
    one_by_one = pd.concat([frame for frame in alone if len(frame)], ignore_index=True)
    pd.testing.assert_frame_equal(together, one_by_one[together.columns], check_dtype=False)
