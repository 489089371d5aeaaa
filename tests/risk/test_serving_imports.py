"""What serves imports neither the tracking store nor the library of plots."""

from __future__ import annotations

import subprocess
import sys

from made_up import Trained

ASK = """
import sys
from pathlib import Path
from ews.risk.bundle import bundles_in_service
from ews.risk import scoring
bundles_in_service(Path(sys.argv[1]))
print(sorted({"mlflow", "shap", "matplotlib", "sklearn", "ibis"} & set(sys.modules)))
"""


def test_reading_the_models_in_service_imports_no_mlflow_and_no_shap(trained: Trained) -> None:
    command = [sys.executable, "-c", ASK, str(trained.folder / "models")]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "mlflow" not in told.stdout and "shap" not in told.stdout and "matplotlib" not in told.stdout
