"""Answers of scoring: the models asked anew about one day's features, with access and the ledger around it.

``score_known`` is about students of ours, from the features kept with that day's run; when the day has no
run they are computed. ``score_records`` is about rows in the body, which are scored and not stored. Both
use the function of the weekly run, so a student's numbers are the same on every way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from ews.errors import BadData
from ews.people.access import Principal, reasons_to_see, reasons_unasked
from ews.people.ledger import HANDED_OVER, record_view
from ews.store import Transaction
from ews.support.disputed import disputed_now
from ews.support.runs import Run, shown_run
from ews.web import answers
from ews.web.asks import RecordsAsk, ScoreAsk
from ews.web.inside import Inside
from ews.web.kept_features import Scores, versions

if TYPE_CHECKING:
    import pandas as pd

    from ews.records.lake import Records
    from ews.risk.scoring import Score

SHOWN = ("probability", "band", "drivers")  # the fields of a student that the ledger says were shown
NOT_STORED = "rows handed over by the system, scored and not stored"
NOT_HERE = {
    "error": "not_found",
    "detail": "No such student for this client on that day.",
    "fix": "Check the id, the schools that this client may ask about, and the day.",
}


@dataclass(frozen=True)
class Scored:
    """Students with their scores by domain, the run that their features come from, the models' versions.

    disputed: since when something of a student is in dispute; None for rows that a system handed over, of
    which nothing of ours is told.
    """

    by_student: Scores
    run_id: str | None
    models: str
    disputed: Mapping[str, date] | None = None


def score_known(inside: Inside, principal: Principal, ask: ScoreAsk) -> dict[str, Any] | None:
    """The answer to ``ask`` from that day's run; None when the day has none (then it must be computed)."""
    bundles = inside.models.bundles()
    run = inside.features.shown(ask.as_of, lambda: newest_run(inside, ask.as_of))
    if run is None:
        return None
    allowed = reasons(inside, principal, ask.student_ids)
    kept = inside.features.of(run, bundles)
    with inside.asking:
        scores = kept.scores(allowed, inside.settings)
    return answered(inside, principal, ask, Scored(scores, run.run_id, versions(bundles)), allowed)


def newest_run(inside: Inside, as_of: date) -> Run | None:
    """The run of that day that is shown."""
    with inside.store.read() as tx:
        return shown_run(tx, as_of)


def reasons(inside: Inside, principal: Principal, student_ids: Sequence[str]) -> dict[str, str]:
    """Those of the students whom ``principal`` may see, with the reason; no transaction without need."""
    told = reasons_unasked(principal, student_ids)
    if told is not None:
        return told
    with inside.store.read() as tx:
        return reasons_to_see(tx, principal, student_ids)


def score_computed(inside: Inside, principal: Principal, ask: ScoreAsk) -> dict[str, Any]:
    """The same for a day without a run: features computed from the lake for these students."""
    from ews.features.matrix import feature_matrix
    from ews.records.lake import open_lake

    inside.models.bundles()  # without a model the features would be computed for nothing
    refuse_future(inside, ask.as_of)
    allowed = reasons(inside, principal, ask.student_ids)
    records = open_lake(inside.settings)
    matrix = feature_matrix(records, [ask.as_of], settings=inside.settings, students=sorted(allowed))
    return answered(inside, principal, ask, scored(inside, records, matrix), allowed)


def score_records(inside: Inside, principal: Principal, ask: RecordsAsk) -> dict[str, Any]:
    """Scores of the rows in the body. Refused when a row cannot be read; nothing of them is kept."""
    from ews.features.matrix import feature_matrix
    from ews.records.coverage import COVERAGE
    from ews.records.lake import records_of

    inside.models.bundles()
    refuse_future(inside, ask.as_of)
    try:
        records = records_of({**ask.records, COVERAGE: coverage(ask)}, inside.settings)
        matrix = feature_matrix(records, [ask.as_of], settings=inside.settings)
    except BadData as problem:
        raise answers.wrong("A row in the body cannot be read.", problem.fix, [problem.found]) from None
    asked = sorted(str(row.get("student_id")) for row in ask.records["students"])
    found = scored(inside, records, matrix)
    if found.by_student:
        with inside.store.begin() as tx:
            write_down(tx, principal, found, at=inside.now(), reason=NOT_STORED, action=HANDED_OVER)
    return content(ask.as_of, asked, found)


def coverage(ask: RecordsAsk) -> list[dict[str, Any]]:
    """What the body says of each school's attendance, as it had been known from the beginning."""
    from ews.records.moments import BEGINNING

    known = {"known_at": BEGINNING, "known_at_assumed": True, "superseded_at": None}
    return [school.model_dump() | known for school in ask.attendance_coverage]


def scored(inside: Inside, records: Records, matrix: pd.DataFrame) -> Scored:
    """The models' answers about the rows of ``matrix``, made from ``records``; they belong to no run."""
    from ews.risk.learner_rows import learners_of
    from ews.risk.populations import scores_of_all

    bundles = inside.models.bundles()
    if not len(matrix):
        return Scored({}, None, versions(bundles))
    learners = learners_of(bundles, records, matrix, inside.settings)
    with inside.asking:
        frame = scores_of_all(bundles, matrix, learners, settings=inside.settings)
    return Scored(frame.by_student(), None, versions(bundles))


def answered(
    inside: Inside, principal: Principal, ask: ScoreAsk, found: Scored, allowed: Mapping[str, str]
) -> dict[str, Any]:
    """What is sent back; the look is in the ledger before this returns, else nothing is sent."""
    if found.by_student:
        true_of_some = ", ".join(sorted({allowed[student] for student in found.by_student}))
        with inside.store.begin() as tx:
            write_down(tx, principal, found, at=inside.now(), reason=true_of_some)
            found = replace(found, disputed=disputed_now(tx, principal))
    return content(ask.as_of, dict.fromkeys(ask.student_ids), found)


def write_down(
    tx: Transaction, principal: Principal, found: Scored, *, at: datetime, reason: str, action: str = "score"
) -> None:
    """One entry of the ledger for all students shown; a fault here keeps the answer back."""
    record_view(
        tx,
        principal,
        action=action,
        reason=reason,
        students=found.by_student,
        fields=SHOWN,
        at=at,
        model_version=found.models,
    )


def content(as_of: date, asked: Iterable[str], found: Scored) -> dict[str, Any]:
    """The body of an answer: each student asked about, in the order asked, found or not."""
    return {
        "as_of": as_of.isoformat(),
        "run_id": found.run_id,
        "students": [student(one, found) for one in asked],
    }


def student(student_id: str, found: Scored) -> dict[str, Any]:
    """One student's entry: the scores, or that there is no such student (unknown and not permitted alike)."""
    scores = found.by_student.get(student_id)
    if scores is None:
        return {"student_id": student_id, **NOT_HERE}
    first = next(iter(scores.values()))
    return {
        "student_id": student_id,
        "school_id": first.school_id,
        "grade_level": first.grade_level,
        **in_dispute(student_id, found),
        "scores": [domain(score, found.run_id) for score in scores.values()],
    }


def in_dispute(student_id: str, found: Scored) -> dict[str, Any]:
    """Whether the family challenges a fact or a score, and since when; nothing where nobody looked."""
    if found.disputed is None:
        return {}
    since = found.disputed.get(student_id)
    return {"disputed": since is not None, "disputed_since": since.isoformat() if since else None}


def domain(score: Score, run_id: str | None) -> dict[str, Any]:
    """One domain's score with its reasons, as INTERFACES promises it."""
    return {
        "domain": score.domain,
        "status": score.status,
        "probability": score.probability,
        "band": score.band,
        "range_low": score.range_low,
        "range_high": score.range_high,
        "why_not": score.why_not,
        "drivers": score.drivers,
        "going_well": score.going_well,
        "note": score.note,
        "data_coverage": score.data_coverage,
        "as_of": score.as_of.isoformat(),
        "data_through": score.data_through.isoformat() if score.data_through else None,
        "model_version": score.model_version,
        "run_id": run_id,
    }


def refuse_future(inside: Inside, as_of: date) -> None:
    """Refused for a day that has not come where the district is: nothing is known as of it."""
    if as_of > inside.now().date():
        raise answers.wrong("That day has not come yet.", "Ask as of today or earlier.", ["as_of"])
