"""The family as a student's page tells it: language, interpreter, rights, the way that each person chose."""

from __future__ import annotations

from dataclasses import dataclass

from ews.people.access import Principal
from ews.people.roles import Field
from ews.store.store import Transaction
from ews.support.families import guardians_of
from ews.support.letter_text import language_name
from ews.support.recipients import Guardian, recipient


@dataclass(frozen=True)
class FamilyMember:
    """One guardian, in words. The records have no names of guardians.

    rights: who holds education rights, None where it is not on record; how: the way they chose, empty where
    nothing may be sent; why_not: then why; order: a court order stands, and they are not called either.
    """

    language: str
    interpreter: bool
    rights: bool | None
    how: str
    why_not: str
    order: bool


def family_members(tx: Transaction, principal: Principal, student_id: str) -> tuple[FamilyMember, ...]:
    """The guardians of a student, those with education rights first; none for who may not see families."""
    if not principal.sees(Field.FAMILY):
        return ()
    told = [member(guardian) for guardian in guardians_of(tx, student_id)]
    return tuple(sorted(told, key=lambda one: (one.order, not one.rights)))


def member(guardian: Guardian) -> FamilyMember:
    """One guardian in words."""
    decided = recipient(guardian)
    return FamilyMember(
        language=language_name(guardian.language),
        interpreter=bool(guardian.interpreter),
        rights=guardian.education_rights,
        how=decided.channel_words,
        why_not=decided.why_not,
        order=decided.order,
    )
