"""A counselor would believe the made-up district: its shares are near the published ones."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

CLOSED = (2023, 2024, 2025, 2026)


def school_year(dates: pd.Series) -> pd.Series:
    days = pd.to_datetime(dates)
    return days.dt.year + (days.dt.month >= 7)


@pytest.fixture(scope="module")
def years(town) -> pd.DataFrame:
    """One row a student and school year: expected days, days missed, grade, their rate."""
    calendar = town("calendar_days").query("is_instructional")
    days = {school: np.sort(part.date.values.astype(str)) for school, part in calendar.groupby("school_id")}
    stays = town("enrollments")
    stays["expected"] = [
        np.searchsorted(days[s], last, side="right") - np.searchsorted(days[s], first)
        for s, first, last in zip(stays.school_id, stays.entry_date, stays.exit_date, strict=True)
    ]
    attendance = town("attendance")
    attendance["school_year"] = school_year(attendance.date)
    missed = attendance.groupby(["student_id", "school_year"]).absent_fraction.sum().rename("missed")
    rows = stays.groupby(["student_id", "school_year"]).agg(
        expected=("expected", "sum"), grade=("grade_level", "max")
    )
    rows = rows.join(missed).fillna({"missed": 0.0}).reset_index().query("expected >= 31")
    return rows.assign(rate=rows.missed / rows.expected)


def test_about_a_fifth_of_the_students_are_chronically_absent(years):
    assert (years.rate >= 0.10).mean() == pytest.approx(0.20, abs=0.03)


def test_about_a_fifth_of_the_chronically_absent_are_severely_so(years):
    assert (years.rate >= 0.20).sum() / (years.rate >= 0.10).sum() == pytest.approx(0.20, abs=0.05)


def test_absence_over_the_grades_has_the_shape_of_a_j(years):
    chronic = (years.rate >= 0.10).groupby(years.grade).mean()
    middle = chronic.loc[3:6].mean()
    assert chronic[0] > middle + 0.03
    assert chronic[12] > chronic[9]
    assert chronic[12] > chronic[0] > middle


def test_fridays_cost_about_a_point_and_a_half(town, years):
    attendance = town("attendance").query("absent_fraction > 0")
    weekday = pd.to_datetime(attendance.date).dt.day_of_week.value_counts()
    calendar = town("calendar_days").query("is_instructional")
    held = pd.to_datetime(calendar.date).dt.day_of_week.value_counts()
    daily = weekday / held
    points = 100 * years.missed.sum() / years.expected.sum() * (daily[4] - daily[:4].mean()) / daily.mean()
    assert points == pytest.approx(1.5, abs=0.5)


def test_september_predicts_the_year(town, years):
    attendance = town("attendance").query("absent_fraction > 0 and '2024-08-19' <= date <= '2024-09-30'")
    september = attendance.groupby("student_id").size()
    year = years.query("school_year == 2025").set_index("student_id")
    days = september.reindex(year.index).fillna(0)
    chronic = year.rate >= 0.10
    odds = [chronic[group].mean() / (1 - chronic[group].mean()) for group in (days <= 1, days.between(2, 4))]
    assert 3.5 < odds[1] / odds[0] < 7.5


def test_a_fifth_to_a_quarter_of_high_school_students_have_an_f_in_a_quarter(town):
    marks = town("marks").query("mark_type == 'grading_period' and section_id < '110'")
    has_f = marks.letter.eq("F").groupby([marks.term_id, marks.student_id]).any()
    assert has_f.mean() == pytest.approx(0.235, abs=0.035)


def test_english_learners_and_reclassified_students_are_as_many_as_in_california(town):
    enrolled = town("enrollments").query("school_year == 2026").drop_duplicates("student_id").student_id
    status = town("el_status").query("start_date <= '2026-01-15'").sort_values("start_date", kind="stable")
    now = status[status.student_id.isin(enrolled)].groupby("student_id").last()
    shares = now.elas.value_counts(normalize=True)
    assert shares["EL"] == pytest.approx(0.19, abs=0.03)
    assert shares["RFEP"] == pytest.approx(0.16, abs=0.03)
    learners = now[now.elas == "EL"]
    assert (learners.start_date < "2020-07-01").mean() == pytest.approx(0.33, abs=0.08)  # six years or more


def test_suspensions_and_incidents_are_as_rare_as_in_california(town, years):
    actions = town("discipline_actions").query("action == 'oss'")
    suspended = actions.groupby(school_year(actions.start_date)).student_id.nunique()
    assert (suspended / years.groupby("school_year").size()).mean() == pytest.approx(0.035, abs=0.008)
    involved = town("student_incidents").query("role == 'offender'")
    in_window = involved[involved.recorded_at.between("2024-10-25", "2025-01-17")].student_id.nunique()
    assert 0.04 < in_window / 3000 < 0.10


def test_nine_of_ten_enrollments_are_stable(town):
    stays = town("enrollments").query("school_year == 2025")
    whole = stays.exit_type.isin(["year_end", "graduated"]) & (stays.entry_date < "2024-09-05")
    stable = whole.groupby(stays.student_id).all()
    assert stable.mean() == pytest.approx(0.915, abs=0.015)
    homeless = set(town("programs").query("program == 'homeless'").student_id)
    assert stable[stable.index.isin(homeless)].mean() < stable.mean() - 0.05


def test_some_records_come_in_late_and_some_are_corrected(town):
    attendance = town("attendance")
    late = (pd.to_datetime(attendance.recorded_at.str[:10]) - pd.to_datetime(attendance.date)).dt.days
    assert (late >= 0).all()
    assert 0.05 < (late > 0).mean() < 0.30
    assert 0.005 < (late > 3).mean() < 0.05


def test_one_teacher_posts_only_at_the_end_of_a_quarter(town):
    marks = town("marks").merge(town("section_staff")[["section_id", "staff_id"]])
    his = marks[marks.staff_id == "S0012"]
    assert len(his)
    assert "progress" not in set(his.mark_type)


def test_a_substitute_wrote_a_few_codes_that_nobody_knows(town):
    unknown = town("attendance").query("status == 'QX'")
    assert 0 < len(unknown) < 40


def test_schools_closed_for_smoke(town):
    september = town("calendar_days").query("date == '2022-09-08'")
    assert len(september)
    assert not september.is_instructional.any()


def test_some_families_travel_in_january_on_independent_study(town):
    study = town("attendance").query("status == 'independent_study'")
    months = pd.to_datetime(study.date).dt.month
    assert len(study) > 100
    assert months.isin([12, 1, 2]).all()


def test_schools_reach_families_more_often_after_absences_and_fs(town, years):
    contacts = town("contacts").query("'2024-08-19' <= occurred_at < '2024-11-16'")
    reached = years.query("school_year == 2025").set_index("student_id")
    marks = town("marks").query("mark_type == 'grading_period' and letter == 'F'")
    failed = marks[marks.term_id.str.contains("-2025-Q1")].student_id
    has_one = reached.index.isin(contacts.student_id)
    in_need = (reached.rate >= 0.15) | reached.index.isin(failed)
    assert has_one[in_need].mean() == pytest.approx(0.50, abs=0.10)
    assert has_one[~in_need].mean() < 0.30
    newest = pd.to_datetime(contacts.groupby("student_id").occurred_at.max().str[:10])
    assert (newest < "2024-11-02").mean() > 0.6


def test_counselors_teachers_and_the_attendance_office_reach_families_in_every_way(town):
    contacts = town("contacts").merge(town("staff"), left_on="by_staff_id", right_on="staff_id")
    assert len(contacts) == len(town("contacts"))
    at_alder_creek = contacts.query("school_id == '101'")
    assert {"counselor", "teacher", "attendance_liaison"} <= set(at_alder_creek.role)
    assert at_alder_creek.role.value_counts(normalize=True).max() < 0.6
    assert set(contacts.channel) == {"phone", "email", "text", "in person"}
    assert contacts.channel.value_counts(normalize=True).min() > 0.05


@pytest.fixture(scope="module")
def notices(town) -> pd.DataFrame:
    """One row a notice about attendance: its school year and the days without a valid excuse before it."""
    attendance = town("attendance")
    without = attendance[
        (attendance.status == "absent_unexcused")
        | ((attendance.status == "tardy") & (attendance.minutes_late > 30))
    ]
    found = town("attendance_notices").assign(school_year=lambda rows: school_year(rows.notice_date))
    without = without.assign(school_year=school_year(without.date))[["student_id", "school_year", "date"]]
    both = found.merge(without, on=["student_id", "school_year"], how="left")
    before = (both.date < both.notice_date).groupby([both.student_id, both.notice_date, both.kind]).sum()
    return found.merge(before.rename("before").reset_index())


def test_a_notice_of_truancy_comes_after_three_days_without_an_excuse_the_next_after_six(notices):
    due = {"truancy_1": 3, "truancy_2": 6, "truancy_3": 9, "sart": 12, "sarb": 18}
    for kind, days in due.items():
        of_kind = notices[notices.kind == kind]
        assert len(of_kind), kind
        assert (of_kind.before >= days).all(), kind
        assert not of_kind.duplicated(["student_id", "school_year"]).any(), kind
    sent = notices[notices.kind.isin(due)].sort_values(["student_id", "notice_date"])
    apart = pd.to_datetime(sent.notice_date).groupby([sent.student_id, sent.school_year]).diff().dt.days
    assert apart.dropna().min() >= 10


def test_the_office_does_not_get_round_to_every_family(town, notices):
    first = notices[notices.kind == "truancy_1"].groupby("school_year").size()
    enrolled = town("enrollments").groupby("school_year").student_id.nunique()
    assert ((first / enrolled).loc[list(CLOSED)].between(0.20, 0.40)).all()


def test_notices_are_posted_on_school_days(town):
    held = set(town("calendar_days").query("is_instructional").date)
    assert set(town("attendance_notices").notice_date) <= held | {"2025-10-02", "2024-09-10", "2022-09-08"}
