"""The pages as a counselor meets them: in a real browser, by mouse and by keyboard, wide and on a phone."""

from __future__ import annotations

import json
import re

import pytest
from e2e.conftest import ODD_NAMES, OTHERS, PHONE, WIDE, Served, sign_in, stays_here
from playwright.sync_api import Browser, Locator, Page, expect

pytestmark = pytest.mark.browser

MARIBEL = "maribel-santos"
RING = "(style => style.outlineStyle + style.outlineWidth)(getComputedStyle(document.activeElement))"


def test_ms_okafor_signs_in_filters_opens_a_student_and_signs_out(chromium: Browser, served: Served) -> None:
    context = chromium.new_context(base_url=served.address, viewport={"width": WIDE, "height": 900})
    away = stays_here(context)
    page = context.new_page()
    page.goto("/")
    expect(page).to_have_url(re.compile(r"/signin"))
    sign_in(page, served)
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile("New or changed|First list"))
    page.get_by_role("link", name="Whole caseload").click()
    page.get_by_label("Name").fill("sant")
    page.get_by_role("button", name="Find").click()
    expect(page).to_have_url(re.compile(r"tab=all.*name=sant"))
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Maribel Santos", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Maribel Santos")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(f"{served.address}/signin")
    page.goto(f"/students/{MARIBEL}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    context.close()
    assert away == []


def test_a_monday_by_keyboard_seen_put_off_noted_and_taken_back(chromium: Browser, served: Served) -> None:
    page = chromium.new_page(base_url=served.address, viewport={"width": WIDE, "height": 900})
    sign_in(page, served)
    page.goto("/list?tab=all&name=linh")
    row = page.locator("tbody tr", has_text="Linh Tran")
    press(page, row.get_by_role("button", name="Acknowledge Linh Tran"))
    expect(row).to_contain_text("Acknowledged by you")
    press(page, row.get_by_role("button", name="Undo"))
    expect(row.get_by_role("button", name="Acknowledge Linh Tran")).to_be_visible()
    press(page, row.get_by_role("link", name="Not now for Linh Tran"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Linh Tran")
    page.get_by_label("Waiting for the team meeting").focus()
    page.keyboard.press("Space")
    page.get_by_label("In your own words").fill("Ms. Lee brings the work")
    press(page, page.get_by_role("button", name="Not now"))
    expect(page).to_have_url(f"{served.address}/list?tab=all&name=linh")
    expect(row).to_contain_text("Waiting for the team meeting. Ms. Lee brings the work")
    press(page, row.get_by_role("button", name="Undo"))
    expect(row.get_by_role("button", name="Acknowledge Linh Tran")).to_be_visible()
    press(page, row.get_by_role("link", name="Add note on Linh Tran"))
    page.get_by_label("A note on Linh Tran").fill("Her aunt picks up the phone.\nCall after four.")
    press(page, page.get_by_role("button", name="Add note"))
    expect(page.locator("#notes li")).to_contain_text("Her aunt picks up the phone.")
    page.close()


def press(page: Page, control: Locator) -> None:
    """Go to a control and press Enter on it, as somebody without a mouse does."""
    control.focus()
    page.keyboard.press("Enter")


def test_a_wrong_password_is_told_and_the_name_stays(chromium: Browser, served: Served) -> None:
    page = chromium.new_page(base_url=served.address)
    page.goto("/signin")
    page.get_by_label("User name").fill(served.user)
    page.get_by_label("Password").fill("not my password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    expect(page.get_by_label("User name")).to_have_value(served.user)
    expect(page.get_by_label("Password")).to_have_value("")
    page.close()


def test_the_json_of_a_page_has_its_facts(page: Page) -> None:
    page.goto("/list?tab=all")
    names = page.locator("a.student-name").all_inner_texts()
    twin = json.loads(page.request.get("/list.json?tab=all").text())
    assert names == [row["display_name"] for row in twin["rows"]]
    page.goto(f"/students/{MARIBEL}")
    twin = json.loads(page.request.get(f"/students/{MARIBEL}.json").text())
    said = page.locator("main").inner_text()
    for card in twin["cards"]:
        for reason in card["reasons"] + card["going_well"]:
            assert reason["fact"] in said
    page.locator("details summary", has_text="Show as a table").first.click()
    shown = page.locator("table.data").first.locator("tbody tr td:nth-child(2)").all_inner_texts()
    weeks = [week["value"] for week in reversed(twin["cards"][0]["weeks"])]
    assert shown == [f"{days:g}" for days in weeks]


def test_anothers_student_is_not_there(page: Page) -> None:
    for student in (*[one.student_id for one in OTHERS], "nobody"):
        answer = page.goto(f"/students/{student}")
        assert answer is not None
        assert answer.status == 404
        expect(page.get_by_role("heading", level=1)).to_have_text("Nothing here for you")


@pytest.mark.parametrize("name", ODD_NAMES)
def test_an_odd_name_is_shown_as_it_is(page: Page, name: str) -> None:
    page.goto("/list?tab=all")
    link = page.locator("a.student-name", has_text=name)
    expect(link).to_have_text(name)
    link.click()
    expect(page.locator("h1")).to_have_text(name)
    expect(page).not_to_have_title("taken")
    assert page.evaluate("document.documentElement.scrollWidth") <= WIDE


def test_everything_on_the_list_is_reached_by_keyboard_in_the_order_it_is_read(page: Page) -> None:
    page.goto("/list?tab=all&level=listed")  # the filters stand open once one is set
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    reached = []
    for _ in range(80):
        page.keyboard.press("Tab")
        text = page.evaluate("(document.activeElement.innerText || document.activeElement.name || '').trim()")
        reached.append(text)
        assert document_ended(page) or page.evaluate(RING) == "solid3px", text
        if document_ended(page):
            break
    for wanted in ("My list", "Sign out", "Whole caseload", "grade", "name", "Show", "Suggested level",
                   "Maribel Santos", "How this list is made"):  # fmt: skip
        assert any(wanted in text for text in reached), wanted
    assert reached.index("Sign out") < reached.index("Show") < reached.index("Maribel Santos")


def document_ended(page: Page) -> bool:
    """Whether the focus has left the page."""
    return bool(page.evaluate("document.activeElement === document.body"))


def test_details_open_by_keyboard(page: Page) -> None:
    page.goto(f"/students/{MARIBEL}")
    summary = page.locator("#sure").locator("xpath=..").locator("summary").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#sure").locator("xpath=..").locator("dl")).to_be_visible()


def test_on_a_phone_name_and_level_share_the_first_line_and_charts_are_redrawn(page: Page) -> None:
    page.set_viewport_size({"width": PHONE, "height": 800})
    page.goto("/list?tab=all")
    row = page.locator("tbody tr", has_text="Linh Tran")
    name, mark = row.locator("a.student-name").bounding_box(), row.locator(".mark").bounding_box()
    assert name and mark and abs((name["y"] + name["height"] / 2) - (mark["y"] + mark["height"] / 2)) < 8
    page.goto(f"/students/{MARIBEL}")
    assert page.locator("svg.wide-drawing:visible").count() == 0
    for label in page.locator("svg.narrow-drawing:visible text").all():
        assert label.evaluate("text => text.getScreenCTM().a * 12") >= 12


def test_targets_are_large_enough_to_touch(page: Page) -> None:
    for path in ("/list?tab=all", f"/students/{MARIBEL}"):
        page.goto(path)
        for target in page.locator("a:visible, button:visible, select:visible, summary:visible").all():
            if target.evaluate("one => one.closest('p, li:not(.tabs li)') !== null"):
                continue  # a link in running text is as tall as its line
            box = target.bounding_box()
            assert box and box["height"] >= 24 and box["width"] >= 24, target.inner_text()
