"""What a person sees of a family before a letter, and of a letter: what may be sent to whom, and why not.

Each look is in the ledger before it is shown: ``tx`` must be able to write.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from ews.people.access import Principal, why_may_see
from ews.people.roles import Act
from ews.store.family_tables import letters
from ews.store.store import Transaction
from ews.support.facts import Run
from ews.support.families import guardians_of, is_of_age, notices_on
from ews.support.letter_facts import Fact, facts_of_record, features_of_run, said_now, slots_of
from ews.support.letter_rules import (
    Rules,
    nobody_reads,
    proposed_language,
    to_confirm,
    why_not_review,
    why_not_to,
)
from ews.support.letter_text import language_name, letter_language
from ews.support.letters import (
    DRAFT,
    RELEASED,
    SENT,
    WITH_WRITER,
    Letter,
    Sending,
    letter_of,
    letters_about,
    reason_for,
    record_look,
)
from ews.support.pupil import Pupil, pupil_of
from ews.support.recipients import Notice, Recipient, recipients, why_no_letter
from ews.support.runs import shown_run


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
    may_review, may_send, may_take_back: whether it is this person's to do now; why_not says what stands
    between. with_writer: it is theirs to write anew; taken back, to hand in as it is; returned, to leave.
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
    may_take_back: bool
    with_writer: bool
    why_not: str


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
    writer = letter.mine and principal.does(Act.WRITE_HOME)
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
        may_take_back=letter.state == DRAFT and writer,
        with_writer=letter.state in WITH_WRITER and writer,
        why_not=blocked if letter.state != DRAFT else why_not_review(principal, letter, rules, blocked),
    )


def addressee(one: Recipient, letter: Letter | None, sent: Sequence[Sending]) -> Addressee:
    """A guardian beside a letter (or beside none yet)."""
    reads = letter_language(one.guardian.language)
    spoken = language_name(one.guardian.language)
    sending = next((s for s in sent if s.guardian_id == one.guardian.guardian_id), None)
    return Addressee(one, spoken, reads.code if reads else None, why_not_to(one, letter), sending)


def what_is_true_now(tx: Transaction, run: Run, pupil: Pupil, letter: Letter) -> str:
    """What the newest records say in the place of the letter's fact; empty when they say the same."""
    row = tx.execute(select(letters.c.fact).where(letters.c.letter_id == letter.letter_id)).scalar_one()
    now = slots_of(row["code"], features_of_run(tx, run, letter.student_id))
    if now is None:
        return "The newest records no longer say this."
    if {key: str(value) for key, value in now.items()} == {k: str(v) for k, v in row["slots"].items()}:
        return ""
    return f"The newest records say: {said_now(pupil, row['code'], now)}"
