"""The whole way in one command: a made-up district from its records to the list in a browser."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from ews.errors import GateRefused, UsageError
from ews.settings import Settings

AS_OF = date(2025, 11, 14)  # a Friday in week 13 of the running school year
WEEKS = (AS_OF - timedelta(days=7), AS_OF)  # last week's list too, so that this week's says what changed
SEED = 2025
MODELS = ("attendance", "grades", "behavior", "overall")
BESIDE = ("grade9_on_track", "el_progress")
"""Models on cards of their own: a district without a grade 9, or without English tests, goes on without."""

SIGNERS = ("analyst: demo analyst", "equity reviewer: demo equity reviewer")


def run_demo(
    settings: Settings, *, port: int, now: Callable[[], datetime], say: Callable[[str], None]
) -> None:
    """Make, load, train, promote, score and serve; what an earlier call has finished is kept."""
    from ews.web.serve import check_address, serve

    check_address("127.0.0.1", port)
    marker = settings.home / "demo.json"
    if marker.exists():
        say(f"The demo district in {settings.home} is ready; `make clean` begins anew.")
    else:
        refuse_real_records(settings)
        prepare(settings, now=now, say=say)
        write_marker(marker)
    for line in sign_in_lines(settings, port, now()):
        say(line)
    serve(settings, host="127.0.0.1", port=port, workers=1)


def refuse_real_records(settings: Settings) -> None:
    """Keep the made-up district out of a folder that holds a district's own records."""
    if (settings.lake / "current.json").exists() and not (settings.home / "demo").exists():
        raise UsageError(
            f"{settings.home} holds records that are not the demo's.",
            "Set EWS_HOME, EWS_MODELS and EWS_MLRUNS to empty folders for the demo.",
        )


def prepare(settings: Settings, *, now: Callable[[], datetime], say: Callable[[str], None]) -> None:
    """Everything before serving, each step said with the seconds it took."""
    from ews.demo_past import live_the_fall
    from ews.district.make import make_district
    from ews.records.intake import load_drop
    from ews.risk.training import train_all
    from ews.support.score_run import score_run

    folder = settings.home / "demo"
    with step(say, "A made-up district: 5,000 students, four school years"):
        make_district(folder / "drop", "demo", seed=SEED, truth=folder / "truth", until=AS_OF)
    with step(say, "Its records checked and loaded into the lake"):
        loaded = load_drop(settings, folder / "drop", "csv", now=now(), known_at=end_of(AS_OF))
    if loaded.status != "loaded":
        raise UsageError(
            f"The demo's drop was {loaded.status}.", "Run `ews check` on it and read the report."
        )
    with step(say, "Models trained on the closed years, every run in MLflow"):
        reports = train_all(settings, [*MODELS, *BESIDE], AS_OF, skip=BESIDE)
    with step(say, "Models through the gate and into service"):
        left_out = [f"{report.name}: {report.skipped}" for report in reports if report.skipped]
        for report in reports:
            if report.skipped is None:
                left_out += promoted_or_why(settings, report.name)
    for why in left_out:
        say(f"           without {why}")
    for week in WEEKS:
        with step(say, f"Everyone enrolled scored and explained as of {week}"):
            score_run(settings, week, now=now())
    with step(say, "What its counselor had done by then: programs, plans, a draw, notes"):
        live_the_fall(settings, now=now())


def promoted_or_why(settings: Settings, name: str) -> list[str]:
    """Put ``name`` into service; what the gate says against a model that the list can do without."""
    from ews.risk.promotion import promote

    try:
        promote(settings, name, run_id=None, signed_by=list(SIGNERS))
    except GateRefused as refused:
        if name in MODELS:
            raise
        return [str(refused)]
    return []


def end_of(day: date) -> datetime:
    """A moment by which the demo's drop has arrived: that evening, in UTC."""
    return datetime(day.year, day.month, day.day, 23, 0, tzinfo=UTC)


@contextmanager
def step(say: Callable[[str], None], title: str) -> Iterator[None]:
    """Say what is done, and how many seconds it took."""
    began = time.perf_counter()
    yield
    say(f"  {time.perf_counter() - began:5.1f} s  {title}")


def write_marker(path: Path) -> None:
    """Remember that the demo is complete, so that the next start only serves it."""
    path.write_text(json.dumps({"as_of": str(AS_OF), "seed": SEED}), encoding="utf-8")


def sign_in_lines(settings: Settings, port: int, now: datetime) -> list[str]:
    """The address, and a fresh one-time password for each named person of the demo."""
    from ews.district.cast import SIGN_INS
    from ews.people.accounts import add_account, has_account, reset_password
    from ews.store.store import open_store

    lines = ["", f"The list is served on http://127.0.0.1:{port}  (Ctrl-C ends it). Sign in as:"]
    with open_store(settings) as store, store.begin() as tx:
        for person in SIGN_INS:
            if has_account(tx, person.sign_in):
                password = reset_password(tx, person.sign_in, now=now)
            else:
                password = add_account(
                    tx,
                    person.sign_in,
                    role=person.role,
                    staff_id=person.staff_id,
                    schools=list(person.schools),
                    now=now,
                )
            lines.append(f"  {person.sign_in:28} {password:24} {person.name}, {person.title}")
    return [*lines, ""]
