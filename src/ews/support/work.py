"""The work with one student in one piece: where they stand, whose they are, what people said."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ews.people.access import Principal
from ews.people.colleagues import Colleague, colleagues
from ews.people.roles import Act, Field
from ews.store.store import Transaction
from ews.support.nominations import NOTHING_SAID, Said, said_of
from ews.support.plan_record import SupportPlan, plans_of
from ews.support.standing import FollowUp, standing_of


@dataclass(frozen=True)
class Work:
    """follow_up: None before a student was on the list or named. hand_to: who else could have the student."""

    follow_up: FollowUp | None = None
    said: Said = field(default=NOTHING_SAID)
    hand_to: tuple[Colleague, ...] = ()
    plans: tuple[SupportPlan, ...] = ()

    @property
    def open_plans(self) -> tuple[SupportPlan, ...]:
        """The plans that are offered or going on."""
        return tuple(plan for plan in self.plans if plan.ended_on is None)


NO_WORK = Work()


def work_of(tx: Transaction, principal: Principal, student_id: str, *, now: datetime) -> Work:
    """The work with one student in sight, as far as this person's role sees it."""
    may_hand = principal.does(Act.FOLLOW_UP) and principal.account_id is not None
    follow_up = None
    if principal.sees(Field.PLANS):
        follow_up = standing_of(tx, principal, [student_id], today=now.date()).get(student_id)
    return Work(
        follow_up=follow_up,
        said=said_of(tx, principal, [student_id]).get(student_id, NOTHING_SAID),
        hand_to=colleagues(tx, principal, student_id, Act.FOLLOW_UP) if may_hand else (),
        plans=tuple(plans_of(tx, principal, [student_id]).get(student_id, ())),
    )


def work_on_list(
    tx: Transaction,
    principal: Principal,
    students: Iterable[str],
    *,
    said: Mapping[str, Said] | None = None,
) -> Mapping[str, Work]:
    """Student to what was said and planned, for the rows of a list; nothing for whoever sees no plans.

    ``said``: what people said of them, where it was read already. Where they stand is on their page; what of
    it waits on somebody, in the queue.
    """
    wanted = list(students)
    if not principal.sees(Field.PLANS):
        return {}
    said = said_of(tx, principal, wanted) if said is None else said
    plans = plans_of(tx, principal, wanted)
    return {
        student: Work(said=said.get(student, NOTHING_SAID), plans=tuple(plans.get(student, ())))
        for student in (*said, *plans)
    }
