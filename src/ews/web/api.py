"""The addresses of information systems: scoring, and pulling a run's scores.

Each reads its body itself, as raw JSON against our own model, so that what is wrong is answered in our
form and nothing of the body reaches a log.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from ews.people.access import Principal
from ews.web import answers
from ews.web.asks import RecordsAsk, ScoreAsk, read_ask
from ews.web.inside import Inside
from ews.web.routes import KIB, Address, Policy, Who, address
from ews.web.scoring import score_computed, score_known, score_records

COMPUTE = Policy(Who.client, "scores.compute", body_limit=128 * KIB, seconds=100)
RECORDS = Policy(Who.client, "scores.compute", body_limit=32 * KIB * KIB, seconds=100)


def addresses(inside: Inside) -> list[Address]:
    """Every address of the information systems."""

    async def score(request: Request) -> Response:
        """Scores with their reasons for students of ours, as of a day: at most 1,000 at once."""
        ask = read_ask(ScoreAsk, await request.body())
        principal = request.state.principal
        known = await inside.in_thread(written, score_known, inside, principal, ask)
        return known or await inside.one_at_a_time(written, score_computed, inside, principal, ask)

    async def records(request: Request) -> Response:
        """Scores with their reasons for the contract's rows in the body, which are not stored."""
        body = await request.body()
        principal = request.state.principal
        return await inside.one_at_a_time(written, read_and_score, inside, principal, body)

    return [
        address("/score", score, COMPUTE, ["POST"]),
        address("/score_records", records, RECORDS, ["POST"], name="score_records"),
    ]


def written(work: Callable[..., dict[str, Any] | None], *arguments: Any) -> Any:
    """The answer of ``work`` as JSON, written in the thread that worked it out; None when there is none."""
    content = work(*arguments)
    return None if content is None else answers.json_answer(content)


def read_and_score(inside: Inside, principal: Principal, body: bytes) -> dict[str, Any]:
    """The answer to a body of rows; reading a large one takes a while too."""
    return score_records(inside, principal, read_ask(RecordsAsk, body))
