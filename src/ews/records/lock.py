"""One load at a time: a lock on the lake that the system lets go when its holder ends, however it ends."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ews.errors import UsageError


@contextmanager
def one_load_at_a_time(lake: Path) -> Iterator[None]:
    """Holds the lake's lock; UsageError at once when another load holds it.

    delta-rs, which writes the lake, reads a percent sign in a path as an escape: such a path is refused.
    """
    if "%" in str(lake):
        raise UsageError(f"The path {lake} holds a percent sign.", "Set EWS_HOME to one without.")
    lake.mkdir(parents=True, exist_ok=True)
    with (lake / ".lock").open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise UsageError("Another load is running.", "Wait until it has ended.") from None
        yield
