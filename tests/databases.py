"""The two databases that the store runs on, for tests: SQLite, and a PostgreSQL server of our own.

The server listens on a socket in a folder of its own and belongs to a user who is not root. Tests
that need it are skipped where PostgreSQL's server programs are not installed; with CI set, they fail.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from ews.settings import Settings

BOTH = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgresql", id="postgresql", marks=pytest.mark.postgres),
]


class Server:
    """A PostgreSQL server that lives as long as the test session."""

    started: Server | None = None

    def __init__(self, programs: Path) -> None:
        self.programs = programs
        self.folder = Path(tempfile.mkdtemp(prefix="ews-postgres-"))
        self.user = _other_user() if os.geteuid() == 0 else None
        if self.user:
            os.chown(self.folder, pwd.getpwnam(self.user).pw_uid, -1)
        self.databases = 0
        self.run("initdb", "-D", self.data, "-U", "ews", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off"
        self.run("pg_ctl", "-D", self.data, "-l", f"{self.folder}/log", "-w", "-o", options, "start")

    @property
    def data(self) -> str:
        return f"{self.folder}/data"

    def run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [str(self.programs / program), *arguments],
            user=self.user,
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def stop(self) -> None:
        self.run("pg_ctl", "-D", self.data, "-m", "immediate", "stop")
        shutil.rmtree(self.folder)

    def new_database(self) -> str:
        """The address of an empty database."""
        self.databases += 1
        name = f"test{self.databases}"
        self.run("createdb", "-h", str(self.folder), "-U", "ews", name)
        return f"postgresql://ews@/{name}?host={self.folder}"


def _other_user() -> str:
    """A user who is not root: PostgreSQL's own where there is one."""
    known = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in known else "nobody"


def wanting(what: str) -> NoReturn:
    """Leave a test out for want of ``what``; where CI is set nothing may be left out, so it fails."""
    if os.environ.get("CI"):
        pytest.fail(f"{what}, and CI is set: no test may be left out")
    pytest.skip(what)


def server(config: pytest.Config) -> Server:
    """The session's server, started at first use and stopped at the end; skips where there is none."""
    if Server.started is None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
        if not found:
            wanting("PostgreSQL's server programs are not installed (apt-get install postgresql)")
        Server.started = Server(found[-1].parent)
        config.add_cleanup(Server.started.stop)
    return Server.started


@pytest.fixture(params=BOTH)
def on_both(request: pytest.FixtureRequest, settings: Settings) -> Settings:
    """Settings with an empty application database: the test runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        return settings
    return replace(settings, database_url=server(request.config).new_database())
