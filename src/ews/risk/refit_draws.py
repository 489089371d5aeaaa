"""Who is in each bootstrap refit, and how often: decided by the student's id alone.

The same student is drawn the same number of times by the same refit of every model and in every year,
whatever the order of rows: so the refits of two domains belong together, and overall can be taken
through them. Draws are Poisson with mean 1 (Hanley & MacGibbon 2006), so nobody else's being there
changes a student's.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from math import exp, factorial

import numpy as np

REFITS = 20
SEED = b"ews frequency ranges 1"
MOST_TIMES = 8  # a student is drawn more often once in a million times
CHANCES = np.cumsum([exp(-1) / factorial(times) for times in range(MOST_TIMES)])


def times_drawn(students: Iterable[str]) -> np.ndarray:
    """(n, REFITS) how often each refit draws the student of each row."""
    names, place = np.unique(np.asarray(list(students), dtype=str), return_inverse=True)
    told = b"".join(blake2b(name.encode(), digest_size=2 * REFITS, key=SEED).digest() for name in names)
    chance = (np.frombuffer(told, dtype=">u2").reshape(len(names), REFITS) + 0.5) / 2**16
    return np.searchsorted(CHANCES, chance)[place].astype(float)
