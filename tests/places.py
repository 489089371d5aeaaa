"""Where a test keeps things: settings whose every place is under one folder."""

from __future__ import annotations

from pathlib import Path

from ews.settings import Settings, read_settings

ROOT = Path(__file__).parents[1]


def settings_in(folder: Path, **more: str) -> Settings:
    """Settings whose every place is under ``folder``; ``more`` are further EWS_ variables."""
    return read_settings(
        {
            "EWS_HOME": str(folder / "data"),
            "EWS_MODELS": str(folder / "models"),
            "EWS_MLRUNS": str(folder / "mlruns"),
            "EWS_TRAINING": str(ROOT / "training"),
            "EWS_CONFIG": str(folder / "ews.toml"),
        }
        | more
    )
