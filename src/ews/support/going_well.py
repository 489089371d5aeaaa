"""What goes well for a student whom the models give no strength: plain facts of the day's matrix, dated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ews.features.strengths import plain_strengths
from ews.support.shown import first_of, is_plain
from ews.support.trend import GROWING

if TYPE_CHECKING:
    from ews.risk.scoring import Score

MOST_WELL = 3
EASED = re.compile(r"Missed [\d.]+ of the last .+, after ")
"""Fewer days missed than before: of a month or two weeks, and so of other weeks than the list's four bars."""


def agreeing(told: Iterable[str], trend_word: str) -> list[str]:
    """What goes well, less what would contradict ``Growing`` beside it: that fewer days are missed."""
    return [text for text in told if not (trend_word == GROWING and EASED.match(text))]


def facts_going_well(row: Mapping[str, Any], scores: Iterable[Score], trend_word: str = "") -> list[str]:
    """Plain strengths of one row of the matrix, strongest first: or more, until three are for everybody.

    What would only turn a reason of ``scores`` around comes last.
    """
    raised = {
        driver["code"] for score in scores for driver in score.drivers if driver["direction"] == "raises"
    }
    found = plain_strengths(row, raised)
    told = [dated(sentence, strength.source, row) for strength, sentence in found]
    return first_of(agreeing(told, trend_word), MOST_WELL, is_plain)


def dated(sentence: str, table: str, row: Mapping[str, Any]) -> str:
    """The sentence with where it comes from and the last day on record there: ``. SIS, 14 Nov.``"""
    from ews.risk.sentences import MONTHS, through

    day = through(table, row)
    return f"{sentence}." if day is None else f"{sentence}. SIS, {day.day} {MONTHS[day.month - 1]}."
