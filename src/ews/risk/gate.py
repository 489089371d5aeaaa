"""Whether a candidate has earned its place: METHOD's conditions, each with its number in words.

It must put more of the outcomes on a list of 10 % than the ABC rule, order better than chance, and hold
against the full logistic; say probabilities that hold for everyone and in each kind of student; be no
worse than what serves; pass its audit; read today's features and answer in time; and carry a complete card
that an analyst and an equity reviewer have signed. A composite stands on models that are in service.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ews.risk.bundle import Bundle
from ews.risk.calibration_error import ALLOWED
from ews.risk.cards import missing_from
from ews.risk.incumbent_gate import beside_incumbent
from ews.risk.judging import ENOUGH_TO_COMPARE, NEEDED
from ews.risk.signing import Signature, lacking
from ews.risk.trial import A_THOUSAND, ONE_STUDENT, otherwise_today, seconds_to_answer
from ews.risk.verdict import Gate

RULES = {"abc_rule": "the ABC rule", "latest_below_40": "the rule 'latest mark below 40'"}
"""The rule that a model must beat, by its name among the rivals: the one that its kind of rows has."""
ALLOWED_IN_A_GROUP = 0.05
NEAR_LOGISTIC = -0.01  # recall at 10 %: a composite may fall this much behind the full logistic
WITHOUT_TESTS = frozenset({"tests", "kind"})


def gates(card: Mapping[str, Any], in_service: Mapping[str, str | None]) -> list[Gate]:
    """Every condition that the card of a candidate answers; ``in_service`` maps model names to versions."""
    missing = missing_from(card)
    if WITHOUT_TESTS & set(missing):
        return [Gate("card", False, f"the card lacks {', '.join(missing)}")]
    test = card["tests"][0]
    told = test["measures"]
    return [
        beats_rule(test["recall_gain_over"], test["year"]),
        beats_chance(told[card["kind"]], told["base_rate"], test["year"]),
        beside_logistic(card),
        *holding(card),
        *beside_incumbent(card, in_service.get(card["name"])),
        audited(card),
        Gate(
            "card", not missing, f"the card lacks {', '.join(missing)}" if missing else "the card is complete"
        ),
        *(
            stands_on(name, version, in_service.get(name))
            for name, version in card.get("stacked_on", {}).items()
        ),
    ]


def holding(card: Mapping[str, Any]) -> list[Gate]:
    """Whether its probabilities hold: on the test year, or after a repair on the labels of that."""
    if "repaired" in card:
        return [repaired(card["repaired"])]
    return [calibrated(card["tests"][0]["calibration"]), calibrated_in_groups(card["tests"][0])]


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


def beside_logistic(card: Mapping[str, Any]) -> Gate:
    """LightGBM beats the full logistic as METHOD asks; a composite does not fall behind it."""
    if card["kind"] == "logistic":
        return Gate("logistic", True, "it is the full logistic regression itself")
    gains = [test["recall_gain_over"].get("logistic") for test in card["tests"]]
    known = [gain for gain in gains if gain is not None]
    said = "; ".join(f"{100 * gain['point']:+.1f} points" for gain in known) or "not compared"
    if card["kind"] == "lightgbm":
        wins = sum(gain["point"] >= NEEDED and gain["low"] > 0 for gain in known)
        passed = bool(known) and 3 * wins >= 2 * len(known)
        wanted = "2 points and an interval above 0 in two of three test years"
    else:
        passed = bool(known) and known[0]["point"] >= NEAR_LOGISTIC
        wanted = "at most 1 point behind"
    return Gate("logistic", passed, f"recall at 10 % against the full logistic: {said} (asked: {wanted})")


def calibrated(error: Mapping[str, Any]) -> Gate:
    """The lower bound of the debiased calibration error is within what is allowed."""
    told = (
        f"calibration error {error['error']:.3f}, lower bound {error['low']:.3f} of at most {ALLOWED}"
        f" over {error['students']:,} students: {error['verdict']}"
    )
    return Gate("calibration", error["verdict"] != "fail", told)


def calibrated_in_groups(test: Mapping[str, Any]) -> Gate:
    """The same in every kind of student to whom it happened often enough."""
    bounds = {
        name: group["calibration_low"] for name, group in test["groups"].items() if "calibration_low" in group
    }
    if not bounds or test["calibration"]["verdict"] == "too few to tell":
        why = (
            "too few to tell" if bounds else f"no group in which it happened to {ENOUGH_TO_COMPARE} students"
        )
        return Gate("calibration_in_groups", True, f"calibration in groups: {why}")
    told = ", ".join(f"{name} {low:.3f}" for name, low in bounds.items())
    return Gate(
        "calibration_in_groups",
        all(low <= ALLOWED_IN_A_GROUP for low in bounds.values()),
        f"calibration error in groups, lower bounds of at most {ALLOWED_IN_A_GROUP}: {told}",
    )


def repaired(repair: Mapping[str, Any]) -> Gate:
    """What a repair reached on matured labels, each student judged by a shift learned from others."""
    before, after = repair["before"], repair["after"]
    told = (
        f"on {repair['labels']:,} matured labels it said {before['said']:.3f} where {before['happened']:.3f}"
        f" happened; repaired it says {after['said']:.3f}, calibration error {after['error']:.3f}, lower"
        f" bound {after['low']:.3f} of at most {ALLOWED}, Brier {before['brier']:.4f} to {after['brier']:.4f}"
    )
    return Gate("repair", after["low"] <= ALLOWED and after["brier"] <= before["brier"], told)


def audited(card: Mapping[str, Any]) -> Gate:
    """The fairness audit of this very candidate has found no alarm."""
    audit = card.get("audit")
    if audit is None:
        return Gate("audit", False, "not audited: train it again")
    alarms = ", ".join(str(alarm) for alarm in audit["alarms"])
    told = f"audit of {audit['groups']} groups in {audit['year']}: {audit['verdict']}"
    return Gate("audit", audit["verdict"] != "failed", f"{told} ({alarms})" if alarms else told)


def stands_on(name: str, version: str, current: str | None) -> Gate:
    """The exact version that a composite was stacked on is in service."""
    told = f"stacked on {version}; in service is {current or 'nothing'}"
    return Gate(f"stands_on_{name}", version == current, told)


def fit_for_service(bundle: Bundle) -> list[Gate]:
    """The tests of schema and latency, on this machine, today."""
    otherwise = otherwise_today(bundle)
    one, many = seconds_to_answer(bundle)
    schema = (
        f"features that mean something else today: {', '.join(otherwise)}"
        if otherwise
        else f"its {len(bundle.features)} features mean what they meant when it was fitted"
        if bundle.features
        else "it takes no features of its own"
    )
    latency = (
        f"one student in {1000 * one:.1f} ms of at most {1000 * ONE_STUDENT:.0f},"
        f" a thousand in {many:.2f} s of at most {A_THOUSAND:.0f}"
    )
    return [
        Gate("schema", not otherwise, schema),
        Gate("latency", one <= ONE_STUDENT and many <= A_THOUSAND, latency),
    ]


def signed(signatures: Sequence[Signature]) -> Gate:
    """An analyst and an equity reviewer, two people, answer for it."""
    wanting = lacking(signatures)
    names = " and ".join(f"{one.name} ({one.role})" for one in signatures)
    return Gate("signed", not wanting, wanting or f"signed by {names}")
