"""What of a student fits one sheet above the team's own third; the rest stays on the student's page.

A sheet is never cut in the middle of a sentence: what does not fit is left out whole, the oldest supports
first, and the sheet says that there is more.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import ceil

from ews.support.handouts import Handout
from ews.support.supports_tried import SupportTried

ROOM = 668.0  # CSS px above the third that is the team's, on Letter, the smaller of the two papers there
HEADS = 452.0  # what every sheet has: names of the parts, the drawing and its words, the lines between
LINE, ROW = 18.3, 6.5  # a line of text; what a row of facts adds to its lines
LONG_NAME = 36  # letters from which a name is set smaller
NAME_LINE = 22.0
WHOLE, HALF, FACT, NAME = 92, 44, 54, 30  # letters that fit across, on the safe side


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
