"""What could move a score: the steps that a run found, told in bands, never in numbers of risk."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from ews.store.record_tables import run_steps
from ews.store.store import Transaction
from ews.support.facts import DOMAIN_TITLES, Run

WITHIN = {"work": "by the end of the term", "attendance": "in the next four weeks"}
OTHERWISE = "in the next four weeks"


@dataclass(frozen=True)
class Step:
    """What can be done, by when, and what the pattern of past students says then, a sentence a domain."""

    said: str
    within: str
    then: tuple[str, ...]


def steps_of(tx: Transaction, run: Run, student_id: str) -> tuple[Step, ...]:
    """The steps that move a score of this student in this run; none where nothing feasible does."""
    stored = tx.execute(
        select(run_steps.c.steps).where(
            run_steps.c.run_id == run.run_id, run_steps.c.student_id == student_id
        )
    ).scalar()
    return tuple(
        Step(
            said=one["said"],
            within=WITHIN.get(one["code"], OTHERWISE),
            then=tuple(
                band_sentence(DOMAIN_TITLES[move["domain"]], move["before"], move["after"])
                for move in one["moves"]
            ),
        )
        for one in stored or ()
    )


def band_sentence(title: str, before: str, after: str) -> str:
    """What becomes of a band.

    >>> band_sentence("Grades", "high", "elevated"), band_sentence("Attendance", "watch", "watch")
    ('Grades: from high to elevated', 'Attendance: eases, still watch')
    """
    if before == after:
        return f"{title}: eases, still {before}"
    return f"{title}: from {before} to {after}"
