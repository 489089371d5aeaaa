"""Plans, programs and draws on their pages: named on every form, for those whose students they are."""

from __future__ import annotations

import re

import pytest
from support.alder_creek import (
    BAPTISTE,
    DIAZ,
    HIGH,
    LINH,
    MARIBEL,
    NOAH,
    OKAFOR,
    SOFIA,
    TOWN,
    ZHAO,
    keep,
    roomy,
)
from web.calling import NOW, Caller, Calling
from web.test_pages import NAMES, signed_in
from web.visitor import Visitor, shown

from ews.people.access import Principal
from ews.settings import Settings
from ews.web import pages

STUDENT = f"/students/{MARIBEL.student_id}"
MENTOR = {
    "kind": "Mentor", "tier": "Targeted", "goal": "In class by 8:10", "other_adult": "Coach Ruiz",
    "minutes_week": "60", "review_on": "2025-12-12", "about": MARIBEL.name,
}  # fmt: skip


@pytest.fixture
def call(settings: Settings, calling: Calling) -> Caller:
    """The pages of the town, scored."""
    keep(roomy(settings), TOWN, now=NOW)
    return calling(pages.routes, of=settings)


@pytest.fixture
def okafor(call: Caller) -> Visitor:
    return signed_in(call, OKAFOR)


def offered(visitor: Visitor, **changes: str) -> str:
    """The address of a new plan."""
    answer = visitor.send(f"{STUDENT}/plan", f"{STUDENT}/plan", form_id="o", **(MENTOR | changes))
    assert answer.status_code == 303, shown(answer.text)
    return answer.headers["location"]


def test_a_plan_is_offered_from_her_page_and_has_a_page_of_its_own(okafor: Visitor) -> None:
    assert f"Offer a plan to {MARIBEL.name}" in shown(okafor("GET", STUDENT).text)
    form = okafor("GET", f"{STUDENT}/plan").text
    assert form.count(MARIBEL.name) >= 5
    plan = offered(okafor)
    page = okafor("GET", plan).text
    for one in re.findall(r'<form class="[^"]*write[^"]*".*?</form>', page, re.S):
        assert MARIBEL.name in shown(one)
    okafor.send(f"{plan}/session", plan, on_day="2025-11-17", minutes="30", attended="yes", form_id="s")
    okafor.send(f"{plan}/review", plan, outcome="met", then="end", words="Every day", form_id="r")
    twin = okafor("GET", f"{plan}.json").json()
    assert (twin["plan"]["sessions"], twin["plan"]["outcome"]) == (1, "met")
    assert [one["kind"] for one in twin["events"]] == ["ended", "review", "session", "offered"]
    said = shown(okafor("GET", STUDENT).text)
    assert "Mentor" in said and "Ended : goal met" in said.replace("Ended: ", "Ended : ")


def test_a_review_ends_a_plan_only_where_it_says_so(okafor: Visitor) -> None:
    plan = offered(okafor)
    page = okafor("GET", plan).text
    assert re.search(r'name="again_on"[^>]* value="2025-12-15"', page)  # four weeks away
    went = {"outcome": "partial", "then": "on", "words": "Two of four are in"}
    answer = okafor.send(f"{plan}/review", plan, again_on="", form_id="r", **went)
    assert answer.status_code == 400
    assert "needs a day for the next review" in shown(answer.text) and "Two of four" in answer.text
    okafor.send(f"{plan}/review", plan, again_on="2025-12-15", form_id="r", **went)
    told = okafor("GET", f"{plan}.json").json()["plan"]
    assert (told["ended_on"], told["review_on"]) == (None, "2025-12-15")


def test_whoever_writes_a_plan_is_its_adult_until_they_choose_another(okafor: Visitor) -> None:
    form = okafor("GET", f"{STUDENT}/plan").text
    assert re.findall(r"selected>([^<]+), counselor</option>", form) == [OKAFOR.display_name]


def test_a_plan_that_cannot_be_comes_back_with_every_word(okafor: Visitor) -> None:
    answer = okafor.send(f"{STUDENT}/plan", f"{STUDENT}/plan", form_id="o", **(MENTOR | {"review_on": ""}))
    assert answer.status_code == 400
    assert "needs a day for its review" in shown(answer.text) and "In class by 8:10" in answer.text


def test_two_who_write_the_goal_at_once_lose_no_word(okafor: Visitor, call: Caller) -> None:
    baptiste = signed_in(call, BAPTISTE)
    plan = offered(okafor)
    fields = MENTOR | {"version": "1", "form_id": "c"}
    assert okafor.send(f"{plan}/change", plan, **(fields | {"goal": "Her goal"})).status_code == 303
    clash = baptiste.send(f"{plan}/change", plan, **(fields | {"goal": "His goal"}))
    said = shown(clash.text)
    assert clash.status_code == 409 and "Her goal" in said and "His goal" in said and MARIBEL.name in said
    assert "Minutes a week 60 Planned start Nothing" in said and "Next review 12 Dec 2025" in said
    again = re.search(r'name="version" value="(\d+)"', clash.text)
    assert again
    both = fields | {"goal": "Her goal, and his goal", "version": again[1], "review_on": "2025-12-15"}
    assert baptiste.send(f"{plan}/change", plan, **both).status_code == 303
    assert okafor("GET", f"{plan}.json").json()["plan"]["goal"] == "Her goal, and his goal"
    assert "Next review was: 12 Dec 2025" in shown(okafor("GET", plan).text)


@pytest.mark.parametrize("words", NAMES)
def test_what_a_plan_says_is_only_ever_text(okafor: Visitor, words: str) -> None:
    plan = offered(okafor, goal=words, other_adult=words, other_kind=words)
    okafor.send(f"{plan}/session", plan, on_day="2025-11-17", attended="no", words=words, form_id="s")
    for path in (plan, STUDENT, "/list?tab=all", "/list?tab=waiting"):
        assert "<script" not in okafor("GET", path).text
    assert words in shown(okafor("GET", plan).text)


def test_a_stranger_meets_the_page_that_is_not_there(call: Caller, okafor: Visitor) -> None:
    plan = offered(okafor)
    diaz = signed_in(call, DIAZ)
    nothing = shown(diaz("GET", "/students/nobody-at-all").text)
    for path in (plan, "/plans/999", f"{STUDENT}/plan", "/students/nobody/plan", "/programs/9", "/draws/9"):
        answer = diaz("GET", path)
        assert (answer.status_code, shown(answer.text)) == (404, nothing), path
    for act, fields in {
        "change": MENTOR | {"version": "1"},
        "start": {"on_day": "2025-11-17"},
        "session": {"on_day": "2025-11-17"},
        "review": {"outcome": "met", "then": "end"},
    }.items():
        for number in (plan, "/plans/999"):
            answer = diaz.send(f"{number}/{act}", "/how", form_id=act, **fields)
            assert (answer.status_code, shown(answer.text)) == (404, nothing), act
    assert diaz.send(f"{STUDENT}/plan", "/how", form_id="o", **MENTOR).status_code == 404
    assert okafor("GET", f"{plan}.json").json()["plan"]["version"] == 1


@pytest.mark.parametrize("who", [ZHAO])
def test_whoever_plans_nothing_is_refused(call: Caller, who: Principal) -> None:
    visitor = signed_in(call, who)
    for path in ("/programs", "/plans/1", f"{STUDENT}/plan", "/draws/1"):
        assert visitor("GET", path).status_code == 403


def test_an_administrator_keeps_the_programs_and_a_counselor_draws(call: Caller, okafor: Visitor) -> None:
    baptiste = signed_in(call, BAPTISTE)
    kept = {"school": HIGH, "name": "Math help", "tier": "Targeted", "places": "1", "minutes_week": "90"}
    assert okafor.send("/programs", "/programs", form_id="p", **kept).status_code == 403
    assert baptiste.send("/programs", "/programs", form_id="p", **kept).status_code == 303
    number = okafor("GET", "/programs.json").json()["programs"][0]["program_id"]
    assert "1 of 1 place free" in shown(okafor("GET", "/programs").text).replace("\xa0", " ")
    page = f"/programs/{number}"
    draw = okafor.send(f"{page}/draws", page, form_id="d").headers["location"]
    before = okafor("GET", draw).text
    twin = okafor("GET", f"{draw}.json").json()
    assert twin["draw"]["seed"] == "" and twin["draw"]["fingerprint"] in before
    assert okafor.send(draw, draw, form_id="e", student=SOFIA.student_id).status_code == 404
    few = okafor.send(draw, draw, form_id="e", student=MARIBEL.student_id)
    assert few.status_code == 400 and "no more names than that" in shown(few.text)
    assert f'value="{MARIBEL.student_id}" checked' in few.text and "Save it now" not in few.text
    names = [MARIBEL.student_id, LINH.student_id]
    assert okafor.send(draw, draw, form_id="e", student=names).status_code == 303  # type: ignore[arg-type]
    twin = okafor("GET", f"{draw}.json").json()
    said = shown(okafor("GET", draw).text)
    assert twin["draw"]["seed"] in said and "sha256sum" in said
    assert [one["drawn"] for one in twin["draw"]["names"]] == [True, False]
    assert "0 of 1 place free" in shown(okafor("GET", page).text).replace("\xa0", " ")
    again = okafor.send(draw, draw, form_id="f", student=[*names, NOAH.student_id])  # type: ignore[arg-type]
    assert again.status_code == 400 and "drawn before" in shown(again.text)
    none = okafor.send(f"{page}/draws", page, form_id="g", back=page)
    assert none.status_code == 400 and "no place to draw for" in shown(none.text)
    assert "Save it now" not in none.text and f'href="{page}">Back to the page' in none.text
    assert (
        baptiste.send("/programs", "/programs", form_id="q", **kept | {"name": "Reading"}).status_code == 303
    )
    taken = baptiste.send(f"{page}", page, form_id="r", **kept | {"name": "Reading", "version": "1"})
    assert taken.status_code == 400 and 'name="name" value="Reading"' in taken.text, "mended where it stands"


def test_a_name_written_from_right_to_left_turns_nothing_round_that_stands_after_it(
    call: Caller, okafor: Visitor
) -> None:
    name = "\u202eعون"
    kept = {"school": HIGH, "name": name, "tier": "Targeted", "places": "2", "minutes_week": "90"}
    signed_in(call, BAPTISTE).send("/programs", "/programs", form_id="p", **kept)
    number = okafor("GET", "/programs.json").json()["programs"][0]["program_id"]
    plan = offered(okafor, kind=f"program-{number}")
    draw = okafor.send(f"/programs/{number}/draws", f"/programs/{number}", form_id="d").headers["location"]
    for path in ("/programs", f"/programs/{number}", draw, plan, f"{STUDENT}/plan", STUDENT, "/list?tab=all"):
        page = okafor("GET", path).text
        alone = re.sub(r"<bdi>[^<]*</bdi>|\u2068[^<]*\u2069|<input [^>]*>", "", page)
        assert name in page and name not in alone, path
