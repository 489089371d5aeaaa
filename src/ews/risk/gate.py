"""Whether a candidate has earned its place: the first gate, against the rules and against chance.

It must put more of the outcomes on a list of 10 % than the ABC rule does, order better than chance, say
probabilities that hold (METHOD's debiased test), come with a complete card, and, when it is stacked,
stand on models that are in service.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ews.risk.calibration_error import ALLOWED
from ews.risk.cards import missing_from

RULES = {"abc_rule": "the ABC rule", "latest_below_40": "the rule 'latest mark below 40'"}
"""The rule that a model must beat, by its name among the rivals: the one that its kind of rows has."""


@dataclass(frozen=True)
class Gate:
    """One condition: whether it is met, and the numbers in words."""

    name: str
    passed: bool
    told: str


def gates(card: Mapping[str, Any], in_service: Mapping[str, str | None]) -> list[Gate]:
    """Every gate for the candidate of ``card``; ``in_service`` maps model names to versions."""
    missing = missing_from(card)
    if "tests" in missing or "kind" in missing:
        return [Gate("card", False, f"the card lacks {', '.join(missing)}")]
    test = card["tests"][0]
    told = test["measures"]
    return [
        beats_rule(test["recall_gain_over"], test["year"]),
        beats_chance(told[card["kind"]], told["base_rate"], test["year"]),
        calibrated(test["calibration"]),
        Gate(
            "card", not missing, f"the card lacks {', '.join(missing)}" if missing else "the card is complete"
        ),
        *(
            stands_on(name, version, in_service.get(name))
            for name, version in card.get("stacked_on", {}).items()
        ),
    ]


def beats_rule(gains: Mapping[str, Mapping[str, float]], year: int) -> Gate:
    """More of the outcomes on a list of 10 % than by the rule, at the same number of names."""
    name = next(rule for rule in RULES if rule in gains)
    gain = gains[name]
    told = (
        f"recall at 10 % in {year} is {100 * gain['point']:+.1f} points against {RULES[name]}"
        f" ({100 * gain['low']:+.1f} to {100 * gain['high']:+.1f})"
    )
    return Gate(name, gain["point"] > 0, told)


def beats_chance(model: Mapping[str, float], chance: Mapping[str, float], year: int) -> Gate:
    """A better order and smaller squared error than saying the base rate of everyone."""
    precision, base = (measures.get("average_precision", 0.0) for measures in (model, chance))
    told = (
        f"in {year} average precision {precision:.3f} against {base:.3f} by the base rate,"
        f" Brier {model['brier']:.4f} against {chance['brier']:.4f}"
    )
    return Gate("base_rate", precision > base and model["brier"] < chance["brier"], told)


def calibrated(error: Mapping[str, Any]) -> Gate:
    """The lower bound of the debiased calibration error is within what is allowed."""
    told = (
        f"calibration error {error['error']:.3f}, lower bound {error['low']:.3f} of at most {ALLOWED}"
        f" over {error['students']:,} students: {error['verdict']}"
    )
    return Gate("calibration", error["verdict"] != "fail", told)


def stands_on(name: str, version: str, current: str | None) -> Gate:
    """The exact version that a composite was stacked on is in service."""
    told = f"stacked on {version}; in service is {current or 'nothing'}"
    return Gate(f"stands_on_{name}", version == current, told)
