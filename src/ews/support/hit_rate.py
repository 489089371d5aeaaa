"""How often the list is right here, and each band: on the last closed year of this district.

The models in service were tested, as their recipe stood, on a year that they had not learned from, with the
outcomes that have matured since. Their cards keep what came of it; here it is told in tenths, or not at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ews.settings import Settings
from ews.support.facts import came_about
from ews.support.levels import FIRST, LEVEL_WORDS, NEXT

if TYPE_CHECKING:
    from ews.risk.bundle import Bundle

SPEAKS_FOR_THE_LIST = ("overall", "attendance")
TENTHS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
FEWEST = 11  # students behind a sentence: a smaller group is not shown


def hit_rate(bundles: Mapping[str, Bundle], listed_share: float, first_share: float = 0.0) -> str | None:
    """A sentence in tenths, from the model's card, at the tested capacities nearest to the shares.

    None when no card tells of a test year, or too few students would have been listed in it.
    """
    bundle = next((bundles[name] for name in SPEAKS_FOR_THE_LIST if name in bundles), None)
    if bundle is None or not bundle.card.get("tests"):
        return None
    test = bundle.card["tests"][0]
    reached = precisions(test["measures"].get(bundle.kind, {}))
    if not reached:
        return None
    listed = nearest(reached, listed_share)
    if test.get("students", 0) * listed / 100 < FEWEST:
        return None
    predicts = bundle.card["predicts"].rstrip(".")
    hits = round(10 * reached[listed])
    return (
        f"Of 10 students who would have been listed in {school_year(test['year'])}, a year the model had not"
        f" seen, about {hits} went on to what it looks for: {predicts[:1].lower()}{predicts[1:]}."
        f" {TENTHS[10 - hits].capitalize()} did not.{by_level(reached, listed, first_share, test)}"
    )


def by_level(reached: Mapping[int, float], listed: int, first_share: float, test: Mapping[str, Any]) -> str:
    """The same for See first and See next, where the list was tested at both and each has enough students."""
    first = nearest(reached, first_share) if first_share else listed
    if first >= listed or test["students"] * min(first, listed - first) / 100 < FEWEST:
        return ""
    rest = (reached[listed] * listed - reached[first] * first) / (listed - first)
    return (
        f" {LEVEL_WORDS[FIRST]}: about {round(10 * reached[first])} of 10;"
        f" {LEVEL_WORDS[NEXT]}: about {round(10 * rest)} of 10."
    )


def precisions(measures: Mapping[str, float]) -> dict[int, float]:
    """Capacity in percent to the share of those listed at it to whom it happened."""
    start = "precision_at_"
    return {
        int(name.removeprefix(start)): value for name, value in measures.items() if name.startswith(start)
    }


def nearest(reached: Mapping[int, float], share: float) -> int:
    """The tested capacity nearest to ``share``."""
    return min(reached, key=lambda capacity: (abs(capacity - 100 * share), capacity))


def school_year(year: int) -> str:
    """``2024-25`` for the school year that ends in 2025."""
    return f"{year - 1}-{year % 100:02d}"


def band_rates(bundles: Mapping[str, Bundle], settings: Settings) -> dict[str, dict[str, str]]:
    """Domain to band to a sentence in tenths; a band with too few students in the test year has none."""
    found = {}
    for name, bundle in bundles.items():
        came = came_about(name, settings["grades.a_g_minimum_is_c"])
        tests = bundle.card.get("tests") or [{}]
        told = {
            band: sentence
            for band, (low, high) in bands_of(bundle.card.get("base_rate", 0.0), settings).items()
            if (sentence := band_rate(tests[0], low, high, came)) is not None
        }
        if told:
            found[name] = told
    return found


def bands_of(base_rate: float, settings: Settings) -> dict[str, tuple[float, float]]:
    """Where each band begins and ends."""
    elevated, high = settings["bands.elevated"], settings["bands.high"]
    watch = min(base_rate, elevated)
    return {
        "high": (high, 1.0),
        "elevated": (elevated, high),
        "watch": (watch, elevated),
        "low": (0.0, watch),
    }


def band_rate(test: Mapping[str, Any], low: float, high: float, came: str) -> str | None:
    """``Of 10 students in this band in 2024-25, about 7 ended the term with an F.``, from the test year."""
    steps: Sequence[Mapping[str, Any]] = test.get("said_and_happened", ())
    inside = [step for step in steps if low - 1e-9 <= step["from"] < high - 1e-9]
    rows = sum(step["rows"] for step in inside)
    if not inside or max(step["students"] for step in inside) < FEWEST:
        return None
    hits = round(10 * sum(step["happened"] for step in inside) / rows)
    return f"Of 10 students in this band in {school_year(test['year'])}, about {hits} {came}."
