"""Still savable: a course below passing that work not yet in would bring over the line.

The gradebook's points are reckoned twice: with what is missing as 0, and with it turned in at the level of
the student's other work of the same kind. The mark is moved by the difference, and only where the first
reckoning comes out at the mark itself: a teacher who counts otherwise gets no figure from us. It is what the
points say and never a promise; whether late work is still taken is for the teacher to say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table

from ews.features.courses import STANDARDS
from ews.school_year import first_day, planned_by_calendar, school_year_of
from ews.settings import Settings
from ews.store.schedule_tables import savable_courses
from ews.support.known_rows import known_table
from ews.support.schedule import seats_on

if TYPE_CHECKING:
    from ews.records.lake import Records

PASSES, EDGE, NOT_ENOUGH, NO_FIGURE = "passes", "edge", "not_enough", "no_figure"
FEWEST_GRADED = 2
MARK_ORDER = ("final", "semester", "grading_period", "progress", "current")  # of one day the last counts
NEEDED = ("marks", "assignments", "assignment_results", "section_enrollments", "sections")

NO_POINTS = "The points of what is not in are not on record."
TOO_LITTLE = "Too little graded work to say how much it would count."
OTHERWISE_COUNTED = "The points on record do not come out at the mark."


@dataclass(frozen=True)
class Piece:
    """One assignment of a course. earned None: not in. points None: not on record."""

    category: str
    due: date
    points: float | None
    weight: float
    earned: float | None


@dataclass(frozen=True)
class Lines:
    """Where passing is, how far above it is the edge, how near points and mark must be, how late is late."""

    passing: float
    edge: float
    agree_within: float
    late_days: int

    @classmethod
    def of(cls, settings: Settings) -> Lines:
        """The lines of a district."""
        names = ("passing", "edge", "agree_within", "late_days")
        return cls(**{name: settings[f"savable.{name}"] for name in names})


@dataclass(frozen=True)
class SavableCourse:
    """One course of one student, as it is kept. work: what is not in, as category, due and points."""

    student_id: str
    section_id: str
    kind: str
    percent: float
    mark_type: str
    mark_on: date
    would_be: float | None
    why_no_figure: str | None
    term_ends: date
    school_days_left: int | None
    work: tuple[Mapping[str, Any], ...]


# ---- the arithmetic ---------------------------------------------------------------------------------


def reckoned(pieces: Sequence[Piece], turned_in: frozenset[int] = frozenset()) -> float | None:
    """The percent that the points come to, what is missing as 0.

    ``turned_in`` are the positions of missing pieces that count at the level of the student's other work
    of the same category, or of all of it where there is none. None without any points.

    >>> first, second = (Piece("homework", date(2025, 10, 1), 10, 1, earned) for earned in (8, None))
    >>> reckoned([first, second]), reckoned([first, second], frozenset([1]))
    (40.0, 80.0)
    """
    counted = [(place, piece) for place, piece in enumerate(pieces) if piece.points and piece.weight]
    possible = sum(piece.weight * (piece.points or 0.0) for _, piece in counted)
    if not possible:
        return None
    earned = 0.0
    for place, piece in counted:
        if piece.earned is not None:
            earned += piece.weight * piece.earned
        elif place in turned_in:
            earned += piece.weight * (piece.points or 0.0) * level_of(pieces, piece.category)
    return 100.0 * earned / possible


def level_of(pieces: Sequence[Piece], category: str) -> float:
    """The share of points earned in the graded work of a category, or in all graded work; 0 to 1."""
    graded = [piece for piece in pieces if piece.earned is not None and piece.points and piece.weight]
    same = [piece for piece in graded if piece.category == category] or graded
    possible = sum(piece.weight * (piece.points or 0.0) for piece in same)
    earned = sum(piece.weight * (piece.earned or 0.0) for piece in same)
    return min(1.0, earned / possible) if possible else 0.0


def would_be(percent: float, pieces: Sequence[Piece], late: frozenset[int], lines: Lines) -> float | str:
    """The mark with all missing work turned in, but for what is ``late``; or why no figure can be given."""
    missing = frozenset(place for place, piece in enumerate(pieces) if piece.earned is None) - late
    if any(not pieces[place].points for place in missing):
        return NO_POINTS
    if sum(piece.earned is not None and bool(piece.points) for piece in pieces) < FEWEST_GRADED:
        return TOO_LITTLE
    now, then = reckoned(pieces), reckoned(pieces, missing)
    if now is None or then is None or abs(now - percent) > lines.agree_within:
        return OTHERWISE_COUNTED
    return min(100.0, percent + then - now)


def kind_of(percent: float, figure: float | str, lines: Lines) -> str:
    """What the work would do: pass the course, give room above the line, not be enough, or no figure."""
    if isinstance(figure, str):
        return NO_FIGURE
    if percent >= lines.passing:
        return EDGE
    return PASSES if figure >= lines.passing else NOT_ENOUGH


# ---- from the lake ----------------------------------------------------------------------------------


def read_savable(records: Records, as_of: date, settings: Settings) -> tuple[SavableCourse, ...]:
    """Every course of the running term that is below the line or just above it, with work not in."""
    if not all(records.has(name) for name in NEEDED):
        return ()
    lines = Lines.of(settings)
    low = low_marks(records, as_of, lines)
    terms = {row["term_id"]: row for row in known_table(records, "terms", as_of).to_pyarrow().to_pylist()}
    marks = latest_marks(low.to_pyarrow().to_pylist())
    work = work_of(records, as_of, low)
    days = planned_by_calendar(records, school_year_of(as_of))
    found = []
    for key, mark in sorted(marks.items()):
        term = term_under_way(terms, mark["term_id"], as_of)
        if term is None:
            continue
        pieces = [piece for piece in work.get(key, ()) if piece.due >= term["start_date"]]
        course = course_of(mark, pieces, term, days.get(term["school_id"]), as_of, lines)
        if course is not None:
            found.append(course)
    return tuple(found)


def low_marks(records: Records, as_of: date, lines: Lines) -> Any:
    """The newest marks of courses that students sit in now, where they are low; a table to go on asking."""
    marks = known_table(records, "marks", as_of)
    marks = marks.filter(
        marks.percent.notnull(),
        marks.as_of_date >= first_day(school_year_of(as_of)),
        ~marks.excluded_from_gpa.fill_null(False),
        ~marks.letter.fill_null("").isin(STANDARDS),
    )
    marks = marks.semi_join(seats_on(records, as_of), ["student_id", "section_id"])
    newest = marks.group_by("student_id", "section_id").agg(as_of_date=marks.as_of_date.max())
    marks = marks.semi_join(newest, ["student_id", "section_id", "as_of_date"])
    marks = marks.filter(marks.percent < lines.passing + lines.edge)
    return marks.select("student_id", "section_id", "term_id", "mark_type", "as_of_date", "percent")


def latest_marks(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Student and section to the mark that stands; of several of one day the most current kind."""
    ordered = sorted(rows, key=lambda row: (MARK_ORDER.index(row["mark_type"]), row["percent"]))
    return {(row["student_id"], row["section_id"]): row for row in ordered}


def work_of(records: Records, as_of: date, low: Any) -> dict[tuple[str, str], list[Piece]]:
    """Student and section to what was due by ``as_of`` and is graded or missing, the oldest first."""
    work = known_table(records, "assignments", as_of)
    work = work.filter(work.due_date >= first_day(school_year_of(as_of)), work.due_date <= as_of)
    work = work.select("assignment_id", "section_id", "category", "due_date", "points_possible", "weight")
    results = known_table(records, "assignment_results", as_of)
    results = results.filter(results.status.isin(("graded", "missing")))
    results = results.select("student_id", "assignment_id", "status", "points_earned")
    rows = results.inner_join(work, "assignment_id").semi_join(low, ["student_id", "section_id"])
    found: defaultdict[tuple[str, str], list[Piece]] = defaultdict(list)
    for row in sorted(rows.to_pyarrow().to_pylist(), key=lambda row: (row["due_date"], row["assignment_id"])):
        if row["status"] == "missing" or row["points_earned"] is not None:
            found[row["student_id"], row["section_id"]].append(piece_of(row))
    return found


def piece_of(row: Mapping[str, Any]) -> Piece:
    """One result with its assignment."""
    return Piece(
        category=row["category"] or "assignment",
        due=row["due_date"],
        points=row["points_possible"],
        weight=1.0 if row["weight"] is None else row["weight"],
        earned=None if row["status"] == "missing" else row["points_earned"],
    )


def term_under_way(
    terms: Mapping[str, Mapping[str, Any]], term_id: str | None, as_of: date
) -> Mapping[str, Any] | None:
    """The term in which the mark goes on: its own, or the one around it when that is over or a report."""
    for _ in range(len(terms)):
        term = terms.get(term_id or "")
        if term is None:
            return None
        if term["term_type"] != "progress" and term["start_date"] <= as_of <= term["end_date"]:
            return term
        term_id = term["parent_term_id"]
    return None


def course_of(
    mark: Mapping[str, Any],
    pieces: Sequence[Piece],
    term: Mapping[str, Any],
    school_days: set[date] | None,
    as_of: date,
    lines: Lines,
) -> SavableCourse | None:
    """What is said of one course; None when nothing that is not in can still be handed in, or needs to."""
    opens = as_of - timedelta(days=lines.late_days)
    late = frozenset(
        place for place, piece in enumerate(pieces) if piece.earned is None and piece.due < opens
    )
    open_work = [piece for place, piece in enumerate(pieces) if piece.earned is None and place not in late]
    if not open_work:
        return None
    figure = would_be(mark["percent"], pieces, late, lines)
    if isinstance(figure, str) and mark["percent"] >= lines.passing:
        return None
    return SavableCourse(
        student_id=mark["student_id"],
        section_id=mark["section_id"],
        kind=kind_of(mark["percent"], figure, lines),
        percent=mark["percent"],
        mark_type=mark["mark_type"],
        mark_on=mark["as_of_date"],
        would_be=None if isinstance(figure, str) else figure,
        why_no_figure=figure if isinstance(figure, str) else None,
        term_ends=term["end_date"],
        school_days_left=None
        if school_days is None
        else sum(as_of < day <= term["end_date"] for day in school_days),
        work=tuple(
            {"category": piece.category, "due": piece.due.isoformat(), "points": piece.points}
            for piece in open_work
        ),
    )


def savable_rows(courses: Iterable[SavableCourse]) -> dict[Table, Iterable[Mapping[str, Any]]]:
    """What the table of savable courses holds after a run."""
    return {savable_courses: [asdict(course) for course in courses]}
