"""The whole audit of a made-up district: a page, a file, a run, and no student in any of them."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from places import settings_in

from ews.errors import NoModel, UsageError
from ews.records.lake import open_lake
from ews.risk.audit_run import AuditReport, run_audit
from ews.risk.bundle import bundles_in_service
from ews.risk.tracking import open_tracking
from ews.settings import Settings

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def audited(
    whole_way: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, AuditReport]]:
    """A copy of the district that went the whole way, audited once."""
    folder = tmp_path_factory.mktemp("audited")
    for name in ("data", "models", "mlruns"):
        shutil.copytree(whole_way.folder / name, folder / name)
    settings = settings_in(folder)
    yield settings, run_audit(settings, whole_way.as_of)


def test_the_audit_says_what_the_card_says(audited: tuple[Settings, AuditReport]) -> None:
    settings, report = audited
    for name, bundle in bundles_in_service(settings.models).items():
        told = report.content["models"][name]
        assert told["verdict"] == bundle.card["audit"]["verdict"]
        assert told["groups"] == bundle.card["audit"]["groups"]
        assert told["year"] == bundle.card["audit"]["year"] == bundle.card["tests"][0]["year"]


def test_every_stage_of_english_learners_has_its_row(audited: tuple[Settings, AuditReport]) -> None:
    groups = audited[1].content["models"]["attendance"]["dimensions"]["english"]["groups"]
    assert {"never_el", "newcomer", "el", "long_term", "rfep"} <= {group["group"] for group in groups}


def test_who_was_not_scored_and_who_got_support_are_told_by_group(
    audited: tuple[Settings, AuditReport],
) -> None:
    groups = audited[1].content["models"]["attendance"]["dimensions"]["gender"]["groups"]
    for group in [group for group in groups if not group["hidden"]]:
        assert group["not_scored"]["few"] or 0 <= group["not_scored"]["share"] < 0.5
        assert group["support"]["few"] or 0 <= group["support"]["supported"] <= 1


def test_no_student_is_in_any_of_it(audited: tuple[Settings, AuditReport]) -> None:
    settings, report = audited
    students = open_lake(settings).table("students").student_id.to_pyarrow().to_pylist()
    for path in report.files:
        text = path.read_text(encoding="utf-8")
        assert not [student for student in students if re.search(rf"\b{re.escape(student)}\b", text)]


def test_the_page_asks_nothing_of_the_outside(audited: tuple[Settings, AuditReport]) -> None:
    page = next(path for path in audited[1].files if path.suffix == ".html").read_text(encoding="utf-8")
    assert not re.findall(r"(?:https?:)?//[\w.-]+", page) and "<script" not in page
    assert "Do we need individual scores?" in page and "Newcomer" in page


def test_the_run_keeps_both_files(audited: tuple[Settings, AuditReport]) -> None:
    settings, report = audited
    tracking = open_tracking(settings)
    run = tracking.client.get_run(report.run_id)
    assert run.info.status == "FINISHED"
    kept = settings.mlruns / "artifacts" / report.run_id / "artifacts" / "report"
    assert {path.name for path in kept.iterdir()} == {path.name for path in report.files}


def test_the_file_is_strict_json_with_the_page_to_show_first(audited: tuple[Settings, AuditReport]) -> None:
    path = next(path for path in audited[1].files if path.suffix == ".json")
    assert json.loads(path.read_text(encoding="utf-8"))["default_page"] in ("list", "school")


def test_before_the_test_year_is_over_there_is_no_audit(audited: tuple[Settings, AuditReport]) -> None:
    with pytest.raises(UsageError, match="not over by 2025-01-31"):
        run_audit(audited[0], date(2025, 1, 31), ["attendance"])


def test_with_nothing_in_service_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NoModel, match="--run"):
        run_audit(settings_in(tmp_path), date(2025, 11, 14))
