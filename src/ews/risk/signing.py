"""Who answers for a model: an analyst and an equity reviewer, two different people.

A signer's role may be named before the name, ``analyst: Ana Reyes`` or ``equity reviewer: Sam Okafor``;
who names none signs for the first role that is still open, in this order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ews.errors import UsageError

ANALYST, EQUITY_REVIEWER = "analyst", "equity reviewer"
ROLES = (ANALYST, EQUITY_REVIEWER)
SAID = {"analyst": ANALYST, "equity reviewer": EQUITY_REVIEWER, "equity": EQUITY_REVIEWER}


@dataclass(frozen=True)
class Signature:
    """One person's word for a model."""

    role: str
    name: str

    def as_json(self) -> dict[str, str]:
        """For the card."""
        return {"role": self.role, "name": self.name}


def signatures(signed_by: Sequence[str]) -> list[Signature]:
    """The signatures behind ``--signed-by``, one a role at most.

    Errors: UsageError when nobody signed, when a role is unknown or signed twice, or when more sign than
    there are roles.

    >>> [(one.role, one.name) for one in signatures(["equity: Sam Okafor", "Ana Reyes"])]
    [('equity reviewer', 'Sam Okafor'), ('analyst', 'Ana Reyes')]
    """
    given = [text.strip() for text in signed_by if text.strip()]
    if not given:
        raise UsageError("Nobody signed.", "Name who answers for it with --signed-by.")
    named = [role_and_name(text) for text in given]
    taken = [role for role, _ in named if role]
    if len(set(taken)) < len(taken):
        raise UsageError("Two people signed in the same role.", f"Roles are {' and '.join(ROLES)}.")
    open_roles = [role for role in ROLES if role not in taken]
    found = []
    for role, name in named:
        if role is None and not open_roles:
            raise UsageError("More people signed than there are roles.", f"Roles are {' and '.join(ROLES)}.")
        found.append(Signature(role or open_roles.pop(0), name))
    return found


def role_and_name(text: str) -> tuple[str | None, str]:
    """The role and the name in ``role: name``; no role where none is named."""
    before, colon, after = text.partition(":")
    if not colon:
        return None, text
    role = SAID.get(before.strip().casefold())
    if role is None or not after.strip():
        raise UsageError(
            f"--signed-by {text!r} names no role that signs.",
            "Write 'analyst: NAME' and 'equity reviewer: NAME', or the two names in that order.",
        )
    return role, after.strip()


def lacking(signed: Sequence[Signature]) -> str:
    """What is still wanting in the signatures, in words; empty when nothing is."""
    absent = [role for role in ROLES if role not in {one.role for one in signed}]
    if absent:
        return f"no {' and no '.join(absent)} signed"
    if len({" ".join(one.name.casefold().split()) for one in signed}) < len(ROLES):
        return "the analyst and the equity reviewer are the same person"
    return ""
