"""Settings: one table, and an unknown name stops the start."""

from __future__ import annotations

from pathlib import Path

import pytest

from ews.errors import UsageError
from ews.settings import DISTRICT, ENVIRONMENT, read_choices, read_settings


def test_with_nothing_given_every_setting_has_its_default(tmp_path: Path) -> None:
    settings = read_settings({"EWS_HOME": str(tmp_path), "EWS_CONFIG": str(tmp_path / "none.toml")})
    assert settings.lake == tmp_path / "lake"
    assert settings.database_url == f"sqlite:///{tmp_path / 'ews.db'}"
    assert settings["bands.high"] == 0.60


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("[bands]\nhihg = 0.5", "Unknown setting bands.hihg"),
        ("colour = 'blue'", "Unknown setting colour"),
        ("[bands]\nhigh = 'much'", "It takes float"),
        ("[list]\nnew_names_per_week = true", "It takes int"),
        ("[district]\ntimezone = 'Mars/Olympus'", "no known timezone"),
        ("[district]\nabsence_profile = 'tx'", "Allowed: ca or us"),
        ("[serve]\ntoken_minutes = 600", "Allowed: 1 to 60"),
        ("[bands\nhigh", "not readable TOML"),
    ],
)
def test_a_choice_that_cannot_be_meant_stops_the_start(tmp_path: Path, written: str, said: str) -> None:
    (tmp_path / "ews.toml").write_text(written)
    with pytest.raises(UsageError, match=said):
        read_choices(tmp_path / "ews.toml")


def test_an_unknown_environment_variable_stops_the_start() -> None:
    with pytest.raises(UsageError, match="Unknown setting EWS_HOEM"):
        read_settings({"EWS_HOEM": "/somewhere"})


def test_a_whole_number_is_taken_where_a_fraction_is_asked(tmp_path: Path) -> None:
    (tmp_path / "ews.toml").write_text("[bands]\nhigh = 1")
    assert read_choices(tmp_path / "ews.toml")["bands.high"] == 1.0


@pytest.mark.parametrize("setting", [*ENVIRONMENT, *DISTRICT], ids=lambda setting: setting.name)
def test_every_setting_says_what_it_does(setting: object) -> None:
    assert setting.help.endswith(".")  # type: ignore[attr-defined]
