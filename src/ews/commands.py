"""The command line: one function a command, each reads like a sentence.

Everything heavy is imported inside the command that needs it, so that ``ews --help`` answers at once.
The clock is read here, and nowhere below. Exit codes: 0 done, 1 our fault, 2 usage or settings,
3 bad data and nothing loaded, 4 held for a person, 5 a gate said no.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.exceptions import TyperException

from ews.errors import BadData, EwsError, GateRefused, Held, UsageError
from ews.settings import Settings, read_settings

app = typer.Typer(
    help="ews: an early-warning service for schools. From records to a short, explained list.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
district_app = typer.Typer(help="The made-up district, for trying and testing.", no_args_is_help=True)
accounts_app = typer.Typer(help="The people who may sign in.", no_args_is_help=True)
clients_app = typer.Typer(help="The information systems that may ask for scores.", no_args_is_help=True)
ledger_app = typer.Typer(help="The record of who looked at whom.", no_args_is_help=True)
app.add_typer(district_app, name="district")
app.add_typer(accounts_app, name="accounts")
app.add_typer(clients_app, name="clients")
app.add_typer(ledger_app, name="ledger")


class Size(StrEnum):
    """How large a made-up district is: 400, 5,000 or 12,000 students."""

    tiny = "tiny"
    demo = "demo"
    district = "district"


class Source(StrEnum):
    """The forms that records may come in."""

    csv = "csv"
    oulad = "oulad"


class Format(StrEnum):
    """The forms in which scores are given back."""

    csv = "csv"
    json = "json"
    parquet = "parquet"


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
SignedBy = Annotated[
    list[str],
    typer.Option(
        "--signed-by",
        help="Who answers for it, given twice: 'analyst: NAME' and 'equity reviewer: NAME',"
        " or the two names in that order.",
    ),
]


def say(text: str) -> None:
    """One line for the person at the terminal."""
    print(text, flush=True)


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


# ---- the made-up district and the demo -----------------------------------------------------------


@app.command()
def demo(port: Annotated[int, typer.Option(help="Where the pages are served.")] = 3000) -> None:
    """A made-up district, loaded, trained, promoted, scored and served: the whole way in one command."""
    from ews.demo import run_demo

    run_demo(read_settings(), port=port, now=now, say=say)


World = partial(typer.Option, rich_help_panel="What is true of it")


@district_app.command("make")
def district_make(
    out: Annotated[Path, typer.Option(help="Where the drop is written.")],
    size: Annotated[Size, typer.Option(help="How large.")] = Size.tiny,
    students: Annotated[int | None, typer.Option(help="Another number of students.")] = None,
    years: Annotated[int | None, typer.Option(help="Another number of school years.")] = None,
    seed: Annotated[int, typer.Option(help="The same seed makes the same district.")] = 1,
    until: Annotated[
        date | None, typer.Option(parser=day, metavar="DATE", help="Only what was known by then.")
    ] = None,
    truth: Annotated[Path | None, typer.Option(help="Where its hidden truth is written, apart.")] = None,
    recording_bias: Annotated[
        float | None, World(help="Times likelier some students are written up; 1 is none.")
    ] = None,
    excusing_bias: Annotated[
        float | None, World(help="Times less often their absences are excused; 1 is none.")
    ] = None,
    biased_schools: Annotated[float | None, World(help="Share of schools with these biases.")] = None,
    pandemic_year: Annotated[int | None, World(help="School year of quarantines: 2025 is 2024-25.")] = None,
    no_suspensions_from: Annotated[
        date | None, World(parser=day, metavar="DATE", help="From then suspensions are rare.")
    ] = None,
    independent_study_from: Annotated[
        date | None, World(parser=day, metavar="DATE", help="From then half of ill days do not count.")
    ] = None,
    school_spread: Annotated[float | None, World(help="How much schools differ, in log-odds.")] = None,
    interactions: Annotated[float | None, World(help="How much signs depend on each other, 0 to 1.")] = None,
    list_week: Annotated[
        list[int] | None, World(help="School week whose list counselors act on; may be given again.")
    ] = None,
    places: Annotated[float | None, World(help="Share of a caseload they can support at once.")] = None,
    discretion: Annotated[float | None, World(help="How far they go by their own eyes, 0 to 1.")] = None,
    strength: Annotated[float | None, World(help="Times the programs' effects are as large.")] = None,
    lives: Annotated[int | None, World(help="Untreated lives lived for the truth about risk.")] = None,
) -> None:
    """A made-up district in the contract's CSV, its hidden truth apart."""
    from ews.district.make import make_district
    from ews.district.world import chosen_world

    world = chosen_world(
        recording_bias=recording_bias,
        excusing_bias=excusing_bias,
        biased_schools=biased_schools,
        pandemic_year=pandemic_year,
        no_suspensions_from=no_suspensions_from,
        independent_study_from=independent_study_from,
        school_spread=school_spread,
        interactions=interactions,
        list_weeks=tuple(list_week or ()) or None,
        places=places,
        discretion=discretion,
        strength=strength,
        lives=lives,
    )
    with progress("Making a district"):
        make_district(
            out,
            size.value,
            students=students,
            years=years,
            seed=seed,
            world=world,
            truth=truth,
            until=until,
        )
    say(f"Made-up district ({size.value}, seed {seed}) in {out}")


# ---- records ------------------------------------------------------------------------------------


def tell_load(report: Any, report_file: Path | None, as_json: bool) -> None:
    """The report of a drop, and the exit code it calls for."""
    content = report.as_json()
    if report_file:
        report_file.write_text(json.dumps(content, indent=2, ensure_ascii=False), encoding="utf-8")
    answer(as_json, content, load_lines(content))
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
    return [*lines, f"status: {content['status']}"]


Report = Annotated[Path | None, typer.Option("--report", help="Write the whole report here, as JSON.")]


@app.command()
def check(path: Path, source: Source = Source.csv, report: Report = None, as_json: AsJson = False) -> None:
    """Read and judge a drop; load nothing."""
    from ews.records.intake import check_drop

    with progress("Reading"):
        found = check_drop(read_settings(), path, source.value, now=now())
    tell_load(found, report, as_json)


@app.command()
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


# ---- models -------------------------------------------------------------------------------------


@app.command()
def train(
    names: Annotated[
        list[str] | None, typer.Argument(help="Which models; all definitions in EWS_TRAINING otherwise.")
    ] = None,
    until: Annotated[
        date | None,
        typer.Option(parser=day, metavar="DATE", help="Only what was known by then; today otherwise."),
    ] = None,
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


@app.command()
def evaluate(
    names: Annotated[
        list[str] | None, typer.Argument(help="Which models; all definitions in EWS_TRAINING otherwise.")
    ] = None,
    until: Annotated[
        date | None,
        typer.Option(parser=day, metavar="DATE", help="Only what was known by then; today otherwise."),
    ] = None,
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


@app.command()
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


@app.command()
def rollback(name: str) -> None:
    """Put the model back into service that served before."""
    from ews.risk.promotion import rollback as roll_back

    say(f"{name}: {roll_back(read_settings(), name)} is in service again.")


@app.command()
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


# ---- scores and the list ------------------------------------------------------------------------


@app.command()
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


@app.command()
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


@app.command("list")
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


@app.command()
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


@app.command()
def explain(student: str, as_of: AsOf, as_json: AsJson = False) -> None:
    """Scores, drivers and facts of one student, and how sure they are."""
    from ews.support.terminal import explanation

    content, lines = explanation(read_settings(), student, as_of, now=now())
    answer(as_json, content, lines)


# ---- watching -----------------------------------------------------------------------------------


@app.command()
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


@app.command()
def repair(name: str, as_of: AsOf, as_json: AsJson = False) -> None:
    """Shift a model's intercept on matured labels: a candidate that `ews promote` may put into service."""
    from ews.support.watching import repair_model

    with progress("Repairing"):
        report = repair_model(read_settings(), name, as_of)
    answer(as_json, report.as_json(), report.lines())


# ---- serving ------------------------------------------------------------------------------------


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 3000,
    workers: Annotated[int, typer.Option(help="How many processes answer.")] = 1,
) -> None:
    """The BentoML service: pages, scoring, probes."""
    from ews.web.serve import serve as serve_service

    raise typer.Exit(serve_service(read_settings(), host=host, port=port, workers=workers))


# ---- people, clients, ledger --------------------------------------------------------------------


@accounts_app.command("add")
def accounts_add(
    name: Annotated[str, typer.Argument(help="The sign-in name, such as an e-mail address.")],
    role: Annotated[
        str,
        typer.Option(
            help="counselor, teacher, school_administrator, support_team or another; all in the docs."
        ),
    ],
    staff_id: Annotated[str | None, typer.Option(help="The person's id in the roster.")] = None,
    school: Annotated[
        list[str] | None, typer.Option(help="A school of theirs, by id; may be given again.")
    ] = None,
) -> None:
    """Let a person sign in; prints a one-time first password."""
    from ews.people.accounts import add_account
    from ews.store.store import open_store

    with open_store(read_settings()) as store, store.begin() as tx:
        password = add_account(tx, name, role=role, staff_id=staff_id, schools=school or [], now=now())
    say(f"{name} may sign in once with: {password}")


@accounts_app.command("list")
def accounts_list(as_json: AsJson = False) -> None:
    """Who may sign in."""
    from ews.people.accounts import list_accounts
    from ews.store.store import open_store

    with open_store(read_settings()) as store, store.begin() as tx:
        rows = list_accounts(tx)
    answer(as_json, rows, [f"{row['name']:32} {row['role']:24} {row['state']}" for row in rows])


@accounts_app.command("disable")
def accounts_disable(name: str) -> None:
    """End a person's access at once."""
    from ews.people.accounts import disable_account
    from ews.store.store import open_store

    with open_store(read_settings()) as store, store.begin() as tx:
        disable_account(tx, name, now=now())
    say(f"{name} is disabled; every session of theirs has ended.")


@accounts_app.command("password")
def accounts_password(name: str) -> None:
    """A new one-time password for a person."""
    from ews.people.accounts import reset_password
    from ews.store.store import open_store

    with open_store(read_settings()) as store, store.begin() as tx:
        password = reset_password(tx, name, now=now())
    say(f"{name} may sign in once with: {password}")


@clients_app.command("add")
def clients_add(
    name: str,
    scope: Annotated[list[str], typer.Option(help="What it may do: scores.compute, to ask for scores.")],
    school: Annotated[
        list[str] | None, typer.Option(help="Only this school, by id; may be given again.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Let an information system ask for scores; shows its secret once."""
    from ews.people.clients import add_client
    from ews.store.store import open_store

    with open_store(read_settings()) as store, store.begin() as tx:
        client = add_client(tx, name, scopes=scope, schools=school or [], now=now())
    answer(
        as_json,
        {"client_id": client.client_id, "client_secret": client.secret},
        [f"client_id     {client.client_id}", f"client_secret {client.secret}   (shown this once)"],
    )


@clients_app.command("list")
def clients_list(as_json: AsJson = False) -> None:
    """Which information systems may ask."""
    from ews.people.clients import list_clients
    from ews.store.store import open_store

    with open_store(read_settings()) as store, store.begin() as tx:
        rows = list_clients(tx)
    answer(
        as_json, rows, [f"{row['client_id']:28} {row['name']:24} {' '.join(row['scopes'])}" for row in rows]
    )


@clients_app.command("revoke")
def clients_revoke(client_id: str) -> None:
    """End a client's access at once."""
    from ews.people.clients import revoke_client
    from ews.store.store import open_store

    with open_store(read_settings()) as store, store.begin() as tx:
        revoke_client(tx, client_id, now=now())
    say(f"{client_id} is revoked; its tokens have ended.")


@ledger_app.command("verify")
def ledger_verify() -> None:
    """Whether the ledger is whole: every entry in its place, none altered, none missing.

    Says, too, how many alarms on mass reading nobody has acknowledged.
    """
    from ews.people.ledger import verify
    from ews.people.mass_reading import open_alarms
    from ews.store.store import open_store

    with open_store(read_settings()) as store, store.begin() as tx:
        entries, alarms = verify(tx, store.ledger_key), open_alarms(tx)
    say(f"The ledger is whole: {entries:,} entries.")
    if alarms:
        say(f"Alarms on mass reading that nobody has acknowledged: {len(alarms):,}. They stand over /ledger.")


# ---- the way out --------------------------------------------------------------------------------


def today(settings: Settings) -> date:
    """Today in the district's timezone."""
    return now().astimezone(settings.timezone).date()


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
