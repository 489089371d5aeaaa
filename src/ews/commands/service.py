"""The service, and whether its models still hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ews.commands.terminal import AsJson, AsOf, answer, now, progress
from ews.errors import GateRefused
from ews.settings import read_settings

commands = typer.Typer()


@commands.command()
def watch(
    as_of: AsOf,
    out: Annotated[Path | None, typer.Option(help="A folder for the report as HTML and JSON.")] = None,
    as_json: AsJson = False,
) -> None:
    """Whether the models still hold and their data still come in; exit 5 when anything is red."""
    from ews.support.watch_page import write_watch
    from ews.support.watching import watch as watch_all

    with progress("Watching"):
        report = watch_all(read_settings(), as_of, now=now())
    written = write_watch(out, report.as_json()) if out else []
    answer(as_json, report.as_json(), [*report.lines(), *(f"Written: {path}" for path in written)])
    if report.colour == "red":
        raise GateRefused("A check is red.", "See what to do above.")


@commands.command()
def repair(name: str, as_of: AsOf, as_json: AsJson = False) -> None:
    """Shift a model's intercept on matured labels: a candidate that `ews promote` may put into service."""
    from ews.support.watching import repair_model

    with progress("Repairing"):
        report = repair_model(read_settings(), name, as_of)
    answer(as_json, report.as_json(), report.lines())


@commands.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 3000,
    workers: Annotated[int, typer.Option(help="How many processes answer.")] = 1,
) -> None:
    """The BentoML service: pages, scoring, probes."""
    from ews.web.serve import serve as serve_service

    raise typer.Exit(serve_service(read_settings(), host=host, port=port, workers=workers))
