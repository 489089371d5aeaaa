"""English learners as of a date: who is one, and their way so far: years, levels, growth, domains.

Nobody else has a row here, and nothing from here is in the matrix of the other models: being a learner is
the population of the learners' own model and a reason in none. The door to ``el_status`` and to the scores
of the annual test is opened here alone.

Long-term and at risk of it are as California's Education Code 313.1 says, or by years alone where the state
says so (``english_learners.definition``). A result that is not on record excludes nobody: its condition is
then left out, as 313.1 (a)(2) and (b)(2) have it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import ibis

from ews.features.allowed import ALLOWED_FOR_LEARNERS
from ews.features.assessments import LAST_TWO_YEARS, STATEWIDE, SUBJECTS
from ews.features.definition import FACT
from ews.features.kept import kept
from ews.features.known import at_each_moment, limited
from ews.features.learner_catalogue import LEARNER_FEATURES
from ews.features.matrix import in_memory
from ews.features.snapshots import Snapshots

if TYPE_CHECKING:
    import pandas as pd

    from ews.records.lake import Records
    from ews.settings import Settings

LEARNER, RECLASSIFIED = "EL", "RFEP"
ANNUAL = ("elpac_sum", "alt_elpac")
ALTERNATE = "alt_elpac"
OF_ENGLISH = "eld"
"""The subject under which another state's annual test (family ``other``) is read."""

DOMAINS = ("listening", "speaking", "reading", "writing")
LONG_TERM, AT_RISK, LEARNING = "long_term", "at_risk", "learner"
STAGES_TOLD = {
    LONG_TERM: "Long-term English learner by the state's definition",
    AT_RISK: "At risk of becoming a long-term English learner by the state's definition",
}
DAYS_OF_A_YEAR = 365.25
HIGH_SCHOOL_RULE = 10  # from this grade on 313.1 asks for no result in English language arts
KEY = ("moment", "student")


def status_now(ground: Snapshots) -> ibis.Table:
    """moment, student, elas, start_date, ends, learner_since: the status that holds at each moment.

    ``learner_since`` is the first day on which the student was known as a learner; ``ends`` the day on
    which the status ended, null while it goes on.
    """
    rows = at_each_moment(ground.known("el_status", allowed=ALLOWED_FOR_LEARNERS))
    as_learner = rows.elas == LEARNER
    rows = rows.mutate(
        learner_since=rows.start_date.min(where=as_learner).over(group_by=list(KEY)),
        place=ibis.row_number().over(group_by=list(KEY), order_by=rows.start_date.desc()),
    )
    rows = rows.filter(rows.place == 0)
    return rows.select(*KEY, "elas", "start_date", "learner_since", ends="end_date")


def learners(ground: Snapshots) -> ibis.Table:
    """The cohort's rows of English learners, with learner_since and ``years`` of being one (whole)."""
    status = status_now(ground)
    status = status.filter(status.elas == LEARNER)
    rows = ground.cohort.join(status, list(KEY))
    rows = rows.filter(rows.ends.isnull() | (rows.ends >= rows.as_of))
    return rows.select(*ground.cohort.columns, "learner_since", years=years_between(rows, rows.as_of))


def years_between(rows: ibis.Table, day: Any) -> Any:
    """Whole years from ``learner_since`` to ``day``."""
    days = day.delta(rows.learner_since, unit="day")
    return (days / DAYS_OF_A_YEAR).floor().cast("int32")


def annual_tests(ground: Snapshots) -> ibis.Table:
    """moment, student, taken_on, family, level, score, domain_scores, place: annual results, newest first.

    ``place`` counts from the newest of the family that was taken last: results of another test (the
    alternate one) are on another scale and are left out.
    """
    rows = ground.known("assessments", allowed=ALLOWED_FOR_LEARNERS)
    annual = rows.family.isin(ANNUAL) | ((rows.family == "other") & (rows.subject.lower() == OF_ENGLISH))
    released = rows.released_on
    rows = limited(
        rows.filter(rows.valid.fill_null(True), annual.fill_null(False), rows.level.notnull()),
        first=ibis.ifelse(released.isnull(), 0, ground.moments.from_day(released)),
    )
    rows = at_each_moment(rows)
    order = [rows.administered_on.desc(), rows.assessment_code]
    last_family = rows.family.first().over(group_by=list(KEY), order_by=order)
    rows = rows.mutate(last_family=last_family)
    rows = rows.filter(rows.family == rows.last_family)
    place = ibis.row_number().over(
        group_by=list(KEY), order_by=[rows.administered_on.desc(), rows.assessment_code]
    )
    return rows.select(
        *KEY,
        "family",
        "domain_scores",
        taken_on=rows.administered_on,
        level=rows.level.cast("int32"),
        score=rows.scale_score,
        place=place,
    )


def latest_levels(tests: ibis.Table) -> ibis.Table:
    """moment, student, family, level, before, two_before, gain, at_level, and the latest domain scores.

    ``before`` and ``two_before`` are the levels one and two results earlier, ``gain`` the change of the
    scale score since the result before, ``at_level`` how many results in a row are at the latest level.
    """
    now = tests.filter(tests.place == 0).select(*KEY, level_now="level")
    rows = tests.join(now, list(KEY))
    different = rows.level != rows.level_now
    sums = rows.group_by(*KEY).agg(
        family=rows.family.max(where=rows.place == 0),
        level=rows.level.max(where=rows.place == 0),
        before=rows.level.max(where=rows.place == 1),
        two_before=rows.level.max(where=rows.place == 2),
        score=rows.score.max(where=rows.place == 0),
        score_before=rows.score.max(where=rows.place == 1),
        results=rows.count(),
        changed_at=rows.place.min(where=different),
        domain_scores=rows.domain_scores.max(where=rows.place == 0),
    )
    return sums.select(
        *KEY,
        "family",
        "level",
        "before",
        "two_before",
        gain=sums.score - sums.score_before,
        at_level=sums.changed_at.coalesce(sums.results),
        **{name: domain_score(sums.domain_scores, name) for name in DOMAINS},
    )


def domain_score(told: Any, name: str) -> Any:
    """The value of one domain in ``listening=3;reading=2``; null where it is not told."""
    found = told.re_extract(rf"(?i)(^|;)\s*{name}\s*=\s*([0-9]+(\.[0-9]+)?)", 2)
    return found.nullif("").cast("float64")


def latest_ela(ground: Snapshots) -> ibis.Table:
    """moment, student, ela: the newest statewide level in English language arts, at most two years old."""
    rows = ground.known("assessments")
    moments = ground.moments
    wanted = rows.family.isin(STATEWIDE) & rows.subject.lower().isin(SUBJECTS["ela"])
    rows = limited(
        rows.filter(rows.valid.fill_null(True), wanted.fill_null(False), rows.level.notnull()),
        first=ibis.ifelse(rows.released_on.isnull(), 0, moments.from_day(rows.released_on)),
        last=moments.until_year_after(rows.administered_on, LAST_TWO_YEARS),
    )
    rows = at_each_moment(rows)
    newest = ibis.row_number().over(
        group_by=list(KEY), order_by=[rows.administered_on.desc(), rows.level.desc()]
    )
    rows = rows.mutate(place=newest)
    return rows.filter(rows.place == 0).select(*KEY, ela=rows.level.cast("int32"))


def stage_of(rows: ibis.Table, settings: Settings) -> Any:
    """long_term, at_risk or learner, by the years, grade_level, level, before and ela of ``rows``."""
    years, grade = rows.years, rows.grade_level
    long_term = years >= settings["english_learners.long_term_years"]
    at_risk = (years >= settings["english_learners.at_risk_years"]) & ~long_term
    if settings["english_learners.definition"] == "ca":
        low_ela = (rows.ela <= settings["english_learners.low_ela_level"]).fill_null(True)
        low_ela = low_ela | (grade >= HIGH_SCHOOL_RULE)
        stuck = (rows.level <= rows.before).fill_null(True)
        low = (rows.level <= settings["english_learners.intermediate_level"]).fill_null(True)
        long_term = long_term & (grade >= 6) & stuck & low_ela
        at_risk = at_risk & (grade >= 3) & low & low_ela
    return ibis.cases((long_term, LONG_TERM), (at_risk, AT_RISK), else_=LEARNING)


def proficient(rows: ibis.Table, level: Any, settings: Settings) -> Any:
    """Whether ``level`` is that at which a learner may be reclassified; the alternate test has its own."""
    alternate = settings["english_learners.alternate_proficient_level"]
    return level >= ibis.ifelse(
        rows.family == ALTERNATE, alternate, settings["english_learners.proficient_level"]
    )


def learner_features(ground: Snapshots) -> ibis.Table:
    """moment, student and every feature of the learners' own model, for English learners alone."""
    rows = learners_told(ground)
    stage = stage_of(rows, ground.settings)
    return rows.select(
        *KEY,
        learner_years=rows.years,
        learner_level=rows.level,
        learner_ready=proficient(rows, rows.level, ground.settings).cast("int32"),
        learner_level_two_before=rows.two_before,
        learner_results_at_level=rows.at_level,
        learner_score_gain=rows.gain,
        **{f"learner_{name}": rows[name] for name in DOMAINS},
        fact_learner_stage=stage.cases(*STAGES_TOLD.items(), else_=None),
    )


def learners_told(ground: Snapshots) -> ibis.Table:
    """The rows of ``learners`` with their latest levels and domains, and that in English language arts."""
    rows = learners(ground)
    for part in (latest_levels(kept(annual_tests(ground))), latest_ela(ground)):
        rows = rows.left_join(part, list(KEY), rname="{name}_of_part").drop(
            "moment_of_part", "student_of_part"
        )
    return rows


def long_term_learners(records: Records, as_of: Iterable[date], *, settings: Settings) -> pd.DataFrame:
    """student_id, as_of: who was a long-term English learner on each of these days, as was known then."""
    import pandas as pd

    if not records.has("el_status"):
        return pd.DataFrame({"student_id": [], "as_of": []})
    ground = Snapshots.of(records, as_of, settings)
    rows = learners_told(ground)
    rows = rows.filter(stage_of(rows, settings) == LONG_TERM).join(ground.students, "student")
    return in_memory(rows.select("student_id", "as_of"))


def learner_frame(
    records: Records, as_of: Sequence[date], *, settings: Settings, students: Sequence[str] | None = None
) -> pd.DataFrame:
    """One row an English learner and day: student_id, as_of, ``LEARNER_FEATURES``, fact_learner_stage.

    Sorted by (as_of, student_id); numbers as float64, NaN for what is not on record. No rows where the
    records have no ``el_status``.
    """
    ground = Snapshots.of(records, as_of, settings, students)
    rows = learner_features(ground).join(ground.students, "student")
    rows = rows.join(ground.moments.table.select("moment", "as_of"), "moment")
    numbers = {name: rows[name].cast("float64") for name in LEARNER_FEATURES}
    facts = [name for name in rows.columns if name.startswith(FACT)]
    return in_memory(rows.select("student_id", "as_of", **numbers, **{name: rows[name] for name in facts}))


def english_records(
    records: Records, as_of: date, *, settings: Settings, students: Sequence[str] | None = None
) -> list[dict[str, Any]]:
    """Of everyone enrolled who is or was an English learner: how their English came to where it is.

    student_id, status (EL or RFEP), status_since, learner_since, ela_level and ``results`` of the annual
    test, newest first: taken_on (ISO), family, level, score and the four domains. For the learners' card
    alone; no model sees it.
    """
    if not records.has("el_status"):
        return []
    ground = Snapshots.of(records, [as_of], settings, students)
    status = status_now(ground)
    status = status.filter(status.elas.isin((LEARNER, RECLASSIFIED))).semi_join(ground.cohort, list(KEY))
    rows = status.left_join(latest_ela(ground), list(KEY)).join(ground.students, "student")
    wanted = ("student_id", "elas", "start_date", "learner_since", "ela")
    found = rows.select(*wanted).order_by("student_id").to_pyarrow().to_pylist()
    results = results_told(ground) if found and records.has("assessments") else {}
    return [
        {
            "student_id": row["student_id"],
            "status": row["elas"],
            "status_since": row["start_date"],
            "learner_since": row["learner_since"],
            "ela_level": row["ela"],
            "results": results.get(row["student_id"], []),
        }
        for row in found
    ]


def results_told(ground: Snapshots) -> dict[str, list[dict[str, Any]]]:
    """Student to their results of the annual test, newest first, ready to be stored."""
    tests = annual_tests(ground)
    domains = {name: domain_score(tests.domain_scores, name) for name in DOMAINS}
    rows = tests.select("student", "family", "taken_on", "level", "score", "place", **domains)
    rows = rows.join(ground.students, "student").drop("student").order_by("student_id", "place")
    told: dict[str, list[dict[str, Any]]] = {}
    for row in rows.to_pyarrow().to_pylist():
        result = {
            "taken_on": row["taken_on"].isoformat(),
            "family": row["family"],
            "level": row["level"],
            "score": None if row["score"] is None else float(row["score"]),
            "domains": {name: row[name] for name in DOMAINS if row[name] is not None},
        }
        told.setdefault(row["student_id"], []).append(result)
    return told


def learner_matrix(matrix: pd.DataFrame, learners: pd.DataFrame) -> pd.DataFrame:
    """The rows of ``matrix`` (``ews.features.matrix``) that are English learners', with what is said of them.

    A table of its own, in the same order; ``matrix`` itself stays as it is.
    """
    return matrix.merge(learners, on=["student_id", "as_of"], how="inner", validate="1:1")
