"""The door: who is let in, what every answer carries, and what no answer and no log tells."""

from __future__ import annotations

import json
import logging
import threading
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from calling import NOW, Caller, Calling
from places import settings_in
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from support.alder_creek import OKAFOR
from web.visitor import PASSWORD, Visitor, give_account, token_in

from ews.people.accounts import add_account
from ews.people.sessions import open_session
from ews.settings import Settings
from ews.web import pages
from ews.web.door import SAFETY
from ews.web.inside import MOST_WAITING, Inside
from ews.web.routes import Addresses, Policy, Who, address

MARA = "Mara Quispe-Ferreira 90417"
DONE = threading.Event()


async def open_page(request: Request) -> Response:
    return JSONResponse({"open": True})


async def staff_page(request: Request) -> Response:
    return JSONResponse({"viewer": request.state.principal.name})


async def student_page(request: Request) -> Response:
    return JSONResponse({"student": "here"})


async def compute(request: Request) -> Response:
    return JSONResponse({"bytes": len(await request.body())})


async def read(request: Request) -> Response:
    return JSONResponse({"client": request.state.principal.role})


async def fault(request: Request) -> Response:
    raise KeyError(f"no row for {MARA}")


async def own_cache(request: Request) -> Response:
    return Response("body", headers={"cache-control": "no-cache"})


async def slow(request: Request) -> Response:
    import asyncio

    await asyncio.sleep(5)
    return Response("never")


def long_work(inside: Inside) -> Any:
    """An address whose work goes on until ``DONE``, well after its caller was told that it is too slow."""

    async def work(request: Request) -> Response:
        return JSONResponse({"done": await inside.one_at_a_time(DONE.wait, 60)})

    return work


def rooms(inside: Inside) -> list[Any]:
    """One address of every kind."""
    return [
        address("/open", open_page, Policy(Who.anyone)),
        address("/cached", own_cache, Policy(Who.anyone)),
        address("/slow", slow, Policy(Who.anyone, seconds=0.05)),
        address("/long", long_work(inside), Policy(Who.anyone, seconds=0.05)),
        address("/list", staff_page, Policy(Who.staff)),
        address("/students/{student_id}", student_page, Policy(Who.staff)),
        address("/plans/{plan_id:int}", fault, Policy(Who.staff)),
        address("/fault/{student_id}", fault, Policy(Who.anyone)),
        address("/compute", compute, Policy(Who.client, "scores.compute", body_limit=100), ["POST"]),
        address("/read", read, Policy(Who.client, "scores.read")),
    ]


@pytest.fixture
def call(calling: Calling) -> Caller:
    return calling(rooms)


def signed_in(call: Caller) -> dict[str, str]:
    """The cookie of a signed-in counselor."""
    with call.inside.store.begin() as tx:
        add_account(tx, "rosa@lupine.example", role="counselor", staff_id="st-1", schools=[], now=NOW)
        secret, _ = open_session(tx, 1, now=NOW, hours=10)
    return {"cookie": f"ews={secret}"}


# title: method, path, who (nobody, staff, client, reader), status, error
VISITS = {
    "anyone may open an open page": ("GET", "/open", "nobody", 200, None),
    "nobody known is told only that they are nobody": ("GET", "/list", "nobody", 401, "unauthorized"),
    "to a stranger an address that is not there looks the same": (
        "GET",
        "/nope",
        "nobody",
        401,
        "unauthorized",
    ),
    "a stranger cannot tell a wrong method": ("GET", "/compute", "nobody", 401, "unauthorized"),
    "a person who is signed in sees the list": ("GET", "/list", "staff", 200, None),
    "a client sees no pages": ("GET", "/list", "client", 403, "forbidden"),
    "a person does not score like a client": ("POST", "/compute", "staff", 403, "forbidden"),
    "a client with the scope computes": ("POST", "/compute", "client", 200, None),
    "a client without the scope does not": ("POST", "/compute", "reader", 403, "forbidden"),
    "a client with a scope reads": ("GET", "/read", "reader", 200, None),
    "a known caller learns that an address is not there": ("GET", "/nope", "client", 404, "not_found"),
    "no id has a character that cannot be seen": ("GET", "/students/a%00b", "staff", 404, "not_found"),
    "no number of ours is that large": ("GET", "/plans/99999999999", "staff", 404, "not_found"),
    "no id is that long": ("GET", "/students/" + 600 * "9", "staff", 404, "not_found"),
    "a known caller learns of a wrong method": ("GET", "/compute", "client", 405, "method_not_allowed"),
    "BentoML's metrics are shut": ("GET", "/metrics", "nobody", 401, "unauthorized"),
    "BentoML's schema is shut": ("GET", "/schema.json", "client", 404, "not_found"),
    "a fault of ours tells nothing": ("GET", "/fault/90417", "nobody", 500, "internal"),
    "an answer that takes too long is given up": ("GET", "/slow", "nobody", 503, "too_slow"),
}


def of(call: Caller, who: str) -> dict[str, str]:
    if who == "staff":
        return signed_in(call)
    if who == "nobody":
        return {}
    return call.bearer(scopes=("scores.read",)) if who == "reader" else call.bearer()


@pytest.mark.parametrize("title", VISITS)
def test_the_door_lets_in_whom_the_policy_names(call: Caller, title: str) -> None:
    method, path, who, status, error = VISITS[title]
    answer = call(method, path, headers=of(call, who))
    assert answer.status_code == status
    if error is not None:
        assert answer.json()["error"] == error
        assert set(answer.json()) == {"error", "detail", "fix"}
    for name, value in SAFETY:
        assert answer.headers[name.decode()] == value.decode()
    assert answer.headers["cache-control"] == "no-store"
    assert int(answer.headers["content-length"]) == len(answer.content)


def test_an_unknown_address_is_the_same_bytes_whatever_was_asked(call: Caller) -> None:
    known = call.bearer()
    assert (
        call("GET", f"/students/{MARA}/x", headers=known).content == call("GET", "/q", headers=known).content
    )
    assert call("GET", f"/students/{MARA}").content == call("GET", "/students/none").content


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer wrong", "Basic YTpi", "Token x"])
def test_a_header_that_is_no_token_is_nobody(call: Caller, header: str) -> None:
    answer = call("GET", "/read", headers={"authorization": header})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_token_ends_with_its_time(call: Caller) -> None:
    known = of(call, "reader")
    assert call("GET", "/read", headers=known).status_code == 200
    call.inside.clock = lambda: NOW + timedelta(minutes=61)
    assert call("GET", "/read", headers=known).status_code == 401


def test_a_browser_without_a_session_is_sent_to_sign_in(call: Caller) -> None:
    answer = call("GET", "/list", headers={"accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?next=/list")


@pytest.mark.parametrize(
    ("base_url", "over_tls"),
    [("https://ews.alder.example", True), ("http://127.0.0.1:3100", False), ("", False)],
)
def test_behind_a_proxy_the_pages_own_address_says_whether_it_is_https(
    calling: Calling, settings: Settings, base_url: str, over_tls: bool
) -> None:
    visitor = Visitor(calling(pages.routes, of=replace(settings, base_url=base_url)))
    answer = visitor("GET", "/signin")  # plain http, as from a proxy on another machine
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-ews-visitor=" if over_tls else "ews-visitor=")
    assert ("Secure" in cookie.split("; ")) == over_tls
    assert ("strict-transport-security" in answer.headers) == over_tls
    if over_tls:
        give_account(visitor.call.inside.store, OKAFOR)
        sent = {"form_token": token_in(answer.text), "user": OKAFOR.name, "password": PASSWORD}
        ours = {"origin": base_url, "host": "ews.alder.example"}
        assert visitor("POST", "/signin", data=sent, headers=ours).status_code == 303
        assert visitor("GET", "/account").status_code == 200, "the session's cookie is read by its name"


def test_a_body_longer_than_the_address_takes_is_refused_by_its_stated_length(call: Caller) -> None:
    answer = call("POST", "/compute", headers=call.bearer(), content=b"x" * 101)
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")


def test_a_body_of_unstated_length_is_refused_while_it_is_read(call: Caller) -> None:
    async def pieces() -> Any:
        for _ in range(20):
            yield b"x" * 10

    answer = call("POST", "/compute", headers=call.bearer(), content=pieces())
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")


def test_a_route_may_say_how_it_is_cached(call: Caller) -> None:
    assert call("GET", "/cached").headers["cache-control"] == "no-cache"


def test_the_log_has_the_pattern_of_an_address_and_never_what_was_in_it(
    call: Caller, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("ews"), "propagate", True)
    with caplog.at_level(logging.INFO):
        call("GET", f"/fault/{MARA}")
        call("GET", f"/students/{MARA}", headers=signed_in(call))
        call("GET", f"/nowhere/{MARA}", headers=call.bearer())
    once = dict.fromkeys(caplog.records)  # pytest also listens at a logger that was shut off before the test
    said = [record.getMessage() for record in once if record.name != "httpx"]  # the caller's own
    lines = [json.loads(line) for line in said if line.startswith("{")]
    routes = [line["route"] for line in lines if line["event"] == "request"]
    assert routes == ["/fault/{student_id}", "/students/{student_id}", "unknown"]
    assert [line["fault"] for line in lines if line["event"] == "fault"] == ["KeyError"]
    assert not [line for line in said if "90417" in line or "Quispe" in line]


def test_work_that_was_too_slow_keeps_its_place_until_it_is_done(call: Caller) -> None:
    DONE.clear()
    try:
        told = [call("GET", "/long").status_code for _ in range(MOST_WAITING + 1)]
        assert told == [503] * (MOST_WAITING + 1)  # who gave up while waiting has left the place to the next
        assert call.inside._places._value == MOST_WAITING - 1  # the one under way still has its own
        assert call("GET", "/readyz").status_code == 200
    finally:
        DONE.set()
    while call.inside._places._value < MOST_WAITING:
        time.sleep(0.01)
    assert call("GET", "/long").json() == {"done": True}


def test_the_process_is_live_and_says_why_it_is_not_quite_ready(call: Caller) -> None:
    assert call("GET", "/livez").json() == {"status": "live"}
    ready = call("GET", "/readyz")
    assert ready.status_code == 200
    assert ready.json()["status"] == "degraded"
    assert ready.json()["why"] == ["No model is in service; the list shows the ABC rules."]


@pytest.mark.parametrize("address", ["sqlite:////dev/null/ews.db", "postgresql://ews@/none?host=/dev/null"])
def test_without_its_database_the_service_is_not_ready(tmp_path: Path, address: str) -> None:
    gone = Inside(settings_in(tmp_path, EWS_DATABASE_URL=address), clock=lambda: NOW)
    gone.open(rooms(gone))
    ready = Caller(gone)("GET", "/readyz")
    assert (ready.status_code, ready.json()["status"]) == (503, "unavailable")


def test_a_route_without_a_policy_cannot_be_opened() -> None:
    from starlette.routing import Route

    with pytest.raises(TypeError, match="/students' has no policy"):
        Addresses([Route("/students", open_page)])
