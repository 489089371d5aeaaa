"""Which students the list has: its tabs, filters and order, as conditions that any question can take.

A filter on a field that a role does not see asks for nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, not_, or_, select, true

from ews.people.access import Principal, scoped
from ews.people.roles import COUNSELOR, Field
from ews.store.record_tables import english_records
from ews.store.tables import caseloads, run_students, scores
from ews.support.actions import noted_since, resting
from ews.support.contact_log import last_contact_on, logged_since
from ews.support.facts import Run
from ews.support.levels import LISTED, NOT_ENOUGH_DATA, NOT_THIS_WEEK, ORDER
from ews.support.nominations import unanswered
from ews.support.plan_record import tier_now_is
from ews.support.quick_views import QuickView, quick_views_for
from ews.support.run_content import searchable
from ews.support.shown import rules_hidden, sees_domain
from ews.support.waiting import NOTHING_WAITS, Waiting, by_urgency, has_queue

NEW, WAITING, ALL, NOT_ENOUGH = "new", "waiting", "all", "not_enough_data"
TABS = {
    NEW: "New or changed",
    WAITING: "Waiting on me",
    ALL: "Whole caseload",
    NOT_ENOUGH: "Not enough data yet",
}
LEARNERS = {"EL": "Learning English", "RFEP": "Reclassified"}  # to filter by, for those who may see it
ON_THE_LIST = "listed"  # a level to filter by: See first or See next
SORTS = ("level", "name", "grade", "missed", "contact", "due")
OWN_SORT = {WAITING: "due"}  # how a tab is sorted until somebody asks for another order: else by level
FIELD_OF_FILTER = {
    "tier": Field.PLANS,
    "no_contact_days": Field.CONTACTS,
    "no_note_days": Field.NOTES,
    "learners": Field.LEARNERS,
    "name": Field.NAMES,
}
MOST_A_PAGE = 500


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


def may_ask(principal: Principal, filters: Filters) -> Filters:
    """``filters`` without those on a field that ``principal`` does not see: they ask for nothing."""
    plain = Filters()
    hidden = [name for name, field_seen in FIELD_OF_FILTER.items() if not principal.sees(field_seen)]
    if filters.domain is not None and not sees_domain(principal, filters.domain):
        hidden.append("domain")
    if filters.tab == WAITING and not has_queue(principal):
        hidden.append("tab")
    return replace(filters, **{name: getattr(plain, name) for name in hidden})


def quick_of(principal: Principal, filters: Filters) -> tuple[QuickView, ...]:
    """The quick views that are offered: none once a filter is set."""
    return () if filters.narrowing else quick_views_for(principal)


def page_size(filters: Filters) -> int:
    """How many rows a page has: at least one, at most 500."""
    return min(max(filters.size, 1), MOST_A_PAGE)


# ---- as conditions ------------------------------------------------------------------------------------


def tab_rules(
    run: Run, today: date, principal: Principal, waiting: Waiting = NOTHING_WAITS
) -> dict[str, ColumnElement[bool]]:
    """The condition of each tab. The first has the week's news: with no model in service new names of whoever
    meets an ABC rule, on the first list of a year everyone with a place; it never has whoever was put off.
    The second has those with whom something waits on this person.

    What colleagues said moves nobody for whoever sees no plans.
    """
    of = run_students.c
    news = and_(of.level.in_(LISTED), not_(of.waiting), or_(of.is_new, of.changed))
    if run.status == "no_model":
        news = new_here(run, principal)
    elif run.first_list:
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


def new_here(run: Run, principal: Principal) -> ColumnElement[bool]:
    """New on the list; with no model in service, of those who meet a rule that this person sees."""
    of = run_students.c
    return and_(of.is_new, on_the_list(run, principal)) if run.status == "no_model" else of.is_new


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
        since_then = datetime.combine(day, time.min, tzinfo=UTC)
        conditions.append(not_(noted_since(principal, of.student_id, since_then)))
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
    column = columns.get(filters.sorted_by)
    if column is None:
        return [one.desc() if filters.descending else one.asc() for one in own_order(principal)]
    ordered = column.desc() if filters.descending else column.asc()
    return [column.is_not(None), ordered, *own_order(principal)]


def own_order(principal: Principal) -> list[ColumnElement[Any]]:
    """The list's own order; without the names, which settle it among those alike, for whoever sees none."""
    of = run_students.c
    if principal.sees(Field.NAMES):
        return [of.position]
    return [case(ORDER, value=of.level), of.waiting, -func.coalesce(of.urgency, 0.0), of.student_id]
