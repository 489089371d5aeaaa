"""A team meeting from the list to what was decided, on the screen and on paper; and the pages round it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from e2e.conftest import PEOPLE, PHONE, WIDE, Served, serving, sign_in, stays_here
from playwright.sync_api import Browser, BrowserContext, Page, expect
from support.alder_creek import FRIDAY, LAST_FRIDAY, MARIBEL, NOAH, OKAFOR, keep, roomy
from web.test_meeting_pages import sheets_in
from web.visitor import PASSWORD, give_account

from ews.settings import read_settings
from ews.store import open_store

pytestmark = [pytest.mark.slow, pytest.mark.browser]

LETTER = {"width": 816, "height": 1056}
AROUND = (
    "/meetings",
    "/meetings/new",
    "/meetings/new?name=a",
    "/digest",
    "/results",
    "/handover",
    "/handover?grade=9",
)


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The town with odd names, of this file alone: what is written here is seen by no other test."""
    folder = tmp_path_factory.mktemp("meeting")
    settings = read_settings({"EWS_HOME": str(folder / "data"), "EWS_CONFIG": str(folder / "ews.toml")})
    keep(roomy(settings), PEOPLE[:4], as_of=LAST_FRIDAY)
    keep(roomy(settings), PEOPLE, as_of=FRIDAY)
    with open_store(settings) as store:
        give_account(store, OKAFOR)
    for address in serving(settings):
        yield Served(address, OKAFOR.name, PASSWORD)


@pytest.fixture(scope="module")
def signed_in(chromium: Browser, town: Served) -> dict[str, object]:
    context = chromium.new_context()
    sign_in(context.new_page(), town)
    state = context.storage_state()
    context.close()
    return dict(state)


@pytest.fixture(scope="module")
def meeting(chromium: Browser, town: Served, signed_in: dict[str, object]) -> str:
    """Where the agenda is of a meeting that Ms. Okafor called with those proposed."""
    context = window(chromium, town, signed_in)
    page = context.new_page()
    page.goto("/meetings")
    page.get_by_role("link", name="Call a meeting").click()
    page.get_by_label("Who attends").fill("Ms. Okafor, Dr. Baptiste, Mr. Lee")
    for box in page.get_by_role("checkbox").all():
        box.check()  # also the odd names
    page.get_by_role("button", name="Call the meeting").click()
    page.wait_for_url(re.compile(r"/meetings/\d+$"))
    address = page.url.removeprefix(town.address)
    context.close()
    return address


def window(chromium: Browser, town: Served, state: dict[str, object], **more: object) -> BrowserContext:
    """A browser window in which Ms. Okafor is signed in."""
    return chromium.new_context(base_url=town.address, storage_state=state, **more)  # type: ignore[arg-type]


@pytest.fixture
def page(chromium: Browser, town: Served, signed_in: dict[str, object]) -> Iterator[Page]:
    context = window(chromium, town, signed_in, viewport={"width": WIDE, "height": 900})
    away = stays_here(context)
    yield context.new_page()
    context.close()
    assert away == []


def test_a_team_goes_from_the_agenda_to_a_decision_that_stands_as_a_note(page: Page, meeting: str) -> None:
    page.goto(meeting)
    entry = page.locator("li.card", has_text=MARIBEL.name)
    expect(entry).to_contain_text("suggested (model)")
    entry.locator("summary").click()
    entry.get_by_label("What the team decided").fill("A mentor twice a week.")
    entry.get_by_label("Adult").fill("Ms. Roy")
    entry.get_by_label("Does what").fill("asks her on Monday")
    entry.get_by_role("button", name="Save for").click()
    expect(page.locator("li.card", has_text=MARIBEL.name)).to_contain_text("Ms. Roy: asks her on Monday")
    page.get_by_role("link", name=MARIBEL.name, exact=True).click()
    expect(page.locator("#notes")).to_contain_text("A mentor twice a week. Ms. Roy: asks her on Monday.")


def test_one_more_is_found_by_name_and_brought(page: Page, meeting: str) -> None:
    page.goto(meeting)
    expect(page.locator(".agenda")).not_to_contain_text(NOAH.name)
    page.get_by_label("Find somebody else by name").fill("kim")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name=f"Bring {NOAH.name} to the meeting").click()
    expect(page.locator(".agenda")).to_contain_text(NOAH.name)


def test_each_sheet_is_one_letter_page_with_its_lower_third_free(page: Page, meeting: str) -> None:
    page.goto(f"{meeting}/pages")
    page.emulate_media(media="print")
    sheets = page.locator("article.paper")
    assert sheets.count() > 3
    for place in range(1, sheets.count()):
        sheet = sheets.nth(place)
        box = sheet.bounding_box()
        assert box is not None
        assert {side: round(box[side]) for side in LETTER} == LETTER  # type: ignore[literal-required]
        hand = sheet.locator(".paper-hand").bounding_box()
        above = sheet.locator(".paper-pair").last.bounding_box()
        assert hand is not None
        assert above is not None
        assert above["y"] + above["height"] <= hand["y"], sheet.locator("h2").inner_text()
        assert hand["y"] - box["y"] <= LETTER["height"] * 0.7
        assert "%" not in sheet.inner_text()
    assert sheets_in(page.pdf(prefer_css_page_size=True)) == sheets.count()


def test_the_sheets_have_no_colour_but_black_and_grey(page: Page, meeting: str) -> None:
    page.goto(f"{meeting}/pages")
    page.emulate_media(media="print")
    inks = page.evaluate(
        """() => [...document.querySelectorAll('.paper, .paper *')].flatMap(one => {
             const style = getComputedStyle(one);
             return [style.color, style.backgroundColor, style.fill, style.stroke, style.borderTopColor];
           })"""
    )
    for ink in set(inks):
        shades = re.findall(r"[\d.]+", ink)[:3]
        assert len(set(shades)) <= 1, ink


def test_the_pdf_is_the_agenda_and_a_page_a_student(page: Page, meeting: str) -> None:
    entries = page.request.get(f"{meeting}.json").json()["entries"]
    for paper in ("letter", "a4"):
        answer = page.request.get(f"{meeting}/pages.pdf?paper={paper}")
        assert answer.headers["content-type"] == "application/pdf"
        assert sheets_in(answer.body()) == 1 + len(entries)


@pytest.mark.parametrize(
    ("width", "scheme"), [(WIDE, "light"), (WIDE, "dark"), (PHONE, "light")], ids=["wide", "dark", "phone"]
)
def test_every_page_round_a_meeting_passes_axe_and_needs_no_sideways_scroll(
    chromium: Browser, town: Served, signed_in: dict[str, object], meeting: str, width: int, scheme: str
) -> None:
    context = window(
        chromium,
        town,
        signed_in,
        viewport={"width": width, "height": 900},
        color_scheme=scheme,
        bypass_csp=True,
    )  # the policy is lifted for axe alone
    page = context.new_page()
    for path in (*AROUND, meeting, f"{meeting}?name=a", f"{meeting}/pages"):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        for summary in page.locator("main summary").all():
            summary.click()
        result = Axe().run(page)
        assert result.violations_count == 0, f"{path}: {result.generate_report()}"
    context.close()
