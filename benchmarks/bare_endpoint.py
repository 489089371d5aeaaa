"""A bare Starlette app beside which the endpoint is measured: no BentoML, no access, no ledger, no log.

    python benchmarks/bare_endpoint.py DAY PORT

``POST /model_calls`` asks every model for the student's log-odds and contributions and sends the numbers.
``POST /explained`` sends what our endpoint sends: the same, with bands, sentences and dates.
``POST /explained_in_a_thread`` does so in a thread, as Starlette asks of work that holds up the others.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from typing import Any

import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ews.risk.bundle import bundles_in_service
from ews.risk.composite import Composite
from ews.settings import read_settings
from ews.store import open_store
from ews.support.runs import run_of
from ews.web.kept_features import KeptFeatures, RunFeatures, versions
from ews.web.scoring import Scored, content


def bare(as_of: date) -> Starlette:
    """The app, with the models and the run's features in memory as ours has them."""
    settings = read_settings()
    bundles = bundles_in_service(settings.models)
    with open_store(settings) as store, store.read() as tx:
        run = run_of(tx, as_of)
    kept = KeptFeatures(settings).of(run, bundles)
    models = versions(bundles)

    async def model_calls(request: Request) -> Response:
        ask = json.loads(await request.body())
        return sent({student: asked(kept, kept.places[student]) for student in ask["student_ids"]})

    def answer(students: list[str]) -> Response:
        scores = kept.scores(students, settings)
        return sent(content(as_of, students, Scored(scores, run.run_id, models)))

    async def explained(request: Request) -> Response:
        ask = json.loads(await request.body())
        return answer(ask["student_ids"])

    async def explained_in_a_thread(request: Request) -> Response:
        ask = json.loads(await request.body())
        return await run_in_threadpool(lambda: answer(ask["student_ids"]))

    return Starlette(
        routes=[
            Route("/model_calls", model_calls, methods=["POST"]),
            Route("/explained", explained, methods=["POST"]),
            Route("/explained_in_a_thread", explained_in_a_thread, methods=["POST"]),
        ]
    )


def asked(kept: RunFeatures, place: int) -> dict[str, Any]:
    """Every model's log-odds and contributions for one row, and nothing else."""
    log_odds: dict[str, np.ndarray] = {}
    told: dict[str, Any] = {}
    for name, domain in kept.rows.domains.items():
        model = domain.bundle.model
        if isinstance(model, Composite):
            stacked = np.column_stack([log_odds[one] for one in model.domains])
            told[name] = {
                "log_odds": model.log_odds(stacked)[0],
                "times": model.multipliers(stacked)[0].tolist(),
            }
        else:
            row = domain.rows[place : place + 1]
            asked_for = bool(domain.eligible[place])
            log_odds[name] = model.log_odds(row) if asked_for else np.array([np.nan])
            parts = model.contributions(row)[0].tolist() if asked_for else []
            told[name] = {"log_odds": log_odds[name][0], "contributions": parts}
    return told


def sent(content: Any) -> Response:
    """``content`` as JSON."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=float).encode()
    return Response(body, media_type="application/json")


if __name__ == "__main__":
    day, port = date.fromisoformat(sys.argv[1]), int(sys.argv[2])
    uvicorn.run(bare(day), host="127.0.0.1", port=port, log_level="warning", access_log=False)
