"""What people did and said about the students of one page of the list, read in one look."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import or_

from ews.people.access import Principal
from ews.people.roles import Field
from ews.store.store import Transaction
from ews.store.tables import actions
from ews.support.actions import ANSWERS, Standing, acts_told, answers_of, standings_in
from ews.support.nominations import Said, said_in, what_is_said


def acts_on_list(
    tx: Transaction, principal: Principal, students: Sequence[str], *, as_of: date, today: date
) -> tuple[Mapping[str, Standing], Mapping[str, Said]]:
    """Where each of ``students``, who are in sight, stands on the list of ``as_of``, and what was said.

    Nothing of it for whoever sees no plans.
    """
    if not principal.sees(Field.PLANS):
        return {}, {}
    rows = tx.execute(
        acts_told()
        .where(
            actions.c.student_id.in_(students),
            actions.c.undone_at.is_(None),
            or_(answers_of(as_of, today), what_is_said()),
        )
        .order_by(actions.c.action_id)
    ).all()
    answers = [row for row in rows if row.kind in ANSWERS]
    said = [row for row in reversed(rows) if row.kind not in ANSWERS]
    return standings_in(answers, principal), said_in(said, principal)
