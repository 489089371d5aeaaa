"""`ews audit`: every model in service, group by group, in one page for people and one file for machines.

On the latest closed year that a model was tested on and never saw. Only sums over groups leave this file;
groups under 11 students, and those that would give them away, are not among them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ews.features.english_learners import long_term_learners
from ews.records.lake import Records, open_lake
from ews.risk.abstention import abstentions
from ews.risk.audit_report import page
from ews.risk.course_rows import of_courses
from ews.risk.evaluation import listed
from ews.risk.fairness import Audit, audit_model
from ews.risk.groups import groups_of_rows
from ews.risk.judging import CAPACITY
from ews.risk.recorded_beyond import recorded_beyond
from ews.risk.recording_bias import Comparison, compared, excused, written_up
from ews.risk.report_files import Report, as_text, write_whole
from ews.risk.small_cells import hidden_cells
from ews.risk.support_given import support_given
from ews.risk.tested_year import TestedYear, tested_models, tested_years
from ews.risk.tracking import open_tracking
from ews.settings import Settings

EXPERIMENT = "audit"
WHOLE = ("overall", "attendance")
"""Whose comparison says which page comes first: the first of these that was audited."""


class AuditReport(Report):
    """Every model group by group, where it lies, and the run that keeps it."""

    def lines(self) -> Iterator[str]:
        """For a person at the terminal: the verdict on each model, each alarm, the page."""
        for name, told in self.content["models"].items():
            yield f"{name:12} {told['verdict']}: {told['groups']} groups tested on {told['year']}"
            yield from (f"  {alarm['told']}" for alarm in told["alarms"])
            need = told.get("individual_scores")
            if need:
                yield f"  Do we need individual scores? {need['told']}"
        for found in self.content["recording"]["comparisons"]:
            if found["alarm"]:
                yield f"recording    look into it: {found['told']}"
        for school in self.content["beyond_expected"]["schools"]:
            if school["found"] == "more":
                yield f"recording    {school['name']}: {school['told'].lower()}"
        yield from (f"written: {path}" for path in self.files)


def run_audit(
    settings: Settings,
    as_of: date,
    names: Sequence[str] = (),
    *,
    run_id: str | None = None,
    out: Path | None = None,
    tell: Callable[[str], None] = lambda step: None,
) -> AuditReport:
    """Audit, write both files into ``out`` (EWS_HOME/reports otherwise) and keep them in MLflow.

    Errors: NoModel when nothing is in service, UsageError when a test year is not over by ``as_of``.
    """
    folder = out or settings.home / "reports"
    tracking = open_tracking(settings)
    models = tested_models(settings, tracking, names, run_id)
    with tracking.run(EXPERIMENT) as run:
        records = open_lake(settings)
        tell("the test year, as it was known week by week")
        years = tested_years(models, records, tracking, settings, as_of)
        content = audit_content(years, records, settings, as_of, tell)
        files = {
            f"audit-{as_of}.html": page(content).encode(),
            f"audit-{as_of}.json": as_text(content).encode(),
        }
        run.told({"as_of": as_of, **versions(content)}, measures(content))
        run.files("report", files)
    written = tuple(write_whole(folder / name, content) for name, content in files.items())
    return AuditReport(content, written, run.id)


def audit_content(
    years: Sequence[TestedYear],
    records: Records,
    settings: Settings,
    as_of: date,
    tell: Callable[[str], None],
) -> dict[str, Any]:
    """Everything the page and the file say."""
    models = {}
    days = {day for year in years for day in year.cohort["as_of"]}
    long_term = long_term_learners(records, days, settings=settings)
    for year in years:
        tell(year.tested.bundle.name)
        card = year.tested.card
        about = {"title": card["title"], "predicts": card["predicts"], "version": card["version"]}
        models[year.tested.bundle.name] = (
            about | audit_of(year, records, settings, as_of, long_term).as_json()
        )
    needs = [models[name].get("individual_scores") for name in WHOLE if name in models]
    need = next((need for need in needs if need), None)
    return {
        "as_of": as_of.isoformat(),
        "district": settings["district.name"],
        "capacity": CAPACITY,
        "default_page": need["default_page"] if need else None,
        "models": models,
        "recording": recording(years, records, as_of, long_term),
        "beyond_expected": recorded_beyond(years, records),
    }


def audit_of(
    year: TestedYear, records: Records, settings: Settings, as_of: date, long_term: pd.DataFrame
) -> Audit:
    """The audit of one model, with who was not scored, who got support, and its card's comparison."""
    matrix = year.rows.matrix
    groups = groups_of_rows(records, matrix, as_of, long_term)
    beside: dict[str, Mapping[tuple[str, str], Any]] = {}
    if not of_courses(matrix):
        everyone = groups_of_rows(records, year.cohort, as_of, long_term)
        beside["not_scored"] = abstentions(year.cohort, everyone, settings, groups)
        on_list = listed(year.probability, year.rows.lists, CAPACITY)
        given = support_given(records, matrix, on_list, groups, as_of)
        beside |= {"support": given} if given else {}
    kept = year.tested.card.get("audit", {}).get("individual_scores")
    more = {"individual_scores": kept} if kept else {}
    name, tested = year.tested.bundle.name, year.tested.year
    return audit_model(name, tested, year.rows, year.probability, groups, beside=beside, more=more)


def recording(
    years: Sequence[TestedYear], records: Records, as_of: date, long_term: pd.DataFrame
) -> dict[str, Any]:
    """Who was written up and whose absence was excused, in the latest year, of everyone enrolled."""
    schools = [year for year in years if not of_courses(year.cohort)]
    if not schools:
        return {"year": None, "comparisons": [], "missing": []}
    widest = max(schools, key=lambda year: (year.tested.year, len(year.cohort)))
    year = widest.tested.year
    last = widest.cohort.drop_duplicates("student_id", keep="last").reset_index(drop=True)
    groups = groups_of_rows(records, last, as_of, long_term)
    sizes = {
        (dimension.name, code): int(dimension.of(code).sum())
        for dimension in groups.dimensions
        for code, _ in dimension.groups
    }
    hidden = hidden_cells(groups.dimensions, sizes)
    found = {
        "written_up": written_up(records, last, year, as_of, behavior_score(schools, last)),
        "excused": excused(records, last, year, as_of),
    }
    comparisons: list[Comparison] = []
    for kind, recorded in found.items():
        comparisons += [] if recorded is None else compared(kind, recorded, groups, hidden)
    return {
        "year": year,
        "comparisons": [one.as_json() | {"told": one.told} for one in comparisons],
        "missing": [kind for kind, recorded in found.items() if recorded is None],
    }


def behavior_score(years: Sequence[TestedYear], students: pd.DataFrame) -> np.ndarray | None:
    """(n,) what the behavior model said of each student over the year on average; None without it."""
    own = next((year for year in years if year.tested.definition.outcome == "behavior"), None)
    if own is None:
        return None
    mean = pd.Series(own.probability).groupby(own.rows.matrix["student_id"].to_numpy()).mean()
    return students["student_id"].map(mean).to_numpy(dtype=float)


def versions(content: Mapping[str, Any]) -> dict[str, str]:
    """Which versions were audited."""
    return {f"version.{name}": told["version"] for name, told in content["models"].items()}


def measures(content: Mapping[str, Any]) -> dict[str, float]:
    """How many alarms, and how many groups were tested, for each model."""
    found: dict[str, float] = {}
    for name, told in content["models"].items():
        found |= {f"{name}.alarms": len(told["alarms"]), f"{name}.groups": told["groups"]}
    return found
