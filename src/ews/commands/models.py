"""Models: trained, judged, put into service and taken out of it."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ews.commands.terminal import AsJson, AsOf, answer, day, progress, progress_bar, say, today
from ews.settings import read_settings

commands = typer.Typer()

SignedBy = Annotated[
    list[str],
    typer.Option(
        "--signed-by",
        help="Who answers for it, given twice: 'analyst: NAME' and 'equity reviewer: NAME',"
        " or the two names in that order.",
    ),
]

Names = Annotated[
    list[str] | None, typer.Argument(help="Which models; all definitions in EWS_TRAINING otherwise.")
]
Until = Annotated[
    date | None,
    typer.Option(parser=day, metavar="DATE", help="Only what was known by then; today otherwise."),
]


@commands.command()
def train(
    names: Names = None,
    until: Until = None,
    tune: Annotated[
        bool, typer.Option("--tune", help="Choose parameters first: 20 tries on the years learned from.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Fit training/NAME.py on what was known by a day, every run in MLflow."""
    from ews.risk.training import train_all

    settings = read_settings()
    with progress("Training"):
        reports = train_all(settings, names or [], until or today(settings), tune=tune)
    answer(as_json, [report.as_json() for report in reports], [report.line() for report in reports])


@commands.command()
def evaluate(
    names: Names = None,
    until: Until = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder of the report; EWS_HOME/reports otherwise.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Judge models on every year they never saw, beside what they must beat; a page and a JSON."""
    from ews.risk.evaluation_run import run_evaluation

    settings = read_settings()
    with progress_bar("Evaluating") as tell:
        report = run_evaluation(settings, names or [], until or today(settings), out=out, tell=tell)
    answer(as_json, report.as_json(), lambda: report.lines())


@commands.command()
def promote(
    name: str,
    signed_by: SignedBy,
    run: Annotated[
        str | None, typer.Option(help="The MLflow run; the latest of this model otherwise.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Put a trained model into service, if it passes the gate."""
    from ews.risk.promotion import StaysOut
    from ews.risk.promotion import promote as promote_model

    settings = read_settings()
    try:
        with progress("Judging"):
            report = promote_model(settings, name, run_id=run, signed_by=signed_by, on=today(settings))
    except StaysOut as refused:
        answer(as_json, refused.as_json(), refused.lines())
        raise
    answer(as_json, report.as_json(), report.lines())


@commands.command()
def rollback(name: str) -> None:
    """Put the model back into service that served before."""
    from ews.risk.promotion import rollback as roll_back

    say(f"{name}: {roll_back(read_settings(), name)} is in service again.")


@commands.command()
def audit(
    as_of: AsOf,
    names: Annotated[
        list[str] | None, typer.Argument(help="Which models; all that are in service otherwise.")
    ] = None,
    run: Annotated[
        str | None, typer.Option(help="A candidate, by its MLflow run, with the model's name.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The folder of the report; EWS_HOME/reports otherwise.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """How each model does for each group of students, and whether individual scores are needed."""
    from ews.risk.audit_run import run_audit

    with progress("Auditing") as tell:
        report = run_audit(read_settings(), as_of, names or [], run_id=run, out=out, tell=tell)
    answer(as_json, report.as_json(), lambda: report.lines())
