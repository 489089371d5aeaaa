"""The district's identity provider: Google, Microsoft, Clever or ClassLink, by OpenID Connect.

The code flow with PKCE, state and nonce. An answer counts only when it was signed by the provider's own key
with RS256, is for us, is fresh, answers this very sign-in, and comes from the district's own tenant there.
Nothing is called unless ``sign_in.provider`` names a provider.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from ews.errors import UsageError
from ews.settings import Settings

ALGORITHMS = ["RS256"]
SECONDS = 10.0
KEPT_SECONDS = 3600.0
LEEWAY = 60  # seconds that two clocks may differ
OURS = "/signin/callback"


@dataclass(frozen=True)
class Shape:
    """What a provider is like: its issuer, the claim that names the district there, who the e-mail is from.

    email: the claim with the address; vouched: the claim that must be true for it, None where the district
    itself gives the addresses out; staff_only: a claim and the value that a student has in it.
    """

    title: str
    issuer: str
    tenant_claim: str
    email: str = "email"
    vouched: str | None = None
    student: tuple[str, str] | None = None
    hint: str | None = None


SHAPES = {
    "google": Shape("Google", "https://accounts.google.com", "hd", vouched="email_verified", hint="hd"),
    "microsoft": Shape(
        "Microsoft", "https://login.microsoftonline.com/{tenant}/v2.0", "tid", email="preferred_username"
    ),
    "clever": Shape("Clever", "https://clever.com", "district", student=("user_type", "student")),
    "classlink": Shape("ClassLink", "https://launchpad.classlink.com", "tenantId"),
}


class ProviderRefused(Exception):
    """An answer of the provider that does not count; ``why`` is a word of ours for the log."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class ProviderSilent(Exception):
    """The provider could not be reached, or answered with what is no answer."""


@dataclass(frozen=True)
class Person:
    """Somebody as the provider vouches for them. email: None where it vouches for none."""

    issuer: str
    subject: str
    email: str | None


@dataclass
class Provider:
    """The provider of these settings; its addresses and keys are asked for and kept for an hour."""

    shape: Shape
    issuer: str
    client_id: str
    secret: str
    tenant: str
    tenant_claim: str
    redirect: str
    kept: dict[str, tuple[float, Any]] = field(default_factory=dict)

    def address(self, state: str, nonce: str, verifier: str) -> str:
        """Where the browser is sent to sign in."""
        more = {self.shape.hint: self.tenant} if self.shape.hint else {}
        with self.client() as client:
            url, _ = client.create_authorization_url(
                self.endpoint("authorization_endpoint"),
                state=state,
                nonce=nonce,
                code_verifier=verifier,
                **more,
            )
        return str(url)

    def person(self, code: str, nonce: str, verifier: str, *, now: float) -> Person:
        """Who signed in. Errors: ProviderRefused, ProviderSilent."""
        token = self.token(code, verifier).get("id_token")
        if not isinstance(token, str):
            raise ProviderRefused("no_id_token")
        claims = self.claims(token, nonce, now)
        student = self.shape.student
        if student and claims.get(student[0]) == student[1]:
            raise ProviderRefused("student")
        vouched = self.shape.vouched is None or claims.get(self.shape.vouched) is True
        email = claims.get(self.shape.email)
        return Person(self.issuer, claims["sub"], email if vouched and isinstance(email, str) else None)

    def token(self, code: str, verifier: str) -> Mapping[str, Any]:
        """What the provider gives for ``code``."""
        from authlib.common.errors import AuthlibBaseError
        from httpx import HTTPError

        try:
            with self.client() as client:
                token = client.fetch_token(self.endpoint("token_endpoint"), code=code, code_verifier=verifier)
        except AuthlibBaseError:
            raise ProviderRefused("no_token") from None
        except (HTTPError, ValueError):
            raise ProviderSilent from None
        return dict(token)

    def claims(self, token: str, nonce: str, now: float) -> Mapping[str, Any]:
        """The claims of ``token``, if it is the provider's word to us about this sign-in."""
        from joserfc import jwt
        from joserfc.errors import JoseError

        claims: dict[str, Any] = {}
        for fresh in (False, True):  # a key that is new there is asked for once
            try:
                claims = jwt.decode(token, self.keys(fresh), algorithms=ALGORITHMS).claims
                break
            except (JoseError, ValueError):
                if fresh:
                    raise ProviderRefused("signature") from None
        try:
            jwt.JWTClaimsRegistry(
                now=lambda: int(now),
                leeway=LEEWAY,
                iss={"essential": True, "value": self.issuer},
                aud={"essential": True, "value": self.client_id},
                sub={"essential": True},
                exp={"essential": True},
                iat={"essential": True},
                nonce={"essential": True, "value": nonce},
            ).validate(claims)
        except JoseError as problem:
            raise ProviderRefused(getattr(problem, "claim", None) or "claims") from None
        if not isinstance(claims["sub"], str) or claims.get("azp", self.client_id) != self.client_id:
            raise ProviderRefused("claims")
        if not self.tenant or str(claims.get(self.tenant_claim, "")) != self.tenant:
            raise ProviderRefused("tenant")
        return claims

    def client(self) -> Any:
        """Authlib's client for one exchange."""
        return oauth_client()(
            self.client_id,
            self.secret,
            scope="openid email profile",
            redirect_uri=self.redirect,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_post",
            timeout=SECONDS,
            trust_env=False,
        )

    def endpoint(self, name: str) -> str:
        """An address of the provider, from its own description."""
        described = self.asked(f"{self.issuer}/.well-known/openid-configuration")
        address = described.get(name)
        if described.get("issuer") != self.issuer or not isinstance(address, str) or not is_safe(address):
            raise ProviderSilent
        return address

    def keys(self, fresh: bool) -> Any:
        """The provider's keys."""
        from joserfc.errors import JoseError
        from joserfc.jwk import KeySet

        try:
            return KeySet.import_key_set(self.asked(self.endpoint("jwks_uri"), fresh))
        except (JoseError, KeyError, TypeError, ValueError):
            raise ProviderSilent from None

    def asked(self, address: str, fresh: bool = False) -> Any:
        """What stands at ``address``, as JSON; kept for an hour."""
        import httpx

        at, content = self.kept.get(address, (0.0, None))
        if content is None or fresh or time.monotonic() - at > KEPT_SECONDS:
            try:
                with httpx.Client(timeout=SECONDS, trust_env=False) as client:
                    content = client.get(address).raise_for_status().json()
            except (httpx.HTTPError, ValueError):
                raise ProviderSilent from None
            if not isinstance(content, dict):
                raise ProviderSilent
            self.kept[address] = time.monotonic(), content
        return content


def provider_of(settings: Settings) -> Provider | None:
    """The provider that the settings name; None when they name none. UsageError for half of one."""
    name = settings["sign_in.provider"]
    if not name:
        return None
    shape, tenant = SHAPES[name], settings["sign_in.tenant"]
    issuer = settings["sign_in.issuer"] or shape.issuer.format(tenant=tenant)
    wanting = [
        said
        for said, given in {
            "sign_in.client_id": settings["sign_in.client_id"],
            "sign_in.tenant": tenant,
            "EWS_SIGN_IN_SECRET": settings.sign_in_secret,
            "EWS_BASE_URL": settings.base_url,
        }.items()
        if not given
    ]
    if wanting:
        raise UsageError(f"sign_in.provider is {name}, without {', '.join(wanting)}.", "See docs/sign-in.md.")
    if not is_safe(issuer):
        raise UsageError("sign_in.issuer is no https address.", "Write it as the provider's documents do.")
    return Provider(
        shape=shape,
        issuer=issuer,
        client_id=settings["sign_in.client_id"],
        secret=settings.sign_in_secret,
        tenant=tenant,
        tenant_claim=settings["sign_in.tenant_claim"] or shape.tenant_claim,
        redirect=f"{settings.base_url.rstrip('/')}{OURS}",
    )


def is_safe(address: str) -> bool:
    """Whether ``address`` is https, or on this very machine."""
    parts = urlsplit(address)
    return bool(parts.netloc) and (parts.scheme == "https" or parts.hostname == "127.0.0.1")


def oauth_client() -> Any:
    """Authlib's OAuth client. Its next version is for httpx's successor, of which it warns at the import."""
    import authlib.deprecate  # noqa: F401  it turns its own warning on

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from authlib.integrations.httpx_client import OAuth2Client

    return OAuth2Client
