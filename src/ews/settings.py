"""One table of settings: name, default, help. An unknown name stops the start.

Where things are comes from the environment (``EWS_*``); a district's own choices come from
``ews.toml`` in the working folder, or from the file that ``EWS_CONFIG`` names.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ews.errors import UsageError


@dataclass(frozen=True)
class Setting:
    """One setting: its name in the environment or in ``ews.toml``, its default, what it does."""

    name: str
    default: Any
    help: str


ENVIRONMENT = (
    Setting("EWS_HOME", "./data", "Folder of the lake, the database, the runs and the ledger's key."),
    Setting("EWS_MODELS", "./models", "Folder of the models in service."),
    Setting("EWS_MLRUNS", "./mlruns", "Folder of MLflow's store: everything ever tried."),
    Setting("EWS_TRAINING", "./training", "Folder of the model definitions that `ews train` runs."),
    Setting(
        "EWS_DATABASE_URL",
        "",
        "Application database; empty means SQLite in EWS_HOME, else postgresql://USER:PASSWORD@HOST/NAME.",
    ),
    Setting("EWS_ENGINE", "duckdb", "Where features are computed: duckdb, or a Spark master."),
    Setting("EWS_CONFIG", "./ews.toml", "The district's own choices; may be absent."),
    Setting(
        "EWS_LEDGER_KEY",
        "",
        "Key of the ledger's hash chain, 64 hex digits; empty means a key file in EWS_HOME.",
    ),
    Setting("EWS_BASE_URL", "", "Address of the pages, for links in e-mail; https makes cookies secure."),
    Setting("EWS_SIGN_IN_SECRET", "", "Our secret at the identity provider that sign_in.provider names."),
    Setting("EWS_MAIL_PASSWORD", "", "Password of mail.user at the mail server."),
)

DISTRICT = (
    Setting("district.name", "", "The district's name, shown on pages."),
    Setting("district.timezone", "America/Los_Angeles", "Days are days in this timezone."),
    Setting("district.absence_profile", "ca", "What counts as absent and who is expected: ca or us."),
    Setting("known.attendance_lag_days", 1, "Days until an absence without recorded_at counts as known."),
    Setting("known.marks_lag_days", 3, "Days until a mark without recorded_at counts as known."),
    Setting(
        "known.incidents_lag_days", 3, "Days until an incident or action without recorded_at counts as known."
    ),
    Setting(
        "known.assessments_lag_days", 30, "Days until a test result without released_on counts as known."
    ),
    Setting(
        "known.assignments_lag_days",
        7,
        "Days from due or submitted until an assignment's score counts as known.",
    ),
    Setting(
        "load.held_enrollment_share",
        0.10,
        "A drop that ends more than this share of a school's enrollments is held.",
    ),
    Setting(
        "load.held_row_drop", 0.20, "A drop with this share fewer rows than the last of that table is held."
    ),
    Setting(
        "load.vocabulary", "./vocabulary.toml", "The district's own codes and column names; may be absent."
    ),
    Setting("bands.high", 0.60, "Band high starts here."),
    Setting("bands.elevated", 0.30, "Band elevated starts here; watch starts at the domain's base rate."),
    Setting(
        "list.capacity_share",
        0.10,
        "Share of a school's enrollment that its staff can see (See first and See next).",
    ),
    Setting("list.first_share", 0.03, "Share of a school's enrollment that fits See first."),
    Setting("list.new_names_per_week", 8, "At most this many new names a counselor a week."),
    Setting(
        "list.school_wide_share",
        0.25,
        "A grade may be a school-wide matter when more than this share of it is above the line in a domain.",
    ),
    Setting(
        "list.school_wide_excess",
        1.5,
        "It is one at so many times the share of the other grades of its level, or above one half.",
    ),
    Setting("list.minimum_days", 10, "Fewer expected days than this and no history: not enough data yet."),
    Setting(
        "list.stale_days", 7, "A school whose newest attendance is older than so many days has stale scores."
    ),
    Setting("savable.passing", 60.0, "A current mark below this many percent is not passing."),
    Setting("savable.edge", 3.0, "A mark less than so many points above passing is just above it."),
    Setting(
        "savable.agree_within",
        3.0,
        "Where the gradebook's points and the mark differ by more points, no figure is given.",
    ),
    Setting(
        "savable.late_days", 45, "Work due more than so many days ago is not counted as still to hand in."
    ),
    Setting("list.leave_margin", 0.10, "A level is left after two weeks below its line less this."),
    Setting(
        "overall.behavior_joins", False, "Whether behavior's audit has passed here and it joins overall."
    ),
    Setting("grades.a_g_minimum_is_c", False, "Whether a D in an A-G course counts as an F does."),
    Setting(
        "years.left_out",
        [],
        "School years that are not comparable, such as [2024] for 2023-24: nothing is learned from or tested"
        " on them. 2020 to 2022 are never tested on anyway.",
    ),
    Setting(
        "on_track.credits",
        50.0,
        "Credits a ninth grader must have earned in the year to be on track; a semester course gives 5.",
    ),
    Setting("on_track.core_fs", 1, "A ninth grader with more semester Fs in core courses is off track."),
    Setting(
        "english_learners.definition",
        "ca",
        "How long-term English learners are told: ca (EC 313.1: years, levels, English language arts) or"
        " years (by years alone).",
    ),
    Setting("english_learners.long_term_years", 6, "Long-term from so many years as a learner on."),
    Setting("english_learners.at_risk_years", 4, "At risk of long-term from so many years on."),
    Setting(
        "english_learners.low_ela_level", 1, "ca: this level or lower in English language arts counts as low."
    ),
    Setting(
        "english_learners.intermediate_level",
        3,
        "ca: this level or lower on the annual English test counts as intermediate or below.",
    ),
    Setting(
        "english_learners.proficient_level", 4, "Level of the annual English test that meets any next step."
    ),
    Setting(
        "english_learners.alternate_proficient_level", 3, "The same on the alternate annual English test."
    ),
    Setting(
        "letters.reviewed",
        {},
        'Who has read the sentences of a family letter in a language, such as es = "Rosa Medina, May 2025";'
        " a language that is not named here is not released. English needs no name.",
    ),
    Setting(
        "letters.second_person",
        True,
        "Whether a family letter is looked over by somebody other than its writer.",
    ),
    Setting("mail.host", "", "The district's mail server; empty means that no e-mail leaves."),
    Setting("mail.port", 587, "Its port."),
    Setting("mail.starttls", True, "Whether e-mail is handed over encrypted only (STARTTLS)."),
    Setting("mail.user", "", "Sign-in name at the mail server; empty means none is needed."),
    Setting("mail.sender", "", "Address that e-mail comes from."),
    Setting("mail.seconds", 20, "Seconds until a mail server that does not answer is given up."),
    Setting(
        "exports.students_a_day",
        600,
        "How many different students' rows one person takes out as CSV in 24 hours before a reason is asked.",
    ),
    Setting(
        "ledger.many_students",
        1000,
        "More different students before one person within a day raise an alarm (docs/accounts.md).",
    ),
    Setting(
        "sign_in.provider",
        "",
        "Staff also sign in through google, microsoft, clever or classlink; empty is off (docs/sign-in.md).",
    ),
    Setting("sign_in.client_id", "", "Our id at the identity provider."),
    Setting(
        "sign_in.tenant",
        "",
        "The district there: Google's domain (hd), Microsoft's tenant (tid), Clever's or ClassLink's id.",
    ),
    Setting("sign_in.tenant_claim", "", "The claim that names the district; empty is the provider's usual."),
    Setting("sign_in.issuer", "", "The provider's issuer; empty is its usual."),
    Setting(
        "sign_in.second_step_roles",
        [],
        "Roles that need this service's own second step, also after the provider's sign-in, such as"
        ' ["system_administrator"]; ["all"] is everybody (docs/sign-in.md).',
    ),
    Setting("serve.session_hours", 10, "Hours until a signed-in session ends."),
    Setting("serve.token_minutes", 60, "Minutes until a client's token ends; at most 60."),
)

CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "district.absence_profile": (lambda value: value in ("ca", "us"), "ca or us"),
    "years.left_out": (
        lambda value: all(type(year) is int and 1990 <= year <= 2100 for year in value),
        "school years by the year they end in, such as [2024]",
    ),
    "english_learners.definition": (lambda value: value in ("ca", "years"), "ca or years"),
    "letters.reviewed": (
        lambda value: all(isinstance(who, str) and who.strip() for who in value.values()),
        'languages with the name of who has read them, such as { es = "Rosa Medina, May 2025" }',
    ),
    "mail.port": (lambda value: 1 <= value <= 65535, "1 to 65535"),
    "mail.seconds": (lambda value: 1 <= value <= 120, "1 to 120"),
    "sign_in.provider": (
        lambda value: value in ("", "google", "microsoft", "clever", "classlink"),
        "google, microsoft, clever or classlink, or empty",
    ),
    "serve.token_minutes": (lambda value: 1 <= value <= 60, "1 to 60"),
}


@dataclass(frozen=True)
class Settings:
    """The settings in force. Paths are absolute; ``choices`` maps ``section.key`` to its value."""

    home: Path
    models: Path
    mlruns: Path
    training: Path
    engine: str
    database_url: str
    ledger_key: str
    base_url: str = ""
    sign_in_secret: str = ""
    mail_password: str = field(default="", repr=False)
    choices: Mapping[str, Any] = field(default_factory=dict)
    set_in: Mapping[str, str] = field(default_factory=dict)
    """Where each setting that is not at its default was set: ``the environment``, or the path of a file."""

    @property
    def lake(self) -> Path:
        return self.home / "lake"

    @property
    def over_tls(self) -> bool:
        """Whether staff open the pages by https, wherever on the way it ends."""
        return urlsplit(self.base_url).scheme == "https"

    @property
    def timezone(self) -> ZoneInfo:
        return ZoneInfo(self["district.timezone"])

    def __getitem__(self, name: str) -> Any:
        """The district's choice ``section.key``."""
        return self.choices[name]


def read_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """What is in force now, from the environment and ``ews.toml``; UsageError names what is unknown."""
    given = dict(os.environ if environment is None else environment)
    known = {setting.name: setting.default for setting in ENVIRONMENT}
    unknown = sorted(name for name in given if name.startswith("EWS_") and name not in known)
    if unknown:
        raise UsageError(
            f"Unknown setting {', '.join(unknown)} in the environment.", f"Known are {', '.join(known)}."
        )
    value = {name: given.get(name) or default for name, default in known.items()}
    home = Path(value["EWS_HOME"]).absolute()
    return Settings(
        home=home,
        models=Path(value["EWS_MODELS"]).absolute(),
        mlruns=Path(value["EWS_MLRUNS"]).absolute(),
        training=Path(value["EWS_TRAINING"]).absolute(),
        engine=value["EWS_ENGINE"],
        database_url=value["EWS_DATABASE_URL"] or f"sqlite:///{home / 'ews.db'}",
        ledger_key=value["EWS_LEDGER_KEY"],
        base_url=value["EWS_BASE_URL"],
        sign_in_secret=value["EWS_SIGN_IN_SECRET"],
        mail_password=value["EWS_MAIL_PASSWORD"],
        choices=read_choices(Path(value["EWS_CONFIG"])),
        set_in=where_set(given, Path(value["EWS_CONFIG"])),
    )


def where_set(given: Mapping[str, str], config: Path) -> dict[str, str]:
    """The settings that are not left at their default, and where each was set; ``config`` was read before."""
    said = {setting.name: "the environment" for setting in ENVIRONMENT if given.get(setting.name)}
    written = tomllib.loads(config.read_text(encoding="utf-8")) if config.exists() else {}
    return said | {name: str(config) for name in flattened(written)}


def read_choices(path: Path) -> dict[str, Any]:
    """The district's choices: the defaults, and over them what ``path`` says (it may be absent)."""
    choices = {setting.name: setting.default for setting in DISTRICT}
    if path.exists():
        try:
            written = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
            raise UsageError(f"{path} is not readable TOML: {problem}.", "Mend the file.") from None
        for name, value in flattened(written).items():
            choices[name] = checked(path, name, value, choices)
    try:
        ZoneInfo(choices["district.timezone"])
    except (ZoneInfoNotFoundError, ValueError):
        raise UsageError(
            f"district.timezone is {choices['district.timezone']!r}, which is no known timezone.",
            "Use a name such as America/Los_Angeles.",
        ) from None
    return choices


def flattened(written: Mapping[str, Any]) -> dict[str, Any]:
    """``{"bands": {"high": .6}}`` as ``{"bands.high": .6}``."""
    flat: dict[str, Any] = {}
    for section, content in written.items():
        if isinstance(content, Mapping):
            flat |= {f"{section}.{key}": value for key, value in content.items()}
        else:
            flat[section] = content
    return flat


def checked(path: Path, name: str, value: Any, choices: Mapping[str, Any]) -> Any:
    """``value`` if the setting exists and takes it; a whole number is taken where a fraction is asked."""
    if name not in choices:
        raise UsageError(f"Unknown setting {name} in {path}.", f"Known are {', '.join(choices)}.")
    default = choices[name]
    wanted = float if isinstance(default, float) else type(default)
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not wanted:
        raise UsageError(
            f"{name} in {path} is {value!r}.", f"It takes {wanted.__name__}, such as {default!r}."
        )
    allowed = CHECKS.get(name)
    if allowed and not allowed[0](value):
        raise UsageError(f"{name} in {path} is {value!r}.", f"Allowed: {allowed[1]}.")
    return value
