"""The pages in the head: everyone sees theirs, and nothing there leads to a refusal."""

from __future__ import annotations

import re

import pytest
from web.calling import Calling
from web.visitor import shown

from ews.people.access import WAYS
from ews.people.roles import ROLE_TABLE, ROLES, Act, who_do
from ews.settings import Settings
from ews.web import pages
from ews.web.faces import Frame, page
from ews.web.navigation import (
    ADMINISTRATION,
    GROUPS,
    PLACES,
    STUDENTS,
    Group,
    Place,
    first_place,
    groups_for,
    title_at,
)
from ews.web.routes import Who
from ews.web.static_files import STATIC


def head(role: str, at: str = "list") -> str:
    """The head of a page that says nothing else, for ``role``."""
    from zoneinfo import ZoneInfo

    frame = Frame(at, ZoneInfo("America/Los_Angeles"), viewer="D. Okafor", does=ROLE_TABLE[role].does)
    return page("page.html", None, frame)


def test_every_page_of_the_head_is_an_address_that_the_same_people_may_open(
    calling: Calling, settings: Settings
) -> None:
    routes = calling(pages.routes, of=settings).inside.addresses.fixed
    for place in PLACES:
        policy = routes[place.address][0].policy
        allowed = who_do(place.act) if place.act else None
        assert policy.who is Who.staff, place.address
        assert policy.roles is None or policy.roles == allowed, place.address


def test_pages_have_names_and_addresses_of_their_own() -> None:
    for part in ("at", "title", "address"):
        said = [getattr(place, part) for place in PLACES]
        assert len(set(said)) == len(said), part
    assert {place.group for place in PLACES} <= set(GROUPS)


@pytest.mark.parametrize("role", ROLES)
def test_the_head_has_the_pages_of_ones_own_role(role: str) -> None:
    said = head(role)
    for place in PLACES:
        mine = place.act is None or place.act in ROLE_TABLE[role].does
        assert (f'href="{place.address}"' in said.split("<nav")[1].split("</nav>")[0]) == mine, place.title


@pytest.mark.parametrize("role", ROLES)
def test_ones_own_sign_in_stands_in_the_menu_that_a_phone_unfolds(role: str) -> None:
    menu = head(role).split("<nav")[1].split("</nav>")[0]
    assert '<a class="own" href="/account">Your sign-in</a>' in menu
    style = (STATIC / "pages.css").read_text(encoding="utf-8")
    hidden = re.findall(r"@media ([^{]+) {(?:[^{}]|{[^{}]*})*?\.main-nav \.own { display: none; }", style)
    assert hidden == ["(min-width: 760px)"], "hidden only where the name beside the menu is shown"


def test_a_group_with_one_page_for_a_person_is_no_group_to_them() -> None:
    one = Place("ledger", "Ledger", "/ledger", Act.SEARCH_LEDGER, ADMINISTRATION)
    other = Place("accounts", "Accounts", "/accounts", Act.KEEP_ACCOUNTS, ADMINISTRATION)
    assert not Group(ADMINISTRATION, (one,)).folded
    assert Group(ADMINISTRATION, (one, other)).folded
    assert not Group(STUDENTS, (one, other)).folded


def test_the_current_page_is_marked_and_names_the_folded_menu() -> None:
    said = head("counselor", "how")
    assert said.count("aria-current") == 1
    assert "Menu: How this list is made" in shown(said)
    assert title_at("nowhere") == ""


@pytest.mark.parametrize(
    ("role", "begins"),
    [("counselor", "/list"), ("teacher", "/list"), ("equity_reviewer", "/schools"), ("auditor", "/models")],
)
def test_everyone_begins_on_the_first_page_of_their_role(role: str, begins: str) -> None:
    does = ROLE_TABLE[role].does
    assert first_place(does) == begins
    assert ('href="/list"' in head(role)) == (begins == "/list")


@pytest.mark.parametrize("role", ROLES)
def test_the_list_stands_in_the_head_of_every_role_that_has_a_way_to_a_student(role: str) -> None:
    assert (Act.SEE_STUDENTS in ROLE_TABLE[role].does) == (role in WAYS)


def test_no_menu_is_longer_than_eight_pages() -> None:
    for role in ROLES:
        assert all(len(group.places) <= 8 for group in groups_for(ROLE_TABLE[role].does)), role


def test_nobody_who_does_nothing_sees_more_than_what_is_for_everyone() -> None:
    assert all(place.act is None for group in groups_for(()) for place in group.places)
