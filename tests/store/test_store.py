"""The application database: opened migrated, quick, private, and the same on SQLite and PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from databases import server
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from ews.errors import OurFault, Unavailable, UsageError
from ews.settings import Settings
from ews.store import open_store
from ews.store.store import HEAD, MIGRATIONS
from ews.store.tables import METADATA, clients, ledger, run_students, runs, sessions

NOON = datetime(2025, 11, 17, 12, 0, tzinfo=timezone(timedelta(hours=-8)))


def test_the_newest_migration_is_the_one_that_stores_open_at() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_the_migrations_make_exactly_the_tables_of_the_code(on_both_new: Settings) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with open_store(on_both_new) as store, store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        assert set(METADATA.tables) <= set(inspect(connection).get_table_names())


def test_an_up_to_date_store_opens_in_under_a_tenth_of_a_second(on_both_new: Settings) -> None:
    open_store(on_both_new).close()
    took = []
    for _ in range(3):
        began = time.perf_counter()
        open_store(on_both_new).close()
        took.append(time.perf_counter() - began)
    assert min(took) < 0.1


def test_opening_a_store_that_is_up_to_date_does_not_import_the_migration_tool(settings: Settings) -> None:
    open_store(settings).close()
    script = (
        "import sys; from ews.settings import read_settings; from ews.store import open_store;"
        "open_store(read_settings()).close(); sys.exit('alembic' in sys.modules)"
    )
    environment = os.environ | {"EWS_HOME": str(settings.home)}
    assert subprocess.run([sys.executable, "-c", script], env=environment).returncode == 0


def test_what_a_transaction_did_is_undone_when_it_fails(on_both: Settings) -> None:
    with open_store(on_both) as store:
        with pytest.raises(ZeroDivisionError), store.begin() as tx:
            tx.execute(clients.insert().values(a_client("one")))
            raise ZeroDivisionError
        with store.read() as tx:
            assert tx.execute(select(clients)).all() == []


def a_client(name: str) -> dict[str, object]:
    return {"client_id": name, "name": name, "scopes": "", "school_ids": [], "created_at": NOON}


def test_a_moment_comes_back_in_utc_and_one_without_a_timezone_is_refused(on_both: Settings) -> None:
    with open_store(on_both) as store:
        with store.begin() as tx:
            tx.execute(clients.insert().values(a_client("one")))
        with store.read() as tx:
            found = tx.execute(select(clients.c.created_at)).scalar_one()
        assert found == NOON and found.utcoffset() == timedelta(0)
        with pytest.raises(StatementError, match="timezone"), store.begin() as tx:
            tx.execute(clients.insert().values(a_client("two") | {"created_at": datetime(2025, 1, 1)}))


def test_a_row_that_points_nowhere_is_refused(on_both: Settings) -> None:
    lost = {"token_hash": "x", "account_id": 99, "created_at": NOON, "expires_at": NOON}
    with open_store(on_both) as store, pytest.raises(IntegrityError), store.begin() as tx:
        tx.execute(sessions.insert().values(lost))


def test_a_reader_sees_one_moment_while_a_writer_goes_on(on_both: Settings) -> None:
    with open_store(on_both) as store:
        with store.begin() as tx:
            tx.execute(clients.insert().values(a_client("one")))
        with store.read() as reader:
            assert len(reader.execute(select(clients)).all()) == 1
            with store.begin() as writer:
                writer.execute(clients.insert().values(a_client("two")))
            assert len(reader.execute(select(clients)).all()) == 1
        with store.read() as reader:
            assert len(reader.execute(select(clients)).all()) == 2


def test_sqlite_keeps_what_it_promises_and_its_files_to_their_owner(settings: Settings) -> None:
    with open_store(settings) as store, store.begin() as tx:
        asked = {
            name: tx.connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "secure_delete")
        }
        modes = {path.name: path.stat().st_mode & 0o077 for path in settings.home.iterdir()}
    assert asked == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 20_000,
        "secure_delete": 1,
    }
    assert set(modes.values()) == {0}


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("mysql://localhost/ews", "mysql"),
        ("not an address", "no database address"),
        ("postgres://ews:secret@localhost/ews", "postgresql://USER"),
        ("postgresql://ews:p@secret@localhost/ews", "more than one @"),
        ("postgresql://ews:secret@/none?host=/nowhere", "does not answer"),
    ],
)
def test_a_wrong_address_is_told_without_its_password(settings: Settings, address: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as problem:
        open_store(replace(settings, database_url=address))
    assert "secret" not in str(problem.value)


@pytest.mark.postgres
def test_on_postgresql_a_held_table_is_told_and_nothing_is_compiled(
    request: pytest.FixtureRequest, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ews.store.store.WAIT", 50)
    with (
        server(request.config).migrated_database() as address,
        open_store(replace(settings, database_url=address)) as store,
    ):
        with store.begin() as other, store.begin() as tx:
            tx.execute(text("SELECT 1"))  # both are connected
            other.execute(text("LOCK TABLE clients"))
            with pytest.raises(Unavailable), store.begin() as waiting:
                waiting.execute(clients.insert().values(a_client("one")))
        with store.read() as tx:
            assert tx.execute(select(clients)).all() == []
            assert tx.execute(text("SHOW jit")).scalar() == "off"


@pytest.mark.parametrize("asked", ["a\x00b", 10_000_000_000])
def test_a_value_that_no_record_can_hold_is_nobodys_fault(on_both: Settings, asked: str | int) -> None:
    column = clients.c.name if isinstance(asked, str) else runs.c.serial
    with open_store(on_both) as store:
        try:
            with store.read() as tx:
                assert tx.execute(select(column).where(column == asked)).all() == []
        except UsageError as refused:
            assert (refused.status, on_both.database_url[:10]) == (400, "postgresql")


@pytest.mark.postgres
def test_on_postgresql_it_is_told_when_every_connection_is_in_use(
    request: pytest.FixtureRequest, settings: Settings
) -> None:
    with (
        server(request.config).migrated_database() as address,
        open_store(replace(settings, database_url=address)) as store,
        ExitStack() as held,
    ):
        store.engine.pool._timeout = 0.05  # type: ignore[attr-defined]
        with pytest.raises(Unavailable):
            for _ in range(100):
                held.enter_context(store.read()).execute(text("SELECT 1"))


def test_a_database_of_a_newer_version_is_left_alone(on_both: Settings) -> None:
    with open_store(on_both) as store, store.begin() as tx:
        tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(OurFault, match="newer version"):
        open_store(on_both)


def test_several_processes_open_a_new_store_at_once(on_both_new: Settings) -> None:
    script = (
        "from ews.settings import read_settings; from ews.store import open_store;"
        "open_store(read_settings()).close()"
    )
    environment = os.environ | {
        "EWS_HOME": str(on_both_new.home),
        "EWS_DATABASE_URL": on_both_new.database_url,
    }
    starting = [subprocess.Popen([sys.executable, "-c", script], env=environment) for _ in range(4)]
    assert [process.wait(60) for process in starting] == [0, 0, 0, 0]


def test_the_ledgers_key_is_made_once_and_a_missing_one_is_not_replaced(settings: Settings) -> None:
    with open_store(settings) as store:
        key = store.ledger_key
    with open_store(settings) as store:
        assert store.ledger_key == key
        with store.begin() as tx:
            row = {column.name: "x" for column in ledger.columns} | {"entry": 1, "at": NOON}
            tx.execute(ledger.insert().values(row))
    (settings.home / "ledger.key").unlink()
    with pytest.raises(OurFault, match=r"ledger\.key is missing"):
        open_store(settings)
    given = replace(settings, ledger_key="ab" * 32)
    with open_store(given) as store:
        assert store.ledger_key == bytes.fromhex("ab" * 32)
    with pytest.raises(UsageError, match="64 hex digits"):
        open_store(replace(settings, ledger_key="short"))


def test_a_home_with_a_percent_sign_in_its_path_opens(tmp_path: Path) -> None:
    from places import settings_in

    open_store(settings_in(tmp_path / "100%20home")).close()


def test_a_float_and_a_list_come_back_as_they_were(on_both: Settings) -> None:
    run = {
        "run_id": "r",
        "serial": 1,
        "as_of": date(2025, 11, 14),
        "school_year": 2026,
        "status": "scored",
        "started_at": NOON,
        "finished_at": NOON.astimezone(UTC),
        "students": 1,
        "models": {"a": "b"},
        "lake_versions": {},
        "files": {},
        "lines": {"high": 0.6},
    }
    student = {
        "run_id": "r",
        "student_id": "007",
        "position": 1,
        "school_id": "s",
        "grade_level": -1,
        "display_name": "Sofía 😀",
        "search_name": "sofia",
        "sort_name": "sofia",
        "new_student": False,
        "status": "scored",
        "level": "see_next",
        "is_new": True,
        "changed": False,
        "waiting": False,
        "urgency": 0.1 + 0.2,
        "weeks_below": 0,
        "rules": "",
        "trend": [0.5, 1 / 3],
        "trend_word": "",
        "reasons": [],
        "going_well": ["Ünïcode"],
        "tier": "Universal",
    }
    with open_store(on_both) as store:
        with store.begin() as tx:
            tx.execute(runs.insert().values(run))
            tx.execute(run_students.insert().values(student))
        with store.read() as tx:
            row = tx.execute(select(run_students)).one()
    assert row.urgency == 0.1 + 0.2 and row.trend == [0.5, 1 / 3]
    assert (row.student_id, row.display_name, row.going_well) == ("007", "Sofía 😀", ["Ünïcode"])


def test_a_file_that_is_no_database_is_told(settings: Settings) -> None:
    open_store(settings).close()
    database = settings.home / "ews.db"
    for beside in settings.home.glob("ews.db-*"):
        beside.unlink()
    database.write_bytes(b"this is no database" * 1000)
    with pytest.raises(UsageError, match="does not answer"):
        open_store(settings)
