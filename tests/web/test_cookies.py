"""The session's cookie and the forms' tokens, on plain http and over https."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from ews.web import cookies


def request(scheme: str = "http", **headers: str) -> Request:
    """A POST to our host with these headers."""
    sent = {"host": "ews.example"} | {name.replace("_", "-"): value for name, value in headers.items()}
    raw = [(name.encode(), value.encode()) for name, value in sent.items()]
    return Request({"type": "http", "method": "POST", "scheme": scheme, "path": "/signout",
                    "query_string": b"", "headers": raw, "server": ("ews.example", 80)})  # fmt: skip


def test_over_https_the_cookie_is_bound_to_this_very_host() -> None:
    response = Response()
    cookies.keep(response, request("https"), "secret", 60)
    cookie = response.headers["set-cookie"]
    assert cookie.startswith("__Host-ews=secret; ")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))


def test_on_plain_http_the_prefix_is_left_out_since_browsers_would_refuse_it() -> None:
    response = Response()
    cookies.keep(response, request("http"), "secret", 60)
    assert response.headers["set-cookie"].startswith("ews=secret; ")
    assert "Secure" not in response.headers["set-cookie"]


def test_over_https_a_cookie_without_the_prefix_is_not_looked_at() -> None:
    assert cookies.session_secret(request("https", cookie="ews=planted")) is None
    assert cookies.session_secret(request("https", cookie="__Host-ews=ours")) == "ours"


def test_a_form_token_belongs_to_one_cookie() -> None:
    sent = FormData({"form_token": cookies.form_token("mine")})
    ours = request(origin="https://ews.example")
    assert cookies.from_our_page(ours, sent, "mine")
    assert not cookies.from_our_page(ours, sent, "another's")
    assert not cookies.from_our_page(ours, FormData({}), "mine")
    assert not cookies.from_our_page(ours, sent, None)


def test_a_form_of_another_host_is_refused_even_with_the_token() -> None:
    sent = FormData({"form_token": cookies.form_token("mine")})
    for origin in (
        "https://evil.example",
        "https://ews.example.evil.example",
        "https://ews.example:444",
        "null",
    ):
        assert not cookies.from_our_page(request(origin=origin), sent, "mine"), origin


def test_two_visitors_get_two_secrets() -> None:
    assert cookies.visitor_secret(request()) != cookies.visitor_secret(request())
    assert len(cookies.visitor_secret(request())) >= 43
