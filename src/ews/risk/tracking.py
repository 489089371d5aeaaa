"""Everything ever tried, in MLflow: the only file that speaks to it.

The store is SQLite in ``mlruns/mlflow.db``, artifacts lie in ``mlruns/artifacts/<run>/artifacts``. A model
version is the artifact folder ``bundle`` of its run: text and JSON, no pickle. No student's data enters:
parameters, counts, measures over groups, plots of sums and of made-up rows.
"""

from __future__ import annotations

import fcntl
import logging
import os
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ews.errors import UsageError
from ews.settings import Settings

if TYPE_CHECKING:
    from mlflow import MlflowClient

BUNDLE = "bundle"
IN_SERVICE = "in_service"
LONGEST = 6000  # characters of one parameter, MLflow's limit


@dataclass(frozen=True)
class Run:
    """One run of one model. ``folder`` is where its artifacts lie."""

    client: MlflowClient
    id: str
    folder: Path

    def told(self, parameters: Mapping[str, Any], measures: Mapping[str, float]) -> None:
        """What went in and what came out, by name."""
        from mlflow.entities import Metric, Param

        went_in = [Param(name, str(value)[:LONGEST]) for name, value in parameters.items()]
        came_out = [Metric(name, float(value), 0, 0) for name, value in measures.items()]
        self.client.log_batch(self.id, metrics=came_out, params=went_in)

    def files(self, folder: str, contents: Mapping[str, bytes]) -> None:
        """``contents`` by name, as artifacts in ``folder``."""
        with tempfile.TemporaryDirectory() as scratch:
            for name, content in contents.items():
                (Path(scratch) / name).write_bytes(content)
            self.client.log_artifacts(self.id, scratch, folder)

    def files_beside(self, folder: str, contents: Mapping[str, bytes]) -> None:
        """``contents`` as artifacts of a run that is over; where they lie now, wherever they were."""
        (self.folder / folder).mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            (self.folder / folder / name).write_bytes(content)

    def child(self, name: str, parameters: Mapping[str, Any], measures: Mapping[str, float]) -> None:
        """A finished run below this one: something tried on the way."""
        tags = {"mlflow.runName": name, "mlflow.parentRunId": self.id}
        experiment = self.client.get_run(self.id).info.experiment_id
        created = self.client.create_run(experiment, tags=tags)
        Run(self.client, created.info.run_id, self.folder).told(parameters, measures)
        self.client.set_terminated(created.info.run_id, "FINISHED")

    def register(self, name: str, version: str) -> None:
        """Make the run's bundle a version of the registered model ``name``."""
        if not self.client.search_registered_models(f"name = '{name}'"):
            self.client.create_registered_model(name, description="Bundles of text and JSON; see the card.")
        self.client.create_model_version(
            name, source=(self.folder / BUNDLE).as_uri(), run_id=self.id, tags={"version": version}
        )


@dataclass(frozen=True)
class Tracking:
    """An open store."""

    client: MlflowClient
    folder: Path

    @contextmanager
    def run(self, name: str) -> Iterator[Run]:
        """A run of the model ``name``: finished when the block ends, failed when it does not."""
        created = self.client.create_run(self.experiment(name), tags={"mlflow.runName": name})
        run = Run(self.client, created.info.run_id, artifacts_of(self.folder, created.info.run_id))
        try:
            yield run
        except BaseException:
            self.client.set_terminated(run.id, "FAILED")
            raise
        self.client.set_terminated(run.id, "FINISHED")

    def experiment(self, name: str) -> str:
        """The id of the experiment ``name``, made when it is not there.

        MLflow remembers where an experiment's artifacts lie. After the store was moved that is the old
        place, so the old experiment keeps its runs under another name and a new one begins.
        """
        here = artifacts(self.folder).as_uri()
        found = self.client.get_experiment_by_name(name)
        if found is not None and found.artifact_location == here:
            return str(found.experiment_id)
        if found is not None:
            self.client.rename_experiment(
                found.experiment_id, f"{name} before the store was moved ({found.experiment_id})"
            )
        return str(self.client.create_experiment(name, artifact_location=here))

    def fail_the_dead(self) -> int:
        """Mark runs that still say running as failed; only while no other training can be running."""
        experiments = [found.experiment_id for found in self.client.search_experiments()]
        dead = self.client.search_runs(experiments, "attributes.status = 'RUNNING'")
        for run in dead:
            self.client.set_terminated(run.info.run_id, "FAILED")
        return len(dead)

    def candidate(self, name: str, run_id: str | None = None) -> Run:
        """The run whose bundle is the newest registered version of ``name``, or that of ``run_id``.

        Errors: UsageError when there is none.
        """
        versions = self.client.search_model_versions(f"name = '{name}'")
        own = [version for version in versions if run_id is None or version.run_id == run_id]
        if not own:
            raise UsageError(
                f"No trained {name}{f' from run {run_id}' if run_id else ''} in {self.folder}.",
                f"Train one with `ews train {name}`.",
            )
        newest = max(own, key=lambda version: int(version.version))
        run = str(newest.run_id)
        return Run(self.client, run, artifacts_of(self.folder, run))

    def of_version(self, name: str, version: str) -> Run | None:
        """The newest run that registered ``version`` of ``name``; None when the store knows of none."""
        found = self.client.search_model_versions(f"name = '{name}'")
        own = [entry for entry in found if entry.tags.get("version") == version]
        if not own:
            return None
        run = str(max(own, key=lambda entry: int(entry.version)).run_id)
        return Run(self.client, run, artifacts_of(self.folder, run))

    def point_alias(self, name: str, version: str) -> None:
        """Point the alias ``in_service`` at the registered version of ``name`` that now serves."""
        found = self.client.search_model_versions(f"name = '{name}'")
        own = [int(entry.version) for entry in found if entry.tags.get("version") == version]
        if own:
            self.client.set_registered_model_alias(name, IN_SERVICE, str(max(own)))


def say_in_service(
    settings: Settings, name: str, version: str, signed: Mapping[str, bytes] | None = None
) -> bool:
    """Have MLflow's alias follow ``models/<name>/current`` and keep the ``signed`` card; whether it could.

    What serves is decided by the models folder alone, so a store that is gone stops nothing.
    """
    if not (settings.mlruns / "mlflow.db").exists():
        return False
    try:
        tracking = open_tracking(settings)
        tracking.point_alias(name, version)
        run = tracking.of_version(name, version)
        if signed and run:
            run.files_beside("promoted", signed)
    except Exception:
        return False
    return True


def open_tracking(settings: Settings) -> Tracking:
    """MLflow's store in ``settings.mlruns``, made when it is not there; its telemetry stays off."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["MLFLOW_ENABLE_ASYNC_LOGGING"] = "false"
    artifacts(settings.mlruns).mkdir(parents=True, exist_ok=True)
    uri = f"sqlite:///{settings.mlruns / 'mlflow.db'}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own libraries' deprecations are not ours to mend
        from mlflow import MlflowClient

        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.WARNING)
        client = MlflowClient(tracking_uri=uri, registry_uri=uri)
        client.search_experiments(max_results=1)
    return Tracking(client, settings.mlruns)


@contextmanager
def training_store(settings: Settings) -> Iterator[Tracking]:
    """The store for one training at a time; runs that died earlier are marked failed.

    Errors: UsageError when another training is running.
    """
    settings.mlruns.mkdir(parents=True, exist_ok=True)
    with (settings.mlruns / "training.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UsageError("Another training is running.", "Wait until it ends.") from None
        tracking = open_tracking(settings)
        tracking.fail_the_dead()
        yield tracking


def artifacts(mlruns: Path) -> Path:
    """Where all runs' artifacts lie."""
    return mlruns / "artifacts"


def artifacts_of(mlruns: Path, run_id: str) -> Path:
    """Where a run's artifacts lie; found from the store's folder, so a moved checkout still works."""
    return artifacts(mlruns) / run_id / "artifacts"
