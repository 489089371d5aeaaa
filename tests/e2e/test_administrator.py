"""An administrator's story in a real browser: an account is disabled, and the next click is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from e2e.conftest import PHONE, WIDE, ZOOMED, serving, stays_here
from playwright.sync_api import Browser, BrowserContext, Page, expect
from support.alder_creek import ADMIN, OKAFOR, TOWN, keep, roomy
from web.visitor import account_id_of

from ews.people.access import Principal
from ews.people.clients import add_client
from ews.people.sessions import open_session
from ews.settings import Settings, read_settings
from ews.store import open_store

pytestmark = pytest.mark.browser

AUDITOR = Principal("auditor@district.example", "Ruth Adeyemi", "auditor")
PAGES = {ADMIN: ("/accounts", "/accounts/1", "/clients", "/account"), AUDITOR: ("/ledger",)}
SIGHTS = [(WIDE, "light"), (WIDE, "dark"), (PHONE, "light")]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Settings]]:
    """The scored town behind a server of this file's own, with three people and a client."""
    folder: Path = tmp_path_factory.mktemp("administrator")
    settings = read_settings({"EWS_HOME": str(folder / "data"), "EWS_CONFIG": str(folder / "ews.toml")})
    keep(roomy(settings), TOWN)
    now = datetime.now(UTC)
    with open_store(settings) as store, store.begin() as tx:
        for person in (OKAFOR, ADMIN, AUDITOR):
            account_id_of(tx, person)
        add_client(tx, "SIS of Alder Creek", scopes=("scores.compute",), schools=("alder",), now=now)
    for address in serving(settings):
        yield address, settings


def seated(
    chromium: Browser, town: tuple[str, Settings], person: Principal, width: int = WIDE, scheme: str = "light"
) -> tuple[BrowserContext, Page]:
    """A browser in which ``person`` is signed in."""
    address, settings = town
    with open_store(settings) as store, store.begin() as tx:
        secret, _ = open_session(tx, account_id_of(tx, person), now=datetime.now(UTC), hours=1)
    context = chromium.new_context(
        base_url=address, viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    )  # type: ignore[call-overload]  # the policy is lifted for axe alone
    context.add_cookies([{"name": "ews", "value": secret, "url": address}])
    return context, context.new_page()


def test_an_administrator_disables_an_account_and_the_next_click_of_that_person_is_refused(
    chromium: Browser, town: tuple[str, Settings]
) -> None:
    hers, counselor = seated(chromium, town, OKAFOR)
    theirs, keeper = seated(chromium, town, ADMIN)
    away = [*stays_here(hers), *stays_here(theirs)]
    counselor.goto("/list")
    expect(counselor.locator("a.student-name").first).to_be_visible()
    keeper.goto("/accounts")
    keeper.get_by_role("link", name="Denise Okafor").click()
    expect(keeper.get_by_role("heading", level=1)).to_have_text("Denise Okafor")
    keeper.get_by_role("button", name="Disable this account").click()
    row = keeper.get_by_role("row").filter(has_text="Denise Okafor")
    expect(row).to_contain_text("Disabled")
    counselor.locator("a.student-name").first.click()
    expect(counselor).to_have_url(re.compile("/signin"))
    expect(counselor.locator("body")).not_to_contain_text("Maribel")
    keeper.get_by_role("link", name="Denise Okafor").click()
    keeper.get_by_role("button", name="Make a one-time password").click()
    password = keeper.locator("code").nth(1).inner_text()
    counselor.get_by_label("User name").fill(OKAFOR.name)
    counselor.get_by_label("Password").fill(password)
    counselor.get_by_role("button", name="Sign in").click()
    expect(counselor.get_by_role("heading", level=1)).to_have_text("Choose a password")
    assert away == []
    hers.close()
    theirs.close()


@pytest.mark.parametrize("person", PAGES, ids=lambda person: person.role)
@pytest.mark.parametrize(("width", "scheme"), SIGHTS)
def test_axe_finds_nothing_on_the_pages_of_those_who_run_the_service(
    chromium: Browser, town: tuple[str, Settings], person: Principal, width: int, scheme: str
) -> None:
    context, page = seated(chromium, town, person, width, scheme)
    found = {}
    for path in PAGES[person]:
        page.goto(path)
        for at in (width, *([ZOOMED] if width == PHONE else [])):
            page.set_viewport_size({"width": at, "height": 900})
            assert page.evaluate("document.documentElement.scrollWidth") <= at, f"{path} at {at}"
        result = Axe().run(page)
        if result.violations_count:
            found[path] = result.generate_report()
    context.close()
    assert not found, "\n".join(f"{path}: {report}" for path, report in found.items())
