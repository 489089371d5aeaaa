"""The service as BentoML runs it: where it listens, what is shut, how it stops, what its processes load."""

from __future__ import annotations

import re
import signal
import socket
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest
from running import ROOT, Server, running

from ews.errors import UsageError
from ews.people.clients import add_client
from ews.settings import read_settings
from ews.store import open_store
from ews.web.door import SAFETY
from ews.web.serve import check_address, serve, service_file

pytestmark = pytest.mark.slow

MARA = "Mara-Quispe-Ferreira-90417"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server over an empty home: no records, no model, no run."""
    folder = tmp_path_factory.mktemp("empty-home")
    settings = read_settings({"EWS_HOME": str(folder / "data"), "EWS_MODELS": str(folder / "models")})
    with running(settings, folder) as started:
        yield started


@pytest.fixture(scope="module")
def token(server: Server) -> dict[str, str]:
    """The header of a client with every scope."""
    settings = read_settings({"EWS_HOME": str(server.output.parent / "data")})
    with open_store(settings) as store, store.begin() as tx:
        client = add_client(tx, "SIS", scopes=["scores.compute"], now=datetime.now(UTC))
    form = {"grant_type": "client_credentials", "client_id": client.client_id, "client_secret": client.secret}
    answer = server.post("/oauth/token", data=form)
    assert answer.status_code == 200, answer.text
    return {"authorization": f"Bearer {answer.json()['access_token']}"}


def test_it_listens_on_this_machines_own_address_only(server: Server) -> None:
    listening = {
        connection.laddr
        for process in server.family()
        for connection in process.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert {address.ip for address in listening} == {"127.0.0.1"}
    assert server.port in {address.port for address in listening}


def test_it_calls_nobody(server: Server) -> None:
    for process in server.family():
        remote = {c.raddr.ip for c in process.net_connections(kind="inet") if c.raddr}
        assert remote <= {"127.0.0.1"}


def test_the_service_names_its_host_itself_since_bentomls_default_is_every_address() -> None:
    text = (ROOT / "serving" / "service.py").read_text(encoding="utf-8")
    assert re.search(r'http=\{"host": "127\.0\.0\.1"', text)


# what BentoML would open by itself, or answer in its own words
SHUT = ("/metrics", "/schema.json", "/healthz", "/assets/index.js", "/static_content/index.css", "/nope")


@pytest.mark.parametrize("path", [*SHUT, "/docs.json", "/list", "/students/1", "/api/v1/scores"])
def test_a_stranger_sees_nothing(server: Server, path: str) -> None:
    answer = server.get(path)
    assert (answer.status_code, answer.json()["error"]) == (401, "unauthorized")


@pytest.mark.parametrize("path", SHUT)
def test_what_bentoml_would_open_is_shut_for_clients_too(
    server: Server, token: dict[str, str], path: str
) -> None:
    answer = server.get(path, headers=token)
    assert (answer.status_code, answer.json()["error"]) == (404, "not_found")


def test_bentomls_index_is_replaced_by_ours(server: Server) -> None:
    answer = server.get("/", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?next=/")
    page = server.get("/signin")
    assert page.status_code == 200
    assert "bentoml" not in page.text.lower()


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/signin", "/list", "/nope", "/static/pages.css"])
def test_every_answer_carries_the_safety_headers_and_names_no_other_host(server: Server, path: str) -> None:
    answer = server.get(path)
    for name, value in SAFETY:
        assert answer.headers[name.decode()] == value.decode()
    assert "server" not in answer.headers
    assert not re.findall(r"(?:https?:)?//[a-z]", answer.text.replace("http://www.w3.org", ""))


def test_the_probe_says_that_it_is_degraded_and_why(server: Server) -> None:
    ready = server.get("/readyz")
    assert (ready.status_code, ready.json()["status"]) == (200, "degraded")
    assert ready.json()["why"] == ["No model is in service; the list shows the ABC rules."]


def test_scoring_without_a_model_says_so_and_when_to_come_again(
    server: Server, token: dict[str, str]
) -> None:
    answer = server.post("/score", headers=token, json={"as_of": "2025-11-14", "student_ids": [MARA]})
    assert (answer.status_code, answer.json()["error"]) == (503, "no_model")
    assert int(answer.headers["retry-after"]) > 0


def test_a_client_may_read_the_description_of_every_address(server: Server, token: dict[str, str]) -> None:
    described = server.get("/docs.json", headers=token).json()
    assert described["openapi"].startswith("3.1")
    assert {"/score", "/score_records", "/oauth/token", "/readyz", "/list"} <= set(described["paths"])


BAD_BODIES: dict[str, tuple[bytes, int]] = {
    "no JSON": (MARA.encode(), 400),
    "a wrong day": (b'{"as_of": "%s", "student_ids": ["1"]}' % MARA.encode(), 422),
    "a field of its own": (b'{"as_of": "2025-11-14", "student_ids": ["1"], "%s": 1}' % MARA.encode(), 422),
    "too long": (b'{"as_of": "2025-11-14", "student_ids": ["%s"]}' % (MARA.encode() * 9000), 413),
}


@pytest.mark.parametrize("title", BAD_BODIES)
def test_a_bad_body_comes_back_to_nobody(server: Server, token: dict[str, str], title: str) -> None:
    body, status = BAD_BODIES[title]
    answer = server.post("/score", headers=token, content=body)
    assert answer.status_code == status
    assert set(answer.json()) >= {"error", "detail", "fix"}
    assert "Quispe" not in answer.text


def test_nothing_that_was_sent_reaches_the_servers_output(server: Server, token: dict[str, str]) -> None:
    for path in (f"/students/{MARA}", f"/{MARA}?q={MARA}", f"/list?search={MARA}", f"/students/{MARA}.json"):
        server.get(path)
        server.get(path, headers=token | {"accept": "text/html", "user-agent": MARA})
    server.post("/score", headers=token, json={"as_of": "2025-11-14", "student_ids": [MARA]})
    server.post("/score_records", headers=token, json={"as_of": "2025-11-14", "records": {MARA: [MARA]}})
    server.post("/signin", data={"user": MARA, "password": MARA})
    with socket.create_connection(("127.0.0.1", server.port)) as raw:
        raw.sendall(f"GET /{MARA} HTTP/1.1\r\nbad header {MARA}\r\n\r\n".encode())
        assert b"400" in raw.recv(1000)
    said = server.said()
    assert '"route": "/students/{student_id' in said
    assert "Quispe" not in said
    assert "90417" not in said
    assert token["authorization"].split()[1] not in said


def test_ctrl_c_ends_it_with_0_and_no_process_stays(tmp_path: Path) -> None:
    settings = read_settings({"EWS_HOME": str(tmp_path / "data"), "EWS_MODELS": str(tmp_path / "models")})
    with running(settings, tmp_path) as server:
        family = server.family()
        server.process.send_signal(signal.SIGINT)
        assert server.process.wait(20) == 0
        time.sleep(0.2)
        assert not [process for process in family if process.is_running()]
        assert f"http://127.0.0.1:{server.port}" in server.said()


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
@pytest.mark.parametrize("killed", ["ews", "bentoml"])
def test_no_worker_outlives_a_service_that_was_killed(tmp_path: Path, killed: str) -> None:
    settings = read_settings({"EWS_HOME": str(tmp_path / "data"), "EWS_MODELS": str(tmp_path / "models")})
    with running(settings, tmp_path) as server:
        family = server.family()
        next(process for process in family if killed in process.cmdline()).kill()
        server.process.wait(20)
        gone, alive = psutil.wait_procs(family, timeout=20)
        assert (len(gone), alive) == (len(family), [])


def test_the_service_file_is_found_from_the_project_folder() -> None:
    assert service_file() == ROOT / "serving" / "service.py"


@pytest.mark.parametrize("host", ["localhost", "everywhere", "1.2.3"])
def test_a_host_that_is_no_address_is_a_usage_error(host: str) -> None:
    with pytest.raises(UsageError, match="is no address"):
        check_address(host, 3100)


def test_a_port_that_is_taken_is_a_usage_error(server: Server, tmp_path: Path) -> None:
    settings = read_settings({"EWS_HOME": str(tmp_path / "data")})
    with pytest.raises(UsageError, match=f"Port {server.port}"):
        serve(settings, port=server.port)
