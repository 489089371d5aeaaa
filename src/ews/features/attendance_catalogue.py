"""What the matrix has of attendance, with its meaning.

Counts and shares of days come with ``fact_`` columns, so that a sentence can say "4 of the last 10
school days" and never a percentage. School days are the days on which attendance was taken and the
student was expected.
"""

from __future__ import annotations

from ews.features.definition import Feature

ATTENDANCE = (
    Feature(
        name="absence_rate_year",
        phrase="Missed {fact_absent_days_year} of"
        " {fact_expected_days_year:# school day|# school days} this year",
        strength="At school on {fact_present_days_year} of {fact_expected_days_year:# day|# days} this year",
        strong_at=0.03,
        why="Days missed so far this year, for any reason, are the surest sign of days missed later in it.",
        unit="share of expected days",
        out_of="fact_expected_days_year",
        direction=1,
        imputation="median",
        driver="absence_year",
        source="attendance",
    ),
    Feature(
        name="absence_rate_last_20",
        phrase="Missed {fact_absent_days_last_20} of the last"
        " {fact_expected_days_last_20:# school day|# school days}",
        strength="At school on all of the last {fact_expected_days_last_20:# school day|# school days}",
        strong_at=0.0,
        why="The last month tells whether attendance is getting better or worse.",
        unit="share of expected days",
        out_of="fact_expected_days_last_20",
        direction=1,
        imputation="median",
        driver="absence_recent",
        source="attendance",
    ),
    Feature(
        name="absence_rate_last_10",
        phrase="Missed {fact_absent_days_last_10} of the last"
        " {fact_expected_days_last_10:# school day|# school days}",
        strength="At school on all of the last {fact_expected_days_last_10:# school day|# school days}",
        strong_at=0.0,
        why="The last two weeks are where a counselor can still find out what happened.",
        unit="share of expected days",
        out_of="fact_expected_days_last_10",
        direction=1,
        imputation="median",
        driver="absence_recent",
        source="attendance",
    ),
    Feature(
        name="absence_trend",
        phrase="Missed {fact_absent_days_last_20} of the last"
        " {fact_expected_days_last_20:# school day|# school days}"
        " and {fact_absent_days_before} of the {fact_expected_days_before} before them this year",
        strength="Missed {fact_absent_days_last_20} of the last {fact_expected_days_last_20} school days,"
        " after {fact_absent_days_before} of the {fact_expected_days_before} before",
        strong_at=-0.05,
        why="A change against the student's own earlier weeks is news; a level is not.",
        unit="difference of two shares of expected days",
        direction=1,
        imputation="zero",
        driver="absence_recent",
        source="attendance",
    ),
    Feature(
        name="absence_streak_now",
        phrase="Missed {absence_streak_now:the latest school day|the last # school days in a row}",
        why="A student who has not come back yet needs a call first.",
        unit="school days",
        direction=1,
        imputation="zero",
        driver="absence_recent",
        source="attendance",
    ),
    Feature(
        name="absence_streak_longest",
        phrase="Longest time away this year: {absence_streak_longest:# school day|# school days} in a row",
        why="One long absence has other reasons than many short ones.",
        unit="school days",
        direction=1,
        imputation="zero",
        driver="absence_year",
        source="attendance",
    ),
    Feature(
        name="absence_spells",
        phrase="Away on {absence_spells:# separate occasion|# separate occasions} this year",
        why="Many short absences are a habit or a barrier; they add up unnoticed.",
        unit="times away",
        direction=1,
        imputation="zero",
        driver="absence_year",
        source="attendance",
    ),
    Feature(
        name="monday_friday_share",
        phrase="{fact_absent_days_monday_friday} of {fact_absent_days_year:# day|# days} missed this year"
        " fell on a Monday or a Friday",
        why="Absences around weekends often have a cause in the family's week that can be talked about.",
        unit="share of days missed",
        out_of="fact_absent_days_year",
        direction=0,
        imputation="median",
        driver="absence_year",
        source="attendance",
    ),
    Feature(
        name="tardies_last_20",
        phrase="Late on {tardies_last_20} of the last"
        " {fact_expected_days_last_20:# school day|# school days}",
        why="Lateness often comes before absence.",
        unit="school days",
        direction=1,
        imputation="zero",
        driver="lateness",
        source="attendance",
    ),
    Feature(
        name="tardy_rate_year",
        phrase="Late on {fact_tardies_year} of"
        " {fact_expected_days_year:# school day|# school days} this year",
        strength="On time on all of"
        " {fact_expected_days_year:# school day|# school days} this year, when at school",
        strong_at=0.0,
        why="Steady lateness points at mornings: transport, siblings, sleep.",
        unit="share of expected days",
        out_of="fact_expected_days_year",
        direction=1,
        imputation="median",
        driver="lateness",
        source="attendance",
    ),
    Feature(
        name="periods_missed_last_20",
        phrase="Missed {periods_missed_last_20:# class|# classes} on days at school,"
        " in the last 20 school days",
        why="Missing single classes while at school points at the class, not at the way to school.",
        unit="class periods",
        direction=1,
        imputation="zero",
        driver="lateness",
        source="attendance_period",
    ),
    Feature(
        name="absence_rate_last_year",
        phrase="Missed {fact_absent_days_last_year} of"
        " {fact_expected_days_last_year:# school day|# school days} last year",
        why="Attendance is a habit with causes that often last longer than a summer.",
        unit="share of expected days",
        out_of="fact_expected_days_last_year",
        direction=1,
        imputation="median",
        driver="absence_before",
        source="attendance",
    ),
    Feature(
        name="absence_rate_last_spring",
        phrase="Missed {fact_absent_days_last_spring} of"
        " {fact_expected_days_last_spring:# school day|# school days}"
        " last spring",
        why="The end of last year says more about this fall than its beginning does.",
        unit="share of expected days",
        out_of="fact_expected_days_last_spring",
        direction=1,
        imputation="median",
        driver="absence_before",
        source="attendance",
    ),
)
