"""Starting the service: BentoML as a process of its own, on the loopback address unless told otherwise."""

from __future__ import annotations

import ctypes
import ipaddress
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from ews.errors import UsageError
from ews.settings import Settings

SERVICE = Path("serving") / "service.py"
PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
STOP_SECONDS = 15  # what an answer under way is given to finish when the service is told to stop


def serve(settings: Settings, *, host: str = "127.0.0.1", port: int = 3000, workers: int = 1) -> int:
    """The service's exit code, once it has ended; UsageError when it cannot start here.

    Ctrl-C and SIGTERM end it cleanly, with 0.
    """
    service = service_file()
    check_address(host, port)
    if workers < 1:
        raise UsageError(f"--workers is {workers}.", "At least one process must answer.")
    sys.stdout.write(f"Serving on http://{shown(host)}:{port}  (Ctrl-C ends it)\n")
    sys.stdout.flush()
    process = subprocess.Popen(
        command(service, host, port),
        env=environment(settings, workers, os.environ),
        cwd=service.parents[1],
        start_new_session=True,
        preexec_fn=end_with_parent,
    )
    with told_to_stop(process):
        code = process.wait()
    return 0 if code in (0, -signal.SIGTERM, -signal.SIGINT) else 1


def service_file() -> Path:
    """``serving/service.py`` of the folder we stand in, or of the project that this code belongs to."""
    for folder in (Path.cwd(), Path(__file__).parents[3]):
        if (folder / SERVICE).is_file():
            return (folder / SERVICE).resolve()
    raise UsageError(f"There is no {SERVICE} here.", "Run `ews serve` in the project's folder.")


def check_address(host: str, port: int) -> None:
    """UsageError when ``host`` is no address, or its ``port`` is taken."""
    try:
        family = socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET
    except ValueError:
        raise UsageError(f"--host {host!r} is no address.", "Write it as 127.0.0.1.") from None
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as problem:
            raise UsageError(
                f"Port {port} on {host} cannot be used: {problem.strerror}.",
                "Give another with --port (make demo PORT=3001).",
            ) from None


def shown(host: str) -> str:
    """``host`` as it stands in an address."""
    return f"[{host}]" if ":" in host else host


def command(service: Path, host: str, port: int) -> list[str]:
    """The command that serves ``service``, with the Python that runs this."""
    return [
        sys.executable,
        "-m",
        "bentoml",
        "serve",
        f"{SERVICE.stem}.py:EarlyWarning",
        "--working-dir",
        str(service.parent),
        "--host",
        host,
        "--port",
        str(port),
    ]


def environment(settings: Settings, workers: int, given: Mapping[str, str]) -> dict[str, str]:
    """The variables the service runs with: the same places as here, one thread a model, nothing reported."""
    return {
        **given,
        "EWS_HOME": str(settings.home),
        "EWS_MODELS": str(settings.models),
        "EWS_MLRUNS": str(settings.mlruns),
        "EWS_TRAINING": str(settings.training),
        "EWS_CONFIG": str(Path(given.get("EWS_CONFIG") or "ews.toml").absolute()),
        "EWS_DATABASE_URL": settings.database_url,
        "EWS_ENGINE": settings.engine,
        "EWS_LEDGER_KEY": settings.ledger_key,
        "BENTOML_CONFIG_OPTIONS": f"services.ews.workers={workers}",
        "BENTOML_DO_NOT_TRACK": "True",
        "OMP_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
    }


@contextmanager
def told_to_stop(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """While the service runs, Ctrl-C and SIGTERM are passed on to it; what outlives its time is killed."""

    def pass_on(number: int, frame: FrameType | None) -> None:
        process.send_signal(signal.SIGTERM)

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)
        if process.poll() is None:
            end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask the service to stop, wait, and kill it when it does not; its workers end with it."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def end_with_parent() -> None:
    """Have this process ended when the one that started it is gone, even killed: no worker is left behind.

    Linux only (prctl); elsewhere a worker ends when BentoML ends it.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM)
