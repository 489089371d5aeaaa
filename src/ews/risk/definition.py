"""What a model is, said once: the sentence, the outcome, the grades, the features, the parameters.

The files in ``training/`` hold one definition each; nothing else about a model is written anywhere.
Direction, phrase and driver belong to the feature, not to the model: see ``ews.features.catalogue``.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ews.errors import OurFault, UsageError
from ews.features.catalogue import FEATURES
from ews.features.definition import Feature

WEEKS = (3, 4, 6, 8, 10, 12, 16, 20, 24, 28)

PARAMETERS: Mapping[str, float | int] = {
    "num_leaves": 8,
    "max_depth": 3,
    "learning_rate": 0.03,
    "trees": 300,
    "min_child_samples": 200,
    "lambda_l2": 10.0,
    "feature_fraction": 0.7,
    "max_bin": 255,
    "logistic_l2": 300.0,
}


@dataclass(frozen=True, kw_only=True)
class RiskModel:
    """One model: what it predicts, why, for whom, from what.

    ``outcome`` is a target of ``ews.outcomes``. ``features`` are names of the catalogue, or of
    ``described_by`` where a source brings features of its own. A composite names the models it
    ``stacks`` instead of features. ``population`` is whom it is asked about: everyone of its grades, or
    the English learners among them (``ews.risk.populations``). ``needs_setting`` maps a stacked model to
    the district's choice without which it stays out.
    """

    name: str
    title: str
    predicts: str
    why: str
    outcome: str
    grades: tuple[int, ...]
    reviewed: str
    population: str = "everyone"
    features: tuple[str, ...] = ()
    stacks: tuple[str, ...] = ()
    needs_setting: Mapping[str, str] = field(default_factory=dict)
    snapshot_weeks: tuple[int, ...] = WEEKS
    parameters: Mapping[str, Any] = field(default_factory=lambda: PARAMETERS)
    described_by: Mapping[str, Feature] | None = None
    limits: tuple[str, ...] = ()

    def described(self) -> dict[str, Feature]:
        """Each of the model's features with its phrase, direction and driver, in the model's order."""
        known = FEATURES if self.described_by is None else self.described_by
        unknown = [name for name in self.features if name not in known]
        if unknown:
            raise UsageError(
                f"The definition of {self.name} names unknown features: {', '.join(unknown)}.",
                "Take names from ews.features.catalogue.",
            )
        return {name: known[name] for name in self.features}


def definitions(folder: Path, names: Sequence[str] = ()) -> list[RiskModel]:
    """The definitions in ``folder`` by path, composites last; all of them, or those named.

    Errors: UsageError when a name has no file, or a file defines no ``model``.
    """
    files = {path.stem: path for path in sorted(folder.glob("*.py"))}
    unknown = [name for name in names if name not in files]
    if unknown or not files:
        raise UsageError(
            f"No definition of {', '.join(unknown) or 'any model'} in {folder}.",
            f"There are {', '.join(files)}." if files else "Set EWS_TRAINING to the folder of definitions.",
        )
    models = [read_definition(files[name]) for name in names or files]
    return sorted(models, key=lambda model: bool(model.stacks))


def read_definition(path: Path) -> RiskModel:
    """The ``model`` that the file at ``path`` defines."""
    spec = importlib.util.spec_from_file_location(f"training_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise OurFault(f"{path} cannot be read as a definition.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    model = getattr(module, "model", None)
    if not isinstance(model, RiskModel) or model.name != path.stem:
        raise UsageError(
            f"{path} defines no model named {path.stem}.",
            f"Write model = RiskModel(name={path.stem!r}, ...).",
        )
    return model
