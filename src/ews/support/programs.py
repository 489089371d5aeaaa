"""The support that a school has, and for how many: programs with their places, kept by its administrators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update

from ews.errors import ChangedMeanwhile, UsageError
from ews.people.access import Principal, scoped, why
from ews.people.ledger import record_view
from ews.people.roles import Act
from ews.store.store import Transaction
from ews.store.tables import placements, schools
from ews.store.work_tables import plans, programs
from ews.support.facts import TIERS
from ews.support.words_written import words_written

WITHOUT_PLACES = (
    "Check-in with an adult",
    "Attendance plan with the family",
    "Help with course work",
    "Mentor",
    "Home visit",
    "Group with the counselor",
)
"""Support that any school can offer to as many as need it; programs with places are the school's own."""
MOST_PLACES = 10_000
LONGEST_NAME = 100


@dataclass(frozen=True)
class Program:
    """One program of a school. places: None for as many as need it; taken: by plans that are open."""

    program_id: int
    school_id: str
    school_name: str
    name: str
    tier: str
    places: int | None
    taken: int
    minutes_week: float | None
    closed: bool
    version: int

    @property
    def free(self) -> int | None:
        """Places that are left; None where there are as many as it needs."""
        return None if self.places is None else max(0, self.places - self.taken)


def programs_of(
    tx: Transaction, principal: Principal, *, school_id: str | None = None, program_id: int | None = None
) -> tuple[Program, ...]:
    """The programs of the schools in which this person has students, by school and name."""
    reach = scoped(principal, select(placements.c.school_id), placements.c.student_id).distinct()
    taken = (
        select(func.count(plans.c.plan_id))
        .where(plans.c.program_id == programs.c.program_id, plans.c.ended_on.is_(None))
        .correlate(programs)
        .scalar_subquery()
    )
    statement = (
        select(programs, schools.c.name.label("school_name"), taken.label("taken"))
        .select_from(programs)
        .join(schools, schools.c.school_id == programs.c.school_id)
        .where(programs.c.school_id.in_(reach))
        .order_by(schools.c.name, programs.c.name)
    )
    if school_id is not None:
        statement = statement.where(programs.c.school_id == school_id, programs.c.closed_on.is_(None))
    if program_id is not None:
        statement = statement.where(programs.c.program_id == program_id)
    return tuple(
        Program(
            row.program_id, row.school_id, row.school_name, row.name, row.tier, row.places, row.taken,
            row.minutes_week, row.closed_on is not None, row.version,
        )
        for row in tx.execute(statement)
    )  # fmt: skip


def program_of(tx: Transaction, principal: Principal, program_id: int) -> Program | None:
    """One program; None for another school's and for one that is not."""
    return next(iter(programs_of(tx, principal, program_id=program_id)), None)


def keep_program(
    tx: Transaction,
    principal: Principal,
    *,
    now: datetime,
    school_id: str = "",
    program_id: int | None = None,
    name: str,
    tier: str,
    places: int | None,
    minutes_week: float | None,
    closed: bool = False,
    version: int = 0,
) -> bool:
    """A new program of a school, or a change of one; False for whoever does not keep that school's.

    Errors: UsageError for a name that is taken or a number that cannot be, ChangedMeanwhile when somebody
    else has changed it.
    """
    before = program_of(tx, principal, program_id) if program_id is not None else None
    school = before.school_id if before else school_id
    if not keeps(principal, school) or (program_id is not None and before is None):
        return False
    said = {
        "name": words_written(name, "A program needs a name.", longest=LONGEST_NAME),
        "tier": _held(tier),
        "places": places,
        "minutes_week": minutes_week,
    }
    if places is not None and not 0 <= places <= MOST_PLACES:
        raise UsageError("That many places cannot be.", f"Write 0 to {MOST_PLACES:,}, or leave it empty.")
    record_view(
        tx, principal, action="program", reason=why(principal), students=(), fields=("places",), at=now
    )
    if before is not None:  # as it stands behind the ledger's lock
        before = program_of(tx, principal, before.program_id) or before
    same = (programs.c.school_id == school) & (programs.c.name == said["name"])
    other = tx.execute(select(programs.c.program_id).where(same)).scalar()
    if before is None and other is not None:
        return True  # the same form once more
    if other is not None and other != program_id:
        raise UsageError("The school has a program of that name.", "Choose another name.")
    if before is None:
        tx.execute(programs.insert().values(school_id=school, version=1, **said))
        return True
    stands = {field: getattr(before, field) for field in said}
    if stands == said and closed == before.closed:
        return True
    if version != before.version:
        raise ChangedMeanwhile(before.version, {"Name": before.name, "Places": str(before.places or "")})
    tx.execute(
        update(programs)
        .where(programs.c.program_id == program_id)
        .values(**said, closed_on=now.date() if closed else None, version=before.version + 1)
    )
    return True


def school_names(tx: Transaction) -> dict[str, str]:
    """Every school by name."""
    return {row.school_id: row.name for row in tx.execute(select(schools))}


def keeps(principal: Principal, school_id: str) -> bool:
    """Whether this person keeps the programs of a school."""
    return principal.does(Act.KEEP_PROGRAMS) and school_id in principal.school_ids


def _held(tier: str) -> str:
    if tier not in TIERS.values():
        raise UsageError("A program needs its tier.", "Choose Universal, Targeted or Intensive.")
    return tier
