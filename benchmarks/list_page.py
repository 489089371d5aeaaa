"""How fast and how large the list of a counselor with 500 students is, also in a district of 12,000.

    python benchmarks/list_page.py [--students 500] [--district 12000] [--times 9]

The students are made directly in the application database; the pages are served on loopback, and opened in
Debian's Chromium. First paint is the browser's own (first-contentful-paint), the median of so many loads.
The reference beside it is the sign-in page, loaded in turn: what this browser takes on this machine for
a page with almost nothing on it. Queries are counted in the server, for one page of the list, the session
and the ledger among them.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from measures import Measures
from playwright.sync_api import Browser, BrowserContext
from sqlalchemy import Engine, event

from ews.store.prepared import Prepared

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "docs"), str(ROOT / "tests"), str(ROOT / "tests" / "support")]

FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
LIST, BARE = "/list?tab=all", "/signin"
TABS = ("new", "waiting", "all", "not_enough_data")


def main() -> int:
    """The list in a small district and in a large one."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--students", type=int, default=500, help="on the counselor's caseload")
    parser.add_argument("--district", type=int, default=12_000, help="students in the large district")
    parser.add_argument("--times", type=int, default=9, help="loads of which the median counts")
    given = parser.parse_args()
    measures = Measures()
    for title, size in (("list", given.students), ("list_in_district", given.district)):
        with tempfile.TemporaryDirectory() as folder:
            told = look(Path(folder), given.students, size, given.times)
        measures.add(
            f"{title}_first_paint_ms",
            told["paint"],
            reference=told["bare_paint"],
            goal="< 300",
            students=size,
        )
        measures.add(f"{title}_html_kb", told["html_kb"], goal="<= 60", of_pages=told["pages"])
        measures.add(f"{title}_queries", told["queries"], goal="<= 12")
    return measures.exit_code()


def look(folder: Path, students: int, district: int, times: int) -> dict[str, float]:
    """What the browser and the server tell of the list: paint, size of its largest page, queries."""
    from pictures import chromium, served

    from ews.settings import read_settings

    settings = read_settings({"EWS_HOME": str(folder / "data"), "EWS_CONFIG": str(folder / "ews.toml")})
    secret = fill(settings, students, district)
    with served(settings) as address, chromium() as browser, counted_queries() as queries:
        context = signed_in(browser, address, secret)
        sizes, pages = pages_of(context)
        before = len(queries)
        context.request.get(LIST)
        asked = len(queries) - before
        loads = [(paint(context, LIST), paint(context, BARE)) for _ in range(times + 1)][1:]
        context.close()
    return {
        "paint": median(list_load for list_load, _ in loads),
        "bare_paint": median(bare_load for _, bare_load in loads),
        "html_kb": max(sizes) / 1000,
        "pages": pages,
        "queries": asked,
    }


def fill(settings: Any, students: int, district: int) -> str:
    """Two weekly runs of a district of which the counselor has ``students``; the secret of her session."""
    from datetime import UTC, datetime

    from alder_creek import FRIDAY, LAST_FRIDAY, OKAFOR, keep
    from web.visitor import account_id_of

    from ews.people.sessions import open_session
    from ews.store import open_store

    people = [person(number, number < students) for number in range(district)]
    for day in (LAST_FRIDAY, FRIDAY):
        keep(settings, [moved(one, day == FRIDAY) for one in people], as_of=day)
    with open_store(settings) as store, store.begin() as tx:
        return open_session(tx, account_id_of(tx, OKAFOR), now=datetime.now(UTC), hours=1)[0]


def person(number: int, hers: bool) -> Any:
    """One student with everything a row can show, long names among them."""
    from datetime import date

    from alder_creek import Person

    from ews.support.facts import Contact, Plan

    chance = (number * 37 % 100) / 100
    return Person(
        f"Guadalupe {'Montserrat ' if number % 5 == 0 else ''}Hernández-Villanueva {number}",
        {"attendance": chance, "grades": (number * 53 % 100) / 100, "overall": chance},
        school="alder" if hers or number % 2 else "orchard",
        grade=9 + number % 4,
        counselor="t-okafor" if hers else "t-diaz",
        missed=(0, 1, number % 3, number % 5),
        absence_rate=0.12 if number % 4 == 0 else 0.03,
        fs=float(number % 3 == 0),
        contact=Contact("Wilhelmina Featherstone", date(2025, 10, 21), "phone") if number % 2 else None,
        plan=Plan("check_in_check_out", "Targeted", date(2025, 10, 20)) if number % 3 else None,
    )


def moved(one: Any, this_week: bool) -> Any:
    """The student a week before, when every ninth stood better: someone is new on the list."""
    number = int(one.name.rsplit(" ", 1)[1])
    return one if this_week or number % 9 else replace(one, p=dict.fromkeys(one.p, 0.05))


@contextmanager
def counted_queries() -> Iterator[list[str]]:
    """Every statement that is sent to a database meanwhile, those that were compiled before among them."""
    sent: list[str] = []
    compiled = Prepared._of

    def count(_: Any, __: Any, statement: str, *___: Any) -> None:
        sent.append(statement)

    def count_prepared(prepared: Prepared, tx: Any) -> Any:
        found = compiled(prepared, tx)
        sent.append(found.text)
        return found

    event.listen(Engine, "before_cursor_execute", count)
    Prepared._of = count_prepared  # type: ignore[method-assign]
    yield sent
    Prepared._of = compiled  # type: ignore[method-assign]
    event.remove(Engine, "before_cursor_execute", count)


def signed_in(browser: Browser, address: str, secret: str) -> BrowserContext:
    """A browser of the counselor's own."""
    context = browser.new_context(base_url=address, viewport={"width": 1280, "height": 900})
    context.add_cookies([{"name": "ews", "value": secret, "url": address}])
    return context


def pages_of(context: BrowserContext) -> tuple[list[int], int]:
    """The bytes of every page of every tab, and how many pages there are."""
    sizes = []
    for tab in TABS:
        page, pages = 1, 1
        while page <= pages:
            twin = context.request.get(f"/list.json?tab={tab}&page={page}").json()
            sizes.append(len(context.request.get(f"/list?tab={tab}&page={page}").body()))
            page, pages = page + 1, twin["pages"]
    return sizes, len(sizes)


def paint(context: BrowserContext, path: str) -> float:
    """Milliseconds from asking for a page to its first contentful paint."""
    page = context.new_page()
    page.goto(path)
    told = page.evaluate(FIRST_PAINT)
    while told is None:
        page.wait_for_timeout(20)
        told = page.evaluate(FIRST_PAINT)
    page.close()
    return float(told)


if __name__ == "__main__":
    sys.exit(main())
