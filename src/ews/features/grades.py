"""Marks now, marks before and work not turned in.

Marks now are each student's latest mark in every course whose term is under way. Last term is the
latest term that was over and left marks. Everything is as known on the as-of date.
"""

from __future__ import annotations

import ibis

from ews.features.attendance import LOOK_BACK_DAYS, share, with_windows
from ews.features.courses import FINAL, HUNDREDTHS, latest, read_marks, sections_of, terms_of
from ews.features.kept import kept
from ews.features.known import at_each_moment, both_known, known_between, limited
from ews.features.snapshots import Snapshots


def marks_now(ground: Snapshots, marks: ibis.Table, sections: ibis.Table) -> ibis.Table:
    """moment, student, section and the latest mark in each course under way."""
    terms = known_between(ground.records, "terms", ground.moments)
    terms = terms.select("term_id", "first", "last", term_opens="start_date", term_closes="end_date")
    rows = both_known(both_known(marks, sections, ["section_id"]), terms, ["term_id"])
    moments = ground.moments
    rows = limited(
        rows,
        first=moments.from_day(rows.opens.coalesce(rows.term_opens)),
        last=ibis.least(
            moments.until_day(rows.closes.coalesce(rows.term_closes)),
            moments.until_year_after(rows.as_of_date, 0),
        ),
    )
    rows = rows.select(
        "student", "section", "term_id", "as_of_date", "official", "percent", "points", "is_f", "is_d",
        "standard", "is_core", "title", "telling", "first", "last",
    )  # fmt: skip
    return latest(at_each_moment(rows), of=("student", "section"))


def summary_now(now: ibis.Table) -> ibis.Table:
    """moment, student and the counts over the courses under way; null where no such mark is known."""
    lettered = now.standard.isnull()
    core = lettered & now.is_core.fill_null(False)
    return now.group_by("moment", "student").agg(
        marks=now.count(where=lettered),
        graded=now.points.count(where=lettered),
        passed=(~now.is_f).cast("int32").sum(where=lettered & (now.points > 0)),
        fs=now.is_f.cast("int32").sum(where=lettered),
        ds=now.is_d.cast("int32").sum(where=lettered),
        core_fs=now.is_f.cast("int32").sum(where=core),
        points=now.points.sum(),
        with_points=now.points.count(),
        percents=now.percent.sum(),
        with_percent=now.percent.count(),
        standards=now.standard.sum(),
        with_standard=now.standard.count(),
    )


def lowest_now(now: ibis.Table) -> ibis.Table:
    """moment, student, lowest (hundredths of a percent) and the title of that course."""
    rows = now.filter(now.percent.notnull())
    order = ibis.row_number().over(group_by=["moment", "student"], order_by=["percent", "section"])
    rows = rows.mutate(place=order)
    return rows.filter(rows.place == 0).select("moment", "student", lowest="percent", lowest_course="title")


def best_now(now: ibis.Table, mark: str) -> ibis.Table:
    """moment, student, best_{mark} (hundredths) and best_{mark}_course, of courses with a title to say."""
    rows = now.filter(now[mark].notnull(), ~now.is_f, ~now.telling)
    order = ibis.row_number().over(group_by=["moment", "student"], order_by=[rows[mark].desc(), rows.section])
    rows = rows.mutate(place=order)
    rows = rows.filter(rows.place == 0)
    return rows.select("moment", "student", **{f"best_{mark}": mark, f"best_{mark}_course": "title"})


def marks_before(ground: Snapshots, marks: ibis.Table) -> ibis.Table:
    """moment, student: Fs and mean percent of last term, mean points of last school year."""
    rows = both_known(marks.filter(marks.mark_type.isin(FINAL)), terms_of(ground), ["term_id"])
    moments = ground.moments
    rows = limited(
        rows,
        first=moments.from_day(rows.end_date + ibis.interval(days=1)),
        last=moments.until_year_after(rows.end_date, 1),
    )
    rows = last_word(ground, rows, of=("student", "section_id", "term_id"))
    rows = rows.group_by("student", "term_year", "term_place", "first", "last").agg(
        fs=rows.is_f.cast("int32").sum(where=rows.standard.isnull()),
        percents=rows.percent.sum(),
        with_percent=rows.percent.count(),
        points=rows.points.sum(),
        with_points=rows.points.count(),
    )
    rows = ground.at_each_moment(rows)
    rows = rows.mutate(newest=rows.term_place.max().over(group_by=["moment", "student"]))
    last_term = rows.term_place == rows.newest
    last_year = rows.term_year == rows.this_year - 1
    return rows.group_by("moment", "student").agg(
        fs_last_term=rows.fs.sum(where=last_term),
        percents_last_term=rows.percents.sum(where=last_term),
        with_percent_last_term=rows.with_percent.sum(where=last_term),
        points_last_year=rows.points.sum(where=last_year),
        with_points_last_year=rows.with_points.sum(where=last_year),
    )


def credits(ground: Snapshots, marks: ibis.Table, sections: ibis.Table) -> ibis.Table:
    """moment, student: credits earned and tried (hundredths) in all courses that ended so far.

    A course over two terms gives its credits twice, once a term: each term's last mark counts.
    """
    rows = marks.filter(marks.mark_type.isin(("semester", "final")), marks.credits_earned.notnull())
    worth = sections.filter(sections.credits_possible > 0)
    rows = both_known(rows, worth.select("section_id", "credits_possible", "first", "last"), ["section_id"])
    rows = last_word(ground, rows, of=("student", "section_id", "term_id"))
    earned = (rows.credits_earned * HUNDREDTHS).round().cast("int64")
    possible = (rows.credits_possible * HUNDREDTHS).round().cast("int64")
    rows = rows.group_by("student", "first", "last").agg(
        earned=earned.sum(), tried=ibis.greatest(earned, possible).sum()
    )
    rows = at_each_moment(rows)
    return rows.group_by("moment", "student").agg(earned=rows.earned.sum(), tried=rows.tried.sum())


def last_word(ground: Snapshots, marks: ibis.Table, of: tuple[str, ...]) -> ibis.Table:
    """Runs of marks in which only the latest of the same ``of`` stands at each moment.

    Nearly every course has one final mark; those keep their runs. Only where there are several are the
    moments looked at one by one.
    """
    marks = marks.mutate(several=marks.count().over(group_by=list(of)) > 1)
    alone = marks.filter(~marks.several).drop("several")
    several = at_each_moment(marks.filter(marks.several).drop("several"))
    several = latest(several, of=of)
    several = several.mutate(first=several.moment, last=several.moment)
    return alone.union(several.select(*alone.columns))


def work(ground: Snapshots, sections: ibis.Table) -> ibis.Table:
    """moment, student: assignments due and missing this term, and missing of the last 20 school days.

    Due are those whose due date has come, in a course under way, with a result that was known.
    """
    set_work = known_between(ground.records, "assignments", ground.moments)
    set_work = set_work.filter(set_work.due_date.notnull()).select(
        "assignment_id", "section_id", "due_date", "first", "last"
    )
    set_work = both_known(set_work, sections, ["section_id"])
    set_work = limited(
        set_work,
        first=ibis.greatest(
            ground.moments.from_day(set_work.due_date), ground.moments.from_day(set_work.opens)
        ),
        last=ibis.least(
            ground.moments.until_day(set_work.closes), ground.moments.until_year_after(set_work.due_date, 0)
        ),
    )
    results = ground.known("assignment_results", years=0)
    results = results.filter(results.status.isin(("graded", "submitted", "missing")))
    rows = both_known(
        results, set_work.select("assignment_id", "due_date", "first", "last"), ["assignment_id"]
    )
    rows = rows.mutate(missing=(rows.status == "missing").cast("int32"))
    folded = rows.group_by("student", "first", "last").agg(due=rows.count(), missing=rows.missing.sum())
    folded = at_each_moment(folded)
    term = folded.group_by("moment", "student").agg(due=folded.due.sum(), missing=folded.missing.sum())
    return term.left_join(recently_missing(ground, rows), ["moment", "student"]).drop(
        "moment_right", "student_right"
    )


def recently_missing(ground: Snapshots, rows: ibis.Table) -> ibis.Table:
    """moment, student, missing_20: assignments due in the last 20 school days and missing."""
    recent = limited(
        rows.filter(rows.missing == 1).select("student", "due_date", "first", "last"),
        last=ground.moments.until_days_after(rows.due_date, LOOK_BACK_DAYS),
    )
    recent = at_each_moment(recent).join(with_windows(ground), ["moment", "student"])
    recent = recent.filter(recent.due_date >= recent.start_20)
    return recent.group_by("moment", "student").agg(missing_20=recent.count())


def grade_features(ground: Snapshots) -> ibis.Table:
    """moment, student and every feature and fact of marks and work; null where nothing is on record."""
    sections = kept(sections_of(ground))
    marks = kept(read_marks(ground))
    now = kept(marks_now(ground, marks, sections))
    rows = ground.cohort.select("moment", "student")
    for part in (
        summary_now(now),
        lowest_now(now),
        best_now(now, "percent"),
        best_now(now, "standard"),
        marks_before(ground, marks),
        credits(ground, marks, sections),
        work(ground, sections),
    ):
        rows = rows.left_join(part, ["moment", "student"]).drop("moment_right", "student_right")
    marked = rows.marks > 0
    mean_now = share(rows.percents, rows.with_percent * HUNDREDTHS)
    mean_before = share(rows.percents_last_term, rows.with_percent_last_term * HUNDREDTHS)
    return rows.select(
        "moment",
        "student",
        fs_now=marked.ifelse(rows.fs, None),
        ds_now=marked.ifelse(rows.ds, None),
        core_fs_now=rows.core_fs,
        lowest_mark=rows.lowest / HUNDREDTHS,
        gpa_now=share(rows.points, rows.with_points * HUNDREDTHS),
        mark_change=mean_now - mean_before,
        standards_mark=share(rows.standards, rows.with_standard * HUNDREDTHS),
        missing_work=rows.missing,
        missing_work_share=share(rows.missing, rows.due),
        missing_work_last_20=(rows.due > 0).ifelse(rows.missing_20.fill_null(0), None),
        fs_last_term=rows.fs_last_term,
        gpa_last_year=share(rows.points_last_year, rows.with_points_last_year * HUNDREDTHS),
        credits_short=(rows.tried - rows.earned) / HUNDREDTHS,
        no_marks_now=(rows.marks.fill_null(0) + rows.with_standard.fill_null(0) == 0).cast("int32"),
        fact_marks_now=marked.ifelse(rows.marks, None),
        fact_graded_now=marked.ifelse(rows.graded, None),
        fact_passed_now=marked.ifelse(rows.passed.fill_null(0), None),
        fact_lowest_course=rows.lowest_course,
        fact_best_course=rows.best_percent_course,
        fact_best_mark=rows.best_percent / HUNDREDTHS,
        fact_best_standard_course=rows.best_standard_course,
        fact_best_standard=rows.best_standard / HUNDREDTHS,
        fact_mean_mark_now=mean_now,
        fact_mean_mark_last_term=mean_before,
        fact_work_due=rows.due,
        fact_work_turned_in=rows.due - rows.missing,
        fact_credits_earned=rows.earned / HUNDREDTHS,
        fact_credits_tried=rows.tried / HUNDREDTHS,
    )
