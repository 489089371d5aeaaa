"""Whether a bundle answers at all: read and asked in a process of its own, with a time limit.

    python -m ews.risk.probe FOLDER

What a damaged model could do (end the process, never come back) happens there and not to the service.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from ews.errors import EwsError
from ews.risk.verification import damaged

SECONDS = 60.0


def probe(folder: Path, seconds: float = SECONDS) -> None:
    """Load the bundle in ``folder`` in a child process; OurFault when it fails or takes too long."""
    command = [sys.executable, "-m", "ews.risk.probe", str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        raise damaged(f"{folder.name} did not answer within {seconds:.0f} seconds") from None
    if done.returncode != 0:
        told = done.stderr.decode(errors="replace").strip().splitlines()
        raise damaged(f"{folder.name} failed its probe: {told[-1] if told else done.returncode}")


def main() -> int:
    """Load the bundle named on the command line: checksums, structure, golden rows."""
    from ews.risk.bundle import load_bundle

    try:
        load_bundle(Path(sys.argv[1]))
    except EwsError as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
