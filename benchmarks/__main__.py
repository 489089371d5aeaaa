"""Every benchmark in turn, each in a process of its own; 1 when any of them missed a goal.

    python -m benchmarks [NAME ...] [--write docs/speed.md]

``--write`` puts what the benchmarks of speed and memory measured on a page.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
DATA = HERE.parents[1] / "shared" / "data"

RUNS: dict[str, tuple[str, ...]] = {
    "score": (),
    "endpoint": (),
    "list_page": (),
    "district": (),
    "small_district": (),
    "ranges": (),
    "real_data": (str(DATA),),
    "lead_time": (),
    "evaluate": (),
    "watching": (),
    "audit_power": (),
    "retraining": (),
    "oulad": (str(DATA / "oulad_2013"), "--train", "2013B", "--test", "2013J", "--days", "28,56,84"),
}
OF_SPEED = ("score", "endpoint", "list_page")


def main() -> int:
    """Run those named, or all; a benchmark whose data is not on this machine says so and is passed over."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(RUNS)}; all otherwise")
    parser.add_argument("--write", type=Path, help="the page to write")
    given = parser.parse_args()
    unknown = set(given.names) - set(RUNS)
    if unknown:
        parser.error(f"no benchmark named {', '.join(sorted(unknown))}")
    missed = 0
    measured: dict[str, list[dict[str, Any]]] = {}
    for name in given.names or RUNS:
        arguments = RUNS[name]
        if arguments and not Path(arguments[0]).exists():
            print(f"# {name}: its data is not on this machine; see its --help", file=sys.stderr)
            continue
        print(f"# {name}", file=sys.stderr, flush=True)
        measured[name], code = run(HERE / f"{name}.py", arguments)
        missed += code != 0
    if given.write:
        given.write.write_text("\n".join(page(measured)) + "\n", encoding="utf-8")
    return 1 if missed else 0


def run(script: Path, arguments: tuple[str, ...]) -> tuple[list[dict[str, Any]], int]:
    """What one benchmark printed, shown as it comes, and its exit code."""
    process = subprocess.Popen([sys.executable, script, *arguments], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    rows = []
    for line in process.stdout:
        print(line, end="", flush=True)
        if line.startswith("{"):
            rows.append(json.loads(line))
    return rows, process.wait()


def page(measured: dict[str, list[dict[str, Any]]]) -> Iterator[str]:
    """The page of speed and memory: what was measured, against which goal, on what machine."""
    yield "# Speed and memory"
    yield ""
    yield "<!-- Written by `python -m benchmarks score endpoint list_page --write docs/speed.md`. -->"
    yield ""
    yield f"{os.cpu_count()} processors, Python {platform.python_version()}; one run. Machines differ:"
    yield "read the ratios, and run it on yours."
    for name in OF_SPEED:
        yield from (
            "",
            f"## {name}",
            "",
            "| measure | value | reference | ratio | goal | reached |",
            "|---|---|---|---|---|---|",
        )
        for row in measured.get(name, []):
            reached = {True: "yes", False: "**no**", None: ""}[row["ok"]]
            cells = (shown(row.get(key)) for key in ("value", "reference", "ratio"))
            yield f"| {row['measure']} | {' | '.join(cells)} | {row['goal'] or ''} | {reached} |"


def shown(number: float | None) -> str:
    """A number with three figures that count, or nothing."""
    return "" if number is None else f"{number:.3g}" if isinstance(number, float) else str(number)


if __name__ == "__main__":
    sys.exit(main())
