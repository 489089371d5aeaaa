"""What one `POST /score` costs: time on loopback, and server CPU beside a bare app with the same model calls.

    python benchmarks/endpoint.py [--folder DIR] [--home DIR --models DIR] [--as-of DAY] [--calls 4000]

One caller asks for one student after another, each with four domains, reasons, access and ledger. The bare
app (benchmarks/bare_endpoint.py) answers the same students in the same minute, in turns of a few calls, so
that a busy machine burdens both alike. CPU is that of all processes of each server. The goal is held against
the bare app that gives the same answer in its event loop, where nothing else is answered meanwhile; beside
it stand one that answers in a thread, as ours does, and one that sends nothing but the models' numbers.
Without --home a small district is made, trained on and scored first, in DIR when one is given.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psutil
from measures import Measures
from score import AS_OF, MODELS, NOW, ROOT, environment

from ews.settings import Settings, read_settings

STUDENTS = 1_500
TURN = 25  # calls to one server before the other has its turn
START_SECONDS = 120
PLANS = {  # what a student's rows refer to, and by which column it is found; None: all of it
    "orgs": None,
    "terms": "school_id",
    "calendar_days": "school_id",
    "sections": "section_id",
    "assignments": "assignment_id",
    "incidents": "incident_id",
}


@dataclass
class Server:
    """A server under measurement: where it is, its processes, and the seconds of each call."""

    port: int
    path: str
    headers: dict[str, str]
    process: subprocess.Popen[bytes]
    seconds: list[float] = field(default_factory=list)
    cpu: float = 0.0

    def turn(self, bodies: list[bytes]) -> None:
        """One call after another on one connection; adds up their time and the server's CPU."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        before = self.cpu_seconds()
        for body in bodies:
            began = time.perf_counter()
            self.call(connection, body)
            self.seconds.append(time.perf_counter() - began)
        self.cpu += self.cpu_seconds() - before
        connection.close()

    def call(self, connection: http.client.HTTPConnection, body: bytes) -> Any:
        """The answer to one call; anything but 200 ends the benchmark."""
        connection.request("POST", self.path, body, {"content-type": "application/json", **self.headers})
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{self.path} answered {answer.status}: {content[:300]!r}")
        return content

    def cpu_seconds(self) -> float:
        """User and system time of all its processes so far."""
        parent = psutil.Process(self.process.pid)
        times = [process.cpu_times() for process in (parent, *parent.children(recursive=True))]
        return sum(one.user + one.system for one in times)

    def milliseconds(self, share: float) -> float:
        """The time within which ``share`` of the calls were answered."""
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000

    @property
    def cpu_milliseconds(self) -> float:
        """CPU of one call."""
        return self.cpu / len(self.seconds) * 1000


def main() -> int:
    """Prepare, measure side by side, say what was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--folder", type=Path, help="where the small district is kept")
    parser.add_argument("--home", type=Path, help="a home that has a run")
    parser.add_argument("--models", type=Path, help="the models in service for that home")
    parser.add_argument("--as-of", type=date.fromisoformat, default=AS_OF)
    parser.add_argument("--calls", type=int, default=4_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        places = environment(given.folder or Path(scratch), "endpoint")
        if given.home and given.models:
            places |= {"EWS_HOME": str(given.home), "EWS_MODELS": str(given.models)}
        else:
            prepare(given.folder or Path(scratch))
        measures = Measures()
        measure(measures, read_settings(places), places, given.as_of, given.calls)
    return measures.exit_code()


def prepare(folder: Path) -> None:
    """A small district, its models and a run, unless ``folder`` has them."""
    from ews.district.make import make_district
    from ews.records.intake import load_drop
    from ews.risk.promotion import promote
    from ews.risk.training import train_all
    from ews.support.score_run import score_run

    settings = read_settings(environment(folder, "endpoint"))
    if (settings.home / "runs").exists():
        return
    make_district(folder / "endpoint-drop", "tiny", students=STUDENTS, seed=7, until=AS_OF)
    report = load_drop(settings, folder / "endpoint-drop", "csv", now=NOW)
    if report.status != "loaded":
        raise SystemExit(f"the drop was {report.status}")
    train_all(settings, MODELS, AS_OF)
    for model in MODELS:
        promote(settings, model, run_id=None, signed_by=["benchmark", "benchmark reviewer"])
    score_run(settings, AS_OF, now=NOW)


def measure(measures: Measures, settings: Settings, places: dict[str, str], as_of: date, calls: int) -> None:
    """Our server and the bare one in turns, then /score_records apart."""
    students = students_of(settings, as_of)
    headers = {"authorization": f"Bearer {token(settings)}"}
    with served(ours_command, places, "/livez") as ours, served(bare_command(as_of), places, "/") as bare:
        our_port, our_process = ours
        bare_port, bare_process = bare
        endpoint = Server(our_port, "/score", headers, our_process)
        model_calls = Server(bare_port, "/model_calls", {}, bare_process)
        explained = Server(bare_port, "/explained", {}, bare_process)
        in_a_thread = Server(bare_port, "/explained_in_a_thread", {}, bare_process)
        in_turns([endpoint, model_calls, explained, in_a_thread], as_of, students, calls)
        measures.add(
            "endpoint_p95_ms",
            endpoint.milliseconds(0.95),
            goal="<= 50",
            p50=endpoint.milliseconds(0.5),
            calls=len(endpoint.seconds),
        )
        for name, reference, goal in (
            ("answer", explained, "<= 1.5"),
            ("answer_in_a_thread", in_a_thread, None),
            ("predictions", model_calls, None),
        ):
            measures.add(
                f"endpoint_cpu_ms_beside_bare_{name}",
                endpoint.cpu_milliseconds,
                reference=reference.cpu_milliseconds,
                goal=goal,
                of="ratio",
                reference_p50=reference.milliseconds(0.5),
            )
        records = Server(our_port, "/score_records", headers, our_process)
        body = body_of_records(settings, as_of, students[0])
        records.turn([body] * 4)
        measures.add(
            "score_records_p50_ms",
            records.milliseconds(0.5),
            cpu_ms=records.cpu_milliseconds,
            body_kb=len(body) / 1024,
        )


def in_turns(servers: list[Server], as_of: date, students: list[str], calls: int) -> None:
    """``calls`` calls to each server, TURN by TURN, about the same students; the first turn only warms up."""
    chance = random.Random(1)
    for turn in range(calls // TURN + 1):
        bodies = [body_for(as_of, chance.choice(students)) for _ in range(TURN)]
        for server in servers:
            server.turn(bodies)
            if turn == 0:
                server.seconds.clear()
                server.cpu = 0.0


def body_for(as_of: date, student: str) -> bytes:
    """The body that asks about one student."""
    return json.dumps({"as_of": as_of.isoformat(), "student_ids": [student]}).encode()


def students_of(settings: Settings, as_of: date) -> list[str]:
    """Everyone who was scored in all four domains on that day."""
    from ews.store import open_store
    from ews.support.run_files import read_features
    from ews.support.runs import run_of

    with open_store(settings) as store, store.read() as tx:
        run = run_of(tx, as_of)
    matrix = read_features(settings.home, run.run_id, run.files)
    return sorted(matrix.loc[matrix["grade_level"].ge(6), "student_id"])


def body_of_records(settings: Settings, as_of: date, student: str) -> bytes:
    """A body for /score_records with everything on record about one student, and the plans around it."""
    from ews.records.contract import CONTRACT
    from ews.records.lake import open_lake

    records = open_lake(settings)
    about: dict[str, list[dict[str, Any]]] = {}
    for name, table in CONTRACT.items():
        rows = records.table(name)
        rows = rows.filter(rows.superseded_at.isnull())
        if "student_id" in table.names:
            about[name] = as_rows(rows.filter(rows.student_id == student), table.names)
    keys = {
        "school_id": {row["school_id"] for row in about["enrollments"]},
        "section_id": {row["section_id"] for row in about["section_enrollments"] + about["marks"]},
        "assignment_id": {row["assignment_id"] for row in about["assignment_results"]},
        "incident_id": {row["incident_id"] for row in about["student_incidents"]},
    }
    for name, column in PLANS.items():
        rows = records.table(name)
        kept = rows if column is None else rows.filter(rows[column].isin(sorted(keys[column]) or [""]))
        about[name] = as_rows(kept.filter(kept.superseded_at.isnull()), CONTRACT[name].names)
    body = {"as_of": as_of.isoformat(), "records": {name: rows for name, rows in about.items() if rows}}
    return json.dumps(body, default=str).encode()


def as_rows(rows: Any, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    """Rows of the lake as a caller would send them: the contract's columns, nulls left out."""
    found = rows.select(*columns).to_pyarrow().to_pylist()
    return [{name: value for name, value in row.items() if value is not None} for row in found]


def token(settings: Settings) -> str:
    """A token of a new client that may ask about every school."""
    from ews.people.clients import add_client, issue_token
    from ews.store import open_store

    now = datetime.now(UTC)
    with open_store(settings) as store, store.begin() as tx:
        client = add_client(tx, "benchmark", scopes=["scores.compute"], now=now)
        return issue_token(tx, client.client_id, client.secret, now=now, minutes=60).token


def ours_command(port: int) -> list[str]:
    """`ews serve`."""
    return [sys.executable, "-m", "ews", "serve", "--port", str(port)]


def bare_command(as_of: date) -> Any:
    """The bare app for that day."""
    app = str(Path(__file__).parent / "bare_endpoint.py")
    return lambda port: [sys.executable, app, as_of.isoformat(), str(port)]


@contextmanager
def served(command: Any, places: dict[str, str], probe: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A server on a free port, ended afterwards."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    given = {name: value for name, value in os.environ.items() if not name.startswith("EWS_")}
    given |= places | {"OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        command(port), cwd=ROOT, env=given, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(port, probe, process)
        yield port, process
    finally:
        process.terminate()
        process.wait(30)


def wait_for(port: int, path: str, process: subprocess.Popen[bytes]) -> None:
    """Return once something answers on ``port``."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", path)
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("a server did not start")


if __name__ == "__main__":
    sys.exit(main())
