"""Every benchmark in turn, each in a process of its own; 1 when any of them missed a goal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "shared" / "data"

RUNS = (
    ("score.py",),
    ("endpoint.py",),
    ("district.py",),
    ("oulad.py", str(DATA / "oulad_2013"), "--train", "2013B", "--test", "2013J", "--days", "28,56,84"),
)


def main() -> int:
    """Run all; a benchmark whose data is not on this machine says so and is passed over."""
    missed = 0
    for name, *arguments in RUNS:
        if arguments and not Path(arguments[0]).exists():
            print(f"# {name}: no data in {arguments[0]}; see its --help", file=sys.stderr)
            continue
        print(f"# {name}", file=sys.stderr, flush=True)
        missed += subprocess.run([sys.executable, HERE / name, *arguments]).returncode != 0
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
