"""A day's scores and what is made of them: the list, the digest, one student."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ews.commands.terminal import AsJson, AsOf, answer, now, progress, say
from ews.settings import read_settings

commands = typer.Typer()


class Format(StrEnum):
    """The forms in which scores are given back."""

    csv = "csv"
    json = "json"
    parquet = "parquet"


@commands.command()
def score(
    as_of: AsOf,
    rules_only: Annotated[bool, typer.Option(help="With no model in service: the ABC rules alone.")] = False,
    as_json: AsJson = False,
) -> None:
    """Score everyone enrolled, with drivers; one run, all or nothing."""
    from ews.support.score_run import score_run

    with progress("Scoring"):
        report = score_run(read_settings(), as_of, now=now(), allow_rules_only=rules_only)
    answer(as_json, report.as_json(), report.lines())


@commands.command()
def scores(
    as_of: AsOf,
    out: Annotated[Path, typer.Option(help="The file to write.")],
    domain: Annotated[str | None, typer.Option(help="One domain only.")] = None,
    form: Annotated[Format, typer.Option("--format", help="The file's form.")] = Format.csv,
) -> None:
    """Write the scores of a day's run to a file."""
    from ews.support.scores_table import write_scores

    rows = write_scores(read_settings(), as_of, domain=domain, form=form.value, out=out, now=now())
    say(f"{rows:,} scores in {out}")


@commands.command("list")
def show_list(
    as_of: AsOf,
    school: Annotated[str | None, typer.Option(help="One school, by its id.")] = None,
    caseload: Annotated[str | None, typer.Option(help="One person's students, by staff id.")] = None,
    capacity: Annotated[int | None, typer.Option(help="At most so many names.")] = None,
    as_json: AsJson = False,
) -> None:
    """The risk list as a table."""
    from ews.support.terminal import list_rows, list_table

    rows = list_rows(read_settings(), as_of, school=school, caseload=caseload, capacity=capacity, now=now())
    if as_json:
        answer(True, rows, [])
        return
    from rich.console import Console

    Console().print(list_table(rows, as_of))


@commands.command()
def digest(
    as_of: AsOf,
    send: Annotated[
        bool, typer.Option("--send", help="Send it; otherwise only count who would get it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """The Monday digest for each person with a caseload: counts, initials and a link."""
    from ews.store.store import open_store
    from ews.support.digest_post import send_digests

    settings = read_settings()
    with open_store(settings) as store:
        outcome = send_digests(settings, store, as_of, now=now(), send=send)
    answer(as_json, outcome.as_json(), outcome.lines())
    if not outcome.whole:
        raise typer.Exit(1)


@commands.command()
def explain(student: str, as_of: AsOf, as_json: AsJson = False) -> None:
    """Scores, drivers and facts of one student, and how sure they are."""
    from ews.support.terminal import explanation

    content, lines = explanation(read_settings(), student, as_of, now=now())
    answer(as_json, content, lines)
