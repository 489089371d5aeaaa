"""What each role may see of a student and what it may do, in one table.

A role never opens a student by itself: ``ews.people.access`` decides whom a person may see and why. This
file decides how much of a student is shown to them, and which forms and pages are theirs. A field that is
not shown is not shown anywhere: on no page, in no sentence, by no sorting, in no CSV and no JSON.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

COUNSELOR = "counselor"
TEACHER = "teacher"
SCHOOL_ADMINISTRATOR = "school_administrator"
SUPPORT_TEAM = "support_team"
ATTENDANCE_COORDINATOR = "attendance_coordinator"
LEARNER_COORDINATOR = "learner_coordinator"
LIAISON = "liaison"
CASE_MANAGER = "case_manager"
DISTRICT_ANALYST = "district_analyst"
EQUITY_REVIEWER = "equity_reviewer"
AUDITOR = "auditor"
SYSTEM_ADMINISTRATOR = "system_administrator"
CLIENT = "client"
OPERATOR = "operator"


class Field(StrEnum):
    """A part of what is known about a student that not everybody needs."""

    NAMES = "names"
    CONTACTS = "contacts"  # who spoke with the family, when and how
    NOTES = "notes"
    PLANS = "plans"  # support plans, tiers, owners, what people decided
    DISCIPLINE = "discipline"  # incidents, suspensions, the behavior card and its sentences
    DISABILITY = "disability"
    PROGRAMS = "programs"  # foster, homeless, migrant, income
    LEARNERS = "learners"  # who is an English learner, and how their English grows
    NEWCOMER = "newcomer"  # stands near immigration
    FAMILY = "family"  # guardians, rights, language at home, channels
    VIEWERS = "viewers"  # who has looked at this student


class Act(StrEnum):
    """Something a person does on the pages, or a page that is not for everybody."""

    SEE_STUDENTS = "see_students"  # the list, by name or without
    FOLLOW_UP = "follow_up"  # acknowledge, not now, note, contact, owner, state
    NOMINATE = "nominate"
    PLAN = "plan"  # support plans, sessions, reviews, draws, overrides
    KEEP_PROGRAMS = "keep_programs"  # which programs a school has, and their places
    WRITE_HOME = "write_home"  # draft and send family letters
    RELEASE_LETTERS = "release_letters"  # the human review before a letter goes
    HEAR_FAMILIES = "hear_families"  # a family asks for the record, or challenges a fact or a score
    ASK_TEACHERS = "ask_teachers"
    ANSWER_QUESTIONS = "answer_questions"
    CALL_STUDENTS = "call_students"  # call slips and one log entry for a group
    EXPORT = "export"  # CSV of what is shown
    SEE_SCHOOLS = "see_schools"  # school and district views, team load
    SEE_MODELS = "see_models"  # cards, evaluation and audit reports
    SEE_RECORDS = "see_records"  # drops, their problems, freshness, settings in force
    KEEP_ACCOUNTS = "keep_accounts"
    SEARCH_LEDGER = "search_ledger"
    HEAR_ALARMS = "hear_alarms"  # somebody has very many students before them


class Need(StrEnum):
    """What an account of a role must say, or the role would see no student."""

    STAFF_ID = "staff_id"
    SCHOOL = "school"


@dataclass(frozen=True)
class Role:
    """A role in words: what it sees of a student in its sight, what it does, what an account must say."""

    words: str
    sees: frozenset[Field]
    does: frozenset[Act]
    needs: frozenset[Need] = frozenset()


EVERYTHING = frozenset(Field)
DAILY = frozenset({Field.NAMES, Field.CONTACTS, Field.NOTES, Field.PLANS, Field.VIEWERS})
BY_ROSTER, BY_SCHOOL = frozenset({Need.STAFF_ID}), frozenset({Need.SCHOOL})
FOR_THE_FAMILY = frozenset({Act.WRITE_HOME, Act.RELEASE_LETTERS, Act.HEAR_FAMILIES})
WITH_THE_SERVICE = frozenset({Act.SEE_MODELS, Act.SEE_RECORDS, Act.HEAR_ALARMS})
WITH_STUDENTS = frozenset(
    {
        Act.SEE_STUDENTS,
        Act.FOLLOW_UP,
        Act.NOMINATE,
        Act.PLAN,
        Act.ASK_TEACHERS,
        Act.CALL_STUDENTS,
        Act.EXPORT,
        Act.SEE_SCHOOLS,
    }
)

ROLE_TABLE: dict[str, Role] = {
    COUNSELOR: Role("counselor", EVERYTHING, WITH_STUDENTS | FOR_THE_FAMILY, BY_ROSTER),
    TEACHER: Role(
        "teacher",
        frozenset({Field.NAMES}),
        frozenset({Act.SEE_STUDENTS, Act.NOMINATE, Act.ANSWER_QUESTIONS}),
        BY_ROSTER,
    ),
    SCHOOL_ADMINISTRATOR: Role(
        "school administrator",
        EVERYTHING - {Field.LEARNERS, Field.NEWCOMER},
        WITH_STUDENTS | FOR_THE_FAMILY | {Act.SEE_MODELS, Act.KEEP_PROGRAMS},
        BY_SCHOOL,
    ),
    SUPPORT_TEAM: Role("support-team member", DAILY | {Field.DISCIPLINE}, WITH_STUDENTS, BY_SCHOOL),
    ATTENDANCE_COORDINATOR: Role(
        "attendance coordinator", DAILY | {Field.FAMILY}, WITH_STUDENTS | {Act.WRITE_HOME}, BY_SCHOOL
    ),
    LEARNER_COORDINATOR: Role(
        "English-learner coordinator",
        DAILY | {Field.FAMILY, Field.LEARNERS, Field.NEWCOMER},
        WITH_STUDENTS | {Act.WRITE_HOME},
        BY_SCHOOL,
    ),
    LIAISON: Role(
        "foster and homeless liaison",
        DAILY | {Field.FAMILY, Field.PROGRAMS, Field.DISCIPLINE},
        WITH_STUDENTS | {Act.WRITE_HOME},
    ),
    CASE_MANAGER: Role("case manager", DAILY | {Field.FAMILY, Field.DISABILITY}, WITH_STUDENTS, BY_ROSTER),
    DISTRICT_ANALYST: Role(
        "district analyst",
        frozenset({Field.DISCIPLINE}),
        frozenset({Act.SEE_STUDENTS, Act.EXPORT, Act.SEE_SCHOOLS, Act.SEE_MODELS, Act.SEE_RECORDS}),
    ),
    EQUITY_REVIEWER: Role("equity reviewer", frozenset(), frozenset({Act.SEE_SCHOOLS, Act.SEE_MODELS})),
    AUDITOR: Role("auditor", frozenset(), frozenset({Act.SEARCH_LEDGER}) | WITH_THE_SERVICE),
    SYSTEM_ADMINISTRATOR: Role(
        "system administrator", frozenset(), frozenset({Act.KEEP_ACCOUNTS}) | WITH_THE_SERVICE
    ),
    CLIENT: Role("student information system", EVERYTHING, frozenset()),
    OPERATOR: Role("at the server's command line", EVERYTHING, frozenset(Act)),
}
NOBODY = Role("", frozenset(), frozenset())
ROLES = tuple(name for name in ROLE_TABLE if name not in (CLIENT, OPERATOR))


def role_of(name: str) -> Role:
    """The role called ``name``; one that sees and does nothing when there is none."""
    return ROLE_TABLE.get(name, NOBODY)


def who_do(act: Act) -> frozenset[str]:
    """The roles of staff that do ``act``: what the policy of a page's address names."""
    return frozenset(name for name in ROLES if act in ROLE_TABLE[name].does)
