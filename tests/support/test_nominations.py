"""Students whom people name, and what people know that the data does not: on the list, and never a label."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from support.alder_creek import (
    BAPTISTE,
    DIAZ,
    FRIDAY,
    MARIBEL,
    MONDAY_MORNING,
    NOAH,
    OKAFOR,
    TOWN,
    ZHAO,
    keep,
    opened,
    roomy,
)
from web.visitor import person

import ews
from ews.errors import UsageError
from ews.people.access import Principal
from ews.settings import Settings
from ews.store import Store
from ews.support.actions import acknowledge, undo
from ews.support.list_filters import Filters
from ews.support.list_rows import ListRow
from ews.support.nominations import nominate, override
from ews.support.risk_list import risk_list
from ews.support.student_view import student_view
from ews.support.waiting import what_waits

STUDENT = NOAH.student_id  # not on the list
NOW = MONDAY_MORNING


@pytest.fixture
def town(settings: Settings) -> Store:
    keep(roomy(settings), TOWN)
    store = opened(settings)
    yield store
    store.close()


def rows(store: Store, who: Principal, tab: str = "new") -> dict[str, ListRow]:
    with store.begin() as tx:
        found = risk_list(tx, who, Filters(tab), now=NOW)
    return {row.student_id: row for row in found.rows}


def test_a_student_who_is_named_stands_on_the_first_tab_until_somebody_looks(town: Store) -> None:
    okafor, baptiste = person(town, OKAFOR), person(town, BAPTISTE)
    assert STUDENT not in rows(town, okafor)
    with town.begin() as tx:
        for _ in range(2):
            assert nominate(tx, baptiste, STUDENT, "Very quiet since October", now=NOW, form_id="n")
        assert not nominate(tx, person_of(okafor), "nobody", "words", now=NOW, form_id="n")
    said = rows(town, okafor)[STUDENT].work.said
    assert [(one.who, one.text, one.mine) for one in said.nominated] == [
        (BAPTISTE.name, "Very quiet since October", False)
    ]
    with town.read() as tx:
        waits = what_waits(tx, okafor, today=NOW.date()).of[STUDENT]
    assert [one.words for one in waits] == [f"Named by {BAPTISTE.name}: Very quiet since October"]
    with town.begin() as tx:
        acknowledge(tx, okafor, STUDENT, as_of=FRIDAY, now=NOW + timedelta(minutes=1), form_id="a")
    assert STUDENT not in rows(town, okafor)
    assert rows(town, okafor, "all")[STUDENT].work.said.nominated  # who named stays in sight


def person_of(who: Principal) -> Principal:
    return who


def test_an_override_stands_beside_the_suggestion_and_changes_no_level(town: Store) -> None:
    okafor = person(town, OKAFOR)
    before = rows(town, okafor)[MARIBEL.student_id]
    with town.begin() as tx:
        assert override(tx, okafor, MARIBEL.student_id, "later", "Out for surgery", now=NOW, form_id="o")
    after = rows(town, okafor)[MARIBEL.student_id]
    assert [(one.choice, one.text) for one in after.work.said.overrides] == [("later", "Out for surgery")]
    assert (after.level, after.reasons) == (before.level, before.reasons)
    with town.begin() as tx:
        assert undo(tx, okafor, after.work.said.overrides[0].action_id, now=NOW)
    assert rows(town, okafor)[MARIBEL.student_id].work.said.overrides == ()


@pytest.mark.parametrize(("says", "reason"), [("later", " "), ("", "words"), ("never", "words")])
def test_an_override_needs_what_it_says_and_why(town: Store, says: str, reason: str) -> None:
    okafor = person(town, OKAFOR)
    with town.begin() as tx, pytest.raises(UsageError):
        override(tx, okafor, MARIBEL.student_id, says, reason, now=NOW, form_id="o")


def test_strangers_name_nobody_and_read_nothing(town: Store) -> None:
    okafor, diaz, zhao = person(town, OKAFOR), person(town, DIAZ), person(town, ZHAO)
    with town.begin() as tx:
        assert not nominate(tx, diaz, STUDENT, "words", now=NOW, form_id="n")
        assert not override(tx, zhao, STUDENT, "later", "words", now=NOW, form_id="n")
        assert nominate(tx, okafor, STUDENT, "words", now=NOW, form_id="n")
    with town.begin() as tx:
        view = student_view(tx, zhao, STUDENT, now=NOW)
    assert view and view.work.said.nominated == ()


def test_what_people_say_never_becomes_a_label() -> None:
    """Training, features and outcomes read the lake; none of them knows the tables of what people did."""
    source = Path(ews.__file__).parent
    readers = [
        *source.glob("records/**/*.py"), *source.glob("features/**/*.py"), *source.glob("risk/**/*.py"),
        source / "outcomes.py", *(source.parents[1] / "training").glob("*.py"),
    ]  # fmt: skip
    assert len(readers) > 100
    for path in readers:
        text = path.read_text(encoding="utf-8")
        for name in ("ews.store", "work_tables", "follow_ups", "nominated", "ews.support"):
            assert name not in text, f"{path.name} knows {name}"
