"""Fair draws: the seed before the names, an order that anybody can make again, and no quiet second draw."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from support.alder_creek import (
    BAPTISTE,
    DIAZ,
    HIGH,
    MIDDLE,
    MONDAY_MORNING,
    OKAFOR,
    ZHAO,
    Person,
    keep,
    opened,
    roomy,
)
from web.visitor import person, person_in

from ews.errors import UsageError
from ews.people.access import Principal
from ews.settings import Settings
from ews.store import Store
from ews.store.work_tables import draws, plans
from ews.support.draws import candidates, draw, draw_view, draws_of, in_order, open_draw
from ews.support.plan_record import plans_of
from ews.support.programs import Program, keep_program, program_of, programs_of

NOW = MONDAY_MORNING
HERS = [Person(f"Student {one}", {"attendance": 0.7, "overall": 0.7}) for one in "ABCDEF"]
HIS = [Person(f"Other {one}", {"attendance": 0.7, "overall": 0.7}, counselor="t-diaz") for one in "XY"]
AWAY = Person("Away Q", {"attendance": 0.7, "overall": 0.7}, school=MIDDLE)
IDS = [one.student_id for one in HERS]


@pytest.fixture
def town(settings: Settings) -> Iterator[Store]:
    keep(roomy(settings), [*HERS, *HIS, AWAY])
    store = opened(settings)
    with store.begin() as tx:
        lead = person_in(tx, BAPTISTE)
        keep_program(
            tx, lead, school_id=HIGH, name="Math help", tier="Targeted", places=2, minutes_week=90.0, now=NOW
        )
    yield store
    store.close()


def math_help(store: Store, who: Principal) -> Program:
    with store.read() as tx:
        return programs_of(tx, who)[0]


def begun(store: Store, who: Principal, reason: str = "", form: str = "d", seed: str = "a seed") -> int:
    number = math_help(store, person(store, OKAFOR)).program_id
    with store.begin() as tx:
        return open_draw(tx, who, number, reason, seed, now=NOW, form_id=form)


def drawn(store: Store, who: Principal, number: int, names: list[str]) -> bool:
    with store.begin() as tx:
        return draw(tx, who, number, names, now=NOW + timedelta(minutes=5))


def test_the_seed_is_fixed_before_the_names_and_shown_with_the_result(town: Store) -> None:
    okafor = person(town, OKAFOR)
    number = begun(town, okafor)
    assert begun(town, okafor) == number  # a double click
    with town.begin() as tx:
        before = draw_view(tx, okafor, number, now=NOW)
    assert before and (before.seed, before.names) == ("", ())
    assert before.fingerprint == hashlib.sha256(b"a seed").hexdigest()
    assert drawn(town, okafor, number, IDS)
    with town.begin() as tx:
        after = draw_view(tx, okafor, number, now=NOW)
        offers = plans_of(tx, okafor, IDS)
    assert after and after.seed == "a seed" and after.opened_at < (after.drawn_at or NOW)
    order = [one.student.student_id for one in after.names if one.student]
    assert order == in_order("a seed", IDS) and sorted(order) == sorted(IDS)
    assert [one.drawn for one in after.names] == [True, True, False, False, False, False]
    assert set(offers) == set(order[:2])
    assert all(plan.draw_id == number and plan.stage == "Offered" for one in offers.values() for plan in one)


def test_anybody_with_the_seed_comes_to_the_same_order_in_a_shell() -> None:
    numbers = {}
    for student in IDS:
        script = f"printf '%s' 'a seed:{student}' | sha256sum"
        numbers[student] = subprocess.run(
            ["sh", "-c", script], capture_output=True, text=True, check=True
        ).stdout
    assert sorted(IDS, key=lambda one: numbers[one]) == in_order("a seed", IDS)
    assert in_order("a seed", reversed(IDS)) == in_order("a seed", IDS)


def test_every_place_is_as_likely_for_everyone() -> None:
    won = dict.fromkeys(IDS, 0)
    for seed in range(3_000):
        for student in in_order(f"seed {seed}", IDS)[:2]:
            won[student] += 1
    assert all(abs(times - 1_000) < 130 for times in won.values()), won  # five standard deviations


def test_nobody_redraws_quietly(town: Store) -> None:
    okafor = person(town, OKAFOR)
    number = begun(town, okafor)
    for _ in ("click", "clicked twice"):
        assert drawn(town, okafor, number, IDS)
    with pytest.raises(UsageError, match="drawn before"):
        drawn(town, okafor, number, IDS[:4])
    with pytest.raises(UsageError, match="no place to draw"):
        begun(town, okafor, "again", "d2")
    with town.begin() as tx:
        lead = person_in(tx, BAPTISTE)
        program = program_of(tx, lead, math_help(town, okafor).program_id)
        assert program
        keep_program(
            tx, lead, program_id=program.program_id, version=1, name="Math help", tier="Targeted", places=3,
            minutes_week=90.0, now=NOW,
        )  # fmt: skip
    with pytest.raises(UsageError, match="held before"):
        begun(town, okafor, " ", "d2")
    second = begun(town, okafor, "One more place", "d2", "another seed")
    with town.read() as tx:
        told = [(one.draw_id, one.reason) for one in draws_of(tx, math_help(town, okafor))]
    assert told == [(second, "One more place"), (number, "")]


REFUSED = {
    "fewer names than places": (IDS[:2], "no draw is needed"),
    "nobody": ([], "no draw is needed"),
}


@pytest.mark.parametrize("title", REFUSED)
def test_nothing_is_drawn_where_there_is_nothing_to_draw(town: Store, title: str) -> None:
    names, told = REFUSED[title]
    okafor = person(town, OKAFOR)
    number = begun(town, okafor)
    with pytest.raises(UsageError, match=told):
        drawn(town, okafor, number, names)
    assert drawn(town, okafor, number, IDS)  # and it can still be drawn rightly


def test_strangers_names_are_not_drawn_nor_read(town: Store) -> None:
    okafor, diaz, zhao, baptiste = (person(town, one) for one in (OKAFOR, DIAZ, ZHAO, BAPTISTE))
    number = begun(town, okafor)
    for names in ([*IDS, "nobody"], [*IDS, HIS[0].student_id], [*IDS, AWAY.student_id]):
        assert not drawn(town, okafor, number, names)
    assert not drawn(town, zhao, number, IDS)
    everyone = [*IDS, *(one.student_id for one in HIS)]
    assert drawn(town, baptiste, number, everyone)
    with town.begin() as tx:
        assert draw_view(tx, zhao, number, now=NOW) is None
        his = draw_view(tx, diaz, number, now=NOW)
    assert his and {one.student.display_name for one in his.names if one.student} == {"Other X", "Other Y"}
    assert all((one.student is None) == (one.digest == "") for one in his.names)
    with town.read() as tx:
        assert len(tx.execute(select(plans)).all()) == 2
        assert len(tx.execute(select(draws)).all()) == 1


def test_whoever_is_followed_up_and_has_no_place_can_be_in_a_draw(town: Store) -> None:
    okafor = person(town, OKAFOR)
    number = begun(town, okafor)
    with town.begin() as tx:
        found = candidates(tx, okafor, math_help(town, okafor), now=NOW)
    assert [one.student_id for one in found] == IDS
    drawn(town, okafor, number, IDS)
    with town.begin() as tx:
        found = candidates(tx, okafor, math_help(town, okafor), now=NOW)
    assert len(found) == 4
