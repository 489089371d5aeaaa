"""Family letters: drafted from a true fact and one offer, looked over by somebody else, then sent, on record.

Nothing of a model stands in a letter: no score, band, level or reason. No letter goes by itself, none
without a second person, none to whom it may not go, none beside a notice of truancy in force. What was
written, looked over and sent is never changed; a letter that was returned is written anew.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, select

from ews.people.access import Principal, author_shown, scoped, why_may_see
from ews.people.authors import by_whom
from ews.people.ledger import record_view
from ews.people.roles import Act
from ews.settings import Settings
from ews.store.family_tables import letter_reviews, letter_sendings, letters
from ews.store.store import Transaction
from ews.store.tables import placements, schools
from ews.support.facts import Run
from ews.support.families import guardians_of, is_of_age, notices_on
from ews.support.letter_facts import Fact, facts_of_record, features_of_run, said_now, slots_of
from ews.support.letter_text import (
    ENGLISH,
    LetterLanguage,
    language_name,
    languages,
    letter_language,
)
from ews.support.pupil import Pupil, pupil_of
from ews.support.recipients import Notice, Recipient, recipients, why_no_letter
from ews.support.runs import shown_run

DRAFT, RELEASED, RETURNED, SENT = "draft", "released", "returned", "sent"
STATE_WORDS = {
    DRAFT: "Waiting for a second look",
    RELEASED: "Released, not sent yet",
    RETURNED: "Returned to the writer",
    SENT: "Sent",
}
CONFIRMED = {
    "fact": "The fact is true, and the family would take it as praise.",
    "language": "The language is right for those who get it, and I or somebody who speaks it has read it.",
    "rights": "Whoever stands below with a yes may get it: rights, orders, channel are as the records say.",
}
"""What the second person confirms, each by itself."""

OF_AGE = "of_age"
OF_AGE_WORDS = "The student is 18 or older and agrees: the rights are the student's own."


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
    """A letter with what came of it. mine: written by the person who looks."""

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
    review: Review | None
    sendings: tuple[Sending, ...]

    @property
    def state(self) -> str:
        """draft, released, returned or sent."""
        if self.sendings:
            return SENT
        return self.review.verdict if self.review else DRAFT

    @property
    def state_words(self) -> str:
        """The state as a person says it."""
        return STATE_WORDS[self.state]


@dataclass(frozen=True)
class Addressee:
    """A guardian beside a letter: what may be sent to them, in which language, and what was.

    why_not: why this letter may not go to them; empty when it may.
    """

    recipient: Recipient
    language_name: str
    letter_language: str | None
    why_not: str
    sending: Sending | None = None


@dataclass(frozen=True)
class FamilyView:
    """A student's family: who may be written to, what stands between, the letters so far.

    why_not: why no letter may go at all. facts: what goes well, to choose from. language: the letter's
    language that is proposed; None where nobody here reads one of ours.
    """

    pupil: Pupil
    why: str
    run: Run
    addressees: tuple[Addressee, ...]
    notices: tuple[Notice, ...]
    of_age: bool
    why_not: str
    facts: tuple[Fact, ...]
    language: str | None
    letters: tuple[Letter, ...]


@dataclass(frozen=True)
class LetterView:
    """One letter, who it is for, and what the person who looks may do with it.

    still_true: what the newest records say in place of the fact; empty when they say the same.
    may_review, may_send: whether it is this person's to do now; why_not says what stands between.
    to_confirm: what a second person has to confirm, by name.
    """

    pupil: Pupil
    why: str
    letter: Letter
    addressees: tuple[Addressee, ...]
    notices: tuple[Notice, ...]
    approval: str
    still_true: str
    to_confirm: Mapping[str, str]
    may_review: bool
    may_send: bool
    why_not: str


# ---- which languages a district has approved ---------------------------------------------------------


@dataclass(frozen=True)
class Rules:
    """A district's choices about letters. reviewed: language to who has read its sentences.

    for_show: the demo, where every language may be released, and the page says so.
    """

    reviewed: Mapping[str, str]
    second_person: bool
    for_show: bool = False

    @classmethod
    def of(cls, settings: Settings, *, for_show: bool = False) -> Rules:
        """The rules that these settings make."""
        return cls(settings["letters.reviewed"], settings["letters.second_person"], for_show)

    def approval(self, language: str) -> str:
        """Who has approved a language, in words; empty when nobody has."""
        if language == ENGLISH:
            return "Written in English."
        if language in self.reviewed:
            return f"Its sentences were reviewed by {self.reviewed[language]}."
        if self.for_show:
            return "Machine-drafted and read by nobody yet; released here for show, in the demo alone."
        return ""


# ---- looking -----------------------------------------------------------------------------------------


def family_view(
    tx: Transaction, principal: Principal, student_id: str, *, now: datetime
) -> FamilyView | None:
    """A student's family and letters; None when the student is not theirs, or letters are not.

    ``tx`` must be able to write: the look is in the ledger, or nothing is shown.
    """
    run = shown_run(tx)
    reason = reason_for(tx, principal, student_id, Act.WRITE_HOME)
    if run is None or reason is None:
        return None
    pupil = pupil_of(tx, run, student_id)
    if pupil is None:
        return None
    record_look(tx, principal, student_id, "family", reason, now)
    people = recipients(guardians_of(tx, student_id))
    notices = notices_on(tx, student_id, now.date())
    return FamilyView(
        pupil=pupil,
        why=reason,
        run=run,
        addressees=tuple(addressee(one, None, ()) for one in people),
        notices=notices,
        of_age=is_of_age(tx, student_id),
        why_not=why_no_letter(people, notices) or nobody_reads(people),
        facts=facts_of_record(features_of_run(tx, run, student_id), pupil),
        language=proposed_language(people),
        letters=letters_about(tx, principal, student_id),
    )


def letter_view(
    tx: Transaction, principal: Principal, letter_id: int, rules: Rules, *, now: datetime
) -> LetterView | None:
    """One letter; None when it is not there, or about a student who is not theirs."""
    letter = letter_of(tx, principal, letter_id)
    run = shown_run(tx)
    if letter is None or run is None:
        return None
    pupil = pupil_of(tx, run, letter.student_id)
    reason = why_may_see(tx, principal, letter.student_id)
    if pupil is None or reason is None:
        return None
    record_look(tx, principal, letter.student_id, "letter", reason, now)
    people = recipients(guardians_of(tx, letter.student_id))
    notices = notices_on(tx, letter.student_id, now.date())
    blocked = why_no_letter(people, notices)
    named = tuple(addressee(one, letter, letter.sendings) for one in people)
    return LetterView(
        pupil=pupil,
        why=reason,
        letter=letter,
        addressees=named,
        notices=notices,
        approval=rules.approval(letter.language.code),
        still_true=what_is_true_now(tx, run, pupil, letter),
        to_confirm=to_confirm(tx, letter),
        may_review=letter.state == DRAFT and not why_not_review(principal, letter, rules, blocked),
        may_send=letter.state in (RELEASED, SENT)
        and not blocked
        and any(not one.why_not and one.sending is None for one in named)
        and principal.does(Act.WRITE_HOME),
        why_not=blocked if letter.state != DRAFT else why_not_review(principal, letter, rules, blocked),
    )


def reason_for(tx: Transaction, principal: Principal, student_id: str, act: Act) -> str | None:
    """Why this person may do ``act`` for this student; None when they may not."""
    if not principal.does(act) or principal.account_id is None:
        return None
    return why_may_see(tx, principal, student_id)


def addressee(one: Recipient, letter: Letter | None, sent: Sequence[Sending]) -> Addressee:
    """A guardian beside a letter (or beside none yet)."""
    reads = letter_language(one.guardian.language)
    spoken = language_name(one.guardian.language)
    sending = next((s for s in sent if s.guardian_id == one.guardian.guardian_id), None)
    return Addressee(one, spoken, reads.code if reads else None, why_not_to(one, letter), sending)


def why_not_to(one: Recipient, letter: Letter | None) -> str:
    """Why a letter (this one, or any) may not go to a guardian; empty when it may."""
    if one.why_not:
        return one.why_not
    spoken = one.guardian.language
    reads = letter_language(spoken)
    if spoken and reads is None:
        return f"Call with an interpreter: there is no letter in {language_name(spoken)}."
    if letter is not None and reads is not None and not same_language(reads.code, letter.language.code):
        return f"They read {reads.name}; this letter is in {letter.language.name}. Write another."
    return ""


def same_language(one: str, other: str) -> bool:
    """Whether two letters are in one language: Chinese is written in two ways, and families differ."""
    return one.split("-")[0] == other.split("-")[0]


def nobody_reads(people: Sequence[Recipient]) -> str:
    """Why no letter helps a family whose languages have none; empty when one does."""
    mine = [one for one in people if one.may_be_written_to]
    if any(not why_not_to(one, None) for one in mine):
        return ""
    spoken = sorted({language_name(one.guardian.language) for one in mine})
    return f"Call with an interpreter: there is no letter in {' or '.join(spoken)}." if spoken else ""


def proposed_language(people: Sequence[Recipient]) -> str | None:
    """The language of the first guardian who may be written to and reads one of ours."""
    for one in people:
        if one.may_be_written_to and not why_not_to(one, None):
            reads = letter_language(one.guardian.language)
            return reads.code if reads else ENGLISH
    return None


def to_confirm(tx: Transaction, letter: Letter) -> dict[str, str]:
    """What a second person has to confirm of this letter."""
    return CONFIRMED | ({OF_AGE: OF_AGE_WORDS} if is_of_age(tx, letter.student_id) else {})


def why_not_review(principal: Principal, letter: Letter, rules: Rules, blocked: str) -> str:
    """Why this person may not release this letter; empty when they may."""
    if not principal.does(Act.RELEASE_LETTERS):
        return "A counselor or a school administrator looks it over before it goes."
    if letter.mine and rules.second_person:
        return "You wrote it, so somebody else looks it over."
    return blocked


def what_is_true_now(tx: Transaction, run: Run, pupil: Pupil, letter: Letter) -> str:
    """What the newest records say in the place of the letter's fact; empty when they say the same."""
    row = tx.execute(select(letters.c.fact).where(letters.c.letter_id == letter.letter_id)).scalar_one()
    now = slots_of(row["code"], features_of_run(tx, run, letter.student_id))
    if now is None:
        return "The newest records no longer say this."
    if {key: str(value) for key, value in now.items()} == {k: str(v) for k, v in row["slots"].items()}:
        return ""
    return f"The newest records say: {said_now(pupil, row['code'], now)}"


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
    """The letters about this person's students that wait for a look or for sending, oldest first."""
    sent = select(letter_sendings.c.letter_id)
    returned = select(letter_reviews.c.letter_id).where(letter_reviews.c.verdict == RETURNED)
    waiting = letters.c.letter_id.not_in(sent), letters.c.letter_id.not_in(returned)
    return tuple(reversed(_letters(tx, principal, _told().where(*waiting))))


def _told() -> Select[Any]:
    return by_whom(select(letters), letters.c.account_id).order_by(letters.c.letter_id.desc())


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


def schools_in_sight(tx: Transaction, principal: Principal) -> dict[str, str]:
    """The schools in which this person has students, by id, with their names."""
    theirs = scoped(principal, select(placements.c.school_id), placements.c.student_id).distinct()
    found = tx.execute(select(schools).where(schools.c.school_id.in_(theirs)).order_by(schools.c.name))
    return {row.school_id: row.name for row in found}


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
