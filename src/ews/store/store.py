"""Opening the application database and speaking to it in transactions.

SQLite by default (WAL, synchronous=FULL: what was acknowledged survives a power cut), PostgreSQL by URL.
A store opens migrated: an up-to-date one costs a single query, an older one is brought forward first.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, CursorResult, Engine, Executable, create_engine, event, func, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    DatabaseError,
    DataError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as NoneIsFree

from ews.errors import OurFault, Unavailable, UsageError
from ews.settings import Settings
from ews.store.key import ledger_key
from ews.store.tables import ledger

HEAD = "0027"  # the newest file in migrations/versions; a test holds them together
MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 0x657773  # any number, the same in every process: PostgreSQL's lock for migrating
WAIT = 20_000  # milliseconds that whoever finds something held by another one waits for it
CONNECT_SECONDS = 10  # until a PostgreSQL server that says nothing at all is given up
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "journal_size_limit=16777216",  # bytes that the log keeps after a large run
)


T = TypeVar("T")
Say = Callable[..., None]


@dataclass(frozen=True)
class Transaction:
    """One transaction: everything in it happens or nothing does.

    ``writes`` says whether it may change anything, ``home`` where files beside the database are,
    ``many_students`` how many before one person in a day are an alarm.
    """

    connection: Connection
    ledger_key: bytes
    home: Path
    writes: bool
    many_students: int
    told: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    def tell(self, event: str, **facts: Any) -> None:
        """A line for the service's log, once what it tells of has happened: when this is committed."""
        self.told.append((event, facts))

    def execute(self, statement: Executable, rows: Any = None) -> CursorResult[Any]:
        """The answer to ``statement``, run with ``rows`` (a dict, or many) as its values."""
        return self.connection.execute(statement, rows)

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.connection.dialect.name


@dataclass(frozen=True)
class Store:
    """The open database. ``begin()`` to change it, ``read()`` to look; safe to share between threads.

    say: the service's log, where there is one.
    """

    engine: Engine
    ledger_key: bytes
    home: Path
    many_students: int
    say: Say

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """A transaction that may write; committed at the end, undone by an exception."""
        with (
            answering(),
            self.engine.connect().execution_options(ews_writes=True) as connection,
            connection.begin(),
        ):
            tx = Transaction(connection, self.ledger_key, self.home, True, self.many_students)
            yield tx
        for event_told, facts in tx.told:
            self.say(event_told, **facts)

    def written(self, work: Callable[[Transaction], T]) -> T:
        """What ``work`` gives, done in one transaction that may write.

        When somebody wrote the same at that very moment (a double click), the database refuses the second
        one; ``work`` is then begun anew, once, and finds what the first one wrote.
        """
        try:
            with self.begin() as tx:
                return work(tx)
        except IntegrityError:
            with self.begin() as tx:
                return work(tx)

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A transaction that sees one moment of the database and changes nothing."""
        with answering(), self.engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
            yield Transaction(connection, self.ledger_key, self.home, False, self.many_students)

    def close(self) -> None:
        """Gives the connections back."""
        self.engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()


@contextmanager
def answering() -> Iterator[None]:
    """A database that is gone, full or held by somebody is told as such; nothing of the statement is."""
    try:
        yield
    except (OperationalError, NoneIsFree) as problem:  # or every connection of ours is in use
        raise Unavailable(
            "The database does not answer just now.", "Nothing was changed. Try again in a minute."
        ) from problem
    except DataError as problem:
        if not no_value_of_ours(problem):
            raise
        raise UsageError(
            "What was asked holds a character or a number that no record can hold.", "Write it anew."
        ) from problem


def no_value_of_ours(problem: DataError) -> bool:
    """Whether PostgreSQL refused a value as such: a text with a NUL (told by no code), or a huge number."""
    return getattr(problem.orig, "sqlstate", None) in (None, "22003")


def unsaid(event: str, **facts: Any) -> None:
    """Where there is no log, nothing is said."""


def open_store(settings: Settings, say: Say = unsaid) -> Store:
    """The application database of ``settings``, made or brought up to date when needed.

    ``say`` takes the lines for the service's log, each after what it tells of was committed.
    UsageError for an address that is none; Unavailable for a server that does not answer; OurFault for a
    database newer than this program, or a ledger without its key.
    """
    engine = _engine(settings)
    try:
        key = _opened(engine, settings)
        return Store(engine, key, settings.home, settings["ledger.many_students"], say)
    except DatabaseError as problem:
        engine.dispose()
        raise Unavailable(
            f"The database {engine.url.render_as_string(hide_password=True)} does not answer: "
            f"{str(problem.orig).splitlines()[0]}.",
            "Check EWS_DATABASE_URL and whether the server runs.",
        ) from None
    except BaseException:
        engine.dispose()
        raise


def _opened(engine: Engine, settings: Settings) -> bytes:
    """Brings the database up to date where it is not, and gives the ledger's key."""
    if _version(engine) != HEAD:
        _migrate(engine)
    with engine.connect() as connection:
        has_entries = connection.execute(select(ledger.c.entry).limit(1)).first() is not None
    return ledger_key(settings, may_make=not has_entries)


def _engine(settings: Settings) -> Engine:
    url = _url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        return _sqlite(url)
    patience = {} if "connect_timeout" in url.query else {"connect_timeout": CONNECT_SECONDS}
    engine = create_engine(url, pool_pre_ping=True, connect_args=patience)
    event.listen(engine, "connect", _prepare_session)
    return engine


def _prepare_session(connection: Any, _: Any) -> None:
    """PostgreSQL's side of the same: who finds a table or row held waits as long as on SQLite, not for ever.

    Without ``jit``: what it compiles for our statements takes seconds, running them milliseconds.
    """
    connection.execute(f"SET lock_timeout = {WAIT}")
    connection.execute("SET jit = off")
    connection.commit()


def _url(address: str) -> URL:
    try:
        url = make_url(address)
    except ArgumentError:
        raise UsageError(
            "EWS_DATABASE_URL is no database address.", "Use postgresql://user@host/name, or leave it empty."
        ) from None
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise UsageError(
            f"EWS_DATABASE_URL names a {url.get_backend_name()} database.",
            "Use postgresql://USER:PASSWORD@HOST/NAME, or leave it empty for SQLite.",
        )
    if url.get_backend_name() == "postgresql":
        if address.count("@") > 1:  # read as it stands, half of the password would be the host's name
            raise UsageError(
                "EWS_DATABASE_URL has more than one @.", "In a user or password write @ as %40, and % as %25."
            )
        url = url.set(drivername="postgresql+psycopg")
    return url


def _sqlite(url: URL) -> Engine:
    if url.database:
        _make_private(Path(url.database))
    engine = create_engine(url)
    event.listen(engine, "connect", _prepare_connection)
    event.listen(engine, "begin", _begin)
    return engine


def _make_private(path: Path) -> None:
    """The database file exists and only its owner reads it, before SQLite writes into it."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _prepare_connection(connection: sqlite3.Connection, _: Any) -> None:
    """SQLite's promises for this connection; transactions are begun by us, so that reads have one too."""
    connection.isolation_level = None
    for pragma in (f"busy_timeout={WAIT}", *PRAGMAS):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """A writer takes the lock at once: a reader that turns writer midway would fail instead of waiting.

    Said to the driver itself, since every request of every caller passes here two or three times.
    """
    writes = connection.get_execution_options().get("ews_writes", False)
    try:
        connection.connection.cursor().execute("BEGIN IMMEDIATE" if writes else "BEGIN")
    except sqlite3.Error as problem:
        raise OperationalError("BEGIN", None, problem) from None


def _version(engine: Engine) -> str | None:
    """The migration that the database stands at; None for an empty one."""
    try:
        with engine.connect() as connection:
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except ProgrammingError:  # PostgreSQL: no such table
        return None
    except OperationalError as problem:
        if isinstance(problem.orig, sqlite3.OperationalError) and "no such table" in str(problem.orig):
            return None
        raise


def _migrate(engine: Engine) -> None:
    """Brings the database to HEAD in one transaction; a second process waits and then finds it done."""
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    with engine.connect().execution_options(ews_writes=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(select(func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, HEAD)
        except CommandError:
            raise OurFault(
                "The database was made by a newer version of this program.", "Install that version again."
            ) from None
