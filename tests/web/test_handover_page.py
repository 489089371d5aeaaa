"""The handover on its page: names as text, the grade in the address, and nobody for whoever plans nothing."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from support.alder_creek import ADMIN, MARIBEL, OKAFOR, Person, keep, roomy
from web.calling import Calling
from web.test_pages import NAMES, signed_in
from web.visitor import Visitor, shown

from ews.settings import Settings
from ews.web import pages


@pytest.fixture
def okafor(settings: Settings, calling: Calling) -> Visitor:
    keep(roomy(settings), [Person(name, MARIBEL.p, grade=8) for name in NAMES])
    return signed_in(calling(pages.routes, of=settings), OKAFOR)


def test_packets_have_names_as_text_and_a_json_twin(okafor: Visitor) -> None:
    page = okafor("GET", "/handover").text
    assert "<script" not in page
    for name in NAMES:
        assert " ".join(name.split()) in shown(page)
    twin = okafor("GET", "/handover.json").json()
    assert {one["row"]["display_name"] for one in twin["packets"]} == set(NAMES)


def test_another_grade_is_asked_in_the_address_and_a_wrong_one_told(okafor: Visitor) -> None:
    assert "You work with nobody in grade" in shown(okafor("GET", "/handover?grade=9").text)
    told = okafor("GET", "/handover?grade=ninety")
    assert told.status_code == 400
    assert "ninety" not in told.text


def test_it_opens_on_a_grade_that_one_has_and_offers_no_other(settings: Settings, calling: Calling) -> None:
    keep(roomy(settings), [replace(MARIBEL, grade=10), replace(MARIBEL, name="Noor Haddad", grade=9)])
    page = signed_in(calling(pages.routes, of=settings), OKAFOR)("GET", "/handover").text
    assert "Moving up from grade 9" in shown(page).replace("\xa0", " ") and "Noor Haddad" in page
    assert re.findall(r'<option value="(\d+)"', page) == ["9", "10"]


def test_a_system_administrator_has_no_handover(okafor: Visitor) -> None:
    assert signed_in(okafor.call, ADMIN)("GET", "/handover").status_code == 403
