"""The files beside a run: what was scored comes back to the bit, and is missed when it is gone."""

from __future__ import annotations

import pandas as pd
import pytest
from support.alder_creek import FRIDAY, MARIBEL, TOWN, keep, matrix_of, opened

from ews.errors import OurFault, UsageError
from ews.settings import Settings
from ews.support.run_files import FEATURES, only_run, read_features, read_student
from ews.support.runs import run_of


def test_the_features_of_a_run_come_back_as_they_were_scored(settings: Settings) -> None:
    report = keep(settings)
    with opened(settings) as store, store.read() as tx:
        run = run_of(tx, FRIDAY)
    given = matrix_of(TOWN, FRIDAY)
    pd.testing.assert_frame_equal(
        read_features(settings.home, report.run_id, run.files), given, check_exact=True
    )
    one = read_student(settings.home, report.run_id, FEATURES, [MARIBEL.student_id])
    assert one["student_id"].tolist() == [MARIBEL.student_id]


def test_altered_or_missing_features_are_not_scored_from(settings: Settings) -> None:
    report = keep(settings)
    with opened(settings) as store, store.read() as tx:
        run = run_of(tx, FRIDAY)
    path = settings.home / "runs" / report.run_id / FEATURES
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(OurFault, match="missing or altered"):
        read_features(settings.home, report.run_id, run.files)
    path.unlink()
    with pytest.raises(OurFault, match="missing or altered"):
        read_features(settings.home, report.run_id, run.files)


def test_a_second_run_at_the_same_time_is_refused(settings: Settings) -> None:
    with only_run(settings.home), pytest.raises(UsageError, match="Another run"):
        keep(settings)
    keep(settings)


def test_the_folder_of_a_run_that_never_finished_is_removed_by_the_next(settings: Settings) -> None:
    left = settings.home / "runs" / "2025-11-07-deadbeef"
    left.mkdir(parents=True)
    (left / FEATURES).write_bytes(b"half")
    report = keep(settings)
    assert [path.name for path in (settings.home / "runs").iterdir() if path.is_dir()] == [report.run_id]


def test_only_the_owner_may_look_into_the_runs(settings: Settings) -> None:
    report = keep(settings)
    assert (settings.home / "runs").stat().st_mode & 0o077 == 0
    assert (settings.home / "runs" / report.run_id).stat().st_mode & 0o077 == 0
