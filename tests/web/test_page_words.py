"""How days, counts and school-wide matters are said."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from ews.risk.abc_rule import RULES
from ews.support.facts import Rule, Through
from ews.support.risk_list import Notice, SchoolFacts
from ews.web import words


def notice(grade: int, domain: str, school: str = "Alder Creek") -> Notice:
    """A school-wide matter."""
    return Notice(school, school, grade, domain, "")


def school(name: str, attendance: date | None) -> SchoolFacts:
    """A school whose attendance is there up to a day."""
    return SchoolFacts(name, name, Through(attendance, None, None))


def test_a_day_never_breaks_over_two_lines() -> None:
    assert " " not in words.day(date(2025, 11, 14))
    assert words.weekday(date(2025, 11, 14)) == "Fri\u00a014\u00a0Nov"


def test_a_moment_is_told_in_the_timezone_of_the_district() -> None:
    assert words.moment(datetime(2025, 11, 15, 7, 5, tzinfo=UTC), ZoneInfo("America/Los_Angeles")) == (
        "14\u00a0Nov,\u00a023:05"
    )


def test_a_day_with_no_data_is_said_so() -> None:
    assert words.day(None) == "no data"


def test_one_is_one_and_many_are_many() -> None:
    assert words.counted(1, "student") == "1\u00a0student"
    assert words.counted(1900, "student") == "1,900\u00a0students"


def test_grades_below_the_first_have_names() -> None:
    assert [words.grade(level) for level in (-1, 0, 9)] == ["TK", "Kindergarten", "Grade\u00a09"]


def test_the_grade_is_not_repeated_in_a_row_of_the_list() -> None:
    assert words.short_typical("typical in grade 9: 0 to 1") == "typical 0 to 1"


def test_rules_are_told_in_words() -> None:
    assert words.rule_words([Rule("A", RULES["A"]), Rule("C", RULES["C"])]) == "absence, marks"


def test_bars_of_a_calm_month_stay_small_and_a_hard_week_is_tall() -> None:
    assert words.bar_heights([0, 0, 1, 0]) == [2, 2, 6, 2]
    assert words.bar_heights([0, 0, 0, 5])[-1] == 14


def test_school_wide_matters_are_told_in_one_sentence_a_school() -> None:
    told = words.school_wide([notice(9, "attendance"), notice(10, "attendance"), notice(9, "grades")])
    assert told.replace("\u00a0", " ") == (
        "School-wide matters at Alder Creek this month: attendance in grades 9 and 10; marks in grade 9."
    )
    assert words.school_wide([notice(0, "attendance")]) == (
        "Attendance in kindergarten is a school-wide matter at Alder Creek this month."
    )


def test_domains_that_share_their_grades_are_told_together() -> None:
    told = words.school_wide(
        [notice(level, domain) for level in (9, 10, 11) for domain in ("attendance", "grades")]
    )
    assert told.replace("\u00a0", " ") == (
        "School-wide matters at Alder Creek this month: attendance and marks in grades 9 to 11."
    )
    assert words.grades_together((0, 1, 2)).replace("\u00a0", " ") == "kindergarten to grade 2"


def test_a_contact_of_years_ago_is_told_with_its_year() -> None:
    today = date(2025, 11, 14)
    assert words.dated(date(2025, 10, 21), today) == "21\u00a0Oct"
    assert words.dated(date(2023, 3, 1), today) == "1\u00a0March\u00a02023"
    assert words.days_ago(date(2025, 10, 21), today) == "24 days ago"
    assert words.days_ago(date(2023, 3, 1), today) == "over 2\u00a0years ago"
    assert words.how_long_ago(date(2025, 10, 21), today).replace("\u00a0", " ") == "21 Oct, 24 days ago"
    assert words.how_long_ago(date(2023, 3, 1), today) == "1\u00a0March\u00a02023"


def test_a_contact_after_the_list_s_day_is_told_as_a_day_alone() -> None:
    friday = date(2025, 11, 14)
    assert words.how_long_ago(friday, friday).replace("\u00a0", " ") == "14 Nov, today"
    assert words.how_long_ago(date(2025, 11, 17), friday) == "17\u00a0Nov"
    assert words.how_long_ago(date(2026, 11, 26), friday) == "26\u00a0Nov\u00a02026"


def test_schools_with_different_days_are_told_from_the_oldest_to_the_newest() -> None:
    told = words.data_through([school("A", date(2025, 11, 14)), school("B", date(2025, 11, 5))])
    assert told.replace("\u00a0", " ") == (
        "Attendance to 5 Nov, at some schools to 14 Nov. Marks not on record. Behavior not on record."
    )
