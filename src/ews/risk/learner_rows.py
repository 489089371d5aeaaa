"""The rows of the English learners' own model: what it learns from, and whom it is asked about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from ews.errors import BadData
from ews.features.english_learners import learner_frame, learner_matrix
from ews.risk.bundle import Bundle
from ews.risk.populations import ByPopulation
from ews.risk.rows import Past
from ews.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from ews.records.lake import Records

TARGET = "el_progress"


def past_learners(everyone: Past, settings: Settings) -> Past:
    """What the learners' model may learn from: the learners' rows of ``everyone``, in years with labels.

    Errors: BadData when the records tell of no English learner, or of no annual result to judge by.
    """
    days = sorted(set(everyone.matrix["as_of"]))
    learners = learner_frame(everyone.records, days, settings=settings)
    if learners.empty:
        raise BadData("No English learner is on record.", "Load el_status, or leave this model out.")
    matrix = learner_matrix(everyone.matrix, learners)
    labels = everyone.outcome(TARGET, settings).dropna(subset=["label"])
    closed = matrix.merge(labels[["student_id", "as_of"]], on=["student_id", "as_of"])
    years = tuple(sorted(set(closed["school_year"].astype(int))))
    if not years:
        raise BadData(
            "No English learner has two annual English tests on record.",
            "Load assessments of two springs (elpac_sum, alt_elpac, or family other with subject eld).",
        )
    own = matrix["school_year"].isin(years)
    return replace(everyone, matrix=matrix[own].reset_index(drop=True), years=years)


def learners_of(
    bundles: Mapping[str, Bundle], records: Records, matrix: pd.DataFrame, settings: Settings
) -> pd.DataFrame | None:
    """The learners' matrix of the rows of ``matrix``; None where no model in service is asked about them."""
    if not ByPopulation.of(bundles).learners or matrix.empty:
        return None
    days = sorted(set(matrix["as_of"]))
    students = sorted(set(matrix["student_id"]))
    return learner_matrix(matrix, learner_frame(records, days, settings=settings, students=students))
