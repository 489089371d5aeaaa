"""The student's page in a real browser: Maribel's, in the counselor's order, from the records of the demo."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from e2e.conftest import PHONE, WIDE, ZOOMED, Demo, stays_here
from playwright.sync_api import Browser, Page, expect

from ews.district.cast import MARIBEL

pytestmark = [pytest.mark.slow, pytest.mark.browser]

COUNSELOR = "d.okafor@tworivers.example"
PATH = f"/students/{MARIBEL}"
IN_ORDER = [
    "Strengths and notes",
    "This week’s change",
    "The record",
    "English-learner progress",
    "What could move it",
    "Supports tried and their result",
    "Contacts and family language",
    "How sure is this, and why",
    "Who has viewed this page",
]


@pytest.fixture(scope="module")
def opened(chromium: Browser, demo_served: Demo) -> Iterator[Page]:
    """Maribel's page, opened by her counselor; nothing of it leaves the machine."""
    context = demo_served.context(chromium, COUNSELOR, viewport={"width": WIDE, "height": 900})
    away = stays_here(context)
    page = context.new_page()
    page.goto(PATH)
    yield page
    context.close()
    assert away == []


def words(page: Page, section: str) -> str:
    """What a section says, with single spaces, folded parts among it."""
    said = page.locator(f"section[aria-labelledby={section}]").text_content() or ""
    return re.sub(r"\s+", " ", said)


def test_every_section_stands_in_the_counselors_order_and_tells_her_record(opened: Page) -> None:
    heads = opened.locator("main .column h2").all_inner_texts()
    assert [head for head in heads if head in IN_ORDER] == IN_ORDER
    assert "Math help at lunch Targeted" in words(opened, "supports")
    assert "2 of 10 sessions" in words(opened, "supports")
    assert "Too few sessions to say" in words(opened, "supports")
    assert "Learning English in school since 2016" in words(opened, "english")
    assert "Not yet met (level 3 of the ELPAC in 2025; 4 is asked)" in words(opened, "english")
    assert "Turn in the 5 assignments of this term that are not in" in words(opened, "steps")
    assert "Algebra 1 at 57, two assignments not in; both turned in, about 78." in words(opened, "steps")
    assert "Samuel Lee, phone, from the school: attendance. SIS" in words(opened, "contacts-title")
    assert "Spanish" in words(opened, "contacts-title")


def test_no_chance_stands_outside_of_how_sure(opened: Page) -> None:
    for section in ("strengths", "change", "record", "english", "steps", "supports", "contacts-title"):
        assert "probab" not in words(opened, section)
    assert "not a promise" in words(opened, "steps")


def test_its_json_says_the_same(opened: Page) -> None:
    twin: dict[str, Any] = opened.request.get(f"{PATH}.json").json()
    assert (
        [one["said"] in words(opened, "steps") for one in twin["steps"]] == [True] * len(twin["steps"]) != []
    )
    for one in twin["supports"]:
        assert one["dose"] in words(opened, "supports") and one["result"] in words(opened, "supports")
    for one in twin["sis_contacts"]:
        assert one["who"] in words(opened, "contacts-title")
    assert twin["english"]["since"] in words(opened, "english")
    for score in twin["scores"]:
        for driver in score["drivers"] if score["domain"] != "overall" else []:
            if driver["kind"] != "context":
                assert driver["title"] in words(opened, "sure")


def test_a_drawing_and_its_table_are_of_the_same_weeks(opened: Page) -> None:
    card = opened.locator("article[aria-labelledby=attendance]")
    rows = card.locator("table.data tbody tr")
    told = [row.locator("td").first.text_content() for row in rows.all()]
    known = [float(days) for days in reversed(told) if days and days != "–"]
    circles = card.locator(".wide-drawing .weeks_marks circle")
    places = [float(circle.get_attribute("cy") or "nan") for circle in circles.all()]
    assert len(places) == len(known) > 30
    by_days = sorted(set(zip(known, places, strict=True)))
    assert [place for _, place in by_days] == sorted(place for _, place in by_days)
    assert len({days for days, _ in by_days}) == len(by_days)


def test_each_chart_is_drawn_once_at_every_width(opened: Page) -> None:
    for width in (PHONE, ZOOMED, WIDE):
        opened.set_viewport_size({"width": width, "height": 900})
        charts = opened.locator("figure.chart:visible").all()
        assert len(charts) >= 3
        assert [one.locator("svg:visible").count() for one in charts] == [1] * len(charts), width


def test_tables_and_how_sure_open_by_keyboard(opened: Page) -> None:
    for name in ("Show as a table", "Fairly sure"):
        summary = opened.locator("main summary", has_text=re.compile(name)).first
        summary.focus()
        opened.keyboard.press("Enter")
        expect(summary.locator("xpath=..")).to_have_attribute("open", "")
        ring = "(s => s.outlineStyle + ' ' + s.outlineWidth)(getComputedStyle(document.activeElement))"
        assert opened.evaluate(ring) == "solid 3px"
        opened.keyboard.press("Enter")
        expect(summary.locator("xpath=..")).not_to_have_attribute("open", "")
