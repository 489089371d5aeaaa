"""The conditions against what serves: recall, Brier and missed students of every group, year by year."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ews.risk.verdict import Gate

RECALL_LOST = -0.01  # recall at 10 %: how far below 0 the one-sided 95 % bound may lie
BRIER_WORSE = 0.0005  # what changes the Brier score's third decimal
MISSED_MORE = 0.03  # false negative rate of a group


def beside_incumbent(card: Mapping[str, Any], incumbent: str | None) -> list[Gate]:
    """The candidate of ``card`` against the version in service, on every test year that both were asked."""
    if incumbent is None:
        return [Gate("incumbent", True, "nothing serves yet: judged against the rule and the logistic")]
    if incumbent in (card["version"], card.get("repaired", {}).get("from")):
        return [Gate("incumbent", True, f"the order is that of {incumbent}, which serves")]
    years = {test["year"]: test.get("incumbent") for test in card["tests"]}
    if any(found is None or found["version"] != incumbent for found in years.values()):
        return [Gate("incumbent", False, f"not compared with {incumbent}, which serves: train it again")]
    latest = next(iter(years.values()))
    if latest is None or "why_not" in latest:
        why = latest["why_not"] if latest else ""
        return [Gate("incumbent", False, f"cannot be compared with {incumbent}, which serves: {why}")]
    compared = {year: found for year, found in years.items() if found and "why_not" not in found}
    return [recall_kept(compared), brier_kept(compared), *groups_kept(compared)]


def recall_kept(years: Mapping[int, Mapping[str, Any]]) -> Gate:
    """Recall at 10 % is not worse by more than a point."""
    told = "; ".join(
        f"{year} {100 * found['recall']['point']:+.1f} points (one-sided 95 % bound"
        f" {100 * found['recall']['low']:+.1f})"
        for year, found in years.items()
    )
    passed = all(found["recall"]["low"] >= RECALL_LOST for found in years.values())
    return Gate("incumbent_recall", passed, f"recall at 10 % against what serves, at least -1: {told}")


def brier_kept(years: Mapping[int, Mapping[str, Any]]) -> Gate:
    """The squared error is not worse."""
    told = "; ".join(
        f"{year} {found['brier'][0]:.4f} against {found['brier'][1]:.4f}" for year, found in years.items()
    )
    passed = all(found["brier"][0] <= found["brier"][1] + BRIER_WORSE for found in years.values())
    return Gate("incumbent_brier", passed, f"Brier against what serves: {told}")


def groups_kept(years: Mapping[int, Mapping[str, Any]]) -> Iterator[Gate]:
    """No group has more of its students missed than before, by more than 3 points."""
    worse = [
        f"{name} in {year}: {group['missed']:.0%} missed, {group['before']:.0%} before"
        for year, found in years.items()
        for name, group in found["groups"].items()
        if group["missed"] > group["before"] + MISSED_MORE
    ]
    groups = sum(len(found["groups"]) for found in years.values())
    told = "; ".join(worse) if worse else f"none of {groups} groups is missed by 3 points more than before"
    yield Gate("incumbent_groups", not worse, told)
