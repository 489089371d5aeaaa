"""`ews promote` and `ews rollback`: the one way a model comes into service, and the one way back.

Order of things: the bundle's bytes verified; the gate; the signed card and the bundle written beside the
others and probed in a process of its own; the switch written into the history; then ``current`` is replaced
in one step. A kill at any moment leaves the model before or the model after, and the next call works. What
the gate refuses is kept as a shadow.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ews.errors import EwsError, GateRefused, NoModel, UsageError
from ews.risk.bundle import (
    CURRENT,
    Bundle,
    as_bytes,
    load_bundle,
    read_bundle,
    settle,
    version_in_service,
    write_bundle,
)
from ews.risk.gate import fit_for_service, gates, signed
from ews.risk.probe import probe
from ews.risk.promotion_history import HISTORY, REFUSALS, lines_of, with_refusal
from ews.risk.shadow_file import SHADOW, shadow_version
from ews.risk.signing import Signature, signatures
from ews.risk.tracking import BUNDLE, open_tracking, say_in_service
from ews.risk.verdict import Gate
from ews.risk.verification import FILES, MANIFEST, damaged, manifest_of, verified_files
from ews.settings import Settings

INCOMING = ".incoming"
CARD = "card.json"


@dataclass(frozen=True)
class PromotionReport:
    """What went into service in place of what, by whose word, through which gates."""

    name: str
    version: str
    previous: str | None
    run_id: str
    signed_by: list[str]
    gates: list[Gate]
    provisional: bool = False

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)

    def lines(self) -> list[str]:
        """For a person at the terminal."""
        before = f" in place of {self.previous}" if self.previous else ""
        since = ", as it was" if self.previous == self.version else before
        provisional = ["  provisional: one test year"] if self.provisional else []
        return [
            f"{self.name}: {self.version} is in service{since}.",
            *(gate.line() for gate in self.gates),
            *provisional,
        ]


class StaysOut(GateRefused):
    """A candidate did not pass. ``gates`` are all conditions, met and not; it scores as a shadow."""

    def __init__(self, bundle: Bundle, gates: Sequence[Gate]) -> None:
        self.name, self.version, self.gates = bundle.name, bundle.version, list(gates)
        failed = "; ".join(gate.told for gate in gates if not gate.passed)
        super().__init__(
            f"{bundle.name} stays out of service: {failed}.",
            f"{bundle.version} now scores as a shadow, shown to nobody; `ews watch` compares it.",
        )

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "name": self.name,
            "refused": self.version,
            "shadow": self.version,
            "gates": [asdict(gate) for gate in self.gates],
        }

    def lines(self) -> list[str]:
        """For a person at the terminal."""
        return [f"{self.name}: {self.version} is refused.", *(gate.line() for gate in self.gates)]


def promote(
    settings: Settings,
    name: str,
    run_id: str | None = None,
    *,
    signed_by: Sequence[str],
    on: date | None = None,
) -> PromotionReport:
    """Put the newest candidate of ``name``, or that of ``run_id``, into service.

    ``signed_by``: an analyst and an equity reviewer (see ``signing``). ``on``: the day for the card.
    Errors: UsageError when there is no candidate or nobody signed; StaysOut with every number when a
    condition is not met: what served serves on, and the candidate becomes the shadow; OurFault when its
    files are damaged, and then nothing has changed.
    """
    signed_as = signatures(signed_by)
    tracking = open_tracking(settings)
    run = tracking.candidate(name, run_id)
    files = verified_files(run.folder / BUNDLE)
    bundle = read_bundle(files)
    if bundle.name != name:
        raise damaged(f"the candidate of {name} is a model named {bundle.name}")
    found = [*judged(settings, bundle), *fit_for_service(bundle), signed(signed_as)]
    with promoting(settings.models / name) as folder:
        if not all(gate.passed for gate in found):
            put_in_shadow(folder, bundle.version, whole(files))
            keep_refusal(folder, bundle.version, found, [one.name for one in signed_as], on)
            raise StaysOut(bundle, found)
        previous = version_in_service(folder)
        card = signed_card(bundle.card, signed_as, found, on)
        names = [one.name for one in signed_as]
        place(folder, bundle.version, whole(files | {CARD: as_bytes(card)}))
        told = {"run_id": run.id, "signed_by": names, "on": on.isoformat() if on else None}
        switch(folder, bundle.version, previous, told)
        leave_shadow(folder, bundle.version)
    say_in_service(settings, name, bundle.version, {CARD: as_bytes(card)})
    provisional = bool(bundle.card.get("provisional"))
    return PromotionReport(name, bundle.version, previous, run.id, names, found, provisional)


def judged(settings: Settings, bundle: Bundle) -> list[Gate]:
    """What its card says to the conditions, beside what serves; a model that cannot be read serves not."""
    serving = versions_in_service(settings.models)
    own = serving.get(bundle.name)
    if own is not None:
        try:
            load_bundle(settings.models / bundle.name / own)
        except EwsError:
            serving[bundle.name] = None
    return gates(bundle.card, serving)


def signed_card(
    card: Mapping[str, Any], signed_as: Sequence[Signature], found: Sequence[Gate], on: date | None
) -> dict[str, Any]:
    """The card as it goes into service: who signed, on which day, and every condition with its number."""
    return {
        **card,
        "signed_by": [one.as_json() for one in signed_as],
        "promoted_on": on.isoformat() if on else None,
        "gate": [asdict(gate) for gate in found],
    }


def whole(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """A bundle's files with the manifest over them."""
    listed = {name: files[name] for name in FILES}
    return listed | {MANIFEST: manifest_of(listed)}


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
    if holds_already(folder, version, files):
        probe(folder / version)
        return
    if version == version_in_service(folder):
        raise UsageError(
            f"{version} is in service with other files than this candidate's.",
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


def holds_already(folder: Path, version: str, files: Mapping[str, bytes]) -> bool:
    """Whether ``folder/version`` is whole and has these files; what serves keeps its signed card."""
    serves = version == version_in_service(folder)
    try:
        there = verified_files(folder / version)
    except EwsError:
        return False  # not there, or not whole
    compared = [name for name in FILES if not (serves and name == CARD)]
    return all(there[name] == files[name] for name in compared)


def put_in_shadow(folder: Path, version: str, files: dict[str, bytes]) -> None:
    """Have the refused bundle score beside what serves from now on."""
    if version != version_in_service(folder):
        place(folder, version, files)
        replace_text(folder / SHADOW, version + "\n")


def leave_shadow(folder: Path, version: str) -> None:
    """A model that serves is no shadow any longer."""
    if shadow_version(folder) == version:
        (folder / SHADOW).unlink()
        settle(folder)


def switch(folder: Path, version: str, previous: str | None, more: dict[str, Any]) -> None:
    """Make ``version`` the one in service; the history is written first, so the way back is known."""
    if version == previous:
        return
    entry = {"version": version, "previous": previous, **more}
    told = [*history(folder), entry]
    replace_text(folder / HISTORY, "".join(json.dumps(item) + "\n" for item in told))
    replace_text(folder / CURRENT, version + "\n")


def keep_refusal(
    folder: Path, version: str, found: Sequence[Gate], signed_by: Sequence[str], on: date | None
) -> None:
    """Write down what the gate said of a version that it refused."""
    entry = {
        "version": version,
        "on": on.isoformat() if on else None,
        "signed_by": list(signed_by),
        "gates": [asdict(gate) for gate in found],
    }
    replace_text(folder / REFUSALS, "".join(json.dumps(one) + "\n" for one in with_refusal(folder, entry)))


def history(folder: Path) -> list[dict[str, Any]]:
    """Every switch, oldest first."""
    return lines_of(folder / HISTORY)


def replace_text(path: Path, text: str) -> None:
    """Replace a small file in one step and have it on the disk."""
    fresh = path.with_name(f".{path.name}.new")
    with fresh.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(fresh, path)
    settle(path.parent)
