"""The list and one student's explanation at the terminal: the views of the pages, told in text."""

from __future__ import annotations

import getpass
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from ews.errors import UsageError
from ews.people.access import operator
from ews.settings import Settings
from ews.store.store import open_store
from ews.support.facts import Reason, range_in_words
from ews.support.list_filters import ALL, MOST_A_PAGE, ON_THE_LIST, Filters
from ews.support.list_rows import ListRow, grade_word
from ews.support.risk_list import risk_list
from ews.support.runs import run_of
from ews.support.student_cards import Card
from ews.support.student_view import StudentView, student_view
from ews.support.sureness import ScoreFacts

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

HEADS = (("Student", 20), ("Suggested level", 15), ("Reasons, and what is going well", None))  # widths


def list_rows(
    settings: Settings,
    as_of: date,
    *,
    school: str | None,
    caseload: str | None,
    capacity: int | None,
    now: datetime,
) -> list[dict[str, Any]]:
    """The listed students as of a day, most urgent first, at most ``capacity``; written to the ledger.

    Errors: UsageError for a day without a run.
    """
    now = now.astimezone(settings.timezone)
    with open_store(settings) as store, store.begin() as tx:
        run_of(tx, as_of)
        rows: list[ListRow] = []
        page, pages = 1, 1
        while page <= pages:
            asked = Filters(
                ALL, as_of, school=school, caseload=caseload, level=ON_THE_LIST, page=page, size=MOST_A_PAGE
            )
            found = risk_list(tx, operator(getpass.getuser()), asked, now=now)
            rows += found.rows
            page, pages = page + 1, found.pages
    return [asdict(row) for row in rows][:capacity]


def list_table(rows: Sequence[Mapping[str, Any]], as_of: date) -> Table:
    """The rows of ``list_rows`` as a table for the terminal, from 80 columns on."""
    from rich import box
    from rich.table import Table

    count = f"{len(rows)} {'student' if len(rows) == 1 else 'students'}"
    table = Table(
        title=f"Whom to see, as of {as_of}: {count}", box=box.SIMPLE_HEAD, leading=1, pad_edge=False
    )
    for head, width in HEADS:
        table.add_column(head, width=width)
    for row in rows:
        table.add_row(*cells(row, as_of))
    return table


def cells(row: Mapping[str, Any], as_of: date) -> tuple[Text, ...]:
    """One row of the table: who, with contact and data; the level and what changed; reasons and strength."""
    from rich.text import Text

    contact = row["last_contact"]
    through = max((day for day in row["through"].values() if day), default=None)
    said = (
        (
            row["display_name"],
            f"{grade_word(row['grade_level'])}, {row['student_id']}",
            f"Contact {said_day(contact['on'], as_of)}" if contact else "No contact logged",
            f"Data to {said_day(through, as_of)}" if through else "No data",
        ),
        (
            row["level_word"],
            row["change"],
            letters(row),
            row["trend_word"],
            row["disputed"]["mark"] if row["disputed"] else "",
        ),
        (
            *(f"- {briefly(Reason(**reason))}" for reason in row["reasons"]),
            f"+ {briefly(Reason(**row['going_well']))}" if row["going_well"] else "",
        ),
    )
    return tuple(Text("\n".join(line for line in lines if line)) for lines in said)


def briefly(reason: Reason) -> str:
    """A sentence without its source, and with what is typical without the grade: both stand beside it."""
    typical = f" (typical {reason.typical.rpartition(': ')[2]})" if reason.typical else ""
    return f"{'Background: ' if reason.background else ''}{reason.fact}{typical}"


def said_day(day: date, as_of: date) -> str:
    """``14 Nov``, with its year where that is another than that of ``as_of``."""
    year = "" if day.year == as_of.year else f" {day.year}"
    return f"{day.day} {day:%b}{year}"


def letters(row: Mapping[str, Any]) -> str:
    """``Rules: A, C``, or nothing."""
    met = ", ".join(rule["letter"] for rule in row["rules"])
    return f"Rules: {met}" if met else ""


def explanation(
    settings: Settings, student_id: str, as_of: date, *, now: datetime
) -> tuple[dict[str, Any], list[str]]:
    """One student for ``ews explain``: as JSON, and as lines of text; written to the ledger.

    Errors: UsageError for a day without a run, or a student who is not in it.
    """
    now = now.astimezone(settings.timezone)
    with open_store(settings) as store, store.begin() as tx:
        run_of(tx, as_of)
        view = student_view(
            tx, operator(getpass.getuser()), student_id, now=now.astimezone(settings.timezone), as_of=as_of
        )
    if view is None:
        raise UsageError(f"There is no such student in the run of {as_of}.", "Check the id and the day.")
    content = asdict(view)
    content.pop("viewers")
    return content, explained_lines(view)


def explained_lines(view: StudentView) -> list[str]:
    """The explanation as a person reads it."""
    row = view.row
    lines = [
        f"{row.display_name} ({row.student_id}), {grade_word(row.grade_level)}, {row.school_name}",
        f"Suggested level: {row.level_word}. {view.change}",
    ]
    if row.rules:
        lines.append("ABC rules met: " + "; ".join(f"{rule.letter} {rule.text}" for rule in row.rules))
    if view.strengths:
        lines += ["", "Going well", *(f"  + {strength.text}" for strength in view.strengths)]
    for card in view.cards:
        score = next((one for one in view.scores if one.domain == card.domain), None)
        lines += ["", *card_lines(card, score)]
    if view.learner is not None:
        score = next((one for one in view.scores if one.domain == view.learner.domain), None)
        lines += ["", *card_lines(view.learner, score)]
    if view.overall is not None:
        lines += ["", f"Overall: {chance(view.overall)}"]
    if view.sure:
        lines += ["", f"How sure: {view.sure}."]
        for one in view.sureness:
            lines.append(f"  {one.title}: {one.word}. {one.why}")
            lines += [f"    {one.frequency}"] if one.frequency else []
    run = view.run
    return [*lines, "", f"Run {run.run_id}, as of {run.as_of}. Models: {run.model_version or 'none'}."]


def card_lines(card: Card, score: ScoreFacts | None) -> list[str]:
    """One domain: its score, its facts, its drivers with their share in log-odds."""
    lines = [f"{card.title}: {chance(score) if score else 'not scored'}"]
    lines += [f"  {fact.text}" for fact in card.facts]
    for driver in score.drivers if score else ():
        lines.append(f"  {driver['contribution']:+.2f} {driver['direction']}: {driver['text']}")
    if card.note:
        lines.append(f"  {card.note}")
    return lines


def chance(score: ScoreFacts) -> str:
    """``band high, 0.62 (about 55 to 70 of 100 like this)``, or why there is no score."""
    if score.probability is None:
        return f"no score. {score.why_not or ''}".strip()
    late = ", on late data" if score.status == "stale" else ""
    if score.range_low is None or score.range_high is None:
        return f"band {score.band}, {score.probability:.2f}{late}"
    among = f"{range_in_words(score.range_low, score.range_high)} of 100 like this"
    return f"band {score.band}, {score.probability:.2f} ({among}){late}"
