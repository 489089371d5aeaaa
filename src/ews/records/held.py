"""When a drop is too surprising to load without a person: why, in sentences with the numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ews.records.contract import CONTRACT
from ews.records.drop import Drop, Handed
from ews.records.standing import Standing
from ews.settings import Settings

PLANNED = ("year_end", "graduated", "completed_other")
"""Exits that come for everyone at once and surprise nobody."""
REMEMBERED = 60
"""Checksums of earlier files that are kept for each table."""


def surprises(
    drop: Drop, standing: Standing, facts: Mapping[str, Mapping[str, Any]], today: date, settings: Settings
) -> list[str]:
    """Why the drop is held; empty when it is not. ``facts`` are its files' own (:func:`facts_of`)."""
    found = list(drop.surprises)
    for name, now in facts.items():
        before = standing.published.drops.get(name)
        same_file = before and now["sha256"] and now["sha256"] == before["sha256"]
        if before and not same_file:
            found += older_than_loaded(now, before)
            found += fewer_rows(now, before, settings["load.held_row_drop"])
    found += ended_enrollments(standing, today, settings["load.held_enrollment_share"])
    return found


def facts_of(
    handed: Handed, years: np.ndarray, extract_at: datetime | None, before: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What is remembered of a file: its checksum, its rows by school year, when it was extracted."""
    year, count = np.unique(years, return_counts=True)
    earlier = list(before["earlier"]) if before else []
    if before and before["sha256"] != handed.file.sha256:
        earlier = [*earlier, before["sha256"]][-REMEMBERED:]
    return {
        "file": handed.file.name,
        "mode": handed.file.mode,
        "sha256": handed.file.sha256,
        "rows": handed.rows.num_rows,
        "years": {str(one): int(rows) for one, rows in zip(year, count, strict=True)},
        "extract_at": extract_at.isoformat() if extract_at else None,
        "earlier": earlier,
    }


def older_than_loaded(now: Mapping[str, Any], before: Mapping[str, Any]) -> list[str]:
    """Yesterday's file again: loaded before the last one, or extracted before it."""
    if now["sha256"] and now["rows"] and now["sha256"] in before["earlier"]:
        return [f"{now['file']} is a file that was loaded before, and a newer one has been since."]
    if now["extract_at"] and before["extract_at"]:
        mine, last = (datetime.fromisoformat(facts["extract_at"]) for facts in (now, before))
        if mine < last:
            return [f"{now['file']} was extracted at {mine}, the one loaded last at {last}."]
    return []


def fewer_rows(now: Mapping[str, Any], before: Mapping[str, Any], share: float) -> list[str]:
    """Full files with at least ``share`` fewer rows than the last one, in a school year that both have."""
    if "delta" in (now["mode"], before["mode"]):
        return []
    if before["rows"] and not now["rows"]:
        return [f"{now['file']} has no rows; the last one had {before['rows']:,}."]
    found = []
    for year in sorted(set(now["years"]) & set(before["years"])):
        new, old = now["years"][year], before["years"][year]
        if old - new >= share * old and new < old:
            of_year = f" of school year {year}" if year != "0" else ""
            fewer = 100 * (old - new) / old
            found.append(
                f"{now['file']} has {new:,} rows{of_year}; the last one had {old:,} ({fewer:.0f} % fewer)."
            )
    return found


def ended_enrollments(standing: Standing, today: date, share: float) -> list[str]:
    """Schools where more than ``share`` of the enrollments that stood would end with this drop."""
    if "enrollments" not in standing.taken and "enrollments" not in standing.ended:
        return []
    key = list(CONTRACT["enrollments"].key)
    columns = [*key, "exit_date", "exit_type"]
    before = active(Standing(standing.lake, standing.published).rows("enrollments", columns), today)
    after = standing.rows("enrollments", columns)
    planned = after.filter(pc.fill_null(pc.is_in(after["exit_type"], value_set=pa.array(PLANNED)), False))
    fine = pa.concat_tables([active(after, today), planned]).select(key)
    lost = before.select(key).join(fine, keys=key, join_type="left anti")
    base = counted(before["school_id"])
    return [
        f"School {school}: {ended:,} of {base[school]:,} enrollments would end "
        f"({100 * ended / base[school]:.0f} %)."
        for school, ended in sorted(counted(lost["school_id"]).items())
        if ended > share * base[school]
    ]


def active(enrollments: pa.Table, today: date) -> pa.Table:
    """The enrollments that are open on ``today``."""
    leaves = enrollments["exit_date"]
    return enrollments.filter(pc.or_(leaves.is_null(), pc.fill_null(pc.greater_equal(leaves, today), True)))


def counted(column: pa.ChunkedArray) -> dict[str, int]:
    """How often each value is there."""
    return {item["values"]: item["counts"] for item in column.value_counts().to_pylist()}
