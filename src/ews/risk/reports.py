"""Pictures for analysts: whether the numbers hold, and what the model goes by.

They show sums over at most MOST_ROWS rows, and the answers to made-up rows: no dot is a student.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ews.risk.boosted import Boosted
from ews.risk.calibration_error import BINS, equal_bins
from ews.risk.composite import Composite
from ews.risk.fitting import Fitted

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_ROWS = 500
BLUE, GREY = "#0072B2", "#4D4D4D"


@dataclass(frozen=True)
class Explained:
    """Contributions in calibrated log-odds: of real rows, shown only as sums, and of made-up rows."""

    names: Sequence[str]
    real: np.ndarray
    made_up: np.ndarray
    made_up_rows: np.ndarray


def explained(model: Fitted | Composite, real: np.ndarray, made_up: np.ndarray) -> Explained:
    """What the plots show of ``model``; ``real`` and ``made_up`` are rows in its feature order."""
    names = model.domains if isinstance(model, Composite) else model.features
    some = real[:: max(1, -(-len(real) // MOST_ROWS))]
    return Explained(names, shap_values(model, some), shap_values(model, made_up), made_up)


def shap_values(model: Fitted | Composite, rows: np.ndarray) -> np.ndarray:
    """(n, k) contributions in calibrated log-odds; of trees, as shap's own TreeExplainer gives them."""
    if isinstance(model, Composite):
        return model.multipliers(rows) * np.nan_to_num(rows)
    if not isinstance(model.body, Boosted):
        return model.contributions(rows)[:, :-1]
    import shap

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # shap tells of a change of output form that does not concern us
        values = shap.TreeExplainer(model.body.booster).shap_values(rows)
    return model.calibration.slope * np.asarray(values)


def pictures(told: Explained, labels: np.ndarray, probability: np.ndarray) -> dict[str, bytes]:
    """PNG files by name: reliability on the test year, SHAP bars and SHAP beeswarm."""
    return {
        "reliability.png": reliability(labels, probability),
        "shap_bar.png": shap_picture("bar", told.names, told.real, told.real),
        "shap_beeswarm.png": shap_picture("beeswarm", told.names, told.made_up, told.made_up_rows),
    }


def reliability(labels: np.ndarray, probability: np.ndarray) -> bytes:
    """How often it happened against how often it was said, in bins of equal count."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    place = equal_bins(probability)
    count = np.maximum(np.bincount(place, minlength=BINS), 1)
    said = np.bincount(place, probability, BINS) / count
    happened = np.bincount(place, labels, BINS) / count
    figure = Figure(figsize=(5, 5), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots()
    edge = max(said.max(), happened.max()) * 1.05
    axes.plot([0, edge], [0, edge], color=GREY, linestyle="--", label="as said")
    axes.plot(said, happened, color=BLUE, marker="o", label="test year")
    axes.set(xlabel="Said", ylabel="Happened", title=f"{BINS} bins of equal count")
    axes.legend()
    return png(figure)


def shap_picture(kind: str, names: Sequence[str], values: np.ndarray, rows: np.ndarray) -> bytes:
    """A plot of shap's over contributions in calibrated log-odds."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of shap's own use of matplotlib and numpy
        import shap

        told = shap.Explanation(
            values=values, base_values=np.zeros(len(values)), data=rows, feature_names=list(names)
        )
        draw: Any = shap.plots.bar if kind == "bar" else shap.plots.beeswarm
        draw(told, max_display=15, show=False)
        figure = pyplot.gcf()
        content = png(figure)
        pyplot.close(figure)
    return content


def png(figure: Figure) -> bytes:
    """The figure as the bytes of a PNG file."""
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=80, bbox_inches="tight")
    return content.getvalue()
