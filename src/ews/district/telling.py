"""How are the cast's stories written over the simulated records? Table by table, for these students only."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ews.district import stories
from ews.district.calendar import SchoolYear
from ews.district.cast import STUDENTS as CAST
from ews.district.marks import KIND, letter_of
from ews.district.sizes import LAST_YEAR, Size
from ews.school_year import school_year_of

Row = dict[str, Any]
Change = Callable[[list[Row], Mapping[str, pa.Table]], list[Row]]

STORY_ENDS = date(2025, 11, 12)
"""The day by which the work that is told as missing was due."""


def told(tables: Mapping[str, pa.Table], size: Size) -> dict[str, pa.Table]:
    """The tables with the cast's stories in them; without a cast, as they are."""
    if not size.has_cast:
        return dict(tables)
    changes: dict[str, Change] = {
        "attendance": told_attendance,
        "attendance_notices": told_notices,
        "marks": told_marks,
        "assignment_results": told_work,
        "assessments": told_levels,
        "contacts": told_contacts,
        "interventions": told_support,
    }
    written = {name: rewritten(tables[name], change, tables) for name, change in changes.items()}
    return {**tables, **written, **referrals(tables), "intervention_sessions": sessions()}


def rewritten(table: pa.Table, change: Change, tables: Mapping[str, pa.Table]) -> pa.Table:
    """The table with the cast's rows changed; they stand at its end."""
    mine = pc.is_in(table["student_id"], value_set=pa.array([person.student_id for person in CAST]))
    rows = change(table.filter(mine).to_pylist(), tables)
    return pa.concat_tables([table.filter(pc.invert(mine)), pa.Table.from_pylist(rows, table.schema)])


def at(day: date, hour: int = 23) -> datetime:
    """The afternoon of a day in the district, in UTC and without a zone, as the tables carry it."""
    return datetime.combine(day, time(hour), UTC).replace(tzinfo=None)


def school_on(who: str, day: date) -> str:
    """Where a named student goes to school on a day."""
    person = next(p for p in CAST if p.student_id == who)
    return [org for org, start in person.path if start <= day][-1]


def told_attendance(rows: list[Row], tables: Mapping[str, pa.Table]) -> list[Row]:
    """In the years told of, the told days; in other years what was simulated."""
    told = [(s.who, date.fromisoformat(d), s) for s in stories.DAYS for d in s.dates.split()]
    years = {(who, school_year_of(day)) for who, day, _ in told}
    kept = [row for row in rows if (row["student_id"], school_year_of(row["date"])) not in years]
    held = {year: set(SchoolYear(year).days.tolist()) for _, year in years}
    return kept + [
        {
            "student_id": who,
            "school_id": school_on(who, day),
            "date": day,
            "status": story.status,
            "absent_fraction": float(story.status.startswith("absent")),
            "minutes_late": 12 if story.status == "tardy" else None,
            "reason": story.reason,
            "source_code": None,
            "recorded_at": at(day),
        }
        for who, day, story in told
        if day in held[school_year_of(day)]
    ]


def told_notices(rows: list[Row], tables: Mapping[str, pa.Table]) -> list[Row]:
    """The told notices about attendance; the cast has no others."""
    return [
        {"student_id": story.who, "notice_date": story.on, "kind": story.kind}
        for story in stories.NOTICES
        if (story.who, school_year_of(story.on)) in enrolled(tables)
    ]


def sections_of(tables: Mapping[str, pa.Table]) -> dict[tuple[str, str, int], str]:
    """The cast's sections by student, course title and school year."""
    ids = pa.array([person.student_id for person in CAST])
    seats = tables["section_enrollments"]
    seats = seats.filter(pc.is_in(seats["student_id"], value_set=ids)).select(["student_id", "section_id"])
    joined = seats.join(tables["sections"].select(["section_id", "course_title"]), "section_id")
    return {
        (row["student_id"], row["course_title"], int(row["section_id"].split("-")[1])): row["section_id"]
        for row in joined.to_pylist()
    }


def told_marks(rows: list[Row], tables: Mapping[str, pa.Table]) -> list[Row]:
    """Every mark near the student's usual one, and the told ones; each once."""
    sections = sections_of(tables)
    by_key = {(row["student_id"], row["section_id"], row["term_id"]): near_usual(row) for row in rows}
    for story in stories.MARKS:
        section = sections.get((story.who, story.course, story.year))
        for name, percent in story.percents.items() if section else ():
            row = told_mark(story.who, str(section), story.year, name, percent)
            by_key[(row["student_id"], row["section_id"], row["term_id"])] = row
    return list(by_key.values())


def near_usual(row: Row) -> Row:
    """The mark with a percent within three points of the student's usual one; elementary marks stay."""
    if row["percent"] is None and row["letter"] != "I":
        return row
    wiggle = zlib.crc32(f"{row['section_id']} {row['term_id']}".encode()) % 7 - 3
    return row | graded(stories.USUAL[row["student_id"]] + wiggle, row["mark_type"], row["section_id"])


def told_mark(who: str, section: str, year: int, name: str, percent: int) -> Row:
    """One told mark; progress marks of November were entered on the 12th."""
    term = next(t for t in SchoolYear(year).secondary_terms if t.name == name)
    kind = KIND[term.term_type]
    return {
        "student_id": who,
        "section_id": section,
        "term_id": f"{section.split('-')[0]}-{year}-{name}",
        "mark_type": kind,
        "as_of_date": term.end,
        "recorded_at": at(term.end + timedelta(days=5)),
        **graded(percent, kind, section),
    }


def graded(percent: float, kind: str, section: str) -> Row:
    """What follows from a percent."""
    value = float(min(percent, 100))
    letters, points = letter_of(np.asarray(value))
    passing = value >= 60
    earns = kind == "semester" and section.startswith("1")
    return {
        "letter": str(letters),
        "percent": value,
        "gpa_points": float(points),
        "is_passing": passing,
        "credits_earned": (5.0 if passing else 0.0) if earns else None,
        "excluded_from_gpa": False,
    }


def told_work(rows: list[Row], tables: Mapping[str, pa.Table]) -> list[Row]:
    """All work handed in on time, but for the last pieces of the told courses."""
    plan = {row["assignment_id"]: row for row in plans(rows, tables)}
    sections = sections_of(tables)
    missing = missing_pieces(rows, plan, sections)
    levels = levels_of_work(rows, plan, missing, sections)
    return [
        handed_in(
            row,
            plan[row["assignment_id"]],
            (row["student_id"], row["assignment_id"]) in missing,
            levels.get((row["student_id"], plan[row["assignment_id"]]["section_id"])),
        )
        for row in rows
    ]


def levels_of_work(
    rows: list[Row],
    plan: Mapping[str, Row],
    missing: set[tuple[str, str]],
    sections: Mapping[tuple[str, str, int], str],
) -> dict[tuple[str, str], float]:
    """Student and section to the share of points in what came in, where work is told as missing.

    So much that all that was due, the missing as 0, comes out at the told mark, where that can be.
    """
    told = {
        (story.who, sections[story.who, story.course, story.year]): story.percents["P2"] / 100
        for story in stories.MARKS
        if "P2" in story.percents and (story.who, story.course, story.year) in sections
    }
    asked: dict[tuple[str, str], float] = {}
    done: dict[tuple[str, str], float] = {}
    for row in rows:
        piece = plan[row["assignment_id"]]
        key = (row["student_id"], piece["section_id"])
        if key in told and piece["due_date"] <= STORY_ENDS:
            is_missing = (row["student_id"], row["assignment_id"]) in missing
            asked[key] = asked.get(key, 0.0) + piece["points_possible"]
            done[key] = done.get(key, 0.0) + piece["points_possible"] * (not is_missing)
    return {
        key: told[key] * asked[key] / done[key]
        for key in asked
        if told[key] * asked[key] <= done[key] < asked[key]
    }


def plans(rows: list[Row], tables: Mapping[str, pa.Table]) -> list[Row]:
    """The assignments behind these results."""
    table = tables["assignments"]
    ids = pa.array(sorted({row["assignment_id"] for row in rows}), pa.string())
    return list(table.filter(pc.is_in(table["assignment_id"], value_set=ids)).to_pylist())


def missing_pieces(
    rows: list[Row], plan: Mapping[str, Row], sections: Mapping[tuple[str, str, int], str]
) -> set[tuple[str, str]]:
    """Student and assignment of every piece told as missing: the latest ones of the course."""
    found: set[tuple[str, str]] = set()
    for story in stories.NOT_IN:
        section = sections.get((story.who, story.course, LAST_YEAR))
        mine = [plan[row["assignment_id"]] for row in rows if row["student_id"] == story.who]
        due = [
            p
            for p in mine
            if p["section_id"] == section
            and p["due_date"] <= STORY_ENDS
            and p["points_possible"] <= story.up_to
        ]
        latest = sorted(due, key=lambda p: p["due_date"])[-story.pieces :]
        found |= {(story.who, p["assignment_id"]) for p in latest}
    return found


def handed_in(row: Row, plan: Row, is_missing: bool, level: float | None) -> Row:
    """A result told anew: missing, or graded at ``level``, near the student's usual mark without one."""
    due = plan["due_date"]
    share = stories.USUAL[row["student_id"]] / 100 if level is None else level
    return row | {
        "status": "missing" if is_missing else "graded",
        "is_late": False,
        "points_earned": None if is_missing else round(plan["points_possible"] * share, 1),
        "submitted_at": None if is_missing else at(due),
        "scored_at": at(due + timedelta(days=2)),
    }


def told_levels(rows: list[Row], tables: Mapping[str, pa.Table]) -> list[Row]:
    """The yearly English test as told; other tests stay."""
    kept = [row for row in rows if row["family"] != "elpac_sum"]
    return kept + [
        {
            "student_id": story.who,
            "assessment_code": f"ELPAC-SUM-{story.year}",
            "subject": "eld",
            "administered_on": SchoolYear(story.year).days[130].astype(date),
            "family": "elpac_sum",
            "released_on": date(story.year, 7, 8),
            "scale_score": 1300.0 + 85 * story.level,
            "level": story.level,
            "level_label": None,
            "valid": True,
        }
        for story in stories.LEVELS
        if (story.who, story.year) in enrolled(tables)
    ]


def enrolled(tables: Mapping[str, pa.Table]) -> set[tuple[str, int]]:
    """In which school years the district's records hold each student."""
    table = tables["enrollments"].select(["student_id", "school_year"])
    mine = table.filter(pc.is_in(table["student_id"], value_set=pa.array(list(stories.USUAL))))
    return {(row["student_id"], row["school_year"]) for row in mine.to_pylist()}


def told_contacts(rows: list[Row], tables: Mapping[str, pa.Table]) -> list[Row]:
    """The told contacts; the cast has no others."""
    return [
        {
            "contact_id": f"K-told-{i + 1:02d}",
            "student_id": story.who,
            "occurred_at": at(story.on, 17),
            "direction": "out",
            "channel": story.channel,
            "reason": story.reason,
            "by_staff_id": story.by,
            "system": "SIS",
        }
        for i, story in enumerate(stories.CONTACTS)
    ]


def told_support(rows: list[Row], tables: Mapping[str, pa.Table]) -> list[Row]:
    """The told support; the cast has no other."""
    return [
        {
            "intervention_id": support_id(i),
            "student_id": story.who,
            "tier": story.tier,
            "kind": story.kind,
            "target": story.target,
            "begin_date": story.begin,
            "end_date": story.end,
            "planned_minutes_week": 60.0,
            "outcome": "ongoing",
        }
        for i, story in enumerate(stories.HELPED)
    ]


def support_id(number: int) -> str:
    """The id of the n-th told support."""
    return f"V-told-{number + 1:02d}"


def sessions() -> pa.Table:
    """The table ``intervention_sessions``: the told sessions, attended or not."""
    rows = [
        {
            "intervention_id": support_id(i),
            "date": date.fromisoformat(day),
            "minutes": 30.0 * came,
            "attended": came,
        }
        for i, story in enumerate(stories.HELPED)
        for day, came in story.sessions.items()
    ]
    return pa.Table.from_pylist(rows)


def referrals(tables: Mapping[str, pa.Table]) -> dict[str, pa.Table]:
    """The three tables of behavior with the told incidents added."""
    rows: dict[str, list[Row]] = {"incidents": [], "student_incidents": [], "discipline_actions": []}
    for i, story in enumerate(stories.REFERRALS):
        key = {"incident_id": f"I-told-{i + 1:02d}", "recorded_at": at(story.on)}
        rows["incidents"].append(
            {
                **key,
                "school_id": school_on(story.who, story.on),
                "occurred_on": story.on,
                "location": "classroom",
            }
        )
        who = {**key, "student_id": story.who}
        rows["student_incidents"].append(
            {**who, "behavior_code": story.code, "role": "offender", "severity": story.severity}
        )
        rows["discipline_actions"].append(
            {
                **who,
                "action_id": f"A-told-{i + 1:02d}",
                "action": story.action,
                "start_date": story.on,
                "end_date": story.on,
            }
        )
    return {
        name: pa.concat_tables([tables[name], pa.Table.from_pylist(more, tables[name].schema)])
        for name, more in rows.items()
    }
