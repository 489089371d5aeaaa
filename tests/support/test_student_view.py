"""A student's page: the order of what is said, how sure, and the same nothing for others and nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlalchemy import select
from support.alder_creek import (
    ADMIN,
    DIAZ,
    FRIDAY,
    LAST_FRIDAY,
    LINH,
    MARIBEL,
    MONDAY_MORNING,
    NOAH,
    OKAFOR,
    XIMENA,
    ZHAO,
    keep,
    opened,
    roomy,
)

from ews.people.access import Principal
from ews.settings import Settings
from ews.store.tables import ledger, ledger_students
from ews.support.student_view import StudentView, student_view
from ews.support.sureness import ScoreFacts, frequency_of, out_of_ten, word_and_why


def look(settings: Settings, principal: Principal, student_id: str, **more: object) -> StudentView | None:
    with opened(settings) as store, store.begin() as tx:
        return student_view(tx, principal, student_id, now=MONDAY_MORNING, **more)  # type: ignore[arg-type]


def test_strengths_then_change_then_three_cards_then_how_sure(settings: Settings) -> None:
    keep(roomy(settings), [replace(MARIBEL, fs=1.0)])
    view = look(settings, OKAFOR, "maribel-santos")
    assert view is not None
    assert [strength.fact for strength in view.strengths] == ["Passing every core course now"]
    assert view.change == (
        "See first, on this year's first list: Missed 4 of the last 10 school days;"
        " 1 F among 6 current marks."
    )
    assert [card.title for card in view.cards] == ["Attendance", "Grades", "Behavior"]
    attendance, grades, behavior = view.cards
    assert attendance.band == "high"
    assert [reason.text for reason in attendance.reasons] == [
        "Missed 4 of the last 10 school days (typical in grade 9: 0 to 1). SIS, 14 Nov.",
        "Background: Missed 30 of 180 school days last year. SIS, 14 Nov.",
    ]
    assert [week.value for week in attendance.weeks] == [0, 1, 2, 3]
    assert [week.starts_on for week in attendance.weeks][-1] == date(2025, 11, 10)
    assert grades.facts[0].fact == "1 F among 6 current marks"
    assert (behavior.band, behavior.status) == (None, "not_scored")
    assert view.sure == "Fairly sure about attendance and grades"
    assert [term.label for term in view.terms] == ["Q1"]
    assert view.why == "on the caseload"


def test_how_sure_says_how_many_of_100_and_draws_ten_circles(settings: Settings) -> None:
    keep(roomy(settings), [replace(MARIBEL, p={"attendance": 0.62, "grades": 0.05, "overall": 0.62})])
    view = look(settings, OKAFOR, "maribel-santos")
    assert view is not None
    attendance, grades = view.sureness
    assert attendance.frequency == (
        "Of 100 students with a record like this, about 60 to 75"
        " missed 10 % or more of the next 45 school days."
    )
    assert attendance.out_of_ten == (6, 8) and grades.out_of_ten == (0, 2)
    assert view.overall and (view.overall.range_low, view.overall.range_high) == (0.6, 0.75)


def test_a_wide_range_is_less_sure() -> None:
    score = ScoreFacts(
        "grades", "Grades", "scored", 0.5, "elevated", 1.0, (), None, None, "grades-1", 0.3, 0.7
    )
    assert word_and_why(score) == ("less sure", "Few earlier students had a record like this.")
    assert word_and_why(replace(score, range_high=0.6))[0] == "fairly sure"
    unknown = replace(score, range_low=None, range_high=None)
    among = "Of 100 students with a record like this, about 30 to 70 ended the term with an F"
    assert frequency_of(score) == f"{among}."
    assert frequency_of(score, d_counts=True) == f"{among}, or with a D in a course that counts for college."
    assert frequency_of(unknown) is None and out_of_ten(unknown) is None


def test_a_move_between_levels_is_this_weeks_change(settings: Settings) -> None:
    keep(roomy(settings), [replace(MARIBEL, p={"overall": 0.45})], LAST_FRIDAY)
    keep(roomy(settings), [MARIBEL])
    view = look(settings, OKAFOR, "maribel-santos")
    assert view is not None
    assert view.change.startswith("Moved from See next to See first: Missed 4 of the last 10")
    last_week = look(settings, OKAFOR, "maribel-santos", as_of=LAST_FRIDAY)
    assert last_week is not None and last_week.row.level == "see_next"


def test_a_new_name_says_so_and_who_only_wants_a_place_says_that(settings: Settings) -> None:
    one_place = replace(
        settings, choices={**settings.choices, "list.capacity_share": 0.34, "list.first_share": 0.34}
    )
    late = replace(LINH, stale=True)
    keep(one_place, [NOAH, late], LAST_FRIDAY)
    keep(one_place, [MARIBEL, LINH, NOAH])
    maribel, linh = look(settings, OKAFOR, "maribel-santos"), look(settings, OKAFOR, "linh-tran")
    assert maribel is not None and linh is not None
    assert maribel.change == (
        "New on the list: Missed 4 of the last 10 school days; 1 F among 6 current marks."
    )
    assert linh.change == "Above the line for See next; beyond today's places."
    assert (linh.row.beyond, linh.row.change) == (True, "Above the line")
    before = look(settings, OKAFOR, "linh-tran", as_of=LAST_FRIDAY)
    assert before is not None and not before.row.beyond, "late data keep Linh off the list, and not places"
    assert before.change == "Not on the list this week."


def test_too_little_on_record_is_said_and_why(settings: Settings) -> None:
    keep(roomy(settings), [XIMENA])
    view = look(settings, OKAFOR, "ximena-castillo")
    assert view is not None
    assert view.change == "Not enough data yet: 6 of 10 school days."
    assert view.overall is not None and view.overall.probability is None
    assert view.sureness[0].why.startswith("Fewer than 10 school days")


def test_who_has_viewed_the_page_does_not_count_this_look(settings: Settings) -> None:
    keep(roomy(settings), [MARIBEL])
    first = look(settings, OKAFOR, "maribel-santos")
    second = look(settings, OKAFOR, "maribel-santos")
    assert first is not None and first.viewers == ()
    assert second is not None
    assert [(seen.who, seen.action) for seen in second.viewers] == [("okafor@alder.example", "student")]


@pytest.mark.parametrize(
    ("principal", "student_id"),
    [(DIAZ, "maribel-santos"), (ADMIN, "maribel-santos"), (OKAFOR, "nobody"), (OKAFOR, "' OR 1=1 --")],
)
def test_a_student_of_others_and_one_who_does_not_exist_are_both_nothing(
    settings: Settings, principal: Principal, student_id: str
) -> None:
    keep(roomy(settings), [MARIBEL, NOAH])
    assert look(settings, principal, student_id) is None
    with opened(settings) as store, store.read() as tx:
        assert tx.execute(select(ledger)).all() == []
        assert tx.execute(select(ledger_students)).all() == []


def test_an_analyst_sees_the_record_but_neither_name_nor_viewers(settings: Settings) -> None:
    keep(roomy(settings), [MARIBEL])
    look(settings, OKAFOR, "maribel-santos")
    view = look(settings, ZHAO, "maribel-santos")
    assert view is not None
    assert view.row.display_name == "Student maribel-santos" and view.viewers == ()


def test_with_no_model_the_facts_stand_and_no_level_is_suggested(settings: Settings) -> None:
    keep(settings, [replace(MARIBEL, absence_rate=0.2)], models=False)
    view = look(settings, OKAFOR, "maribel-santos", as_of=FRIDAY)
    assert view is not None
    assert view.change == "No model is in service, so no level is suggested."
    assert view.cards[0].facts[0].fact == "Missed 12 of 60 school days this year"
    assert [rule.letter for rule in view.row.rules] == ["A"]
