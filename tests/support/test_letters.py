"""A family letter from draft to sent: who may do what, what is refused and why, and what stays on record."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, time, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import DatabaseError
from support.alder_creek import (
    BAPTISTE,
    FRIDAY,
    LINH,
    MARIBEL,
    MONDAY_MORNING,
    OKAFOR,
    SOFIA,
    TOWN,
    ZHAO,
    keep,
    roomy,
)
from web.visitor import person_in

from ews.errors import UsageError
from ews.people.access import Principal
from ews.settings import Settings
from ews.store import Store, open_store
from ews.store.family_tables import attendance_notices, guardians, letter_sendings, letters, of_age
from ews.store.tables import ledger
from ews.support.letter_acts import (
    Draft,
    hand_letter_in_again,
    review_letter,
    send_letter,
    take_letter_back,
    write_letter,
)
from ews.support.letter_rules import CONFIRMED, Rules
from ews.support.letter_views import FamilyView, LetterView, family_view, letter_view
from ews.support.letters import open_letters
from ews.support.waiting import what_waits

NOW = MONDAY_MORNING
STUDENT = MARIBEL.student_id
PRAISE = {"fact_absent_days_last_5": 0.0, "fact_expected_days_last_5": 5.0}
RULES = Rules({"es": "Rosa Medina, May 2025"}, second_person=True)
DRAFT = Draft("es", "all_five", "homework_help", "Denise Okafor", "(555) 010-0100", 2, time(15, 30), "B-12")
MOTHER = {"guardian_id": "mother", "language": "spa", "education_rights": True, "channel": "text"}
FATHER = {"guardian_id": "father", "language": "spa", "no_contact": True, "education_rights": True}
AUNT = {"guardian_id": "aunt", "language": "eng", "education_rights": False, "channel": "mail"}
UNCLE = {"guardian_id": "uncle", "language": "mam", "education_rights": True, "channel": "phone"}
COLUMNS = dict.fromkeys(column.name for column in guardians.columns)


class Town:
    """The town with families, and two people who write and look over letters."""

    def __init__(self, store: Store) -> None:
        self.store = store
        with store.begin() as tx:
            self.okafor, self.baptiste, self.zhao = (
                person_in(tx, person) for person in (OKAFOR, BAPTISTE, ZHAO)
            )

    def has(self, *people: dict[str, Any], student: str = STUDENT) -> None:
        with self.store.begin() as tx:
            tx.execute(delete(guardians).where(guardians.c.student_id == student))
            rows = [{**COLUMNS, "student_id": student, **one} for one in people]
            tx.execute(guardians.insert(), rows)

    def write(
        self, draft: Draft = DRAFT, *, by: Principal | None = None, form: str = "f", student: str = STUDENT
    ) -> int:
        with self.store.begin() as tx:
            return write_letter(tx, by or self.okafor, student, draft, now=NOW, form_id=form)

    def review(self, letter: int, *, release: bool = True, by: Principal | None = None, words: str = "",
               confirmed: tuple[str, ...] = tuple(CONFIRMED), rules: Rules = RULES) -> bool:  # fmt: skip
        with self.store.begin() as tx:
            return review_letter(
                tx, by or self.baptiste, letter, release=release, confirmed=confirmed, words=words,
                rules=rules, now=NOW,
            )  # fmt: skip

    def send(self, letter: int, guardian: str = "mother", *, on: date = NOW.date(), form: str = "s") -> bool:
        with self.store.begin() as tx:
            return send_letter(tx, self.okafor, letter, guardian, sent_on=on, now=NOW, form_id=form)

    def family(self, by: Principal | None = None, student: str = STUDENT) -> FamilyView | None:
        with self.store.begin() as tx:
            return family_view(tx, by or self.okafor, student, now=NOW)

    def letter(self, number: int, by: Principal | None = None, rules: Rules = RULES) -> LetterView:
        with self.store.begin() as tx:
            view = letter_view(tx, by or self.okafor, number, rules, now=NOW)
        assert view is not None
        return view

    def acts(self) -> list[str]:
        with self.store.read() as tx:
            return list(tx.execute(select(ledger.c.action).order_by(ledger.c.entry)).scalars())


@pytest.fixture
def town(settings: Settings) -> Iterator[Town]:
    keep(roomy(settings), [replace(MARIBEL, facts=PRAISE), *TOWN[1:]])
    with open_store(settings) as store:
        made = Town(store)
        made.has(MOTHER, FATHER, AUNT, UNCLE)
        yield made


def test_a_letter_from_draft_to_sent(town: Town) -> None:
    number = town.write()
    waiting = town.letter(number, town.baptiste)
    assert (waiting.letter.state, waiting.may_review, waiting.may_send) == ("draft", True, False)
    assert "vino a la escuela" in waiting.letter.text and "came to school" in waiting.letter.english
    assert town.review(number)
    released = town.letter(number)
    assert (released.letter.state, released.may_send) == ("released", True)
    assert town.send(number)
    sent = town.letter(number).letter.sendings[0]
    assert (sent.guardian_id, sent.channel, sent.sent_on, sent.who) == (
        "mother", "text", NOW.date(), "Denise Okafor",
    )  # fmt: skip
    assert sent.text == waiting.letter.text
    acts = town.acts()
    assert [act for act in acts if act.startswith("letter_") or act == "contact"] == [
        "letter_written", "letter_released", "letter_sent", "contact",
    ]  # fmt: skip
    assert not town.letter(number).may_send
    with town.store.begin() as tx:
        assert open_letters(tx, town.okafor) == ()


def test_each_form_acts_once(town: Town) -> None:
    first = town.write()
    assert town.write() == first
    assert town.write(replace(DRAFT, room="B-13")) != first
    assert town.review(first) and town.review(first)
    assert town.send(first) and town.send(first) and town.send(first, form="another")
    with town.store.read() as tx:
        assert len(tx.execute(select(letter_sendings)).all()) == 1
    assert town.acts().count("letter_sent") == 1 and town.acts().count("contact") == 1


def test_who_of_the_family_may_get_it_and_why_not(town: Town) -> None:
    number = town.write()
    why = {one.recipient.guardian.guardian_id: one.why_not for one in town.letter(number).addressees}
    assert why["mother"] == ""
    assert "no-contact order" in why["father"] and "education rights" in why["aunt"]
    assert why["uncle"] == "Call with an interpreter: there is no letter in Mam."
    town.review(number)
    for guardian in ("father", "aunt", "uncle"):
        with pytest.raises(UsageError, match="not sent"):
            town.send(number, guardian)
    assert not town.send(number, "nobody")


def test_a_letter_goes_to_those_who_read_its_language(town: Town) -> None:
    town.has(MOTHER | {"language": "vie"})
    why = town.letter(town.write()).addressees[0].why_not
    assert why == "They read Vietnamese; this letter is in Spanish. Write another."
    with pytest.raises(UsageError, match="Nobody of the family"):
        town.review(1)


def test_of_chinese_a_family_reads_one_or_the_other(town: Town) -> None:
    town.has(MOTHER | {"language": "cmn"})
    assert town.letter(town.write(replace(DRAFT, language="zh-Hant"))).addressees[0].why_not == ""


def test_a_language_that_nobody_has_read_is_not_released(town: Town) -> None:
    town.has(MOTHER | {"language": "hye"})
    number = town.write(replace(DRAFT, language="hy"))
    with pytest.raises(UsageError, match="Armenian are machine-drafted"):
        town.review(number)
    show = replace(RULES, for_show=True)
    assert "for show, in the demo alone" in town.letter(number, rules=show).approval
    assert town.review(number, rules=show)


def test_each_point_of_the_second_look_is_confirmed_by_itself(town: Town) -> None:
    number = town.write()
    for open_point in CONFIRMED:
        with pytest.raises(UsageError, match="Not everything is confirmed"):
            town.review(number, confirmed=tuple(one for one in CONFIRMED if one != open_point))
    assert town.letter(number).letter.state == "draft"


def test_the_second_look_is_somebody_elses(town: Town) -> None:
    number = town.write()
    with pytest.raises(UsageError, match="somebody else"):
        town.review(number, by=town.okafor)
    assert town.review(number, by=town.okafor, rules=replace(RULES, second_person=False))


def test_a_returned_letter_says_why_and_is_never_sent(town: Town) -> None:
    number = town.write()
    with pytest.raises(UsageError, match="What should the writer change"):
        town.review(number, release=False)
    assert town.review(number, release=False, words="The room is B-13.")
    view = town.letter(number)
    assert view.letter.review is not None and view.letter.review.words == "The room is B-13."
    with pytest.raises(UsageError, match="was not released"):
        town.send(number)
    with pytest.raises(UsageError, match="looked it over already"):
        town.review(number)


def test_a_letter_taken_back_is_a_draft_again_and_waits_for_nobody(town: Town) -> None:
    number = town.write()
    assert town.letter(number).may_take_back and not town.letter(number, town.baptiste).may_take_back
    with town.store.begin() as tx:
        assert not take_letter_back(tx, town.baptiste, number, now=NOW)
        assert take_letter_back(tx, town.okafor, number, now=NOW)
    with town.store.begin() as tx:
        assert take_letter_back(tx, town.okafor, number, now=NOW), "taken back twice is once"
    view = town.letter(number)
    assert (view.letter.state, view.with_writer, view.may_take_back) == ("taken_back", True, False)
    assert view.letter.chosen["person"] == "Denise Okafor" and view.letter.chosen["at"] == "15:30"
    with town.store.begin() as tx:
        assert STUDENT not in what_waits(tx, town.baptiste, today=NOW.date()).of
        assert open_letters(tx, town.baptiste) == ()
        assert [one.letter_id for one in open_letters(tx, town.okafor)] == [number]
    with pytest.raises(UsageError, match="Denise Okafor has taken it back"):
        town.review(number)
    with town.store.begin() as tx:
        assert hand_letter_in_again(tx, town.okafor, number, now=NOW)
    assert town.letter(number).letter.state == "draft" and town.review(number)
    with pytest.raises(UsageError, match="looked it over already"), town.store.begin() as tx:
        take_letter_back(tx, town.okafor, number, now=NOW)
    assert [act for act in town.acts() if act in ("letter_taken_back", "letter_handed_in")] == [
        "letter_taken_back", "letter_taken_back", "letter_handed_in",
    ]  # fmt: skip


def test_a_returned_letter_waits_on_its_writer_until_it_is_left(town: Town) -> None:
    number = town.write()
    town.review(number, release=False, words="The room is B-13.")

    def waits() -> list[str]:
        with town.store.begin() as tx:
            assert STUDENT not in what_waits(tx, town.baptiste, today=NOW.date()).of
            return [one.words for one in what_waits(tx, town.okafor, today=NOW.date()).of.get(STUDENT, ())]

    assert f"Your letter home was returned by {BAPTISTE.name}: The room is B-13." in waits()
    with town.store.begin() as tx:
        assert take_letter_back(tx, town.okafor, number, now=NOW)
        assert open_letters(tx, town.okafor) == ()
    assert town.letter(number).letter.state == "left" and not any("letter" in one for one in waits())
    with town.store.begin() as tx:
        assert hand_letter_in_again(tx, town.okafor, number, now=NOW)
    assert town.letter(number).letter.state == "returned" and any("letter" in one for one in waits())
    assert [act for act in town.acts() if "left" in act] == ["letter_left", "letter_not_left"]


def test_a_letter_written_anew_takes_the_place_of_the_one_taken_back(town: Town) -> None:
    first = town.write()
    with town.store.begin() as tx:
        take_letter_back(tx, town.okafor, first, now=NOW)
        anew = replace(DRAFT, room="B-13")
        second = write_letter(tx, town.okafor, STUDENT, anew, now=NOW, form_id="f", instead_of=first)
        assert [one.letter_id for one in open_letters(tx, town.okafor)] == [second]
    with pytest.raises(UsageError, match="written it anew"), town.store.begin() as tx:
        hand_letter_in_again(tx, town.okafor, first, now=NOW)


def test_nothing_goes_beside_a_notice_of_truancy(town: Town) -> None:
    number = town.write()
    town.review(number)
    with town.store.begin() as tx:
        tx.execute(
            attendance_notices.insert().values(student_id=STUDENT, notice_date=FRIDAY, kind="truancy_1")
        )
    family = town.family()
    assert family is not None and family.why_not.startswith("A first notice of truancy of 14 November 2025")
    assert not town.letter(number).may_send
    with pytest.raises(UsageError, match="notice of truancy"):
        town.write(form="another")
    with pytest.raises(UsageError, match="not sent"):
        town.send(number)
    with pytest.raises(UsageError, match="notice of truancy"):
        town.review(_waiting(town))


def _waiting(town: Town) -> int:
    """A letter that was written before the notice came."""
    with town.store.begin() as tx:
        kept = tx.execute(select(attendance_notices)).one()
        tx.execute(delete(attendance_notices))
    number = town.write(form="before the notice")
    with town.store.begin() as tx:
        tx.execute(attendance_notices.insert().values(**kept._mapping))
    return number


def test_an_order_that_came_in_between_stops_the_letter(town: Town) -> None:
    number = town.write()
    town.review(number)
    town.has(MOTHER | {"no_contact": True})
    with pytest.raises(UsageError, match="not sent"):
        town.send(number)


NOT_MEANT: list[tuple[dict[str, Any], str]] = [
    ({"fact": "passing"}, "records do not say this"),
    ({"fact": "no incident"}, "records do not say this"),
    ({"offer": "a puppy"}, "offers nothing"),
    ({"language": "tlh"}, "no letter in that language"),
    ({"person": "  "}, "Who may be called is missing"),
    ({"person": "A" * 81}, "too long"),
    ({"phone": "call me"}, "phone number is not one"),
    ({"phone": "1"}, "phone number is not one"),
    ({"weekday": None}, "day of the help"),
    ({"at": time(3, 0)}, "time of the help"),
    ({"room": "{student}"}, "room of the help"),
    ({"room": ""}, "room of the help"),
]


def test_a_letter_that_cannot_be_meant_is_not_written(town: Town) -> None:
    for change, said in NOT_MEANT:
        with pytest.raises(UsageError, match=said):
            town.write(replace(DRAFT, **change))


def test_an_offer_without_a_day_needs_none(town: Town) -> None:
    number = town.write(replace(DRAFT, offer="mentor", weekday=None, at=None, room=""))
    assert "B-12" not in town.letter(number).letter.text


def test_what_was_sent_is_never_changed(town: Town) -> None:
    number = town.write()
    town.review(number)
    town.send(number)
    for change in (
        update(letters).values(text="other"),
        update(letter_sendings).values(text="other"),
        delete(letter_sendings),
    ):
        with pytest.raises(DatabaseError, match="stays on record"), town.store.begin() as tx:
            tx.execute(change)


@pytest.mark.parametrize("student", [SOFIA.student_id, "nobody"])
def test_a_strangers_family_is_not_there(town: Town, student: str) -> None:
    assert town.family(student=student) is None
    assert town.write(student=student) == 0


def test_a_letter_of_a_strangers_student_is_not_there(town: Town) -> None:
    number = town.write()
    with town.store.begin() as tx:
        assert letter_view(tx, town.zhao, number, RULES, now=NOW) is None
        assert not review_letter(
            tx, town.zhao, number, release=True, confirmed=CONFIRMED, words="", rules=RULES, now=NOW
        )
        assert letter_view(tx, town.okafor, number + 1, RULES, now=NOW) is None


def test_a_student_of_age_agrees_first(town: Town) -> None:
    with town.store.begin() as tx:
        tx.execute(of_age.insert().values(student_id=STUDENT))
    number = town.write()
    with pytest.raises(UsageError, match="Not everything is confirmed"):
        town.review(number)
    assert town.review(number, confirmed=(*CONFIRMED, "of_age"))


def test_a_day_on_which_it_cannot_have_gone(town: Town) -> None:
    number = town.write()
    town.review(number)
    for day in (NOW.date() + timedelta(days=1), NOW.date() - timedelta(days=1)):
        with pytest.raises(UsageError, match="no day on which"):
            town.send(number, on=day)


def test_a_family_without_a_language_of_ours_is_called(town: Town) -> None:
    town.has(UNCLE)
    family = town.family()
    assert family is not None
    assert family.why_not == "Call with an interpreter: there is no letter in Mam."
    with pytest.raises(UsageError, match="No letter may go"):
        town.write()


def test_what_the_newest_records_say_is_told_beside_the_letter(town: Town, settings: Settings) -> None:
    number = town.write()
    assert town.letter(number).still_true == ""
    keep(roomy(settings), [MARIBEL, *TOWN[1:]], as_of=FRIDAY + timedelta(days=7))
    town.has(MOTHER)
    assert town.letter(number).still_true == "The newest records no longer say this."


def test_a_family_of_whom_no_fact_is_on_record_is_told_that_we_are_glad(town: Town) -> None:
    town.has(MOTHER | {"language": "eng"}, student=LINH.student_id)
    family = town.family(student=LINH.student_id)
    assert family is not None
    assert [fact.code for fact in family.facts] == ["part_of_school"]
    assert town.write(replace(DRAFT, language="en", fact="part_of_school"), student=LINH.student_id)


def test_two_who_send_at_once_write_it_down_once(town: Town) -> None:
    number = town.write()
    town.review(number)
    with ThreadPoolExecutor(2) as both:
        done = [both.submit(town.send, number, form=form) for form in ("mine", "yours")]
    assert all(one.result() for one in done)
    with town.store.read() as tx:
        assert len(tx.execute(select(letter_sendings)).all()) == 1
