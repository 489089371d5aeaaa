"""The features of the runs that are asked about: read and checked once, then kept and found by student.

What can be worked out before a model is asked is worked out then, for everyone of that run. Another
promoted model makes it be done again.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from ews.settings import Settings
from ews.support.facts import Run

if TYPE_CHECKING:
    from ews.risk.bundle import Bundle
    from ews.risk.known_rows import KnownRows
    from ews.risk.scoring import Score

LOOK_EVERY = 1.0  # seconds; a newer run of a day is seen at most this much later
MOST_RUNS = 3  # a district of 12,000 takes about 50 MB a run

Scores = Mapping[str, Mapping[str, "Score"]]


@dataclass(frozen=True)
class RunFeatures:
    """The rows of one run, and where each student stands in them; ``learners``: the English learners' own."""

    rows: KnownRows
    places: Mapping[str, int]
    learners: RunFeatures | None = None

    @cached_property
    def ranged(self) -> KnownRows:
        """The rows with everyone's ranges, worked out when first asked for: every later call is spared it."""
        from ews.risk.ranges import ranges_of

        return replace(self.rows, ranges=ranges_of(self.rows.domains))

    def scores(self, students: Iterable[str], settings: Settings) -> Scores:
        """Student, then domain, to score: of those ``students`` who were enrolled on that day."""
        from ews.risk.scoring import ScoredFrame

        return ScoredFrame(self.listed(list(students), settings), []).by_student()

    def listed(self, students: Sequence[str], settings: Settings) -> list[Score]:
        """The same scores one after the other."""
        from ews.risk.scoring import explained

        places = [self.places[student] for student in students if student in self.places]
        found = explained(self.ranged.take(places), settings) if places else []
        return found + self.learners.listed(students, settings) if self.learners else found


class KeptFeatures:
    """The features of the last few runs asked about."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._shown: dict[date, tuple[float, Run]] = {}
        self._kept: OrderedDict[tuple[str, str], RunFeatures] = OrderedDict()
        self._reading = threading.Lock()

    def shown(self, as_of: date, find: Callable[[], Run | None]) -> Run | None:
        """The run shown for ``as_of``, looked for with ``find`` at most once a second."""
        looked, run = self._shown.get(as_of, (0.0, None))
        if run is None or time.monotonic() - looked > LOOK_EVERY:
            run = find()
            if run is None:
                self._shown.pop(as_of, None)
            else:
                self._shown[as_of] = (time.monotonic(), run)
        return run

    def of(self, run: Run, bundles: Mapping[str, Bundle]) -> RunFeatures:
        """The features of ``run`` for the models in service; OurFault when its file is missing or altered."""
        key = (run.run_id, versions(bundles))
        kept = self._kept.get(key)
        if kept is None:
            with self._reading:
                kept = self._kept.get(key) or self._read(run, bundles)
                self._kept[key] = kept
                while len(self._kept) > MOST_RUNS:
                    self._kept.popitem(last=False)
        return kept

    def _read(self, run: Run, bundles: Mapping[str, Bundle]) -> RunFeatures:
        from ews.risk.populations import ByPopulation
        from ews.support.run_files import FEATURES, LEARNERS

        apart = ByPopulation.of(bundles)
        learners = None
        if apart.learners and LEARNERS in run.files:
            learners = self._rows(run, LEARNERS, apart.learners)
        return replace(self._rows(run, FEATURES, apart.everyone), learners=learners)

    def _rows(self, run: Run, file: str, bundles: Mapping[str, Bundle]) -> RunFeatures:
        from ews.risk.known_rows import known_rows
        from ews.support.run_files import read_features

        matrix = read_features(self.settings.home, run.run_id, run.files, file)
        places = {student: place for place, student in enumerate(matrix["student_id"])}
        return RunFeatures(known_rows(bundles, matrix, self.settings), places)


def versions(bundles: Mapping[str, Bundle]) -> str:
    """The versions of all models in one line, as the ledger keeps them."""
    return " ".join(bundle.version for bundle in bundles.values())
