"""Schools in numbers and the analysts' pages in a real browser: two errands, and paper."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from e2e.conftest import WIDE, serving, stays_here
from playwright.sync_api import Browser, BrowserContext, expect
from records.test_load_log import BAD
from small_drop import load, write_drop
from support.alder_creek import ADMIN, BAPTISTE, FRIDAY, HIGH, ZHAO, keep
from web.test_report_pages import CONTENT, PAGE
from web.test_school_pages import elevate, people
from web.visitor import account_id_of

from ews.people.access import Principal
from ews.people.sessions import open_session
from ews.risk.report_files import write_whole
from ews.settings import Settings, read_settings
from ews.store import open_store

pytestmark = pytest.mark.browser


@dataclass(frozen=True)
class House:
    """A made-up district of three schools, a rejected drop and a report, behind a running server."""

    address: str
    settings: Settings

    def of(self, chromium: Browser, person: Principal, **more: object) -> BrowserContext:
        """A browser window in which ``person`` is signed in."""
        with open_store(self.settings) as store, store.begin() as tx:
            secret, _ = open_session(tx, account_id_of(tx, person), now=datetime.now(UTC), hours=1)
        context = chromium.new_context(base_url=self.address, **more)  # type: ignore[arg-type]
        context.add_cookies([{"name": "ews", "value": secret, "url": self.address}])
        return context


def furnish(settings: Settings) -> None:
    """Three schools scored, one of their signals late; a rejected drop; a report."""
    keep(settings, people(), behind={HIGH: 3})
    with open_store(settings) as store:
        elevate(store)
    load(settings, write_drop(settings.home.parent / "nightly", attendance=BAD))
    shelf = settings.home / "reports"
    write_whole(shelf / f"audit-{FRIDAY}.html", PAGE.replace("<html>", '<html lang="en">').encode())
    write_whole(shelf / f"audit-{FRIDAY}.json", json.dumps(CONTENT).encode())


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("house")
    settings = read_settings({"EWS_HOME": str(folder / "data"), "EWS_CONFIG": str(folder / "ews.toml")})
    furnish(settings)
    for address in serving(settings):
        yield House(address, settings)


def test_an_equity_question_from_the_district_to_a_school_and_the_report(
    chromium: Browser, house: House
) -> None:
    context = house.of(chromium, ZHAO, viewport={"width": WIDE, "height": 900})
    away, page = stays_here(context), context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.goto("/schools")
    page.get_by_role("link", name="The district").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The district")
    page.get_by_role("table", name="Students by school").get_by_role("link", name="Alder Creek High").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Alder Creek High")
    expect(page.get_by_role("row", name="Grade 11")).to_contain_text("not shown")
    expect(page.get_by_text("3 school days late")).to_be_visible()
    page.goto("/reports")
    page.get_by_role("link", name="Is the list fair to every group?").click()
    assert page.locator("p", has_text="Hello").evaluate("e => getComputedStyle(e).color") == "rgb(255, 0, 0)"
    page.get_by_role("link", name="Reports of Early Support").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Reports")
    context.close()
    assert (away, said) == ([], [])


def test_the_morning_after_a_rejected_drop(chromium: Browser, house: House) -> None:
    context = house.of(chromium, ADMIN, viewport={"width": WIDE, "height": 900})
    page = context.new_page()
    page.goto("/records")
    page.locator("tbody a").first.click()
    expect(page.get_by_text("Nothing of this drop was loaded.")).to_be_visible()
    expect(page.get_by_role("row", name="attendance.csv, line 6")).to_contain_text("20-Oct")
    with page.expect_download() as handed:
        page.get_by_role("link", name="Download as CSV").click()
    assert handed.value.suggested_filename.startswith("problems-")
    context.close()


def test_on_paper_the_bars_stay_and_the_head_goes(chromium: Browser, house: House) -> None:
    context = house.of(chromium, BAPTISTE, viewport={"width": WIDE, "height": 900})
    page = context.new_page()
    page.goto(f"/schools/{HIGH}")
    page.emulate_media(media="print")
    expect(page.locator(".top nav")).to_be_hidden()
    expect(page.locator(".count-bar").first).to_be_visible()
    solid = page.locator(".count-bar .bar-solid").first
    assert solid.evaluate("e => getComputedStyle(e).fill") == "rgb(0, 0, 0)"
    context.close()
