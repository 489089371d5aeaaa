"""The parts of a score: bars in words, the same in a table, no number of risk anywhere."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from support.alder_creek import MARIBEL, MONDAY_MORNING, OKAFOR, driver, keep, opened, roomy

from ews.settings import Settings
from ews.support.student_view import StudentView, student_view
from ews.web.driver_chart import amount_of, driver_chart


@pytest.fixture
def view(settings: Settings) -> StudentView:
    keep(roomy(settings), [MARIBEL])
    with opened(settings) as store, store.begin() as tx:
        found = student_view(tx, OKAFOR, MARIBEL.student_id, now=MONDAY_MORNING)
    assert found is not None
    return found


def of_attendance(view: StudentView, *drivers: object) -> StudentView:
    """The view with these drivers of attendance alone."""
    score = next(one for one in view.scores if one.domain == "attendance")
    return replace(view, scores=(replace(score, drivers=drivers),))  # type: ignore[arg-type]


def test_each_bar_stands_in_the_table_with_its_fact(view: StudentView) -> None:
    chart = driver_chart(view)
    assert chart is not None
    drawn = re.findall(r"<text[^>]*>([^<]*)</text>", chart.drawing)
    assert {part.score for part in chart.parts} == {"Attendance", "Grades"} <= set(drawn)
    for part in chart.parts:
        assert {part.driver, part.amount} <= set(drawn)
        assert part.fact.fact
    assert not any(re.search(r"[%.]", text) for text in drawn)


def test_what_lowers_stands_on_the_other_side(view: StudentView) -> None:
    chart = driver_chart(
        of_attendance(
            view,
            driver("Missed 4 of 10 days. SIS, 14 Nov."),
            driver("On time on all of 60 days. SIS, 14 Nov.", direction="lowers", contribution=-0.5),
        )
    )
    assert chart is not None
    assert [(part.raises, part.amount) for part in chart.parts] == [(True, "some"), (False, "some")]
    assert chart.drawing.count('raises_marks"><path') == chart.drawing.count('lowers_marks"><path') == 1


def test_context_is_for_analysts_and_overall_is_made_of_the_others(view: StudentView) -> None:
    assert driver_chart(of_attendance(view, driver("Grade 9. SIS, 14 Nov.", "context"))) is None
    assert driver_chart(replace(view, scores=tuple(s for s in view.scores if s.domain == "overall"))) is None


@pytest.mark.parametrize(
    ("log_odds", "word"), [(1.2, "a lot"), (-1.0, "a lot"), (0.4, "some"), (0.1, "a little")]
)
def test_how_much_is_a_word(log_odds: float, word: str) -> None:
    assert amount_of(log_odds) == word
