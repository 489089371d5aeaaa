"""Everything on file about one student, in one document for the family, unedited.

The data, the history of bands and levels with their models, the reasons, what people wrote and decided,
what went home, and who looked. What is in the application database is told table by table, as the tables
are: what another part of the program comes to keep is in the document without anybody remembering it, and
a table that is left out is left out here, with the reason. Numbers that only order students are not told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Any

from sqlalchemy import Column, ColumnElement, Row, Table, Text, select

from ews.errors import UsageError
from ews.features.definition import Feature, missing
from ews.features.learner_catalogue import DESCRIBED
from ews.people.access import Principal, why_may_see
from ews.people.authors import ON_ROSTER, PERSON
from ews.people.ledger import record_view, viewers
from ews.people.roles import Act, Field
from ews.store.schedule_tables import class_sections
from ews.store.store import Transaction
from ews.store.tables import METADATA, accounts, run_students, runs, schools, scores, shadow_scores, staff
from ews.support.disputes import Dispute, disputes_of
from ews.support.facts import DOMAIN_TITLES, Run
from ews.support.levels import LEVEL_WORDS
from ews.support.owners import HANDED_OVER
from ews.support.pupil import Pupil, pupil_of
from ews.support.record_words import CODES, model_name, name_of, plain
from ews.support.run_files import FEATURES, LEARNERS, WEEKS, read_student
from ews.support.runs import shown_run

LEFT_OUT = {
    "run_students": "told under Suggested levels",
    "scores": "told under Scores",
    "shadow_scores": "told under Scores, as on trial",
    "ledger_students": "told under Who has looked",
    "ledger": "told under Who has looked",
    "placements": "the school stands at the head",
    "guardians": "about other people: each guardian may ask the office for their own",
    "accounts": "about staff",
    "runs": "about everybody",
    "disputes": "told under What the family challenged",
    "dispute_steps": "told under What the family challenged",
}
TITLES = {
    "actions": "Notes, and what was acknowledged or put off",
    "answers": "Questions to teachers: answered",
    "attendance_notices": "Notices about attendance",
    "call_students": "Call slips",
    "caseload_moves": "Who worked with the student before",
    "caseloads": "Who works with the student",
    "contact_students": "Contacts logged here",
    "decisions_done": "Team meetings: done",
    "draw_names": "Fair draws",
    "english_records": "Learning English",
    "follow_ups": "Follow-up",
    "letters": "Letters home: written",
    "letters_taken_back": "Letters home: taken back by their writers",
    "letter_reviews": "Letters home: looked over",
    "letter_sendings": "Letters home: sent",
    "meeting_decisions": "Team meetings: decided",
    "meeting_students": "Team meetings",
    "of_age": "18 or older",
    "plan_events": "Support plans: what happened",
    "plans": "Support plans",
    "question_teachers": "Questions to teachers: who was asked",
    "questions": "Questions to teachers",
    "record_requests": "Requests for this record",
    "records_given": "This record given",
    "run_steps": "What could move a band, as it was said",
    "savable_courses": "Courses that can still be passed",
    "section_seats": "Classes",
    "sis_contacts": "Contacts in the student system",
    "sis_supports": "Supports in the student system",
    "teaching": "Teachers",
}
FOLLOWED = frozenset({"accounts", "runs", "ledger"})
"""Tables whose rows are not a student's: a name or a day of them is enough."""

NOT_TOLD = frozenset(
    {
        "chosen", "code", "contact_id", "fact", "form_id", "intervention_id", "position", "run_id",
        "search_name", "sort_name", "student_id", "urgency", "version",
    }
)  # fmt: skip
"""What only the program needs; the fact of a letter stands in its text, the code of a step in its words."""
ORDERS_ONLY = ("probability", "contribution", "chance", "risk", "urgency")
"""Parts of names of numbers that order students and say nothing of one by themselves."""


@dataclass(frozen=True)
class Part:
    """One part of the document: a table, or entries of a few words each (then ``columns`` is empty)."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class FamilyRecord:
    """The document. made_on: the day; through: the day of the newest run."""

    pupil: Pupil
    why: str
    made_at: datetime
    made_by: str
    as_of: date
    disputes: tuple[Dispute, ...]
    parts: tuple[Part, ...]


def family_record(
    tx: Transaction, principal: Principal, student_id: str, *, now: datetime
) -> FamilyRecord | None:
    """Everything on file about a student; None when the student is not theirs, or this is not.

    Errors: UsageError for a role that does not see all of it: the document is whole or is not made.
    """
    run = shown_run(tx)
    if run is None or not principal.does(Act.HEAR_FAMILIES) or principal.account_id is None:
        return None
    reason = why_may_see(tx, principal, student_id)
    pupil = pupil_of(tx, run, student_id)
    if reason is None or pupil is None:
        return None
    if not sees_all(principal):
        raise UsageError(
            "The record is given whole, and your role does not see all of it.",
            "Ask the student’s counselor to print it.",
        )
    record_view(
        tx,
        principal,
        action="family_record",
        reason=reason,
        students=[student_id],
        fields=tuple(sorted(field.value for field in Field)),
        at=now,
        model_version=run.model_version,
    )
    here = now.tzinfo
    return FamilyRecord(
        pupil=pupil,
        why=reason,
        made_at=now,
        made_by=principal.display_name,
        as_of=run.as_of,
        disputes=disputes_of(tx, METADATA.tables["disputes"].c.student_id == student_id, now.date()),
        parts=(
            levels_part(tx, student_id),
            scores_part(tx, student_id),
            weeks_part(tx, run, student_id),
            *features_parts(tx, run, student_id),
            *stored_parts(tx, student_id, here),
            viewers_part(tx, student_id, here),
        ),
    )


def sees_all(principal: Principal) -> bool:
    """Whether nothing of a student in sight is kept from this person."""
    return all(principal.sees(field) for field in Field)


# ---- what was said ------------------------------------------------------------------------------------


def levels_part(tx: Transaction, student_id: str) -> Part:
    """Every suggested level that was shown, latest first, with the reasons and what went well."""
    found = tx.execute(
        select(run_students, runs.c.as_of)
        .join(runs, runs.c.run_id == run_students.c.run_id)
        .where(run_students.c.student_id == student_id)
        .order_by(runs.c.as_of.desc(), runs.c.serial.desc())
    )
    return Part(
        "Suggested levels",
        ("As of", "Suggested level (model)", "Reasons", "Going well", "Tier (people)"),
        tuple(
            (
                row.as_of.isoformat(),
                LEVEL_WORDS.get(row.level, row.level),
                sentences(row.reasons),
                sentences(row.going_well),
                row.tier,
            )
            for row in found
        ),
    )


def scores_part(tx: Transaction, student_id: str) -> Part:
    """Every score that was made, latest first: its band, its reasons and the model that said it."""
    shown = tx.execute(
        select(scores, runs.c.as_of, runs.c.serial)
        .join(runs, runs.c.run_id == scores.c.run_id)
        .where(scores.c.student_id == student_id)
    ).all()
    trial = tx.execute(
        select(shadow_scores, runs.c.as_of, runs.c.serial)
        .join(runs, runs.c.run_id == shadow_scores.c.run_id)
        .where(shadow_scores.c.student_id == student_id)
    ).all()
    rows = [(row.serial, row.as_of, row.domain, score_row(row)) for row in shown]
    rows += [(row.serial, row.as_of, row.domain, trial_row(row)) for row in trial]
    rows.sort(key=lambda row: (row[1], row[0]), reverse=True)
    return Part(
        "Scores",
        ("As of", "About", "Band", "Reasons", "Model"),
        tuple(
            (as_of.isoformat(), DOMAIN_TITLES.get(domain, domain), *told) for _, as_of, domain, told in rows
        ),
        "A band is what a model says of records like this; a reason is a fact, and no cause.",
    )


def score_row(row: Row[Any]) -> tuple[str, str, str]:
    """Band, reasons, model of one score."""
    said = [driver["text"] for driver in row.drivers if driver.get("text")]
    return (
        row.band or row.status.replace("_", " "),
        sentences([*said, *(text for text in (row.note, row.why_not) if text)]),
        model_name(row.model_version),
    )


def trial_row(row: Row[Any]) -> tuple[str, str, str]:
    """The same of a model on trial, whose scores nobody is shown."""
    return ("on trial, shown to nobody", "", model_name(row.model_version))


def weeks_part(tx: Transaction, run: Run, student_id: str) -> Part:
    """The record week by week, as the newest run read it, latest first."""
    weeks = read_student(tx.home, run.run_id, WEEKS, [student_id]).to_dict("records")
    weeks.sort(key=lambda week: str(week["week_start"]), reverse=True)
    names = ("days_missed", "days_expected", "marks_mean", "incidents")
    return Part(
        "The record, week by week",
        ("Week of", "Days missed", "Days expected", "Average of marks", "Incidents"),
        tuple((words(week["week_start"]), *(words(week[name]) for name in names)) for week in weeks),
        "Each day, each mark and each incident stands in the student system; the office prints those.",
    )


def features_parts(tx: Transaction, run: Run, student_id: str) -> Iterable[Part]:
    """Everything that the models look at, as the newest run had it."""
    titles = {
        FEATURES: "What the models look at",
        LEARNERS: "What the model of learning English looks at besides",
    }
    told: set[str] = set()
    for file, title in titles.items():
        if not (tx.home / "runs" / run.run_id / file).exists():
            continue  # no model asked for this file
        found = read_student(tx.home, run.run_id, file, [student_id]).to_dict("records")
        row = {str(name): value for name, value in found[0].items()} if found else {}
        names = [name for name in row if name in DESCRIBED and name not in told]
        told.update(names)
        if names:
            yield Part(
                title,
                ("What", "Value", "Why it is looked at"),
                tuple((*looked_at(DESCRIBED[name], row), DESCRIBED[name].why) for name in names),
            )


def looked_at(feature: Feature, row: Mapping[str, Any]) -> tuple[str, str]:
    """A feature as a sentence, and its value: whether it is so, a number, or that it is not on record."""
    value = row[feature.name]
    said = feature.sentence(row) or feature.unfilled
    if missing(value):
        return said, "not on record"
    return said, ("so" if value else "not so") if feature.is_flag else words(value)


# ---- what is stored ------------------------------------------------------------------------------------


def stored_parts(tx: Transaction, student_id: str, here: tzinfo | None) -> Iterable[Part]:
    """Every table that has rows of this student, and the tables that hang on those."""
    people = names_of_accounts(tx)
    known = names_known(tx)
    for table, condition in tables_about(student_id):
        rows = tx.execute(select(table).select_from(joined(table)).where(condition)).all()
        entries = [entry(tx, table, row, people, known, here) for row in rows]
        if entries:
            title = TITLES.get(table.name, table.name.replace("_", " ").capitalize())
            yield Part(title, (), tuple((text or "yes",) for text in entries))


def tables_about(student_id: str) -> Iterable[tuple[Table, ColumnElement[bool]]]:
    """Each table to be told with the condition of its rows: those with a student, then what hangs on them."""
    for table in METADATA.sorted_tables:
        if table.name in LEFT_OUT:
            continue
        if "student_id" in table.c:
            yield table, table.c.student_id == student_id
        elif parent_of(table) is not None:
            yield table, parent_of(table).c.student_id == student_id  # type: ignore[union-attr]


def parent_of(table: Table) -> Table | None:
    """The table of a student on which ``table`` hangs; None when it hangs on none."""
    for key in table.foreign_keys:
        parent = key.column.table
        if parent.name not in FOLLOWED and "student_id" in parent.c:
            return parent
    return None


def joined(table: Table) -> Any:
    """``table``, with the student's table it hangs on where it names no student itself."""
    if "student_id" in table.c:
        return table
    parent = parent_of(table)
    return table if parent is None else table.join(parent)


def who_did_it(table: Table) -> set[str]:
    """The columns of ``table`` that hold somebody's account."""
    return {key.parent.name for key in table.foreign_keys if key.column.table is accounts}


def entry(
    tx: Transaction,
    table: Table,
    row: Row[Any],
    people: Mapping[int, str],
    known: Mapping[str, Mapping[str, str]],
    here: tzinfo | None,
) -> str:
    """One row in words: every column by its name, and what it belongs to."""
    told = dict(row._mapping)
    columns: dict[str, Column[Any]] = dict(table.c.items())
    by_account = who_did_it(table)
    for key in table.foreign_keys:
        above = key.column.table
        if above.name not in FOLLOWED and "student_id" not in above.c:
            found = tx.execute(select(above).where(key.column == told[key.parent.name])).one_or_none()
            told |= {} if found is None else {k: v for k, v in found._mapping.items() if k not in told}
            columns = {**above.c, **columns}
            by_account |= who_did_it(above)
    if told.get("kind") == HANDED_OVER and told["choice"]:
        told["choice"] = people.get(int(told["choice"]))  # who had the student before
    for name in told:
        names: Mapping[Any, str] = people if name in by_account else ids_known(name, known)
        if names:
            told[name] = names.get(told[name], told[name])
    return "; ".join(
        f"{label(name)}: {text}"
        for name, value in told.items()
        if is_told(name) and (text := said_of(columns[name], value, here))
    )


def ids_known(name: str, known: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    """What the ids of a column are called: of ``to_staff_id`` as of ``staff_id``."""
    return next((names for key, names in known.items() if name.endswith(key)), {})


def said_of(column: Column[Any], value: Any, here: tzinfo | None) -> str:
    """What a column keeps, in words; what a person wrote as it was written."""
    place = name_of(column)
    if isinstance(column.type, Text) and place not in CODES and place != "sis_supports.kind":
        return words(value, here)
    if isinstance(value, int) and not isinstance(value, bool):
        return CODES.get(place, {}).get(value, words(value, here))
    return words(value, here, place)


def is_told(name: str) -> bool:
    """Whether a column is told: not what only orders students, and not what only the program needs."""
    return name not in NOT_TOLD and not any(part in name for part in ORDERS_ONLY)


def is_account(name: str) -> bool:
    """Whether a column says who did what the row tells."""
    return name == "account_id" or name.endswith("_account_id") or name == "by_account"


def label(name: str) -> str:
    """What a column is called: ``by`` for who did it."""
    return "by" if is_account(name) else name.removesuffix("_id").replace("_", " ")


def names_of_accounts(tx: Transaction) -> dict[int, str]:
    """Who is behind an account, by their name on the roster where it has one."""
    people = select(accounts.c.account_id, PERSON)
    found = tx.execute(people.join_from(accounts, staff, ON_ROSTER, isouter=True))
    return {row.account_id: row.person for row in found}


def names_known(tx: Transaction) -> dict[str, dict[str, str]]:
    """Ids that a family has no list of, by the name of their column, and what each of them is called."""
    called = {
        staff.c.staff_id: staff.c.name,
        class_sections.c.section_id: class_sections.c.title,
        schools.c.school_id: schools.c.name,
    }
    return {
        key.name: {row.key: row.called for row in tx.execute(select(key.label("key"), name.label("called")))}
        for key, name in called.items()
    }


def viewers_part(tx: Transaction, student_id: str, here: tzinfo | None) -> Part:
    """Everybody who has looked, latest first: the whole ledger of this student."""
    return Part(
        "Who has looked",
        ("When", "Who", "Role", "What", "Why"),
        tuple(
            (
                words(seen.at, here),
                seen.who,
                seen.role.replace("_", " "),
                seen.action.replace("_", " "),
                seen.reason,
            )
            for seen in viewers(tx, student_id, most=1_000_000)
        ),
    )


# ---- in words ------------------------------------------------------------------------------------------


def sentences(said: Sequence[Any]) -> str:
    """Sentences in one text; of a stored reason its text."""
    return " ".join(words(one.get("text", one) if isinstance(one, Mapping) else one) for one in said)


def words(value: Any, here: tzinfo | None = None, place: str = "") -> str:
    """A stored value as it is read: days as 2025-11-14, moments where the district is, lists in a line.

    place: the column it is from, and the key in it, where codes are told in words.
    """
    if value is None or value == "":
        return ""
    if isinstance(value, bool) or (place and isinstance(value, str)):
        return plain(place, value)
    if isinstance(value, datetime):
        local = value.astimezone(here) if here and value.tzinfo else value
        return f"{local:%Y-%m-%d}" if not value.tzinfo else f"{local:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return ", ".join(
            f"{label(str(key))}: {text}"
            for key, one in value.items()
            if is_told(str(key)) and (text := words(one, here, place and f"{place}.{key}"))
        )
    if isinstance(value, list | tuple):
        between = " | " if any(isinstance(one, Mapping | list) for one in value) else ", "
        return between.join(text for one in value if (text := words(one, here, place)))
    if isinstance(value, float):
        return "not on record" if missing(value) else f"{value:.3g}" if value < 1 else f"{round(value, 1):g}"
    return str(value)
