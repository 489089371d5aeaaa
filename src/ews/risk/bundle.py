"""A model in service: a folder of text and JSON, verified every time it is read.

    models/<name>/<version>/{model.txt, calibration.json, features.json, typical.json, golden.json,
                             card.json,
                             ranges.json, MANIFEST.json}
    models/<name>/current   the version in service, one line, replaced in one step
    models/<name>/history   every switch, one JSON object a line

No student's row is in it: golden rows are drawn column by column from quantiles.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from pathlib import Path
from typing import Any

from ews.errors import OurFault
from ews.features.definition import DRIVERS, Driver, Feature
from ews.risk.boosted import Boosted
from ews.risk.calibration import Sigmoid
from ews.risk.composite import Composite, read_composite
from ews.risk.fitting import Fitted
from ews.risk.golden import check_golden, make_golden
from ews.risk.logistic import read_logistic
from ews.risk.refits import read_composite_refits, read_refits
from ews.risk.support_effect import NO_EFFECT, SupportEffect
from ews.risk.typical import Typical, read_typical
from ews.risk.verification import FILES, MANIFEST, damaged, manifest_of, verified_files, walk_trees

CURRENT = "current"


@dataclass(frozen=True)
class Bundle:
    """A verified model. ``features`` are described as they were when it was fitted; none in a composite."""

    name: str
    version: str
    model: Fitted | Composite
    features: Mapping[str, Feature]
    drivers: Mapping[str, Driver]
    typical: Typical
    card: Mapping[str, Any]

    @property
    def kind(self) -> str:
        return self.model.kind

    @property
    def grades(self) -> tuple[int, ...]:
        return tuple(self.card["grades"])

    @property
    def base_rate(self) -> float:
        """How often the outcome happened in the calibration year; watch starts here."""
        return float(self.card["base_rate"])


def model_version(name: str, until: date, model: Fitted | Composite) -> str:
    """``<name>-<until>-<first 10 of the body's hash>``: the same for the same fit."""
    return f"{name}-{until.isoformat()}-{body_hash(model)[:10]}"


def body_hash(model: Fitted | Composite) -> str:
    """SHA-256 of the model's body: trees without LightGBM's parameters, or the JSON of the others."""
    body = model.body() if isinstance(model, Composite) else model.body.body()
    return hashlib.sha256(body.encode()).hexdigest()


def bundle_files(
    model: Fitted | Composite,
    features: Mapping[str, Feature],
    typical: Typical,
    card: Mapping[str, Any],
    *,
    drivers: Mapping[str, Driver] = DRIVERS,
) -> dict[str, bytes]:
    """The bytes of every file of a bundle, its manifest among them. ``card`` holds name and version."""
    used = {feature.driver: drivers[feature.driver] for feature in features.values()}
    described = {
        "features": [asdict(feature) for feature in features.values()],
        "drivers": [asdict(driver) for driver in used.values()],
    }
    files = {
        "model.txt": (model.text() if isinstance(model, Composite) else model.body.text()).encode(),
        "calibration.json": as_bytes({"kind": "sigmoid", **calibration_told(model)}),
        "ranges.json": as_bytes(model.refits.as_json() if model.refits else None),
        "features.json": as_bytes(described),
        "typical.json": as_bytes(typical.as_json()),
        "golden.json": as_bytes(make_golden(model, typical)),
        "card.json": as_bytes(card),
    }
    return files | {MANIFEST: manifest_of(files)}


def as_bytes(content: Any) -> bytes:
    """Strict JSON in UTF-8."""
    return json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False).encode()


def write_bundle(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a bundle's files into ``folder`` and onto the disk."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        with (folder / name).open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    settle(folder)


def settle(folder: Path) -> None:
    """Have the folder's own entries on the disk, so that a power cut loses none."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def load_bundle(folder: Path) -> Bundle:
    """The bundle in ``folder``: checksums, structure, golden rows, in this order; OurFault otherwise."""
    return read_bundle(verified_files(folder))


def read_bundle(files: Mapping[str, bytes]) -> Bundle:
    """The bundle in ``files``, whose bytes are as listed; its structure and golden rows are checked."""
    try:
        text = {name: files[name].decode() for name in FILES}
        described = json.loads(text["features.json"])
        features = {entry["name"]: Feature(**known_fields(Feature, entry)) for entry in described["features"]}
        card = json.loads(text["card.json"])
        bundle = Bundle(
            name=card["name"],
            version=card["version"],
            model=with_ranges(
                read_model(text["model.txt"], json.loads(text["calibration.json"]), tuple(features)),
                json.loads(text["ranges.json"]),
            ),
            features=features,
            drivers={entry["code"]: Driver(**known_fields(Driver, entry)) for entry in described["drivers"]},
            typical=read_typical(tuple(features), json.loads(text["typical.json"])),
            card=card,
        )
        golden = json.loads(text["golden.json"])
    except (KeyError, TypeError, ValueError):
        raise damaged("a file in it does not read as ours") from None
    check_golden(bundle.model, golden)
    return bundle


def known_fields(kind: type, entry: Mapping[str, Any]) -> dict[str, Any]:
    """The entry without fields that this version does not know."""
    known = {item.name for item in fields(kind)}
    return {name: value for name, value in entry.items() if name in known}


def calibration_told(model: Fitted | Composite) -> dict[str, Any]:
    """The numbers of a model's calibration; with what it learned of support given, where it did.

    Serving needs the first two alone; the rest is for holding the model against outcomes.
    """
    if isinstance(model, Composite):
        return asdict(Sigmoid())
    support = {} if model.support == NO_EFFECT else {**model.support.as_json(), "level": model.level}
    return asdict(model.calibration) | ({"support": support} if support else {})


def read_model(text: str, calibration: Mapping[str, Any], features: tuple[str, ...]) -> Fitted | Composite:
    """The model in ``text``: a composite, a logistic regression, or LightGBM's trees once walked."""
    sigmoid = Sigmoid(float(calibration["slope"]), float(calibration["intercept"]))
    told = dict(calibration.get("support", {}))
    level = float(told.pop("level", 0.0))
    support = SupportEffect(**known_fields(SupportEffect, told))
    if not text.startswith("{"):
        walk_trees(text, features)
        return Fitted(Boosted(features, text), sigmoid, support=support, level=level)
    if json.loads(text)["kind"] == Composite.kind:
        return read_composite(text)
    logistic = read_logistic(text)
    if logistic.features != features:
        raise ValueError("features")
    return Fitted(logistic, sigmoid, support=support, level=level)


def with_ranges(model: Fitted | Composite, refits: Mapping[str, Any] | None) -> Fitted | Composite:
    """``model`` with what its bundle keeps of its refits, once looked through."""
    if isinstance(model, Composite):
        return replace(model, refits=read_composite_refits(refits, len(model.domains)))
    return replace(model, refits=read_refits(refits, model.body, model.features))


def version_in_service(folder: Path) -> str | None:
    """The version that ``models/<name>/current`` names; None when nothing is in service."""
    try:
        return (folder / CURRENT).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def bundles_in_service(models: Path) -> dict[str, Bundle]:
    """Every model in service under ``models`` by name, verified; empty when there is none."""
    found = {}
    for folder in sorted(models.glob("*/")):
        version = version_in_service(folder)
        if version is None:
            continue
        if Path(version).name != version:
            raise OurFault(f"{folder.name}/{CURRENT} names no version.", "Promote or roll back the model.")
        found[folder.name] = load_bundle(folder / version)
        if (found[folder.name].name, found[folder.name].version) != (folder.name, version):
            raise damaged(f"{folder.name}/{version} holds another model")
    return found
