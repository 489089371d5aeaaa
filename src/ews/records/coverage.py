"""What a school's attendance file tells: every day, or only the exceptions; and up to which day.

In positive attendance a day without a row is a day without knowledge; in negative attendance it is a
day present, as far as the school's attendance is complete. The lake keeps it as a small table of its
own, in versions as all others; a school without a row is positive.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ews.records.changes import after_all_before
from ews.records.drop import SchoolCoverage
from ews.records.keys import key_codes, positions_in, say_the_same
from ews.records.manifest import EVERY_SCHOOL
from ews.records.moments import BEGINNING, INSTANT
from ews.records.standing import Standing

COVERAGE = "attendance_coverage"
COVERAGE_SCHEMA = pa.schema(
    [
        pa.field("school_id", pa.string()),
        pa.field("mode", pa.string()),
        pa.field("complete_through", pa.date32()),
        pa.field("known_at", INSTANT),
        pa.field("known_at_assumed", pa.bool_()),
        pa.field("superseded_at", INSTANT),
    ]
)
SAID = ("mode", "complete_through")


def coverage_said(said: Sequence[SchoolCoverage], standing: Standing) -> pa.Table:
    """One row a school: what the manifest says about it or, failing that, about every school."""
    by_school = {one.school_id: one for one in said}
    everyone = by_school.pop(EVERY_SCHOOL, None)
    if everyone:
        orgs = standing.rows("orgs", ("org_id", "org_type"))
        schools = orgs.filter(pc.not_equal(orgs["org_type"], "district"))["org_id"].to_pylist()
        by_school = {school: everyone for school in schools} | by_school
    return pa.table(
        {
            "school_id": pa.array(list(by_school), pa.string()),
            "mode": pa.array([one.mode for one in by_school.values()], pa.string()),
            "complete_through": pa.array([one.complete_through for one in by_school.values()], pa.date32()),
        }
    )


def coverage_changes(said: pa.Table, versions: pa.Table, at: datetime) -> tuple[pa.Table, pa.Table]:
    """(versions to add, versions to close). The first word about a school holds for its past too."""
    stands = np.flatnonzero(np.asarray(pc.is_null(versions["superseded_at"])))
    old, new = key_codes([versions, said], ["school_id"])
    where = positions_in(new, old[stands])
    matched = np.flatnonzero(where >= 0)
    before = stands[where[matched]]
    same = say_the_same(said.take(pa.array(matched)), versions.take(pa.array(before)), SAID)
    corrected, superseded = matched[~same], before[~same]
    first = np.flatnonzero(where < 0)
    known = pa.array(after_all_before(new[corrected], old, versions, at), pa.timestamp("us")).cast(INSTANT)
    added = [
        _versions(said.take(pa.array(first)), pa.repeat(pa.scalar(BEGINNING, INSTANT), len(first)), True),
        _versions(said.take(pa.array(corrected)), known, False),
    ]
    closed = versions.select(["school_id", "known_at"]).take(pa.array(superseded))
    return pa.concat_tables(added), closed.append_column("superseded_at", known)


def _versions(rows: pa.Table, known_at: pa.Array, assumed: bool) -> pa.Table:
    return (
        rows.append_column("known_at", known_at)
        .append_column("known_at_assumed", pa.repeat(assumed, rows.num_rows))
        .append_column("superseded_at", pa.nulls(rows.num_rows, INSTANT))
        .cast(COVERAGE_SCHEMA)
    )
