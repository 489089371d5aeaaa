"""No page says what a school should not say of a student, and every sentence names facts, not causes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ews.features import catalogue, course_catalogue
from ews.features.definition import DRIVERS, Feature
from ews.people.roles import ROLE_TABLE
from ews.risk.abc_rule import RULES
from ews.risk.drivers import BACKGROUND_NOTE
from ews.support.levels import LEVEL_WORDS
from ews.web import how_page, list_page, problems

WEB = Path(list_page.__file__).parent
PAGES = sorted([*(WEB / "templates").rglob("*.html"), *(WEB / "static").iterdir()])
BANNED = (
    "at-risk",
    "at risk",
    "high-risk",
    "high risk",
    "failing student",
    "dropout",
    "drop-out",
    "predicted to",
    "will fail",
    "problem student",
)
CAUSAL = ("because", "caused", "causes", "due to", "leads to", "led to", "results in", "makes", "drives")


def banned_in(text: str) -> list[str]:
    """The banned words that ``text`` says, whatever its capitals and line ends."""
    plain = re.sub(r"\s+", " ", text.casefold())
    return [word for word in BANNED if word in plain]


def features() -> dict[str, Feature]:
    """Every feature of every catalogue."""
    found = [*vars(catalogue).values(), *vars(course_catalogue).values()]
    tuples = [value for value in found if isinstance(value, tuple)]
    return {one.name: one for group in tuples for one in group if isinstance(one, Feature)}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_no_page_says_a_banned_word(path: Path) -> None:
    assert banned_in(path.read_text(encoding="utf-8")) == []


def test_no_text_written_in_code_says_a_banned_word() -> None:
    said = [
        *LEVEL_WORDS.values(),
        *RULES.values(),
        *(role.words for role in ROLE_TABLE.values()),
        *how_page.KINDS.values(),
    ]
    said += [BACKGROUND_NOTE, *list_page.SORT_WORDS.values()]
    said += [text for found in vars(problems).values() if isinstance(found, problems.Problem)
             for text in (found.title, found.detail, found.fix)]  # fmt: skip
    assert banned_in(" / ".join(said)) == []


@pytest.mark.parametrize("name", features())
def test_no_sentence_about_a_student_says_a_banned_word_or_a_cause(name: str) -> None:
    feature = features()[name]
    said = f"{feature.phrase} / {feature.strength or ''} / {DRIVERS[feature.driver].title}"
    assert banned_in(said) == []
    assert [word for word in CAUSAL if re.search(rf"\b{word}\b", said.casefold())] == []


@pytest.mark.parametrize("name", features())
def test_no_sentence_about_a_student_has_a_share_in_percent(name: str) -> None:
    feature = features()[name]
    assert "%" not in feature.phrase + (feature.strength or "")


def test_the_test_would_find_a_banned_word_over_two_lines() -> None:
    assert banned_in("students PREDICTED\n  to miss days") == ["predicted to"]
