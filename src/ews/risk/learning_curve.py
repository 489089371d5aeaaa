"""What more data would buy: the same recipe from fewer students and from fewer years, on one test year.

The logistic is used: it is what ships by default in a small district, and its curve is smooth. Each share
of students is drawn SETS times and averaged, so that one lucky draw does not make the curve.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ews.errors import BadData
from ews.risk.draws import Estimate, as_json
from ews.risk.learner import Learner, everything
from ews.risk.measured import Score, on_lists
from ews.risk.order import auc_of
from ews.risk.rolling import JudgedYear
from ews.risk.rows import Rows
from ews.risk.splits import Split

SHARES = (0.125, 0.25, 0.5)
SETS = 2
SHOWN = ("recall_at_10", "precision_at_10", "auc")


@dataclass(frozen=True)
class Point:
    """One amount of data: ``students`` and ``years`` learned from, and each measure of SHOWN."""

    students: int
    years: int
    measures: dict[str, Estimate]

    def as_json(self, whole: Point) -> dict[str, Any]:
        """The measures, and what is lost against the ``whole``."""
        lost = {name: self.measures[name].minus(whole.measures[name]) for name in SHOWN}
        return {
            "students": self.students,
            "years": self.years,
            "measures": as_json(self.measures),
            "against_all": as_json(lost),
        }


def learning_curve(learner: Learner, name: str, year: JudgedYear) -> dict[str, Any]:
    """The test year's measures after learning from a share of the students, and from fewer years.

    A share for which too few had the outcome is left out and named in ``too_few``.
    """
    whole = point(learner, name, year, everything)
    by_students, too_few = [], []
    for share in SHARES:
        try:
            sets = [point(learner, name, year, some_students(share, start)) for start in range(SETS)]
        except BadData:
            too_few.append(share)
        else:
            by_students.append(averaged(sets).as_json(whole))
    by_years = [found.as_json(whole) for found in fewer_years(learner, name, year)]
    return {
        "year": year.split.test,
        "by_students": [*by_students, whole.as_json(whole)],
        "by_years": [*by_years, whole.as_json(whole)] if by_years else [],
        "too_few": too_few,
    }


def point(learner: Learner, name: str, year: JudgedYear, keep: Callable[[Rows], Rows]) -> Point:
    """The measures on the test year after learning from the rows that ``keep`` leaves."""
    students, years = amount(learner, name, year.split, keep)
    said = learner.plain(name, year.split, learner.features(name), keep)(year.judgement.rows.matrix)
    found = on_lists(year.ground, Score("logistic", said, True))
    found["auc"] = auc_of(year.ground.labels, said, year.ground.draws)
    measures = {each: found[each] for each in SHOWN}
    return Point(students, years, measures)


def amount(learner: Learner, name: str, split: Split, keep: Callable[[Rows], Rows]) -> tuple[int, int]:
    """How many students, and how many years, there are to learn from in the rows that ``keep`` leaves."""
    learned = keep(learner.rows_for(name, split)).of([*split.fit, split.latest])
    return len(np.unique(learned.students)), len(set(learned.years))


def averaged(points: list[Point]) -> Point:
    """The mean of several draws of the same share."""
    measures = {
        name: Estimate(
            float(np.mean([each.measures[name].point for each in points])),
            np.mean([each.measures[name].drawn for each in points], axis=0),
        )
        for name in SHOWN
    }
    return Point(round(np.mean([each.students for each in points])), points[0].years, measures)


def some_students(share: float, start: int) -> Callable[[Rows], Rows]:
    """Rows of a ``share`` of the students, other ones for each ``start``: every so many in a mixed order."""

    def kept(rows: Rows) -> Rows:
        names = np.array(sorted(set(rows.matrix["student_id"])))
        mixed = np.random.default_rng(97 + start).permutation(len(names))
        chosen = names[mixed < share * len(names)]
        return rows.where(rows.matrix["student_id"].isin(chosen).to_numpy())

    return kept


def fewer_years(learner: Learner, name: str, year: JudgedYear) -> Iterator[Point]:
    """The measures with the latest year to learn from alone, with the latest two, and so on."""
    split = year.split
    for count in range(1, len(split.fit)):
        held = (
            *split.fit[-count:],
            *(() if split.calibrate is None else (split.calibrate,)),
            split.test or 0,
        )

        def kept(rows: Rows, held: tuple[int, ...] = held) -> Rows:
            return rows.of(held)

        try:
            yield point(learner, name, year, kept)
        except BadData:
            continue
