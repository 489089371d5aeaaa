"""How the work of a school is shared: for each person who has students open, overdue, and seen in time.

For whoever runs the school, who sees each of these students by name on the list as well: so these counts are
of work, and small ones are shown. Names stand in their order; nobody is ranked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import exists, func, select

from ews.people.access import Principal
from ews.store.store import Transaction
from ews.store.tables import actions, placements
from ews.store.work_tables import follow_ups, school_days
from ews.support.standing import SEEN_WITHIN, FollowUp, standing_where, weekdays_between
from ews.support.states import CLOSED, NEW, SEEN_BY, STATES

LOOKED_AT = timedelta(weeks=4)
NOBODY = "No one yet"


@dataclass(frozen=True)
class TeamLine:
    """One person's work. open: not closed; overdue: seen by nobody within five school days, of them told:
    whoever leads the team has been told. due: came up in the last four weeks and were to be seen by now; of
    them in_time were.
    """

    owner: str
    open: int
    by_state: Mapping[str, int]
    overdue: int
    told: int
    due: int
    in_time: int


def team_load(
    tx: Transaction, principal: Principal, school_id: str, *, now: datetime
) -> tuple[TeamLine, ...]:
    """The work with the students of one school who are in this principal's sight, by owner."""
    placed = exists().where(
        placements.c.student_id == follow_ups.c.student_id, placements.c.school_id == school_id
    )
    found = standing_where(tx, principal, placed, today=now.date())
    first = first_acts(tx, school_id, now.tzinfo)
    calendar = set(
        tx.execute(select(school_days.c.day).where(school_days.c.school_id == school_id)).scalars()
    )
    by_owner: dict[str, list[FollowUp]] = {}
    for one in found:
        by_owner.setdefault(one.owner or NOBODY, []).append(one)
    order = sorted(by_owner, key=lambda owner: (owner == NOBODY, owner.split()[-1], owner))
    return tuple(team_line(owner, by_owner[owner], first, calendar, now.date()) for owner in order)


def first_acts(
    tx: Transaction, school_id: str, timezone: tzinfo | None
) -> dict[str, tuple[date, date | None]]:
    """Student to the day from which school days count, and the day on which somebody first did something."""
    acted = (
        select(follow_ups.c.student_id, follow_ups.c.shown_on, func.min(actions.c.at).label("first"))
        .join(placements, placements.c.student_id == follow_ups.c.student_id)
        .outerjoin(
            actions,
            (actions.c.student_id == follow_ups.c.student_id)
            & actions.c.kind.in_(SEEN_BY)
            & actions.c.undone_at.is_(None)
            & (actions.c.at >= follow_ups.c.opened_at),
        )
        .where(placements.c.school_id == school_id)
        .group_by(follow_ups.c.student_id, follow_ups.c.shown_on)
    )
    return {
        row.student_id: (row.shown_on, row.first.astimezone(timezone).date() if row.first else None)
        for row in tx.execute(acted)
    }


def team_line(
    owner: str,
    theirs: Sequence[FollowUp],
    first: Mapping[str, tuple[date, date | None]],
    calendar: set[date],
    today: date,
) -> TeamLine:
    """One owner's line."""
    going_on = [one for one in theirs if one.state != CLOSED]
    seen = list(filter(None, (seen_in_time(one, first, calendar, today) for one in theirs)))
    return TeamLine(
        owner=owner,
        open=len(going_on),
        by_state={state: count_of(theirs, state) for state in STATES},
        overdue=sum(one.overdue for one in theirs),
        told=sum(one.told for one in theirs),
        due=len(seen),
        in_time=seen.count("in time"),
    )


def seen_in_time(
    one: FollowUp, first: Mapping[str, tuple[date, date | None]], calendar: set[date], today: date
) -> str:
    """``in time`` or ``late``; empty for a student who came up earlier, or need not have been seen yet."""
    shown_on, acted_on = first.get(one.student_id, (one.opened_on, None))
    if today - shown_on > LOOKED_AT:
        return ""
    if one.state == NEW:
        return "late" if one.overdue else ""
    if acted_on is None:  # a contact or a plan is on record, and no act on the pages
        return "in time"
    return "in time" if days_between(calendar, shown_on, acted_on) <= SEEN_WITHIN else "late"


def days_between(calendar: set[date], first: date, last: date) -> int:
    """The school days after ``first``, up to ``last``; Mondays to Fridays without a calendar."""
    if not calendar:
        return weekdays_between(first, last)
    return sum(first < day <= last for day in calendar)


def count_of(theirs: Iterable[FollowUp], state: str) -> int:
    """How many stand in ``state``."""
    return sum(one.state == state for one in theirs)
