"""The command line: one function a command, each reads like a sentence.

Everything heavy is imported inside the command that needs it, so that ``ews --help`` answers at once.
The clock is read in ``terminal``, and nowhere below. Exit codes: 0 done, 1 our fault, 2 usage or settings,
3 bad data and nothing loaded, 4 held for a person, 5 a gate said no.
"""

from __future__ import annotations

import os
import sys
import traceback
from pathlib import Path

import typer
from typer.exceptions import TyperException

from ews.commands import district, lists, models, people, records, service
from ews.errors import EwsError, UsageError

app = typer.Typer(
    help="ews: an early-warning service for schools. From records to a short, explained list.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for part in (district, records, models, lists, service):
    app.add_typer(part.commands)
app.add_typer(district.district_app, name="district")
app.add_typer(people.accounts_app, name="accounts")
app.add_typer(people.clients_app, name="clients")
app.add_typer(people.ledger_app, name="ledger")


def where(problem: BaseException) -> str:
    """The lines of ours that a fault passed through: places only, never values."""
    frames = traceback.extract_tb(problem.__traceback__)
    return " <- ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames[-6:]))


def main() -> None:
    """Run a command; a problem is told in a sentence and in the exit code, never as a traceback."""
    try:
        sys.exit(app(standalone_mode=False) or 0)
    except EwsError as problem:
        print(f"ews: {problem}", file=sys.stderr)
        sys.exit(problem.exit_code)
    except typer.Exit as leave:
        sys.exit(leave.exit_code)
    except TyperException as problem:
        problem.show()  # type: ignore[attr-defined]  # every one that typer raises has it
        sys.exit(UsageError.exit_code)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as problem:
        print(f"ews: our fault: {type(problem).__name__} at {where(problem)}.", file=sys.stderr)
        print("ews: nothing was changed by halves; report this line.", file=sys.stderr)
        sys.exit(1)
