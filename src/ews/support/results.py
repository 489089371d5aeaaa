"""The results report in the form of ASCA's closing-the-gap plan, written from what is on record.

Who was served, what was done and how often, what people say (a box: nobody measured it here), and the record
of the weeks before and after. That says nothing of what the support did, and the report says so: students
are chosen when things stand badly, and what stands badly tends to come back by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from ews.errors import UsageError
from ews.people.access import Principal, scoped
from ews.people.roles import Field
from ews.risk.small_cells import FEWEST, Named, Sum, hidden_among
from ews.school_year import first_day, school_year_of
from ews.store.contact_tables import contact_log, contact_students
from ews.store.record_tables import sis_supports
from ews.store.store import Transaction
from ews.store.tables import run_students
from ews.support.contact_log import CHANNELS
from ews.support.facts import Run
from ews.support.plans_told import started_plans
from ews.support.run_files import WEEKS, read_student
from ews.support.runs import of_run, shown_run
from ews.support.shown import targets_shown

if TYPE_CHECKING:
    import pandas as pd

WEEKS_EACH_SIDE = 6
FEWEST_WEEKS = 3  # school weeks on record on each side, below which a student is not counted
LONGEST = timedelta(days=731)
SERVED, STUDENTS, REST, ALL = "served", "students", "rest", "all"


@dataclass(frozen=True)
class Support:
    """One support of one student, from the student system or planned here."""

    student_id: str
    kind: str
    begins_on: date
    sessions: tuple[tuple[date, bool | None, float | None], ...]


@dataclass(frozen=True)
class Served:
    """A grade, or everybody: how many students, and how many had a support. None: too few to be shown."""

    title: str
    students: int | None
    served: int | None


@dataclass(frozen=True)
class BeforeAfter:
    """Sums of a signal over the same students' school weeks before and after their support began."""

    before: float
    before_of: float
    after: float
    after_of: float

    @property
    def averages(self) -> tuple[float, float]:
        """The average on each side, to one decimal."""
        return round(self.before / self.before_of, 1), round(self.after / self.after_of, 1)


@dataclass(frozen=True)
class Intervention:
    """One kind of support: whom it reached, how often it took place, what the record says on both sides.

    None where ten students or fewer would be told, or where too few have weeks on both sides.
    """

    kind: str
    students: int | None
    sessions: int | None
    attended: int | None
    minutes: float | None
    measured: int | None
    attendance: BeforeAfter | None
    marks: BeforeAfter | None
    incidents: BeforeAfter | None


@dataclass(frozen=True)
class Contacts:
    """What the writer of the report logged: entries by channel, and how many students they were about."""

    entries: int
    by_channel: Mapping[str, int]
    students: int | None


@dataclass(frozen=True)
class Results:
    """The report. fewest: the smallest group that is shown."""

    run: Run
    since: date
    until: date
    writer: str
    whole: Served
    grades: tuple[Served, ...]
    everybody: Intervention
    kinds: tuple[Intervention, ...]
    contacts: Contacts
    sees_incidents: bool
    fewest: int = FEWEST
    weeks_each_side: int = WEEKS_EACH_SIDE


def results(
    tx: Transaction, principal: Principal, *, since: date | None, until: date | None
) -> Results | None:
    """The report on ``principal``'s students for a period; None when there is no run. Nobody is named in it.

    Without days: from the first day of the school year of the newest run to the day of that run. Errors:
    UsageError when the period ends before it begins, or is longer than two years.
    """
    run = shown_run(tx)
    if run is None:
        return None
    until = until or run.as_of
    since = since or first_day(school_year_of(until))
    if not timedelta(0) <= until - since <= LONGEST:
        raise UsageError("That is no period of at most two years.", "Choose a day and a later one.")
    grades = _grades(tx, principal, run)
    supports = [one for one in supports_in(tx, principal, since, until) if one.student_id in grades]
    whole, by_grade = _served(grades, {one.student_id for one in supports})
    everybody, kinds = _interventions(tx, run, supports, sees_incidents=principal.sees(Field.DISCIPLINE))
    return Results(
        run=run,
        since=since,
        until=until,
        writer=principal.display_name,
        whole=whole,
        grades=by_grade,
        everybody=everybody,
        kinds=kinds,
        contacts=_contacts(tx, principal, since, until),
        sees_incidents=principal.sees(Field.DISCIPLINE),
    )


def supports_in(tx: Transaction, principal: Principal, since: date, until: date) -> list[Support]:
    """The supports of students in sight that began within a period, with the sessions held in it.

    None for whoever sees no plans; those for behavior or for English learners only for those who see that.
    """
    if not principal.sees(Field.PLANS):
        return []
    of = sis_supports.c
    statement = scoped(principal, select(sis_supports), of.student_id)
    statement = statement.where(
        of.begins_on >= since, of.begins_on <= until, targets_shown(principal, of.target)
    )
    theirs = [
        Support(row.student_id, row.kind, row.begins_on, tuple(_sessions(row.sessions, until)))
        for row in tx.execute(statement)
    ]
    ours = [
        Support(plan.student_id, plan.kind, plan.began, plan.sessions)
        for plan in started_plans(tx, principal, until=until)
        if plan.began >= since
    ]
    return sorted([*theirs, *ours], key=lambda one: (one.student_id, one.begins_on, one.kind))


def _sessions(
    stored: Iterable[Sequence[Any]], until: date
) -> Iterable[tuple[date, bool | None, float | None]]:
    for day, attended, minutes in stored:
        held = date.fromisoformat(day)
        if held <= until:
            yield held, attended, minutes


# ---- who was served -----------------------------------------------------------------------------------


def _grades(tx: Transaction, principal: Principal, run: Run) -> dict[str, int]:
    """Student in sight to grade."""
    of = run_students.c
    found = tx.execute(scoped(principal, of_run(run, of.student_id, of.grade_level), of.student_id))
    return {row.student_id: row.grade_level for row in found}


def _served(grades: Mapping[str, int], served: set[str]) -> tuple[Served, tuple[Served, ...]]:
    """Everybody and each grade, what is too small left out through the one door."""
    levels = sorted(set(grades.values()))
    counts: dict[Named, int] = {(STUDENTS, ALL): len(grades), (SERVED, ALL): len(served)}
    counts[(REST, ALL)] = len(grades) - len(served)
    for level in levels:
        own = {student for student, grade in grades.items() if grade == level}
        counts[(STUDENTS, str(level))] = len(own)
        counts[(SERVED, str(level))] = len(own & served)
        counts[(REST, str(level))] = len(own - served)
    names = [str(level) for level in levels]
    sums = [Sum((what, ALL), tuple((what, name) for name in names)) for what in (STUDENTS, SERVED, REST)]
    sums += [Sum((STUDENTS, name), ((SERVED, name), (REST, name))) for name in (ALL, *names)]
    hidden = hidden_among(counts, sums)

    def told(name: str) -> Served:
        shown = {
            what: None if (what, name) in hidden else counts[(what, name)] for what in (STUDENTS, SERVED)
        }
        return Served(name, shown[STUDENTS], shown[SERVED])

    return told(ALL), tuple(told(name) for name in names)


# ---- what was done, and the record on both sides ---------------------------------------------------------


def _interventions(
    tx: Transaction, run: Run, supports: Sequence[Support], *, sees_incidents: bool
) -> tuple[Intervention, tuple[Intervention, ...]]:
    """Everybody's supports together and each kind's; a kind of few students is told without its numbers."""
    weeks = _weeks(tx, run, {one.student_id for one in supports})
    kinds = sorted({one.kind for one in supports})
    groups = {ALL: list(supports)} | {kind: [one for one in supports if one.kind == kind] for kind in kinds}
    measured = {name: _measured(group, weeks) for name, group in groups.items()}
    shown = _shown_of({name: len({one.student_id for one in group}) for name, group in groups.items()})
    counted = _shown_of({name: len(found) for name, found in measured.items()})
    told = {
        name: _intervention(
            name,
            group,
            measured[name] if name in counted and name in shown else {},
            shown=name in shown,
            sees_incidents=sees_incidents,
        )
        for name, group in groups.items()
    }
    return told[ALL], tuple(told[kind] for kind in kinds)


def _shown_of(counts: Mapping[str, int]) -> set[str]:
    """The names of groups that may be shown beside their total."""
    parts = tuple((name,) for name in counts if name != ALL)
    sums = [Sum((ALL,), parts)] if parts else []
    hidden = hidden_among({(name,): count for name, count in counts.items()}, sums)
    return {name for name in counts if (name,) not in hidden}


def _weeks(tx: Transaction, run: Run, students: set[str]) -> dict[str, pd.DataFrame]:
    """Student to their school weeks, in order."""
    if not students:
        return {}
    found = read_student(tx.home, run.run_id, WEEKS, sorted(students))
    held = found[found["days_expected"] > 0].sort_values("week_start")
    return {str(student): rows for student, rows in held.groupby("student_id")}


Sides = tuple["pd.DataFrame", "pd.DataFrame"]


def _measured(group: Iterable[Support], weeks: Mapping[str, pd.DataFrame]) -> dict[str, Sides]:
    """Student to the weeks before and after their first support of the group, where there are enough."""
    found: dict[str, Sides] = {}
    for one in group:
        rows = weeks.get(one.student_id)
        if rows is None or one.student_id in found:
            continue
        monday = one.begins_on - timedelta(days=one.begins_on.weekday())
        before = rows[rows["week_start"] < monday].tail(WEEKS_EACH_SIDE)
        after = rows[rows["week_start"] > monday].head(WEEKS_EACH_SIDE)
        if len(before) >= FEWEST_WEEKS and len(after) >= FEWEST_WEEKS:
            found[one.student_id] = (before, after)
    return found


def _intervention(
    name: str, group: Sequence[Support], measured: Mapping[str, Sides], *, shown: bool, sees_incidents: bool
) -> Intervention:
    sessions = [session for one in group for session in one.sessions if session[1] is not None]
    sides = list(measured.values())
    return Intervention(
        kind=name,
        students=len({one.student_id for one in group}) if shown else None,
        sessions=len(sessions) if shown else None,
        attended=sum(1 for session in sessions if session[1]) if shown else None,
        minutes=sum(session[2] or 0.0 for session in sessions if session[1]) if shown else None,
        measured=len(sides) or None,
        attendance=_sums(sides, "days_missed", "days_expected"),
        marks=_sums(sides, "marks_mean", None),
        incidents=_sums(sides, "incidents", "days_expected") if sees_incidents else None,
    )


def _sums(sides: Sequence[Sides], column: str, of: str | None) -> BeforeAfter | None:
    """The sums of ``column`` on both sides, each out of the sum of ``of`` or of the weeks with a value."""
    if not sides:
        return None
    totals = []
    for place in (0, 1):
        value = sum(float(side[place][column].sum()) for side in sides)
        out_of = sum(float(side[place][of].sum() if of else side[place][column].count()) for side in sides)
        totals += [value, out_of]
    return BeforeAfter(*totals) if totals[1] and totals[3] else None


# ---- contacts -------------------------------------------------------------------------------------------


def _contacts(tx: Transaction, principal: Principal, since: date, until: date) -> Contacts:
    """The entries that this person wrote into the contact log in the period, and how many they were about."""
    log = contact_log.c
    mine = (
        (log.account_id == principal.account_id)
        & log.undone_at.is_(None)
        & (log.contact_on >= since)
        & (log.contact_on <= until)
    )
    rows = tx.execute(select(log.channel, func.count().label("entries")).where(mine).group_by(log.channel))
    by_channel = {CHANNELS.get(row.channel, row.channel): row.entries for row in rows}
    about = select(func.count(func.distinct(contact_students.c.student_id))).join(
        contact_log, log.contact_id == contact_students.c.contact_id
    )
    students = tx.execute(about.where(mine)).scalar_one()
    return Contacts(
        entries=sum(by_channel.values()),
        by_channel=dict(sorted(by_channel.items())),
        students=students if students >= FEWEST else None,
    )


# ---- as a table -------------------------------------------------------------------------------------------

HEADS = (
    "part", "group", "students", "served", "sessions", "attended", "minutes", "counted_before_and_after",
    "days_missed_before", "school_days_before", "days_missed_after", "school_days_after",
    "marks_before", "marks_after", "incidents_before", "incidents_after",
)  # fmt: skip


def rows_of(view: Results) -> list[list[Any]]:
    """The report as the rows of a CSV; an empty cell is one that is not shown."""
    served = [
        ["served", one.title, one.students, one.served, *([None] * 12)] for one in (view.whole, *view.grades)
    ]
    done = [_row(one) for one in (view.everybody, *view.kinds)]
    contacts = [
        ["contacts", channel, None, None, count, *([None] * 11)]
        for channel, count in view.contacts.by_channel.items()
    ]
    return [*served, *done, *contacts]


def _row(one: Intervention) -> list[Any]:
    days, incidents = one.attendance, one.incidents
    return [
        "support", one.kind, one.students, None, one.sessions, one.attended, one.minutes, one.measured,
        *((days.before, days.before_of, days.after, days.after_of) if days else [None] * 4),
        *(one.marks.averages if one.marks else [None] * 2),
        *((incidents.before, incidents.after) if incidents else [None] * 2),
    ]  # fmt: skip
