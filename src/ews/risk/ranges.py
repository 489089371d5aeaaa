"""How sure a score is, as a frequency: of 100 students with a record like this, about 45 to 60.

The model's own log-odds with t times the refits' standard deviation on either side (a two-sided 95 %
interval of the model's uncertainty, 19 degrees of freedom), both ends rounded outwards to fives. Left out:
what changes from one school year to the next, and what no record knows of a student.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ews.risk.composite import Composite
from ews.risk.known_rows import DomainRows
from ews.risk.refit_draws import REFITS

T = 2.093  # Student's t at .975 with REFITS - 1 degrees of freedom
STEP = 5  # of 100 students
LINES = np.log(np.arange(STEP, 100, STEP) / (100 - np.arange(STEP, 100, STEP)))  # log-odds of 5, 10 ... 95
UNKNOWN = -1


def ranges_of(domains: Mapping[str, DomainRows]) -> dict[str, np.ndarray]:
    """The range of every row in every domain; composites come last in ``domains``.

    Of each domain (n, 2): at least and at most so many of 100 students, in fives; UNKNOWN where none is.
    """
    said: dict[str, np.ndarray] = {}
    apart: dict[str, np.ndarray | None] = {}
    found = {}
    for name, domain in domains.items():
        model = domain.bundle.model
        if isinstance(model, Composite):
            said[name] = model.log_odds(np.column_stack([said[one] for one in model.domains]))
            apart[name] = overall_apart(model, said, apart)
        else:
            said[name], apart[name] = domain_apart(domain)
        found[name] = around(said[name], apart[name], domain.eligible)
    return found


def domain_apart(domain: DomainRows) -> tuple[np.ndarray, np.ndarray | None]:
    """(n,) log-odds of the eligible rows, NaN elsewhere, and (n, REFITS) how far refits lie apart there."""
    model, eligible = domain.bundle.model, domain.eligible
    log_odds = np.full(len(eligible), np.nan)
    apart = np.zeros((len(eligible), REFITS))
    if isinstance(model, Composite) or not eligible.any():
        return log_odds, apart
    rows = domain.rows[eligible]
    log_odds[eligible] = model.log_odds(rows)
    between = model.apart(rows)
    if between is None:
        return log_odds, None
    apart[eligible] = between
    return log_odds, apart


def overall_apart(
    model: Composite, said: Mapping[str, np.ndarray], apart: Mapping[str, np.ndarray | None]
) -> np.ndarray | None:
    """(n, REFITS) how far overall's refits lie apart, taken through those of its domains."""
    parts = [apart[name] for name in model.domains]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    return model.apart(np.column_stack([said[name] for name in model.domains]), np.stack(known, axis=1))


def around(log_odds: np.ndarray, apart: np.ndarray | None, eligible: np.ndarray) -> np.ndarray:
    """(n, 2) the range around each of ``log_odds``, whose refits lie ``apart`` (n, REFITS)."""
    found = np.full((len(log_odds), 2), UNKNOWN, dtype=np.int16)
    if apart is None:
        return found
    reach = T * deviation(apart)
    low = STEP * np.searchsorted(LINES, log_odds - reach, side="right")
    high = STEP * (np.searchsorted(LINES, log_odds + reach, side="left") + 1)
    found[eligible] = np.column_stack([low, high])[eligible]
    return found


def deviation(apart: np.ndarray) -> np.ndarray:
    """(n,) standard deviation over refits, added up one by one: the same bits for one row as for many."""
    total = np.zeros(len(apart))
    for place in range(REFITS):
        total += apart[:, place] ** 2
    return np.sqrt(total / (REFITS - 1))
