"""A real server: BentoML in processes of its own, on a free port of this machine, its whole output kept."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from ews.settings import Settings

ROOT = Path(__file__).parents[2]
START_SECONDS = 60
STOP_SECONDS = 20


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@dataclass(frozen=True)
class Server:
    """A running ``ews serve``. ``output`` is where everything it says goes."""

    port: int
    process: subprocess.Popen[bytes]
    output: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str, **more: object) -> httpx.Response:
        return httpx.get(self.url + path, timeout=30, **more)  # type: ignore[arg-type]

    def post(self, path: str, **more: object) -> httpx.Response:
        return httpx.post(self.url + path, timeout=120, **more)  # type: ignore[arg-type]

    def said(self) -> str:
        """Everything that the server and its workers have written."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    def family(self) -> list[psutil.Process]:
        """The process and its workers."""
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]


@contextmanager
def running(settings: Settings, folder: Path, *arguments: str, **more: str) -> Iterator[Server]:
    """``ews serve`` with ``settings``, ready to answer; ended when the block ends."""
    port, output = free_port(), folder / "server.log"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("EWS_")}
    environment |= {
        "EWS_HOME": str(settings.home),
        "EWS_DATABASE_URL": settings.database_url,
        "EWS_MODELS": str(settings.models),
        "EWS_MLRUNS": str(settings.mlruns),
        "EWS_CONFIG": str(folder / "ews.toml"),
    } | more
    command = [sys.executable, "-m", "ews", "serve", "--port", str(port), *arguments]
    with output.open("wb") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT)
    server = Server(port, process, output)
    try:
        wait_until_ready(server)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def wait_until_ready(server: Server) -> None:
    """Return once the probe answers; fail with what the server said when it ends or takes too long."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.process.poll() is None:
        try:
            if server.get("/livez").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"The server did not start:\n{server.said()}")
