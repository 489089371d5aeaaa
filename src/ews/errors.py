"""Errors meant for people: what was found, what is allowed, what to do.

Every error that a user can cause is one of these. The command line prints ``found`` and ``fix``
and leaves with ``exit_code``; the service answers ``{"error", "detail", "fix"}`` with ``status``.
No message ever carries a student's data: name the file, the line, the column, the setting.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date


class EwsError(Exception):
    """Something a person can mend. ``found`` says what is wrong, ``fix`` what to do about it."""

    exit_code = 1
    code = "internal"
    status = 500

    def __init__(self, found: str, fix: str = "") -> None:
        super().__init__(found)
        self.found = found
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.found} {self.fix}".strip()


class OurFault(EwsError):
    """A promise of this program was broken; ``fix`` says where to look. Exit 1."""


class UsageError(EwsError):
    """A wrong argument or setting. Exit 2, HTTP 400."""

    exit_code = 2
    code = "usage"
    status = 400


class Unavailable(UsageError):
    """The database does not answer, or somebody else holds it; it passes by itself. Exit 2, HTTP 503."""

    code = "database_silent"
    status = 503


class BadData(EwsError):
    """The data handed over has an error; nothing was loaded. Exit 3, HTTP 422."""

    exit_code = 3
    code = "bad_data"
    status = 422


class Held(EwsError):
    """The data is readable but surprising; it waits for a person. Exit 4, HTTP 409."""

    exit_code = 4
    code = "held"
    status = 409


class ChangedMeanwhile(EwsError):
    """Somebody else has changed the same thing since the page was opened. Exit 4, HTTP 409.

    version: of what stands now. theirs: what stands there, by the words over each field.
    """

    exit_code = 4
    code = "changed_meanwhile"
    status = 409

    def __init__(self, version: int, theirs: Mapping[str, str | date]) -> None:
        super().__init__(
            "Somebody else has changed this since you opened the page.",
            "Both are shown here. Put together what is right, and save it again.",
        )
        self.version = version
        self.theirs = dict(theirs)


class GateRefused(EwsError):
    """A model did not earn its place. Exit 5, HTTP 409."""

    exit_code = 5
    code = "gate_refused"
    status = 409


class NoModel(EwsError):
    """No model is in service for what was asked. Exit 2, HTTP 503."""

    exit_code = 2
    code = "no_model"
    status = 503
