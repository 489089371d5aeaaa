"""Days missed, of days on which attendance was taken and the student was expected.

Profile ``ca``: a student who was at school for any part of the day is present; out-of-school
suspension and independent study without credit are absences, in-school suspension is not. Profile
``us``: the part of the day missed counts, and independent study is attendance. Home-hospital and
exempt days are nobody's; unknown days are not on record. All reasons count alike.

In positive attendance a day counts once it has a row. In negative attendance a day without a row is a
day present, as far as the school's attendance was complete.
"""

from __future__ import annotations

from typing import Any

import ibis
from ibis import _

from ews.features.calendar import WHOLE_DAY
from ews.features.freshness import taken_through
from ews.features.kept import kept
from ews.features.known import at_each_moment, both_known, limited, runs_of
from ews.features.snapshots import Snapshots

ABSENT = ("absent_excused", "absent_unexcused", "absent_unverified", "suspended_out")
PART_OF_A_DAY = ("tardy", "left_early", "partial")
NOT_EXPECTED = ("home_hospital", "exempt", "unknown")
SPRING_BEGINS = 2  # February
LOOK_BACK_DAYS = 75  # calendar days that hold any 20 school days, long breaks included
DAYS_MISSED_FOR_A_SHARE = 3 * WHOLE_DAY


def day_missed(status: Any, fraction: Any, profile: str) -> Any:
    """The part of a day that a row says was missed, 0 to 1, by the state's profile."""
    part = 0.0 if profile == "ca" else fraction.fill_null(0.0)
    study = fraction.fill_null(1.0) if profile == "ca" else fraction.fill_null(0.0)
    return ibis.cases(
        (status.isin(ABSENT), fraction.fill_null(1.0)),
        (status.isin(PART_OF_A_DAY), part),
        (status == "independent_study", study),
        else_=0.0,
    )


def days_on_record(ground: Snapshots) -> ibis.Table:
    """Runs of school days on which attendance counts: past, and in negative attendance as far as said.

    ``negative`` says how the school takes attendance, ``recent_until`` the last moment that has the day
    among its last 30 school days (null when none has).
    """
    taken = taken_through(ground).join(ground.calendars.select("school_id", "calendar"), "school_id")
    days = ground.school_days.join(
        taken.select("moment", "calendar", "as_of", "negative", "through"), ["moment", "calendar"]
    )
    over = ibis.ifelse(days.negative, (days.date <= days.through).fill_null(False), days.date <= days.as_of)
    runs = runs_of(
        days.filter(over),
        ["calendar", "date", "school_year", "weight", "ordinal", "estimated", "negative"],
    )
    recent = ground.windows.select("moment", "start_30", place="calendar")
    recent = (
        days.select("calendar", "date")
        .distinct()
        .join(recent, (_.calendar == recent.place) & (_.date >= recent.start_30))
    )
    recent = recent.group_by("calendar", "date").agg(recent_until=recent.moment.max())
    return runs.left_join(recent, ["calendar", "date"], rname="{name}_of_recent").select(
        *runs.columns, "recent_until"
    )


DAY = ("student", "calendar", "school_year", "date", "ordinal", "recent_until", "first", "last")


def attendance_days(ground: Snapshots) -> ibis.Table:
    """Runs of student days: student, school_year, date, ordinal, expected, absent, tardy (whole numbers).

    expected and absent are in ten-thousandths of a day. In negative attendance the days present come as
    rows of their own and the exceptions add what was missed, or take away who was not expected.
    """
    days = days_on_record(ground)
    spans = spans_of_days(ground)
    told = as_told(ground, spans, days)
    return told.union(present_by_default(spans, days).select(*told.columns))


def spans_of_days(ground: Snapshots) -> ibis.Table:
    """Runs of enrollments for comparison with past days: each version once, with its exit if known.

    An exit date still to come says nothing of a day that is over, so it need not be hidden here.
    """
    spans = ground.enrolled
    return spans.group_by("student", "school_id", "calendar", "entry_date", "known_at").agg(
        exit_date=spans.exit_date.max(), first=spans["first"].min(), last=spans["last"].max()
    )


def as_told(ground: Snapshots, spans: ibis.Table, days: ibis.Table) -> ibis.Table:
    """The attendance rows of days enrolled, as student days."""
    rows = both_known(ground.known("attendance", years=1), spans, ["student", "school_id"])
    rows = both_known(while_enrolled(rows), days, ["calendar", "date"])
    counted = rows.status.notnull() & ~rows.status.isin(NOT_EXPECTED)
    weight = ibis.ifelse(rows.negative | ~rows.estimated, rows.weight, WHOLE_DAY)
    missed = day_missed(rows.status, rows.absent_fraction, ground.settings["district.absence_profile"])
    expected = ibis.ifelse(rows.negative, ibis.ifelse(counted, 0, -weight), ibis.ifelse(counted, weight, 0))
    return rows.select(
        *DAY,
        expected=expected.cast("int64"),
        absent=ibis.ifelse(counted, (missed * weight).round(), 0).cast("int64"),
        tardy=(rows.status == "tardy").fill_null(False).cast("int32"),
    )


def present_by_default(spans: ibis.Table, days: ibis.Table) -> ibis.Table:
    """In negative attendance: every school day on record of every enrollment, as a day expected."""
    rows = while_enrolled(both_known(spans, days.filter(days.negative), ["calendar"]))
    return rows.select(
        *DAY,
        expected=rows.weight.cast("int64"),
        absent=ibis.literal(0, "int64"),
        tardy=ibis.literal(0, "int32"),
    )


def while_enrolled(rows: ibis.Table) -> ibis.Table:
    """Rows whose date is one of the enrollment's days."""
    return rows.filter(rows.date >= rows.entry_date, rows.exit_date.isnull() | (rows.date <= rows.exit_date))


def year_totals(ground: Snapshots, days: ibis.Table) -> ibis.Table:
    """moment, student: days expected and absent this year, last year and last spring, and more.

    Days are counted by their runs first and unfolded then, which keeps many moments cheap.
    """
    monday_friday = days.date.day_of_week.index().isin((0, 4))
    spring = days.date.month().between(SPRING_BEGINS, 6)
    folded = days.group_by("student", "school_year", "first", "last").agg(
        expected=days.expected.sum(),
        absent=days.absent.sum(),
        tardy=days.tardy.sum(),
        around_weekend=days.absent.sum(where=monday_friday),
        spring_expected=days.expected.sum(where=spring),
        spring_absent=days.absent.sum(where=spring),
        reached=days.ordinal.max(where=days.expected > 0),
    )
    rows = ground.at_each_moment(folded)
    now, before = rows.school_year == rows.this_year, rows.school_year == rows.this_year - 1
    return rows.group_by("moment", "student").agg(
        expected=rows.expected.sum(where=now),
        absent=rows.absent.sum(where=now),
        tardy=rows.tardy.sum(where=now),
        around_weekend=rows.around_weekend.sum(where=now),
        reached=rows.reached.max(where=now),
        expected_last_year=rows.expected.sum(where=before),
        absent_last_year=rows.absent.sum(where=before),
        expected_last_spring=rows.spring_expected.sum(where=before),
        absent_last_spring=rows.spring_absent.sum(where=before),
    )


def recent_totals(ground: Snapshots, days: ibis.Table, totals: ibis.Table) -> ibis.Table:
    """moment, student: days expected, absent and late of the student's last 10 and 20 school days.

    They end with the student's last day on record. Days more than 30 school days back are not recent.
    """
    recent = limited(days, last=days.recent_until.fill_null(-1))
    rows = at_each_moment(recent.select("student", "ordinal", "expected", "absent", "tardy", "first", "last"))
    rows = rows.join(totals.select("moment", "student", "reached"), ["moment", "student"])
    rows = rows.filter(rows.ordinal > rows.reached - 20)
    last_10 = rows.ordinal > rows.reached - 10
    last_5 = rows.ordinal > rows.reached - 5
    return rows.group_by("moment", "student").agg(
        expected_20=rows.expected.sum(),
        absent_20=rows.absent.sum(),
        tardy_20=rows.tardy.sum(),
        expected_10=rows.expected.sum(where=last_10),
        absent_10=rows.absent.sum(where=last_10),
        expected_5=rows.expected.sum(where=last_5),
        absent_5=rows.absent.sum(where=last_5),
    )


def streaks(ground: Snapshots, days: ibis.Table, totals: ibis.Table) -> ibis.Table:
    """moment, student: times away, the longest of them and the one still going on, in school days.

    A day counts when at least half of it was missed; days off and weekends do not break a streak.
    """
    away = limited(
        days.filter(2 * days.absent >= WHOLE_DAY), last=ground.moments.until_year_after(days.date, 0)
    )
    rows = at_each_moment(away.select("student", "ordinal", "first", "last")).distinct()
    order = ibis.row_number().over(group_by=["moment", "student"], order_by="ordinal")
    rows = rows.mutate(place=order)
    rows = rows.mutate(streak=(rows.ordinal - rows.place).cast("int32"))
    rows = rows.group_by("moment", "student", "streak").agg(
        length=rows.count().cast("int32"), end=rows.ordinal.max()
    )
    rows = rows.join(totals.select("moment", "student", "reached"), ["moment", "student"])
    return rows.group_by("moment", "student").agg(
        spells=rows.count().cast("int32"),
        longest=rows.length.max(),
        current=rows.length.max(where=rows.end == rows.reached),
    )


def attendance_features(ground: Snapshots) -> ibis.Table:
    """moment, student and every feature and fact of attendance; null where nothing is on record."""
    days = kept(attendance_days(ground))
    totals = kept(year_totals(ground, days))
    rows = totals
    for part in (
        recent_totals(ground, days, totals),
        streaks(ground, days, totals),
        periods_missed(ground, days),
    ):
        rows = rows.left_join(part, ["moment", "student"]).drop("moment_right", "student_right")
    before = rows.expected - rows.expected_20
    absent_before = rows.absent - rows.absent_20
    on_record = rows.expected > 0
    late = share(rows.tardy * WHOLE_DAY, rows.expected)
    return rows.select(
        "moment",
        "student",
        absence_rate_year=share(rows.absent, rows.expected),
        absence_rate_last_20=share(rows.absent_20, rows.expected_20),
        absence_rate_last_10=share(rows.absent_10, rows.expected_10),
        absence_trend=share(rows.absent_20, rows.expected_20) - share(absent_before, before),
        absence_streak_now=on_record.ifelse(rows.current.fill_null(0), None),
        absence_streak_longest=on_record.ifelse(rows.longest.fill_null(0), None),
        absence_spells=on_record.ifelse(rows.spells.fill_null(0), None),
        monday_friday_share=(rows.absent >= DAYS_MISSED_FOR_A_SHARE).ifelse(
            share(rows.around_weekend, rows.absent), None
        ),
        tardies_last_20=(rows.expected_20 > 0).ifelse(rows.tardy_20, None),
        tardy_rate_year=late,
        periods_missed_last_20=rows.periods_missed,
        absence_rate_last_year=share(rows.absent_last_year, rows.expected_last_year),
        absence_rate_last_spring=share(rows.absent_last_spring, rows.expected_last_spring),
        expected_days_year=rows.expected / WHOLE_DAY,
        fact_absent_days_year=rows.absent / WHOLE_DAY,
        fact_expected_days_year=rows.expected / WHOLE_DAY,
        fact_present_days_year=(rows.expected - rows.absent) / WHOLE_DAY,
        fact_absent_days_last_20=rows.absent_20 / WHOLE_DAY,
        fact_expected_days_last_20=rows.expected_20 / WHOLE_DAY,
        fact_absent_days_last_10=rows.absent_10 / WHOLE_DAY,
        fact_expected_days_last_10=rows.expected_10 / WHOLE_DAY,
        fact_present_days_last_20=(rows.expected_20 - rows.absent_20) / WHOLE_DAY,
        fact_absent_days_10_before=(rows.expected_20 - rows.expected_10 == 10 * WHOLE_DAY).ifelse(
            (rows.absent_20 - rows.absent_10) / WHOLE_DAY, None
        ),
        fact_present_days_last_5=(rows.expected_5 - rows.absent_5) / WHOLE_DAY,
        fact_absent_days_last_5=rows.absent_5 / WHOLE_DAY,
        fact_expected_days_last_5=rows.expected_5 / WHOLE_DAY,
        fact_absent_days_before=absent_before / WHOLE_DAY,
        fact_expected_days_before=before / WHOLE_DAY,
        fact_absent_days_monday_friday=rows.around_weekend / WHOLE_DAY,
        fact_tardies_year=rows.tardy,
        fact_absent_days_last_year=rows.absent_last_year / WHOLE_DAY,
        fact_expected_days_last_year=rows.expected_last_year / WHOLE_DAY,
        fact_absent_days_last_spring=rows.absent_last_spring / WHOLE_DAY,
        fact_expected_days_last_spring=rows.expected_last_spring / WHOLE_DAY,
    )


def share(part: Any, whole_of_it: Any) -> Any:
    """part / whole of two whole numbers; null when there is no whole."""
    return (whole_of_it > 0).ifelse(part / whole_of_it, None)


def periods_missed(ground: Snapshots, days: ibis.Table) -> ibis.Table:
    """moment, student, periods_missed: class periods missed on days at school, in the last 20 school days.

    Null for everyone when attendance by period was never handed over.
    """
    if not ground.records.has("attendance_period"):
        return ground.cohort.select("moment", "student", periods_missed=ibis.null("int64"))
    rows = ground.known("attendance_period", years=0)
    rows = limited(
        rows.filter(rows.status.isin(ABSENT)),
        last=ground.moments.until_days_after(rows.date, LOOK_BACK_DAYS),
    )
    rows = at_each_moment(rows.select("student", "date", "first", "last"))
    away = at_each_moment(
        limited(
            days.filter(2 * days.absent >= WHOLE_DAY),
            last=ground.moments.until_days_after(days.date, LOOK_BACK_DAYS),
        ).select("student", "date", "first", "last")
    )
    rows = rows.anti_join(away, ["moment", "student", "date"])
    cohort = with_windows(ground)
    rows = cohort.left_join(
        rows,
        (cohort.moment == rows.moment) & (cohort.student == rows.student) & (rows.date >= cohort.start_20),
    )
    return rows.group_by("moment", "student").agg(periods_missed=rows.date.count())


def with_windows(ground: Snapshots) -> ibis.Table:
    """The cohort with where its last 20 and 45 school days began: moment, student, start_20, start_45."""
    rows = ground.cohort.join(ground.windows, ["moment", "calendar"])
    return rows.select("moment", "student", "start_20", "start_45")
