"""Who was given support after an as-of date, so that a model need not mistake being helped for being safe.

A label tells what happened with the support that was given. Learned as it stands, it teaches that the
students whom counselors help are not at risk. So the fit is told, beside every row, for how much of its
horizon support ran after the as-of date; at scoring that is set to what is usual. It is never a feature: no
bundle asks for it. Support before the as-of date is one (``ews.features.support``).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ews.features.catalogue import SUPPORT
from ews.risk.definition import RiskModel
from ews.school_year import end_of_day, planned_by_calendar

if TYPE_CHECKING:
    from ews.records.lake import Records

HORIZON = 45  # school days, as in ews.outcomes
SOON_DAYS = 10
"""Support that begins within so many school days answers what was known on the as-of date; what begins
later may answer what happened after it."""

SOON, AHEAD = "support_begun_soon", "support_ahead"
"""Columns of the training matrix: the share, 0 to 1, of the horizon's days in support that began soon after
the as-of date, and in any support."""

BEFORE = "support_days"
FEATURES_OF_SUPPORT = tuple(feature.name for feature in SUPPORT)


@dataclass(frozen=True)
class SupportAhead:
    """(n,) shares of each row's horizon in support that began soon after the as-of date, and in any; and who
    had ``none_before``: no support in the 45 school days up to that date."""

    soon: np.ndarray
    ahead: np.ndarray
    none_before: np.ndarray


def support_in(matrix: pd.DataFrame) -> SupportAhead | None:
    """What ``matrix`` says of support given after its days; None where nothing was told, or none given."""
    if AHEAD not in matrix.columns or not matrix[AHEAD].to_numpy().any():
        return None
    soon, ahead = (matrix[name].to_numpy(dtype=float) for name in (SOON, AHEAD))
    return SupportAhead(soon, ahead, matrix[BEFORE].to_numpy(dtype=float) == 0)


def with_support_ahead(matrix: pd.DataFrame, records: Records, until: date) -> pd.DataFrame:
    """``matrix`` with SOON and AHEAD, from the interventions known by ``until``; as it is without."""
    if not records.has("interventions"):
        return matrix
    given = interventions_known(records, until)
    days = school_days_of(records, sorted(set(matrix["school_year"].astype(int))))
    return matrix.assign(**shares_ahead(matrix, given, days))


def with_what_was_told(model: RiskModel, matrix: pd.DataFrame) -> RiskModel:
    """``model`` without the features of support where the district hands over no interventions."""
    silent = [name for name in FEATURES_OF_SUPPORT if name not in matrix or matrix[name].isna().all()]
    return replace(model, features=tuple(name for name in model.features if name not in silent))


def interventions_known(records: Records, until: date) -> pd.DataFrame:
    """student_id, begin_date, end_date (NaT where open) of what was known at the end of ``until``.

    Nothing else of an intervention is read: its kind could tell a group.
    """
    table = records.table("interventions")
    moment = end_of_day(until, records.timezone)
    stands = table.superseded_at.isnull() | (table.superseded_at >= moment)
    rows = table.filter(table.known_at < moment, stands)
    found = rows.select("student_id", "begin_date", "end_date").to_pyarrow().to_pandas()
    for column in ("begin_date", "end_date"):
        found[column] = pd.to_datetime(found[column]).astype("datetime64[s]")
    return found


def school_days_of(records: Records, years: Iterable[int]) -> dict[str, np.ndarray]:
    """Each school's planned days of all ``years``, in order; under "" those of any school."""
    days: dict[str, set[date]] = {"": set()}
    for year in years:
        for school, planned in planned_by_calendar(records, year).items():
            days.setdefault(school, set()).update(planned)
            days[""] |= planned
    return {school: np.array(sorted(every), dtype="datetime64[D]") for school, every in days.items()}


def shares_ahead(
    matrix: pd.DataFrame, given: pd.DataFrame, days: dict[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """SOON and AHEAD for each row of ``matrix``."""
    rows = pd.DataFrame(
        {
            "row": np.arange(len(matrix)),
            "student_id": matrix["student_id"].to_numpy(),
            "school_id": matrix["school_id"].to_numpy(),
            "as_of": pd.to_datetime(matrix["as_of"]).to_numpy().astype("datetime64[D]"),
        }
    ).merge(given, on="student_id")
    shares = {name: np.zeros(len(matrix)) for name in (SOON, AHEAD)}
    for school, part in rows.groupby("school_id"):
        planned = days.get(str(school), days[""])
        begin, end, as_of = edges_of(part)
        # school days before the support's first, up to its last, and up to the as-of date
        first, last, now = (np.searchsorted(planned, day, side="right") for day in (begin - 1, end, as_of))
        inside = np.maximum(np.minimum(last, now + HORIZON) - np.maximum(first, now), 0) / HORIZON
        soon = (begin > as_of) & (first < now + SOON_DAYS)
        np.add.at(shares[AHEAD], part["row"].to_numpy(), inside)
        np.add.at(shares[SOON], part["row"].to_numpy(), inside * soon)
    return {name: np.minimum(values, 1.0) for name, values in shares.items()}


def edges_of(part: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each support's first day, its last (a day far ahead while open), and the as-of date."""
    begin = part["begin_date"].to_numpy().astype("datetime64[D]")
    end = part["end_date"].fillna(pd.Timestamp("2262-01-01")).to_numpy().astype("datetime64[D]")
    return begin, end, part["as_of"].to_numpy().astype("datetime64[D]")
