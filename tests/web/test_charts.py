"""Charts: every place on the paper comes from the weeks, and labels keep off each other."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from ews.web.charts import NARROW, TOP, WIDE, Series, Term, Week, averages, drawing, places

AUTUMN = date(2025, 8, 18)
SPRING = date(2025, 5, 26)


def weeks(*values: float | None, since: date = AUTUMN) -> tuple[Week, ...]:
    """Weeks one after the other with these values."""
    return tuple(Week(since + timedelta(weeks=i), value, 5.0) for i, value in enumerate(values))


def days_missed(shown: tuple[Week, ...], terms: tuple[Term, ...] = ()) -> Series:
    """An attendance chart from 0 to 2 days."""
    marks = ((0.0, "0 missed"), (1.0, "1"), (2.0, "2"))
    return Series("Days missed", shown, terms, marks, (0.0, 2.0), "averages", falling=True)


def test_more_days_missed_stand_lower() -> None:
    drawn = drawing(days_missed(weeks(0, 1, 2)), WIDE)
    assert [y for _, y in drawn.dots] == sorted(y for _, y in drawn.dots)
    assert drawn.dots[0][1] == TOP


def test_a_value_past_the_scale_stands_on_its_end() -> None:
    drawn = drawing(days_missed(weeks(0, 5)), WIDE)
    assert drawn.dots[1][1] == drawn.grid[2]


def test_the_line_is_the_average_of_four_weeks() -> None:
    assert averages(weeks(0, 0, 4, 0, 0)) == [0, 0, 4 / 3, 1, 1]


def test_a_week_without_school_has_no_average_and_no_circle() -> None:
    shown = weeks(1, None, 1)
    assert averages(shown) == [1, None, 1]
    assert len(drawing(days_missed(shown), WIDE).dots) == 2


def test_the_line_stops_before_the_summer_and_the_average_does_not_cross_it() -> None:
    shown = weeks(2, 2, since=SPRING) + weeks(0, 0)
    assert averages(shown) == [2, 2, 0, 0]
    assert len(drawing(days_missed(shown), WIDE).lines) == 2


def test_a_summer_is_as_wide_as_two_weeks() -> None:
    first, second, third = places(weeks(0, 0, since=SPRING) + weeks(0), 0, 300)
    assert (first, second, third) == (0, 100, 300)


def test_a_term_is_marked_at_its_first_week() -> None:
    shown = weeks(0, 0, 0, 0)
    drawn = drawing(days_missed(shown, (Term("Q1", AUTUMN), Term("Q2", AUTUMN + timedelta(days=15)))), WIDE)
    assert drawn.terms == (drawn.dots[0][0], drawn.dots[3][0])


def test_a_term_that_ended_before_the_first_week_is_not_marked() -> None:
    assert drawing(days_missed(weeks(0, 0), (Term("Q4", SPRING),)), WIDE).terms == ()


def test_labels_of_terms_that_would_touch_are_left_out() -> None:
    terms = tuple(Term(f"P{i}", AUTUMN + timedelta(weeks=i)) for i in range(36))
    says = [text for text in drawing(days_missed(weeks(*[0.0] * 36), terms), NARROW).texts if text.y == 12]
    assert 1 < len(says) < 36
    assert all(after.x - before.x > 14 for before, after in pairwise(says))


def test_everything_stands_on_the_paper_in_both_widths() -> None:
    for width in (WIDE, NARROW):
        drawn = drawing(days_missed(weeks(*[1.0] * 36), (Term("Q1", AUTUMN),)), width)
        assert all(0 <= x <= width and 0 <= y <= drawn.height for x, y in drawn.dots)


def test_events_are_squares_only_where_there_was_one() -> None:
    series = Series("Incidents", weeks(0, 1, None, 2), (), ((0.0, "0"),), (0.0, 2.0), "events")
    drawn = drawing(series, WIDE)
    assert len(drawn.squares) == 2
    assert drawn.lines == ()


def test_no_week_at_all_draws_nothing_and_does_not_fail() -> None:
    drawn = drawing(days_missed(()), WIDE)
    assert (drawn.dots, drawn.lines, drawn.terms) == ((), (), ())
