"""A letter in a family's language: fixed sentences from ``letter_words/``, with facts in their slots.

A language is a file. Nothing is translated at run time, and nobody's free words stand in a letter: what
cannot be said in the sentences of every file is said on the phone. Names and numbers are put between
marks that keep their own direction of writing, so that a name in Latin letters turns nothing round in
Arabic or Farsi.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "letter_words"
ENGLISH = "en"
DEFAULT_ORDER = ("en", "es", "zh-Hans", "zh-Hant", "vi", "tl", "ar", "ko", "pa", "hy", "fa", "ru")
WRITTEN_IN = {
    "eng": "en",
    "spa": "es",
    "zho": "zh-Hans",
    "cmn": "zh-Hans",
    "yue": "zh-Hant",
    "nan": "zh-Hant",
    "vie": "vi",
    "tgl": "tl",
    "fil": "tl",
    "ara": "ar",
    "arb": "ar",
    "kor": "ko",
    "pan": "pa",
    "hye": "hy",
    "fas": "fa",
    "pes": "fa",
    "rus": "ru",
}
"""From the language of a guardian in the records (ISO 639-3) to the file whose letter they read."""

SPOKEN = {
    "mix": "Mixteco",
    "mxv": "Mixteco",
    "mig": "Mixteco",
    "mim": "Mixteco",
    "xtd": "Mixteco",
    "mam": "Mam",
    "trq": "Triqui",
    "zap": "Zapoteco",
    "kjb": "Q'anjob'al",
    "quc": "K'iche'",
    "hmn": "Hmong",
    "mww": "Hmong",
    "hnj": "Hmong",
    "ase": "American Sign Language",
}
"""Languages that are mostly spoken, or without a file here: by name where we know it."""

FACTS: dict[str, tuple[str, ...]] = {
    "all_five": ("days",),
    "present_20": ("present", "days"),
    "fewer_missed": (),
    "best_course": ("course", "mark"),
    "best_standard": ("course", "mark"),
    "passing": ("passed", "graded"),
    "turned_in": ("done", "due"),
    "present_year": ("present",),
    "part_of_school": (),
}
"""What goes well, in the order in which it is offered, with the slots of its sentence."""

OFFERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "homework_help": ("Free help with school work", ("weekday", "time", "room")),
    "make_up_work": ("Make up work and tests with a teacher", ("weekday", "time", "room")),
    "mentor": ("An adult to meet with each week", ()),
    "travel": ("Help with getting to school", ()),
    "needs": ("Food, clothes, a doctor", ()),
    "meeting": ("A talk about how we can help", ()),
}
"""What can be offered: how the form calls it, and what the writer must say with it."""

OPEN, CLOSE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
NOON = 12
HARD_SPACE = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True)
class LetterLanguage:
    """One file of ``letter_words``. ``code`` is its name, as HTML's ``lang`` has it."""

    code: str
    name: str
    own_name: str
    direction: str
    drafted: str


@dataclass(frozen=True)
class Told:
    """What a letter is about: the fact, the offer, who may be called, from where, when.

    fact, offer: keys of FACTS and OFFERS. slots: what the fact's sentence is filled with.
    weekday: 0 for Monday; with at and room only where the offer needs them.
    """

    student: str
    school: str
    on: date
    fact: str
    slots: Mapping[str, Any]
    offer: str
    person: str
    phone: str
    weekday: int | None = None
    at: time | None = None
    room: str = ""


@cache
def languages() -> Mapping[str, LetterLanguage]:
    """Every language that has a file, in the order in which they are offered."""
    found = {path.stem: read_language(path.stem) for path in FOLDER.glob("*.toml")}
    order = {code: place for place, code in enumerate(DEFAULT_ORDER)}
    return dict(sorted(found.items(), key=lambda one: (order.get(one[0], len(order)), one[0])))


def read_language(code: str) -> LetterLanguage:
    """What one file says of itself."""
    words = words_of(code)
    return LetterLanguage(code, words["name"], words["own_name"], words["direction"], words["drafted"])


@cache
def words_of(code: str) -> Mapping[str, Any]:
    """The sentences of one language."""
    return tomllib.loads((FOLDER / f"{code}.toml").read_text(encoding="utf-8"))


def letter_language(spoken: str | None) -> LetterLanguage | None:
    """The language of the letter for somebody who speaks ``spoken`` (ISO 639-3); None where there is none."""
    return languages().get(WRITTEN_IN.get((spoken or "").lower(), ""))


def language_name(spoken: str | None) -> str:
    """``Spanish``, ``Mixteco``, ``not on record``; the code itself for one that we have no name for."""
    if not spoken:
        return "not on record"
    written = letter_language(spoken)
    if written is not None:
        return written.name.split(" (")[0]
    return SPOKEN.get(spoken.lower(), f"language “{spoken}”")


def letter_in(code: str, told: Told) -> str:
    """The letter as text: paragraphs parted by an empty line, the title first."""
    words = words_of(code)
    slots = filled_slots(words, told)
    say = [
        words["title"],
        written_date(words, told.on),
        words["greeting"],
        f"{words['facts'][told.fact]} {words['thanks']}",
        f"{words['more']} {words['offers'][told.offer]}",
        f"{words['call']} {words['interpreter']}",
        words["choice"],
        f"{words['closing']}\n{{person}}\n{{school}}",
    ]
    return "\n\n".join(fill(joined(part, code), slots) for part in say)


def fact_in(code: str, told: Told) -> str:
    """The sentence with the fact alone."""
    words = words_of(code)
    return fill(words["facts"][told.fact], filled_slots(words, told))


def joined(part: str, code: str) -> str:
    """Sentences as the language puts them together: Chinese without a space between them."""
    return re.sub("(?<=[。！：]) ", "", part) if code.startswith("zh") else part


def filled_slots(words: Mapping[str, Any], told: Told) -> dict[str, str]:
    """Every slot that a sentence may have, said in the language of ``words``."""
    slots = {
        "student": told.student,
        "school": told.school,
        "person": told.person,
        "phone": told.phone.replace(" ", HARD_SPACE),  # a number is never broken over two lines
        "room": told.room,
        **{name: str(value) for name, value in told.slots.items()},
    }
    if told.weekday is not None:
        slots["weekday"] = words["weekdays"][told.weekday]
    if told.at is not None:
        slots["time"] = written_time(words, told.at)
    return slots


def fill(sentence: str, slots: Mapping[str, str]) -> str:
    """The sentence with its slots filled, each kept in its own direction; no slot within what fills one."""
    return re.sub(r"\{(\w+)\}", lambda slot: f"{OPEN}{slots[slot[1]]}{CLOSE}", sentence)


def written_time(words: Mapping[str, Any], at: time) -> str:
    """``3:30 p.m.`` as the language has it."""
    sentence = words["morning" if at.hour < NOON else "afternoon"]
    clock = {"time": f"{(at.hour - 1) % NOON + 1}:{at:%M}", "time24": f"{at.hour}:{at:%M}"}
    return re.sub(r"\{(\w+)\}", lambda slot: clock[slot[1]], sentence)


def written_date(words: Mapping[str, Any], on: date) -> str:
    """``November 17, 2025`` as the language has it."""
    parts = {"day": str(on.day), "month": words["months"][on.month - 1], "year": str(on.year)}
    return re.sub(r"\{(\w+)\}", lambda slot: parts[slot[1]], words["date"])
