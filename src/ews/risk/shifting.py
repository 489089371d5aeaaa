"""A model moved by the same log-odds for everybody: its order stays, its probabilities do not."""

from __future__ import annotations

from dataclasses import replace

from ews.risk.composite import Composite
from ews.risk.fitting import Fitted


def shifted(model: Fitted | Composite, shift: float) -> Fitted | Composite:
    """The model whose every log-odds is larger by ``shift``."""
    if isinstance(model, Composite):
        return replace(model, intercept=model.intercept + shift)
    calibration = replace(model.calibration, intercept=model.calibration.intercept + shift)
    return replace(model, calibration=calibration)
