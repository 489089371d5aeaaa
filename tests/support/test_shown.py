"""What of a record is told to whom: a role that may not see discipline reads nothing of it, nowhere."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support import alder_creek
from support.alder_creek import (
    BAPTISTE,
    FRIDAY,
    LINH,
    MARIBEL,
    MONDAY_MORNING,
    OKAFOR,
    TOWN,
    driver,
    keep,
    opened,
    roomy,
)

from ews.features.catalogue import BEHAVIOR, FEATURES
from ews.features.strengths import STRENGTHS
from ews.people.access import Principal
from ews.people.ledger import record_view, viewers
from ews.people.roles import ROLES, Field, role_of
from ews.settings import Settings
from ews.support.list_filters import ALL, NEW, Filters
from ews.support.list_sheet import rows_of
from ews.support.results import supports_in
from ews.support.risk_list import risk_list
from ews.support.roster import open_plans
from ews.support.shown import drivers_shown, is_plain, rules_shown, sees_domain, sentences_shown
from ews.support.student_view import student_view
from ews.support.supports_tried import supports_on_record, supports_tried

LEE = Principal("lee@x", "Samuel Lee", "attendance_coordinator", school_ids=("alder",))
TEAM = Principal("team@x", "Grace Lindgren", "support_team", school_ids=("alder",))
LIAISON = Principal("liaison@x", "Jerome Whitfield", "liaison")

TWICE = "2 incidents recorded in the last 45 school days (typical in grade 9: 0). SIS, 12 Nov."
TOLD = {
    TWICE: Field.DISCIPLINE,
    "1 incident recorded in the last 20 school days. SIS, 12 Nov.": Field.DISCIPLINE,
    "Suspended once this year. SIS, 12 Nov.": Field.DISCIPLINE,
    "Suspended 2 times last year.": Field.DISCIPLINE,
    "No incident recorded this year. SIS, 12 Nov.": Field.DISCIPLINE,
    "In documented support on 20 days since 45 school days ago.": Field.PLANS,
    "No lateness recorded in the last 20 school days. SIS, 14 Nov.": None,
    "Missed 4 of the last 10 school days (typical in grade 9: 0 to 1). SIS, 14 Nov.": None,
    "1 F among 6 current marks (typical in grade 9: 0). SIS, 12 Nov.": None,
    "Passing every core course now. SIS, 12 Nov.": None,
}


@pytest.mark.parametrize("sentence", TOLD)
@pytest.mark.parametrize("role", ROLES)
def test_a_sentence_is_for_those_who_see_what_it_tells(role: str, sentence: str) -> None:
    who, field = Principal("x", "X", role), TOLD[sentence]
    allowed = field is None or who.sees(field)
    assert sentences_shown(who, [sentence]) == ([sentence] if allowed else [])
    assert len(drivers_shown(who, [driver(sentence)])) == allowed
    assert is_plain(sentence) is (field is None)


def test_no_sentence_of_behavior_is_plain_and_every_other_is() -> None:
    for feature in FEATURES.values():
        row = dict.fromkeys(FEATURES, 3.0) | {f"fact_{n}": 3.0 for n in ()}
        told = feature.phrase.split("{")[0]
        if feature in BEHAVIOR:
            assert not is_plain(str(feature.sentence(row))), feature.name
        elif feature.source != "interventions" and told:
            assert is_plain(told), feature.name
    kept_back = [one.phrase for one in STRENGTHS if not is_plain(one.phrase)]
    assert kept_back == ["No incident recorded this year"]


@pytest.mark.parametrize("role", ROLES)
def test_the_rule_on_behavior_and_its_domain_go_with_discipline(role: str) -> None:
    who = Principal("x", "X", role)
    allowed = Field.DISCIPLINE in role_of(role).sees
    assert rules_shown(who, "ABC") == ("ABC" if allowed else "AC")
    assert sees_domain(who, "behavior") is allowed
    assert sees_domain(who, "attendance")
    assert sees_domain(who, "el_progress") is (Field.LEARNERS in role_of(role).sees)


@pytest.fixture
def rowdy(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The town, where Maribel has incidents on record and a band in behavior."""
    given = alder_creek.score_of

    def with_incidents(person, domain, probability, as_of):  # type: ignore[no-untyped-def]
        score = given(person, domain, probability, as_of)
        if domain != "behavior":
            return score
        return replace(score, drivers=[driver(TWICE, code="behavior_now")])

    monkeypatch.setattr(alder_creek, "score_of", with_incidents)
    maribel = replace(MARIBEL, p={**MARIBEL.p, "behavior": 0.9})
    keep(roomy(settings), (maribel, *TOWN[1:]))
    return settings


def test_the_student_page_of_a_role_without_discipline_has_no_behavior_at_all(rowdy: Settings) -> None:
    with opened(rowdy) as store, store.begin() as tx:
        seen = {
            who.role: student_view(tx, who, MARIBEL.student_id, now=MONDAY_MORNING) for who in (LEE, TEAM)
        }
    lee, team = seen["attendance_coordinator"], seen["support_team"]
    assert lee is not None and team is not None
    assert "2 incidents" in repr(team) and "behavior" in [card.domain for card in team.cards]
    assert "incident" not in repr(replace(lee, run=None, row=replace(lee.row, through=None), through=None))
    assert "behavior" not in [*(card.domain for card in lee.cards), *(one.domain for one in lee.scores)]
    assert team.row.reasons[0].fact.startswith("2 incidents")
    assert len(lee.row.reasons) == 2, "a reason that is kept back leaves no gap"


def test_no_filter_and_no_sorting_tells_what_is_kept_back(rowdy: Settings) -> None:
    with opened(rowdy) as store, store.begin() as tx:
        for who, found in ((TEAM, 1), (LEE, 5)):
            asked = Filters(ALL, domain="behavior")
            assert risk_list(tx, who, asked, now=MONDAY_MORNING).total == found


def test_with_no_model_the_list_of_rules_has_nobody_for_a_rule_that_is_not_shown(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = alder_creek.matrix_of
    monkeypatch.setattr(
        alder_creek, "matrix_of", lambda people, as_of: given(people, as_of).assign(suspensions_year=1.0)
    )
    keep(settings, (replace(MARIBEL, absence_rate=0.2), LINH), models=False)
    with opened(settings) as store, store.begin() as tx:
        both = risk_list(tx, TEAM, Filters(NEW), now=MONDAY_MORNING)
        one = risk_list(tx, LEE, Filters(NEW), now=MONDAY_MORNING)
        all_of = risk_list(tx, LEE, Filters(ALL), now=MONDAY_MORNING)
    assert (both.total, one.total) == (2, 1)
    assert [rule.letter for rule in one.rows[0].rules] == ["A"]
    told = {row.display_name: (row.is_new, row.change) for row in all_of.rows}
    assert told == {MARIBEL.name: (True, "New"), LINH.name: (False, "")}, "new for a rule that is not shown"
    assert (all_of.new_names, all_of.listed) == (1, 1)


def test_tiers_are_for_those_who_see_plans(rowdy: Settings) -> None:
    analyst = Principal("zhao@x", "Wen Zhao", "district_analyst")
    with opened(rowdy) as store, store.begin() as tx:
        found = risk_list(tx, analyst, Filters(ALL, tier="Intensive"), now=MONDAY_MORNING)
    assert found.total == len(TOWN), "the filter is not for them, so it narrows nothing"
    assert {row.tier for row in found.rows} == {""}


def test_who_looked_is_not_told_where_the_look_itself_tells_something(settings: Settings) -> None:
    keep(settings, TOWN)
    with opened(settings) as store, store.begin() as tx:
        for who in (TEAM, LIAISON):
            record_view(tx, who, action="student", students=["maribel-santos"], fields=(), at=MONDAY_MORNING)
        told = [view.who for view in viewers(tx, "maribel-santos", for_whom=TEAM)]
        assert told == ["team@x"]
        assert len(viewers(tx, "maribel-santos", for_whom=LIAISON)) == 2
        assert len(viewers(tx, "maribel-santos")) == 2


SUPPORTS = {
    "behavior": ("detention_contract", Field.DISCIPLINE),
    "el": ("english_lab", Field.LEARNERS),
    "academic": ("tutoring", None),
    None: ("mentor", None),
}


@pytest.mark.parametrize("target", SUPPORTS)
def test_a_support_is_told_to_those_who_see_what_it_is_for(target: str | None, settings: Settings) -> None:
    kind, of = SUPPORTS[target]
    began = FRIDAY - timedelta(days=30)
    record = {
        "student_id": MARIBEL.student_id, "intervention_id": "i", "kind": kind, "tier": 2, "target": target,
        "begin_date": began, "end_date": None, "planned_minutes_week": None, "outcome": None,
    }  # fmt: skip
    keep(
        roomy(settings),
        TOWN,
        plans=open_plans([record], FRIDAY),
        sis_supports=supports_on_record([record], []),
    )
    with opened(settings) as store, store.begin() as tx:
        for who in (OKAFOR, TEAM, LEE, BAPTISTE):
            allowed = of is None or who.sees(of)
            view = risk_list(tx, who, Filters(ALL, name=MARIBEL.name), now=MONDAY_MORNING)
            plan = view.rows[0].plan
            assert plan and (plan.kind, plan.since) == ((kind, began) if allowed else ("support", None))
            assert (plan.tier, view.rows[0].tier) == ("Targeted", "Targeted")
            sheet = repr(rows_of(view, who))
            assert (kind.replace("_", " ") in sheet) is allowed and "Targeted" in sheet
            page = student_view(tx, who, MARIBEL.student_id, now=MONDAY_MORNING)
            assert (kind in repr(page)) is allowed
            assert len(supports_tried(tx, who, MARIBEL.student_id, FRIDAY)) == allowed
            assert len(supports_in(tx, who, began, FRIDAY)) == allowed
