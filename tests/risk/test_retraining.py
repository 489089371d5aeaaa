"""On a made-up district whose counselors act on lists: what retraining hides, and how much is put right."""

from __future__ import annotations

from pathlib import Path

import pytest

from ews.risk.fitting import KINDS

BENCHMARKS = Path(__file__).parents[2] / "benchmarks"


@pytest.mark.slow
def test_naive_retraining_hides_who_needs_help_and_four_fifths_and_more_of_it_is_put_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seed 23 of the benchmark, which says the same of four others."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from retraining import WHO, WORLD, repaired

    found = repaired(tmp_path, 23, 2500, WORLD)
    for kind in KINDS:
        for who in WHO:
            told = found[kind][who]
            assert told.naive < told.truth - 0.05, (kind, who)
            assert told.repair >= 0.8, (kind, who)
            assert abs(told.naive_auc - told.ours_auc) < 0.01  # the order hardly shows it
