"""A small identity provider of our own: a real server with its own key, for signing in through it.

It does what Google, Microsoft, Clever and ClassLink do in the code flow with PKCE: describes itself, gives a
code to a browser, and a signed token to whoever has the code, the verifier and the client's secret.
``warped`` lets a test have it lie.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

KEY = RSAKey.generate_key(2048, {"kid": "first"})
CLIENT, SECRET = "ews-client", "a secret of 256 bits"


def unsigned(claims: Mapping[str, Any]) -> str:
    """A token with ``alg: none``, as no provider gives one."""
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*coded, ""])


@dataclass
class IdentityProvider:
    """The provider's state. person: the claims of whoever signs in next; now: its clock."""

    now: float
    issuer: str = ""
    person: dict[str, Any] = field(default_factory=dict)
    warped: Callable[[dict[str, Any]], dict[str, Any]] = dict
    sign: Callable[[dict[str, Any]], str] | None = None
    key: RSAKey = field(default_factory=lambda: KEY)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def described(self) -> dict[str, str]:
        """What it says of itself."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
        }

    def new_code(self, asked: Mapping[str, str]) -> str:
        """The address to which the browser is sent back after signing in here."""
        assert asked["response_type"] == "code" and asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256" and "openid" in asked["scope"]
        code = secrets.token_urlsafe(16)
        self.codes[code] = dict(asked)
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def token_for(self, sent: Mapping[str, str]) -> dict[str, Any] | None:
        """The token for a code that was not used before; None for whoever cannot prove that it is theirs."""
        begun = self.codes.pop(sent.get("code", ""), None)
        if begun is None or (sent.get("client_id"), sent.get("client_secret")) != (CLIENT, SECRET):
            return None
        digest = hashlib.sha256(sent.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if challenge != begun["code_challenge"] or sent.get("redirect_uri") != begun["redirect_uri"]:
            return None
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": int(self.now),
            "exp": int(self.now) + 300,
            "nonce": begun["nonce"],
        }
        claims = self.warped(claims | self.person)
        signed = self.sign(claims) if self.sign else self.signed(claims)
        return {"access_token": "not used", "token_type": "Bearer", "expires_in": 300, "id_token": signed}

    def signed(self, claims: Mapping[str, Any], key: RSAKey | None = None) -> str:
        """``claims`` under its own key, or another."""
        key = key or self.key
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, dict(claims), key)

    def change_key(self) -> None:
        """A new key, as providers take one from time to time."""
        self.key = RSAKey.generate_key(2048, {"kid": secrets.token_hex(4)})


@contextmanager
def running(provider: IdentityProvider) -> Iterator[IdentityProvider]:
    """``provider`` behind a real server on this machine."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
            provider.asked.append(parts.path)
            if parts.path == "/authorize":
                self.send_response(302)
                self.send_header("Location", provider.new_code(asked))
                self.end_headers()
            elif parts.path == "/keys":
                self.say({"keys": [provider.key.as_dict(private=False)]})
            else:
                self.say(provider.described())

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"])).decode()
            provider.asked.append("/token")
            token = provider.token_for({name: values[0] for name, values in parse_qs(body).items()})
            self.say(token or {"error": "invalid_grant"}, 200 if token else 400)

        def say(self, content: Mapping[str, Any], status: int = 200) -> None:
            text = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *arguments: Any) -> None:
            """Nothing is logged."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
