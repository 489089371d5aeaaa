"""The risk list: whom to see, with reasons and what is going well; one answer for page, JSON and terminal.

Who is on it is narrowed by ``people.access`` in the query; the look is in the ledger before this
returns, so the caller shows nothing that was not written down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, not_, or_, select, true

from ews.people.access import Principal, scoped
from ews.people.ledger import record_view
from ews.people.roles import COUNSELOR, Field
from ews.store.record_tables import english_records
from ews.store.store import Transaction
from ews.store.tables import caseloads, run_students, scores
from ews.support.actions import NOTHING, Action, Standing, noted_since, resting
from ews.support.caseload import Caseload, Counselor, caseload_of, counselor_name
from ews.support.contact_log import (
    last_contact_on,
    last_in,
    last_logged,
    logged_since,
    newer,
    with_last_logged,
)
from ews.support.disputed import Disputed, disputed, open_disputes
from ews.support.facts import (
    DOMAIN_TITLES,
    Contact,
    Plan,
    Reason,
    Rule,
    Run,
    Through,
    contact_of,
    plan_of,
    reason_of,
    rules_of,
    sentence_of,
)
from ews.support.freshness import stamp
from ews.support.levels import LEVEL_WORDS, LISTED, NOT_ENOUGH_DATA, NOT_THIS_WEEK, is_beyond
from ews.support.list_acts import acts_on_list
from ews.support.nominations import Said, unanswered
from ews.support.plan_record import tier_now, tier_now_is
from ews.support.quick_views import QuickView, quick_views_for
from ews.support.run_content import searchable
from ews.support.runs import shown_run
from ews.support.shown import (
    drivers_shown,
    plan_shown,
    rules_hidden,
    rules_shown,
    sees_domain,
    sentences_shown,
)
from ews.support.waiting import (
    NOTHING_WAITS,
    Wait,
    Waiting,
    by_urgency,
    has_queue,
    what_waits,
)
from ews.support.work import NO_WORK, Work, work_on_list

NEW, WAITING, ALL, NOT_ENOUGH = "new", "waiting", "all", "not_enough_data"
TABS = {
    NEW: "New or changed",
    WAITING: "Waiting on me",
    ALL: "Whole caseload",
    NOT_ENOUGH: "Not enough data yet",
}
FIRST_LIST = "First list"  # what the first tab is called while nothing can be new
NEW_THIS_WEEK = "New or changed this week"
LEARNERS = {"EL": "Learning English", "RFEP": "Reclassified"}  # to filter by, for those who may see it
ON_THE_LIST = "listed"  # a level to filter by: See first or See next
SORTS = ("level", "name", "grade", "missed", "contact", "due")
OWN_SORT = {WAITING: "due"}  # how a tab is sorted until somebody asks for another order: else by level
FIELDS = ("name", "grade", "level", "rules", "trend", "reasons", "strengths", "contact", "plan")
FIELD_OF_FILTER = {
    "tier": Field.PLANS,
    "no_contact_days": Field.CONTACTS,
    "no_note_days": Field.NOTES,
    "learners": Field.LEARNERS,
    "name": Field.NAMES,
}
MOST_A_PAGE = 500
MOST_REASONS = 2
STALE_AFTER = timedelta(days=5)


@dataclass(frozen=True)
class Filters:
    """What of the list is asked for. None and empty mean: all. ``as_of`` None: the newest run."""

    tab: str = NEW
    as_of: date | None = None
    school: str | None = None
    grade: int | None = None
    domain: str | None = None
    level: str | None = None
    tier: str | None = None
    no_contact_days: int | None = None
    no_note_days: int | None = None
    learners: str | None = None
    name: str = ""
    new_students: bool = False
    caseload: str | None = None
    sort: str = ""  # the tab's own order
    descending: bool = False
    page: int = 1
    size: int = 20  # a page of the list stays below 60 KB

    @property
    def sorted_by(self) -> str:
        """What the list is sorted by: what is asked for, or the tab's own order."""
        return self.sort or OWN_SORT.get(self.tab, "level")

    @property
    def narrowing(self) -> bool:
        """Whether anything but tab, order and page is asked for."""
        return self != Filters(
            self.tab, self.as_of, sort=self.sort, descending=self.descending, page=self.page, size=self.size
        )


@dataclass(frozen=True)
class ListRow:
    """One student on the list. change: ``New``, ``Was See next``, ``Waiting for next week``, ``Above the
    line`` or empty; tier: the highest that people set, in the student system or by a plan here, empty where
    the role sees no plans; beyond: above the line for See next, and
    without a place today; counselor: whose caseload it is; named_by: who named the student;
    disputed: what the family challenges, until it is resolved; waits: what waits on whoever looks, the most
    pressing first."""

    student_id: str
    display_name: str
    grade_level: int
    school_id: str
    school_name: str
    status: str
    level: str
    level_word: str
    change: str
    is_new: bool
    changed: bool
    waiting: bool
    new_student: bool
    rules: tuple[Rule, ...]
    trend: tuple[float, ...]
    trend_word: str
    reasons: tuple[Reason, ...]
    going_well: Reason | None
    last_contact: Contact | None
    plan: Plan | None
    tier: str
    beyond: bool
    through: Through
    late: str
    expected_days: float | None
    acknowledged: Action | None = None
    not_now: Action | None = None
    counselor: str = ""
    named_by: tuple[str, ...] = ()
    work: Work = NO_WORK
    waits: tuple[Wait, ...] = ()
    disputed: Disputed | None = None


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
    waiting = what_waits(tx, principal, today=today)
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
    return RiskList(
        run=run,
        filters=filters,
        title=f"{title_of(run, tabs[filters.tab])}: {total:,} {'student' if total == 1 else 'students'}",
        opening=queue_opening(counts) if filters.tab == WAITING else opening_of(run, counts),
        tabs=tabs,
        counts={tab: counts[tab] for tab in tabs},
        rows=rows,
        total=total,
        pages=max(1, -(-total // page_size(filters))),
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


# ---- which students -------------------------------------------------------------------------------


def of_run(run: Run, *columns: Any) -> Select[Any]:
    """The students of a run."""
    return select(*columns).where(run_students.c.run_id == run.run_id)


def tabs_of(run: Run, principal: Principal) -> dict[str, str]:
    """The tabs by what they are called; that of the queue for those on whom something can wait."""
    tabs = dict(TABS)
    if run.first_list and run.status != "no_model":
        tabs[NEW] = FIRST_LIST
    if not has_queue(principal):
        del tabs[WAITING]
    return tabs


def title_of(run: Run, tab: str) -> str:
    """A tab's name as the title over it."""
    return NEW_THIS_WEEK if tab == TABS[NEW] and run.status != "no_model" else tab


def quick_of(principal: Principal, filters: Filters) -> tuple[QuickView, ...]:
    """The quick views that are offered: none once a filter is set."""
    return () if filters.narrowing else quick_views_for(principal)


def tab_rules(
    run: Run, today: date, principal: Principal, waiting: Waiting = NOTHING_WAITS
) -> dict[str, ColumnElement[bool]]:
    """The condition of each tab. With no model in service the first tab has whoever meets an ABC rule; on
    the first list of a year it has everyone with a place; it never has whoever was put off. The second has
    those with whom something waits on this person.

    What colleagues said moves nobody for whoever sees no plans.
    """
    of = run_students.c
    news = and_(of.level.in_(LISTED), not_(of.waiting), or_(of.is_new, of.changed))
    if run.first_list or run.status == "no_model":
        news = on_the_list(run, principal)
    if principal.sees(Field.PLANS):
        # Whoever was named by a colleague stands there too, until somebody has looked.
        news = and_(or_(news, unanswered(of.student_id)), not_(resting(of.student_id, today)))
    return {
        NEW: news,
        WAITING: of.student_id.in_(list(waiting.of)),
        ALL: true(),
        NOT_ENOUGH: of.level == NOT_ENOUGH_DATA,
    }


def on_the_list(run: Run, principal: Principal) -> ColumnElement[bool]:
    """See first or See next; with no model in service, whoever meets an ABC rule that this person sees."""
    of = run_students.c
    if run.status == "no_model":
        return of.rules.not_in(unseen_rules(principal))
    return of.level.in_(LISTED)


def unseen_rules(principal: Principal) -> tuple[str, ...]:
    """The values of ``rules`` in which this principal sees no rule."""
    hidden = rules_hidden(principal)
    return ("", hidden) if hidden else ("",)


def beyond_places(run: Run) -> ColumnElement[bool]:
    """Above the line for See next on fresh data, and not on the list: as ``levels.is_beyond``."""
    of = run_students.c
    return and_(
        of.level == NOT_THIS_WEEK,
        func.coalesce(of.urgency, 0.0) >= run.lines["elevated"],
        of.status != "stale",
    )


def narrowed(statement: Select[Any], principal: Principal, run: Run, filters: Filters) -> Select[Any]:
    """``statement`` over run_students: whom ``principal`` may see and the filters ask for, on any tab."""
    statement = scoped(principal, statement, run_students.c.student_id)
    return statement.where(*asked(principal, run, filters))


def may_ask(principal: Principal, filters: Filters) -> Filters:
    """``filters`` without those on a field that ``principal`` does not see: they ask for nothing."""
    plain = Filters()
    hidden = [name for name, field_seen in FIELD_OF_FILTER.items() if not principal.sees(field_seen)]
    if filters.domain is not None and not sees_domain(principal, filters.domain):
        hidden.append("domain")
    if filters.tab == WAITING and not has_queue(principal):
        hidden.append("tab")
    return replace(filters, **{name: getattr(plain, name) for name in hidden})


def asked(principal: Principal, run: Run, filters: Filters) -> list[ColumnElement[bool]]:
    """The conditions of the filters; one on a field that ``principal`` does not see asks for nothing."""
    of = run_students.c
    conditions: list[ColumnElement[bool]] = []
    if filters.school is not None:
        conditions.append(of.school_id == filters.school)
    if filters.grade is not None:
        conditions.append(of.grade_level == filters.grade)
    if filters.level == ON_THE_LIST:
        conditions.append(on_the_list(run, principal))
    elif filters.level is not None:
        conditions.append(of.level == filters.level)
    if filters.tier is not None and principal.sees(Field.PLANS):
        conditions.append(tier_now_is(of.student_id, of.tier, filters.tier))
    if filters.new_students:
        conditions.append(of.new_student)
    if filters.no_contact_days is not None and principal.sees(Field.CONTACTS):
        since = run.as_of - timedelta(days=filters.no_contact_days)
        conditions.append(or_(of.contact_on.is_(None), of.contact_on < since))
        conditions.append(not_(logged_since(of.student_id, since)))
    if filters.no_note_days is not None and principal.sees(Field.NOTES):
        day = run.as_of - timedelta(days=filters.no_note_days)
        conditions.append(not_(noted_since(of.student_id, datetime.combine(day, time.min, tzinfo=UTC))))
    if filters.learners is not None and principal.sees(Field.LEARNERS):
        conditions.append(of.student_id.in_(_learners(run, filters.learners)))
    if filters.domain is not None and sees_domain(principal, filters.domain):
        conditions.append(of.student_id.in_(_flagged(run, filters.domain)))
    if filters.caseload is not None:
        theirs = select(caseloads.c.student_id).where(
            caseloads.c.staff_id == filters.caseload, caseloads.c.role == COUNSELOR
        )
        conditions.append(of.student_id.in_(theirs))
    if filters.name and principal.sees(Field.NAMES):
        conditions += [of.search_name.contains(word, autoescape=True) for word in words_of(filters.name)]
    return conditions


def words_of(name: str) -> list[str]:
    """The words of a name that was typed, as they are searched for."""
    return searchable(name).split()


def _learners(run: Run, status: str) -> Select[Any]:
    """The students who learned English on the day of the run, or were reclassified by then."""
    told = english_records.c
    return select(told.student_id).where(told.status == status, told.status_since <= run.as_of)


def _flagged(run: Run, domain: str) -> Select[Any]:
    """The students whose band in ``domain`` is elevated or high."""
    return select(scores.c.student_id).where(
        scores.c.run_id == run.run_id, scores.c.domain == domain, scores.c.band.in_(("elevated", "high"))
    )


def _caseload(
    tx: Transaction, principal: Principal, run: Run, filters: Filters, waiting: Waiting, today: date
) -> Caseload:
    """Everyone in sight: how many students each tab has, how many are new names, moved level, are listed."""
    of = run_students.c
    rules = tab_rules(run, today, principal, waiting)
    rules["overdue"] = of.student_id.in_(waiting.overdue)
    rules["is_new"] = of.is_new
    rules["moved"] = and_(rules[NEW], of.changed)
    rules["beyond"] = beyond_places(run)
    rules["listed"] = of.level.in_(LISTED)
    rules["later"] = and_(of.level.in_(LISTED), of.waiting)
    rules["put_off"] = and_(of.is_new, not_(rules[NEW]))
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
    statement = statement.where(tab_rules(run, today, principal, waiting)[filters.tab]).order_by(
        *order_of(filters, principal, run, waiting)
    )
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


def with_our_contacts(
    tx: Transaction, principal: Principal, lines: tuple[ListRow, ...]
) -> tuple[ListRow, ...]:
    """``lines`` with the last contact of each the newer of the student system's and ours."""
    if not principal.sees(Field.CONTACTS):
        return lines
    ours = last_logged(tx, principal, [line.student_id for line in lines])
    return tuple(
        replace(line, last_contact=newer(line.last_contact, ours.get(line.student_id))) for line in lines
    )


def with_work(
    tx: Transaction,
    principal: Principal,
    lines: tuple[ListRow, ...],
    said: Mapping[str, Said] | None = None,
) -> tuple[ListRow, ...]:
    """``lines`` with what people ``said`` of each student, their plans and the tier now."""
    work = work_on_list(tx, principal, [line.student_id for line in lines], said=said)
    return tuple(
        replace(
            line,
            work=done,
            tier=tier_now(line.tier, done.plans),
            named_by=tuple(dict.fromkeys(one.who for one in done.said.nominated)),
        )
        for line, done in ((line, work.get(line.student_id, NO_WORK)) for line in lines)
    )


def page_size(filters: Filters) -> int:
    """How many rows a page has: at least one, at most 500."""
    return min(max(filters.size, 1), MOST_A_PAGE)


def order_of(
    filters: Filters, principal: Principal, run: Run, waiting: Waiting = NOTHING_WAITS
) -> list[ColumnElement[Any]]:
    """The order asked for, and within it the list's own."""
    of = run_students.c
    name = of.sort_name if principal.sees(Field.NAMES) else of.student_id
    columns: dict[str, ColumnElement[Any]] = {"name": name, "grade": of.grade_level, "missed": of.missed}
    columns["due"] = by_urgency(waiting, of.student_id)
    if principal.sees(Field.CONTACTS):  # whoever sees no contacts learns nothing of them by sorting
        columns["contact"] = last_contact_on(of.student_id, of.contact_on)
    if run.status == "no_model" and rules_hidden(principal):
        columns["level"] = name  # the list's own order would tell who meets one rule more
    column = columns.get(filters.sorted_by)
    if column is None:
        return [of.position.desc() if filters.descending else of.position.asc()]
    ordered = column.desc() if filters.descending else column.asc()
    return [column.is_not(None), ordered, of.position.asc()]


# ---- what is said of them -------------------------------------------------------------------------


def list_row(
    row: Row,
    principal: Principal,
    run: Run,
    school_names: Mapping[str, str],
    standing: Standing = NOTHING,
) -> ListRow:
    """One student as a line of the list; without what the role may not see."""
    names, plans = principal.sees(Field.NAMES), principal.sees(Field.PLANS)
    well = sentences_shown(principal, row.going_well)
    return ListRow(
        student_id=row.student_id,
        display_name=row.display_name if names else f"Student {row.student_id}",
        grade_level=row.grade_level,
        school_id=row.school_id,
        school_name=school_names.get(row.school_id, row.school_id),
        status=row.status,
        level=row.level,
        level_word=LEVEL_WORDS[row.level],
        change=change_of(row, run),
        is_new=row.is_new,
        changed=row.changed,
        waiting=row.waiting,
        new_student=row.new_student,
        rules=rules_of(rules_shown(principal, row.rules)),
        trend=tuple(row.trend),
        trend_word=row.trend_word,
        reasons=tuple(reason_of(driver) for driver in drivers_shown(principal, row.reasons)[:MOST_REASONS]),
        going_well=sentence_of(well[0]) if well else None,
        last_contact=contact_of(row.last_contact) if principal.sees(Field.CONTACTS) else None,
        plan=plan_shown(principal, plan_of(row.plan)) if plans else None,
        tier=row.tier if plans else "",
        beyond=has_no_place(row, run),
        through=through_of(row),
        late=late_of(through_of(row), run.as_of),
        expected_days=row.expected_days,
        acknowledged=standing.acknowledged if plans else None,
        not_now=standing.not_now if plans else None,
    )


def change_of(row: Row, run: Run) -> str:
    """What changed since last week, in two or three words; or that only a place is wanting."""
    if row.waiting:
        return "Waiting for next week"
    if row.changed:
        return f"Was {LEVEL_WORDS[row.previous_level]}"
    if has_no_place(row, run):
        return "Above the line"
    return "New" if row.is_new else ""


def has_no_place(row: Row, run: Run) -> bool:
    """Whether a student is above the line for See next, and only today's places are short."""
    return is_beyond(row.level, row.urgency, row.status == "stale", run.lines["elevated"])


def through_of(row: Row) -> Through:
    """The last day of each kind of data that a row carries."""
    return Through(row.attendance_through, row.marks_through, row.incidents_through)


def late_of(through: Through, as_of: date) -> str:
    """Which data are more than five days late (``Attendance late: to 5 Nov``); empty when none is.

    Marks may rest for weeks between two postings; only attendance is expected every day.
    """
    day = through.attendance
    if day is None or as_of - day <= STALE_AFTER:
        return ""
    return f"Attendance late: to {day.day} {day:%b}"


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


def grade_word(grade: int) -> str:
    """``Grade 9``, ``Kindergarten``."""
    return {-1: "Transitional kindergarten", 0: "Kindergarten"}.get(grade, f"Grade {grade}")


def opening_of(run: Run, counts: Mapping[str, int]) -> str:
    """The sentence over the list."""
    if run.status == "no_model":
        return (
            "No model is in service. These students meet a hand-set rule"
            " on attendance, behavior or course marks."
        )
    listed = f"{counts['listed']:,} of {counts[ALL]:,} students are listed"
    names = "name" if run.lines["new_names"] == 1 else "names"
    most = f"{run.lines['new_names']} new {names} a counselor a week"
    if run.first_list:
        said = f"The first list of this school year: {listed}. From next week on, at most {most}."
    else:
        new = f"{counts['is_new']:,}" if counts["is_new"] else "Nobody is"
        off = f" ({counts['put_off']:,} put off)" if counts["put_off"] else ""
        news = f"{new} new on the list{off}, {counts['moved']:,} moved level"
        wait = "waits" if counts["later"] == 1 else "wait"
        later = f", and {counts['later']:,} more {wait} for a later week" if counts["later"] else ""
        said = f"{news}. At most {most}{later}; {listed} in all."
    return f"{said} {beyond_sentence(counts['beyond'])}".strip()


def queue_opening(counts: Mapping[str, int]) -> str:
    """The sentence over the queue: how many are overdue, and what is promised to everybody on the list."""
    late = f"{counts['overdue']:,} overdue. " if counts["overdue"] else ""
    return (
        f"{late}Whoever is on the list is seen within five school days; after ten, the team’s lead is told."
    )


def beyond_sentence(students: int) -> str:
    """``382 students above the line, beyond today's staff.``; empty when there is none."""
    if not students:
        return ""
    return f"{students:,} {'student' if students == 1 else 'students'} above the line, beyond today's staff."
