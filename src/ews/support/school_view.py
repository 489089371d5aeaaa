"""A school and the district in numbers: how many need what, and how far today's staff reaches.

No student is named and no number of ten or fewer leaves ``need``: so nothing goes into the ledger here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Row, select

from ews.risk.report_shelf import Equity, Verdict
from ews.risk.small_cells import Named
from ews.store.store import Transaction
from ews.store.tables import run_schools, staff
from ews.support.facts import DOMAIN_TITLES, Run
from ews.support.freshness import stamp
from ews.support.levels import LEVEL_WORDS, LISTED
from ews.support.need import (
    ANY,
    BEYOND,
    DISTRICT,
    NOBODY,
    OF_NEED,
    ON_LIST,
    Counted,
    Numbers,
    grade_place,
    school_place,
)
from ews.support.signals import Signal, last_days, signals_of
from ews.support.team_load import TeamLine

COLUMNS = {domain: DOMAIN_TITLES.get(domain, "Any of these") for domain in OF_NEED}


@dataclass(frozen=True)
class Need:
    """Students with a band of elevated or high, and those in each of the two. None: not shown.

    asked: whether the domain is asked for here at all.
    """

    asked: bool
    flagged: int | None
    elevated: int | None
    high: int | None


@dataclass(frozen=True)
class NeedLine:
    """One line of the table: a grade of a school, or a school of the district, or all of them.

    school_id, grade_level: which one it is; needs: by domain, and ``any`` of them.
    """

    school_id: str | None
    grade_level: int | None
    title: str
    students: int | None
    needs: Mapping[str, Need]


@dataclass(frozen=True)
class Reached:
    """Students who have a place on a list, and those above the same line who have none."""

    key: str
    title: str
    on_list: int | None
    beyond: int | None

    @property
    def above(self) -> int | None:
        """Both together."""
        return None if self.on_list is None or self.beyond is None else self.on_list + self.beyond


@dataclass(frozen=True)
class Matter:
    """A grade in which a domain is a school-wide matter: of ten students, how many; and usually."""

    school_id: str
    school_name: str
    grade_level: int
    domain: str
    of_ten: int
    usually_of_ten: int | None


@dataclass(frozen=True)
class SchoolView:
    """A school. by_counselor is for whoever runs it and None for others; names are in order, never ranked.
    alone: whether it is the only one in sight. team: how its work is shared, for whoever runs it."""

    run: Run
    school_id: str
    name: str
    columns: Mapping[str, str]
    lines: tuple[NeedLine, ...]
    everyone: NeedLine
    reached: Reached
    by_level: tuple[Reached, ...]
    by_counselor: tuple[Reached, ...] | None
    counselors: int
    matters: tuple[Matter, ...]
    signals: tuple[Signal, ...]
    stamp: str | None
    verdict: Verdict | None
    equity: Equity | None
    alone: bool
    team: tuple[TeamLine, ...] | None


@dataclass(frozen=True)
class SchoolLine:
    """A school as a line of the district: who it reaches, what is a matter of the whole school, its data."""

    school_id: str
    name: str
    need: NeedLine
    reached: Reached
    matters: tuple[Matter, ...]
    signals: tuple[Signal, ...]


@dataclass(frozen=True)
class SchoolsView:
    """The schools in sight. whole: the district's own numbers, on its page; district: whether that page
    is for whoever asks."""

    run: Run
    district: bool
    columns: Mapping[str, str]
    schools: tuple[SchoolLine, ...]
    whole: NeedLine | None
    reached: Reached | None
    by_level: tuple[Reached, ...]
    matters: tuple[Matter, ...]
    stamp: str | None
    verdict: Verdict | None
    equity: Equity | None


# ---- the two views --------------------------------------------------------------------------------------


def school_view(
    tx: Transaction,
    run: Run,
    found: tuple[Counted, Numbers],
    school: Row,
    *,
    team: tuple[TeamLine, ...] | None,
    alone: bool,
    verdict: Verdict | None,
    equity: Equity | None,
) -> SchoolView:
    """The school of a row of ``run_schools``.

    ``team``: how its work is shared, for whoever runs it; counselors are told apart for them alone.
    """
    counted, numbers = found
    place = school_place(school.school_id)
    each = by_counselor(tx, counted, numbers, school.school_id)
    return SchoolView(
        run=run,
        school_id=school.school_id,
        name=school.name,
        columns=COLUMNS,
        lines=tuple(
            need_line(numbers, grade_place(school.school_id, grade), grade=grade, school_id=school.school_id)
            for grade in counted.grades_of(school.school_id)
        ),
        everyone=need_line(numbers, place, title="All", school_id=school.school_id),
        reached=reached(numbers, place),
        by_level=by_level(numbers, place),
        by_counselor=each if team is not None else None,
        counselors=sum(one.key != NOBODY for one in each),
        matters=matters_of(numbers, school),
        signals=signals_of(school, last_days(tx, run).get(school.school_id, {}), run.as_of),
        stamp=stamp([(school.name, school.days_behind)]),
        verdict=verdict,
        equity=equity.of([school.school_id]) if equity else None,
        alone=alone,
        team=team,
    )


def schools_view(
    tx: Transaction,
    run: Run,
    found: tuple[Counted, Numbers],
    school_ids: Iterable[str],
    *,
    whole: bool,
    district: bool,
    verdict: Verdict | None,
    equity: Equity | None,
) -> SchoolsView:
    """The schools ``school_ids``; with ``whole`` also what they come to together."""
    _, numbers = found
    rows = [row for row in schools_of(tx, run) if row.school_id in set(school_ids)]
    last = last_days(tx, run)
    lines = tuple(school_line(numbers, row, last.get(row.school_id, {}), run) for row in rows)
    return SchoolsView(
        run=run,
        district=district,
        columns=COLUMNS,
        schools=lines,
        whole=need_line(numbers, DISTRICT, title="All schools") if whole else None,
        reached=reached(numbers, DISTRICT) if whole else None,
        by_level=by_level(numbers, DISTRICT) if whole else (),
        matters=tuple(matter for line in lines for matter in line.matters),
        stamp=stamp((row.name, row.days_behind) for row in rows),
        verdict=verdict,
        equity=equity.of([row.school_id for row in rows]) if equity else None,
    )


def school_line(numbers: Numbers, row: Row, last: Mapping[str, date], run: Run) -> SchoolLine:
    """One school as a line."""
    place = school_place(row.school_id)
    return SchoolLine(
        school_id=row.school_id,
        name=row.name,
        need=need_line(numbers, place, title=row.name, school_id=row.school_id),
        reached=reached(numbers, place),
        matters=matters_of(numbers, row),
        signals=signals_of(row, last, run.as_of),
    )


# ---- what they are made of ------------------------------------------------------------------------------


def schools_of(tx: Transaction, run: Run) -> list[Row]:
    """The schools of a run, by name."""
    statement = select(run_schools).where(run_schools.c.run_id == run.run_id)
    return list(tx.execute(statement.order_by(run_schools.c.name, run_schools.c.school_id)).all())


def school_of(tx: Transaction, run: Run, school_id: str) -> Row | None:
    """One school of a run; None where the run has no student of it."""
    return next((row for row in schools_of(tx, run) if row.school_id == school_id), None)


def need_line(
    numbers: Numbers, place: Named, *, title: str = "", grade: int | None = None, school_id: str | None = None
) -> NeedLine:
    """How many need what at one place."""
    needs = {
        domain: Need(
            numbers.has(place, domain, "flagged"),
            numbers.at(place, domain, "flagged"),
            numbers.at(place, domain, "elevated"),
            numbers.at(place, domain, "high"),
        )
        for domain in OF_NEED
    }
    return NeedLine(school_id, grade, title, numbers.at(place, "students"), needs)


def reached(numbers: Numbers, place: Named) -> Reached:
    """How far today's staff reaches at one place."""
    return Reached(ANY, "All", numbers.at(place, ON_LIST), numbers.at(place, BEYOND))


def by_level(numbers: Numbers, place: Named) -> tuple[Reached, ...]:
    """The same by level."""
    return tuple(
        Reached(
            level, LEVEL_WORDS[level], numbers.at(place, level, ON_LIST), numbers.at(place, level, BEYOND)
        )
        for level in LISTED
    )


def by_counselor(tx: Transaction, counted: Counted, numbers: Numbers, school_id: str) -> tuple[Reached, ...]:
    """The same by counselor, in the order of their names; last those whom no counselor has."""
    theirs = {who for school, who, _ in counted.counselors if school == school_id}
    found = tx.execute(select(staff.c.staff_id, staff.c.name).where(staff.c.staff_id.in_(theirs)))
    names = {row.staff_id: row.name for row in found} | {NOBODY: "No counselor on record"}
    order = sorted(theirs, key=lambda who: (who == NOBODY, str(names.get(who, who)).split()[-1], who))
    place = ("counselor", school_id)
    return tuple(
        Reached(who, names.get(who, who), numbers.at(place, who, ON_LIST), numbers.at(place, who, BEYOND))
        for who in order
    )


def matters_of(numbers: Numbers, school: Row) -> tuple[Matter, ...]:
    """What is a school-wide matter, of those grades whose numbers are shown; in tenths, as they are told."""
    return tuple(
        Matter(
            school.school_id,
            school.name,
            notice["grade_level"],
            notice["domain"],
            round(10 * notice["share"]),
            None if notice["usual"] is None else round(10 * notice["usual"]),
        )
        for notice in school.notices
        if numbers.at(grade_place(school.school_id, notice["grade_level"]), notice["domain"], "flagged")
        is not None
    )


def most_of(lines: Iterable[Reached]) -> int:
    """The longest bar of ``lines``, so that all share one scale; at least one."""
    return max((line.above or 0 for line in lines), default=0) or 1
