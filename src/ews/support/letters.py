"""Family letters: drafted from a true fact and one offer, looked over by somebody else, then sent, on record.

Nothing of a model stands in a letter: no score, band, level or reason. No letter goes by itself, none
without a second person, none to whom it may not go, none beside a notice of truancy in force. What was
written, looked over and sent is never changed; a letter that was returned, or that its writer has taken
back, is written anew from what was chosen for it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, select

from ews.people.access import Principal, author_shown, scoped, why_may_see
from ews.people.authors import by_whom
from ews.people.ledger import record_view
from ews.people.roles import Act
from ews.store.family_tables import letter_reviews, letter_sendings, letters, letters_taken_back
from ews.store.store import Transaction
from ews.store.tables import placements, schools
from ews.support.letter_text import ENGLISH, LetterLanguage, languages

DRAFT, TAKEN_BACK, RELEASED, RETURNED, LEFT, SENT = (
    "draft", "taken_back", "released", "returned", "left", "sent",
)  # fmt: skip
WITH_WRITER = (TAKEN_BACK, RETURNED, LEFT)
"""The states in which a letter is its writer's to write anew."""
STATE_WORDS = {
    DRAFT: "Waiting for a second look",
    TAKEN_BACK: "Draft: taken back by the writer",
    RELEASED: "Released, not sent yet",
    RETURNED: "Returned to the writer",
    LEFT: "Returned, and left by the writer",
    SENT: "Sent",
}


@dataclass(frozen=True)
class Review:
    """The second look: by whom, when, with which verdict, what was confirmed, and words for the writer."""

    who: str
    at: datetime
    verdict: str
    confirmed: tuple[str, ...]
    words: str


@dataclass(frozen=True)
class Sending:
    """One letter to one guardian: the very text, how, and who sent it."""

    guardian_id: str
    channel: str
    sent_on: date
    at: datetime
    who: str
    text: str


@dataclass(frozen=True)
class Letter:
    """A letter with what came of it. mine: written by the person who looks. chosen: what the writer chose
    and typed, by field of the form. taken_back_at: when the writer took it back, or left it once it was
    returned, while that stands."""

    letter_id: int
    student_id: str
    at: datetime
    who: str
    mine: bool
    as_of: date
    language: LetterLanguage
    fact: str
    text: str
    english: str
    chosen: Mapping[str, str]
    taken_back_at: datetime | None
    review: Review | None
    sendings: tuple[Sending, ...]

    @property
    def state(self) -> str:
        """draft, taken_back, released, returned, left or sent."""
        if self.sendings:
            return SENT
        if self.review:
            left = self.review.verdict == RETURNED and self.taken_back_at
            return LEFT if left else self.review.verdict
        return TAKEN_BACK if self.taken_back_at else DRAFT

    @property
    def state_words(self) -> str:
        """The state as a person says it."""
        return STATE_WORDS[self.state]


# ---- out of the database -----------------------------------------------------------------------------


def letters_about(tx: Transaction, principal: Principal, student_id: str) -> tuple[Letter, ...]:
    """The letters about one student whom ``principal`` may see, latest first."""
    return _letters(tx, principal, _told().where(letters.c.student_id == student_id))


def letter_of(tx: Transaction, principal: Principal, letter_id: int) -> Letter | None:
    """One letter; None when it is not there, is about a student who is not theirs, or letters are not."""
    if not (principal.does(Act.WRITE_HOME) or principal.does(Act.RELEASE_LETTERS)):
        return None
    found = _letters(tx, principal, _told().where(letters.c.letter_id == letter_id))
    return found[0] if found else None


def open_letters(tx: Transaction, principal: Principal) -> tuple[Letter, ...]:
    """The letters about this person's students that wait for a look or for sending, and those of their own
    that are with them again, taken back, or returned and not left; oldest first."""
    sent = select(letter_sendings.c.letter_id)
    returned = select(letter_reviews.c.letter_id).where(letter_reviews.c.verdict == RETURNED)
    back, taken = letters.c.letter_id.in_(returned), is_taken_back()
    own = (letters.c.account_id == principal.account_id) & ~is_written_anew() & ~(back & taken)
    waiting = letters.c.letter_id.not_in(sent), ~(back | taken) | own
    return tuple(reversed(_letters(tx, principal, _told().where(*waiting))))


def is_taken_back() -> ColumnElement[bool]:
    """The condition under which the writer of a letter has taken it back, or left it once it was returned."""
    of = letters_taken_back.c
    return exists().where(of.letter_id == letters.c.letter_id, of.undone_at.is_(None))


def is_written_anew() -> ColumnElement[bool]:
    """The condition under which another letter stands in the place of a letter."""
    other = letters.alias()
    return exists().where(other.c.instead_of == letters.c.letter_id)


def _told() -> Select[Any]:
    of = letters_taken_back.c
    taken_back_at = (
        select(func.max(of.at))
        .where(of.letter_id == letters.c.letter_id, of.undone_at.is_(None))
        .scalar_subquery()
    )
    told = by_whom(select(letters, taken_back_at.label("taken_back_at")), letters.c.account_id)
    return told.order_by(letters.c.letter_id.desc())


def _letters(tx: Transaction, principal: Principal, statement: Select[Any]) -> tuple[Letter, ...]:
    rows = tx.execute(scoped(principal, statement, letters.c.student_id)).all()
    numbers = [row.letter_id for row in rows]
    reviews = {
        row.letter_id: review_of(principal, row) for row in tx.execute(_of_letters(letter_reviews, numbers))
    }
    sent: dict[int, list[Sending]] = {}
    for row in tx.execute(_of_letters(letter_sendings, numbers).order_by(letter_sendings.c.at)):
        sent.setdefault(row.letter_id, []).append(
            Sending(
                guardian_id=row.guardian_id,
                channel=row.channel,
                sent_on=row.sent_on,
                at=row.at,
                who=author_shown(principal, row.person, row.by_role),
                text=row.text,
            )
        )
    return tuple(
        Letter(
            letter_id=row.letter_id,
            student_id=row.student_id,
            at=row.at,
            who=author_shown(principal, row.person, row.by_role),
            mine=row.account_id == principal.account_id,
            as_of=row.as_of,
            language=languages().get(row.language) or languages()[ENGLISH],
            fact=row.fact["code"],
            text=row.text,
            english=row.english,
            chosen={"language": row.language, "fact": row.fact["code"]} | (row.chosen or {}),
            taken_back_at=row.taken_back_at,
            review=reviews.get(row.letter_id),
            sendings=tuple(sent.get(row.letter_id, ())),
        )
        for row in rows
    )


def review_of(principal: Principal, row: Row[Any]) -> Review:
    """A stored second look."""
    who = author_shown(principal, row.person, row.by_role)
    return Review(who, row.at, row.verdict, tuple(row.confirmed), row.words)


def _of_letters(table: Any, numbers: Collection[int]) -> Select[Any]:
    return by_whom(select(table), table.c.account_id).where(table.c.letter_id.in_(list(numbers)))


# ---- who may, and that they looked ------------------------------------------------------------------


def reason_for(tx: Transaction, principal: Principal, student_id: str, act: Act) -> str | None:
    """Why this person may do ``act`` for this student; None when they may not."""
    if not principal.does(act) or principal.account_id is None:
        return None
    return why_may_see(tx, principal, student_id)


def record_look(
    tx: Transaction, principal: Principal, student_id: str, action: str, reason: str, now: datetime
) -> None:
    """Writes into the ledger what is about to be shown of a family or done for it."""
    record_view(
        tx,
        principal,
        action=action,
        reason=reason,
        students=[student_id],
        fields=("name", "grade", "family", "letters"),
        at=now,
    )


def schools_of_ones_students(tx: Transaction, principal: Principal) -> dict[str, str]:
    """The schools in which this person has students, by id, with their names."""
    theirs = scoped(principal, select(placements.c.school_id), placements.c.student_id).distinct()
    found = tx.execute(select(schools).where(schools.c.school_id.in_(theirs)).order_by(schools.c.name))
    return {row.school_id: row.name for row in found}
