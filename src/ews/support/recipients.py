"""Who of a family may be written to, by which channel, and why not: decided here and nowhere else.

Custody and court orders come first, then who holds education rights, then the channel that the person
chose. What is not on record is never taken as a yes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

CHANNELS = {
    "mail": "by mail",
    "email": "by e-mail",
    "text": "by text message",
    "portal": "in the family portal",
    "phone": "read aloud by phone",
}
NOTICES = {
    "truancy_1": "first notice of truancy",
    "truancy_2": "second notice of truancy",
    "truancy_3": "third notice of truancy",
    "excessive_excused": "notice of excessive excused absences",
    "sart": "attendance review team (SART)",
    "sarb": "attendance review board (SARB)",
}


@dataclass(frozen=True)
class Guardian:
    """One guardian as the records have them: no name, and nothing taken for granted (None: not on record)."""

    guardian_id: str
    language: str | None = None
    interpreter: bool | None = None
    education_rights: bool | None = None
    no_contact: bool | None = None
    channel: str | None = None
    receives_mail: bool | None = None


@dataclass(frozen=True)
class Notice:
    """A notice about attendance that stands."""

    kind: str
    given_on: date

    @property
    def words(self) -> str:
        """``second notice of truancy``."""
        return NOTICES.get(self.kind, "notice about attendance")


@dataclass(frozen=True)
class Recipient:
    """A guardian and what may be sent to them. ``why_not`` is empty when they may be written to.

    channel: how, as they chose it; None when nothing may be sent. order: whether a court order stands
    between, in which case they are not called either.
    """

    guardian: Guardian
    channel: str | None
    why_not: str
    order: bool = False

    @property
    def may_be_written_to(self) -> bool:
        """Whether a letter may go to this guardian."""
        return self.channel is not None

    @property
    def channel_words(self) -> str:
        """``by mail``; empty when nothing may be sent."""
        return CHANNELS[self.channel] if self.channel else ""


def recipient(guardian: Guardian) -> Recipient:
    """Whether this guardian may be written to and how; the first rule that says no gives the reason."""
    if guardian.no_contact:
        return Recipient(guardian, None, "A no-contact order stands: do not write, do not call.", order=True)
    if guardian.education_rights is None:
        return Recipient(
            guardian, None, "The records do not say whether they hold education rights. Ask the office."
        )
    if not guardian.education_rights:
        return Recipient(guardian, None, "They do not hold education rights for this student.")
    return by_channel(guardian)


def by_channel(guardian: Guardian) -> Recipient:
    """How a guardian with rights is reached: as they chose; by mail where they chose nothing and take it."""
    if guardian.channel == "mail" and guardian.receives_mail is False:
        return Recipient(
            guardian, None, "They chose mail, and the records say no mail goes to them. Ask the office."
        )
    if guardian.channel in CHANNELS:
        return Recipient(guardian, guardian.channel, "")
    if guardian.receives_mail:
        return Recipient(guardian, "mail", "")
    return Recipient(guardian, None, "The records do not say how they wish to be reached. Ask the office.")


def recipients(guardians: Iterable[Guardian]) -> tuple[Recipient, ...]:
    """Every guardian of a student, with what may be sent to them."""
    return tuple(recipient(guardian) for guardian in guardians)


def why_no_record(guardian: Guardian) -> str:
    """Why the student's record may not be given to this guardian; empty when it may.

    How they are reached plays no part: whoever holds education rights may see the record (EC 49069.7).
    """
    found = recipient(guardian)
    return found.why_not if found.order or not guardian.education_rights else ""


def why_no_letter(people: Sequence[Recipient], notices: Sequence[Notice]) -> str:
    """Why no letter may go to this family at all; empty when one may.

    A letter of support is never sent beside a notice of truancy in force: the two together read as a threat.
    """
    if notices:
        latest = notices[0]
        return (
            f"A {latest.words} of {latest.given_on:%-d %B %Y} stands this school year. A letter of support is"
            " not sent beside it. Call, or talk with whoever follows the notice."
        )
    if not people:
        return "No guardian is on record. Ask the office."
    if not any(person.may_be_written_to for person in people):
        return "Nobody in this family may be written to now."
    return ""
