"""A shadow beside what serves, on outcomes that have closed since both spoke of the same students."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ews.risk.evaluation import auc, brier
from ews.risk.monitoring import ENOUGH_LABELS, GREEN, GREY, Check


def shadow_check(name: str, matured: pd.DataFrame) -> Check:
    """``matured``: probability of the shadow, probability_served, label. It raises no alarm by itself."""
    title = f"Shadow of {name} beside what serves"
    if len(matured) < ENOUGH_LABELS:
        return Check(f"shadow_{name}", title, GREY, f"{len(matured):,} labels have matured: too few to tell.")
    labels = matured["label"].to_numpy(dtype=float)
    rows = tuple(
        {"model": model} | measured(labels, matured[column].to_numpy(dtype=float))
        for model, column in (("serves", "probability_served"), ("shadow", "probability"))
    )
    served, shadow = rows
    told = (
        f"On {len(labels):,} matured labels AUC {shadow['auc']} (what serves: {served['auc']}),"
        f" Brier {shadow['brier']} ({served['brier']}), said less happened {shadow['gap']:+}"
        f" ({served['gap']:+})."
    )
    return Check(f"shadow_{name}", title, GREEN, told, rows=rows)


def measured(labels: np.ndarray, probability: np.ndarray) -> dict[str, float]:
    """Order, squared error, and what was said less what happened."""
    return {
        "auc": round(auc(labels, probability), 3),
        "brier": round(brier(labels, probability), 4),
        "gap": round(float(probability.mean() - labels.mean()), 3),
    }
