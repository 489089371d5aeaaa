"""A report on the disk: its page for people and its JSON for machines, each written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Report:
    """What was found, where it lies, and the MLflow run that keeps it."""

    content: Mapping[str, Any]
    files: tuple[Path, ...]
    run_id: str

    def as_json(self) -> dict[str, Any]:
        """For machines: all that was found and where its files are."""
        return {"run_id": self.run_id, "files": [str(path) for path in self.files], **self.content}


def as_text(content: Mapping[str, Any]) -> str:
    """Strict JSON."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False, indent=1)


def write_whole(path: Path, content: bytes) -> Path:
    """``content`` in ``path``, replaced in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.part")
    beside.write_bytes(content)
    os.replace(beside, path)
    return path
