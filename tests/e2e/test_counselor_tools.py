"""A counselor's tools in the demo: one question answered by two teachers, a group called and logged once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from e2e.conftest import WIDE, Demo, stays_here
from playwright.sync_api import Browser, Page, expect

from ews.district.cast import LINH

pytestmark = pytest.mark.browser

COUNSELOR = "d.okafor@tworivers.example"
TEACHERS = {
    "k.roy@tworivers.example": "Quiet since the seat change.",
    "s.park@tworivers.example": "Missed two Mondays, made up both.",
}
"""Two of the six who teach Linh Tran, and what each answers."""

Window = Callable[[str], Page]


@pytest.fixture
def window(chromium: Browser, demo_served: Demo) -> Iterator[Window]:
    """Opens the window of whoever is named; no request of any leaves the machine."""
    opened, away = [], []

    def of(who: str) -> Page:
        context = demo_served.context(chromium, who, viewport={"width": WIDE, "height": 900})
        opened.append(context)
        away.append(stays_here(context))
        return context.new_page()

    yield of
    for context in opened:
        context.close()
    assert away == [[] for _ in opened]


def test_one_question_is_answered_by_two_teachers_and_gathers_before_the_meeting(window: Window) -> None:
    okafor = window(COUNSELOR)
    okafor.goto(f"/students/{LINH}")
    okafor.get_by_role("link", name="Ask all teachers about Linh Tran").click()
    expect(okafor.get_by_role("heading", level=1)).to_have_text("Linh Tran")
    okafor.get_by_label("One question about Linh Tran").fill("What changed in October?")
    first = okafor.get_by_label("Answered by").get_attribute("min")
    assert first
    in_three_days = date.fromisoformat(first) + timedelta(days=3)
    okafor.get_by_label("Answered by").fill(in_three_days.isoformat())
    okafor.get_by_role("button", name="Ask 6 teachers").click()
    expect(okafor.locator("main")).to_contain_text("0 of 6 answered")

    for who, words in TEACHERS.items():
        page = window(who)
        page.goto("/asked")
        expect(page.get_by_role("heading", level=1)).to_have_text("Asked of me: 1")
        expect(page.locator("main")).to_contain_text("not by other teachers")
        page.get_by_label("Your answer about Linh Tran").fill(words)
        page.get_by_role("button", name="Answer about Linh Tran").press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Asked of me: 0")
        expect(page.get_by_role("heading", name="Answered, still open")).to_be_visible()

    okafor.reload()
    expect(okafor.locator("main")).to_contain_text("2 of 6 answered")
    expect(okafor.locator(".answers")).to_contain_text("Quiet since the seat change.")
    okafor.goto(f"/students/{LINH}")
    expect(okafor.locator("#questions")).to_contain_text("Missed two Mondays, made up both.")


def test_a_group_is_called_by_boxes_and_is_one_entry(window: Window) -> None:
    page = window(COUNSELOR)
    page.goto("/slips?grade=10")
    students = page.locator("label", has=page.locator('input[name="student"]'))
    came, stayed = students.nth(0), students.nth(2)
    for one in (came, students.nth(1), stayed):
        one.locator("input").check()
    names = [one.locator(".name").inner_text() for one in (came, stayed)]
    ids = [one.locator("input").get_attribute("value") for one in (came, stayed)]
    page.get_by_label("Out of period").select_option("3")
    page.get_by_role("button", name="Make the slips").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3\N{NO-BREAK SPACE}call slips")
    page.emulate_media(media="print")
    expect(page.locator(".slip")).to_have_count(3)
    expect(page.locator(".slip", has_text=names[0])).to_contain_text("Room")
    expect(page.get_by_role("button", name="Log one contact")).to_be_hidden()
    expect(page.locator("header.top")).to_be_hidden()
    page.emulate_media(media="screen")
    page.get_by_role("group", name="Who came").get_by_label(names[1]).uncheck()
    page.get_by_label("What was agreed").fill("Schedules for spring.")
    page.get_by_role("button", name="Log one contact").click()
    expect(page.locator("#log + .card, .apart .card")).to_contain_text("Logged as one contact")
    page.goto(f"/students/{ids[0]}")
    expect(page.locator("#contacts")).to_contain_text("One entry for 2 students.")
    expect(page.locator("#contacts")).to_contain_text("Schedules for spring.")
    page.goto(f"/students/{ids[1]}")
    expect(page.locator("#contacts")).not_to_contain_text("Schedules for spring.")
    page.goto(f"/list?tab=all&name={names[0]}")
    expect(page.locator("tbody tr").first).to_contain_text("in person")


def test_a_course_that_can_be_saved_is_found_and_its_family_called(window: Window) -> None:
    page = window(COUNSELOR)
    page.goto("/list")
    head = page.get_by_role("navigation", name="Main")
    head.locator("summary", has_text="Students and families").click()
    head.get_by_role("link", name="Still savable").click()
    row = page.locator("tbody tr", has_text="turned in, about").first
    name = row.get_by_role("link").first.inner_text()
    row.get_by_role("link", name=name).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.locator("summary", has_text="Log a contact about").click()
    page.get_by_label("How", exact=True).select_option("phone")
    page.get_by_label("What was agreed").fill("Both pages by Friday.")
    page.get_by_role("button", name="Log contact").click()
    expect(page.locator("#contacts")).to_contain_text("Both pages by Friday.")
    entry = page.locator("#contacts li", has_text="Both pages by Friday.")
    entry.get_by_role("button", name="Take back this contact").click()
    expect(page.locator("#contacts")).not_to_contain_text("Both pages by Friday.")
