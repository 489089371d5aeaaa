"""What families ask for: the record with its clock, disputes until resolved, and the whole record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import JSON, Column, event, select
from support.alder_creek import (
    BAPTISTE,
    FRIDAY,
    MARIBEL,
    MONDAY_MORNING,
    OKAFOR,
    SOFIA,
    TOWN,
    ZHAO,
    keep,
    roomy,
)
from support.in_class import seat_the_town
from web.visitor import person_in

from ews.errors import UsageError
from ews.features.catalogue import FEATURES
from ews.features.definition import Feature
from ews.people.access import Principal, operator
from ews.people.roles import Field
from ews.settings import Settings
from ews.store import Store, open_store
from ews.store.tables import METADATA, ledger
from ews.support.actions import add_note
from ews.support.disputed import Disputed, disputed_now
from ews.support.disputes import disputes_seen, raise_dispute, step_dispute
from ews.support.family_asks import AsksView, asks_view, open_asks
from ews.support.family_record import (
    FOLLOWED,
    LEFT_OUT,
    FamilyRecord,
    family_record,
    is_told,
    label,
    looked_at,
    parent_of,
    said_of,
    tables_about,
)
from ews.support.hand_overs import hand_over
from ews.support.list_filters import ALL, Filters
from ews.support.list_sheet import heads_for, rows_of
from ews.support.plans import Draft, offer
from ews.support.record_asks import ask_for_record, business_days_after, give_record
from ews.support.record_words import CODE, CODES, WORDS_ALREADY, keeps_codes, name_of
from ews.support.risk_list import risk_list
from ews.support.runs import run_of
from ews.support.scores_table import scores_table
from ews.support.student_view import student_view

NOW = MONDAY_MORNING
TODAY = NOW.date()
OPERATOR = operator("root")
STUDENT = MARIBEL.student_id
WORDS = "She was in class on 12 and 13 Nov.\nAsk <b>Mr. Lee</b>."


class Families:
    """The town, and who hears its families."""

    def __init__(self, store: Store) -> None:
        self.store = store
        with store.begin() as tx:
            self.okafor, self.baptiste, self.zhao = (person_in(tx, one) for one in (OKAFOR, BAPTISTE, ZHAO))

    def ask(self, on: date = TODAY, *, student: str = STUDENT, form: str = "f", by: str = "guardian") -> bool:
        with self.store.begin() as tx:
            return ask_for_record(tx, self.okafor, student, asked_on=on, asked_by=by, now=NOW, form_id=form)

    def give(self, number: int, on: date = TODAY) -> str | None:
        with self.store.begin() as tx:
            return give_record(tx, self.okafor, number, given_on=on, now=NOW)

    def challenge(self, *, student: str = STUDENT, form: str = "d", **other: Any) -> bool:
        said = {"kind": "inference", "about": "attendance", "words": WORDS, "raised_on": TODAY} | other
        with self.store.begin() as tx:
            return raise_dispute(tx, self.okafor, student, now=NOW, form_id=form, **said)

    def step(self, kind: str, number: int = 1, *, on: date = TODAY, outcome: str = "", words: str = "",
             now: datetime = NOW) -> str | None:  # fmt: skip
        with self.store.begin() as tx:
            return step_dispute(
                tx, self.okafor, number, kind=kind, on=on, outcome=outcome, words=words, now=now
            )

    def asks(self, now: datetime = NOW, who: Principal | None = None) -> AsksView:
        with self.store.begin() as tx:
            view = asks_view(tx, who or self.okafor, STUDENT, now=now)
        assert view is not None
        return view

    def record(self, who: Principal | None = None, student: str = STUDENT) -> FamilyRecord | None:
        with self.store.begin() as tx:
            return family_record(tx, who or self.okafor, student, now=NOW)

    def acts(self) -> list[str]:
        with self.store.read() as tx:
            return list(tx.execute(select(ledger.c.action).order_by(ledger.c.entry)).scalars())


@pytest.fixture
def families(settings: Settings) -> Iterator[Families]:
    keep(roomy(settings), TOWN, as_of=FRIDAY)
    with open_store(settings) as store:
        yield Families(store)


@pytest.fixture
def at_home(settings: Settings) -> Iterator[Families]:
    keep(roomy(settings), TOWN, as_of=FRIDAY)
    with open_store(settings) as store:
        yield Families(store)


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        (date(2025, 11, 14), date(2025, 11, 21)),  # a Friday
        (date(2025, 11, 15), date(2025, 11, 21)),  # a Saturday
        (date(2025, 11, 17), date(2025, 11, 24)),
    ],
)
def test_the_record_is_due_within_five_business_days(asked: date, due: date) -> None:
    assert business_days_after(asked, 5) == due


def test_a_request_from_asked_to_given_and_each_form_acts_once(families: Families) -> None:
    assert families.ask() and families.ask()
    request = families.asks().requests[0]
    assert (request.due_on, request.days_left, request.overdue, request.given_on) == (
        date(2025, 11, 24), 7, False, None,
    )  # fmt: skip
    assert families.asks(NOW + timedelta(days=8)).requests[0].overdue
    assert families.give(request.request_id) == families.give(request.request_id) == STUDENT
    assert families.asks(NOW + timedelta(days=8)).requests[0].overdue is False
    assert families.acts().count("record_asked") == families.acts().count("record_given") == 1


def test_a_dispute_from_raised_to_resolved_and_each_form_acts_once(families: Families) -> None:
    assert families.challenge() and families.challenge()
    found = families.asks().disputes
    assert [(one.about_words, one.meet_by, one.days_left, one.open) for one in found] == [
        ("Attendance", date(2025, 12, 17), 30, True)
    ]
    assert found[0].words == WORDS
    assert families.asks(NOW + timedelta(days=31)).disputes[0].overdue
    assert families.step("met") == families.step("met") == STUDENT
    assert not families.asks(NOW + timedelta(days=31)).disputes[0].overdue
    assert families.step("resolved", outcome="corrected", words="Two days were wrong.")
    assert families.step("resolved", outcome="stands", words="Sent twice.")
    resolved = families.asks().disputes[0].resolved
    assert resolved is not None and resolved.outcome_words == "Corrected in the records"
    assert [act for act in families.acts() if act.startswith("dispute_")] == [
        "dispute_raised", "dispute_met", "dispute_resolved",
    ]  # fmt: skip


def test_a_dispute_stands_on_the_students_page_until_it_is_resolved(families: Families) -> None:
    families.challenge()
    for resolved in (False, True):
        if resolved:
            families.step("resolved", outcome="stands", words="It stands.")
        with families.store.begin() as tx:
            view = student_view(tx, families.okafor, STUDENT, now=NOW)
        assert view is not None
        assert [one.about for one in view.disputes] == ([] if resolved else ["attendance"])


def test_a_dispute_is_marked_wherever_the_score_stands_until_it_is_resolved(families: Families) -> None:
    families.challenge(kind="fact", raised_on=TODAY - timedelta(days=3))
    families.challenge(form="second")
    marks = {}
    for resolved in ((), (2,), (1, 2)):
        for number in resolved:
            families.step("resolved", number, outcome="stands", words="It stands.")
        with families.store.begin() as tx:
            listed = risk_list(tx, families.okafor, Filters(tab=ALL), now=NOW)
            view = student_view(tx, families.okafor, STUDENT, now=NOW)
            table = scores_table(tx, OPERATOR, run_of(tx, FRIDAY), now=NOW).set_index("student_id")
        row = next(row for row in listed.rows if row.student_id == STUDENT)
        assert view is not None and view.row.disputed == row.disputed
        assert not any(other.disputed for other in listed.rows if other != row)
        assert table["disputed"].groupby("student_id").all().to_dict() == {
            who: who == STUDENT and bool(row.disputed) for who in set(table.index)
        }
        cells = dict(zip(heads_for(families.okafor), rows_of(listed, families.okafor)[0], strict=True))
        since = table.loc[STUDENT, "disputed_since"].iloc[0]
        if row.disputed is None:
            assert pd.isna(since)
        else:
            assert row == listed.rows[0] and cells["disputed"] == row.disputed.mark
            assert cells["disputed_since"] == since == row.disputed.since
        marks[resolved] = row.disputed
    assert marks == {
        (): Disputed(TODAY - timedelta(days=3), "The family questions this score"),
        (2,): Disputed(TODAY - timedelta(days=3), "The family questions a fact on record"),
        (1, 2): None,
    }


def test_the_mark_is_not_for_whoever_does_not_see_the_domain(families: Families) -> None:
    families.challenge(about="el_progress")
    principal = replace(families.baptiste, role="learner_coordinator")
    with families.store.begin() as tx:
        for who in (families.okafor, families.baptiste):
            listed = risk_list(tx, who, Filters(tab=ALL), now=NOW)
            row = next(row for row in listed.rows if row.student_id == STUDENT)
            assert bool(row.disputed) == who.sees(Field.LEARNERS)
        assert disputed_now(tx, families.okafor) == disputed_now(tx, principal) == {STUDENT: TODAY}
        assert disputed_now(tx, families.baptiste) == {}


def test_a_mark_asks_the_database_for_nothing_more(at_home: Families) -> None:
    def asked() -> int:
        said: list[str] = []
        engine = at_home.store.engine
        event.listen(engine, "before_cursor_execute", lambda *told: said.append(told[2]))
        with at_home.store.begin() as tx:
            risk_list(tx, at_home.okafor, Filters(), now=NOW)
        return len(said)

    asked()  # the first look opens the person's sum of mass reading
    before = asked()
    at_home.challenge()
    assert asked() == before


def test_the_familys_words_and_hidden_domains_are_not_for_everybody(at_home: Families) -> None:
    for about in ("attendance", "behavior", "el_progress"):
        at_home.challenge(about=about, form=about)
    teacher = Principal("t", "A teacher", "teacher", account_id=1, staff_id="t")
    with at_home.store.read() as tx:
        shown = {
            who.role: [(one.about, bool(one.words)) for one in disputes_seen(tx, who, STUDENT, TODAY)]
            for who in (at_home.okafor, at_home.baptiste, teacher)
        }
    assert shown["counselor"] == [("el_progress", True), ("behavior", True), ("attendance", True)]
    assert shown["school_administrator"] == [("behavior", True), ("attendance", True)]
    assert shown["teacher"] == [("attendance", False)]


def test_what_is_open_stands_with_the_soonest_due_first(at_home: Families) -> None:
    at_home.ask(form="a")
    at_home.ask(TODAY - timedelta(days=9), student="linh-tran", form="b")
    at_home.challenge(student="linh-tran")
    with at_home.store.begin() as tx:
        found = open_asks(tx, at_home.okafor, now=NOW)
        none = open_asks(tx, at_home.zhao, now=NOW)
    assert [(pupil.display_name, one.overdue) for one, pupil in found.requests] == [
        ("Linh Tran", True),
        (MARIBEL.name, False),
    ]
    assert [pupil.display_name for _, pupil in found.disputes] == ["Linh Tran"]
    assert none.requests == none.disputes == ()


NOT_MEANT: list[tuple[dict[str, Any], str]] = [
    ({"words": "  "}, "own words are missing"),
    ({"kind": "mood"}, "What is challenged"),
    ({"about": "the weather"}, "What is challenged"),
    ({"raised_on": TODAY + timedelta(days=1)}, "day cannot be"),
    ({"raised_on": TODAY - timedelta(days=400)}, "day cannot be"),
]


def test_what_cannot_be_meant_is_told(at_home: Families) -> None:
    for change, said in NOT_MEANT:
        with pytest.raises(UsageError, match=said):
            at_home.challenge(**change)
    with pytest.raises(UsageError, match="Who asked"):
        at_home.ask(by="the neighbour")
    at_home.challenge()
    with pytest.raises(UsageError, match="What came of it"):
        at_home.step("resolved", words="Yes.")
    with pytest.raises(UsageError, match="few words"):
        at_home.step("resolved", outcome="stands")
    with pytest.raises(UsageError, match="no day on which"):
        at_home.step("met", on=TODAY + timedelta(days=1))
    at_home.step("resolved", outcome="stands", words="It stands.")
    with pytest.raises(UsageError, match="resolved already"):
        at_home.step("met")


@pytest.mark.parametrize("student", [SOFIA.student_id, "nobody"])
def test_a_strangers_family_is_not_heard(at_home: Families, student: str) -> None:
    assert not at_home.ask(student=student)
    assert not at_home.challenge(student=student)
    assert at_home.record(student=student) is None
    assert at_home.give(99) is None and at_home.step("met", 99) is None


# ---- the whole record --------------------------------------------------------------------------------


def test_the_whole_record_has_what_people_wrote_and_who_looked(families: Families) -> None:
    with families.store.begin() as tx:
        add_note(tx, families.okafor, STUDENT, "Her aunt picks up.", now=NOW, form_id="n")
    families.challenge()
    families.ask()
    record = families.record()
    assert record is not None
    parts = {part.title: part for part in record.parts}
    assert parts["Suggested levels"].rows[0][:2] == ("2025-11-14", "See first")
    assert ("Attendance", "high") in {(row[1], row[2]) for row in parts["Scores"].rows}
    assert len(parts["The record, week by week"].rows) == 4
    notes = parts["Notes, and what was acknowledged or put off"].rows
    assert "Her aunt picks up." in notes[0][0] and "by: Denise Okafor" in notes[0][0]
    assert any("asked on: 2025-11-17" in row[0] for row in parts["Requests for this record"].rows)
    assert parts["Who has looked"].rows[0][1] == "Denise Okafor"
    assert record.disputes[0].words == WORDS
    said = " ".join(cell for part in record.parts for row in part.rows for cell in row)
    assert "0.81" not in said and "probability" not in said and "urgency" not in said
    assert not CODE.search(said)


NO_MARKS = FEATURES["no_marks_now"]


@pytest.mark.parametrize(
    ("feature", "value", "told"),
    [
        (NO_MARKS, 1.0, ("No marks on record yet this term", "so")),
        (NO_MARKS, 0.0, ("No marks on record yet this term", "not so")),
        (NO_MARKS, None, ("No marks on record yet this term", "not on record")),
        (FEATURES["lowest_mark"], float("nan"), ("Lowest mark", "not on record")),
        (FEATURES["missing_work"], None, ("… not turned in this term", "not on record")),
        (FEATURES["fs_now"], 2.0, ("2 Fs among 6 current marks", "2")),
    ],
)
def test_what_the_models_look_at_is_never_told_as_its_opposite(
    feature: Feature, value: float | None, told: tuple[str, str]
) -> None:
    row = {"fact_graded_now": 6.0, "fact_marks_now": 6.0, feature.name: value}
    assert looked_at(feature, row) == told
    assert NO_MARKS.sentence({"no_marks_now": 0.0}) is None  # nor as a reason


def test_the_record_names_people_schools_and_classes_and_not_their_ids(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    seat_the_town(monkeypatch)
    keep(roomy(settings), TOWN, as_of=FRIDAY)
    with open_store(settings) as store:
        record = Families(store).record()
    assert record is not None
    parts = {part.title: [row[0] for row in part.rows] for part in record.parts}
    assert sorted(parts["Classes"]) == ["section: Algebra 1", "section: English 9"]
    assert "staff: Denise Okafor; role: counselor" in parts["Who works with the student"]


def test_everybody_who_did_something_is_told_by_name(at_home: Families) -> None:
    draft = Draft(
        kind="Mentor", tier="Targeted", goal="In class by 8:10", adult="Ms. Okafor",
        adult_id=at_home.okafor.account_id, minutes_week=60.0, starts_on=None, ends_on=None,
        review_on=TODAY + timedelta(weeks=4),
    )  # fmt: skip
    with at_home.store.begin() as tx:
        assert offer(tx, at_home.okafor, STUDENT, draft, now=NOW, form_id="o")
        assert hand_over(
            tx, at_home.okafor, STUDENT, int(at_home.okafor.account_id or 0), "", version=1, now=NOW,
            form_id="h",
        )  # fmt: skip
    record = at_home.record()
    assert record is not None
    parts = {part.title: part for part in record.parts}
    assert "made by: Denise Okafor" in parts["Support plans"].rows[0][0]
    assert "adult: Denise Okafor" in parts["Support plans"].rows[0][0]
    assert "owner: Denise Okafor" in parts["Follow-up"].rows[0][0]


def test_the_record_is_whole_or_is_not_made(at_home: Families) -> None:
    with pytest.raises(UsageError, match="does not see all of it"):
        at_home.record(at_home.baptiste)
    assert at_home.record(at_home.zhao) is None


def told_columns() -> Iterator[Column[Any]]:
    """Every column that the record tells: of the tables about a student, and of what these belong to."""
    for table, _ in tables_about("somebody"):
        above = [key.column.table for key in table.foreign_keys if key.column.table.name not in FOLLOWED]
        for one in {table, *above}:
            yield from (column for column in one.c if is_told(column.name))


def test_no_row_of_the_record_tells_a_code() -> None:
    for column in told_columns():
        name = name_of(column)
        assert not CODE.search(label(column.name))
        if keeps_codes(column):
            assert name in WORDS_ALREADY or any(key == name or key.startswith(f"{name}.") for key in CODES), (
                f"the family's record has no words for the codes of {name}"
            )
            kept = "not_a_word"
            value = {"kind_of": [kept, {"more": kept}]} if isinstance(column.type, JSON) else kept
            assert not CODE.search(said_of(column, value, None))
    assert not [one for known in CODES.values() for one in known.values() if CODE.search(one)]


def test_what_a_person_wrote_is_told_as_it_was_written() -> None:
    assert said_of(METADATA.tables["actions"].c.text, "see_you_monday", None) == "see_you_monday"


def test_no_table_about_a_student_is_forgotten() -> None:
    told = {table.name for table, _ in tables_about("somebody")}
    for table in METADATA.sorted_tables:
        if "student_id" in table.c or parent_of(table) is not None:
            assert table.name in told | set(LEFT_OUT), f"the family's record forgets {table.name}"
    assert set(LEFT_OUT) <= set(METADATA.tables) and set(METADATA.tables) >= FOLLOWED
