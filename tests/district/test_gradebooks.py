"""Points come out at the newest mark, as at most teachers they do, and nothing but points is moved for it."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd
import pytest

from ews.district import cast
from ews.district.gradebooks import Newest, coming_out

SEMESTER, DROP = "2025-08-18", "2025-11-14"


@pytest.fixture(scope="module")
def courses(tiny) -> pd.DataFrame:
    """One row a student's course this semester: its newest mark, its points as a percent, what is not in."""
    marks = tiny("marks").query("as_of_date >= @SEMESTER and percent.notna()").sort_values("as_of_date")
    newest = marks.groupby(["student_id", "section_id"]).percent.last()
    due = tiny("assignments").query("@SEMESTER <= due_date <= @DROP")
    work = tiny("assignment_results").merge(due, on="assignment_id")
    work = work[(work.status == "missing") | ((work.status == "graded") & work.points_earned.notna())]
    work = work.assign(points_earned=work.points_earned.fillna(0.0), missing=work.status == "missing")
    sums = work.groupby(["student_id", "section_id"]).agg(
        earned=("points_earned", "sum"),
        possible=("points_possible", "sum"),
        missing=("missing", "sum"),
        pieces=("missing", "size"),
    )
    found = sums.join(newest, how="inner").reset_index()
    return found.assign(points=100 * found.earned / found.possible)


def test_points_come_out_at_the_mark_in_most_courses_and_some_teachers_count_in_another_way(courses):
    near = (courses.points - courses.percent).abs() <= 3
    assert 0.55 < near.mean() < 0.85


def test_about_half_of_the_low_courses_with_work_not_in_could_be_reckoned(courses):
    low = courses[(courses.percent < 65) & (courses.missing > 0) & (courses.pieces - courses.missing >= 2)]
    assert len(low) > 15
    assert ((low.points - low.percent).abs() <= 3).mean() > 0.35


@pytest.mark.parametrize(("course", "percent"), [("Biology", 58), ("Algebra 1", 57)])
def test_what_maribel_turned_in_comes_out_at_the_mark_with_two_pieces_not_in(tiny, courses, course, percent):
    section = tiny("sections").query("course_title == @course").section_id
    hers = courses[(courses.student_id == cast.MARIBEL) & courses.section_id.isin(section)].iloc[0]
    assert (hers.percent, hers.missing) == (percent, 2)
    assert hers.points == pytest.approx(percent, abs=1)


@pytest.mark.parametrize(
    ("mark", "shares"),
    [
        (60.0, [0.8, 0.8, 0.0]),  # 60 of 75 points, and 25 that are not in
        (np.nan, [0.5, 0.5, 0.0]),  # a teacher who counts in another way
        (90.0, [0.5, 0.5, 0.0]),  # what is not in weighs too much: no points come out at this mark
    ],
)
def test_graded_points_are_moved_where_they_can_come_out(mark, shares):
    newest = Newest(np.array([mark]), np.datetime64(date(2025, 8, 18)), np.datetime64(date(2025, 11, 14)))
    done = np.array([True, True, False])
    moved = coming_out(
        newest,
        np.zeros(3, int),
        np.array([0.5, 0.5, 0.0]),
        np.array([50.0, 25.0, 25.0]),
        np.ones(3, bool),
        done,
    )
    assert moved == pytest.approx(shares, abs=0.001)
