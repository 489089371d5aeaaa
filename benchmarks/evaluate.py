"""How long `ews evaluate` takes, and how much memory, on the district of 12,000 students and five years.

    python benchmarks/evaluate.py [--size district] [--until 2026-07-01] [--names attendance,grades,...]

A district is made and loaded first, which is not counted. What the command does then runs in a process of
its own, and tells of each step.
Seconds depend on what else the machine does; the processor's seconds do not.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from measures import Measures

ROOT = Path(__file__).parents[1]
NAMES = "attendance,grades,behavior,overall"
MOST_SECONDS, MOST_GB = 600, 4


def main() -> int:
    """Make, load, evaluate; say the seconds, the memory, and how much was told."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", default="district", choices=("tiny", "demo", "district"))
    parser.add_argument("--until", type=date.fromisoformat, default=date(2026, 7, 1))
    parser.add_argument("--names", default=NAMES)
    given = parser.parse_args()
    measures = Measures()
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        environment = os.environ | places(folder)
        make_and_load(folder, given.size, given.until, environment)
        seconds, processor, memory = evaluate(folder, given.names.split(","), given.until, environment)
        told = json.loads(next(folder.glob("report/*.json")).read_text(encoding="utf-8"))
    years = {name: len(model["years"]) for name, model in told["models"].items()}
    measures.add("evaluate_seconds", seconds, goal=f"<= {MOST_SECONDS}", test_years=years)
    measures.add("evaluate_processor_seconds", processor, processors=os.cpu_count())
    measures.add("evaluate_peak_memory_gb", memory, goal=f"< {MOST_GB}")
    return measures.exit_code()


def places(folder: Path) -> dict[str, str]:
    """The variables under which everything is in ``folder``."""
    return {
        "EWS_HOME": str(folder / "data"),
        "EWS_MODELS": str(folder / "models"),
        "EWS_MLRUNS": str(folder / "mlruns"),
        "EWS_TRAINING": str(ROOT / "training"),
        "EWS_CONFIG": str(folder / "ews.toml"),
    }


def make_and_load(folder: Path, size: str, until: date, environment: dict[str, str]) -> None:
    """The district in the lake, in a process of its own so that its memory is not counted."""
    code = (
        "import sys; from datetime import date, datetime; from pathlib import Path\n"
        "from ews.district.make import make_district; from ews.records.intake import load_drop\n"
        "from ews.settings import read_settings\n"
        "folder, size, until, now = Path(sys.argv[1]), *sys.argv[2:]\n"
        "make_district(folder / 'drop', size, seed=11, until=date.fromisoformat(until))\n"
        "done = load_drop(read_settings(), folder / 'drop', 'csv', now=datetime.fromisoformat(now))\n"
        "sys.exit(done.status != 'loaded')\n"
    )
    now = datetime(until.year, until.month, until.day, 14, tzinfo=UTC) + timedelta(days=1)
    arguments = [sys.executable, "-c", code, str(folder), size, str(until), now.isoformat()]
    subprocess.run(arguments, env=environment, check=True)


def evaluate(
    folder: Path, names: list[str], until: date, environment: dict[str, str]
) -> tuple[float, float, float]:
    """Seconds by the clock and of the processors, and the peak memory in GB, of one evaluation."""
    code = (
        "import sys, time; from datetime import date; from pathlib import Path\n"
        "from ews.risk.evaluation_run import run_evaluation; from ews.settings import read_settings\n"
        "began, tell = time.perf_counter(), lambda done, total, step: print(\n"
        "    f'# {time.perf_counter() - began:6.0f} s, {time.process_time():6.0f} s of processors:', step,\n"
        "    file=sys.stderr, flush=True)\n"
        "out, until, *names = sys.argv[1:]\n"
        "run_evaluation(read_settings(), names, date.fromisoformat(until), out=Path(out), tell=tell)\n"
    )
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(folder / "report"), str(until), *names], env=environment
    )
    _, status, used = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        raise SystemExit(f"ews evaluate left with {os.waitstatus_to_exitcode(status)}")
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e9


if __name__ == "__main__":
    sys.exit(main())
