"""The rows of a PostgreSQL database as bytes: taken out of one, put into another that has the same tables."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg.sql import SQL, Identifier, Literal

FILLED = """SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname = 'public' AND pg_relation_size(c.oid) > 0"""
COUNTED = "SELECT sequencename, last_value FROM pg_sequences WHERE last_value IS NOT NULL"
BEGUN_ANEW = """SELECT setval(quote_ident(sequencename)::regclass, 1, false) FROM pg_sequences
WHERE last_value IS NOT NULL"""
OTHERS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()"""


@dataclass(frozen=True)
class Rows:
    """What is in every table that has a row, and how far each counter has come."""

    of: dict[str, bytes]
    counters: list[tuple[str, int]]


def rows_of(address: str) -> Rows:
    """What is in the database at ``address``."""
    with psycopg.connect(address) as connection:
        of = {}
        for (table,) in connection.execute(FILLED).fetchall():
            asked = SQL("COPY {} TO STDOUT (FORMAT binary)").format(Identifier(table))
            with connection.cursor().copy(asked) as rows:
                of[table] = b"".join(rows)
        return Rows(of, connection.execute(COUNTED).fetchall())


def hold_only(address: str, rows: Rows) -> None:
    """The database at ``address`` holds ``rows`` afterwards and nothing else, and nobody is in it."""
    with psycopg.connect(address) as connection:
        connection.execute(OTHERS)
        connection.execute("SET session_replication_role = replica")  # no trigger is asked
        filled = [Identifier(table) for (table,) in connection.execute(FILLED)]
        connection.execute(SQL("; ").join([SQL("DELETE FROM {}").format(table) for table in filled]))
        connection.execute(BEGUN_ANEW)
        put(connection, rows)


def add(address: str, rows: Rows) -> None:
    """The database at ``address``, empty but for what a migration writes, holds ``rows`` afterwards."""
    with psycopg.connect(address) as connection:
        connection.execute("SET session_replication_role = replica")
        for table in rows.of:
            connection.execute(SQL("DELETE FROM {}").format(Identifier(table)))
        put(connection, rows)


def put(connection: psycopg.Connection, rows: Rows) -> None:
    """Writes ``rows`` into their tables."""
    for table, of in rows.of.items():
        into = SQL("COPY {} FROM STDIN (FORMAT binary)").format(Identifier(table))
        with connection.cursor().copy(into) as copy:
            copy.write(of)
    for name, value in rows.counters:
        connection.execute(SQL("SELECT setval({}, {})").format(Literal(name), Literal(value)))
