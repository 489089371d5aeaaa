"""A result that several parts rest on: computed once and held by the engine."""

from __future__ import annotations

from itertools import count
from typing import Any

import ibis

_numbers = count()


def kept(table: ibis.Table) -> ibis.Table:
    """``table``, computed now where it will be asked for more than once.

    On Spark its plan ends here: what rests on it would otherwise carry the plans of everything below,
    and plans that refer to each other several times grow beyond what the driver can read.
    """
    engine: Any = table.get_backend()
    if engine.name != "pyspark":
        return table.cache()
    name = f"kept_{next(_numbers)}"
    engine._session.sql(engine.compile(table)).localCheckpoint().createOrReplaceTempView(name)
    return engine.table(name)
