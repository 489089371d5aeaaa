"""An administrator's story on the demo: an account is disabled, and the next click is refused."""

from __future__ import annotations

import re

import pytest
from e2e.conftest import WIDE, Demo, stays_here
from playwright.sync_api import Browser, expect

pytestmark = pytest.mark.browser

LIAISON, KEEPER = "s.lee@tworivers.example", "t.berg@tworivers.example"
"""Whose account is disabled: somebody of whom no other story tells."""


def test_an_administrator_disables_an_account_and_the_next_click_of_that_person_is_refused(
    chromium: Browser, demo_served: Demo
) -> None:
    sight = {"width": WIDE, "height": 900}
    his, theirs = (demo_served.context(chromium, who, viewport=sight) for who in (LIAISON, KEEPER))
    away = [stays_here(one) for one in (his, theirs)]
    liaison, keeper = his.new_page(), theirs.new_page()
    liaison.goto("/list?tab=all")
    student = liaison.locator("a.student-name").first
    name = student.inner_text()
    keeper.goto("/accounts")
    keeper.get_by_role("link", name="Samuel Lee").click()
    expect(keeper.get_by_role("heading", level=1)).to_have_text("Samuel Lee")
    keeper.get_by_role("button", name="Disable this account").click()
    row = keeper.get_by_role("row").filter(has_text="Samuel Lee")
    expect(row).to_contain_text("Disabled")
    student.click()
    expect(liaison).to_have_url(re.compile("/signin"))
    expect(liaison.locator("body")).not_to_contain_text(name)
    keeper.get_by_role("link", name="Samuel Lee").click()
    keeper.get_by_role("button", name="Make a one-time password").click()
    password = keeper.locator("code").nth(1).inner_text()
    liaison.get_by_label("User name").fill(LIAISON)
    liaison.get_by_label("Password").fill(password)
    liaison.get_by_role("button", name="Sign in").click()
    expect(liaison.get_by_role("heading", level=1)).to_have_text("Choose a password")
    for context in (his, theirs):
        context.close()
    assert away == [[], []]
