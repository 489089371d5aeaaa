"""A real server over a district that went the whole way: it scores, and names nobody in what it says."""

from __future__ import annotations

import contextlib
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from databases import copied
from running import Server, running

from ews.people.clients import add_client
from ews.settings import Settings
from ews.store import open_store

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Open:
    """A server, and the header of a client that may ask it everything."""

    server: Server
    headers: dict[str, str]
    settings: Settings


@pytest.fixture(scope="module")
def opened(whole_way: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Open]:
    """Two workers over a copy of the district."""
    folder = tmp_path_factory.mktemp("outside")
    settings = copied(whole_way.settings, folder / "data")
    with open_store(settings) as store, store.begin() as tx:
        client = add_client(tx, "SIS", scopes=["scores.compute"], now=datetime.now(UTC))
    form = {"grant_type": "client_credentials", "client_id": client.client_id, "client_secret": client.secret}
    with running(settings, folder, "--workers", "2") as server:
        token = server.post("/oauth/token", data=form).json()["access_token"]
        yield Open(server, {"authorization": f"Bearer {token}"}, settings)


def test_two_workers_are_ready_and_answer(opened: Open) -> None:
    assert opened.server.get("/readyz").json()["status"] == "ready"
    workers = [
        process for process in opened.server.family() if "_bentoml_impl.worker.service" in process.cmdline()
    ]
    assert len(workers) == 2


def test_students_are_scored_and_nobody_is_named_in_all_that_the_server_says(
    opened: Open, whole_way: Any
) -> None:
    with (whole_way.folder / "drop" / "student_names.csv").open(encoding="utf-8-sig") as file:
        people = list(csv.DictReader(file))[-300:]
    ids = [person["student_id"] for person in people]
    body = {"as_of": str(whole_way.as_of), "student_ids": ids}
    answer = opened.server.post("/score", headers=opened.headers, json=body)
    assert answer.status_code == 200
    scored = [entry for entry in answer.json()["students"] if "scores" in entry]
    assert len(scored) > 50
    for student in ids[:20]:
        opened.server.get(f"/students/{student}", headers={"accept": "text/html"})
        opened.server.get(f"/students/{student}.json", headers=opened.headers)
    said = opened.server.said()
    assert '"route": "/score"' in said
    assert not [student for student in ids if student in said]
    assert not [person for person in people if f"{person['given_name']} {person['family_name']}" in said]


def test_a_worker_that_is_killed_is_replaced_and_no_answer_is_lost_from_the_ledger(
    opened: Open, whole_way: Any
) -> None:
    from ews.people.ledger import verify

    body = {"as_of": str(whole_way.as_of), "student_ids": ["nobody"]}
    workers = [
        process for process in opened.server.family() if "_bentoml_impl.worker.service" in process.cmdline()
    ]
    workers[0].kill()
    statuses = set()
    for _ in range(40):
        with contextlib.suppress(httpx.TransportError):  # the call that the killed worker held
            statuses.add(opened.server.post("/score", headers=opened.headers, json=body).status_code)
    assert statuses == {200}
    with open_store(opened.settings) as store, store.read() as tx:
        assert verify(tx, store.ledger_key) >= 0
