"""What a run says of every student and every school, before it is stored: one row each, in list order."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from ews.features.strengths import FACTS
from ews.people.access import ANYBODY
from ews.risk.abc_rule import abc_flags
from ews.settings import Settings
from ews.support.facts import BESIDE_THE_LIST, TIERS, Plan
from ews.support.going_well import MOST_WELL, agreeing, facts_going_well
from ews.support.levels import (
    NOT_ENOUGH_DATA,
    NOT_SCORED,
    ORDER,
    Before,
    Lines,
    Places,
    Standing,
    Suggested,
    Suggestions,
    new_by_rules,
    suggest,
)
from ews.support.roster import Roster
from ews.support.school_wide import school_wide
from ews.support.shown import first_of, is_plain, rules_shown
from ews.support.trend import trends

if TYPE_CHECKING:
    import pandas as pd

    from ews.risk.scoring import Score

USED = (
    "student_id",
    "school_id",
    "grade_level",
    "has_history",
    "expected_days_year",
    "attendance_through",
    "marks_through",
    "incidents_through",
    *FACTS,
)
MOST_REASONS = 2
NO_TREND: dict[str, Any] = {"trend": [], "trend_word": "", "missed": None}
NO_PLACES = Places(first=0, listed=0, first_line=1.0, next_line=1.0)

Scores = Mapping[str, Mapping[str, "Score"]]


@dataclass(frozen=True)
class BeforeThis:
    """Where students stood in the weekly run before this one, and who was a new name since then.

    first_list: no weekly run of this school year came before. by_rules: who was a new name of this school
    year without a model in an earlier week, and in this one.
    """

    standings: Mapping[str, Before] = field(default_factory=dict)
    new_this_week: frozenset[str] = frozenset()
    first_list: bool = False
    by_rules: frozenset[str] = frozenset()
    by_rules_this_week: frozenset[str] = frozenset()


@dataclass(frozen=True)
class RunContent:
    """The rows of ``run_students`` and ``run_schools``, without the run's id."""

    students: list[dict[str, Any]]
    schools: list[dict[str, Any]]


def run_content(
    matrix: pd.DataFrame,
    scores: Sequence[Score],
    weeks: pd.DataFrame,
    roster: Roster,
    before: BeforeThis,
    settings: Settings,
) -> RunContent:
    """The rows of a run. ``matrix`` has one row a student, of one day; ``weeks`` their weekly record."""
    by_student: dict[str, dict[str, Score]] = defaultdict(dict)
    for score in scores:
        if score.domain in BESIDE_THE_LIST:
            continue
        by_student[score.student_id][score.domain] = score
    rules_only = not by_student
    known: list[dict[str, Any]] = matrix[list(USED)].to_dict("records")  # type: ignore[assignment]
    suggestions = levels_of(known, by_student, roster, before, settings)
    letters = rule_letters(matrix)
    trend = trends(weeks)
    students = [
        student_row(
            row,
            by_student[row["student_id"]],
            suggestions.students[row["student_id"]],
            roster,
            trend.get(row["student_id"], NO_TREND),
        )
        | {"rules": letters[row["student_id"]]}
        for row in known
    ]
    students.sort(key=list_order)
    new = names_by_rules(students, roster, before, settings) if rules_only else set()
    for position, student in enumerate(students, start=1):
        student["position"] = position
        student["is_new"] |= student["student_id"] in new
    return RunContent(students, school_rows(known, by_student, suggestions, roster, settings))


def levels_of(
    known: Sequence[Mapping[str, Any]], scores: Scores, roster: Roster, before: BeforeThis, settings: Settings
) -> Suggestions:
    """Every student's level; *Not scored* for all when no model is in service."""
    if not scores:
        return Suggestions({row["student_id"]: Suggested(NOT_SCORED, None) for row in known})
    counselors = roster.counselors()
    standings = [
        Standing(
            student_id=row["student_id"],
            school_id=row["school_id"],
            counselor=counselor_or_school(row, counselors),
            probabilities=probabilities_of(scores[row["student_id"]]),
            before=before.standings.get(row["student_id"]),
            stale=is_stale(scores[row["student_id"]]),
            shown_this_week=row["student_id"] in before.new_this_week,
        )
        for row in known
    ]
    enrolled = Counter(row["school_id"] for row in known)
    return suggest(standings, enrolled, Lines.of(settings), first_list=before.first_list)


def names_by_rules(
    in_order: Sequence[Mapping[str, Any]], roster: Roster, before: BeforeThis, settings: Settings
) -> set[str]:
    """The week's new names where only the hand-set rules are there; none of whom the last list had."""
    counselors = roster.counselors()
    listed = {student for student, was in before.standings.items() if was.listed}
    meeting = [(row["student_id"], counselor_or_school(row, counselors)) for row in in_order if row["rules"]]
    most = settings["list.new_names_per_week"]
    return new_by_rules(meeting, before.by_rules | listed, before.by_rules_this_week, most)


def counselor_or_school(row: Mapping[str, Any], counselors: Mapping[str, str]) -> str:
    """Whose new names a student is counted among."""
    return counselors.get(row["student_id"], f"school {row['school_id']}")


def probabilities_of(scores: Mapping[str, Score]) -> dict[str, float]:
    """Domain to probability, of the domains that have one."""
    return {domain: one.probability for domain, one in scores.items() if one.probability is not None}


def is_stale(scores: Mapping[str, Score]) -> bool:
    """Whether a score rests on data that are late."""
    return any(one.status == "stale" for one in scores.values())


def rule_letters(matrix: pd.DataFrame) -> dict[str, str]:
    """The letters of the ABC rules that each student meets."""
    flags = abc_flags(matrix)
    met = ["".join(letter for letter in flags.columns if row[letter]) for row in flags.to_dict("records")]
    return dict(zip(matrix["student_id"], met, strict=True))


def stored_plan(plan: Plan) -> dict[str, Any]:
    """A plan as ``facts.plan_of`` reads it."""
    return {
        "kind": plan.kind,
        "tier": plan.tier,
        "since": plan.since and plan.since.isoformat(),
        "target": plan.target,
    }


def student_row(
    row: Mapping[str, Any],
    scores: Mapping[str, Score],
    suggested: Suggested,
    roster: Roster,
    trend: Mapping[str, Any],
) -> dict[str, Any]:
    """One student as the list shows them, but for the rules."""
    student_id, word = row["student_id"], trend["trend_word"]
    name = roster.name_of(student_id)
    contact, plan = roster.contacts.get(student_id), roster.plans.get(student_id)
    return {
        **trend,
        "student_id": student_id,
        "school_id": row["school_id"],
        "grade_level": int(row["grade_level"]),
        "display_name": name.shown,
        "search_name": searchable(name.shown),
        "sort_name": searchable(name.sorted_by),
        "new_student": not row["has_history"],
        "status": status_of(scores, suggested),
        "level": suggested.level,
        "previous_level": suggested.previous_level,
        "is_new": suggested.is_new,
        "changed": suggested.changed,
        "waiting": suggested.waiting,
        "urgency": suggested.urgency,
        "weeks_below": suggested.weeks_below,
        "expected_days": plain_number(row["expected_days_year"]),
        "reasons": chosen_reasons(scores),
        "going_well": chosen_strengths(scores, word) or facts_going_well(row, scores.values(), word),
        "last_contact": contact and {"who": contact.who, "on": contact.on.isoformat(), "how": contact.how},
        "contact_on": contact and contact.on,
        "plan": plan and stored_plan(plan),
        "tier": plan.tier if plan else TIERS[1],
        "attendance_through": as_date(row["attendance_through"]),
        "marks_through": as_date(row["marks_through"]),
        "incidents_through": as_date(row["incidents_through"]),
    }


def status_of(scores: Mapping[str, Score], suggested: Suggested) -> str:
    """scored, stale, not_enough_data, or no_model."""
    if suggested.level == NOT_SCORED:
        return "no_model"
    if suggested.urgency is None:
        return NOT_ENOUGH_DATA
    return "stale" if is_stale(scores) else "scored"


def chosen_reasons(scores: Mapping[str, Score]) -> list[dict[str, Any]]:
    """The drivers that raise: the severest domain's first, what can be changed before background.

    Two, and as many more as it takes for two that every role may read. Context (grade, time of year) is
    for analysts and never stands here.
    """
    drivers: dict[str, dict[str, Any]] = {}
    for score in by_severity(scores):
        for driver in score.drivers:
            if driver["direction"] == "raises" and driver["kind"] != "context":
                drivers.setdefault(driver["code"], driver)
    ordered = sorted(drivers.values(), key=lambda driver: driver["kind"] == "background")
    told = [{"text": driver["text"], "kind": driver["kind"]} for driver in ordered]
    return first_of(told, MOST_REASONS, lambda driver: is_plain(driver["text"]))


def by_severity(scores: Mapping[str, Score]) -> list[Score]:
    """The severest domain, then overall, then the others from severe to mild."""
    domains = sorted(
        (score for score in scores.values() if score.domain != "overall"),
        key=lambda score: (-(score.probability or 0.0), score.domain),
    )
    overall = [score for score in scores.values() if score.domain == "overall"]
    return domains[:1] + overall + domains[1:]


def chosen_strengths(scores: Mapping[str, Score], trend_word: str = "") -> list[str]:
    """Three things that go well, the mildest domain's first, and more until three are for every role."""
    found = [text for score in reversed(by_severity(scores)) for text in score.going_well]
    return first_of(agreeing(dict.fromkeys(found), trend_word), MOST_WELL, is_plain)


def searchable(name: str) -> str:
    """A name without accents and capitals, so that "sofia" finds Sofía.

    >>> searchable("Sofía Herrera Luna")
    'sofia herrera luna'
    """
    apart = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).casefold()


def list_order(student: Mapping[str, Any]) -> tuple[Any, ...]:
    """See first, then see next; on a level the most urgent first, names that wait after the others.

    Of those alike whoever meets more rules comes first, counting those alone of which everybody may read (the
    order is one for all, and tells nobody of a rule that they do not see), then whoever missed more days.
    """
    return (
        ORDER[student["level"]],
        student["waiting"],
        -(student["urgency"] or 0.0),
        -len(rules_shown(ANYBODY, student["rules"])),
        -(student["missed"] or 0.0),
        student["sort_name"],
        student["student_id"],
    )


def as_date(value: Any) -> date | None:
    """A day of the matrix as a date; None where there is none (None, NaN or NaT)."""
    if value is None or value != value:
        return None
    return value.date() if hasattr(value, "date") else value


def plain_number(value: Any) -> float | None:
    """A number of the matrix; None where there is none."""
    return None if value is None or value != value else float(value)


def school_rows(
    known: Sequence[Mapping[str, Any]],
    scores: Scores,
    suggestions: Suggestions,
    roster: Roster,
    settings: Settings,
) -> list[dict[str, Any]]:
    """One row a school: its places and lines, how fresh its data are, what is a school-wide matter."""
    members: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in known:
        members[row["school_id"]].append(row)
    notices = school_wide(known, scores, settings)
    found = []
    for school_id, rows in sorted(members.items()):
        places = suggestions.schools.get(school_id, NO_PLACES)
        found.append(
            {
                "school_id": school_id,
                "name": roster.schools.get(school_id, school_id),
                "enrolled": len(rows),
                "attendance_through": as_date(rows[0]["attendance_through"]),
                "marks_through": as_date(rows[0]["marks_through"]),
                "incidents_through": as_date(rows[0]["incidents_through"]),
                "first_places": places.first,
                "listed_places": places.listed,
                "first_line": places.first_line,
                "next_line": places.next_line,
                "beyond": places.beyond,
                "terms": roster.terms.get(school_id, []),
                "notices": notices.get(school_id, []),
            }
        )
    return found
