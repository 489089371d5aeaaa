"""How often the list is right here: what its model reached on a year of this district it had not seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ews.risk.bundle import Bundle

SPEAKS_FOR_THE_LIST = ("overall", "attendance")
TENTHS = ("None", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
FEWEST = 110  # students in the test year: at a tenth of them listed, more than ten stand behind the sentence


def hit_rate(bundles: Mapping[str, Bundle], share: float) -> str | None:
    """A sentence in tenths, from the model's card, at the tested capacity nearest to ``share``.

    None when no card tells of a test year, or too few students were in it.
    """
    bundle = next((bundles[name] for name in SPEAKS_FOR_THE_LIST if name in bundles), None)
    if bundle is None or not bundle.card.get("tests"):
        return None
    test = bundle.card["tests"][0]
    reached = {
        int(name.removeprefix("precision_at_")): value
        for name, value in test["measures"].get(bundle.kind, {}).items()
        if name.startswith("precision_at_")
    }
    if not reached or test.get("students", 0) < FEWEST:
        return None
    precision = reached[min(reached, key=lambda capacity: abs(capacity - 100 * share))]
    hits = round(10 * precision)
    predicts = bundle.card["predicts"].rstrip(".")
    year = f"{test['year'] - 1}-{test['year'] % 100:02d}"
    return (
        f"In {year}, a year the model had not seen, about {hits} of 10 students it would have listed went on"
        f" to what it looks for: {predicts[:1].lower()}{predicts[1:]}. {TENTHS[10 - hits]} did not."
    )
