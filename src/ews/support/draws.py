"""Fair draws: more students than places, and a lottery that anybody can check.

The seed is fixed and its fingerprint shown before anybody is put into the draw, so no one can choose names
that win; the seed itself is shown once the names are drawn. The order is that of SHA-256 over
``SEED:STUDENT``, for each student's id: the lowest come first. Nobody redraws quietly: each draw is a
record of its own, a second one needs a reason, and those that were opened and never drawn stand there too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, select, update

from ews.errors import UsageError
from ews.people.access import Principal, all_in_sight
from ews.people.ledger import record_view
from ews.people.roles import Act, Field
from ews.store.store import Transaction
from ews.store.tables import accounts, placements, staff
from ews.store.work_tables import draw_names, draws, follow_ups, plans
from ews.support.actions import may_act
from ews.support.named import Named, names_of, record_names
from ews.support.plans import Draft, offer
from ews.support.programs import Program, program_of
from ews.support.standing import standing_where
from ews.support.states import CLOSED
from ews.support.words_written import words_written

MOST_NAMES = 2_000


@dataclass(frozen=True)
class Drawn:
    """One name of a draw. student: None for one whom the person who looks does not work with."""

    place: int
    student: Named | None
    digest: str
    drawn: bool


@dataclass(frozen=True)
class Draw:
    """One draw. seed: empty until the names are drawn. names: in the order of the draw."""

    draw_id: int
    program: Program
    fingerprint: str
    seed: str
    reason: str
    opened_at: datetime
    opened_by: str
    places: int | None
    drawn_at: datetime | None
    drawn_by: str
    names: tuple[Drawn, ...] = ()


def fingerprint(seed: str) -> str:
    """What is shown of a seed before the draw: it gives nothing away and fixes it."""
    return hashlib.sha256(seed.encode()).hexdigest()


def digest(seed: str, student_id: str) -> str:
    """By what a student's place in the draw is decided; the lowest comes first.

    >>> digest("a seed", "s-1")[:12] == hashlib.sha256(b"a seed:s-1").hexdigest()[:12]
    True
    """
    return hashlib.sha256(f"{seed}:{student_id}".encode()).hexdigest()


def in_order(seed: str, student_ids: Iterable[str]) -> list[str]:
    """The students in the order of the draw. The same seed and names give the same order, for anybody."""
    return sorted(set(student_ids), key=lambda student: (digest(seed, student), student))


def open_draw(
    tx: Transaction,
    principal: Principal,
    program_id: int,
    reason: str,
    seed: str,
    *,
    now: datetime,
    form_id: str,
) -> int:
    """A draw with its seed fixed, before any name is in it; gives its number, 0 for another school's program.

    Errors: UsageError when no place is free, or without a reason where a draw was held before.
    """
    program = program_of(tx, principal, program_id)
    if program is None or not may_act(principal, Act.PLAN):
        return 0
    record_view(
        tx, principal, action="draw_opened", reason="fair draw", students=(), fields=("seed",), at=now
    )
    program = program_of(tx, principal, program_id) or program  # as it stands behind the ledger's lock
    sent = tx.execute(select(draws.c.draw_id).where(draws.c.form_id == form_id)).scalar()
    if sent is not None:
        return int(sent)
    if not program.free:
        raise UsageError(
            "There is no place to draw for.", "Draw when places are free and fewer than those who need them."
        )
    before = tx.execute(select(func.count()).where(draws.c.program_id == program_id)).scalar_one()
    missing = "A draw was held before: say why there is another." if before else None
    made = tx.execute(
        draws.insert().values(
            program_id=program_id, seed=seed, fingerprint=fingerprint(seed),
            reason=words_written(reason, missing), opened_at=now, opened_by=principal.account_id,
            form_id=form_id,
        )
    )  # fmt: skip
    return int(made.inserted_primary_key[0])  # type: ignore[index]


def draw(
    tx: Transaction, principal: Principal, draw_id: int, student_ids: Iterable[str], *, now: datetime
) -> bool:
    """Draws the free places among ``student_ids``, and offers them; False when not all of them are theirs.

    The same names sent twice are drawn once. Errors: UsageError when it was drawn before, for too few names,
    or for one who has the support already.
    """
    found = _draw_row(tx, principal, draw_id)
    if found is None or not may_act(principal, Act.PLAN):
        return False
    row, program = found
    wanted = sorted(set(student_ids))
    if len(wanted) > MOST_NAMES or not _all_theirs(tx, principal, program, wanted):
        return False
    drawn = update(draws).where(draws.c.draw_id == draw_id, draws.c.drawn_at.is_(None))
    places = program.free or 0
    changed = tx.execute(drawn.values(drawn_at=now, drawn_by=principal.account_id, places=places))
    if changed.rowcount != 1:
        if _drew(tx, principal, draw_id, wanted):
            return True
        raise UsageError(
            "This was drawn before, of other names.", "Look at the result; another draw is another record."
        )
    _hold(tx, program, wanted, places)
    record_names(tx, principal, wanted, action="draw", now=now, fields=("name", "draw"))
    order = in_order(row.seed, wanted)
    tx.execute(
        draw_names.insert(),
        [
            {
                "draw_id": draw_id, "student_id": student, "place": place,
                "digest": digest(row.seed, student), "drawn": place <= places,
            }
            for place, student in enumerate(order, start=1)
        ],
    )  # fmt: skip
    for student in order[:places]:
        offer(
            tx, principal, student, first_draft(program, principal, now), now=now, form_id=f"draw-{draw_id}",
            draw_id=draw_id,
        )  # fmt: skip
    return True


def _drew(tx: Transaction, principal: Principal, draw_id: int, wanted: Sequence[str]) -> bool:
    """Whether this person has drawn these very names: then the form came twice."""
    by = select(draws.c.drawn_by).where(draws.c.draw_id == draw_id)
    names = select(draw_names.c.student_id).where(draw_names.c.draw_id == draw_id)
    return tx.execute(by).scalar() == principal.account_id and set(tx.execute(names).scalars()) == set(wanted)


def first_draft(program: Program, principal: Principal, now: datetime) -> Draft:
    """The plan that a drawn place begins with; its goal and adult are written when it is agreed on."""
    return Draft(
        kind=program.name,
        tier=program.tier,
        goal="To be agreed on with the student and the family",
        adult=principal.display_name[:100],
        adult_id=principal.account_id,
        minutes_week=program.minutes_week,
        starts_on=None,
        ends_on=None,
        review_on=now.date() + timedelta(weeks=4),
        program_id=program.program_id,
    )


def _hold(tx: Transaction, program: Program, wanted: list[str], places: int) -> None:
    if len(wanted) <= places:
        raise UsageError(
            f"There are {places} places and no more names than that.",
            "Offer each of them a plan: no draw is needed.",
        )
    having = select(func.count()).where(
        plans.c.student_id.in_(wanted), plans.c.program_id == program.program_id, plans.c.ended_on.is_(None)
    )
    if tx.execute(having).scalar_one():
        raise UsageError("Somebody in the draw has this support already.", "Take them out of the draw.")


def _all_theirs(tx: Transaction, principal: Principal, program: Program, wanted: list[str]) -> bool:
    """Whether each is in sight, and in the school of the program."""
    there = select(func.count()).where(
        placements.c.student_id.in_(wanted), placements.c.school_id == program.school_id
    )
    return all_in_sight(tx, principal, wanted) and tx.execute(there).scalar_one() == len(wanted)


# ---- reading -------------------------------------------------------------------------------------------


def candidates(tx: Transaction, principal: Principal, program: Program, *, now: datetime) -> list[Named]:
    """Who could be in a draw: whoever is followed up at the school and has no place in the program yet."""
    has = select(plans.c.student_id).where(
        plans.c.program_id == program.program_id, plans.c.ended_on.is_(None)
    )
    at_school = select(placements.c.student_id).where(placements.c.school_id == program.school_id)
    condition = follow_ups.c.student_id.in_(at_school) & follow_ups.c.student_id.not_in(has)
    standing = standing_where(tx, principal, condition, today=now.date())
    names = names_of(tx, principal, [one.student_id for one in standing if one.state != CLOSED])
    record_names(tx, principal, names, action="draw_names", now=now)
    return list(names.values())


def draws_of(tx: Transaction, program: Program) -> tuple[Draw, ...]:
    """Every draw of a program in sight, the latest first, without its names."""
    rows = tx.execute(
        _told().where(draws.c.program_id == program.program_id).order_by(draws.c.draw_id.desc())
    )
    return tuple(_draw(row, program) for row in rows)


def draw_view(tx: Transaction, principal: Principal, draw_id: int, *, now: datetime) -> Draw | None:
    """One draw with its result, written into the ledger; None for another school's, and none."""
    found = _draw_row(tx, principal, draw_id)
    if found is None:
        return None
    row, program = found
    rows = tx.execute(select(draw_names).where(draw_names.c.draw_id == draw_id).order_by(draw_names.c.place))
    told = rows.all()
    names = names_of(tx, principal, [one.student_id for one in told])
    record_names(tx, principal, names, action="draw_result", now=now, fields=("name", "draw"))
    view = _draw(row, program)
    return Draw(
        **{name: getattr(view, name) for name in Draw.__dataclass_fields__ if name != "names"},
        names=tuple(
            Drawn(
                one.place, names.get(one.student_id), one.digest if one.student_id in names else "", one.drawn
            )
            for one in told
        ),
    )


OPENED, DRAWN = accounts.alias("opened"), accounts.alias("drawn")
OPENED_STAFF, DRAWN_STAFF = staff.alias("opened_staff"), staff.alias("drawn_staff")


def _told() -> Select[Any]:
    return (
        select(
            draws,
            func.coalesce(OPENED_STAFF.c.name, OPENED.c.name).label("opener"),
            func.coalesce(DRAWN_STAFF.c.name, DRAWN.c.name).label("drawer"),
        )
        .select_from(draws)
        .join(OPENED, OPENED.c.account_id == draws.c.opened_by)
        .join(OPENED_STAFF, OPENED_STAFF.c.staff_id == OPENED.c.staff_id, isouter=True)
        .join(DRAWN, DRAWN.c.account_id == draws.c.drawn_by, isouter=True)
        .join(DRAWN_STAFF, DRAWN_STAFF.c.staff_id == DRAWN.c.staff_id, isouter=True)
    )


def _draw_row(tx: Transaction, principal: Principal, draw_id: int) -> tuple[Row, Program] | None:
    if not principal.sees(Field.PLANS):
        return None
    row = tx.execute(_told().where(draws.c.draw_id == draw_id)).one_or_none()
    program = program_of(tx, principal, row.program_id) if row else None
    return (row, program) if row is not None and program is not None else None


def _draw(row: Row, program: Program) -> Draw:
    return Draw(
        row.draw_id, program, row.fingerprint, row.seed if row.drawn_at else "", row.reason, row.opened_at,
        row.opener, row.places, row.drawn_at, row.drawer or "",
    )  # fmt: skip
