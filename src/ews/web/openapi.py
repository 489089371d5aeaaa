"""``/docs.json``: the OpenAPI description of every address, made from the addresses themselves."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from ews import __version__
from ews.people.clients import SCOPES
from ews.web import answers, asks
from ews.web.inside import Inside
from ews.web.routes import KNOWN, Address, Policy, Who, address

ERRORS = {
    "400": "The body could not be read.",
    "401": "No valid token or session came with the request.",
    "403": "Known, but not for this.",
    "404": "There is no such address.",
    "413": "The body is too large.",
    "422": "The body was understood, but something in it cannot be; `where` says which fields.",
    "429": "Too many calls of this kind at once; see Retry-After.",
    "503": "Not now (no model, or too slow); see Retry-After.",
}
ERROR_SCHEMA = {
    "type": "object",
    "required": ["error", "detail", "fix"],
    "properties": {
        "error": {"type": "string"},
        "detail": {"type": "string"},
        "fix": {"type": "string"},
        "where": {"type": "array", "items": {"type": "string"}},
    },
}
TOKEN_FORM = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"const": "client_credentials"},
        "client_id": {"type": "string"},
        "client_secret": {"type": "string"},
        "scope": {"type": "string"},
    },
}
BODIES: dict[str, type[BaseModel]] = {"/score": asks.ScoreAsk, "/score_records": asks.RecordsAsk}
ABOUT = "An early-warning service for schools: scores with their reasons, and the list made of them."
PROBES = {
    "/livez": "Whether the process answers.",
    "/readyz": "Whether the models and the database answer; degraded says why.",
}


def addresses(inside: Inside) -> list[Address]:
    """The one address here."""

    async def documents(request: Request) -> Response:
        """This description, in OpenAPI 3.1."""
        return answers.json_answer(description(inside))

    return [address("/docs.json", documents, KNOWN, name="docs")]


def description(inside: Inside) -> dict[str, Any]:
    """OpenAPI 3.1 of every address of ``inside``, and of the probes that the door answers."""
    paths: dict[str, dict[str, Any]] = {
        path: {"get": operation("probe", said, None, {"200": "Yes.", "503": "Not now."})}
        for path, said in PROBES.items()
    }
    for route in inside.addresses.routes:
        if isinstance(route, Address):
            paths.setdefault(route.path, {}).update(operations(route))
    return {
        "openapi": "3.1.0",
        "info": {"title": "ews", "version": __version__, "description": ABOUT},
        "paths": paths,
        "components": {"schemas": {"Error": ERROR_SCHEMA}, "securitySchemes": schemes()},
    }


def operations(route: Address) -> dict[str, Any]:
    """What can be done at ``route``, by method."""
    methods = sorted((route.methods or set()) - {"HEAD"})
    made = {}
    for method in methods:
        said = operation(route.name, first_line(route.endpoint), route.policy, {"200": "Done."})
        said |= {"requestBody": body} if method == "POST" and (body := body_of(route.path)) else {}
        said |= {"parameters": parameters} if (parameters := parameters_of(route)) else {}
        made[method.lower()] = said
    return made


def operation(name: str, said: str, policy: Policy | None, answered: dict[str, str]) -> dict[str, Any]:
    """One operation: its summary, who may use it, what it answers."""
    responses: dict[str, Any] = {status: {"description": text} for status, text in answered.items()}
    if policy is not None:
        error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
        responses |= {status: {"description": text, "content": error} for status, text in ERRORS.items()}
    return {"operationId": name, "summary": said, "responses": responses, "security": security(policy)}


def security(policy: Policy | None) -> list[dict[str, list[str]]]:
    """Who may use it, in OpenAPI's words; an empty list is everybody."""
    if policy is None or policy.who is Who.anyone:
        return []
    token: dict[str, list[str]] = {"token": [policy.scope] if policy.scope else []}
    session: dict[str, list[str]] = {"session": []}
    return {Who.client: [token], Who.staff: [session]}.get(policy.who, [session, token])


def schemes() -> dict[str, Any]:
    """The two ways to be known."""
    flow = {"tokenUrl": "/oauth/token", "scopes": SCOPES}
    return {
        "token": {"type": "oauth2", "flows": {"clientCredentials": flow}},
        "session": {"type": "apiKey", "in": "cookie", "name": "__Host-ews"},
    }


def body_of(path: str) -> dict[str, Any] | None:
    """The body that ``path`` takes, if it takes one of ours."""
    if path == "/oauth/token":
        return {"content": {"application/x-www-form-urlencoded": {"schema": TOKEN_FORM}}}
    model = BODIES.get(path)
    return {"content": {"application/json": {"schema": model.model_json_schema()}}} if model else None


def parameters_of(route: Address) -> list[dict[str, Any]]:
    """The variable parts of the path."""
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in route.param_convertors
    ]


def first_line(endpoint: Any) -> str:
    """What the endpoint says of itself."""
    return (endpoint.__doc__ or "").strip().split("\n")[0]
