"""The alarm on mass reading: raised with the look that crosses the line, and open until it is heard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, select
from typer.testing import CliRunner
from web.visitor import person_in

from ews.commands import app
from ews.people.access import Principal
from ews.people.ledger import record_view
from ews.people.mass_reading import MassReading, alarms_since, hear_alarm, open_alarms
from ews.settings import Settings
from ews.store import Store, open_store
from ews.store.alarm_tables import readings

NOW = datetime(2025, 11, 17, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
LINE = 10


class Reading:
    """A counselor who reads, an auditor who hears, and what the log was told."""

    def __init__(self, settings: Settings) -> None:
        self.log: list[dict[str, Any]] = []
        few = replace(settings, choices={**settings.choices, "ledger.many_students": LINE})
        self.store: Store = open_store(few, lambda said, **facts: self.log.append({"event": said, **facts}))
        with self.store.begin() as tx:
            self.okafor, self.auditor = (
                person_in(tx, one)
                for one in (
                    Principal("okafor@x", "Denise Okafor", "counselor", staff_id="S1"),
                    Principal("auditor@x", "Ruth Adeyemi", "auditor"),
                )
            )

    def read(self, students: Iterable[int], *, at: datetime = NOW, by: Principal | None = None) -> int:
        with self.store.begin() as tx:
            return record_view(
                tx, by or self.okafor, action="list", reason="on the caseload",
                students=[f"s{number}" for number in students], fields=("name",), at=at,
            )  # fmt: skip

    def open(self) -> tuple[MassReading, ...]:
        with self.store.read() as tx:
            return open_alarms(tx)


@pytest.fixture
def reading(settings: Settings) -> Iterator[Reading]:
    found = Reading(settings)
    yield found
    found.store.close()


def test_the_look_that_crosses_the_line_raises_the_alarm_and_tells_the_log_no_name(reading: Reading) -> None:
    reading.read(range(LINE))
    reading.read(range(LINE))  # the same ones again are nothing new
    assert reading.open() == () and reading.log == []
    entry = reading.read([LINE])
    assert entry == 3
    (alarm,) = reading.open()
    assert (alarm.who, alarm.role, alarm.students, alarm.at) == ("okafor@x", "counselor", LINE + 1, NOW)
    assert reading.log == [{"event": "mass_reading", "role": "counselor", "students": LINE + 1}]


def test_a_day_counts_back_from_each_look(reading: Reading) -> None:
    reading.read(range(LINE), at=NOW - 25 * HOUR)
    reading.read(range(LINE, 2 * LINE), at=NOW)
    assert reading.open() == ()
    reading.read(range(5, LINE + 1), at=NOW + HOUR)
    assert [alarm.students for alarm in reading.open()] == [LINE + 5]


def test_the_next_alarm_of_a_day_comes_after_as_many_students_again(reading: Reading) -> None:
    reading.read(range(LINE + 1))
    reading.read(range(2 * LINE + 1))
    assert len(reading.open()) == 1
    reading.read([2 * LINE + 1])
    assert [alarm.students for alarm in reading.open()] == [2 * LINE + 2, LINE + 1]
    reading.read(range(LINE + 1), at=NOW + 25 * HOUR)
    assert [alarm.students for alarm in reading.open()] == [LINE + 1, 2 * LINE + 2, LINE + 1]


def test_a_look_that_was_not_shown_raises_none(reading: Reading) -> None:
    with pytest.raises(ZeroDivisionError), reading.store.begin() as tx:
        record_view(
            tx, reading.okafor, action="export", reason="x", students=[f"s{n}" for n in range(99)],
            fields=(), at=NOW,
        )  # fmt: skip
        raise ZeroDivisionError
    assert reading.open() == () and reading.log == []


def test_systems_and_the_shell_are_not_watched(reading: Reading) -> None:
    for by in (Principal("c1", "SIS", "client"), Principal("root", "root", "operator")):
        reading.read(range(99), by=by)
    assert reading.open() == ()


def test_what_was_read_before_there_was_a_sum_counts_too(reading: Reading) -> None:
    reading.read(range(LINE))
    with reading.store.begin() as tx:
        tx.execute(readings.delete())
    reading.read([LINE])
    assert len(reading.open()) == 1


def test_below_the_line_a_look_costs_no_question_about_the_past(reading: Reading) -> None:
    reading.read([1])
    asked: list[str] = []
    event.listen(reading.store.engine, "before_cursor_execute", lambda *said: asked.append(said[2]))
    reading.read(range(LINE - 1))
    assert [text for text in asked if "ledger.students" in text] == []
    reading.read(range(LINE - 1))  # the sum is above the line: counted once, and found to be the same few
    assert len([text for text in asked if "ledger.students" in text]) == 1
    with reading.store.read() as tx:
        assert tx.execute(select(readings.c.students)).scalar_one() == LINE - 1


def test_an_alarm_is_acknowledged_once_and_stays_on_record(reading: Reading) -> None:
    reading.read(range(LINE + 1))
    (alarm,) = reading.open()
    with reading.store.begin() as tx:
        assert hear_alarm(tx, reading.auditor, alarm.alarm_id, now=NOW + HOUR) == "okafor@x"
        assert hear_alarm(tx, reading.okafor, alarm.alarm_id, now=NOW) is None
        (told,) = alarms_since(tx, now=NOW + 29 * 24 * HOUR)
        assert alarms_since(tx, now=NOW + 31 * 24 * HOUR) == open_alarms(tx) == ()
    assert (told.heard_by, told.heard_at) == ("auditor@x", NOW + HOUR)


@pytest.mark.parametrize(
    ("index", "asked"),
    [
        ("ledger_by_who", "SELECT students FROM ledger WHERE who = 'x' AND at > '2025-01-01'"),
        ("ledger_students_by_entry", "SELECT student_id FROM ledger_students WHERE entry BETWEEN 1 AND 2"),
    ],
)
def test_one_person_and_one_entry_are_looked_up_by_an_index(
    settings: Settings, index: str, asked: str
) -> None:
    reading = Reading(settings)
    with reading.store.read() as tx:
        if tx.dialect == "postgresql":  # which reads a table as small as this one from end to end
            tx.connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        explain = "EXPLAIN" if tx.dialect == "postgresql" else "EXPLAIN QUERY PLAN"
        said = tx.connection.exec_driver_sql(f"{explain} {asked}").all()
    reading.store.close()
    assert index in str(said)


def test_verifying_the_ledger_at_the_command_line_says_how_many_alarms_are_open(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = Reading(settings)
    monkeypatch.setenv("EWS_HOME", str(settings.home))
    monkeypatch.setenv("EWS_DATABASE_URL", settings.database_url)
    said = [CliRunner().invoke(app, ["ledger", "verify"]).output]
    reading.read(range(LINE + 1))
    said.append(CliRunner().invoke(app, ["ledger", "verify"]).output)
    reading.store.close()
    assert said[0] == "The ledger is whole: 0 entries.\n"
    assert "whole: 1 entry." in said[1] and "nobody has acknowledged: 1." in said[1]
