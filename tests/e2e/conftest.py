"""A running server and a real browser: Debian's Chromium, made-up people, no address but this machine's."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import uvicorn
from databases import copied, ground, wanting
from places import settings_in
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from support.alder_creek import (
    ANA,
    FRIDAY,
    LAST_FRIDAY,
    OKAFOR,
    SOFIA,
    TOWN,
    Person,
    keep,
    roomy,
)
from web.visitor import PASSWORD, account_id_of, give_account

from ews.district.cast import SIGN_INS, STAFF
from ews.people.access import Principal
from ews.people.accounts import choose_password, list_accounts
from ews.people.sessions import open_session
from ews.settings import Settings
from ews.store import open_store
from ews.support.facts import Contact, Plan
from ews.web.app import open_inside
from ews.web.door import Door

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE, PHONE, ZOOMED = 1280, 390, 320
expect.set_options(timeout=20_000)  # tests run side by side: a page may wait for its turn

ODD_NAMES = (
    "<script>document.title='taken'</script> Null",
    'Renée "Ren" O\'Brien & Söhne',
    "\u202eمريم الزهراء",
    "Wilhelmina-Bartholomea " + "Featherstonehaugh-" * 3 + "Abc",
)
HARRIET = Person(
    "Harriet Nakamura",
    {"attendance": 0.62, "grades": 0.2, "overall": 0.6},
    grade=11,
    missed=(3, 2, 1, 0),
    contact=Contact("Samuel Lee", date(2025, 11, 12), "phone"),
    plan=Plan("mentor", "Intensive", date(2025, 9, 22)),
    stale=True,
)
ODD = tuple(
    Person(name, {"attendance": 0.7, "overall": 0.7}, grade=10, missed=(0, 1, 1, 2)) for name in ODD_NAMES
)
PEOPLE = (*TOWN, HARRIET, *ODD)
OTHERS = (SOFIA, ANA)


@dataclass(frozen=True)
class Served:
    """A server of the pages: its address, and who may sign in with which password."""

    address: str
    user: str
    password: str


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def serving(settings: Settings) -> Iterator[str]:
    """The address of a server over ``settings``; ended afterwards."""
    port = free_port()
    inside = open_inside(settings)
    config = uvicorn.Config(
        Door(inside, inside), host="127.0.0.1", port=port, log_config=None, lifespan="off"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    assert server.started, "the server did not start"
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)
    inside.close()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Served]:
    """The town scored twice, with odd names in it, behind a running server; it is the demo's."""
    folder = tmp_path_factory.mktemp("served")
    settings = ground(settings_in(folder), pytestconfig)
    keep(roomy(settings), PEOPLE[:4], as_of=LAST_FRIDAY)
    keep(roomy(settings), PEOPLE, as_of=FRIDAY)
    with open_store(settings) as store:
        give_account(store, OKAFOR)
    (settings.home / "demo.json").write_text("{}", encoding="utf-8")
    for address in serving(settings):
        yield Served(address, OKAFOR.name, PASSWORD)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; the tests are left out where it is not installed, and fail with CI set."""
    if not CHROMIUM.exists():
        wanting(f"{CHROMIUM} is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def session_state(chromium: Browser, served: Served) -> dict[str, object]:
    """The cookies of Ms. Okafor after signing in through the form, once for all tests that only look."""
    context = chromium.new_context()
    sign_in(context.new_page(), served)
    state = context.storage_state()
    context.close()
    return dict(state)


def sign_in(page: Page, served: Served) -> None:
    """Sign in as a person does."""
    page.goto(f"{served.address}/signin")
    page.get_by_label("User name").fill(served.user)
    page.get_by_label("Password").fill(served.password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{served.address}/list")


def stays_here(context: BrowserContext) -> list[str]:
    """Every request of ``context`` that was for another host; stays empty while all is well."""
    away: list[str] = []

    def look(request: object) -> None:
        address = request.url  # type: ignore[attr-defined]
        if urlsplit(address).hostname != "127.0.0.1":
            away.append(address)

    context.on("request", look)
    return away


@pytest.fixture
def page(chromium: Browser, served: Served, session_state: dict[str, object]) -> Iterator[Page]:
    """A tab with Ms. Okafor signed in; no request of it may leave the machine, no script may fail."""
    context = chromium.new_context(
        base_url=served.address,
        storage_state=session_state,  # type: ignore[arg-type]
        viewport={"width": WIDE, "height": 900},
    )
    away = stays_here(context)
    tab = context.new_page()
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    yield tab
    context.close()
    assert away == []
    assert [text for text in said if "404" not in text and "401" not in text] == []


@dataclass(frozen=True)
class Demo:
    """The demo behind a server: its address, and who may sign in to it."""

    address: str
    settings: Settings

    def context(self, chromium: Browser, sign_in: str, **more: Any) -> BrowserContext:
        """A browser window in which ``sign_in``, a person of the demo's cast, is signed in."""
        with open_store(self.settings) as store, store.begin() as tx:
            account = account_id_of(tx, of_the_cast(sign_in))
            secret, _ = open_session(tx, account, now=datetime.now(UTC), hours=1)
        context = chromium.new_context(base_url=self.address, **more)
        context.set_default_timeout(60_000)  # the first charts of a process take their time
        context.add_cookies([{"name": "ews", "value": secret, "url": self.address}])
        return context


def of_the_cast(sign_in: str) -> Principal:
    """Somebody of the demo's staff: of those who sign in, or a teacher like any other."""
    for one in SIGN_INS:
        if one.sign_in == sign_in:
            return Principal(sign_in, one.name, one.role, staff_id=one.staff_id, school_ids=one.schools)
    teacher = next(one for one in STAFF if one.email == sign_in and one.role == "teacher")
    schools = (teacher.school,) if teacher.school else ()
    return Principal(sign_in, teacher.name, "teacher", staff_id=teacher.staff_id, school_ids=schools)


@pytest.fixture(scope="session")
def demo_district(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Settings:
    """What `make demo` makes before it serves: 5,000 students, six models, two weeks; tests take a copy."""
    from ews import demo

    settings = ground(settings_in(tmp_path_factory.mktemp("demo")), pytestconfig)
    demo.prepare(settings, now=lambda: datetime.now(UTC), say=lambda line: None)
    demo.write_marker(settings.home / "demo.json")
    with open_store(settings) as store, store.begin() as tx:
        for account in list_accounts(tx):  # those who acted in the demo's fall have chosen their password
            choose_password(tx, account["name"], PASSWORD, now=datetime.now(UTC))
    return settings


def demo_copied(demo: Settings, home: Path) -> Settings:
    """The finished demo with a database of its own; its lake is only read."""
    copy = copied(demo, home, "lake", "drop", "truth")
    (home / "lake").symlink_to(demo.home / "lake")
    return copy


@pytest.fixture(scope="session")
def demo_served(demo_district: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A copy of the demo behind a running server, for all stories: each keeps to students of its own."""
    settings = demo_copied(demo_district, tmp_path_factory.mktemp("demo-served") / "data")
    for address in serving(settings):
        yield Demo(address, settings)
