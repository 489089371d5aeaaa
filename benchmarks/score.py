"""How long `ews score` takes for 12,000 students with reasons in four domains, and how much memory.

    python benchmarks/score.py [--students 12000] [--folder DIR]

Makes a district of that size and trains models on a smaller one in DIR (kept when given), then scores
once in a process of its own. The seconds count from after the imports to the committed run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime
from pathlib import Path

from measures import Measures

ROOT = Path(__file__).parents[1]
AS_OF = date(2025, 11, 14)
NOW = datetime(2025, 11, 17, 14, tzinfo=UTC)
MODELS = ["attendance", "grades", "behavior", "overall"]


def main() -> int:
    """Make what is missing, score once, and say what it took."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=12_000)
    parser.add_argument("--folder", type=Path, help="where the district and the models are kept")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.inside:
        return score_here()
    with tempfile.TemporaryDirectory() as scratch:
        folder = given.folder or Path(scratch)
        prepare(folder, given.students)
        told = score_apart(folder)
    measures = Measures()
    measures.add("score_seconds", told["seconds"], goal="<= 30", students=told["students"], rows=told["rows"])
    measures.add("score_peak_memory_gb", told["peak_gb"], goal="<= 1.5")
    measures.add("score_import_seconds", told["import_seconds"])
    return measures.exit_code()


def environment(folder: Path, name: str) -> dict[str, str]:
    """The variables under which ``folder/name`` is a home with the models of ``folder``."""
    return {
        "EWS_HOME": str(folder / name),
        "EWS_MODELS": str(folder / "models"),
        "EWS_MLRUNS": str(folder / "mlruns"),
        "EWS_TRAINING": str(ROOT / "training"),
        "EWS_CONFIG": str(folder / "ews.toml"),
    }


def prepare(folder: Path, students: int) -> None:
    """A district to learn from and a larger one to score, unless ``folder`` has them."""
    from ews.demo import SEED
    from ews.district.make import make_district
    from ews.records.intake import load_drop
    from ews.risk.promotion import promote
    from ews.risk.training import train_all
    from ews.settings import read_settings

    for name, size, number in (("learn", "demo", None), ("scored", "district", students)):
        settings = read_settings(environment(folder, name))
        if not (settings.lake / "current.json").exists():
            make_district(folder / f"{name}-drop", size, students=number, seed=SEED, until=AS_OF)
            report = load_drop(settings, folder / f"{name}-drop", "csv", now=NOW)
            if report.status != "loaded":
                raise SystemExit(f"the drop was {report.status}")
    settings = read_settings(environment(folder, "learn"))
    if not (settings.models / "overall").exists():
        train_all(settings, MODELS, AS_OF)
        for model in MODELS:
            promote(settings, model, run_id=None, signed_by=["benchmark", "benchmark reviewer"])


def score_apart(folder: Path) -> dict[str, float]:
    """Score in a process of its own, so that its memory is its own."""
    command = [sys.executable, __file__, "--inside"]
    done = subprocess.run(
        command, env=os.environ | environment(folder, "scored"), stdout=subprocess.PIPE, check=True, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def score_here() -> int:
    """Import, then score, then print what it took."""
    began = time.perf_counter()
    import duckdb
    import ibis
    import lightgbm
    import pandas

    from ews.settings import read_settings
    from ews.support.score_run import score_run

    imported = time.perf_counter()
    report = score_run(read_settings(), AS_OF, now=NOW)
    done = time.perf_counter()
    told = report.as_json()
    print(
        json.dumps(
            {
                "libraries": [module.__name__ for module in (duckdb, ibis, lightgbm, pandas)],
                "import_seconds": imported - began,
                "seconds": done - imported,
                "peak_gb": peak_gb(),
                "students": told["students"],
                "rows": told["scores"],
            }
        )
    )
    return 0


def peak_gb() -> float:
    """The most memory that this process has held, in GB.

    From /proc: ``ru_maxrss`` would begin with the size of the process that started this one.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024**2


if __name__ == "__main__":
    sys.exit(main())
