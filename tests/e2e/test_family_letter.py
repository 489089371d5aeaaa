"""A family letter from draft to sent, in the demo: the counselor writes, the principal looks it over."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from e2e.conftest import Demo
from playwright.sync_api import Browser, Page, expect

from ews.district.cast import MARIBEL

pytestmark = pytest.mark.browser

COUNSELOR, PRINCIPAL = "d.okafor@tworivers.example", "l.baptiste@tworivers.example"
STUDENT = f"/students/{MARIBEL}"


@pytest.fixture(scope="module")
def windows(chromium: Browser, demo_served: Demo) -> Iterator[tuple[Page, Page]]:
    """The counselor's window and the principal's."""
    both = [demo_served.context(chromium, who) for who in (COUNSELOR, PRINCIPAL)]
    yield both[0].new_page(), both[1].new_page()
    for context in both:
        context.close()


def test_a_family_letter_from_draft_to_sent(windows: tuple[Page, Page]) -> None:
    counselor, principal = windows
    counselor.goto(STUDENT)
    counselor.get_by_role("link", name="Family and letters").click()
    expect(counselor.get_by_role("heading", level=1)).to_have_text("Maribel Santos Ruiz")
    expect(counselor.locator(".people")).to_contain_text("Spanish")
    counselor.get_by_label("Free help with school work").check()
    counselor.get_by_label("Their phone number").fill("(555) 010-0100")
    counselor.get_by_role("button", name="Write the letter").click()
    expect(counselor.get_by_role("alert")).to_contain_text("The day of the help is missing.")
    expect(counselor.get_by_label("Their phone number")).to_have_value("(555) 010-0100")
    counselor.get_by_label("Day of the help").select_option("Wednesday")
    counselor.get_by_label("Time").fill("15:30")
    counselor.get_by_label("Room").fill("B-12")
    counselor.get_by_role("button", name="Write the letter").click()
    counselor.wait_for_url(re.compile(r"/letters/\d+$"))
    address = counselor.url
    expect(counselor.locator('.letter-text[lang="es"]')).to_contain_text("Miércoles".lower())
    expect(counselor.locator("main")).to_contain_text("You wrote it, so somebody else looks it over.")

    principal.goto("/letters")
    waiting = principal.locator("section", has_text="Waiting for a second look")
    waiting.get_by_role("link", name="Maribel Santos Ruiz").last.click()
    expect(principal.locator('.letter-text[lang="en"]')).to_contain_text("B-12")
    principal.get_by_role("button", name="Release it").click()  # the browser asks for each tick
    expect(principal.locator('input[name="confirm"]:invalid')).to_have_count(3)
    for tick in principal.locator('input[name="confirm"]').all():
        tick.check()
    principal.get_by_role("button", name="Release it").click()
    expect(principal.locator("main")).to_contain_text("Released, not sent yet")

    counselor.goto(address)
    pdf = counselor.request.get(f"{address}/letter.pdf")
    assert pdf.status in (200, 503)  # 503 where the machine has no Pango
    assert pdf.status == 503 or pdf.body().startswith(b"%PDF")
    today = counselor.evaluate("new Date().toLocaleDateString('en-CA', {timeZone: 'America/Los_Angeles'})")
    expect(counselor.get_by_label("Sent in the family portal on")).to_have_value(today)
    counselor.get_by_role("button", name="Mark as sent").click()
    expect(counselor.locator("#sent")).to_contain_text("by Denise Okafor: in the family portal")
    counselor.goto(STUDENT)
    expect(counselor.locator("main")).to_contain_text("portal")
    twin = counselor.request.get(f"{address}.json").json()["letter"]
    assert twin["sendings"][0]["text"] == twin["text"]


def test_a_family_challenges_a_score_and_the_line_stands_until_it_is_resolved(
    windows: tuple[Page, Page],
) -> None:
    page = windows[0]
    page.goto(f"{STUDENT}/family")
    page.get_by_text("The family challenges something").click()
    page.get_by_label("A score, a level or a reason").check()
    page.get_by_label("In the family’s own words").fill("She was in class that week.")
    page.get_by_role("button", name="Write it down").first.click()
    expect(page.locator("main")).to_contain_text("30 days left")
    page.goto(STUDENT)
    expect(page.locator(".disputed")).to_contain_text("She was in class that week.")
    page.get_by_role("link", name="What the family asks for").first.click()
    page.get_by_text("Resolve it").click()
    page.get_by_label("Corrected in the records").check()
    page.get_by_label("In words, for the family").fill("Two days were ours.")
    page.get_by_role("button", name="Resolve").click()
    page.goto(STUDENT)
    expect(page.locator(".disputed")).to_have_count(0)
