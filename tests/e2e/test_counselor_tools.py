"""A counselor's tools in a browser: a question answered by two teachers, a group called and logged once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from e2e.conftest import PHONE, WIDE, ZOOMED, serving, stays_here
from playwright.sync_api import Browser, BrowserContext, Page, expect
from support.alder_creek import FRIDAY, LINH, MARIBEL, NOAH, OKAFOR, TOWN, keep, roomy
from support.in_class import BELL, CRUZ, seat_the_town
from web.visitor import account_id_of

from ews.people.access import Principal
from ews.people.sessions import open_session
from ews.settings import Settings, read_settings
from ews.store import open_store
from ews.support.savable import SavableCourse

pytestmark = pytest.mark.browser

COURSE = SavableCourse(
    student_id=MARIBEL.student_id,
    section_id="alg",
    kind="passes",
    percent=57.0,
    mark_type="progress",
    mark_on=date(2025, 11, 7),
    would_be=64.0,
    why_no_figure=None,
    term_ends=date(2025, 12, 19),
    school_days_left=20,
    work=tuple({"category": "homework", "due": due, "points": 5.0} for due in ("2025-10-30", "2025-11-05")),
)
SIDEWAYS = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
ASK = f"/students/{MARIBEL.student_id}/ask"
NO_FIGURE = replace(
    COURSE, student_id=NOAH.student_id, kind="no_figure", would_be=None, why_no_figure="The points differ."
)


class School:
    """The town in class behind a server, and who sits in front of which window."""

    def __init__(self, address: str, settings: Settings, chromium: Browser) -> None:
        self.address, self.settings, self.chromium = address, settings, chromium
        self.away: list[list[str]] = []

    def window(self, who: Principal, width: int = WIDE, **more: object) -> BrowserContext:
        """A browser window in which ``who`` is signed in."""
        with open_store(self.settings) as store, store.begin() as tx:
            person = replace(who, account_id=account_id_of(tx, who))
            secret, _ = open_session(tx, person.account_id or 0, now=datetime.now(UTC), hours=1)
        context = self.chromium.new_context(
            base_url=self.address,
            viewport={"width": width, "height": 900},
            **more,  # type: ignore[arg-type]
        )
        context.add_cookies([{"name": "ews", "value": secret, "url": self.address}])
        self.away.append(stays_here(context))
        return context


@pytest.fixture(scope="module")
def school(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[School]:
    """The town in class, scored, served for the tests of this file."""
    folder: Path = tmp_path_factory.mktemp("school")
    settings = read_settings({"EWS_HOME": str(folder / "data"), "EWS_CONFIG": str(folder / "ews.toml")})
    with pytest.MonkeyPatch.context() as patch:
        seat_the_town(patch, savable=(COURSE, NO_FIGURE))
        keep(roomy(settings), TOWN, as_of=FRIDAY)
    for address in serving(settings):
        made = School(address, settings, chromium)
        yield made
        assert made.away == [[] for _ in made.away]


def day_on(page: Page, label: str, days: int) -> str:
    """A day so many days after the first that the form takes."""
    first = page.get_by_label(label).get_attribute("min")
    assert first
    return (date.fromisoformat(first) + timedelta(days=days)).isoformat()


def test_one_question_is_answered_by_two_teachers_and_gathers_before_the_meeting(school: School) -> None:
    okafor = school.window(OKAFOR).new_page()
    okafor.goto(f"/students/{MARIBEL.student_id}")
    okafor.get_by_role("link", name="Ask all teachers about Maribel Santos").click()
    expect(okafor.get_by_role("heading", level=1)).to_have_text("Maribel Santos")
    okafor.get_by_label("One question about Maribel Santos").fill("What changed in October?")
    okafor.get_by_label("Answered by").fill(day_on(okafor, "Answered by", 3))
    okafor.get_by_role("button", name="Ask 2 teachers").click()
    expect(okafor.locator("main")).to_contain_text("0 of 2 answered")

    for who, words in ((CRUZ, "Quiet since the seat change."), (BELL, "Missed two Mondays, made up both.")):
        page = school.window(who).new_page()
        page.goto("/asked")
        expect(page.get_by_role("heading", level=1)).to_have_text("Asked of me: 1")
        expect(page.locator("main")).to_contain_text("not by other teachers")
        page.get_by_label("Your answer about Maribel Santos").fill(words)
        page.get_by_role("button", name="Answer about Maribel Santos").press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Asked of me: 0")
        expect(page.get_by_role("heading", name="Answered, still open")).to_be_visible()
        assert page.goto(f"/students/{NOAH.student_id}/ask") is not None
        page.context.close()

    okafor.reload()
    expect(okafor.locator("main")).to_contain_text("2 of 2 answered")
    expect(okafor.locator(".answers")).to_contain_text("Quiet since the seat change.")
    okafor.goto(f"/students/{MARIBEL.student_id}")
    expect(okafor.locator("#questions")).to_contain_text("Missed two Mondays, made up both.")
    okafor.context.close()


def test_a_group_is_called_by_boxes_and_is_one_entry(school: School) -> None:
    page = school.window(OKAFOR).new_page()
    page.goto("/slips")
    for one in (MARIBEL, LINH, NOAH):
        page.get_by_label(one.name).check()
    page.get_by_label("Out of period").select_option("3")
    page.get_by_role("button", name="Make the slips").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("3\N{NO-BREAK SPACE}call slips")
    page.emulate_media(media="print")
    expect(page.locator(".slip")).to_have_count(3)
    expect(page.locator(".slip").first).to_contain_text("Room B12, Imelda Cruz")
    expect(page.get_by_role("button", name="Log one contact")).to_be_hidden()
    expect(page.locator("header.top")).to_be_hidden()
    page.emulate_media(media="screen")
    page.get_by_role("group", name="Who came").get_by_label(NOAH.name).uncheck()
    page.get_by_label("What was agreed").fill("Schedules for spring.")
    page.get_by_role("button", name="Log one contact").click()
    expect(page.locator("#log + .card, .apart .card")).to_contain_text("Logged as one contact")
    page.goto(f"/students/{LINH.student_id}")
    expect(page.locator("#contacts")).to_contain_text("One entry for 2 students.")
    expect(page.locator("#contacts")).to_contain_text("Schedules for spring.")
    page.goto(f"/students/{NOAH.student_id}")
    expect(page.locator("#contacts")).not_to_contain_text("Schedules for spring.")
    page.goto("/list?tab=all&name=linh")
    expect(page.locator("tbody tr")).to_contain_text("in person")
    page.context.close()


def test_a_course_that_can_be_saved_is_found_and_its_family_called(school: School) -> None:
    page = school.window(OKAFOR).new_page()
    page.goto("/list")
    head = page.get_by_role("navigation", name="Main")
    head.locator("summary", has_text="Students and families").click()
    head.get_by_role("link", name="Still savable").click()
    row = page.locator("tbody tr", has_text=MARIBEL.name)
    expect(row).to_contain_text("Algebra 1 at 57, two assignments not in; both turned in, about 64.")
    row.get_by_role("link", name=MARIBEL.name).click()
    page.locator("summary", has_text="Log a contact about").click()
    page.get_by_label("How", exact=True).select_option("phone")
    page.get_by_label("What was agreed").fill("Both pages by Friday.")
    page.get_by_role("button", name="Log contact").click()
    expect(page.locator("#contacts")).to_contain_text("Both pages by Friday.")
    entry = page.locator("#contacts li", has_text="Both pages by Friday.")
    entry.get_by_role("button", name="Take back this contact").click()
    expect(page.locator("#contacts")).not_to_contain_text("Both pages by Friday.")
    page.context.close()


@pytest.mark.parametrize(
    ("width", "scheme"),
    [(WIDE, "light"), (WIDE, "dark"), (PHONE, "light"), (PHONE, "dark"), (ZOOMED, "light")],
)
def test_every_page_is_for_everybody_and_nothing_scrolls_sideways(
    school: School, width: int, scheme: str
) -> None:
    for who, pages in (
        (OKAFOR, ("/savable", "/questions", ASK, "/slips", "/slips/1", "/questions/1")),
        (CRUZ, ("/asked",)),
    ):
        context = school.window(who, width, color_scheme=scheme)
        page = context.new_page()
        for address in pages:
            answer = page.goto(address)
            assert answer is not None and answer.status == 200, address
            page.evaluate("document.querySelectorAll('details:not(.menu)').forEach(one => one.open = true)")
            wide = page.evaluate(SIDEWAYS)
            assert not wide, f"{address} scrolls sideways at {width}"
            found = Axe().run(page).response["violations"]
            assert found == [], (address, [(one["id"], one["nodes"][0]["html"]) for one in found])
        context.close()
