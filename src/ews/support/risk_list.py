"""The risk list: whom to see, with reasons and what is going well; one answer for page, JSON and terminal.

Who is on it is narrowed by ``people.access`` in the query; the look is in the ledger before this
returns, so the caller shows nothing that was not written down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time

from sqlalchemy import ColumnElement, Row, and_, not_, or_, true

from ews.people.access import Principal
from ews.people.ledger import record_view
from ews.people.roles import CASE_MANAGER, COUNSELOR, OPERATOR, Act, Field
from ews.store.store import Transaction
from ews.store.tables import run_students
from ews.support.actions import NOTHING
from ews.support.caseload import Caseload, Counselor, caseload_of, counselor_name
from ews.support.contact_log import last_in, newer, with_last_logged
from ews.support.disputed import disputed, open_disputes
from ews.support.facts import DOMAIN_TITLES, Run, Through
from ews.support.freshness import stamp
from ews.support.levels import LISTED
from ews.support.list_acts import acts_on_list
from ews.support.list_filters import (
    ALL,
    NEW,
    TABS,
    WAITING,
    Filters,
    asked,
    beyond_places,
    may_ask,
    narrowed,
    new_here,
    on_the_list,
    order_of,
    page_size,
    quick_of,
    tab_rules,
)
from ews.support.list_rows import FIELDS, ListRow, grade_word, list_row, through_of, with_work
from ews.support.runs import of_run, shown_run
from ews.support.waiting import Waiting, has_queue, leads, what_waits

EVERYONE = "Everyone"  # what the third tab is called for whoever has no caseload of their own
FIRST_LIST = "First list"  # what the first tab is called while nothing can be new
NEW_THIS_WEEK = "New or changed this week"


@dataclass(frozen=True)
class SchoolFacts:
    """A school of the list and how fresh its data are; what is counted of it stands on the school's page,
    where small groups are hidden.

    days_behind: school days of attendance that are wanting; None for a run in which nobody counted.
    """

    school_id: str
    name: str
    through: Through
    days_behind: int | None = None


@dataclass(frozen=True)
class Notice:
    """A grade in which a domain is a school-wide matter."""

    school_id: str
    school_name: str
    grade_level: int
    domain: str
    text: str


@dataclass(frozen=True)
class RiskList:
    """The list as it is shown. ``run`` None: nothing was scored yet. Counts are within the filters.

    quick: how many students each quick view has; only while no filter is set. counselors: those whose
    caseloads are in sight. overdue: how many of those who wait have something past its day.
    """

    run: Run | None
    filters: Filters
    title: str = ""
    opening: str = ""
    tabs: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    rows: tuple[ListRow, ...] = ()
    total: int = 0
    pages: int = 1
    new_names: int = 0
    moved: int = 0
    listed: int = 0
    beyond: int = 0
    overdue: int = 0
    students: int = 0
    schools: tuple[SchoolFacts, ...] = ()
    grades: tuple[int, ...] = ()
    counselors: tuple[Counselor, ...] = ()
    quick: Mapping[str, int] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    hit_rate: str | None = None
    stamp: str | None = None


def risk_list(
    tx: Transaction,
    principal: Principal,
    filters: Filters,
    *,
    now: datetime,
    action: str = "list",
    shown: Sequence[str] = FIELDS,
    for_what: str = "",
) -> RiskList:
    """The list for ``principal``, written into the ledger: ``tx`` must be able to write, and to commit.

    ``now`` is in the district's timezone: whoever was put off until today is back on the list. ``action``
    and ``shown`` are what the ledger calls the look, and the fields in it; ``for_what`` what
    the person says it is for, where they were asked.
    """
    filters = may_ask(principal, filters)
    run = shown_run(tx, filters.as_of)
    if run is None:
        return RiskList(None, filters)
    today = now.date()
    midnight = datetime.combine(today, time.min, now.tzinfo) if filters.tab == WAITING else None
    waiting = what_waits(tx, principal, today=today, seen_since=midnight)
    caseload = _caseload(tx, principal, run, filters, waiting, today)
    schools, notices = _schools(caseload.schools)
    names = {school.school_id: school.name for school in schools}
    rows = _rows(tx, principal, run, filters, names, waiting, today)
    if rows:
        record_view(
            tx,
            principal,
            action=action,
            students=[row.student_id for row in rows],
            fields=(*shown, *(("state",) if filters.tab == WAITING else ())),
            at=now,
            model_version=run.model_version,
            for_what=for_what,
        )
    counts, tabs = caseload.counts, tabs_of(run, principal)
    total = counts[filters.tab]
    queue = filters.tab == WAITING
    return RiskList(
        run=run,
        filters=filters,
        title=f"{title_of(tabs[filters.tab])}: {total:,} {'student' if total == 1 else 'students'}",
        opening=queue_opening(principal, counts["overdue"]) if queue else opening_of(run, counts),
        tabs=tabs,
        counts={tab: counts[tab] for tab in tabs},
        rows=rows,
        total=total,
        pages=max(1, -(-counts["lines"] // page_size(filters))),
        new_names=counts["is_new"],
        moved=counts["moved"],
        listed=counts["listed"],
        beyond=counts["beyond"],
        overdue=counts["overdue"],
        students=counts[ALL],
        schools=schools,
        grades=caseload.grades,
        counselors=caseload.counselors,
        quick={view.name: counts[view.name] for view in quick_of(principal, filters)},
        notices=notices,
        hit_rate=run.hit_rate,
        stamp=stamp(
            (school.name, school.days_behind) for school in schools if school.days_behind is not None
        ),
    )


def _caseload(
    tx: Transaction, principal: Principal, run: Run, filters: Filters, waiting: Waiting, today: date
) -> Caseload:
    """Everyone in sight: how many students each tab has, how many are new names, moved level, are listed."""
    of = run_students.c
    rules = tab_rules(run, today, principal, waiting)
    rules["lines"] = lines_of(rules[filters.tab], waiting)
    rules["overdue"] = of.student_id.in_(waiting.overdue)
    rules["is_new"] = new = new_here(run, principal)
    rules["moved"] = and_(rules[NEW], of.changed)
    rules["named"] = and_(rules[NEW], not_(or_(new, of.changed)))
    rules["beyond"] = beyond_places(run)
    rules["listed"] = on_the_list(run, principal)
    rules["later"] = and_(of.level.in_(LISTED), of.waiting)
    rules["put_off"] = and_(new, not_(rules[NEW]))
    for view in quick_of(principal, filters):
        rules[view.name] = and_(true(), *asked(principal, run, Filters(**view.asks)))
    return caseload_of(tx, principal, run.run_id, rules, asked(principal, run, filters))


def _rows(
    tx: Transaction,
    principal: Principal,
    run: Run,
    filters: Filters,
    school_names: Mapping[str, str],
    waiting: Waiting,
    today: date,
) -> tuple[ListRow, ...]:
    size = page_size(filters)
    counselor = counselor_name(run_students.c.student_id).label("counselor")
    challenged = open_disputes(principal)
    told = of_run(run, run_students, counselor, challenged.c.disputed_since, challenged.c.disputed_kind)
    told = told.join(challenged, challenged.c.student_id == run_students.c.student_id, isouter=True)
    if principal.sees(Field.CONTACTS):
        told = with_last_logged(told, run_students.c.student_id)
    statement = narrowed(told, principal, run, filters)
    lines = lines_of(tab_rules(run, today, principal, waiting)[filters.tab], waiting)
    statement = statement.where(lines).order_by(*order_of(filters, principal, run, waiting))
    found = tx.execute(statement.limit(size).offset((max(filters.page, 1) - 1) * size)).all()
    students = [row.student_id for row in found]
    done, said = acts_on_list(tx, principal, students, as_of=run.as_of, today=today)
    with_contacts = principal.sees(Field.CONTACTS)

    def line_of(row: Row) -> ListRow:
        line = list_row(row, principal, run, school_names, done.get(row.student_id, NOTHING))
        ours = last_in(row, principal) if with_contacts else None
        return replace(
            line,
            last_contact=newer(line.last_contact, ours),
            counselor=row.counselor or "",
            waits=waiting.of.get(row.student_id, ()),
            disputed=disputed(row.disputed_since, row.disputed_kind),
        )

    return with_work(tx, principal, tuple(line_of(row) for row in found), said)


def lines_of(tab: ColumnElement[bool], waiting: Waiting) -> ColumnElement[bool]:
    """The condition of a tab's lines: in the queue also whoever was just seen, until the day is over."""
    return or_(tab, run_students.c.student_id.in_(waiting.just_seen)) if waiting.just_seen else tab


# ---- what stands over it ------------------------------------------------------------------------------


def tabs_of(run: Run, principal: Principal) -> dict[str, str]:
    """The tabs by what they are called; that of the queue for those on whom something can wait."""
    tabs = dict(TABS)
    if run.first_list and run.status != "no_model":
        tabs[NEW] = FIRST_LIST
    if not has_queue(principal):
        del tabs[WAITING]
    if principal.role not in (COUNSELOR, CASE_MANAGER, OPERATOR):
        tabs[ALL] = EVERYONE
    return tabs


def title_of(tab: str) -> str:
    """A tab's name as the title over it."""
    return NEW_THIS_WEEK if tab == TABS[NEW] else tab


def opening_of(run: Run, counts: Mapping[str, int]) -> str:
    """The sentence over the list."""
    names = "name" if run.lines["new_names"] == 1 else "names"
    most = f"{run.lines['new_names']} new {names} a counselor a week"
    if run.status == "no_model":
        meet = "meets" if counts["listed"] == 1 else "meet"
        return (
            f"{counts['listed']:,} of {counts[ALL]:,} students {meet} a hand-set rule on attendance, behavior"
            f" or course marks; {new_names(counts)}. At most {most}: first who meets more rules on attendance"
            " and marks, then who missed more school days in the last four weeks."
        )
    listed = f"{counts['listed']:,} of {counts[ALL]:,} students are listed"
    if run.first_list:
        said = f"The first list of this school year: {listed}. From next week on, at most {most}."
    else:
        news = f"{new_names(counts).capitalize()}, {counts['moved']:,} moved level"
        wait = "waits" if counts["later"] == 1 else "wait"
        later = f", and {counts['later']:,} more {wait} for a later week" if counts["later"] else ""
        said = f"{news}. At most {most}{later}; {listed} in all."
    return f"{said} {beyond_sentence(counts['beyond'])}".strip()


def new_names(counts: Mapping[str, int]) -> str:
    """How many are new on the list, how many of them were put off, and whom colleagues named."""
    new = f"{counts['is_new']:,}" if counts["is_new"] else "nobody is"
    off = f" ({counts['put_off']:,} put off)" if counts["put_off"] else ""
    named = f", {counts['named']:,} named by a colleague" if counts["named"] else ""
    return f"{new} new on the list{off}{named}"


def queue_opening(principal: Principal, overdue: int) -> str:
    """The sentence over the queue: how many are overdue, and what is asked of whoever reads it."""
    late = f"{overdue:,} overdue. " if overdue else ""
    return f"{late}{asked_of(principal)}"


def asked_of(principal: Principal) -> str:
    """What the queue asks of this person's role."""
    if not principal.does(Act.FOLLOW_UP):
        return "What colleagues ask you about students you teach: answer by the day that stands with it."
    if leads(principal):
        return "Whom nobody has seen for ten school days is told to you, and so is what is past its day."
    if principal.role == COUNSELOR:
        return "Whoever is on the list is seen within five school days; after ten, the team’s lead is told."
    return "Students handed to you are seen within five school days; the rest has a day of its own."


def beyond_sentence(students: int) -> str:
    """``382 students above the line, beyond today's staff.``; empty when there is none."""
    if not students:
        return ""
    return f"{students:,} {'student' if students == 1 else 'students'} above the line, beyond today's staff."


def _schools(found: Sequence[Row]) -> tuple[tuple[SchoolFacts, ...], tuple[Notice, ...]]:
    """The schools of the students in sight, and what is a school-wide matter there."""
    facts = tuple(
        SchoolFacts(
            row.school_id,
            row.name,
            through_of(row),
            row.days_behind,
        )
        for row in found
    )
    return facts, tuple(notice for row in found for notice in _notices(row))


def _notices(school: Row) -> list[Notice]:
    return [
        Notice(
            school.school_id,
            school.name,
            stored["grade_level"],
            stored["domain"],
            f"{DOMAIN_TITLES[stored['domain']]} in {grade_word(stored['grade_level']).lower()}: a school-wide"
            f" matter at {school.name}.",
        )
        for stored in school.notices
    ]
