"""Of those on a list: who got support, and how many days until anyone was in touch, by group."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from ews.records.lake import Records
from ews.risk.groups import Groups, days_of, standing
from ews.risk.small_cells import FEWEST, Cell

WITHIN_DAYS = 60
"""Support and contact count when they begin within so many days of the alert."""


def support_given(
    records: Records, matrix: pd.DataFrame, listed: np.ndarray, groups: Groups, known_by: date
) -> dict[Cell, dict[str, Any]]:
    """For each group: students listed at all, the share with support and with contact, days to contact.

    ``matrix``, ``listed`` (n,) and ``groups`` are a test year's rows; the alert is a student's first day
    on the list. Empty where the records hold neither interventions nor contacts.
    """
    if not (records.has("interventions") or records.has("contacts")):
        return {}
    day = days_of(matrix)
    first = pd.DataFrame({"student_id": matrix["student_id"], "alert": day})[listed >= 0.5]
    alerts = first.groupby("student_id", as_index=False)["alert"].min()
    on_list = matrix[["student_id"]].assign(alert=day, row=np.arange(len(matrix)))
    rows = on_list.merge(alerts, on=["student_id", "alert"]).drop_duplicates("student_id")
    supported = days_until(rows, begun(records, known_by))
    contacted = days_until(rows, contacts(records, known_by))
    found: dict[Cell, dict[str, Any]] = {}
    for dimension in groups.dimensions:
        for place, (code, _) in enumerate(dimension.groups):
            own = dimension.place[rows["row"].to_numpy()] == place
            found[dimension.name, code] = told(
                own,
                supported if records.has("interventions") else None,
                contacted if records.has("contacts") else None,
            )
    return found


def begun(records: Records, known_by: date) -> pd.DataFrame:
    """student_id, on: when support began."""
    table = standing(records, "interventions", ["student_id", "begin_date"], known_by)
    return table.rename(columns={"begin_date": "on"})


def contacts(records: Records, known_by: date) -> pd.DataFrame:
    """student_id, on: when anyone was in touch with the family, as local days."""
    table = standing(records, "contacts", ["student_id", "occurred_at"], known_by)
    if table.empty:
        return table.rename(columns={"occurred_at": "on"})
    local = table["occurred_at"].dt.tz_convert(str(records.timezone)).dt.tz_localize(None).dt.normalize()
    return table[["student_id"]].assign(on=local)


def days_until(rows: pd.DataFrame, events: pd.DataFrame) -> np.ndarray:
    """(rows,) days from the alert to the first event after it; NaN where none came in WITHIN_DAYS."""
    both = rows.merge(events, on="student_id")
    if both.empty:
        return np.full(len(rows), np.nan)
    waited = (pd.to_datetime(both["on"]) - both["alert"]).dt.days
    inside = both.assign(waited=waited)[waited.between(1, WITHIN_DAYS)]
    return rows["student_id"].map(inside.groupby("student_id")["waited"].min()).to_numpy(dtype=float)


def told(own: np.ndarray, supported: np.ndarray | None, contacted: np.ndarray | None) -> dict[str, Any]:
    """One group's figures; of fewer than FEWEST listed students only that there were few."""
    if own.sum() < FEWEST:
        return {"few": True}
    about: dict[str, Any] = {"few": False, "listed": int(own.sum())}
    if supported is not None:
        about["supported"] = round(float(np.isfinite(supported[own]).mean()), 4)
    if contacted is not None:
        days = contacted[own]
        about["contacted"] = round(float(np.isfinite(days).mean()), 4)
        if np.isfinite(days).sum() >= FEWEST:
            about["days_to_contact"] = float(np.nanmedian(days))
    return about
