"""What a school's attendance file tells: every day, or only the exceptions; and up to which day.

In positive attendance a day without a row is a day without knowledge; in negative attendance it is a
day present, as far as the school's attendance is complete. One row a school and drop that said so.
"""

from __future__ import annotations

import pyarrow as pa

from ews.records.moments import INSTANT

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
