"""Which students' families challenge something now: the mark wherever a score stands without its page.

One subquery, joined to what is asked anyway: since when, and whether a fact or an inference is challenged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from sqlalchemy import Subquery, func, select

from ews.people.access import Principal
from ews.store.family_tables import dispute_steps, disputes
from ews.store.prepared import Prepared
from ews.store.store import Transaction
from ews.support.shown import domains_hidden

FACT, INFERENCE = "fact", "inference"
RESOLVED = "resolved"
MARKS = {INFERENCE: "The family questions this score", FACT: "The family questions a fact on record"}


@dataclass(frozen=True)
class Disputed:
    """Something of a student is in dispute since that day, and the mark that says so in a few words."""

    since: date
    mark: str


def disputed(since: date | None, kind: str | None) -> Disputed | None:
    """What ``open_disputes`` says of one student; None where nothing is in dispute."""
    return Disputed(since, MARKS[kind or FACT]) if since else None


def open_disputes(principal: Principal) -> Subquery:
    """Student, day of the earliest dispute that is not resolved, and its kind: a score before a fact.

    Without those about a domain that ``principal`` does not see. Who may see the student is the caller's
    to know.
    """
    resolved = select(dispute_steps.c.dispute_id).where(dispute_steps.c.kind == RESOLVED)
    return (
        select(
            disputes.c.student_id,
            func.min(disputes.c.raised_on).label("disputed_since"),
            func.max(disputes.c.kind).label("disputed_kind"),  # "inference" comes after "fact"
        )
        .where(disputes.c.dispute_id.not_in(resolved), disputes.c.about.not_in(domains_hidden(principal)))
        .group_by(disputes.c.student_id)
        .subquery()
    )


def disputed_now(tx: Transaction, principal: Principal) -> Mapping[str, date]:
    """Student to since when something of theirs is in dispute, of everybody: a small table, read whole."""
    return dict(_since(principal).rows(tx))


@lru_cache(maxsize=64)
def _since(principal: Principal) -> Prepared:
    found = open_disputes(principal).c
    return Prepared(select(found.student_id, found.disputed_since))
