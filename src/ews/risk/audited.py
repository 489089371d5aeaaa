"""The audit that a candidate is given while its test year is at hand, and what its card says of it."""

from __future__ import annotations

from typing import Any

import numpy as np

from ews.risk.fairness import FAILED, TOO_FEW, Audit, audit_model
from ews.risk.groups import UNKNOWN, Groups, groups_of_rows
from ews.risk.judging import Judgement
from ews.risk.need_individual_scores import need_individual_scores
from ews.risk.rows import Past, Rows
from ews.risk.splits import Split
from ews.settings import Settings

FAIRNESS = {
    FAILED: "The audit by group of {year} raised an alarm: {alarms}",
    TOO_FEW: "The audit by group of {year} had too few students with the outcome to test any disparity.",
}
QUIET = "The audit by group of {year} raised no alarm in the {groups} groups that could be tested."


def audited(
    name: str,
    known: Past,
    judgement: Judgement,
    chosen: str,
    rows: Rows,
    split: Split,
    settings: Settings,
) -> Audit:
    """The audit of ``chosen`` on the test year of ``split``, and whether individual scores are needed."""
    probability = judgement.candidates[chosen]
    groups = groups_known(known, judgement, settings)
    earlier = rows.of([*split.fit, split.latest])
    need = need_individual_scores(judgement.year, judgement.rows, probability, earlier)
    more = {} if need is None else {"individual_scores": need.as_json()}
    return audit_model(name, judgement.year, judgement.rows, probability, groups, more=more)


def groups_known(known: Past, judgement: Judgement, settings: Settings) -> Groups:
    """The groups of the rows of a test year."""
    long_term = known.long_term_in(judgement.year, settings)
    return groups_of_rows(known.records, judgement.rows.matrix, known.until, long_term)


def compared_groups(known: Past, judgement: Judgement, settings: Settings) -> dict[str, np.ndarray]:
    """Rows (booleans) of a test year by group, in which a candidate is held against what serves."""
    groups = groups_known(known, judgement, settings)
    return {
        f"{dimension.title}: {title}": dimension.of(code)
        for dimension in groups.dimensions
        for code, title in dimension.groups
        if dimension.shown and code != UNKNOWN
    }


def on_card(audit: Audit) -> dict[str, Any]:
    """What the model's card says of its audit: the verdict with its alarms, and a sentence."""
    alarms = " ".join(alarm.told for alarm in audit.alarms)
    words = FAIRNESS.get(audit.verdict, QUIET)
    told = words.format(year=audit.year, alarms=alarms, groups=audit.summary()["groups"])
    return {"audit": audit.summary(), "fairness": told}
