"""No page says what a school should not say of a student, and every sentence names facts, not causes.

What is looked at is found, not listed: every template and sheet of style, every letter in every language,
and every text that is written in the program. A new one is under the test from its first day.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import ews
from ews import features as features_package
from ews.features.definition import DRIVERS, Feature
from ews.features.strengths import STRENGTHS, Strength
from ews.risk.abc_rule import RULES
from ews.risk.drivers import BACKGROUND_NOTE
from ews.support.facts import CAME_ABOUT, TIERS
from ews.support.levels import LEVEL_WORDS

SOURCE = Path(ews.__file__).parent
SHOWN = (".html", ".txt", ".css", ".svg", ".js")
PAGES = sorted(path for path in SOURCE.rglob("*") if path.suffix in SHOWN and path.is_file())
CODES = ("records/contract/", "district/")  # codes of the records, such as an exit's, are no words of ours
PROGRAM = sorted(
    path for path in SOURCE.rglob("*.py") if not path.relative_to(SOURCE).as_posix().startswith(CODES)
)
LETTERS = sorted(SOURCE.rglob("letter_words/*.toml"))
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
BANNED_IN_LETTERS = {
    "es": ("en riesgo", "alto riesgo", "deserción", "fracas", "reprobará", "problemático"),
    "zh-Hans": ("风险", "高危", "辍学", "问题学生", "差生"),
    "zh-Hant": ("風險", "高危", "輟學", "問題學生", "差生"),
    "vi": ("nguy cơ", "bỏ học", "học sinh cá biệt"),
    "tl": ("nanganganib", "mataas na panganib", "hihinto sa pag-aaral"),
    "ar": ("معرض للخطر", "معرّض للخطر", "خطر", "التسرب"),
    "ko": ("위험", "중퇴", "문제아", "낙제"),
    "pa": ("ਜੋਖਮ", "ਖ਼ਤਰੇ"),
    "hy": ("ռիսկ", "վտանգ"),
    "fa": ("در معرض خطر", "پرخطر", "ترک تحصیل"),
    "ru": ("группе риска", "группа риска", "высокого риска", "неуспевающ", "бросит школу"),
}
CAUSAL = ("because", "caused", "causes", "due to", "leads to", "led to", "results in", "makes", "drives")
OF_THE_STATE = re.compile(r"at risk of (becoming (a )?)?(long-term|it)\b")
"""The one place of these words: the state's own name for a stage of English learners (EC 313.1)."""

BANDS = ("low", "watch", "elevated", "high")


def banned_in(text: str) -> list[str]:
    """The banned words that ``text`` says, whatever its capitals and line ends."""
    plain = OF_THE_STATE.sub("", re.sub(r"\s+", " ", text.casefold()))
    return [word for word in BANNED if word in plain]


def within(path: Path) -> str:
    """The path in the program."""
    return path.relative_to(SOURCE).as_posix()


def texts(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The texts of a file with their lines; what describes the code itself is not among them."""
    described = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    described |= {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            said = "".join(part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
            yield node.lineno, str(said)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in described:
            yield node.lineno, node.value


def sentences() -> dict[str, str]:
    """Every sentence about a student, by the name of what makes it: features, strengths and rules."""
    said: dict[str, str] = {}
    for module in pkgutil.iter_modules(features_package.__path__, "ews.features."):
        for found in vars(importlib.import_module(module.name)).values():
            for one in (
                found.values() if isinstance(found, dict) else found if isinstance(found, tuple) else ()
            ):
                if isinstance(one, Feature):
                    said[one.name] = f"{one.phrase} / {one.strength or ''} / {DRIVERS[one.driver].title}"
                elif isinstance(one, Strength):
                    said[one.phrase] = one.phrase
    return said | {f"rule {letter}": text for letter, text in RULES.items()} | {"note": BACKGROUND_NOTE}


def strings(value: Any) -> Iterator[str]:
    """Every text in what a TOML file holds."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from strings(one)


@pytest.mark.parametrize("path", PAGES, ids=within)
def test_no_page_says_a_banned_word(path: Path) -> None:
    assert banned_in(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", LETTERS, ids=within)
def test_no_letter_says_a_banned_word_in_its_language(path: Path) -> None:
    said = " / ".join(strings(tomllib.loads(path.read_text(encoding="utf-8")))).casefold()
    assert banned_in(said) == []
    assert [word for word in BANNED_IN_LETTERS.get(path.stem, ()) if word.casefold() in said] == []


def test_the_letters_of_every_language_are_looked_at_in_it() -> None:
    assert {path.stem for path in LETTERS} - {"en"} == set(BANNED_IN_LETTERS)


@pytest.mark.parametrize("path", PROGRAM, ids=within)
def test_no_text_written_in_the_program_says_a_banned_word(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [(line, words) for line, text in texts(tree) if (words := banned_in(text))]
    assert found == []


@pytest.mark.parametrize("name", sentences())
def test_no_sentence_about_a_student_says_a_banned_word_or_a_cause(name: str) -> None:
    said = sentences()[name]
    assert banned_in(said) == []
    assert [word for word in CAUSAL if re.search(rf"\b{word}\b", said.casefold())] == []


@pytest.mark.parametrize("name", [name for name in sentences() if not name.startswith("rule ")])
def test_no_sentence_about_a_student_has_a_share_in_percent(name: str) -> None:
    assert "%" not in sentences()[name]


def test_features_strengths_and_rules_are_all_looked_at() -> None:
    names = set(sentences())
    assert {"absence_rate_last_10", "learner_years", "rule A", STRENGTHS[0].phrase} <= names | {""}
    assert len(names) > len(STRENGTHS) // 2 + 40


def test_band_level_and_tier_have_no_word_in_common() -> None:
    levels = {word.casefold() for word in LEVEL_WORDS.values()}
    tiers = {word.casefold() for word in TIERS.values()}
    assert not levels & tiers and not levels & set(BANDS) and not tiers & set(BANDS)


@pytest.mark.parametrize("path", [path for path in PAGES if path.suffix in (".html", ".txt")], ids=within)
def test_no_text_of_a_page_speaks_of_band_and_tier_in_one_breath(path: Path) -> None:
    page = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", path.read_text(encoding="utf-8"), flags=re.S)
    for sentence in re.split(r"<[^>]*>|[.;]\s", page):
        assert not (re.search(r"\bband\b", sentence, re.I) and re.search(r"\btier\b", sentence, re.I)), (
            sentence
        )


def test_what_came_about_is_told_without_a_verdict_on_the_student() -> None:
    for sentence in CAME_ABOUT.values():
        assert not re.search(r"\bfail(ed|ure|s)?\b", sentence), sentence


def test_the_test_would_find_a_banned_word_over_two_lines_and_in_a_text_put_together() -> None:
    assert banned_in("students PREDICTED\n  to miss days") == ["predicted to"]
    assert next(text for _, text in texts(ast.parse('said = f"{name} is at risk"'))) == "… is at risk"
    assert banned_in("At risk of becoming a long-term English learner by the state's definition") == []
