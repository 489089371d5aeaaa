"""The features of the runs that are asked about: read and checked once, then kept and found by student."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ews.support.facts import Run

if TYPE_CHECKING:
    import pandas as pd

MOST_RUNS = 3  # a district of 12,000 takes about 10 MB a run


@dataclass(frozen=True)
class RunFeatures:
    """The matrix of one run, and where each student stands in it."""

    matrix: pd.DataFrame
    places: dict[str, int]

    def rows(self, students: Iterable[str]) -> pd.DataFrame:
        """The rows of those ``students`` who were enrolled on that day, in the order given."""
        found = [self.places[student] for student in students if student in self.places]
        return self.matrix.iloc[found]


class KeptFeatures:
    """The features of the last few runs asked about."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self._kept: OrderedDict[str, RunFeatures] = OrderedDict()
        self._reading = threading.Lock()

    def of(self, run: Run) -> RunFeatures:
        """The features of ``run``; OurFault when its file is missing or altered."""
        kept = self._kept.get(run.run_id)
        return kept or self._read(run)

    def _read(self, run: Run) -> RunFeatures:
        from ews.support.run_files import read_features

        with self._reading:
            if run.run_id not in self._kept:
                matrix = read_features(self.home, run.run_id, run.files)
                places = {student: place for place, student in enumerate(matrix["student_id"])}
                self._kept[run.run_id] = RunFeatures(matrix, places)
                while len(self._kept) > MOST_RUNS:
                    self._kept.popitem(last=False)
            return self._kept[run.run_id]
