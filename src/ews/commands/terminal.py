"""What all commands share: how a day is written, how an answer is given, and the only clock."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any

import typer

from ews.settings import Settings


def day(text: str) -> date:
    """``text`` as a day, or a usage error that says how a day is written."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no day; write it as 2025-11-14.") from None


def instant(text: str) -> datetime:
    """``text`` as a moment in UTC; a moment without an offset is taken as UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no moment; write it as 2025-11-14T06:10:00Z.") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


AsOf = Annotated[date, typer.Option("--as-of", parser=day, metavar="DATE", help="The day asked about.")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON.")]


def say(text: str) -> None:
    """One line for the person at the terminal."""
    print(text, flush=True)


def warn(text: str) -> None:
    """One line beside what was asked for, on the channel that nobody reads as the answer."""
    print(text, file=sys.stderr, flush=True)


def answer(as_json: bool, content: Any, lines: Callable[[], Iterator[str]] | list[str]) -> None:
    """``content`` as JSON for a machine, or its ``lines`` for a person."""
    if as_json:
        say(json.dumps(content, default=str, ensure_ascii=False, indent=2))
    else:
        for line in lines if isinstance(lines, list) else lines():
            say(line)


@contextmanager
def progress(title: str) -> Iterator[Callable[[str], None]]:
    """A line that moves while long work goes on; on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda step: None
        return
    from rich.console import Console

    with Console(stderr=True).status(title) as status:
        yield lambda step: status.update(f"{title}: {step}")


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[int, int, str], None]]:
    """A bar over the steps of long work, with the one under way and the time so far; on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda done, total, step: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total, step: bar.update(
            task, completed=done, total=total, description=f"{title}: {step}"
        )


def now() -> datetime:
    """This moment, in UTC: the only clock of the command line."""
    return datetime.now(UTC)


def today(settings: Settings) -> date:
    """Today in the district's timezone."""
    return now().astimezone(settings.timezone).date()
