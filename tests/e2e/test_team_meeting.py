"""A team meeting in the demo, from the list to what was decided, on the screen and on paper."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from e2e.conftest import ODD_NAMES, WIDE, Demo, stays_here
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import update
from web.test_meeting_pages import sheets_in

from ews.district.cast import TYLER
from ews.store import open_store
from ews.store.tables import run_students

pytestmark = [pytest.mark.slow, pytest.mark.browser]

COUNSELOR = "d.okafor@tworivers.example"
LETTER = {"width": 816, "height": 1056}
DECIDED_ON = "Devon Whitaker"
LONGEST = max(ODD_NAMES, key=len)


@pytest.fixture(scope="module")
def meeting(chromium: Browser, demo_served: Demo) -> str:
    """Where the agenda of a meeting is: three of those proposed, Devon, and the longest name."""
    with open_store(demo_served.settings) as store, store.begin() as tx:
        longest = update(run_students).where(run_students.c.student_id == TYLER)
        tx.execute(longest.values(display_name=LONGEST))
    context = demo_served.context(chromium, COUNSELOR)
    page = context.new_page()
    page.goto("/meetings")
    page.get_by_role("link", name="Call a meeting").click()
    page.get_by_label("Find somebody else by name").fill("whitaker")
    page.get_by_role("button", name="Find").click()
    page.get_by_label("Who attends").fill("Ms. Okafor, Dr. Baptiste, Mr. Lee")
    for box in page.locator("table").get_by_role("checkbox").all()[3:]:
        box.uncheck()
    page.get_by_label(DECIDED_ON).check()
    page.get_by_role("button", name="Call the meeting").click()
    page.wait_for_url(re.compile(r"/meetings/\d+$"))
    bring(page, "lindqvist", LONGEST)
    address = page.url.removeprefix(demo_served.address).partition("?")[0]
    context.close()
    return address


@pytest.fixture
def page(chromium: Browser, demo_served: Demo) -> Iterator[Page]:
    """Ms. Okafor's window; no request of it leaves the machine."""
    context = demo_served.context(chromium, COUNSELOR, viewport={"width": WIDE, "height": 900})
    away = stays_here(context)
    yield context.new_page()
    context.close()
    assert away == []


def test_a_team_goes_from_the_agenda_to_a_decision_that_stands_as_a_note(page: Page, meeting: str) -> None:
    page.goto(meeting)
    entry = page.locator("li.card", has_text=DECIDED_ON)
    expect(entry).to_contain_text("suggested (model)")
    entry.locator("summary").click()
    entry.get_by_label("What the team decided").fill("A mentor twice a week.")
    entry.get_by_label("Adult").fill("Ms. Roy")
    entry.get_by_label("Does what").fill("asks him on Monday")
    entry.get_by_role("button", name="Save for").click()
    expect(entry).to_contain_text("Ms. Roy: asks him on Monday")
    page.get_by_role("link", name=DECIDED_ON, exact=True).click()
    expect(page.locator("#notes")).to_contain_text("A mentor twice a week. Ms. Roy: asks him on Monday.")


def test_one_more_is_found_by_name_and_brought(page: Page, meeting: str) -> None:
    page.goto(meeting)
    expect(page.locator(".agenda")).not_to_contain_text("Aaliyah Freeman")
    bring(page, "freeman", "Aaliyah Freeman")


def bring(page: Page, part: str, name: str) -> None:
    """Find ``name`` by a part of it on the agenda, and bring them to the meeting."""
    page.get_by_label("Find somebody else by name").fill(part)
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name=f"Bring {name} to the meeting").click()
    expect(page.locator(".agenda")).to_contain_text(name)


def test_each_sheet_is_one_letter_page_black_and_grey_with_its_lower_third_free(
    page: Page, meeting: str
) -> None:
    entries = page.request.get(f"{meeting}.json").json()["entries"]
    page.goto(f"{meeting}/pages")
    page.emulate_media(media="print")
    sheets = page.locator("article.paper")
    expect(sheets).to_have_count(1 + len(entries))
    for place in range(1, sheets.count()):
        sheet = sheets.nth(place)
        box = sheet.bounding_box()
        assert box is not None
        assert {side: round(box[side]) for side in LETTER} == LETTER  # type: ignore[literal-required]
        hand = sheet.locator(".paper-hand").bounding_box()
        above = sheet.locator(".paper-pair").last.bounding_box()
        assert hand is not None
        assert above is not None
        assert above["y"] + above["height"] <= hand["y"], sheet.locator("h2").inner_text()
        assert hand["y"] - box["y"] <= LETTER["height"] * 0.7
        assert "%" not in sheet.inner_text()
    assert sheets_in(page.pdf(prefer_css_page_size=True)) == sheets.count()
    inks = page.evaluate(
        """() => [...new Set([...document.querySelectorAll('.paper, .paper *')].flatMap(one => {
             const style = getComputedStyle(one);
             return [style.color, style.backgroundColor, style.fill, style.stroke, style.borderTopColor];
           }))]"""
    )
    for ink in inks:
        shades = re.findall(r"[\d.]+", ink)[:3]
        assert len(set(shades)) <= 1, ink
