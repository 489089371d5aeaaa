"""The reports on this machine, opened inside the site without a style or a script inside a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.alder_creek import ADMIN, OKAFOR, ZHAO
from web.calling import Caller, Calling
from web.test_pages import signed_in
from web.visitor import shown

from ews.risk.report_shelf import kept_reports, verdict_of
from ews.settings import Settings
from ews.web import pages
from ews.web.door import CONTENT_POLICY

NEED = {"told": "Yes: more than each other way.", "default_page": "list", "year": 2025}
CONTENT = {
    "models": {
        "attendance": {
            "title": "Attendance",
            "verdict": "failed",
            "alarms": [{"told": "x"}],
            "groups": 42,
            "year": 2025,
            "individual_scores": NEED,
        }
    }
}
PAGE = (
    "<!DOCTYPE html><html><head><title>Fair?</title><style>p { color: red }</style></head><body><p>Hello</p>"
)


@pytest.fixture
def call(settings: Settings, calling: Calling) -> Caller:
    return calling(pages.routes, of=settings)


@pytest.fixture
def shelf(settings: Settings) -> Path:
    """A folder with an audit, a newer evaluation that lost its page, and what is no report."""
    folder = settings.home / "reports"
    folder.mkdir(parents=True)
    (folder / "audit-2025-11-14.html").write_text(PAGE, encoding="utf-8")
    (folder / "audit-2025-11-14.json").write_text(json.dumps(CONTENT), encoding="utf-8")
    (folder / "evaluation-2026-01-16.json").write_text("{damaged", encoding="utf-8")
    (folder / "notes.html").write_text("Not a report", encoding="utf-8")
    return folder


def test_the_newest_report_stands_first_and_what_is_no_report_is_left_out(shelf: Path) -> None:
    assert [one.name for one in kept_reports(shelf)] == ["evaluation-2026-01-16", "audit-2025-11-14"]
    assert kept_reports(shelf / "nowhere") == []
    verdict = verdict_of(shelf)
    assert verdict and verdict.list_first and verdict.year == 2025


def test_the_page_says_what_each_report_found_and_what_is_missing_of_it(call: Caller, shelf: Path) -> None:
    said = shown(signed_in(call, ZHAO)("GET", "/reports").text)
    assert "Attendance Failed: 42 groups tested on 2024-25, 1 alarm." in said
    assert "Its page is not on the disk any more." in said
    assert "The file for machines is not there or cannot be read." in said
    assert "Yes: more than each other way." in said


def test_a_report_opens_with_its_sheet_from_an_address_of_its_own(call: Caller, shelf: Path) -> None:
    visitor = signed_in(call, ZHAO)
    answer = visitor("GET", "/reports/audit-2025-11-14")
    assert "<style" not in answer.text and "Hello" in answer.text
    assert '<link rel="stylesheet" href="/reports/audit-2025-11-14.css">' in answer.text
    assert 'href="/reports"' in answer.text
    assert answer.headers["content-security-policy"] == CONTENT_POLICY
    sheet = visitor("GET", "/reports/audit-2025-11-14.css")
    assert sheet.text == "p { color: red }" and sheet.headers["content-type"].startswith("text/css")
    assert visitor("GET", "/reports/audit-2025-11-14.json").json() == CONTENT


@pytest.mark.parametrize(
    "name", ["notes", "audit-2025-11-15", "evaluation-2026-01-16", "..%2F..%2Fews.db", "audit-2025-11-14%00"]
)
def test_only_a_report_that_is_there_opens(call: Caller, shelf: Path, name: str) -> None:
    visitor = signed_in(call, ZHAO)
    for ending in ("", ".json", ".css"):
        assert visitor("GET", f"/reports/{name}{ending}").status_code == 404


def test_before_the_first_report_the_page_says_how_to_make_one(call: Caller) -> None:
    said = shown(signed_in(call, ADMIN)("GET", "/reports").text)
    assert "ews audit --as-of DATE" in said and "Not asked yet" in said


def test_reports_are_not_for_counselors(call: Caller, shelf: Path) -> None:
    visitor = signed_in(call, OKAFOR)
    for path in ("/reports", "/reports.json", *(f"/reports/audit-2025-11-14{end}" for end in ("", ".css"))):
        assert visitor("GET", path).status_code == 403
