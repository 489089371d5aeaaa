"""Drops of records: judged, and loaded."""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from ews.commands.terminal import AsJson, answer, instant, now, progress
from ews.errors import BadData, Held
from ews.settings import read_settings

commands = typer.Typer()


class Source(StrEnum):
    """The forms that records may come in."""

    csv = "csv"
    oulad = "oulad"


Report = Annotated[Path | None, typer.Option("--report", help="Write the whole report here, as JSON.")]


@commands.command()
def check(path: Path, source: Source = Source.csv, report: Report = None, as_json: AsJson = False) -> None:
    """Read and judge a drop; load nothing."""
    from ews.records.intake import check_drop

    with progress("Reading"):
        found = check_drop(read_settings(), path, source.value, now=now())
    tell_load(found, report, as_json, ending="a load would be")


@commands.command()
def load(
    path: Path,
    source: Source = Source.csv,
    known_at: Annotated[
        datetime | None,
        typer.Option(parser=instant, metavar="DATETIME", help="When it became known, instead of now."),
    ] = None,
    accept_held: Annotated[bool, typer.Option(help="Load a drop that was held.")] = False,
    history: Annotated[
        bool, typer.Option(help="Past years: known at their own dates plus the usual lag.")
    ] = False,
    report: Report = None,
    as_json: AsJson = False,
) -> None:
    """Read, judge and publish a drop, in one step or not at all."""
    from ews.records.intake import load_drop

    with progress("Loading"):
        done = load_drop(
            read_settings(),
            path,
            source.value,
            known_at=known_at,
            accept_held=accept_held,
            history=history,
            now=now(),
        )
    tell_load(done, report, as_json)


def tell_load(report: Any, report_file: Path | None, as_json: bool, ending: str = "status") -> None:
    """The report of a drop, and the exit code it calls for. ``ending`` stands before its status."""
    content = report.as_json()
    if report_file:
        report_file.write_text(json.dumps(content, indent=2, ensure_ascii=False), encoding="utf-8")
    answer(as_json, content, [*load_lines(content), f"{ending}: {content['status']}"])
    if content["status"] == "rejected":
        raise BadData(
            "The drop has errors; nothing of it was loaded.", "Mend the lines above and hand it over again."
        )
    if content["status"] == "held":
        raise Held(
            "The drop is held for a person.", "Look at the difference above; load it with --accept-held."
        )


def load_lines(content: dict[str, Any], most: int = 20) -> list[str]:
    """A report of a drop as lines for a person; at most ``most`` problems."""
    lines = [
        f"{name:24} read {count['read']:>9,}  loaded {count['loaded']:>9,}"
        f"  set aside {count['quarantined']:>7,}"
        for name, count in content["tables"].items()
    ]
    for problem in content["problems"][:most]:
        where = ":".join(str(problem[key]) for key in ("file", "line", "column") if problem.get(key))
        lines.append(f"{problem['severity']}: {where}: {problem['problem'].rstrip('.')}. {problem['fix']}")
    if len(content["problems"]) > most:
        lines.append(
            f"... and {len(content['problems']) - most:,} more problems; --report FILE has them all."
        )
    return lines
