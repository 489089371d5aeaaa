"""Style sheets: kept by the browser under the address of their version, asked about under any other."""

from __future__ import annotations

import re

import pytest
from web.calling import Caller, Calling

from ews.settings import Settings
from ews.web import pages
from ews.web.static_files import STATIC, static_address


@pytest.fixture
def call(settings: Settings, calling: Calling) -> Caller:
    return calling(pages.routes, of=settings)


def test_a_page_names_the_version_of_its_sheets_and_the_browser_keeps_them(call: Caller) -> None:
    page = call("GET", "/signin", headers={"accept": "text/html"}).text
    addresses = re.findall(r'href="(/static/[^"]+)"', page)
    assert {address.split("?")[0] for address in addresses} == {
        "/static/mark.svg",
        "/static/tokens.css",
        "/static/pages.css",
    }
    for address in addresses:
        answer = call("GET", address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "max-age=31536000, immutable"


def test_without_its_version_or_with_another_a_sheet_is_asked_about_each_time(call: Caller) -> None:
    for address in ("/static/pages.css", "/static/pages.css?v=000000000000", "/static/pages.css?v="):
        assert call("GET", address).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("name", sorted(path.name for path in STATIC.iterdir()))
def test_every_file_has_an_address_of_its_version(name: str) -> None:
    assert re.fullmatch(rf"/static/{re.escape(name)}\?v=[0-9a-f]{{12}}", static_address(name))
