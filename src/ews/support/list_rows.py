"""One student as a line of the list, without what the viewer's role may not see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import Row

from ews.people.access import Principal
from ews.people.roles import Field
from ews.store.store import Transaction
from ews.support.actions import NOTHING, Action, Standing
from ews.support.contact_log import last_logged, newer
from ews.support.disputed import Disputed
from ews.support.facts import (
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
from ews.support.levels import LEVEL_WORDS, NOT_SCORED, is_beyond
from ews.support.nominations import Said
from ews.support.plan_record import tier_now
from ews.support.shown import drivers_shown, plan_shown, rules_shown, sentences_shown
from ews.support.waiting import Wait
from ews.support.work import NO_WORK, Work, work_on_list

FIELDS = ("name", "grade", "level", "rules", "trend", "reasons", "strengths", "contact", "plan")
MOST_REASONS = 2
STALE_AFTER = timedelta(days=5)


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
    rules = rules_shown(principal, row.rules)
    is_new = row.is_new and bool(rules or row.level != NOT_SCORED)  # new for a rule alone that is not shown
    return ListRow(
        student_id=row.student_id,
        display_name=row.display_name if names else f"Student {row.student_id}",
        grade_level=row.grade_level,
        school_id=row.school_id,
        school_name=school_names.get(row.school_id, row.school_id),
        status=row.status,
        level=row.level,
        level_word=LEVEL_WORDS[row.level],
        change=change_of(row, run, is_new),
        is_new=is_new,
        changed=row.changed,
        waiting=row.waiting,
        new_student=row.new_student,
        rules=rules_of(rules),
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


def change_of(row: Row, run: Run, is_new: bool) -> str:
    """What changed since last week, in two or three words; or that only a place is wanting."""
    if row.waiting:
        return "Waiting for next week"
    if row.changed:
        return f"Was {LEVEL_WORDS[row.previous_level]}"
    if has_no_place(row, run):
        return "Above the line"
    return "New" if is_new else ""


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


def grade_word(grade: int) -> str:
    """``Grade 9``, ``Kindergarten``."""
    return {-1: "Transitional kindergarten", 0: "Kindergarten"}.get(grade, f"Grade {grade}")


# ---- with what was done here -------------------------------------------------------------------------


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
