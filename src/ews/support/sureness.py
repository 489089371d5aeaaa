"""How sure a score is, and why it is not surer: words, and a frequency where a range is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from ews.support.facts import DOMAIN_TITLES, came_about, range_in_words

WIDE = 0.30  # a range wider than this is called less sure
WELL_COVERED = 0.80  # share of a model's features on record from which a score is called fairly sure


@dataclass(frozen=True)
class ScoreFacts:
    """One domain's score as it was stored. ``drivers`` are dicts as INTERFACES has them."""

    domain: str
    title: str
    status: str
    probability: float | None
    band: str | None
    data_coverage: float
    drivers: tuple[Mapping[str, Any], ...]
    note: str | None
    why_not: str | None
    model_version: str
    range_low: float | None
    range_high: float | None


@dataclass(frozen=True)
class Sureness:
    """How sure a domain's score is, in words; ``frequency`` and ``out_of_ten`` where a range is known.

    ``frequency`` is a sentence about 100 students; ``out_of_ten`` (at least, up to) are its ten circles.
    """

    domain: str
    title: str
    word: str
    why: str
    frequency: str | None = None
    out_of_ten: tuple[int, int] | None = None


def score_facts(score: Row, drivers: Sequence[Mapping[str, Any]]) -> ScoreFacts:
    """A stored score, with those of its drivers that may be seen."""
    return ScoreFacts(
        domain=score.domain,
        title=DOMAIN_TITLES.get(score.domain, score.domain),
        status=score.status,
        probability=score.probability,
        band=score.band,
        data_coverage=score.data_coverage,
        drivers=tuple(drivers),
        note=score.note,
        why_not=score.why_not,
        model_version=score.model_version,
        range_low=score.range_low,
        range_high=score.range_high,
    )


def sureness_of(score: ScoreFacts, d_counts: bool = False) -> Sureness:
    """How sure one domain's score is: how often it came about, what is on record, and what is not."""
    word, why = word_and_why(score)
    told = frequency_of(score, d_counts)
    return Sureness(score.domain, score.title, word, why, frequency=told, out_of_ten=out_of_ten(score))


def word_and_why(score: ScoreFacts) -> tuple[str, str]:
    """``fairly sure``, ``less sure`` or ``cannot say yet``, and the sentence that says why."""
    if score.probability is None:
        return "cannot say yet", score.why_not or "Too little is on record."
    if score.status == "stale":
        return "less sure", "The school's records are late."
    if score.note:
        return "less sure", score.note
    if score.data_coverage < WELL_COVERED:
        return "less sure", f"Only {round(10 * score.data_coverage)} of 10 of what it looks at is on record."
    if (score.range_high or 0.0) - (score.range_low or 0.0) > WIDE:
        return "less sure", "Few earlier students had a record like this."
    return "fairly sure", "What it looks at is on record and up to date."


def frequency_of(score: ScoreFacts, d_counts: bool = False) -> str | None:
    """The range as a sentence about students of the past; None where none is known."""
    if score.range_low is None or score.range_high is None:
        return None
    among = range_in_words(score.range_low, score.range_high)
    return f"Of 100 students with a record like this, {among} {came_about(score.domain, d_counts)}."


def out_of_ten(score: ScoreFacts) -> tuple[int, int] | None:
    """The range in ten circles: so many at least, and up to so many."""
    if score.range_low is None or score.range_high is None:
        return None
    return round(100 * score.range_low) // 10, -(-round(100 * score.range_high) // 10)


def sure_sentence(sureness: Sequence[Sureness]) -> str:
    """``Fairly sure about attendance, less sure about grades``; empty with no score at all."""
    by_word: dict[str, list[str]] = {}
    for one in sureness:
        by_word.setdefault(one.word, []).append(one.title.lower())
    order = ("fairly sure", "less sure", "cannot say yet")
    parts = [f"{word} about {listed_words(by_word[word])}" for word in order if word in by_word]
    said = ", ".join(parts)
    return said[:1].upper() + said[1:]


def listed_words(words: Sequence[str]) -> str:
    """``attendance``, ``attendance and grades``, ``attendance, grades and behavior``."""
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
