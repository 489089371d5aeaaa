"""What people do with family letters: write one, take it back, look it over, write down to whom it went."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import exists, select, update

from ews.errors import UsageError
from ews.people.access import Principal, why_may_see
from ews.people.roles import Act
from ews.store.family_tables import letter_reviews, letter_sendings, letters, letters_taken_back
from ews.store.store import Transaction
from ews.support.actions import once
from ews.support.contact_log import OUT, log_contact
from ews.support.families import guardians_of, notices_on
from ews.support.letter_facts import features_of_run, slots_of
from ews.support.letter_rules import Rules, nobody_reads, to_confirm, why_not_review, why_not_to
from ews.support.letter_text import ENGLISH, FACTS, OFFERS, Told, languages, letter_in
from ews.support.letters import (
    DRAFT,
    RELEASED,
    RETURNED,
    SENT,
    WITH_WRITER,
    Letter,
    is_taken_back,
    is_written_anew,
    letter_of,
    reason_for,
    record_look,
)
from ews.support.pupil import Pupil, pupil_of
from ews.support.recipients import Recipient, recipients, why_no_letter
from ews.support.runs import shown_run
from ews.support.words_written import words_written

PHONE = re.compile(r"[0-9+(][0-9 ().+-]{5,23}(?: ?x ?[0-9]{1,6})?")
ROOM = re.compile(r"[\w .#-]{1,20}")
LONGEST_NAME = 80
SCHOOL_DAY = (time(6, 0), time(20, 0))


@dataclass(frozen=True)
class Draft:
    """What the writer chose and typed. weekday, at and room only for an offer that needs them."""

    language: str
    fact: str
    offer: str
    person: str
    phone: str
    weekday: int | None = None
    at: time | None = None
    room: str = ""

    @property
    def typed(self) -> dict[str, str]:
        """The same by field of the form."""
        at = self.at.isoformat("minutes") if self.at else ""
        said = {name: "" if value is None else str(value) for name, value in self.__dict__.items()}
        return said | {"at": at}


def write_letter(
    tx: Transaction,
    principal: Principal,
    student_id: str,
    draft: Draft,
    *,
    now: datetime,
    form_id: str,
    instead_of: int = 0,
) -> int:
    """A letter that waits for a second look; gives its number, or 0 when the student is not theirs.

    instead_of: the letter of one's own, taken back or returned, that it is written anew from.

    Errors: UsageError when no letter may go to this family, the fact is not what the records say, or
    something is missing or is not what the form asks for.
    """
    run = shown_run(tx)
    reason = reason_for(tx, principal, student_id, Act.WRITE_HOME)
    pupil = pupil_of(tx, run, student_id) if run and reason else None
    if run is None or reason is None or pupil is None:
        return 0
    form_id = once(form_id, student_id, *draft.typed.values())
    before = written_before(tx, principal, form_id)
    if before is not None:
        return before
    _refuse_when_none_may_go(tx, student_id, now)
    slots = slots_of(draft.fact, features_of_run(tx, run, student_id)) if draft.fact in FACTS else None
    if slots is None:
        raise UsageError("The records do not say this of the student.", "Choose another fact.")
    told = told_of(draft, pupil, slots, now.date())
    record_look(tx, principal, student_id, "letter_written", reason, now)
    before = written_before(tx, principal, form_id)  # again, now that nobody else can write
    if before is not None:
        return before
    made = tx.execute(
        letters.insert().values(
            student_id=student_id,
            account_id=principal.account_id,
            at=now,
            as_of=run.as_of,
            language=draft.language,
            fact={"code": draft.fact, "slots": slots},
            text=letter_in(draft.language, told),
            english=letter_in(ENGLISH, told),
            form_id=form_id,
            chosen=draft.typed,
            instead_of=instead_of if is_with_writer(tx, principal, instead_of, student_id) else None,
        )
    )
    return int(made.inserted_primary_key[0])  # type: ignore[index]


def written_before(tx: Transaction, principal: Principal, form_id: str) -> int | None:
    """The letter that this very form has written already."""
    sent = (letters.c.form_id == form_id) & (letters.c.account_id == principal.account_id)
    return tx.execute(select(letters.c.letter_id).where(sent)).scalar()


def is_with_writer(tx: Transaction, principal: Principal, letter_id: int, student_id: str) -> bool:
    """Whether a letter about this student is this person's to write anew."""
    letter = letter_of(tx, principal, letter_id) if letter_id else None
    return (
        letter is not None and letter.mine and letter.student_id == student_id and letter.state in WITH_WRITER
    )


def take_letter_back(tx: Transaction, principal: Principal, letter_id: int, *, now: datetime) -> bool:
    """One's own letter is a draft again and waits for nobody; one that was returned is left as it is.

    Taken back twice is once. False when it is not there, or not one's own. Errors: UsageError when somebody
    has released it meanwhile.
    """
    letter = _own_letter(tx, principal, letter_id)
    if letter is None:
        return False
    reason = why_may_see(tx, principal, letter.student_id) or "no reason"
    action = "letter_left" if letter.review else "letter_taken_back"
    record_look(tx, principal, letter.student_id, action, reason, now)
    # From here on one writer at a time: whoever looks it over now finds it taken back.
    letter = letter_of(tx, principal, letter_id) or letter
    if letter.review is not None and letter.state not in WITH_WRITER:
        raise UsageError(f"{letter.review.who} has looked it over already.", "Look at the letter again.")
    if letter.state in (DRAFT, RETURNED):
        tx.execute(
            letters_taken_back.insert().values(
                letter_id=letter_id, account_id=principal.account_id, at=now, undone_at=None
            )
        )
    return True


def hand_letter_in_again(tx: Transaction, principal: Principal, letter_id: int, *, now: datetime) -> bool:
    """Undoes that one's own letter was taken back, or left: it waits for the second look, or for its writer.

    False when it is not there, or not one's own. Errors: UsageError when it was written anew meanwhile.
    """
    letter = _own_letter(tx, principal, letter_id)
    if letter is None:
        return False
    reason = why_may_see(tx, principal, letter.student_id) or "no reason"
    action = "letter_not_left" if letter.review else "letter_handed_in"
    record_look(tx, principal, letter.student_id, action, reason, now)
    if tx.execute(select(exists().where(letters.c.letter_id == letter_id, is_written_anew()))).scalar():
        raise UsageError("You have written it anew already.", "The newer letter stands in its place.")
    of = letters_taken_back.c
    tx.execute(
        update(letters_taken_back)
        .where(of.letter_id == letter_id, of.undone_at.is_(None))
        .values(undone_at=now)
    )
    return True


def _own_letter(tx: Transaction, principal: Principal, letter_id: int) -> Letter | None:
    letter = letter_of(tx, principal, letter_id)
    writes = principal.does(Act.WRITE_HOME) and principal.account_id is not None
    return letter if letter is not None and letter.mine and writes else None


def told_of(draft: Draft, pupil: Pupil, slots: Mapping[str, Any], today: date) -> Told:
    """What the letter says, each part held against what the form may hold."""
    if draft.language not in languages():
        raise UsageError("There is no letter in that language.", "Choose one of the list.")
    if draft.offer not in OFFERS:
        raise UsageError("The letter offers nothing yet.", "Choose one offer.")
    person = " ".join(words_written(draft.person, "Who may be called is missing.").split())
    if len(person) > LONGEST_NAME:
        raise UsageError("The name of who may be called is too long.", f"At most {LONGEST_NAME} characters.")
    phone = draft.phone.strip()
    if not PHONE.fullmatch(phone):
        raise UsageError("The phone number is not one.", "Write it as (555) 010-0100 or +1 555 010 0100.")
    when = draft if OFFERS[draft.offer][1] else None
    if when is not None:
        _hold_when_and_where(when)
    return Told(
        student=pupil.display_name,
        school=pupil.school_name,
        on=today,
        fact=draft.fact,
        slots=slots,
        offer=draft.offer,
        person=person,
        phone=phone,
        weekday=when.weekday if when else None,
        at=when.at if when else None,
        room=when.room.strip() if when else "",
    )


def _hold_when_and_where(draft: Draft) -> None:
    """Refuses an offer of help without its day, time and room."""
    if draft.weekday not in range(5):
        raise UsageError("The day of the help is missing.", "Choose a school day, Monday to Friday.")
    if draft.at is None or not SCHOOL_DAY[0] <= draft.at <= SCHOOL_DAY[1]:
        raise UsageError("The time of the help is missing.", "Write it as 15:30, between 6:00 and 20:00.")
    if not ROOM.fullmatch(draft.room.strip()):
        raise UsageError("The room of the help is missing.", "Letters and digits, such as B-12.")


def review_letter(
    tx: Transaction,
    principal: Principal,
    letter_id: int,
    *,
    release: bool,
    confirmed: Collection[str],
    words: str,
    rules: Rules,
    now: datetime,
) -> bool:
    """The second look: released with everything confirmed, or returned with words for the writer.

    False when the letter is not there for them. A letter is looked over once; the same form again changes
    nothing. Errors: UsageError when it may not be released, and why.
    """
    letter = letter_of(tx, principal, letter_id)
    if letter is None:
        return False
    verdict = RELEASED if release else RETURNED
    if letter.review is not None:
        if letter.review.verdict == verdict:
            return True
        raise UsageError(f"{letter.review.who} has looked it over already.", "Look at the letter again.")
    people = recipients(guardians_of(tx, letter.student_id))
    blocked = why_no_letter(people, notices_on(tx, letter.student_id, now.date()))
    why_not = why_not_review(principal, letter, rules, blocked if release else "")
    if why_not:
        raise UsageError("It was not released." if release else "It was not returned.", why_not)
    if release:
        _hold_release(tx, letter, confirmed, people, rules)
    said = words_written(words, None if release else "What should the writer change?")
    reason = why_may_see(tx, principal, letter.student_id) or "no reason"
    record_look(tx, principal, letter.student_id, f"letter_{verdict}", reason, now)
    # The ledger lets one writer in at a time: whoever came second finds here what the first one did.
    if tx.execute(select(letter_reviews.c.verdict).where(letter_reviews.c.letter_id == letter_id)).first():
        raise UsageError("Somebody has looked it over meanwhile.", "Look at the letter again.")
    if tx.execute(select(exists().where(letters.c.letter_id == letter_id, is_taken_back()))).scalar():
        raise UsageError(f"{letter.who} has taken it back.", "It waits for no look while it is a draft.")
    tx.execute(
        letter_reviews.insert().values(
            letter_id=letter_id,
            account_id=principal.account_id,
            at=now,
            verdict=verdict,
            confirmed=sorted(confirmed) if release else [],
            words=said,
        )
    )
    return True


def _hold_release(
    tx: Transaction, letter: Letter, confirmed: Collection[str], people: Sequence[Recipient], rules: Rules
) -> None:
    """Refuses to release a letter that is not confirmed, not approved, or for nobody."""
    missing_words = [words for key, words in to_confirm(tx, letter).items() if key not in confirmed]
    if missing_words:
        raise UsageError("Not everything is confirmed.", f"Still open: {missing_words[0]}")
    if not rules.approval(letter.language.code):
        raise UsageError(
            f"The sentences in {letter.language.name} are machine-drafted and nobody here has read them.",
            "Let a person who speaks it read them, and name that person under letters.reviewed in ews.toml.",
        )
    if all(why_not_to(one, letter) for one in people):
        raise UsageError("Nobody of the family may get this letter.", "Look below at who may, and why not.")


def send_letter(
    tx: Transaction,
    principal: Principal,
    letter_id: int,
    guardian_id: str,
    *,
    sent_on: date,
    now: datetime,
    form_id: str,
) -> bool:
    """Writes down that a released letter went to a guardian, by their channel, and logs the contact.

    False when the letter or the guardian is not there for them. Sent twice it is written once. Errors:
    UsageError when it may not go to them, and why.
    """
    letter = letter_of(tx, principal, letter_id)
    if letter is None or reason_for(tx, principal, letter.student_id, Act.WRITE_HOME) is None:
        return False
    people = {one.guardian.guardian_id: one for one in recipients(guardians_of(tx, letter.student_id))}
    one = people.get(guardian_id)
    if one is None:
        return False
    if any(sending.guardian_id == guardian_id for sending in letter.sendings):
        return True
    if letter.state not in (RELEASED, SENT):
        raise UsageError("This letter was not released.", "Somebody else looks it over first.")
    blocked = why_no_letter(list(people.values()), notices_on(tx, letter.student_id, now.date()))
    why_not = blocked or why_not_to(one, letter)
    if why_not or one.channel is None:
        raise UsageError("It was not sent.", why_not)
    if not letter.at.astimezone(now.tzinfo).date() <= sent_on <= now.date():
        raise UsageError("That is no day on which it can have gone.", "Choose the day on which it went.")
    reason = why_may_see(tx, principal, letter.student_id) or "no reason"
    record_look(tx, principal, letter.student_id, "letter_sent", reason, now)
    went = (letter_sendings.c.letter_id == letter_id) & (letter_sendings.c.guardian_id == guardian_id)
    if tx.execute(select(letter_sendings.c.sent_on).where(went)).first():
        return True  # somebody wrote it down meanwhile
    tx.execute(
        letter_sendings.insert().values(
            letter_id=letter_id,
            guardian_id=guardian_id,
            student_id=letter.student_id,
            account_id=principal.account_id,
            at=now,
            sent_on=sent_on,
            channel=one.channel,
            language=letter.language.code,
            text=letter.text,
        )
    )
    log_contact(
        tx,
        principal,
        [letter.student_id],
        on=sent_on,
        channel=one.channel,
        direction=OUT,
        words=f"Letter {letter_id}: {letter.language.name}",
        form_id=once(form_id, str(letter_id), guardian_id),
        now=now,
    )
    return True


def _refuse_when_none_may_go(tx: Transaction, student_id: str, now: datetime) -> None:
    people = recipients(guardians_of(tx, student_id))
    why_not = why_no_letter(people, notices_on(tx, student_id, now.date())) or nobody_reads(people)
    if why_not:
        raise UsageError("No letter may go to this family now.", why_not)
