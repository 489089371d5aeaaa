"""The ledger: append-only, chained, and found out when it was touched."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from ews.errors import OurFault
from ews.people.access import Principal
from ews.people.ledger import record_view, verify, viewers
from ews.settings import Settings
from ews.store import Store, Transaction, open_store
from ews.store.tables import ledger, ledger_students, ledger_tail

NOW = datetime(2025, 11, 17, 15, 0, 0, 123456, tzinfo=UTC)
OKAFOR = Principal("okafor@x", "Denise Okafor", "counselor", staff_id="S1")


def look(tx: Transaction, *students: str) -> int:
    return record_view(
        tx,
        OKAFOR,
        action="student",
        reason="on the caseload",
        students=students,
        fields=("name", "scores"),
        at=NOW,
        model_version="overall=o-1",
    )


def three_looks(store: Store) -> None:
    for students in (("maribel",), ("maribel", "linh"), ("sofía \N{PILE OF POO}",)):
        with store.begin() as tx:
            look(tx, *students)


def check(store: Store) -> int:
    with store.begin() as tx:
        return verify(tx, store.ledger_key)


def test_looks_stand_in_order_and_the_whole_ledger_verifies(settings: Settings) -> None:
    with open_store(settings) as store:
        assert check(store) == 0
        three_looks(store)
        assert check(store) == 3
        with store.read() as tx:
            seen = viewers(tx, "maribel")
            entry = tx.execute(select(ledger).where(ledger.c.entry == 2)).one()
    assert [(one.who, one.at, one.reason) for one in seen] == [("okafor@x", NOW, "on the caseload")] * 2
    assert entry.students == '["linh","maribel"]' and entry.fields == "name scores"


def test_a_look_that_is_rolled_back_leaves_no_gap(settings: Settings) -> None:
    with open_store(settings) as store:
        three_looks(store)
        with pytest.raises(ZeroDivisionError), store.begin() as tx:
            look(tx, "ana")
            raise ZeroDivisionError
        with store.begin() as tx:
            assert look(tx, "ana") == 4
        assert check(store) == 4


@pytest.mark.parametrize("table", [ledger, ledger_students])
def test_the_database_itself_refuses_to_change_or_remove_an_entry(settings: Settings, table: object) -> None:
    with open_store(settings) as store:
        three_looks(store)
        for statement in (update(table).values(entry=9), delete(table)):  # type: ignore[arg-type]
            with pytest.raises(DBAPIError, match="append-only"), store.begin() as tx:
                tx.execute(statement)


def unguarded(tx: Transaction) -> None:
    """What somebody with the database's password can do: take the guards away."""
    guards = (
        ("ledger_guard", "ledger_students_guard")
        if tx.dialect == "postgresql"
        else [f"{t}_no_{c}" for t in ("ledger", "ledger_students") for c in ("update", "delete")]
    )
    for guard in guards:
        of = f" ON {guard.removesuffix('_guard')}" if tx.dialect == "postgresql" else ""
        tx.execute(text(f"DROP TRIGGER {guard}{of}"))


TOUCHED = {
    "altered reason": update(ledger).where(ledger.c.entry == 2).values(reason="none"),
    "altered students": update(ledger).where(ledger.c.entry == 2).values(students='["linh"]'),
    "altered time": update(ledger).where(ledger.c.entry == 3).values(at=datetime(2024, 1, 1, tzinfo=UTC)),
    "altered last seal": update(ledger).where(ledger.c.entry == 3).values(seal="0" * 64),
    "altered tail": update(ledger_tail).values(entry=7),
    "hidden from the index": delete(ledger_students).where(ledger_students.c.student_id == "linh"),
    "added to the index": ledger_students.insert().values(student_id="ana", entry=1),
}


@pytest.mark.parametrize("touch", TOUCHED.values(), ids=TOUCHED.keys())
def test_whatever_is_touched_is_found(settings: Settings, touch: object) -> None:
    with open_store(settings) as store:
        three_looks(store)
        with store.begin() as tx:
            unguarded(tx)
            tx.execute(touch)  # type: ignore[arg-type]
        with pytest.raises(OurFault, match="ledger"):
            check(store)


def cut(tx: Transaction, entry: int) -> None:
    """Removes ``entry`` and what follows, and makes the tail fit."""
    tx.execute(delete(ledger_students).where(ledger_students.c.entry >= entry))
    tx.execute(delete(ledger).where(ledger.c.entry >= entry))
    last = tx.execute(select(ledger.c.entry, ledger.c.seal).order_by(ledger.c.entry.desc())).first()
    tx.execute(update(ledger_tail).values(entry=last.entry if last else 0, seal=last.seal if last else ""))


def test_an_end_that_was_cut_off_is_found_by_the_checkpoint(settings: Settings) -> None:
    with open_store(settings) as store:
        three_looks(store)
        check(store)
        with store.begin() as tx:
            unguarded(tx)
            cut(tx, 3)
        with pytest.raises(OurFault, match="too early"):
            check(store)
        with store.begin() as tx:
            look(tx, "somebody else")
        with pytest.raises(OurFault, match="differs from its checkpoint"):
            check(store)


def test_an_altered_checkpoint_is_found(settings: Settings) -> None:
    with open_store(settings) as store:
        three_looks(store)
        check(store)
        path = settings.home / "ledger.checkpoint"
        assert path.stat().st_mode & 0o777 == 0o600
        path.write_text(path.read_text().replace("3 ", "2 ", 1))
        with pytest.raises(OurFault, match="was altered"):
            check(store)


def test_another_key_verifies_nothing(settings: Settings) -> None:
    with open_store(settings) as store:
        three_looks(store)
        with store.begin() as tx, pytest.raises(OurFault):
            verify(tx, bytes(32))


WRITER = """
import sys
from datetime import UTC, datetime
from ews.people.access import Principal
from ews.people.ledger import record_view
from ews.settings import read_settings
from ews.store import open_store
principal = Principal(sys.argv[1], "", "client")
with open_store(read_settings()) as store:
    for n in range(25):
        with store.begin() as tx:
            record_view(tx, principal, action="score", reason="r", students=[f"s{n}"], fields=["p"],
                        at=datetime(2025, 11, 17, tzinfo=UTC))
"""


def test_several_processes_write_one_unbroken_chain(settings: Settings) -> None:
    open_store(settings).close()
    environment = os.environ | {"EWS_HOME": str(settings.home), "EWS_DATABASE_URL": settings.database_url}
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, f"writer{n}"], env=environment) for n in range(4)
    ]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0, 0]
    with open_store(settings) as store:
        assert check(store) == 100


def test_a_look_costs_less_than_three_milliseconds_of_work(settings: Settings) -> None:
    with open_store(settings) as store:
        three_looks(store)
        began = time.process_time()
        for _ in range(50):
            with store.begin() as tx:
                look(tx, "maribel")
        assert (time.process_time() - began) / 50 < 0.003
