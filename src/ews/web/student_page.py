"""A student's page: strengths first, the week's change, three cards, how sure, and who has looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from math import ceil

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from ews.people.ledger import View
from ews.support.facts import Contact, Reason
from ews.support.student_cards import Card
from ews.support.student_view import StudentView, student_view
from ews.web import problems
from ews.web.charts import HALF, NARROW, WIDE, Mark, Series, Term, Week, averages
from ews.web.desk import Desk
from ews.web.drawn import drawing
from ews.web.driver_chart import driver_chart
from ews.web.faces import answer
from ews.web.forms import own_address
from ews.web.list_page import filters_of
from ews.web.words import day, kind_words

LOOKED_AT = {
    "call_choice": "names for call slips",
    "digest": "Monday digest",
    "list": "the list",
    "names": "names to nominate",
    "savable": "courses still savable",
    "student": "this page",
}
"""What was looked at, where the ledger's own word says little."""
MOST_DAYS, MOST_INCIDENTS = 5, 4
OUT_OF_FOUR = 4.5  # marks up to here are on the 1 to 4 scale of elementary schools
TITLES = {
    "attendance": "Days missed in each of the last 36 school weeks",
    "grades": "Average of current marks in each of the last 36 school weeks",
    "behavior": "Incidents in each of the last 36 school weeks",
}
SIGNALS = {"attendance": "days_missed", "grades": "marks_mean", "behavior": "incidents"}
COLUMNS = {
    "attendance": "Days missed",
    "grades": "Average of current marks",
    "behavior": "Incidents",
}


def show(desk: Desk, request: Request) -> Response:
    """The page of the student in the address; the same 404 for a stranger's student and for nobody."""
    as_of = filters_of({"as_of": request.query_params.get("as_of", "")}).as_of
    with desk.store.begin() as tx:
        view = student_view(
            tx,
            request.state.principal,
            request.path_params["student_id"],
            now=desk.now(),
            as_of=as_of,
        )
    if view is None:
        return desk.refuse(request, problems.NOT_FOUND)
    back = own_address(request.query_params.get("back", ""))
    return answer(request, "student.html", view, replace(desk.frame(request, "student"), back=back))


@dataclass(frozen=True)
class Chart:
    """One card's chart: drawn twice, and the table of the very same weeks."""

    title: str
    column: str
    wide: Markup
    narrow: Markup
    series: Series
    rows: tuple[tuple[Week, float | None], ...]

    @property
    def any_event(self) -> bool:
        """Whether anything happened in any of the weeks."""
        return any(week.value for week in self.series.weeks)


def chart_of(card: Card, view: StudentView) -> Chart | None:
    """What is drawn on a card; None when no week of it is on record."""
    weeks = tuple(Week(week.starts_on, week.value, week.expected) for week in card.weeks)
    if card.domain not in SERIES or all(week.value is None for week in weeks):
        return None
    terms = tuple(Term(term.label, term.starts_on) for term in view.terms)
    series = replace(SERIES[card.domain](weeks, terms), typical=view.typical_weeks.get(SIGNALS[card.domain]))
    if card.domain == "attendance":
        series = replace(series, contact=contact_mark(view.row.last_contact))
    wide, narrow = both_drawings(series, WIDE if card.domain == "attendance" else HALF)
    return Chart(
        title=series.title,
        column=COLUMNS[card.domain],
        wide=wide,
        narrow=narrow,
        series=series,
        rows=tuple(zip(weeks, averages(weeks), strict=True)),
    )


def contact_mark(contact: Contact | None) -> Mark | None:
    """The last contact, as it is marked on the weeks; None where there is none, or it is not shown."""
    return Mark(f"{day(contact.on)}: {contact.how}", contact.on) if contact else None


def attendance_series(weeks: tuple[Week, ...], terms: tuple[Term, ...]) -> Series:
    """Days missed, 0 on top, at least down to 2; each line says that it counts days."""
    most = min(max(2, ceil(highest(weeks))), MOST_DAYS)
    marks = (
        (0.0, "0 missed"),
        (1.0, "1 day"),
        *((float(days), f"{days} days") for days in range(2, most + 1)),
    )
    return Series(TITLES["attendance"], weeks, terms, marks, (0.0, float(most)), "averages", falling=True)


def grades_series(weeks: tuple[Week, ...], terms: tuple[Term, ...]) -> Series:
    """The average of current marks, from 40 to 100, or from 1 to 4 where elementary marks are."""
    if highest(weeks) <= OUT_OF_FOUR:
        marks = tuple((float(mark), str(mark)) for mark in (1, 2, 3, 4))
        return Series(TITLES["grades"], weeks, terms, marks, (1.0, 4.0), "line")
    marks = tuple((float(mark), str(mark)) for mark in (40, 60, 80, 100))
    return Series(TITLES["grades"], weeks, terms, marks, (40.0, 100.0), "line")


def behavior_series(weeks: tuple[Week, ...], terms: tuple[Term, ...]) -> Series:
    """A square in each week with an incident, as high as their number."""
    most = min(max(1, ceil(highest(weeks))), MOST_INCIDENTS)
    marks = tuple((float(count), str(count)) for count in range(most + 1))
    none = "None in these weeks"
    return Series(
        TITLES["behavior"], weeks, terms, marks, (0.0, float(most)), "events", depth=24 * most, none=none
    )


SERIES = {"attendance": attendance_series, "grades": grades_series, "behavior": behavior_series}


def highest(weeks: tuple[Week, ...]) -> float:
    """The highest value of any week; 0 when there is none."""
    return max((week.value for week in weeks if week.value is not None), default=0.0)


def draw_beforehand() -> None:
    """Have the most common kinds of chart compiled before somebody waits for them."""
    monday = date(2025, 9, 1)
    terms, contact = (Term("Q1", monday),), Mark("1 Sept: phone", monday)

    def weeks(first: float, second: float) -> tuple[Week, ...]:
        return Week(monday, first), Week(monday + timedelta(days=7), second)

    for most in (2.0, 3.0):
        series = replace(attendance_series(weeks(most, 0.0), terms), typical=(0.0, 0.5), contact=contact)
        both_drawings(series, WIDE)
    both_drawings(replace(grades_series(weeks(80.0, 70.0), terms), typical=(70.0, 90.0)), HALF)
    both_drawings(behavior_series(weeks(0.0, 0.0), terms), HALF)


def both_drawings(series: Series, width: int) -> tuple[Markup, Markup]:
    """``series`` wide, and narrow for a phone."""
    return drawing(series, width, place="wide-drawing"), drawing(series, NARROW, place="narrow-drawing")


def other_facts(card: Card) -> list[Reason]:
    """The facts on record that the card has not said yet: not at its head, nor as a reason or a strength."""
    said = {one.fact for one in (*card.facts[:1], *card.reasons, *card.going_well)}
    return [one for one in card.facts if one.fact not in said]


@dataclass(frozen=True)
class Looks:
    """One person's looks of one day for one reason: the last of them, how many, and at what."""

    who: str
    at: datetime
    reason: str
    times: int
    at_what: tuple[str, ...]


def looks_by_day(viewers: Sequence[View], timezone: tzinfo) -> list[Looks]:
    """Who has looked, latest first: a line a person and day, so that twenty looks of one hide nobody."""
    of_one: dict[tuple[str, str, date], list[View]] = {}
    for seen in viewers:
        of_one.setdefault((seen.who, seen.reason, seen.at.astimezone(timezone).date()), []).append(seen)
    return [
        Looks(
            who,
            looks[0].at,
            reason,
            len(looks),
            tuple(dict.fromkeys(LOOKED_AT.get(one.action, kind_words(one.action)) for one in looks)),
        )
        for (who, reason, _), looks in of_one.items()
    ]


IN_TEMPLATES = {
    "looks_by_day": looks_by_day,
    "chart_of": chart_of,
    "driver_chart": driver_chart,
    "other_facts": other_facts,
    "range_of_ten": range(10),
}
