"""The pages over a district that went the whole way: made up, loaded, trained, promoted, scored."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from e2e.conftest import PHONE, WIDE, Demo, stays_here
from playwright.sync_api import Browser, expect

from ews.district.cast import MARIBEL

pytestmark = [pytest.mark.slow, pytest.mark.browser]

COUNSELOR = "d.okafor@tworivers.example"


@pytest.mark.parametrize("width", [WIDE, PHONE])
def test_a_counselor_reads_the_list_and_a_student_of_it(
    chromium: Browser, demo_served: Demo, width: int
) -> None:
    context = demo_served.context(
        chromium, COUNSELOR, viewport={"width": width, "height": 900}, bypass_csp=True
    )  # the policy is lifted for axe alone
    away = stays_here(context)
    page = context.new_page()
    for path in ("/list", "/list?tab=all", f"/students/{MARIBEL}", "/how"):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        result = Axe().run(page)
        assert result.violations_count == 0, f"{path}: {result.generate_report()}"
    assert away == []
    context.close()


def test_every_listed_student_has_a_reason_and_the_models_stand_below(
    chromium: Browser, demo_served: Demo
) -> None:
    context = demo_served.context(chromium, COUNSELOR)
    page = context.new_page()
    page.goto("/list")
    rows = page.locator("tbody tr")
    assert rows.count() > 0
    for row in rows.all():
        expect(row.locator(".mark")).to_have_text(re.compile("See first|See next"))
        assert row.locator(".reasons li").count() > 0
        assert "%" not in row.inner_text()
    for name in ("attendance", "grades", "behavior", "overall"):
        expect(page.locator("footer")).to_contain_text(re.compile(rf"{name}-2025-11-14-[0-9a-f]{{10}}"))
    twin = page.request.get("/list.json").json()
    assert [row["display_name"] for row in twin["rows"]] == page.locator("a.student-name").all_inner_texts()
    context.close()


def test_how_the_list_is_made_tells_of_each_model_in_service(chromium: Browser, demo_served: Demo) -> None:
    context = demo_served.context(chromium, COUNSELOR)
    page = context.new_page()
    page.goto("/how")
    assert page.locator("article h3").all_inner_texts() == [
        "Attendance",
        "Behavior",
        "English learner progress",
        "Grade 9 on track",
        "Grades",
        "Overall",
    ]
    expect(page.locator("article").first).to_contain_text("a year it never saw")
    context.close()
