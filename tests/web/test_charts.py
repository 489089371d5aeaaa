"""Charts: every place on the paper comes from the weeks, labels keep off each other, nothing is a script."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from ews.web.charts import (
    NARROW,
    WIDE,
    Mark,
    Series,
    Term,
    Week,
    averages,
    contact_step,
    steps,
    stretches,
    term_steps,
    typical_range,
)
from ews.web.drawn import PRINT, TOP, drawing

AUTUMN = date(2025, 8, 18)
SPRING = date(2025, 5, 26)
NUMBER = r"(-?[\d.]+)"


def weeks(*values: float | None, since: date = AUTUMN) -> tuple[Week, ...]:
    """Weeks one after the other with these values."""
    return tuple(Week(since + timedelta(weeks=i), value, 5.0) for i, value in enumerate(values))


def days_missed(shown: tuple[Week, ...], terms: tuple[Term, ...] = (), **more: object) -> Series:
    """An attendance chart from 0 to 2 days."""
    marks = ((0.0, "0 missed"), (1.0, "1"), (2.0, "2"))
    series = Series("Days missed", shown, terms, marks, (0.0, 2.0), "averages", falling=True)
    return replace(series, **more)  # type: ignore[arg-type]


def drawn(series: Series, width: int = WIDE) -> str:
    return str(drawing(series, width, place="wide-drawing"))


def circles(svg: str) -> list[tuple[float, float]]:
    """The places of the single weeks."""
    return [(float(x), float(y)) for x, y in re.findall(rf'<circle cx="{NUMBER}" cy="{NUMBER}"', svg)]


def texts(svg: str, name: str) -> list[tuple[float, str]]:
    """The labels of a layer from left to right."""
    layer = re.search(rf'class="[^"]* {name}_text_marks">(.*?)</g>', svg)
    assert layer
    return [
        (float(x), says)
        for x, says in re.findall(rf"<text[^>]*translate\({NUMBER},[^>]*>([^<]*)</text>", layer[1])
    ]


def test_more_days_missed_stand_lower() -> None:
    places = circles(drawn(days_missed(weeks(0, 1, 2))))
    assert [y for _, y in places] == [0, 59, 118]


def test_a_value_past_the_scale_stands_on_its_end() -> None:
    assert circles(drawn(days_missed(weeks(0, 5))))[1][1] == 118


def test_the_line_is_the_average_of_four_weeks() -> None:
    assert averages(weeks(0, 0, 4, 0, 0)) == [0, 0, 4 / 3, 1, 1]


def test_a_week_without_school_has_no_average_and_no_circle() -> None:
    shown = weeks(1, None, 1)
    assert averages(shown) == [1, None, 1]
    assert len(circles(drawn(days_missed(shown)))) == 2


def test_the_line_stops_before_the_summer_and_the_average_does_not_cross_it() -> None:
    shown = weeks(2, 2, since=SPRING) + weeks(0, 0)
    assert averages(shown) == [2, 2, 0, 0]
    assert stretches(shown) == [0, 0, 1, 1]
    assert drawn(days_missed(shown)).count('judged_marks"><path') == 2


def test_a_summer_is_as_wide_as_two_weeks() -> None:
    assert steps(weeks(0, 0, since=SPRING) + weeks(0)) == [0, 0.3333, 1]


def test_a_term_is_marked_at_its_first_week() -> None:
    terms = (Term("Q1", AUTUMN), Term("Q2", AUTUMN + timedelta(days=15)))
    assert term_steps(days_missed(weeks(0, 0, 0, 0), terms)) == [(0, "Q1"), (1, "Q2")]


def test_a_term_that_ended_before_the_first_week_is_not_marked() -> None:
    assert term_steps(days_missed(weeks(0, 0), (Term("Q4", SPRING),))) == []


def test_labels_of_terms_that_would_touch_are_left_out() -> None:
    terms = tuple(Term(f"P{i}", AUTUMN + timedelta(weeks=i)) for i in range(36))
    says = [
        label for label in texts(drawn(days_missed(weeks(*[0.0] * 36), terms), NARROW), "terms") if label[1]
    ]
    assert 1 < len(says) < 36
    assert all(after[0] - before[0] > 14 for before, after in pairwise(says))


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_everything_stands_on_the_paper_in_both_widths(width: int) -> None:
    svg = drawn(days_missed(weeks(*[1.0] * 36), (Term("Q1", AUTUMN),)), width)
    left, top = (float(place) for place in re.findall(rf"translate\({NUMBER},{NUMBER}\)", svg)[0])
    assert f'viewBox="0 0 {width} 166"' in svg and top == TOP
    assert all(0 <= left + x <= width for x, _ in circles(svg))


def test_events_are_squares_only_where_there_was_one() -> None:
    series = Series("Incidents", weeks(0, 1, None, 2), (), ((0.0, "0"),), (0.0, 2.0), "events")
    svg = drawn(series)
    squares = re.search(r'class="[^"]* weeks_marks">(.*?)</g>', svg)
    assert squares and squares[1].count("<path") == 2
    assert "judged_marks" not in svg or 'judged_marks"><path' not in svg


def test_where_nothing_happened_that_is_said() -> None:
    series = Series("Incidents", weeks(0, 0), (), ((0.0, "0"),), (0.0, 2.0), "events", none="None")
    assert texts(drawn(series), "none") == [(8, "None")]


def test_no_week_at_all_draws_nothing_and_does_not_fail() -> None:
    assert circles(drawn(days_missed(()))) == []


def test_the_typical_range_is_seen_however_narrow_it_is() -> None:
    assert typical_range(days_missed(weeks(0), typical=(0.5, 1.0))) == (0.5, 1.0)
    assert typical_range(days_missed(weeks(0), typical=(0.0, 0.0))) == (0.0, 0.06)
    assert typical_range(days_missed(weeks(0))) is None


def test_a_contact_is_marked_in_its_week_and_only_within_the_weeks() -> None:
    series = days_missed(weeks(0, 2), contact=Mark("27 Aug: phone", AUTUMN + timedelta(days=9)))
    assert contact_step(series) == (1, 1.0, "27 Aug: phone")
    assert texts(drawn(series), "contact")[0][1] == "27 Aug: phone"
    assert contact_step(replace(series, contact=Mark("2 June: text", SPRING))) is None


def test_a_line_ends_in_its_newest_value() -> None:
    series = Series("Marks", weeks(80, 72.7), (), ((40.0, "40"),), (40.0, 100.0), "line")
    assert texts(drawn(series), "last")[0][1] == "73"


def test_a_drawing_has_a_name_no_script_no_style_and_no_address_of_the_outside() -> None:
    svg = drawn(days_missed(weeks(*[1.0] * 36), (Term("Q1", AUTUMN),), title='"<script>'))
    assert svg.startswith('<svg class="wide-drawing"')
    assert 'aria-label="&#34;&lt;script&gt;; the table below has every week"' in svg
    assert not re.search(r"<script|style=|href=|url\(|on\w+=", svg)
    assert len(svg) < 15_000


def test_on_paper_it_is_black_and_grey() -> None:
    svg = str(drawing(days_missed(weeks(0, 1)), WIDE, place="wide-drawing", ink=PRINT))
    colours = set(re.findall(r"#([0-9a-f]{6})", svg))
    assert all(len({colour[:2], colour[2:4], colour[4:]}) == 1 for colour in colours)
