"""Writes the reference pages from the definitions themselves: settings, contract, features.

``python docs/reference.py`` writes them; a test holds that they are up to date.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
MADE = "<!-- Written by `python docs/reference.py`; change the definitions, not this page. -->\n"


def table(heads: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """A Markdown table, with bars inside cells escaped."""
    heads = list(heads)
    yield "| " + " | ".join(heads) + " |"
    yield "|" + "---|" * len(heads)
    for row in rows:
        yield "| " + " | ".join(str(cell).replace("|", "\\|").replace("\n", " ") for cell in row) + " |"


def settings_page() -> str:
    """Every setting: its name, its default, what it does."""
    from ews.settings import DISTRICT, ENVIRONMENT

    lines = [
        "# Settings",
        "",
        MADE,
        "An unknown name stops the start. Where things are comes from the environment:",
        "",
    ]
    lines += table(
        ("variable", "default", "what it does"),
        ((f"`{s.name}`", f"`{s.default}`" if s.default else "", s.help) for s in ENVIRONMENT),
    )
    lines += [
        "",
        "A district's own choices are in `ews.toml` (`bands.high` is `high` in the section `[bands]`):",
        "",
    ]
    lines += table(
        ("setting", "default", "what it does"),
        ((f"`{s.name}`", f"`{s.default!r}`", s.help) for s in DISTRICT),
    )
    return "\n".join(lines) + "\n"


def contract_page() -> str:
    """Every table and column that a student information system hands over."""
    from ews.records.contract import CONTRACT

    needs = {"R": "required for a domain to be scored", "S": "should be there", "O": "optional"}
    lines = [
        "# The contract: tables and columns",
        "",
        MADE,
        "Keys are in bold. See [records.md](records.md) for how they are read.",
        "",
    ]
    for one in CONTRACT.values():
        lines += [f"## {one.name}", "", f"{needs.get(one.need, one.need).capitalize()}.", ""]
        lines += table(
            ("column", "type", "required", "allowed", "dated by"),
            (
                (
                    f"**{c.name}**" if c.name in one.key else c.name,
                    c.type + (f", {c.unit}" if c.unit else ""),
                    "yes" if c.required else "",
                    ", ".join(c.allowed or ()) or limits(c.minimum, c.maximum),
                    c.event_date or "",
                )
                for c in one.columns
            ),
        )
        lines.append("")
    return "\n".join(lines)


def limits(minimum: float | None, maximum: float | None) -> str:
    """The range of a number in words, or nothing."""
    if minimum is None and maximum is None:
        return ""
    if maximum is None:
        return f"from {minimum:g}"
    return f"up to {maximum:g}" if minimum is None else f"{minimum:g} to {maximum:g}"


def features_page() -> str:
    """Every feature: what it says, why it matters, its direction, what stands in when it is missing."""
    from ews.features.course_catalogue import COURSE_FEATURES
    from ews.features.definition import DRIVERS
    from ews.features.learner_catalogue import DESCRIBED

    lines = ["# Features", "", MADE]
    lines += [
        "Computed as of a date, in Ibis, from the columns of `src/ews/features/allowed.py` and no others.",
        "",
    ]
    only = {"english": " In the English learners' own model alone; the matrix of the others has none of it."}
    for driver in DRIVERS.values():
        lines += [
            f"## {driver.title}",
            "",
            f"Driver `{driver.code}`, {driver.kind}.{only.get(driver.code, '')}",
            "",
        ]
        lines += features_table(feature for feature in DESCRIBED.values() if feature.driver == driver.code)
        lines.append("")
    lines += ["## Of a course (Open University)", "", "A *standing* is the share of classmates below.", ""]
    lines += features_table(COURSE_FEATURES.values())
    return "\n".join(lines) + "\n"


DIRECTIONS = {1: "more never lowers risk", -1: "more never raises risk", 0: "free"}
SOUNDS = {None: "", 1: "; a reason only where more raises", -1: "; a reason only where less raises"}


def features_table(features: Iterable[Any]) -> Iterator[str]:
    """A table of feature definitions."""
    return table(
        ("feature", "says", "why it matters", "unit", "direction", "when missing", "driver", "reviewed"),
        (
            (
                f"`{f.name}`",
                f.phrase,
                f.why,
                f.unit,
                DIRECTIONS[f.direction] + SOUNDS[f.sounds],
                f.imputation,
                f.driver,
                f.reviewed,
            )
            for f in features
        ),
    )


def roles_page() -> str:
    """Every role: whom it sees and why, what of a student is shown to it, what it does."""
    from ews.people.access import WAYS
    from ews.people.roles import ROLE_TABLE

    lines = [
        "# Roles: who may see whom, and what",
        "",
        MADE,
        "Whom a role sees is a condition in every query (`ews.people.access`); the reason that is true of",
        "the student at hand stands in the ledger. A field that a role does not see is on no page, in no",
        "sentence, behind no sorting, filter or search, and in no CSV or JSON. A look of a liaison or of a",
        "coordinator for English learners tells something by itself: *Who has viewed this page* leaves it",
        "out for whoever may not see what it tells, and where such a person wrote, called or has a student,",
        "others read *the support team*; the ledger leaves nobody out. A support of the student system for",
        "behavior goes with discipline, one for English learners with learners: others read its level alone.",
        "",
        "What is not kept back: the suggested level is one for everybody, made from all that is on record.",
        "",
    ]
    lines += table(
        ("role", "sees students", "of them sees", "does", "an account must say"),
        (
            (
                f"`{name}`",
                " or ".join(reason for reason, _ in WAYS.get(name, ())) or "none",
                ", ".join(sorted(role.sees)),
                ", ".join(sorted(role.does)).replace("_", " "),
                ", ".join(sorted(role.needs)).replace("_", " "),
            )
            for name, role in ROLE_TABLE.items()
        ),
    )
    return "\n".join(lines) + "\n"


PAGES = {
    "settings.md": settings_page,
    "contract.md": contract_page,
    "features.md": features_page,
    "roles.md": roles_page,
}


def main() -> None:
    """Write every reference page."""
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")
        print(f"wrote docs/{name}")


if __name__ == "__main__":
    main()
