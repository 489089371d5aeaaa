"""The two databases that the store runs on, for tests: SQLite, and a PostgreSQL server of our own.

The server listens on a socket in a folder of its own and belongs to a user who is not root. Tests
that need it are skipped where PostgreSQL's server programs are not installed; with CI set, they fail.

A database is migrated once a session; every test is given a copy of that one. What takes long to make (a
scored district, the demo, the towns that a browser walks) stands on one of the two: ``EWS_TESTS_ON``.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, cached_property
from pathlib import Path
from typing import NoReturn

import psycopg
import pytest
from places import settings_in
from rows import OTHERS, Rows, hold_only, rows_of
from sqlalchemy import make_url

from ews.settings import Settings
from ews.store import Store, open_store

OPENED: list[Store] = []
"""What a test has opened and left open; closed before its database goes."""
STANDS_ON = os.environ.get("EWS_TESTS_ON", "sqlite")
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
        self.emptied: list[str] = []
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

    @contextmanager
    def migrated_database(self) -> Iterator[str]:
        """The address of a database whose tables are made and empty; it is emptied again afterwards."""
        name = self.emptied.pop() if self.emptied else self.create(self.template)
        yield self.address(name)
        if self.guards(name) == self.guards(self.template):
            hold_only(self.address(name), self.first_rows)
            self.emptied.append(name)

    def guards(self, name: str) -> int:
        """How many triggers the database has: a test may have taken one away."""
        with psycopg.connect(self.address(name)) as connection:
            return int(connection.execute("SELECT count(*) FROM pg_trigger").fetchall()[0][0])

    @cached_property
    def first_rows(self) -> Rows:
        """What a migration writes."""
        return rows_of(self.address(self.template))

    @contextmanager
    def new_database(self) -> Iterator[str]:
        """The address of a database in which is nothing; it is dropped afterwards."""
        name = self.create()
        yield self.address(name)
        self.tell(f"DROP DATABASE {name} WITH (FORCE)")

    @cached_property
    def template(self) -> str:
        """The name of a database that was migrated and is never written to again."""
        name = self.create()
        with tempfile.TemporaryDirectory() as home:
            open_store(replace(settings_in(Path(home)), database_url=self.address(name))).close()
        return name

    def create(self, like: str = "template1") -> str:
        """The name of a new database: nothing is in it, or what is in the one it is made ``like``."""
        self.databases += 1
        name = f"test{self.databases}"
        self.tell(f"CREATE DATABASE {name} TEMPLATE {like}")
        return name

    def tell(self, statement: str) -> None:
        """Run a statement that no transaction may hold."""
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def address(self, name: str) -> str:
        """Where the database ``name`` is."""
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


@cache
def migrated_file() -> bytes:
    """An SQLite database whose tables are made and empty."""
    with tempfile.TemporaryDirectory() as home:
        open_store(settings_in(Path(home))).close()
        return file_of(settings_in(Path(home))).read_bytes()


def with_tables(settings: Settings) -> Settings:
    """The same settings; an SQLite database has its tables, empty where there was none."""
    file = file_of(settings)
    if settings.database_url.startswith("sqlite") and not file.exists():
        file.parent.mkdir(mode=0o700, exist_ok=True)
        file.touch(mode=0o600)
        file.write_bytes(migrated_file())
    return settings


def file_of(settings: Settings) -> Path:
    """Where the SQLite database of ``settings`` is."""
    return Path(settings.database_url.removeprefix("sqlite:///"))


def ground(settings: Settings, config: pytest.Config) -> Settings:
    """Settings of what takes long to make, on the database that this session chose; kept until its end."""
    if STANDS_ON == "sqlite":
        return settings
    standing = server(config)
    return replace(settings, database_url=standing.address(standing.create()))


def copied(settings: Settings, home: Path, *without: str) -> Settings:
    """The same with a ``home`` of its own: what is in the first one's, and in its database."""
    shutil.copytree(settings.home, home, ignore=shutil.ignore_patterns(*without))
    if settings.database_url.startswith("sqlite"):
        return replace(settings, home=home, database_url=f"sqlite:///{home / 'ews.db'}")
    assert Server.started is not None
    with psycopg.connect(settings.database_url) as connection:  # one that somebody is in cannot be copied
        connection.execute(OTHERS)
    name = Server.started.create(like=str(make_url(settings.database_url).database))
    return replace(settings, home=home, database_url=Server.started.address(name))


@pytest.fixture(params=BOTH)
def on_both(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Settings]:
    """Settings with a database whose tables are empty: the test runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield with_tables(settings)
    else:
        with server(request.config).migrated_database() as address:
            yield replace(settings, database_url=address)
            while OPENED:
                OPENED.pop().close()


@pytest.fixture(params=BOTH)
def on_both_new(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Settings]:
    """Settings with a database that has no table yet: the test runs on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield settings
    else:
        with server(request.config).new_database() as address:
            yield replace(settings, database_url=address)
