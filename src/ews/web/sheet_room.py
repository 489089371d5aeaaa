"""What of a student fits one sheet above the team's own third; the rest stays on the student's page.

A sheet is never cut in the middle of a sentence: what does not fit is left out whole, the oldest supports
first, and the sheet says that there is more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import ceil

from ews.support.agenda import Agenda
from ews.support.decisions import Decision
from ews.support.handouts import Handout
from ews.support.supports_tried import SupportTried

ROOM = 668.0  # CSS px above the third that is the team's, on Letter, the smaller of the two papers there
HEADS = 452.0  # what every sheet has: names of the parts, the drawing and its words, the lines between
LINE, ROW = 18.3, 6.5  # a line of text; what a row of facts adds to its lines
LONG_NAME = 36  # letters from which a name is set smaller
NAME_LINE = 22.0
MOST_DECIDED, MOST_TASK = 300, 80  # letters of what was decided before, of who does it and what they do
BEFORE_ROOM, BEFORE_ROW = 840.0, 10.0  # for the rows of what was decided before; what a row adds to its lines
DECIDED_LETTERS, TASK_LETTERS = 34, 22  # letters that fit across there
WHOLE, HALF, FACT, NAME = 92, 44, 54, 30  # letters that fit across, on the safe side


@dataclass(frozen=True)
class DecidedBefore:
    """A row of what was decided before, and for whom."""

    display_name: str
    decision: Decision


def sheets_before(agenda: Agenda) -> tuple[tuple[DecidedBefore, ...], ...]:
    """What other meetings decided for the students of an agenda, as many rows a sheet as fit; often none."""
    sheets: list[list[DecidedBefore]] = []
    left = 0.0
    for entry in agenda.entries:
        for decision in entry.before:
            tall = height_of(decision)
            if tall > left:
                sheets.append([])
                left = BEFORE_ROOM
            sheets[-1].append(DecidedBefore(entry.row.display_name, decision))
            left -= tall
    return tuple(tuple(rows) for rows in sheets)


def height_of(decision: Decision) -> float:
    """How tall a row of what was decided before is drawn, in CSS px."""
    task = f"{decision.adult[:MOST_TASK]}: {decision.does[:MOST_TASK]}, by 30 Sept"
    most = max(lines(decision.decided[:MOST_DECIDED], DECIDED_LETTERS), lines(task, TASK_LETTERS), 2)
    return LINE * most + BEFORE_ROW


def fitted(handout: Handout) -> Handout:
    """``handout`` with as much as fits; ``more`` says whether anything was left out."""
    while needed(handout) > ROOM:
        shorter = shortened(handout)
        if shorter is None:
            return handout
        handout = replace(shorter, more=True)
    return handout


def shortened(handout: Handout) -> Handout | None:
    """One thing less, what is missed least first; None when only one of each is left."""
    if len(handout.supports) > 1 and len(handout.supports) >= len(handout.contacts):
        return replace(handout, supports=handout.supports[:-1])
    if len(handout.facts) > 3:
        return replace(handout, facts=handout.facts[:-1])
    if len(handout.contacts) > 1:
        return replace(handout, contacts=handout.contacts[:-1])
    if len(handout.strengths) > 1:
        return replace(handout, strengths=handout.strengths[:-1])
    return replace(handout, facts=handout.facts[:-1]) if len(handout.facts) > 1 else None


def needed(handout: Handout) -> float:
    """How tall the sheet's upper part is drawn, in CSS px."""
    under_name = f"{handout.counselor}{handout.languages}{' ' * 40}"
    top = NAME_LINE * (lines(handout.entry.row.display_name, NAME) - 1) + LINE * (
        lines(under_name, WHOLE) - 1
    )
    said = max(all_lines((one.fact for one in handout.strengths), HALF), lines(handout.view.change, HALF))
    facts = sum(LINE * lines(one.fact, FACT) + ROW for one in handout.facts)
    tried = all_lines((told(one) for one in handout.supports), HALF)
    spoken = all_lines((f"{one.who}, {one.how}, 30 Sept 2025" for one in handout.contacts), HALF)
    more = LINE if handout.more else 0.0
    return HEADS + top + LINE * (said + max(tried, spoken, 1)) + facts + more


def told(support: SupportTried) -> str:
    """About as many letters as the sheet has for a support."""
    return f"{support.kind}, since 30 Sept 2025: {support.dose or ''}. {support.result}."


def lines(text: str, across: int) -> int:
    """How many lines ``text`` takes where ``across`` letters fit one."""
    return max(1, ceil(len(text) / across))


def all_lines(texts: Iterable[str], across: int) -> int:
    """How many lines a list takes; at least one, which then says that there is none."""
    return max(1, sum(lines(text, across) for text in texts))
