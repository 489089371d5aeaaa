"""Whom to see first: each rule of METHOD on a small table of named people."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from ews.support.levels import (
    FIRST,
    NEXT,
    NOT_ENOUGH_DATA,
    NOT_THIS_WEEK,
    Before,
    Lines,
    Standing,
    shared_out,
    suggest,
    urgency,
)

LINES = Lines(
    high=0.60,
    elevated=0.30,
    first_share=1.0,
    listed_share=1.0,
    leave_margin=0.10,
    new_names=8,
    behavior_joins=False,
)


def student(name: str, school: str = "Alder", counselor: str = "Okafor", **p: float) -> Standing:
    return Standing(name, school, counselor, p)


def levels(*people: Standing, lines: Lines = LINES, enrolled: dict[str, int] | None = None) -> dict[str, str]:
    counts = enrolled or {one.school_id: len(people) for one in people}
    return {name: one.level for name, one in suggest(people, counts, lines).students.items()}


@pytest.mark.parametrize(
    ("p", "level"),
    [
        ({"overall": 0.60}, FIRST),
        ({"overall": 0.5999}, NEXT),
        ({"overall": 0.30}, NEXT),
        ({"overall": 0.2999}, NOT_THIS_WEEK),
        ({"overall": 0.20, "attendance": 0.70}, FIRST),
        ({"overall": 0.20, "grades": 0.35}, NEXT),
        ({"overall": 0.20, "behavior": 0.95}, NEXT),
        ({"attendance": 0.40}, NEXT),
        ({}, NOT_ENOUGH_DATA),
    ],
)
def test_the_severest_domain_decides_and_behavior_alone_never_puts_a_student_first(
    p: dict[str, float], level: str
) -> None:
    assert levels(student("Maribel", **p)) == {"Maribel": level}


def test_one_severe_domain_is_ranked_by_itself_however_fine_the_others_are() -> None:
    amina = student("Amina", attendance=0.72, grades=0.03, overall=0.41)  # the composite alone would hide it
    bao = student("Bao", attendance=0.05, grades=0.66, overall=0.38)
    carmen = student("Carmen", attendance=0.45, grades=0.44, overall=0.58)
    one_first = replace(LINES, first_share=0.25, listed_share=0.50)
    found = suggest([carmen, bao, amina], {"Alder": 4}, one_first).students
    assert {name: one.level for name, one in found.items()} == {
        "Amina": FIRST,
        "Bao": NEXT,
        "Carmen": NOT_THIS_WEEK,  # there are two places, and two whose need is greater
    }
    assert found["Amina"].urgency == 0.72 and found["Bao"].urgency == 0.66


def test_with_a_place_for_everyone_a_high_domain_is_always_seen_first() -> None:
    people = [
        student(f"{domain} {overall}", **{domain: 0.60, "overall": overall})
        for domain in ("attendance", "grades")
        for overall in (0.01, 0.29, 0.59, 0.95)
    ]
    assert set(levels(*people).values()) == {FIRST}


def test_behavior_in_overall_alone_keeps_a_student_out_of_the_top_whatever_it_says() -> None:
    joined = replace(LINES, behavior_joins=True)
    dev = student("Dev", behavior=0.97, attendance=0.04, grades=0.05, overall=0.91)
    assert levels(dev, lines=joined) == {"Dev": NEXT}


def test_overall_that_behavior_joined_counts_in_full_only_beside_another_domain() -> None:
    joined = replace(LINES, behavior_joins=True)
    assert urgency({"overall": 0.8, "behavior": 0.9, "attendance": 0.1}, joined) < 0.60
    assert urgency({"overall": 0.8, "behavior": 0.9, "attendance": 0.4}, joined) == 0.8


def test_places_follow_need_across_schools_and_not_enrollment() -> None:
    people = [student(f"Alder {n}", overall=0.70) for n in range(30)]
    people += [student(f"Orchard {n}", "Orchard", "Diaz", overall=0.70) for n in range(10)]
    tight = replace(LINES, first_share=0.10, listed_share=0.10)
    found = suggest(people, {"Alder": 100, "Orchard": 100}, tight)
    assert (found.schools["Alder"].first, found.schools["Orchard"].first) == (15, 5)
    assert found.schools["Alder"].beyond == 15


def test_places_are_dealt_out_whole_and_never_beyond_need() -> None:
    assert shared_out(10, {"a": 2, "b": 3}) == {"a": 2, "b": 3}
    assert shared_out(5, {"a": 1, "b": 1, "c": 10}) == {"a": 1, "b": 0, "c": 4}
    assert shared_out(0, {"a": 4}) == {"a": 0}
    assert shared_out(3, {}) == {}


def test_who_finds_no_place_first_is_seen_next_and_the_rest_stand_beyond_todays_staff() -> None:
    people = [student("Maribel", overall=0.9), student("Devon", overall=0.8), student("Linh", overall=0.7)]
    found = suggest(people, {"Alder": 10}, replace(LINES, first_share=0.10, listed_share=0.20))
    assert {name: one.level for name, one in found.students.items()} == {
        "Maribel": FIRST,
        "Devon": NEXT,
        "Linh": NOT_THIS_WEEK,
    }
    assert found.schools["Alder"].beyond == 1
    assert found.schools["Alder"].first_line == 0.9


@pytest.mark.parametrize(
    ("p", "weeks_below", "level", "weeks"),
    [
        (0.55, 0, FIRST, 0),  # below the line, within the margin
        (0.50, 1, FIRST, 0),  # on the margin: the count begins anew
        (0.49, 0, FIRST, 1),  # first week below
        (0.49, 1, NEXT, 0),  # second week below: down one level
        (0.10, 1, NOT_THIS_WEEK, 0),  # second week, and below the other line too
    ],
)
def test_a_level_is_left_only_after_two_weeks_below_its_line_less_the_margin(
    p: float, weeks_below: int, level: str, weeks: int
) -> None:
    harriet = replace(student("Harriet", overall=p), before=Before(FIRST, True, weeks_below))
    found = suggest([harriet], {"Alder": 10}, LINES).students["Harriet"]
    assert (found.level, found.weeks_below) == (level, weeks)
    assert found.changed == (level != FIRST)


def test_who_stays_takes_nobodys_place() -> None:
    stays = replace(student("Harriet", overall=0.62), before=Before(FIRST, True))
    comes = student("Devon", overall=0.65)
    one_place = replace(LINES, first_share=0.10, listed_share=0.10)
    assert levels(stays, comes, lines=one_place, enrolled={"Alder": 10}) == {"Harriet": FIRST, "Devon": FIRST}


def test_at_most_eight_new_names_a_counselor_a_week_and_the_others_wait() -> None:
    people = [student(f"Student {n:02}", overall=0.90 - n / 100) for n in range(12)]
    people += [student("Ana", counselor="Diaz", overall=0.40)]
    known = replace(student("Harriet", overall=0.35), before=Before(NEXT, True))
    found = suggest([*people, known], {"Alder": 14}, LINES).students
    assert [name for name, one in found.items() if one.waiting] == [f"Student {n:02}" for n in range(8, 12)]
    assert found["Ana"].is_new and not found["Harriet"].is_new and not found["Harriet"].waiting
    assert not found["Student 09"].is_new


def test_on_the_first_list_of_a_year_everybody_with_a_place_is_shown_and_nobody_is_new() -> None:
    people = [student(f"Student {n:02}", overall=0.90 - n / 100) for n in range(12)]
    found = suggest(people, {"Alder": 12}, LINES, first_list=True).students.values()
    assert all(one.level in (FIRST, NEXT) for one in found)
    assert not any(one.is_new or one.waiting or one.changed for one in found)


def test_new_names_come_first_among_the_eight_and_moves_fill_the_rest() -> None:
    rose = [replace(student(f"Rose {n}", overall=0.7), before=Before(NEXT, True)) for n in range(5)]
    new = [student(f"New {n}", overall=0.65) for n in range(6)]
    found = suggest([*rose, *new], {"Alder": 11}, LINES).students
    assert sum(one.is_new for one in found.values()) == 6
    assert [name for name, one in found.items() if one.changed] == ["Rose 0", "Rose 1"]
    assert not any(one.waiting for one in found.values())


def test_late_data_are_another_reason_than_a_want_of_places() -> None:
    people = [student("Maribel", overall=0.9), replace(student("Linh", overall=0.8), stale=True)]
    found = suggest(people, {"Alder": 10}, replace(LINES, first_share=0.10, listed_share=0.10))
    assert found.students["Linh"].level == NOT_THIS_WEEK
    assert found.schools["Alder"].beyond == 0


def test_a_name_shown_earlier_this_week_does_not_lose_its_place_to_a_newer_one() -> None:
    shown = [replace(student(f"Shown {n}", overall=0.61), shown_this_week=True) for n in range(8)]
    found = suggest([*shown, student("Late", overall=0.95)], {"Alder": 9}, LINES).students
    assert found["Late"].waiting and not any(found[one.student_id].waiting for one in shown)


def test_a_student_who_waited_is_new_when_the_turn_comes() -> None:
    waited = replace(student("Linh", overall=0.7), before=Before(FIRST, shown=False))
    found = suggest([waited], {"Alder": 1}, LINES).students["Linh"]
    assert found.is_new and not found.changed and found.previous_level is None


def test_late_data_raise_no_new_name_and_keep_those_on_the_list() -> None:
    new = replace(student("Linh", overall=0.9), stale=True)
    kept = replace(student("Devon", overall=0.1), stale=True, before=Before(FIRST, True, 1))
    assert levels(new, kept) == {"Linh": NOT_THIS_WEEK, "Devon": FIRST}


def test_the_order_of_the_students_does_not_matter() -> None:
    people = [student(f"s{n}", overall=(n * 37 % 100) / 100, attendance=0.3) for n in range(60)]
    few = replace(LINES, first_share=0.05, listed_share=0.15)
    first = suggest(people, {"Alder": 60}, few).students
    shuffled = random.Random(4).sample(people, len(people))
    assert suggest(shuffled, {"Alder": 60}, few).students == first
