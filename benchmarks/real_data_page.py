"""The page docs/real_data.md: our models on real students, beside rules and reference figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from real_set import HOUSE, PUBLISHED, WITH_FEES

Row = dict[str, Any]

HEAD = """# Real students, side by side

<!-- Written by `python benchmarks/real_data.py DIR [--runs N] --page docs/real_data.md`. -->

The modelling code of `ews train` (LightGBM with monotone constraints where a direction is known, a full
logistic regression, a sigmoid) on real, openly licensed data. DIR holds the published files:

- **UCI student performance** (Cortez and Silva 2008), who ends the year below 10 of 20; they published 20
  runs of ten folds.
- **UCI dropout** (Realinho and others 2022), who leaves against the rest; stratified folds.
- **OULAD** (Kuzilek and others 2017), 2013B to 2013J, who fails or withdraws: [its own page](oulad.md).

*Ours* is the kind that inner folds within each training part chose, with its configuration; nothing was
chosen on a fold that was then judged. AUC is the mean over folds, as cross-validation is published; the
interval (95 %) is over students. A reference within it is a tie."""

COLUMNS = """
*House rules* are what our models may see: no sex, age, nationality, marital status, family, home, health or
income; nothing that is not known by the day (absences counted over the whole year); no flag without a date
(debts, tuition fees: they may come after the outcome). The reference figures were made with every column, so
*every column, as published* is the comparison with them. It is used nowhere else in this project."""


def page(rows: Sequence[Row]) -> Iterator[str]:
    """The whole page, line by line."""
    yield HEAD
    yield COLUMNS
    for start, title in (("performance", "UCI student performance"), ("dropout", "UCI dropout")):
        own = [row for row in rows if str(row.get("set", "")).startswith(start)]
        if own:
            yield from ("", f"## {title}", "")
            yield from table_of(own)
            yield from costs(own)
    yield from oulad(rows)
    yield from ("", *meaning())


def table_of(rows: Sequence[Row]) -> Iterator[str]:
    """A line for each set and choice of columns."""
    yield "| set | columns | runs of ten folds | ours (95 %) | logistic (95 %) | rule | reference | verdict |"
    yield "|---|---|---|---|---|---|---|---|"
    for name, columns in dict.fromkeys((row["set"], row["columns"]) for row in rows):
        own = {row["measure"]: row for row in rows if (row["set"], row["columns"]) == (name, columns)}
        ours, logistic, rule = (own[f"auc_{one}"] for one in ("ours", "logistic", "rule"))
        reference = f"{ours['reference']:.3f}"
        if logistic["reference"]:
            reference += f" (logistic {logistic['reference']:.3f})"
        told = ours["verdict"] if columns == PUBLISHED else "other columns"
        figures = (with_interval(ours), with_interval(logistic), f"{rule['value']:.3f}")
        cells = (name, columns, str(ours["runs"]), *figures)
        yield f"| {' | '.join(cells)} | {reference} | {told} |"
    rules = dict.fromkeys((row["set"].split(",")[-1].strip(), row["rule"]) for row in rows if "rule" in row)
    yield ""
    yield "Rules: " + "; ".join(f"{when}: {words}" for when, words in rules) + "."


def costs(rows: Sequence[Row]) -> Iterator[str]:
    """What the house rules cost in AUC, set by set."""
    value = {(row["set"], row["columns"]): row["value"] for row in rows if row["measure"] == "auc_ours"}
    yield ""
    yield "What keeping to the house rules costs in AUC:"
    yield ""
    for name in dict.fromkeys(row["set"] for row in rows):
        house, every = value[name, HOUSE], value[name, PUBLISHED]
        fees = value.get((name, WITH_FEES))
        told = "" if fees is None else f"; of it the undated fee flags alone {fees - house:+.3f}"
        yield f"- {name}: {every - house:+.3f} with every column{told}"


def oulad(rows: Sequence[Row]) -> Iterator[str]:
    """OULAD day by day."""
    own = [row for row in rows if row["measure"] == "oulad_auc"]
    if not own:
        return
    yield from ("", "## OULAD, 2013B to 2013J", "")
    yield "| day | students | model | AUC | rule: latest mark below 40 | above the rule (95 %) |"
    yield "|---|---|---|---|---|---|"
    for row in own:
        above = f"{row['difference']:+.3f} ({row['low']:+.3f} to {row['high']:+.3f})"
        cells = (str(row["day"]), f"{row['rows']:,}", row["kind"], f"{row['value']:.3f}")
        yield f"| {' | '.join(cells)} | {row['reference']:.3f} | {above} |"


def meaning() -> Iterator[str]:
    """What must not be read into the figures."""
    yield "## What this does not show"
    yield ""
    yield "- Folds mix students of the same year, so these figures are kinder than the next year's would be:"
    yield "  our own models are never judged so (`ews evaluate`)."
    yield "- A few hundred students make wide intervals: most verdicts in the small sets are ties."
    yield "- With few students trees may have fewer rows a leaf than in a district (20 or 60, not 80 and"
    yield "  more). Inner folds choose, but the handful of configurations they choose from was written down"
    yield "  after a look at two runs of the same cross-validation."


def with_interval(row: Row) -> str:
    """A figure with its interval."""
    return f"{row['value']:.3f} ({row['low']:.3f} to {row['high']:.3f})"
