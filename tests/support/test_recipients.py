"""Who of a family may be written to, by which channel, and why not: a table of named families."""

from __future__ import annotations

from datetime import date

import pytest

from ews.support.recipients import Guardian, Notice, recipient, recipients, why_no_letter, why_no_record

MOTHER = Guardian("mother", "spa", False, education_rights=True, no_contact=False, channel="text",
                  receives_mail=True)  # fmt: skip


def like_her(**other: object) -> Guardian:
    """The mother, but for what is told."""
    return Guardian(**{**MOTHER.__dict__, **other})  # type: ignore[arg-type]


FAMILIES: dict[str, tuple[Guardian, str | None, str]] = {
    "Ms. Santos chose text messages": (MOTHER, "text", ""),
    "Mr. Tran chose e-mail and takes no mail": (like_her(channel="email", receives_mail=False), "email", ""),
    "Ms. Herrera wants to be called": (like_her(channel="phone"), "phone", ""),
    "Mr. Reyes chose nothing and takes mail": (like_her(channel=None), "mail", ""),
    "Ms. Kim chose nothing and takes no mail": (
        like_her(channel=None, receives_mail=False), None, "how they wish to be reached"),
    "of Mr. Castillo nothing is known but his rights": (
        like_her(channel=None, receives_mail=None), None, "how they wish to be reached"),
    "Ms. Nakamura chose mail that does not go to her": (
        like_her(channel="mail", receives_mail=False), None, "no mail goes to them"),
    "Ms. Haddad chose mail, and whether it reaches her is not said": (
        like_her(channel="mail", receives_mail=None), "mail", ""),
    "an order stands against a father": (like_her(no_contact=True), None, "no-contact order"),
    "an order stands, whatever rights he has": (
        like_her(no_contact=True, education_rights=False), None, "no-contact order"),
    "an aunt without education rights": (like_her(education_rights=False), None, "do not hold education"),
    "a grandfather whose rights are not on record": (
        like_her(education_rights=None), None, "do not say whether"),
    "whether an order stands is not on record": (like_her(no_contact=None), "text", ""),
    "a channel of a newer contract": (like_her(channel="pigeon"), "mail", ""),
}  # fmt: skip


@pytest.mark.parametrize("title", FAMILIES)
def test_who_may_be_written_to_and_how(title: str) -> None:
    guardian, channel, why_not = FAMILIES[title]
    found = recipient(guardian)
    assert found.channel == channel
    assert found.may_be_written_to == (channel is not None)
    assert (why_not in found.why_not) if why_not else found.why_not == ""


def test_an_order_is_told_apart_since_they_are_not_called_either() -> None:
    assert recipient(like_her(no_contact=True)).order
    assert not recipient(like_her(education_rights=False)).order


def test_a_family_is_written_to_when_one_of_them_may_be() -> None:
    family = recipients([like_her(no_contact=True), MOTHER])
    assert why_no_letter(family, []) == ""


@pytest.mark.parametrize(
    ("family", "said"),
    [
        ([], "No guardian is on record"),
        ([like_her(no_contact=True), like_her(education_rights=False)], "Nobody in this family"),
    ],
)
def test_why_a_family_gets_no_letter(family: list[Guardian], said: str) -> None:
    assert said in why_no_letter(recipients(family), [])


def test_no_letter_of_support_beside_a_notice_of_truancy() -> None:
    notices = [Notice("truancy_2", date(2025, 10, 20)), Notice("truancy_1", date(2025, 9, 20))]
    why = why_no_letter(recipients([MOTHER]), notices)
    assert why.startswith("A second notice of truancy of 20 October 2025 stands")


@pytest.mark.parametrize(
    ("guardian", "said"),
    [
        (MOTHER, ""),
        (like_her(channel=None, receives_mail=False), ""),
        (like_her(no_contact=True), "no-contact order"),
        (like_her(education_rights=False), "do not hold education rights"),
        (like_her(education_rights=None), "do not say whether"),
    ],
)
def test_the_record_is_for_those_with_rights_however_they_are_reached(guardian: Guardian, said: str) -> None:
    why = why_no_record(guardian)
    assert (said in why) if said else why == ""
