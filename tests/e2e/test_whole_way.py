"""The pages over a district that went the whole way: made up, loaded, trained, promoted, scored."""

from __future__ import annotations

import re

import pytest
from e2e.conftest import Demo
from playwright.sync_api import Browser, expect

pytestmark = [pytest.mark.slow, pytest.mark.browser]

COUNSELOR = "d.okafor@tworivers.example"


def test_every_listed_student_has_a_reason_and_the_models_stand_below(
    chromium: Browser, demo_served: Demo
) -> None:
    context = demo_served.context(chromium, COUNSELOR)
    page = context.new_page()
    page.goto("/list")
    rows = page.locator("tbody tr").filter(has_not_text="Named by")
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
