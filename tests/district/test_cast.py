"""The named students are there, and their records tell their stories."""

from __future__ import annotations

import pandas as pd
import pytest

from ews.district import cast


@pytest.fixture(scope="module")
def days(tiny) -> list[str]:
    """The school days of 2025-26 at Alder Creek up to 14 November."""
    calendar = tiny("calendar_days").query("school_id == '101' and is_instructional")
    return sorted(calendar[calendar.date.between("2025-08-01", "2025-11-14")].date)


def missed(tiny, who: str, dates: list[str]) -> int:
    rows = tiny("attendance").query("student_id == @who and absent_fraction > 0")
    return int(rows.date.isin(dates).sum())


def percents(tiny, who: str, course: str, year: int = 2026) -> dict[str, float]:
    marks = tiny("marks").query("student_id == @who").merge(tiny("sections")[["section_id", "course_title"]])
    mine = marks[(marks.course_title == course) & (marks.section_id.str.split("-").str[1] == str(year))]
    return dict(zip(mine.term_id.str.split("-").str[2], mine.percent, strict=True))


def test_everyone_of_the_cast_is_enrolled_at_alder_creek_in_their_grade(tiny):
    now = tiny("enrollments").query("school_year == 2026 and exit_date.isna()").set_index("student_id")
    names = tiny("student_names").set_index("student_id")
    for person in cast.STUDENTS:
        assert now.loc[person.student_id, "school_id"] == cast.HIGH
        assert now.loc[person.student_id, "grade_level"] == person.grade
        assert names.loc[person.student_id, "family_name"] == person.family


def test_the_whole_cast_is_on_ms_okafors_caseload_and_four_counselors_share_the_school(tiny):
    caseload = tiny("staff_caseload").query("end_date.isna()")
    hers = set(caseload.query("staff_id == @cast.OKAFOR").student_id)
    assert {person.student_id for person in cast.STUDENTS} <= hers
    sizes = caseload.groupby("staff_id").size()[[cast.OKAFOR, cast.RAMIREZ, cast.DESAI, cast.SORENSEN]]
    assert sizes.min() > 30


def test_every_named_adult_is_on_the_staff_and_those_who_sign_in_are_among_them(tiny):
    staff = tiny("staff").set_index("staff_id")
    assert all(staff.loc[person.staff_id, "name"] == person.name for person in cast.STAFF)
    for person in cast.SIGN_INS:
        assert staff.loc[person.staff_id, "name"] == person.name
        assert staff.loc[person.staff_id, "email"] == person.sign_in
        assert person.title[0].islower()
        assert person.title.endswith(("High School", "School District"))


def test_maribel_missed_four_of_the_last_ten_days_after_three_in_fifty_three(tiny, days):
    assert len(days) == 63
    assert missed(tiny, cast.MARIBEL, days[-10:]) == 4
    assert missed(tiny, cast.MARIBEL, days[:-10]) == 3
    last_year = tiny("calendar_days").query("'2024-08-01' < date < '2025-07-01'").date.tolist()
    assert missed(tiny, cast.MARIBEL, last_year) == 9


def lacking(tiny, who: str) -> dict[str, int]:
    """How many pieces of work of each course did not come in."""
    rows = tiny("assignment_results").query("student_id == @who and status == 'missing'")
    rows = rows.merge(tiny("assignments")[["assignment_id", "section_id"]])
    rows = rows.merge(tiny("sections")[["section_id", "course_title"]])
    return rows.course_title.value_counts().to_dict()


def test_maribels_algebra_stands_at_57_with_two_assignments_not_in_and_biology_fails_too(tiny):
    assert percents(tiny, cast.MARIBEL, "Algebra 1") == {"P1": 74, "Q1": 68, "P2": 57}
    assert percents(tiny, cast.MARIBEL, "Biology")["P2"] == 58
    assert percents(tiny, cast.MARIBEL, "Art 1")["P2"] == 96
    assert lacking(tiny, cast.MARIBEL) == {"Algebra 1": 2, "Biology": 2, "English 1": 1}


def test_maribels_week_is_new_her_fs_and_three_of_her_absences_came_after_the_friday_before(tiny, days):
    marks = tiny("marks").query("student_id == @cast.MARIBEL and letter == 'F'")
    assert len(marks) == 2
    assert (marks.recorded_at.str[:10] > "2025-11-07").all()
    assert missed(tiny, cast.MARIBEL, [day for day in days if day > "2025-11-07"]) == 3


@pytest.mark.parametrize("who", [cast.MARIBEL, cast.DEVON, cast.SOFIA], ids=["Maribel", "Devon", "Sofía"])
def test_whom_to_see_first_shows_in_more_than_one_way(tiny, days, who):
    marks = tiny("marks").query("student_id == @who and term_id == '101-2026-P2' and letter == 'F'")
    late = tiny("attendance").query("student_id == @who and status == 'tardy'")
    assert len(marks) == 2
    assert sum(lacking(tiny, who).values()) >= 4
    assert late.date.isin(days[-10:]).sum() >= 2
    assert missed(tiny, who, days) >= 7


def test_maribel_grew_a_level_in_english_and_is_a_learner_still(tiny):
    tests = tiny("assessments").query("student_id == @cast.MARIBEL and family == 'elpac_sum'")
    assert dict(zip(tests.assessment_code.str[-4:], tests.level, strict=True))["2025"] == 3
    assert tiny("el_status").query("student_id == @cast.MARIBEL").elas.tolist() == ["EL"]


def test_devon_was_late_on_seven_of_the_last_ten_days(tiny, days):
    late = tiny("attendance").query("student_id == @cast.DEVON and status == 'tardy'")
    assert late.date.isin(days[-10:]).sum() == 7


def test_sofia_failed_three_semester_courses_and_never_misses_a_friday(tiny, days):
    marks = tiny("marks").query("student_id == @cast.SOFIA and mark_type == 'semester'")
    assert (marks.letter == "F").sum() == 3
    assert missed(tiny, cast.SOFIA, [day for day in days if pd.Timestamp(day).day_of_week == 4]) == 0


def test_linh_has_not_missed_a_day_since_the_second_of_september(tiny, days):
    assert missed(tiny, cast.LINH, [day for day in days if day > "2025-09-02"]) == 0
    assert percents(tiny, cast.LINH, "Biology") == {"P1": 87, "Q1": 85, "P2": 64}
    assert lacking(tiny, cast.LINH)["Biology"] == 2


def test_andre_was_written_up_twice_since_the_third_of_november(tiny):
    incidents = tiny("student_incidents").query("student_id == @cast.ANDRE and role == 'offender'")
    dates = tiny("incidents").set_index("incident_id").occurred_on.loc[incidents.incident_id]
    assert (dates >= "2025-11-03").sum() == 2


def test_harriet_missed_two_of_the_last_ten_days_after_five_of_the_ten_before(tiny, days):
    assert missed(tiny, cast.HARRIET, days[-10:]) == 2
    assert missed(tiny, cast.HARRIET, days[-20:-10]) == 5
    assert percents(tiny, cast.HARRIET, "Chemistry") == {"P1": 70, "Q1": 54, "P2": 70}


def test_aaliyah_is_there_nearly_every_day_and_fails_nothing(tiny, days):
    assert missed(tiny, cast.AALIYAH, days) == 1
    marks = tiny("marks").query("student_id == @cast.AALIYAH and section_id.str.startswith('101-2026')")
    assert marks.percent.min() == 61


def test_tariq_in_foster_care_is_at_his_third_school_in_a_year(tiny):
    stays = (
        tiny("enrollments")
        .query("student_id == @cast.TARIQ and school_year >= 2025")
        .sort_values("entry_date")
    )
    assert stays.school_id.tolist() == ["201", "202", "101"]
    assert "foster" in set(tiny("programs").query("student_id == @cast.TARIQ").program)


def test_micaela_who_speaks_mam_came_in_february(tiny):
    students = tiny("students").set_index("student_id")
    assert students.loc[cast.MICAELA, "home_language"] == "mam"
    assert tiny("enrollments").query("student_id == @cast.MICAELA").entry_date.min() == "2025-02-10"
    assert tiny("el_status").query("student_id == @cast.MICAELA").start_date.tolist() == ["2025-02-10"]


def test_priya_has_a_3_9_average_and_is_often_at_home(tiny, days):
    marks = tiny("marks").query("student_id == @cast.PRIYA and mark_type == 'semester'")
    assert marks.gpa_points.mean() == pytest.approx(3.95, abs=0.06)
    assert missed(tiny, cast.PRIYA, days[-20:]) >= 6


def test_last_years_november_list_could_not_see_tyler(tiny):
    rows = tiny("attendance").query("student_id == @cast.TYLER and absent_fraction > 0")
    last_year = rows[rows.date.between("2024-08-01", "2025-06-30")]
    assert (last_year.date <= "2024-11-15").sum() == 1
    assert len(last_year) >= 18


def test_ximena_has_six_days_and_no_history(tiny, days):
    stays = tiny("enrollments").query("student_id == @cast.XIMENA")
    assert len(stays) == 1
    assert len([day for day in days if day >= stays.entry_date.iloc[0]]) == 6


def test_notices_of_truancy_stand_for_devon_and_sofia_and_not_for_maribel_whose_mother_was_called(tiny):
    notices = tiny("attendance_notices").query("notice_date >= '2025-08-01'")
    kinds = notices.groupby("student_id").kind.agg(list)
    assert kinds[cast.DEVON] == kinds[cast.SOFIA] == ["truancy_1", "truancy_2"]
    assert cast.MARIBEL not in kinds.index
    called = tiny("contacts").query("student_id == @cast.MARIBEL and reason == 'attendance'")
    unexcused = tiny("attendance").query("student_id == @cast.MARIBEL and status == 'absent_unexcused'")
    assert called.occurred_at.str[:10].min() < sorted(unexcused.date)[2]


def test_every_told_notice_was_due(tiny):
    rows = tiny("attendance").query("status == 'absent_unexcused' and date >= '2024-08-01'")
    told = tiny("attendance_notices").query(
        "student_id.str.startswith('00900') and kind != 'excessive_excused'"
    )
    assert len(told) == 7
    for notice in told.itertuples():
        start = "2025-08-01" if notice.notice_date > "2025-08-01" else "2024-08-01"
        mine = rows[(rows.student_id == notice.student_id) & rows.date.between(start, notice.notice_date)]
        assert len(mine) >= 3 * int(notice.kind[-1])
