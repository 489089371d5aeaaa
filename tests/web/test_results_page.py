"""The results report on its page: said without a causal word, in three forms, for those who follow up."""

from __future__ import annotations

import pytest
from support.alder_creek import ADMIN, OKAFOR, TOWN, keep, roomy
from web.calling import Calling
from web.test_pages import signed_in
from web.visitor import Visitor, shown

from ews.settings import Settings
from ews.web import pages


@pytest.fixture
def okafor(settings: Settings, calling: Calling) -> Visitor:
    keep(roomy(settings), TOWN)
    return signed_in(calling(pages.routes, of=settings), OKAFOR)


def test_the_report_says_what_it_cannot_say(okafor: Visitor) -> None:
    said = shown(okafor("GET", "/results").text)
    assert "regression to the mean" in said
    for word in ("caused", "because of the support", "improved by", "thanks to", "effect of"):
        assert word not in said
    assert not any(person.name in said for person in TOWN)


def test_a_group_of_ten_or_fewer_is_said_to_be_too_few(okafor: Visitor) -> None:
    assert "too few to show" in shown(okafor("GET", "/results").text)
    assert okafor("GET", "/results.json").json()["whole"] == {
        "title": "all",
        "students": None,
        "served": None,
    }


def test_the_csv_is_for_download_and_a_day_that_is_none_is_told(okafor: Visitor) -> None:
    answer = okafor("GET", "/results.csv")
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.text.lstrip("\ufeff").startswith("part,group,")
    told = okafor("GET", "/results?since=yesterday")
    assert told.status_code == 400
    assert "yesterday" not in told.text


def test_a_system_administrator_has_no_report(okafor: Visitor) -> None:
    assert signed_in(okafor.call, ADMIN)("GET", "/results").status_code == 403
