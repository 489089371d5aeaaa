"""An evaluation on record: one page for people and one file for machines, written whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from ews.risk.evaluate import Tell, evaluate
from ews.risk.evaluation_report import page
from ews.risk.report_files import Report, as_text, write_whole
from ews.risk.tracking import training_store
from ews.settings import Settings

EXPERIMENT = "evaluation"


class EvaluationReport(Report):
    """Every model on the years it never saw, where it lies, and the run that keeps it."""

    def lines(self) -> Iterator[str]:
        """For a person at the terminal: the verdict on each model, what was missing, the page."""
        for name, sentences in self.content["in_short"].items():
            yield f"{name}"
            yield from (f"  {about}: {sentence}" for about, sentence in sentences.items())
        for one in self.content["shortcomings"]:
            yield f"missing ({one['about']}): {one['found']} {one['can_be_done']}"
        yield from (f"written: {path}" for path in self.files)


def run_evaluation(
    settings: Settings, names: Sequence[str], until: date, *, out: Path | None, tell: Tell
) -> EvaluationReport:
    """Evaluate, write both files into ``out`` (EWS_HOME/reports otherwise) and keep them in MLflow.

    Interrupted, it leaves no file and a run that is marked failed; the next one begins anew. Errors:
    UsageError when a training or another evaluation is running.
    """
    folder = out or settings.home / "reports"
    with training_store(settings) as tracking, tracking.run(EXPERIMENT) as run:
        content = evaluate(settings, names, until, tell)
        files = {
            f"evaluation-{until}.html": page(content).encode(),
            f"evaluation-{until}.json": as_text(content).encode(),
        }
        run.told(parameters_of(content, names), measures_of(content))
        run.files("report", files)
        written = tuple(write_whole(folder / name, text) for name, text in files.items())
    return EvaluationReport(content, written, run.id)


def parameters_of(content: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """What went into an evaluation."""
    kinds = {f"kind.{name}": model["kind"] for name, model in content["models"].items()}
    return {
        "until": content["until"],
        "asked": " ".join(names) or "all",
        "records": json.dumps(content["records"], sort_keys=True),
        **kinds,
    }


def measures_of(content: Mapping[str, Any]) -> dict[str, float]:
    """The points of the latest test year, everyone, for everything compared: model.score.measure."""
    return {
        f"{model}.{score}.{measure}": told["point"]
        for model, found in content["models"].items()
        for score, measures in found["years"][0]["groups"]["everyone"]["measures"].items()
        for measure, told in measures.items()
    }
