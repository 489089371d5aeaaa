"""The models that answer: verified once when the service starts, read again when another is promoted.

When a newly promoted bundle does not verify, the ones that answered before go on answering, and the probe
says so. A promotion replaces the small file ``current``, so its timestamp is all that is looked at.
"""

from __future__ import annotations

import importlib
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ews.errors import EwsError, NoModel
from ews.web import log

if TYPE_CHECKING:
    from ews.risk.bundle import Bundle

LOOK_EVERY = 1.0  # seconds between two looks at the files; a promotion is seen at most this much later

Stamp = tuple[tuple[str, int, int], ...]


class ModelsInService:
    """The bundles of a models folder, kept in memory. ``why`` says what is not as it should be."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.why: str | None = None
        self._bundles: Mapping[str, Bundle] = {}
        self._seen: Stamp | None = None
        self._looked = 0.0
        self._reading = threading.Lock()

    def bundles(self) -> Mapping[str, Bundle]:
        """Domain -> bundle, as they are in service now; NoModel when there is none."""
        if time.monotonic() - self._looked > LOOK_EVERY:
            with self._reading:
                self._look()
        if not self._bundles:
            raise NoModel(
                "No model is in service.", "Train and promote one with `ews train` and `ews promote`."
            )
        return self._bundles

    def versions(self) -> dict[str, str]:
        """Domain -> version of what is in service; empty when nothing is."""
        try:
            return {name: bundle.version for name, bundle in self.bundles().items()}
        except NoModel:
            return {}

    def _look(self) -> None:
        stamp = self._stamp()
        if stamp != self._seen:
            self._read()
            self._seen = stamp
        self._looked = time.monotonic()

    def _read(self) -> None:
        from ews.risk.bundle import bundles_in_service

        import_light()
        try:
            self._bundles = bundles_in_service(self.folder)
        except (EwsError, OSError, ValueError, KeyError) as problem:
            self.why = "A model in service could not be verified; the earlier ones answer."
            log.say("models_refused", fault=type(problem).__name__, place=log.place_of(problem))
            return
        self.why = None if self._bundles else "No model is in service; the list shows the ABC rules."
        log.say("models", models={name: bundle.version for name, bundle in self._bundles.items()})

    def _stamp(self) -> Stamp:
        found = []
        for current in sorted(self.folder.glob("*/current")):
            status = current.stat()
            found.append((current.parent.name, status.st_mtime_ns, status.st_ino))
        return tuple(found)


def import_light() -> None:
    """Import LightGBM without scikit-learn, which it takes along whenever it finds it.

    The service only asks trees; without scikit-learn it starts a second sooner and 60 MB smaller.
    """
    if "lightgbm" in sys.modules or "sklearn" in sys.modules:
        return
    sys.modules["sklearn"] = None  # type: ignore[assignment]  # Python's own way to say: not here
    try:
        importlib.import_module("lightgbm")
    finally:
        del sys.modules["sklearn"]
