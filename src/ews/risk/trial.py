"""What a bundle must still do on the day it is promoted: read today's features, and answer in time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping

import numpy as np

from ews.features.course_catalogue import COURSE_FEATURES
from ews.features.definition import Feature
from ews.features.learner_catalogue import DESCRIBED
from ews.risk.bundle import Bundle
from ews.risk.composite import Composite
from ews.risk.golden import feature_rows, log_odds_rows

ONE_STUDENT = 0.02  # seconds for one row and its contributions: a page waits for it
A_THOUSAND = 1.0  # seconds for a thousand rows: the weekly run and /score wait for them
TIMES = 15
SAME = ("unit", "direction", "imputation", "source")
"""What may not have changed about a feature since the fit: its number would mean another thing."""


def otherwise_today(bundle: Bundle) -> list[str]:
    """The features of ``bundle`` that the catalogue no longer has, or has with another meaning."""
    known: Mapping[str, Feature] = DESCRIBED | COURSE_FEATURES
    return [
        name
        for name, kept in bundle.features.items()
        if name not in known or any(getattr(kept, what) != getattr(known[name], what) for what in SAME)
    ]


def seconds_to_answer(bundle: Bundle) -> tuple[float, float]:
    """Seconds for one student with contributions, the median of TIMES; and for a thousand rows, at once."""
    ask, rows = asking(bundle)
    ask(rows[:1])
    one = statistics.median(timed(ask, rows[place : place + 1]) for place in range(TIMES))
    many = np.tile(rows, (1 + 1000 // len(rows), 1))[:1000]
    return one, timed(ask, many)


def asking(bundle: Bundle) -> tuple[Callable[[np.ndarray], object], np.ndarray]:
    """What the model is asked, and made-up rows to ask it about."""
    model = bundle.model
    if isinstance(model, Composite):
        return model.log_odds, log_odds_rows(model)
    return lambda rows: (model.log_odds(rows), model.contributions(rows)), feature_rows(bundle.typical)


def timed(ask: Callable[[np.ndarray], object], rows: np.ndarray) -> float:
    """Seconds that one call takes."""
    began = time.perf_counter()
    ask(rows)
    return time.perf_counter() - began
