"""`ews promote` and `ews rollback`: the one way a model comes into service, and the one way back.

Order of things: gates on the card; the bundle's bytes verified; written beside the others and probed in
a process of its own; the switch written into the history; then ``current`` is replaced in one step. A
kill at any moment leaves the model before or the model after, and the next call works.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ews.errors import EwsError, GateRefused, NoModel, UsageError
from ews.risk.bundle import CURRENT, load_bundle, read_bundle, settle, version_in_service, write_bundle
from ews.risk.gate import Gate, gates
from ews.risk.probe import probe
from ews.risk.tracking import BUNDLE, open_tracking, say_in_service
from ews.risk.verification import FILES, MANIFEST, damaged, verified_files
from ews.settings import Settings

HISTORY = "history"
INCOMING = ".incoming"


@dataclass(frozen=True)
class PromotionReport:
    """What went into service in place of what, by whose word, through which gates."""

    name: str
    version: str
    previous: str | None
    run_id: str
    signed_by: list[str]
    gates: list[Gate]

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)

    def lines(self) -> list[str]:
        """For a person at the terminal."""
        told = [f"  {'passed' if gate.passed else 'FAILED'}  {gate.told}" for gate in self.gates]
        before = f" in place of {self.previous}" if self.previous else ""
        since = ", as it was" if self.previous == self.version else before
        return [f"{self.name}: {self.version} is in service{since}.", *told]


def promote(
    settings: Settings, name: str, run_id: str | None = None, *, signed_by: Sequence[str]
) -> PromotionReport:
    """Put the newest candidate of ``name``, or that of ``run_id``, into service.

    Errors: UsageError when there is no candidate or nobody signed; GateRefused with the numbers when a
    gate says no; OurFault when the candidate's files are damaged. Then nothing has changed.
    """
    if not [signer for signer in signed_by if signer.strip()]:
        raise UsageError("Nobody signed.", "Name who answers for it with --signed-by.")
    tracking = open_tracking(settings)
    run = tracking.candidate(name, run_id)
    files = verified_files(run.folder / BUNDLE)
    bundle = read_bundle(files)
    if bundle.name != name:
        raise damaged(f"the candidate of {name} is a model named {bundle.name}")
    found = gates(bundle.card, versions_in_service(settings.models))
    refused = [gate.told for gate in found if not gate.passed]
    if refused:
        raise GateRefused(
            f"{name} stays out of service: {'; '.join(refused)}.",
            "Train on more or better data; see its card.",
        )
    with promoting(settings.models / name) as folder:
        previous = version_in_service(folder)
        files[MANIFEST] = (run.folder / BUNDLE / MANIFEST).read_bytes()
        place(folder, bundle.version, files)
        switch(folder, bundle.version, previous, {"run_id": run.id, "signed_by": list(signed_by)})
    say_in_service(settings, name, bundle.version)
    return PromotionReport(name, bundle.version, previous, run.id, list(signed_by), found)


def rollback(settings: Settings, name: str) -> str:
    """Put the version back into service that served before; returns it.

    Errors: NoModel when there is none; OurFault when its files are damaged.
    """
    if version_in_service(settings.models / name) is None:
        raise NoModel(f"No {name} is in service.", f"Promote one with `ews promote {name}`.")
    with promoting(settings.models / name) as folder:
        current = version_in_service(folder)
        earlier = [entry["previous"] for entry in history(folder) if entry["version"] == current]
        if not earlier or earlier[-1] is None:
            raise NoModel(f"Nothing served before {current}.", f"Promote another {name}.")
        load_bundle(folder / earlier[-1])
        replace_text(folder / CURRENT, earlier[-1] + "\n")
    say_in_service(settings, name, earlier[-1])
    return str(earlier[-1])


def versions_in_service(models: Path) -> dict[str, str | None]:
    """Model name to the version that is in service."""
    return {folder.name: version_in_service(folder) for folder in models.glob("*/")}


@contextmanager
def promoting(folder: Path) -> Iterator[Path]:
    """``folder`` for one promotion at a time; what a killed one left behind is cleared away."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        shutil.rmtree(folder / INCOMING, ignore_errors=True)
        yield folder


def place(folder: Path, version: str, files: dict[str, bytes]) -> None:
    """Have the verified bundle at ``folder/version``, whole or not at all, and probed."""
    try:
        if {name: (folder / version / name).read_bytes() for name in (*FILES, MANIFEST)} == files:
            probe(folder / version)
            return
    except OSError:
        pass  # not there, or not whole: written anew below
    if version == version_in_service(folder):
        raise UsageError(
            f"{version} is in service with another card than this candidate's.",
            "Promote another version first.",
        )
    write_bundle(folder / INCOMING, files)
    try:
        probe(folder / INCOMING)
    except EwsError:
        shutil.rmtree(folder / INCOMING, ignore_errors=True)
        raise
    shutil.rmtree(folder / version, ignore_errors=True)
    os.replace(folder / INCOMING, folder / version)
    settle(folder)


def switch(folder: Path, version: str, previous: str | None, more: dict[str, Any]) -> None:
    """Make ``version`` the one in service; the history is written first, so the way back is known."""
    if version == previous:
        return
    entry = {"version": version, "previous": previous, **more}
    told = [*history(folder), entry]
    replace_text(folder / HISTORY, "".join(json.dumps(item) + "\n" for item in told))
    replace_text(folder / CURRENT, version + "\n")


def history(folder: Path) -> list[dict[str, Any]]:
    """Every switch, oldest first."""
    try:
        lines = (folder / HISTORY).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    return [json.loads(line) for line in lines]


def replace_text(path: Path, text: str) -> None:
    """Replace a small file in one step and have it on the disk."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)
    settle(path.parent)
