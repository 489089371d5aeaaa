"""A counselor's Monday on the demo district, by keyboard alone; and every state that the list can be in."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from e2e.conftest import HARRIET, ODD, PEOPLE, PHONE, WIDE, ZOOMED, Demo, serving, stays_here
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect
from support.alder_creek import (
    BAPTISTE,
    FRIDAY,
    LAST_FRIDAY,
    LINH,
    MARIBEL,
    NOAH,
    OKAFOR,
    TOWN,
    ZHAO,
    Person,
    keep,
    roomy,
)
from web.visitor import account_id_of

from ews.district.cast import SIGN_INS
from ews.people.access import Principal
from ews.people.sessions import open_session
from ews.settings import Settings, read_settings
from ews.store import open_store
from ews.support.actions import acknowledge, put_off

pytestmark = pytest.mark.browser

COUNSELOR = SIGN_INS[0].sign_in


# ---- a counselor's Monday --------------------------------------------------------------------------


@pytest.fixture
def monday(demo_served: Demo, chromium: Browser) -> Iterator[Page]:
    """The demo's counselor at her desk; no request leaves the machine."""
    context = demo_served.context(chromium, COUNSELOR, viewport={"width": WIDE, "height": 900})
    away = stays_here(context)
    yield context.new_page()
    context.close()
    assert away == []


def test_a_counselors_monday_by_keyboard_from_the_list_to_the_note(monday: Page) -> None:
    monday.goto("/")
    title = monday.get_by_role("heading", level=1)
    expect(title).to_have_text(re.compile(r"^New or changed this week: \d+ students?$"))
    rows = monday.locator("tbody tr")
    assert 1 <= rows.count() <= 8
    for row in rows.all():
        expect(row.locator(".mark")).to_have_text(re.compile("See first|See next|Not this week"))
        assert row.locator(".reasons li").count() in (1, 2)
        expect(row.locator(".well")).to_contain_text("Going well:")
        expect(row).to_contain_text(re.compile(r"(Data|Attendance late:) to"))
    assert "%" not in monday.locator("tbody").inner_text()

    name = rows.nth(0).locator("a.student-name").inner_text()
    tab_to(monday, f"Acknowledge {name}")
    monday.keyboard.press("Enter")
    expect(rows.nth(0)).to_contain_text("Acknowledged by you")

    second = rows.nth(1).locator("a.student-name").inner_text()
    tab_to(monday, f"Not now for {second}")
    monday.keyboard.press("Enter")
    expect(title).to_have_text(second)
    monday.get_by_label("Already in hand").focus()
    monday.keyboard.press("Space")
    press(monday, monday.get_by_role("button", name="Not now"))
    expect(monday.locator("tbody")).not_to_contain_text(second)
    press(monday, monday.locator(".tabs").get_by_role("link", name="Waiting on me"))
    monday.get_by_label("Name").focus()
    monday.keyboard.type(second)
    monday.keyboard.press("Enter")
    expect(monday.locator("tbody tr", has_text=second)).to_contain_text("Already in hand")

    monday.goto("/list")
    third = rows.nth(1).locator("a.student-name").inner_text()
    tab_to(monday, f"Add note on {third}")
    monday.keyboard.press("Enter")
    expect(title).to_have_text(third)
    monday.get_by_label(re.compile(f"note on {re.escape(third)}")).first.focus()
    monday.keyboard.type("Her aunt picks up the phone after four.")
    press(monday, monday.get_by_role("button", name="Add note").first)
    expect(monday.locator("#notes")).to_contain_text("Her aunt picks up the phone after four.")


def test_high_need_and_no_note_lately_is_one_key_away_and_counts_what_it_shows(monday: Page) -> None:
    monday.goto("/list")
    link = monday.get_by_role("link", name="On the list, and no note in 21 days")
    count = int(link.locator("xpath=following-sibling::*[1]").inner_text().replace(",", ""))
    press(monday, link)
    expect(monday.get_by_role("heading", level=1)).to_have_text(f"Whole caseload: {count} students")
    assert {"See first", "See next"} >= set(monday.locator("tbody .mark").all_inner_texts())


def test_a_menu_opens_by_keyboard_and_never_hides_what_has_the_focus(monday: Page) -> None:
    monday.goto("/list")
    menu = monday.locator(".menu", has_text="Team and school")
    press(monday, menu.locator("summary"))
    expect(menu.get_by_role("link", name="Schools")).to_be_visible()
    for _ in range(40):
        monday.keyboard.press("Tab")
        if not monday.evaluate("document.activeElement.closest('.menu') !== null"):
            break
    expect(menu.locator("ul")).to_be_hidden()


def test_columns_sort_by_keyboard_and_say_so(monday: Page) -> None:
    monday.goto("/list?tab=all")
    press(monday, monday.locator("thead").get_by_role("link", name="Student"))
    expect(monday.locator("thead th[aria-sort=ascending]")).to_contain_text("Student")
    names = monday.locator("a.student-name").all_inner_texts()
    press(monday, monday.locator("thead").get_by_role("link", name="Student"))
    expect(monday.locator("thead th[aria-sort=descending]")).to_contain_text("Student")
    assert monday.locator("a.student-name").all_inner_texts() != names


def test_the_file_that_is_downloaded_has_what_is_shown(monday: Page) -> None:
    monday.goto("/list?tab=new&sort=name")
    shown = monday.locator("a.student-name").all_inner_texts()
    with monday.expect_download() as coming:
        press(monday, monday.get_by_role("link", name="Download CSV"))
    path = coming.value.path()
    rows = list(csv.DictReader(io.StringIO(Path(path).read_text(encoding="utf-8-sig"))))
    assert [row["student"] for row in rows] == shown
    assert coming.value.suggested_filename == "early-support-list-2025-11-14.csv"


def test_the_week_of_a_principal_is_told_by_counselor(demo_served: Demo, chromium: Browser) -> None:
    context = demo_served.context(chromium, SIGN_INS[1].sign_in, viewport={"width": WIDE, "height": 900})
    page = context.new_page()
    page.goto("/list?tab=all&level=listed")
    page.get_by_label("Counselor").select_option(label=SIGN_INS[0].name)
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr").first).to_contain_text(f"Counselor: {SIGN_INS[0].name}")
    for cell in page.locator("tbody .cell-student").all_inner_texts():
        assert SIGN_INS[0].name in cell
    context.close()


def tab_to(page: Page, words: str) -> None:
    """Press Tab until the focus is on what says ``words``, from where the focus is."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate("(document.activeElement.textContent || '').trim().replace(/\\s+/g, ' ')") == words:
            return
    raise AssertionError(f"{words!r} is not reached by keyboard")


def press(page: Page, control: Locator) -> None:
    """Go to a control and press Enter on it, as somebody without a mouse does."""
    control.focus()
    page.keyboard.press("Enter")


# ---- every state of the list -----------------------------------------------------------------------


@dataclass(frozen=True)
class State:
    """A list as somebody finds it: who looks, where, and a word that shows the state is there."""

    who: Principal
    path: str
    says: str
    town: str = "town"


STATES = {
    "new or changed": State(OKAFOR, "/list", "New or changed this week"),
    "acknowledged and filtered": State(OKAFOR, "/list?tab=all&level=listed", "Acknowledged by you"),
    "put off": State(OKAFOR, "/list?tab=waiting", "Not now, until"),
    "found by name": State(OKAFOR, "/list?tab=all&name=nakamura", "Attendance late: to"),
    "no hit": State(OKAFOR, "/list?tab=all&grade=7", "Clear the filters"),
    "check in": State(OKAFOR, "/list?tab=not_enough_data", "Checks in:"),
    "several caseloads": State(BAPTISTE, "/list?tab=all", "Counselor: Rafael Diaz"),
    "without names": State(ZHAO, "/list?tab=all", "Not shown to your role"),
    "school-wide and late": State(OKAFOR, "/list", "school-wide matter", "many"),
    "no one new": State(OKAFOR, "/list", "No one new this week", "calm"),
    "no model": State(OKAFOR, "/list", "No model is in service", "rules"),
    "no list yet": State(OKAFOR, "/list", "No list yet", "empty"),
}


def settled(settings: Settings, town: str) -> None:
    """The database of a town: as it is on Monday, with many flagged, with nothing new, with no model."""
    room = roomy(settings)
    if town == "town":
        keep(room, PEOPLE[:4], as_of=LAST_FRIDAY)
        keep(room, [*TOWN, HARRIET, *ODD])
    elif town == "many":
        people = [Person(f"Nine {n}", {"attendance": 0.7 if n < 14 else 0.1}) for n in range(36)]
        keep(room, people[:30], as_of=LAST_FRIDAY)
        keep(room, people, behind={"alder": 6})
    elif town == "calm":
        keep(room, [MARIBEL, LINH], as_of=LAST_FRIDAY)
        keep(room, [MARIBEL, LINH])
    elif town == "rules":
        keep(room, [replace(LINH, absence_rate=0.2, fs=1.0), NOAH], models=False)


@pytest.fixture(scope="module")
def towns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[str, dict[str, str]]]]:
    """For each town its address, and a session of everyone who looks there."""
    running, found = [], {}
    for town in dict.fromkeys(state.town for state in STATES.values()):
        folder = tmp_path_factory.mktemp(town)
        settings = read_settings({"EWS_HOME": str(folder / "data"), "EWS_CONFIG": str(folder / "ews.toml")})
        settled(settings, town)
        secrets = sessions(settings, town)
        running.append(serving(settings))
        found[town] = (next(running[-1]), secrets)
    yield found
    for server in running:
        next(server, None)


def sessions(settings: Settings, town: str) -> dict[str, str]:
    """A session for everyone; Ms. Okafor has seen one student and put one off."""
    now = datetime.now(UTC)
    found = {}
    with open_store(settings) as store, store.begin() as tx:
        for person in (OKAFOR, BAPTISTE, ZHAO):
            account = account_id_of(tx, person)
            found[person.name] = open_session(tx, account, now=now, hours=1)[0]
            if town == "town" and person is OKAFOR:
                acting = replace(person, account_id=account)
                acknowledge(tx, acting, LINH.student_id, as_of=FRIDAY, now=now, form_id="1")
                put_off(
                    tx, acting, MARIBEL.student_id, as_of=FRIDAY, now=now, form_id="2",
                    reason="Already in hand", returns_on=date.fromordinal(now.date().toordinal() + 7),
                )  # fmt: skip
    return found


def opened(
    chromium: Browser, towns: dict[str, tuple[str, dict[str, str]]], state: State, width: int, scheme: str
) -> tuple[BrowserContext, Page]:
    """The state on a screen of that width."""
    address, secrets = towns[state.town]
    context = chromium.new_context(
        base_url=address,
        viewport={"width": width, "height": 900},
        color_scheme=scheme,  # type: ignore[arg-type]
        bypass_csp=True,  # for axe alone
    )
    context.add_cookies([{"name": "ews", "value": secrets[state.who.name], "url": address}])
    page = context.new_page()
    page.goto(state.path)
    assert state.says in page.locator("body").inner_text()
    for summary in page.locator("summary:visible").all():
        summary.click()
    return context, page


@pytest.mark.parametrize("title", STATES)
def test_every_state_of_the_list_is_open_to_everybody(
    chromium: Browser, towns: dict[str, tuple[str, dict[str, str]]], title: str
) -> None:
    for width, scheme in ((WIDE, "light"), (WIDE, "dark"), (PHONE, "light")):
        context, page = opened(chromium, towns, STATES[title], width, scheme)
        result = Axe().run(page)
        assert len(result.response["passes"]) > 10, "axe did not look"
        assert result.violations_count == 0, f"{width} {scheme}: {result.generate_report()}"
        page.set_viewport_size({"width": ZOOMED, "height": 640})
        assert page.evaluate("document.documentElement.scrollWidth") <= ZOOMED
        context.close()
