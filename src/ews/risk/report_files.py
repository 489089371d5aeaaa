"""A report on the disk: its page for people and its JSON for machines, each written whole or not at all."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any


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
