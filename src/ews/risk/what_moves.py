"""What could move a score: feasible steps, and what the served models say once they are taken.

A step changes facts that a student and the adults around them can change in the next weeks: work turned
in, days at school, mornings on time. The facts are altered as the records would then have them, all else
stays, and the model in service is asked again; what it then says differs by exactly the contributions of
what was altered. It is the pattern of past students, and no promise: a model has seen who turned work in,
never what turning it in does. A step that moves nothing is not told, and no number of risk ever is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ews.risk.bundle import Bundle
from ews.risk.composite import Composite
from ews.risk.drivers import NOTABLE
from ews.risk.fitting import numbers
from ews.risk.known_rows import quartiles_of
from ews.risk.logistic import sigmoid
from ews.risk.scoring import Score, band_of
from ews.risk.typical import cell_names
from ews.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

MOVED = ("attendance", "grades")  # behavior is left out: what is written up is an adult's decision
MOST_WORK = 5  # assignments that can be made up in the weeks ahead
DAYS_AHEAD = 20
WORTH_A_STEP = 2  # days missed, or late, beyond what is usual in the grade


@dataclass(frozen=True)
class Tried:
    """A step tried on a matrix: who can take it (n,), how it is said to each, and the altered columns.

    ``of`` are the domains that the facts speak of: work turned in is not told to better attendance.
    """

    code: str
    of: tuple[str, ...]
    who: np.ndarray
    said: Callable[[int], str]
    altered: Mapping[str, np.ndarray]


def what_moves(
    bundles: Mapping[str, Bundle], matrix: pd.DataFrame, scores: Iterable[Score], settings: Settings
) -> dict[str, list[dict[str, Any]]]:
    """Student to the steps that move a score of theirs: code, said, and of each domain the band after.

    ``matrix`` has one row a student, of one day. Only scores above the band *low* are looked at.
    """
    stored = {
        (score.student_id, score.domain): score
        for score in scores
        if score.domain in MOVED and score.log_odds is not None and score.band != "low"
    }
    models = [bundles[name] for name in MOVED if name in bundles and name_is_plain(bundles[name])]
    if matrix.empty or not models or not stored:
        return {}
    found: dict[str, list[dict[str, Any]]] = {}
    students = matrix["student_id"].tolist()
    for tried in (work(matrix), days(matrix, models), mornings(matrix, models)):
        moved = moved_by(tried, models, matrix, stored, settings)
        for place in sorted(moved):
            step = {"code": tried.code, "said": tried.said(place), "moves": moved[place]}
            found.setdefault(students[place], []).append(step)
    return found


def name_is_plain(bundle: Bundle) -> bool:
    """Whether the model looks at features itself, and not at other models."""
    return not isinstance(bundle.model, Composite)


def moved_by(
    tried: Tried,
    models: Sequence[Bundle],
    matrix: pd.DataFrame,
    stored: Mapping[tuple[str, str], Score],
    settings: Settings,
) -> dict[int, list[dict[str, str]]]:
    """Place in the matrix to the domains that the step moves, each with the band before and after."""
    students = matrix["student_id"].tolist()
    moved: dict[int, list[dict[str, str]]] = {}
    for bundle in models:
        if bundle.name not in tried.of:
            continue
        places = [
            int(place) for place in np.flatnonzero(tried.who) if (students[place], bundle.name) in stored
        ]
        if not places or not set(tried.altered) & set(bundle.features):
            continue
        rows = numbers(matrix, list(bundle.features))[places]
        for column, name in enumerate(bundle.features):
            if name in tried.altered:
                rows[:, column] = tried.altered[name][places]
        after = bundle.model.log_odds(rows)  # type: ignore[arg-type]
        for place, log_odds in zip(places, after.tolist(), strict=True):
            score = stored[students[place], bundle.name]
            if score.log_odds is not None and score.band and score.log_odds - log_odds >= NOTABLE:
                band = band_of(float(sigmoid(np.array([log_odds]))[0]), bundle.base_rate, settings)
                told = {"domain": bundle.name, "before": score.band, "after": band}
                moved.setdefault(place, []).append(told)
    return moved


def column(matrix: pd.DataFrame, name: str) -> np.ndarray:
    """A column as numbers, NaN where nothing is on record or the matrix has no such column."""
    if name not in matrix:
        return np.full(len(matrix), np.nan)
    return matrix[name].to_numpy(dtype=np.float64, na_value=np.nan)


def work(matrix: pd.DataFrame) -> Tried:
    """Assignments of this term that are not in are turned in, at most ``MOST_WORK`` of them."""
    missing, due = column(matrix, "missing_work"), column(matrix, "fact_work_due")
    turned_in = np.minimum(np.nan_to_num(missing), MOST_WORK)
    left = missing - turned_in

    def said(place: int) -> str:
        many, some = int(missing[place]), int(turned_in[place])
        if some < many:
            return f"Turn in {some} of the {many} assignments of this term that are not in"
        if many == 1:
            return "Turn in the one assignment of this term that is not in"
        return f"Turn in the {many} assignments of this term that are not in"

    with np.errstate(invalid="ignore", divide="ignore"):
        altered = {
            "missing_work": left,
            "missing_work_share": np.where(due > 0, left / due, np.nan),
            "missing_work_last_20": np.maximum(column(matrix, "missing_work_last_20") - turned_in, 0.0),
        }
    return Tried("work", ("grades",), turned_in > 0, said, altered)


def days(matrix: pd.DataFrame, models: Sequence[Bundle]) -> Tried:
    """The next ``DAYS_AHEAD`` school days with as many missed as in the middle of the grade."""
    rate, missed = column(matrix, "absence_rate_last_20"), column(matrix, "fact_absent_days_year")
    expected = column(matrix, "fact_expected_days_year")
    usual = np.round(DAYS_AHEAD * usual_of(models, matrix, "absence_rate_last_20"))
    with np.errstate(invalid="ignore", divide="ignore"):
        share = usual / DAYS_AHEAD
        altered = {
            "absence_rate_last_20": share,
            "absence_rate_last_10": share,
            "absence_streak_now": np.zeros(len(matrix)),
            "absence_rate_year": (missed + usual) / (expected + DAYS_AHEAD),
            "absence_trend": share - missed / expected,
        }
        who = (expected > 0) & (DAYS_AHEAD * rate - usual >= WORTH_A_STEP)
    return Tried("attendance", MOVED, who, lambda place: ahead("At school", int(usual[place])), altered)


def mornings(matrix: pd.DataFrame, models: Sequence[Bundle]) -> Tried:
    """The next ``DAYS_AHEAD`` school days with as many late as in the middle of the grade."""
    late, so_far = column(matrix, "tardies_last_20"), column(matrix, "fact_tardies_year")
    expected = column(matrix, "fact_expected_days_year")
    usual = np.round(usual_of(models, matrix, "tardies_last_20"))
    with np.errstate(invalid="ignore"):
        altered = {
            "tardies_last_20": usual,
            "tardy_rate_year": (so_far + usual) / (expected + DAYS_AHEAD),
        }
        who = late - usual >= WORTH_A_STEP
    return Tried("on_time", ("attendance",), who, lambda place: ahead("On time", int(usual[place])), altered)


def ahead(what: str, but: int) -> str:
    """``what`` on so many of the days ahead.

    >>> ahead("At school", 0), ahead("On time", 1)
    ('At school on all of the next 20 school days', 'On time on 19 of the next 20 school days')
    """
    some = "all" if but == 0 else str(DAYS_AHEAD - but)
    return f"{what} on {some} of the next {DAYS_AHEAD} school days"


def usual_of(models: Sequence[Bundle], matrix: pd.DataFrame, name: str) -> np.ndarray:
    """(n,) the middle of ``name`` in each row's grade and time of year, by a model that looks at it."""
    bundle = next((bundle for bundle in models if name in bundle.features), None)
    if bundle is None:
        return np.full(len(matrix), np.nan)
    cells = cell_names(matrix)
    names = sorted(set(cells))
    middle = quartiles_of([(bundle.typical, name)], names)[:, 0, 1]
    of_cell = dict(zip(names, middle.tolist(), strict=True))
    return np.array([of_cell[cell] for cell in cells])
