"""Domains on cards of their own: grade 9 on track, and English learners' progress for who may see it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from sqlalchemy import select
from support.alder_creek import (
    BAPTISTE,
    FRIDAY,
    LINH,
    MARIBEL,
    MONDAY_MORNING,
    NOAH,
    OKAFOR,
    ZHAO,
    keep,
    opened,
    roomy,
)

from ews.errors import UsageError
from ews.people.access import Principal, operator
from ews.settings import Settings
from ews.store.tables import ledger, run_schools, run_students
from ews.support.levels import NOT_THIS_WEEK
from ews.support.run_files import LEARNERS, read_student
from ews.support.runs import run_of
from ews.support.scores_table import scores_table
from ews.support.student_view import StudentView, student_view
from ews.support.terminal import explanation
from ews.web.list_page import filters_of

AMINA = replace(NOAH, name="Amina Diallo", p={**NOAH.p, "grade9_on_track": 0.93, "el_progress": 0.97})
NINTH = tuple(replace(AMINA, name=f"Ninth {n:02}") for n in range(12))
SIS = Principal("sis", "SIS", "client")


def look(settings: Settings, principal: Principal, student_id: str = "amina-diallo") -> StudentView | None:
    with opened(settings) as store, store.begin() as tx:
        return student_view(tx, principal, student_id, now=MONDAY_MORNING)


def test_they_make_no_level_no_place_no_reason_and_no_school_wide_matter(settings: Settings) -> None:
    keep(roomy(settings), [AMINA, MARIBEL, LINH, *NINTH])
    with opened(settings) as store, store.read() as tx:
        rows = {row.student_id: row for row in tx.execute(select(run_students))}
        notices = tx.execute(select(run_schools.c.notices)).scalars().all()
    amina = rows["amina-diallo"]
    assert (amina.level, amina.urgency, amina.reasons) == (NOT_THIS_WEEK, 0.05, [])
    assert rows["maribel-santos"].position < rows["linh-tran"].position < amina.position
    assert notices == [[]]


def test_on_track_has_a_card_that_every_role_sees(settings: Settings) -> None:
    keep(roomy(settings), [AMINA, MARIBEL])
    for principal in (OKAFOR, BAPTISTE, ZHAO):
        view = look(settings, principal)
        assert view is not None
        assert [card.title for card in view.cards][-1] == "Grade 9 on track"
        assert view.cards[-1].band == "high"
    other = look(settings, OKAFOR, "maribel-santos")
    assert other is not None and [card.domain for card in other.cards] == ["attendance", "grades", "behavior"]


def test_how_english_grows_is_for_the_counselor_and_not_for_every_role(settings: Settings) -> None:
    keep(roomy(settings), [AMINA, MARIBEL])
    view = look(settings, OKAFOR)
    assert view is not None and view.learner is not None
    assert [fact.fact for fact in view.learner.facts] == [
        "Long-term English learner by the state's definition",
        "Level 2 on the latest annual English test",
        "Learning English in school for 6 years",
        "At level 2 on each of the last 2 annual English tests",
    ]
    assert view.learner.band == "high"
    assert "el_progress" not in {card.domain for card in view.cards}
    for principal in (BAPTISTE, ZHAO):
        told = look(settings, principal)
        assert told is not None and told.learner is None
        assert "el_progress" not in {score.domain for score in told.scores}
        assert "English" not in " ".join(one.title for one in told.sureness)
    maribel = look(settings, OKAFOR, "maribel-santos")
    assert maribel is not None and maribel.learner is None


def test_the_ledger_says_that_it_was_shown(settings: Settings) -> None:
    keep(roomy(settings), [AMINA])
    look(settings, OKAFOR)
    look(settings, BAPTISTE)
    with opened(settings) as store, store.read() as tx:
        shown = tx.execute(select(ledger.c.fields).order_by(ledger.c.entry)).scalars().all()
    assert ["english" in fields for fields in shown] == [True, False]


@pytest.mark.parametrize(("principal", "told"), [(operator("root"), True), (SIS, True), (ZHAO, False)])
def test_the_scores_of_a_run_have_it_for_whoever_may_see_it(
    settings: Settings, principal: Principal, told: bool
) -> None:
    keep(roomy(settings), [AMINA])
    with opened(settings) as store, store.begin() as tx:
        table = scores_table(tx, principal, run_of(tx, FRIDAY), now=MONDAY_MORNING)
    assert ("el_progress" in set(table["domain"])) is told
    assert "grade9_on_track" in set(table["domain"])


def test_explain_tells_it_on_a_card_of_its_own(settings: Settings) -> None:
    keep(roomy(settings), [AMINA])
    _, lines = explanation(settings, "amina-diallo", FRIDAY, now=MONDAY_MORNING)
    for said in ("English learner progress: band high, 0.97", "Grade 9 on track: band high, 0.93"):
        assert [line for line in lines if line.startswith(said)]


def test_no_filter_of_the_list_asks_for_english_learners(settings: Settings) -> None:
    assert filters_of({"domain": "grade9_on_track"}).domain == "grade9_on_track"
    with pytest.raises(UsageError, match="look at domain"):
        filters_of({"domain": "el_progress"})


def test_their_features_lie_in_a_file_of_their_own(settings: Settings) -> None:
    report = keep(roomy(settings), [AMINA, MARIBEL])
    own = read_student(settings.home, report.run_id, LEARNERS, ["amina-diallo", "maribel-santos"])
    assert own["student_id"].tolist() == ["amina-diallo"]
    everyone = pd.read_parquet(settings.home / "runs" / report.run_id / "features.parquet")
    assert not [name for name in everyone.columns if "learner" in name]
