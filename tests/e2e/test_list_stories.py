"""A counselor's Monday on the demo district, by keyboard alone."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from e2e.conftest import WIDE, Demo, stays_here
from playwright.sync_api import Browser, Locator, Page, expect

from ews.district.cast import SIGN_INS

pytestmark = pytest.mark.browser

COUNSELOR = SIGN_INS[0].sign_in


@pytest.fixture
def monday(demo_served: Demo, chromium: Browser) -> Iterator[Page]:
    """The demo's counselor at her desk; no request leaves the machine."""
    context = demo_served.context(chromium, COUNSELOR, viewport={"width": WIDE, "height": 900})
    away = stays_here(context)
    yield context.new_page()
    context.close()
    assert away == []


def test_a_counselors_monday_by_keyboard_from_the_list_to_the_note(monday: Page) -> None:
    monday.goto("/")
    title = monday.get_by_role("heading", level=1)
    expect(title).to_have_text(re.compile(r"^New or changed this week: \d+ students?$"))
    rows = monday.locator("tbody tr")
    named = monday.locator("tbody tr", has_text="Named by").count()
    assert 1 <= rows.count() - named <= 8
    for row in rows.all():
        expect(row.locator(".mark")).to_have_text(re.compile("See first|See next|Not this week"))
        assert row.locator(".reasons li").count() in (1, 2)
        expect(row.locator(".well")).to_contain_text("Going well:")
        expect(row).to_contain_text(re.compile(r"(Data|Attendance late:) to"))
    assert "%" not in monday.locator("tbody").inner_text()

    name = rows.nth(0).locator("a.student-name").inner_text()
    tab_to(monday, f"Acknowledge {name}")
    monday.keyboard.press("Enter")
    expect(rows.nth(0)).to_contain_text("Acknowledged by you")

    second = rows.nth(1).locator("a.student-name").inner_text()
    tab_to(monday, f"Not now for {second}")
    monday.keyboard.press("Enter")
    expect(title).to_have_text(second)
    reach(monday, monday.get_by_role("radio", checked=True))
    while not monday.get_by_label("Already in hand").is_checked():
        monday.keyboard.press("ArrowDown")
    reach(monday, monday.get_by_role("button", name="Not now"))
    monday.keyboard.press("Enter")
    expect(monday.locator("tbody")).not_to_contain_text(second)
    reach(monday, monday.locator(".tabs").get_by_role("link", name="Waiting on me"))
    monday.keyboard.press("Enter")
    expect(title).to_have_text(re.compile("^Waiting on me"))
    reach(monday, monday.get_by_label("Name"))
    monday.keyboard.type(second)
    monday.keyboard.press("Enter")
    expect(monday.locator("tbody tr", has_text=second)).to_contain_text("Already in hand")

    monday.goto("/list")
    third = rows.nth(1).locator("a.student-name").inner_text()
    tab_to(monday, f"Add note on {third}")
    monday.keyboard.press("Enter")
    expect(title).to_have_text(third)
    reach(monday, monday.get_by_label(re.compile(f"note on {re.escape(third)}")).first)
    monday.keyboard.type("Her aunt picks up the phone after four.")
    reach(monday, monday.get_by_role("button", name="Add note").first)
    monday.keyboard.press("Enter")
    expect(monday.locator("#notes")).to_contain_text("Her aunt picks up the phone after four.")


def test_high_need_and_no_note_lately_is_one_key_away_and_counts_what_it_shows(monday: Page) -> None:
    monday.goto("/list")
    link = monday.get_by_role("link", name="On the list, and no note in 21 days")
    count = int(link.locator("xpath=following-sibling::*[1]").inner_text().replace(",", ""))
    press(monday, link)
    expect(monday.get_by_role("heading", level=1)).to_have_text(f"Whole caseload: {count} students")
    assert {"See first", "See next"} >= set(monday.locator("tbody .mark").all_inner_texts())


def test_a_menu_opens_by_keyboard_and_never_hides_what_has_the_focus(monday: Page) -> None:
    monday.goto("/list")
    menu = monday.locator(".menu", has_text="Team and school")
    press(monday, menu.locator("summary"))
    expect(menu.get_by_role("link", name="Schools")).to_be_visible()
    for _ in range(40):
        monday.keyboard.press("Tab")
        if not monday.evaluate("document.activeElement.closest('.menu') !== null"):
            break
    expect(menu.locator("ul")).to_be_hidden()


def test_columns_sort_by_keyboard_and_say_so(monday: Page) -> None:
    monday.goto("/list?tab=all")
    press(monday, monday.locator("thead").get_by_role("link", name="Student"))
    expect(monday.locator("thead th[aria-sort=ascending]")).to_contain_text("Student")
    names = monday.locator("a.student-name").all_inner_texts()
    press(monday, monday.locator("thead").get_by_role("link", name="Student"))
    expect(monday.locator("thead th[aria-sort=descending]")).to_contain_text("Student")
    assert monday.locator("a.student-name").all_inner_texts() != names


def test_the_file_that_is_downloaded_has_what_is_shown(monday: Page) -> None:
    monday.goto("/list?tab=new&sort=name")
    shown = monday.locator("a.student-name").all_inner_texts()
    with monday.expect_download() as coming:
        press(monday, monday.get_by_role("link", name="Download CSV"))
    path = coming.value.path()
    rows = list(csv.DictReader(io.StringIO(Path(path).read_text(encoding="utf-8-sig"))))
    assert [row["student"] for row in rows] == shown
    assert coming.value.suggested_filename == "early-support-list-2025-11-14.csv"


def test_the_week_of_a_principal_is_told_by_counselor(demo_served: Demo, chromium: Browser) -> None:
    context = demo_served.context(chromium, SIGN_INS[1].sign_in, viewport={"width": WIDE, "height": 900})
    page = context.new_page()
    page.goto("/list?tab=all&level=listed")
    page.get_by_label("Counselor").select_option(label=SIGN_INS[0].name)
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr").first).to_contain_text(f"Counselor: {SIGN_INS[0].name}")
    for cell in page.locator("tbody .cell-student").all_inner_texts():
        assert SIGN_INS[0].name in cell
    context.close()


def tab_to(page: Page, words: str) -> None:
    """Press Tab until the focus is on what says ``words``, from where the focus is."""
    said = "(document.activeElement.textContent || '').trim().replace(/\\s+/g, ' ')"
    tab_until(page, lambda: bool(page.evaluate(said) == words), words)


def reach(page: Page, control: Locator) -> None:
    """Press Tab until the focus is on ``control``, from where the focus is."""
    tab_until(page, lambda: bool(control.evaluate("one => one === document.activeElement")), str(control))


def tab_until(page: Page, there: Callable[[], bool], what: str) -> None:
    """Press Tab until ``there``, as somebody without a mouse does."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if there():
            return
    raise AssertionError(f"{what!r} is not reached by keyboard")


def press(page: Page, control: Locator) -> None:
    """Go to a control and press Enter on it, as somebody without a mouse does."""
    control.focus()
    page.keyboard.press("Enter")
