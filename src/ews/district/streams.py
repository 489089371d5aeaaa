"""Which random numbers does each part of the district draw? One named stream each.

A stream depends only on the seed and its labels, so adding a table never changes another one.
"""

from __future__ import annotations

import zlib
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]


def stream(seed: int, *labels: object) -> np.random.Generator:
    """The generator of ``labels`` under ``seed``; the same call gives the same numbers everywhere."""
    return np.random.default_rng([seed, *(zlib.crc32(str(label).encode()) for label in labels)])


def chosen(rng: np.random.Generator, options: list[Any] | tuple[Any, ...], shares: Any, n: int) -> Array:
    """``n`` draws from ``options`` in these ``shares`` (they are scaled to one), as an object array."""
    weights = np.asarray(shares, dtype=float)
    picks = np.searchsorted(np.cumsum(weights / weights.sum()), rng.random(n), side="right")
    return np.array(options, dtype=object)[np.minimum(picks, len(options) - 1)]


def logistic(x: Array) -> Array:
    """Log-odds as probability."""
    return np.asarray(1.0 / (1.0 + np.exp(-x)))
