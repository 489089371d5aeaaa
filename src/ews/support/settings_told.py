"""The settings in force, as they may be shown: each with its default and where it was set, and no secret."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ews.settings import DISTRICT, ENVIRONMENT, Setting, Settings

SECRET = re.compile(r"key|secret|password|token$|credential", re.IGNORECASE)
NOT_SHOWN, NOT_SET = "set, and not shown", "not set"
DEFAULT = "default"
IN_FORCE = {
    "EWS_HOME": "home",
    "EWS_MODELS": "models",
    "EWS_MLRUNS": "mlruns",
    "EWS_TRAINING": "training",
    "EWS_ENGINE": "engine",
    "EWS_DATABASE_URL": "database_url",
}
"""Settings of the environment that are kept under another name; the others are, in small letters."""


@dataclass(frozen=True)
class ToldSetting:
    """One setting: what is in force, its default, where it was set (``default``: nowhere), its help."""

    name: str
    value: str
    default: str
    set_in: str
    help: str

    @property
    def changed(self) -> bool:
        """Whether somebody set it."""
        return self.set_in != DEFAULT


def settings_told(settings: Settings) -> dict[str, tuple[ToldSetting, ...]]:
    """Every setting by its section: first the environment, then the sections of ``ews.toml``."""
    sections: dict[str, list[ToldSetting]] = {
        "Places and the environment": [
            told(one, environment_value(settings, one), settings) for one in ENVIRONMENT
        ]
    }
    for one in DISTRICT:
        section = one.name.split(".")[0].replace("_", " ").capitalize()
        sections.setdefault(section, []).append(told(one, settings[one.name], settings))
    return {section: tuple(found) for section, found in sections.items()}


def environment_value(settings: Settings, one: Setting) -> Any:
    """What is in force of a setting of the environment."""
    kept = IN_FORCE.get(one.name, one.name.removeprefix("EWS_").lower())
    return getattr(settings, kept, settings.set_in.get(one.name, one.default))


def told(one: Setting, value: Any, settings: Settings) -> ToldSetting:
    """A setting in words."""
    set_in = settings.set_in.get(one.name, DEFAULT)
    return ToldSetting(one.name, shown(one.name, value), in_words(one.default), set_in, one.help)


def shown(name: str, value: Any) -> str:
    """The value as it may be shown: of a secret only whether it is set, of an address only where it leads."""
    if SECRET.search(name):
        return NOT_SHOWN if value else NOT_SET
    text = in_words(value)
    return without_credentials(text) if "://" in text else text


def without_credentials(address: str) -> str:
    """Kind, host and path of an address: no user, no password, and nothing after a question mark.

    >>> without_credentials("postgresql://ews:s3cret@db.example:5432/ews?password=x")
    'postgresql://db.example:5432/ews'
    """
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return NOT_SHOWN
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


def in_words(value: Any) -> str:
    """A value as it would be written in ``ews.toml``; ``empty`` where there is none."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(in_words(one) for one in value) or "empty"
    if isinstance(value, dict):
        return ", ".join(f"{key} = {in_words(one)}" for key, one in value.items()) or "empty"
    return str(value) if str(value) else "empty"
