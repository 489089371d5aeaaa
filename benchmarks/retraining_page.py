"""The table of the page on retraining, as the benchmark measured it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

START, END = "<!-- measured: start -->", "<!-- measured: end -->"
WORDS = {"helped_next": "then given support", "listed": "first on the list"}


def page(text: str, found: Mapping[str, Mapping[int, Mapping[str, Any]]]) -> str:
    """``text`` with the table between its two marks written anew."""
    before, rest = text.split(START)
    return f"{before}{START}\n{table(found)}\n{END}{rest.split(END)[1]}"


def table(found: Mapping[str, Mapping[int, Mapping[str, Any]]]) -> str:
    """One row a seed, kind of model and group of rows."""
    rows = [
        "| seed | model | of students | rows | happened | naive says | ours says | best"
        " | truth without support | repaired (95 %) | AUC naive, ours |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    rows += [
        f"| {seed} | {kind} | {WORDS[who]} | {told.rows:,} | {told.happened:.3f} | {told.naive:.3f}"
        f" | {told.ours:.3f} | {told.best:.3f} | {told.truth:.3f}"
        f" | {told.repair:.0%} ({told.low:.0%} to {told.high:.0%})"
        f" | {told.naive_auc:.3f}, {told.ours_auc:.3f} |"
        for kind, of_seeds in found.items()
        for seed, groups in of_seeds.items()
        for who, told in groups.items()
    ]
    return "\n".join(rows)
