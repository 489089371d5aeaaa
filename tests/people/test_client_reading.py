"""The alarm on what information systems read: far more than their students, or than they ever read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ews.people.access import CLIENT, Principal
from ews.people.client_reading import watch_clients
from ews.people.clients import add_client
from ews.people.ledger import HANDED_OVER, record_view
from ews.people.mass_reading import hear_alarm, open_alarms
from ews.settings import Settings
from ews.store import Store, open_store
from ews.store.tables import placements

NOW = datetime(2025, 11, 17, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LINE, ROSTER = 10, 8


class Asking:
    """A student information system whose school has eight students, and what was found of it."""

    def __init__(self, settings: Settings) -> None:
        few = replace(settings, choices={**settings.choices, "ledger.many_students": LINE})
        self.store: Store = open_store(few)
        with self.store.begin() as tx:
            new = add_client(
                tx, "SIS of Alder", scopes=["scores.compute"], schools=["alder"], now=NOW - 90 * DAY
            )
            tx.execute(
                placements.insert(), [{"student_id": f's",{n}', "school_id": "alder"} for n in range(ROSTER)]
            )
        self.client = Principal(new.client_id, "SIS of Alder", CLIENT, school_ids=("alder",))

    def ask(self, times: int, *, at: datetime, students: int = ROSTER, action: str = "score") -> None:
        """All of its students, so many times."""
        with self.store.begin() as tx:
            for _ in range(times):
                record_view(
                    tx, self.client, action=action, reason="student information system", fields=(), at=at,
                    students=[f's",{n}' for n in range(students)],
                )  # fmt: skip

    def found(self, *, now: datetime = NOW, days: int = 1) -> list[int]:
        with self.store.begin() as tx:
            watch_clients(tx, now=now, days=days)
            return [alarm.students for alarm in open_alarms(tx)]


@pytest.fixture
def asking(settings: Settings) -> Iterator[Asking]:
    found = Asking(settings)
    yield found
    found.store.close()


def every_night(asking: Asking, nights: Iterable[int], times: int = 2) -> None:
    for back in nights:
        asking.ask(times, at=NOW - back * DAY - timedelta(hours=1))


def test_what_is_pulled_every_night_raises_none(asking: Asking) -> None:
    every_night(asking, range(9))
    asking.ask(99, at=NOW, action=HANDED_OVER)
    assert asking.found(days=8) == []


def test_more_than_three_times_its_students_in_a_day_is_an_alarm_once(asking: Asking) -> None:
    every_night(asking, range(20), times=3)
    asking.ask(1, at=NOW, students=1)
    assert asking.found() == [25] and asking.found() == [25]
    with asking.store.begin() as tx:
        (alarm,) = open_alarms(tx)
        assert (alarm.name, alarm.role, alarm.at) == ("SIS of Alder", CLIENT, NOW)
        assert hear_alarm(tx, Principal("a@x", "A", "auditor"), alarm.alarm_id, now=NOW) == asking.client.name
    assert asking.found(now=NOW + timedelta(hours=1)) == []


def test_far_more_than_on_any_day_of_four_weeks_is_one_and_one_of_last_week_is_found(asking: Asking) -> None:
    for back in range(1, 30):
        asking.ask(1, at=NOW - back * DAY, students=5)
    asking.ask(2, at=NOW - 3 * DAY - timedelta(hours=1))
    assert asking.found() == []
    assert asking.found(days=8) == [21]


def test_a_new_system_may_begin_with_all_of_its_students(asking: Asking) -> None:
    begun = NOW - 85 * DAY
    asking.ask(2, at=begun)
    assert asking.found(now=begun) == []
    asking.ask(2, at=begun + 40 * DAY)
    assert asking.found(now=begun + 40 * DAY) == [16], "later it would be odd"
