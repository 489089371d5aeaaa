"""Every page for everybody: axe in light, in dark and on a phone, and no sideways scroll at 400 %.

Made from the app's own routes: an address that answers with a page, or a template, that nobody looks at here
fails the test. A page is loaded once and looked at in each way; rows that are drawn alike are looked at
twice, not forty times. The best known student of the demo has its worst name here, on every page about her.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from databases import ground
from e2e.conftest import HARRIET, ODD_NAMES, PHONE, WIDE, ZOOMED, Demo, demo_copied, of_the_cast, serving
from e2e.test_schools_and_analysts import furnish
from playwright.sync_api import Browser, BrowserContext, Error, Page, Response
from risk.audit_worlds import audited_made_up
from risk.made_up import evaluated_made_up
from sqlalchemy import update
from support.alder_creek import FRIDAY, HIGH, LAST_FRIDAY, LINH, NOAH, OKAFOR, ZHAO, Person, keep, roomy
from web.identity_provider import CLIENT, SECRET
from web.visitor import PASSWORD, account_id_of

from ews.district import cast
from ews.district.cast import DEVON, MARIBEL, SOFIA, XIMENA
from ews.district.cast import NOAH as NOAH_OF_DEMO
from ews.people.accounts import choose_password
from ews.people.sessions import open_session
from ews.records.load_log import kept_loads
from ews.risk.audit_report import page as audit_page
from ews.risk.evaluation_report import page as evaluation_page
from ews.risk.report_files import write_whole
from ews.settings import Settings
from ews.store import open_store
from ews.store.tables import run_students
from ews.support.run_content import searchable
from ews.web import faces
from ews.web.app import open_inside
from ews.web.routes import Address, Addresses, Who

pytestmark = [pytest.mark.slow, pytest.mark.browser]

WORK = {one.role: one.sign_in for one in cast.SIGN_INS}
COUNSELOR, PRINCIPAL, TEACHER = WORK["counselor"], WORK["school_administrator"], WORK["teacher"]
ANALYST, AUDITOR, KEEPER = WORK["district_analyst"], WORK["auditor"], WORK["system_administrator"]
REVIEWER, STRANGER = WORK["equity_reviewer"], ""
TOWNSPEOPLE = {one.name: one for one in (OKAFOR, ZHAO)}
HER = f"/students/{MARIBEL}"
NAMES = dict(zip((MARIBEL, SOFIA, DEVON, NOAH_OF_DEMO), reversed(ODD_NAMES), strict=True))


@dataclass(frozen=True)
class Look:
    """A page as somebody finds it.

    says: words by which it is known to be that page. sends: a form on it (where it goes, what is put into
    its fields) that is sent first; then the page that answers is looked at. town: another database than the
    demo's. signed_out: the session ends before the form is sent. menu: a group of the head is opened.
    """

    who: str
    path: str
    says: str
    sends: tuple[str, Mapping[str, Any]] | None = None
    town: str = "demo"
    signed_out: bool = False
    menu: bool = False

    def __str__(self) -> str:
        sent = f" after {self.sends[0]}" if self.sends else ""
        return f"{self.town}: {self.path}{sent} ({self.who.partition('@')[0] or 'a stranger'})"


PLAN = {"goal": "In class by 8:10", "other_adult": "Coach Ruiz", "minutes_week": "60"}
LETTER = {"offer": "homework_help", "weekday": "2", "at": "15:30", "room": "B-12", "phone": "(555) 010-0100"}
LOOKS = (
    Look(STRANGER, "/signin", "Sign in with Google"),
    Look(STRANGER, "/signin", "do not belong together", ("/signin", {"user": "x", "password": "y"})),
    Look(STRANGER, "/signin", "read this square", ("/signin", {"user": REVIEWER, "password": PASSWORD})),
    Look(STRANGER, "/signin/there", "The identity provider does not answer"),
    Look(STRANGER, "/signin/callback", "That sign-in is over"),
    # a counselor's list, and what is done on it
    Look(COUNSELOR, "/", "New or changed this week", menu=True),
    Look(COUNSELOR, HER, "Acknowledged by you", (f"{HER}/acknowledge", {})),
    Look(COUNSELOR, "/list?tab=all&level=listed&name=featherstonehaugh", "Acknowledged by you"),
    Look(COUNSELOR, f"/students/{DEVON}/not-now", "Already in hand"),
    Look(COUNSELOR, f"/students/{DEVON}/not-now", "New or changed", (f"/students/{DEVON}/not-now", {})),
    Look(COUNSELOR, "/list?tab=waiting&name=brien", "Not now, until"),
    Look(COUNSELOR, "/list?tab=all&name=zzz", "Clear the filters"),
    Look(COUNSELOR, "/list?tab=not_enough_data", "Checks in:"),
    Look(COUNSELOR, "/list.csv?tab=all", "What is this file for?"),
    Look(COUNSELOR, "/how", "How this list is made"),
    Look(COUNSELOR, "/nowhere", "Nothing here for you"),
    Look(COUNSELOR, "/accounts", "Not for this account"),
    # the work with one student
    Look(COUNSELOR, f"{HER}/plan", "Going on|Offered", (f"{HER}/plan", PLAN)),
    Look(COUNSELOR, f"{HER}/plan", "Offer"),
    Look(
        COUNSELOR,
        "/plans/{plans}",
        "Somebody else was faster",
        ("/plans/{plans}/change", PLAN | {"version": "99", "goal": "His goal"}),
    ),
    Look(COUNSELOR, "/plans/{plans}", "Going on", ("/plans/{plans}/session", {"minutes": "25"})),
    Look(COUNSELOR, f"{HER}/nominate", "Nominate", (f"{HER}/nominate", {})),
    Look(COUNSELOR, f"{HER}/nominate", "Nominate"),
    Look(COUNSELOR, f"{HER}/ask", "0 of", (f"{HER}/ask", {})),
    Look(COUNSELOR, f"{HER}/ask", "One question about"),
    Look(COUNSELOR, "/questions", "Questions"),
    Look(TEACHER, "/asked", "Asked of me"),
    Look(TEACHER, "/nominate", "Nominate"),
    Look(COUNSELOR, "/meetings", "Team meetings"),
    Look(
        COUNSELOR, "/meetings/new", "Agenda", ("/meetings", {"student": list(NAMES), "attending": "Mr. Lee"})
    ),
    Look(COUNSELOR, "/meetings/new", "Call the meeting"),
    Look(COUNSELOR, "/meetings/new?name=a", "Call the meeting"),
    Look(COUNSELOR, "/meetings/{meetings}?name=a", "to the meeting"),
    Look(COUNSELOR, "/meetings/{meetings}/pages", "Agenda"),
    Look(PRINCIPAL, "/programs", "Math help", ("/programs", {"name": "Math help at lunch", "places": "1"})),
    Look(PRINCIPAL, "/programs/{programs}", "free place"),
    Look(COUNSELOR, "/programs/{programs}", "Draw", ("/programs/{programs}/draws", {})),
    Look(COUNSELOR, "/draws/{draws}", "Place offered", ("/draws/{draws}", {"student": list(NAMES)[1:3]})),
    Look(COUNSELOR, "/slips", "call slips", ("/slips", {"ids": f"{MARIBEL}\n{DEVON}"})),
    Look(COUNSELOR, "/slips", "Make the slips"),
    Look(COUNSELOR, "/savable", "Still savable"),
    Look(COUNSELOR, "/digest", "Monday"),
    Look(COUNSELOR, "/results", "Results"),
    Look(COUNSELOR, "/handover", "Handover"),
    Look(COUNSELOR, "/handover?grade=9", "Handover"),
    # her family
    Look(
        COUNSELOR,
        f"{HER}/letters",
        "day of the help is missing",
        (f"{HER}/letters", LETTER | {"weekday": ""}),
    ),
    Look(COUNSELOR, f"{HER}/letters", "somebody else looks it over", (f"{HER}/letters", LETTER)),
    Look(
        PRINCIPAL,
        "/letters/{letters}",
        "not sent yet",
        ("/letters/{letters}/review", {"verdict": "release", "confirm": "all"}),
    ),
    Look(COUNSELOR, "/letters/{letters}/print", "B-12"),
    Look(COUNSELOR, "/letters", "Letters home"),
    Look(COUNSELOR, f"{HER}/letters", "Write the letter"),
    Look(COUNSELOR, f"{HER}/family", "days left", (f"{HER}/disputes", {"kind": "inference"})),
    Look(COUNSELOR, f"{HER}/family", "Given on", (f"{HER}/record-requests", {})),
    Look(COUNSELOR, "/families", "What families ask for"),
    Look(COUNSELOR, f"{HER}/record", "record"),
    Look(COUNSELOR, HER, "Strengths and notes"),
    Look(COUNSELOR, f"/students/{XIMENA}", "Not enough data yet"),
    Look(TEACHER, f"/students/{NOAH_OF_DEMO}", "Strengths and notes"),
    # schools, models, records
    Look(PRINCIPAL, "/list?tab=all", "Counselor:"),
    Look(PRINCIPAL, "/schools", "Alder Creek High School"),
    Look(ANALYST, "/list?tab=all", "Not shown to your role"),
    Look(ANALYST, "/schools", "Schools"),
    Look(ANALYST, "/district", "The district"),
    Look(ANALYST, "/models", "Models"),
    Look(ANALYST, "/models/attendance", "Attendance"),
    Look(ANALYST, "/models/el_progress", "English"),
    Look(ANALYST, "/reports", "Reports"),
    Look(ANALYST, "/records", "Records"),
    Look(ANALYST, "/records/{load}", "Loaded"),
    Look(ANALYST, "/settings", "Settings"),
    # accounts
    Look(KEEPER, "/accounts", "shown this once", ("/accounts", {"name": "new@x.example", "role": "auditor"})),
    Look(KEEPER, "/accounts", "Accounts"),
    Look(KEEPER, "/accounts/1", "one-time password"),
    Look(KEEPER, "/clients", "shown this once", ("/clients", {"name": "SIS", "scope": "scores.compute"})),
    Look(KEEPER, "/clients", "SIS"),
    Look(AUDITOR, "/ledger", "Many students before one person"),
    Look(AUDITOR, f"/ledger/of/{MARIBEL}", "Ledger"),
    Look(AUDITOR, "/password", "differ", ("/password", {"password": "a" * 12, "again": "b" * 12})),
    Look(AUDITOR, "/password", "Keep this password"),
    Look(AUDITOR, "/account", "A second step", ("/account/second-step", {"present": PASSWORD})),
    Look(AUDITOR, "/account/second-step", "Code 1", ("/account/second-step/confirm", {"code": "CODE"})),
    Look(AUDITOR, "/account", "Turn it off"),
    Look(COUNSELOR, HER, "is kept on this page", (f"{HER}/notes", {"note": "Her aunt."}), signed_out=True),
    # towns in which something is not as it should be
    Look(OKAFOR.name, "/list", "school-wide matter", town="many"),
    Look(ZHAO.name, "/schools", "not shown", town="house"),
    Look(ZHAO.name, "/district", "not shown", town="house"),
    Look(ZHAO.name, f"/schools/{HIGH}", "3 school days late", town="house"),
    Look(ZHAO.name, "/records/{load}", "Nothing of this drop was loaded", town="house"),
    Look(ZHAO.name, "/reports", "Reports", town="house"),
    Look(ZHAO.name, f"/reports/evaluation-{FRIDAY}", "The verdict", town="house"),
    Look(ZHAO.name, f"/reports/audit-{FRIDAY}", "Is the list fair to every group", town="house"),
    Look(OKAFOR.name, "/list", "No one new this week", town="calm"),
    Look(OKAFOR.name, "/list?tab=all", "Attendance late: to", town="calm"),
    Look(OKAFOR.name, "/list", "No model is in service", town="rules"),
    Look(OKAFOR.name, f"/students/{LINH.student_id}", "No model is in service", town="rules"),
    Look(OKAFOR.name, "/list", "No list yet", town="empty"),
    Look(OKAFOR.name, "/list", "The database does not answer", town="away"),
)


def settled(town: str, settings: Settings) -> Settings:
    """The database of a town: many flagged, nothing new, no model, none scored, or none that answers."""
    room = roomy(settings)
    if town == "many":
        many = [Person(f"Nine {n}", {"attendance": 0.7 if n < 14 else 0.1}) for n in range(36)]
        keep(room, many[:30], as_of=LAST_FRIDAY)
        keep(room, many, behind={"alder": 6})
    elif town == "calm":
        for week in (LAST_FRIDAY, FRIDAY):
            keep(room, [LINH, HARRIET], as_of=week)
    elif town == "rules":
        keep(room, [replace(LINH, absence_rate=0.2, fs=1.0), NOAH], models=False)
    elif town == "house":
        furnish(settings)
        for name, told in {
            f"evaluation-{FRIDAY}.html": evaluation_page(evaluated_made_up(settings)),
            f"audit-{FRIDAY}.html": audit_page(audited_made_up()),
        }.items():
            write_whole(settings.home / "reports" / name, told.encode())
    elif town == "away" and settings.database_url.startswith("sqlite"):
        settings.home.mkdir(parents=True)
        (settings.home / "ews.db").write_text("No database any more. " * 50, encoding="utf-8")
    elif town == "away":
        return replace(settings, database_url=settings.database_url.replace("host=", "host=/gone"))
    return settings


FILL = """([goes, said]) => {
  const leads = address => new URL(address || location.pathname, location).pathname === goes;
  const form = [...document.forms].find(one => one.method === 'post' && (leads(one.getAttribute('action'))
    || [...one.querySelectorAll('[formaction]')].some(button => leads(button.getAttribute('formaction')))));
  const left = new Map(Object.entries(said)), today = new Date().toISOString().slice(0, 10);
  for (const one of [...form.elements].filter(one => one.tagName !== 'BUTTON')) {
    const given = said[one.name];
    left.delete(one.name);
    if (one.type === 'checkbox' || one.type === 'radio') {
      if (given !== undefined) one.checked = given === 'all' || [given].flat().includes(one.value);
      else if (one.required) form.querySelector(`[name="${one.name}"]`).checked = true;
    } else if (given !== undefined) one.value = given;
    else if (one.required && !one.value) one.value = one.type === 'date' ? one.min || today : 'Some words';
  }
  for (const [name, value] of left)
    form.append(Object.assign(document.createElement('input'), {name, value, type: 'hidden'}));
  form.setAttribute('action', goes);
  HTMLFormElement.prototype.submit.call(form);
}"""
"""Puts words into a form, or the first choice where one has to be made, and sends it."""

OPEN = "document.querySelectorAll('main details').forEach(one => { one.open = true })"
WIDER = "document.documentElement.scrollWidth"
THIN = """() => {
  const shape = one => one.tagName + one.getAttribute('class') + [...one.children].map(shape);
  const alike = document.querySelectorAll('tr, li, option, svg *');
  for (const parent of new Set([...alike].map(one => one.parentNode))) {
    const seen = {};
    for (const child of [...parent.children]) {
      const key = shape(child);
      seen[key] = (seen[key] || 0) + 1;
      if (seen[key] > 2) child.remove();
    }
  }
}"""
"""Keeps two of the rows, list entries, choices and strokes of a drawing that are drawn alike."""

AXE = """rules => axe.run(document, rules).then(found => ({
  troubles: found.violations.map(one => `${one.id}: ${one.nodes.map(node => node.html).slice(0, 3)}`),
  looked: found.passes.length}))"""
ALL: dict[str, Any] = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
SMALL: dict[str, Any] = {
    "resultTypes": ["violations"],
    "rules": ALL["rules"] | {"color-contrast": {"enabled": False}},
}
COLOURS = {"resultTypes": ["violations"], "runOnly": ["color-contrast", "link-in-text-block"]}


@dataclass
class Walk:
    """Who sits where, what was seen and what is wrong with it."""

    chromium: Browser
    addresses: dict[str, tuple[str, Settings]]
    seats: dict[tuple[str, str], Page] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def seat(self, look: Look) -> Page:
        """The window of whoever looks, signed in; one for all their looks."""
        seat = look.town, look.who
        if seat not in self.seats:
            address, settings = self.addresses[look.town]
            context = self.window(Demo(address, settings), look)
            context.add_init_script(AXE_SCRIPT)
            context.set_default_timeout(60_000)
            self.seats[seat] = context.new_page()
        return self.seats[seat]

    def window(self, demo: Demo, look: Look) -> BrowserContext:
        sight = {"viewport": {"width": WIDE, "height": 900}, "reduced_motion": "reduce"}
        if look.town == "demo" and look.who != STRANGER:
            return demo.context(self.chromium, look.who, **sight)
        context = self.chromium.new_context(base_url=demo.address, **sight)  # type: ignore[arg-type]
        if look.town == "away":
            context.add_cookies([{"name": "ews", "value": "a session", "url": demo.address}])
        elif look.who != STRANGER:
            with open_store(demo.settings) as store, store.begin() as tx:
                secret, _ = open_session(
                    tx, account_id_of(tx, TOWNSPEOPLE[look.who]), now=datetime.now(UTC), hours=1
                )
            context.add_cookies([{"name": "ews", "value": secret, "url": demo.address}])
        return context

    def at(self, look: Look) -> None:
        """Look at a page in every way; what is wrong goes into ``troubles``."""
        page = self.seat(look)
        answer = page.goto(look.path.format(**self.newest(look.town)))
        if look.sends:
            answer = self.send(page, look)
        said = page.locator("body").inner_text()
        if not re.search(look.says, said):
            self.troubles.append(f"{look}: says nothing of {look.says!r}, but: {said[-600:]!r}")
            return
        for name, number in re.findall(r"/([a-z]+)/(\d+)\b", page.url + page.content()):
            self.numbers[name] = max(int(number), self.numbers.get(name, 0))
        if answer and answer.request.method == "GET" and answer.status not in (403, 404):
            self.seen += [page.url] if look.sends else [page.url, look.path.partition("{")[0]]
        if look.menu:
            page.locator("summary", has_text="Team and school").click()
        page.evaluate(OPEN)
        for width in (ZOOMED, PHONE):
            page.set_viewport_size({"width": width, "height": 900})
            if (wide := page.evaluate(WIDER)) > width:
                self.troubles.append(f"{look}: is {wide} px wide at {width}")
        page.evaluate(THIN)
        self.axe(page, look, "on a phone", SMALL)
        page.set_viewport_size({"width": WIDE, "height": 900})
        self.axe(page, look, "in light", ALL)
        page.emulate_media(color_scheme="dark")
        self.axe(page, look, "in dark", COLOURS)
        page.emulate_media(color_scheme="light")

    def newest(self, town: str) -> dict[str, str]:
        """The newest of what has a number, by the address it stands at; and the newest drop of the town."""
        loads = kept_loads(self.addresses[town][1].home)
        return {name: str(number) for name, number in self.numbers.items()} | {
            "load": next((one.load_id for one in loads), "")
        }

    def send(self, page: Page, look: Look) -> Response | None:
        """Fill the form that the look names, and go where it leads."""
        assert look.sends
        goes, said = look.sends
        goes = goes.format(**self.newest(look.town))
        if said.get("code") == "CODE":
            said = {"code": code_on(page)}
        if look.signed_out:
            page.context.clear_cookies()
        with page.expect_navigation() as coming:
            page.evaluate(FILL, [goes, said])
        return coming.value

    def axe(self, page: Page, look: Look, way: str, rules: Mapping[str, Any]) -> None:
        found = page.evaluate(AXE, rules)
        assert found["looked"] > 0, "axe did not look"
        self.troubles += [f"{look} {way}: {trouble}" for trouble in found["troubles"]]


def code_on(page: Page) -> str:
    """The code that an authenticator shows which has read the letters on the page."""
    import pyotp

    return pyotp.TOTP(page.locator("code").inner_text().replace(" ", "")).now()


@pytest.fixture(scope="module")
def walk(
    chromium: Browser,
    demo_district: Settings,
    tmp_path_factory: pytest.TempPathFactory,
    pytestconfig: pytest.Config,
) -> Iterator[Walk]:
    """The demo with an identity provider that is silent, odd names and a report; and the towns."""
    from places import settings_in

    demo = demo_copied(demo_district, tmp_path_factory.mktemp("every-page") / "data")
    choices = {
        "sign_in.provider": "google", "sign_in.client_id": CLIENT, "sign_in.tenant": "district-1",
        "sign_in.issuer": "http://127.0.0.1:9", "exports.students_a_day": 1,
        "ledger.many_students": 100, "sign_in.second_step_roles": ["equity_reviewer"],
    }  # fmt: skip
    demo = replace(
        demo, choices={**demo.choices, **choices}, base_url="http://127.0.0.1:3100", sign_in_secret=SECRET
    )
    with open_store(demo) as store, store.begin() as tx:
        for one in (AUDITOR, REVIEWER):
            account_id_of(tx, of_the_cast(one))
            choose_password(tx, one, PASSWORD, now=datetime.now(UTC))
        for student, name in NAMES.items():
            tx.execute(
                update(run_students)
                .where(run_students.c.student_id == student)
                .values(display_name=name, sort_name=searchable(name), search_name=searchable(name))
            )
    with ExitStack() as stack:
        served = {}
        for town in dict.fromkeys(look.town for look in LOOKS):
            empty = ground(settings_in(tmp_path_factory.mktemp(town)), pytestconfig)
            settings = demo if town == "demo" else settled(town, empty)
            server = serving(settings)
            served[town] = (next(server), settings)
            stack.callback(next, server, None)
        made = Walk(chromium, served)
        yield made
        for page in made.seats.values():
            page.context.close()


def test_every_page_is_for_everybody_in_light_in_dark_on_a_phone_and_at_400_percent(walk: Walk) -> None:
    drawn: set[str] = set()
    with pytest.MonkeyPatch.context() as patch:
        paper = faces.paper()
        plain = paper.get_template
        patch.setattr(
            paper,
            "get_template",
            lambda name, *more, **most: drawn.add(str(name)) or plain(name, *more, **most),
        )
        for look in LOOKS:
            try:
                walk.at(look)
            except Error as error:
                walk.troubles.append(f"{look}: {error}")
    inside = open_inside(walk.addresses["demo"][1])
    try:
        walk.troubles += [f"Nobody looks at {one}." for one in unseen(inside.addresses, walk.seen)]
    finally:
        inside.close()
    walk.troubles += [f"No page that is looked at is drawn by {one}." for one in whole_pages() - drawn]
    assert not walk.troubles, "\n".join(walk.troubles)


def unseen(addresses: Addresses, seen: list[str]) -> list[str]:
    """The addresses that answer with a page, and that no look has opened."""
    found = set()
    for address in seen:
        path = re.sub(r"^http://[^/]*|[?#].*$", "", address)
        route = addresses.find({"type": "http", "method": "GET", "path": path}).route
        found.add(route.path if isinstance(route, Address) else "")
    return [
        one.path
        for one in addresses.routes
        if isinstance(one, Address)
        and "GET" in (one.methods or ())
        and one.policy.who in (Who.anyone, Who.staff)
        and not re.search(r"\.(json|csv|pdf|css)$", one.path)
        and one.path not in found
    ]


def whole_pages() -> set[str]:
    """The templates that are a page by themselves."""
    folder = Path(faces.__file__).parent / "templates"
    return {
        one.name
        for one in folder.glob("*.html")
        if re.search(r'extends "page.html"|<!doctype', one.read_text(encoding="utf-8"))
    } - {"page.html"}
