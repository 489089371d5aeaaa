"""The Monday digest on its page: the very text of the mail, and the switch."""

from __future__ import annotations

import pytest
from support.alder_creek import ADMIN, BAPTISTE, MARIBEL, OKAFOR, TOWN, keep, roomy
from web.calling import Calling
from web.test_pages import signed_in
from web.visitor import Visitor, shown

from ews.settings import Settings
from ews.web import pages


@pytest.fixture
def okafor(settings: Settings, calling: Calling) -> Visitor:
    keep(roomy(settings), TOWN)
    return signed_in(calling(pages.routes, of=settings), OKAFOR)


def test_the_page_shows_the_mail_that_names_nobody(okafor: Visitor) -> None:
    said = shown(okafor("GET", "/digest").text)
    assert "Good morning Denise Okafor" in said
    assert MARIBEL.name not in said
    assert "No mail leaves this service yet" in said
    assert okafor("GET", "/digest.json").json()["text"].startswith("Good morning")


def test_whoever_has_it_can_stop_it_and_have_it_again(okafor: Visitor) -> None:
    assert okafor.send("/digest/choice", "/digest", wanted="no").headers["location"] == "/digest"
    assert "You do not get it" in shown(okafor("GET", "/digest").text)
    okafor.send("/digest/choice", "/digest", wanted="yes")
    assert "Stop sending it to me" in shown(okafor("GET", "/digest").text)


def test_without_a_caseload_the_page_says_that_none_is_sent(okafor: Visitor) -> None:
    assert "you have none" in shown(signed_in(okafor.call, BAPTISTE)("GET", "/digest").text)


def test_whoever_follows_nobody_up_has_no_digest(okafor: Visitor) -> None:
    assert signed_in(okafor.call, ADMIN)("GET", "/digest").status_code == 403
