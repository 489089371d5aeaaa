"""How days, counts and lists are said on the pages. A day is never broken over two lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ews.support.facts import Rule
    from ews.support.risk_list import Notice, SchoolFacts

HARD_SPACE = "\N{NO-BREAK SPACE}"
MONTHS = ("Jan", "Feb", "March", "April", "May", "June", "July", "Aug", "Sept", "Oct", "Nov", "Dec")
DOMAIN_WORDS = {"grades": "marks"}
TALL_DAYS = 3.0
NEAR_DAYS, YEAR_DAYS = 300, 365


def day(value: date | None) -> str:
    """``14 Nov``, in one piece; ``no data`` where there is none."""
    return f"{value.day}{HARD_SPACE}{MONTHS[value.month - 1]}" if value else "no data"


def weekday(value: date | None) -> str:
    """``Fri 14 Nov``, in one piece."""
    return f"{value:%a}{HARD_SPACE}{day(value)}" if value else "no data"


def full_day(value: date) -> str:
    """``Monday 17 November 2025``."""
    return f"{value:%A} {value.day} {value:%B} {value.year}"


def as_stood(value: str | date) -> str:
    """What stood in a field: a day as ``29 Sept 2025``, in one piece; words as they are."""
    return f"{day(value)}{HARD_SPACE}{value.year}" if isinstance(value, date) else value


def moment(value: datetime, timezone: tzinfo) -> str:
    """``14 Nov, 8:12``, in the district's timezone."""
    local = value.astimezone(timezone)
    return f"{day(local)},{HARD_SPACE}{local.hour}:{local:%M}"


def moment_and_year(value: datetime, timezone: tzinfo) -> str:
    """``14 Nov 2025, 8:12``, for what is read years later."""
    local = value.astimezone(timezone)
    return f"{day(local)}{HARD_SPACE}{local.year},{HARD_SPACE}{local.hour}:{local:%M}"


def dated(value: date, today: date) -> str:
    """``14 Nov``; with its year when it is more than ten months away, before or after."""
    return day(value) if abs((today - value).days) < NEAR_DAYS else f"{day(value)}{HARD_SPACE}{value.year}"


def days_ago(then: date, today: date) -> str:
    """``today``, ``yesterday``, ``27 days ago`` or ``over 2 years ago``."""
    days = (today - then).days
    if days >= YEAR_DAYS:
        return f"over {counted(days // YEAR_DAYS, 'year')} ago"
    return {0: "today", 1: "yesterday"}.get(days, f"{days} days ago")


def how_long_ago(then: date, today: date) -> str:
    """``21 Oct, 24 days ago``; the day alone after ten months, and when it is later than ``today``.

    A list is of a Friday: what people did in the week after it is no number of days before it.
    """
    if not 0 <= (today - then).days < NEAR_DAYS:
        return dated(then, today)
    return f"{dated(then, today)}, {days_ago(then, today).replace(' ', HARD_SPACE)}"


def counted(number: int, one: str, many: str | None = None) -> str:
    """``1 student``, ``1,900 students``."""
    return f"{number:,}{HARD_SPACE}{one if number == 1 else many or one + 's'}"


def joined(items: Sequence[str]) -> str:
    """``A``, ``A and C``, ``A, B and C``."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def grade(level: int | None) -> str:
    """``Grade 9``, ``Kindergarten``, ``TK``."""
    if level is None:
        return "Grade unknown"
    return {-1: "TK", 0: "Kindergarten"}.get(level, f"Grade{HARD_SPACE}{level}")


def grade_in_text(level: int) -> str:
    """``grade 9``, ``kindergarten``, ``TK``: as it stands within a sentence."""
    return {-1: "TK", 0: "kindergarten"}.get(level, f"grade{HARD_SPACE}{level}")


def isolated(text: str) -> str:
    """``text`` so that its direction of writing turns nothing round it, where no style can say so."""
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"


def kind_words(kind: str) -> str:
    """``math help at lunch`` from ``math_help_at_lunch``."""
    return kind.replace("_", " ")


def sentence(text: str) -> str:
    """``text`` with its first letter large, whatever the rest is."""
    return text[:1].upper() + text[1:]


def plain_number(value: float | None) -> str:
    """At most one decimal, none when it is whole; a dash where there is none."""
    return "–" if value is None else f"{round(value, 1):g}"


def plain_numbers(values: Sequence[float]) -> str:
    """``0, 1, 1, 2``."""
    return ", ".join(plain_number(value) for value in values)


def short_typical(typical: str) -> str:
    """``typical 0 to 1`` from ``typical in grade 9: 0 to 1``: the grade stands in the row already."""
    return re.sub(r"^typical[^:]*: ", "typical ", typical)


def bar_heights(values: Sequence[float]) -> list[float]:
    """How tall the bars of a trend are, 2 to 14 units; three days missed or more fill the tallest."""
    most = max(TALL_DAYS, *values)
    return [round(2 + 12 * value / most, 1) for value in values]


def bar_path(heights: Sequence[float], last: bool = False) -> str:
    """The outline of bars side by side, 5 wide and 2 apart; ``last`` draws only the last of them."""
    drawn = [(len(heights) - 1, heights[-1])] if last else list(enumerate(heights))
    return "".join(f"M{7 * place} 14v-{tall:g}h5v{tall:g}z" for place, tall in drawn)


def rule_words(rules: Sequence[Rule]) -> str:
    """``absence, marks`` for rules A and C."""
    return ", ".join(rule.word for rule in rules)


def days_so_far(days: float | None, needed: int) -> str:
    """How much of the record there is, for a student who cannot be scored yet: ``6 of 10 school days``."""
    return f"{round(days or 0)} of {counted(needed, 'school day')} on record"


def school_wide(notices: Sequence[Notice]) -> str:
    """Every school-wide matter in one sentence a school: domains together that share their grades."""
    said = []
    for school in dict.fromkeys(notice.school_name for notice in notices):
        grades: dict[str, list[int]] = {}
        for notice in notices:
            if notice.school_name == school:
                grades.setdefault(notice.domain, []).append(notice.grade_level)
        told = matters(grades)
        if len(grades) == 1:
            said.append(f"{sentence(told)} is a school-wide matter at {school} this month.")
        else:
            said.append(f"School-wide matters at {school} this month: {told}.")
    return " ".join(said)


def matters(grades: Mapping[str, Sequence[int]]) -> str:
    """``attendance and marks in grades 9 to 12; behavior in grade 9``, from the grades of each domain."""
    shared: dict[tuple[int, ...], list[str]] = {}
    for domain, levels in grades.items():
        shared.setdefault(tuple(sorted(levels)), []).append(DOMAIN_WORDS.get(domain, domain))
    return "; ".join(f"{joined(domains)} in {grades_together(levels)}" for levels, domains in shared.items())


def grades_together(levels: Sequence[int]) -> str:
    """``grade 9``, ``grades 9 and 10``, ``grades 9 to 12``, ``kindergarten to grade 2``."""
    if len(levels) > 2 and levels[-1] - levels[0] == len(levels) - 1:
        first = f"grades{HARD_SPACE}{levels[0]}" if levels[0] > 0 else grade_alone(levels[0])
        last = f"{levels[-1]}" if levels[0] > 0 else f"grade{HARD_SPACE}{levels[-1]}"
        return f"{first} to {last}"
    if levels[0] > 0:
        return f"grade{'s' if len(levels) > 1 else ''}{HARD_SPACE}{joined([str(level) for level in levels])}"
    return joined([grade_alone(level) if level < 1 else f"grade {level}" for level in levels])


def grade_alone(level: int) -> str:
    """``9``, ``kindergarten``, ``TK``."""
    return {-1: "TK", 0: "kindergarten"}.get(level, str(level))


def data_through(schools: Sequence[SchoolFacts]) -> str:
    """Up to which day each kind of record is there; from the oldest to the newest where schools differ."""
    kinds = {"Attendance": "attendance", "Marks": "marks", "Behavior": "incidents"}
    return " ".join(
        f"{title} {span([getattr(school.through, kind) for school in schools])}."
        for title, kind in kinds.items()
    )


def span(days: Sequence[date | None]) -> str:
    """``to Fri 14 Nov``; ``to 5 Nov, at some schools to 14 Nov``; ``not on record``."""
    known = [value for value in days if value]
    if not known:
        return "not on record"
    oldest, newest = min(known), max(known)
    if oldest == newest:
        return f"to {weekday(newest)}"
    return f"to {day(oldest)}, at some schools to {day(newest)}"


FILTERS: dict[str, Callable[..., Any]] = {
    word.__name__: word
    for word in (
        as_stood,
        bar_heights,
        bar_path,
        counted,
        data_through,
        dated,
        day,
        days_ago,
        days_so_far,
        full_day,
        grade,
        grade_in_text,
        how_long_ago,
        isolated,
        joined,
        kind_words,
        moment,
        moment_and_year,
        plain_number,
        plain_numbers,
        rule_words,
        school_wide,
        sentence,
        short_typical,
        weekday,
    )
}
