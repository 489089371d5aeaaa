"""Which refused version of a model scores as a shadow: ``models/<name>/shadow``, one line."""

from __future__ import annotations

from pathlib import Path

SHADOW = "shadow"


def shadow_version(folder: Path) -> str | None:
    """The version that ``folder/shadow`` names; None when no shadow scores."""
    try:
        return (folder / SHADOW).read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None
