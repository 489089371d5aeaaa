"""The demo as somebody finds it who signs in for the first time: no page of the work is empty."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from e2e.conftest import WIDE, Demo, demo_copied, serving
from playwright.sync_api import Browser, Page, expect

from ews.demo_past import BREAKFAST, CLUB, RECOVERY
from ews.district.cast import DEVON, LINH, NOAH
from ews.people.ledger import verify
from ews.settings import Settings
from ews.store import open_store

pytestmark = [pytest.mark.slow, pytest.mark.browser]

FOUR_LINES = 112  # of 15 px with their leading, and the room over and under them
TALLER = f"""Array.from(document.querySelectorAll('table.list tbody tr'))
  .filter(row => row.getBoundingClientRect().height > {FOUR_LINES}).map(row => row.innerText)"""


@pytest.fixture(scope="module")
def untouched(demo_district: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A copy of the demo in which no other story has been."""
    settings = demo_copied(demo_district, tmp_path_factory.mktemp("untouched") / "data")
    for address in serving(settings):
        yield Demo(address, settings)


@pytest.fixture(scope="module")
def first(chromium: Browser, untouched: Demo) -> Iterator[Page]:
    """Ms. Okafor's first window."""
    context = untouched.context(
        chromium, "d.okafor@tworivers.example", viewport={"width": WIDE, "height": 900}
    )
    yield context.new_page()
    context.close()


def test_the_results_report_tells_of_two_supports_and_of_the_weeks_before_and_after(first: Page) -> None:
    first.goto("/results")
    done = first.get_by_role("heading", name="What was done").locator("xpath=..").locator("tr")
    for kind in (CLUB, BREAKFAST):
        expect(done.filter(has_text=kind)).to_contain_text(re.compile(r"13\s*\d+ of \d+"))
    before_and_after = first.get_by_role("heading", name="before and after").locator("xpath=..").locator("tr")
    expect(before_and_after.filter(has_text=BREAKFAST)).to_contain_text("school days")
    expect(first.locator("main")).to_contain_text("not a measure of what a support did")


def test_places_are_free_and_a_draw_was_held(first: Page) -> None:
    first.goto("/programs")
    expect(first.locator("main")).to_contain_text("12 of 12 places free")
    first.get_by_role("link", name=RECOVERY).click()
    expect(first.get_by_role("button", name="Begin a fair draw")).to_be_visible()
    first.goto("/draws/1")
    expect(first.get_by_text("Place offered")).to_have_count(15)
    expect(first.get_by_text("Stands next, if a place becomes free")).to_have_count(7)


def test_reviews_are_due_soon_and_none_is_overdue(first: Page) -> None:
    first.goto("/list?tab=waiting")
    expect(first.locator(".cell-waits").filter(has_text=BREAKFAST).first).to_be_visible()
    expect(first.locator(".cell-waits").filter(has_text="Overdue")).to_have_count(0)


def test_no_row_of_the_list_is_taller_than_four_lines(first: Page) -> None:
    for tab, pages in (("new", 1), ("waiting", 5), ("all", 5), ("not_enough_data", 1)):
        for number in range(1, pages + 1):
            first.goto(f"/list?tab={tab}&page={number}")
            assert first.evaluate(TALLER) == []
            if not first.get_by_role("link", name="Next page").count():
                break


def test_packets_wait_for_the_next_counselor_and_a_note_for_the_student(first: Page) -> None:
    first.goto("/handover")
    expect(first.get_by_role("heading", name="Moving up from grade 9")).to_be_visible()
    expect(first.locator("main")).to_contain_text(BREAKFAST)
    first.goto(f"/students/{NOAH}")
    expect(first.locator("#notes")).to_contain_text("First trumpet in the winter concert")


def test_a_team_has_met_and_teachers_have_named_students(
    first: Page, untouched: Demo, chromium: Browser
) -> None:
    first.goto("/meetings")
    first.get_by_role("link", name=re.compile("6 November")).click()
    expect(first.get_by_text("Written by Denise Okafor")).to_have_count(4)
    first.goto("/list")
    expect(first.get_by_role("row", name=re.compile("Linh Tran"))).to_contain_text("Named by Susan Park")
    first.goto(f"/students/{LINH}")
    expect(first.locator("#said")).to_contain_text("Was my best in the lab.")
    teachers = untouched.context(chromium, "k.roy@tworivers.example")
    hers = teachers.new_page()
    hers.goto("/nominate")
    expect(hers.locator("main")).to_contain_text("Somebody is on it")
    teachers.close()


def test_no_letter_goes_home_beside_a_notice_of_truancy_in_force(first: Page) -> None:
    first.goto(f"/students/{DEVON}/letters")
    expect(first.locator("main")).to_contain_text(
        "A second notice of truancy of 12 November 2025 stands this school year."
    )
    expect(first.get_by_role("button", name=re.compile("letter"))).to_have_count(0)


def test_all_of_it_is_in_the_ledger_and_the_ledger_is_whole(untouched: Demo) -> None:
    with open_store(untouched.settings) as store, store.begin() as tx:
        assert verify(tx, tx.ledger_key) > 200
