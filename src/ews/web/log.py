"""The service's own log: one JSON object a line, made only of keys on this list.

No key can hold a student: a route is logged as its pattern (``/students/{student_id}``), students as a
count, a fault as its kind and its place in our code. Whatever else is handed over is left out.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

KEYS = frozenset(
    {
        "route",
        "method",
        "status",
        "error",
        "milliseconds",
        "caller",
        "role",
        "client",
        "students",
        "scored",
        "run_id",
        "models",
        "why",
        "fault",
        "place",
        "address",
        "seconds",
    }
)
ON_ONE_LINE = json.JSONEncoder(default=str)
LOGGER = logging.getLogger("ews")


def set_up() -> None:
    """Send our lines to standard error, and keep the server's own access lines, which name paths, silent."""
    if not LOGGER.handlers:
        LOGGER.addHandler(logging.StreamHandler(sys.stderr))
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False
    for name in ("uvicorn.access", "bentoml.access"):
        silent = logging.getLogger(name)
        silent.handlers, silent.propagate, silent.disabled = [], False, True


def say(event: str, **facts: Any) -> None:
    """One line: the time, the event, and those facts whose keys are on the list."""
    line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event}
    line |= {key: value for key, value in facts.items() if key in KEYS and value is not None}
    LOGGER.info(ON_ONE_LINE.encode(line))


def place_of(fault: BaseException) -> str:
    """Where in our code a fault came up, as file:line; never its message, which may quote data."""
    ours, at = "", fault.__traceback__
    while at is not None:
        file = at.tb_frame.f_code.co_filename
        if "/ews/" in file:
            ours = f"{file.rsplit('/ews/', 1)[1]}:{at.tb_lineno}"
        at = at.tb_next
    return ours
