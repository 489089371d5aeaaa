"""What a page, a JSON answer and the command line say of a student: small facts, ready to be shown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ews.risk.abc_rule import RULES

DOMAINS = ("attendance", "grades", "behavior")
BESIDE_THE_LIST = ("grade9_on_track", "el_progress")
"""Domains on cards of their own: they make no suggested level, no place on the list and no reason on it.

The year's end in grade 9 is another horizon than the list's, and would fill it with one grade; how an
English learner's English grows is for those who may see it, and never orders students.
"""

OF_LEARNERS = "el_progress"
"""The domain that only those see who may see who is an English learner."""

FILTERED_BY = (*DOMAINS, "grade9_on_track")
DOMAIN_TITLES = {
    "attendance": "Attendance",
    "grades": "Grades",
    "behavior": "Behavior",
    "grade9_on_track": "Grade 9 on track",
    "el_progress": "English learner progress",
    "course": "Course",
    "overall": "Overall",
}
CAME_ABOUT = {
    "attendance": "missed 10 % or more of the next 45 school days",
    "grades": "ended the term with an F",
    "behavior": "had two major incidents or a suspension in the next 45 school days",
    "grade9_on_track": "ended grade 9 short of credits, or with more than one core-course F",
    "el_progress": "missed the next step in English, or came to be long-term learners or at risk of it",
    "course": "did not pass the course",
}
WHERE_D_COUNTS = {"grades": "ended the term with an F, or with a D in a course that counts for college"}
OTHERWISE = "met what this score is about"
RULE_WORDS = {"A": "absence", "B": "behavior", "C": "marks"}
RULES_BRIEFLY = {
    "A": "Missed 10 % or more of this year’s school days",
    "B": "2 incidents in 45 school days, or a suspension",
    "C": RULES["C"],
}
"""The hand-set rules in a line of the list; in full on a student's page and on how the list is made."""
TIERS = {1: "Universal", 2: "Targeted", 3: "Intensive"}  # from the least to the most
SENTENCE = re.compile(
    r"^(?P<fact>.*?)(?: \((?P<typical>typical[^()]*)\))?\.(?: (?P<source>[^.]+, [^.]+)\.?)?$"
)


def came_about(domain: str, d_counts: bool = False) -> str:
    """What students did of whom a score turned out right; ``d_counts``: grades.a_g_minimum_is_c is set."""
    told = CAME_ABOUT | WHERE_D_COUNTS if d_counts else CAME_ABOUT
    return told.get(domain, OTHERWISE)


def range_in_words(low: float, high: float) -> str:
    """A range (0 to 1) of the students with a record like this, as a person says it.

    >>> range_in_words(0.45, 0.6)
    'about 45 to 60'
    """
    return f"about {round(100 * low)} to {round(100 * high)}"


@dataclass(frozen=True)
class Reason:
    """One driver sentence in its parts; background is an earlier year's."""

    fact: str
    typical: str | None
    source: str | None
    background: bool = False

    @property
    def text(self) -> str:
        """The sentence in one piece."""
        typical = f" ({self.typical})" if self.typical else ""
        source = f" {self.source}." if self.source else ""
        background = "Background: " if self.background else ""
        return f"{background}{self.fact}{typical}.{source}"


@dataclass(frozen=True)
class Contact:
    """A contact with the family or the student: who, when, how."""

    who: str
    on: date
    how: str


@dataclass(frozen=True)
class Plan:
    """Support that people agreed on and that is going on. target: what it is for, where that is on record.

    since: None where it is not told to whoever looks, as its kind is not.
    """

    kind: str
    tier: str
    since: date | None
    target: str | None = None


@dataclass(frozen=True)
class Rule:
    """An ABC rule that a student meets: its letter and what it says."""

    letter: str
    text: str

    @property
    def word(self) -> str:
        """What it is about."""
        return RULE_WORDS[self.letter]

    @property
    def briefly(self) -> str:
        """What it says, in a line of the list."""
        return RULES_BRIEFLY[self.letter]


@dataclass(frozen=True)
class Through:
    """The last day of each kind of data; None where there is none."""

    attendance: date | None
    marks: date | None
    incidents: date | None

    @property
    def latest(self) -> date | None:
        """The newest of the days."""
        return max((day for day in (self.attendance, self.marks, self.incidents) if day), default=None)


@dataclass(frozen=True)
class Run:
    """The run that is shown. status: scored, or no_model when only the ABC rules could be stored."""

    run_id: str
    as_of: date
    school_year: int
    status: str
    finished_at: datetime
    models: Mapping[str, str]
    files: Mapping[str, str]
    lines: Mapping[str, Any]
    hit_rate: str | None

    @property
    def first_list(self) -> bool:
        """Whether nothing of this school year was shown before, so that nobody on the list is new."""
        return bool(self.lines.get("first_list", False))

    @property
    def model_version(self) -> str:
        """Every model's version, in one text, as the ledger keeps it."""
        return " ".join(f"{domain}={version}" for domain, version in sorted(self.models.items()))


def reason_of(driver: Mapping[str, Any]) -> Reason:
    """A stored driver as a sentence in parts.

    >>> said = "Missed 4 of the last 10 school days (typical in grade 7: 0 to 1). SIS, 14 Nov."
    >>> reason_of({"text": said, "kind": "changeable"}).typical
    'typical in grade 7: 0 to 1'
    """
    return sentence_of(driver["text"], background=driver["kind"] == "background")


def sentence_of(text: str, *, background: bool = False) -> Reason:
    """A sentence of a driver, or of something that goes well, in its parts."""
    parts = SENTENCE.match(text)
    if parts is None:
        return Reason(text.rstrip("."), None, None, background)
    return Reason(parts["fact"], parts["typical"], parts["source"], background)


def contact_of(stored: Mapping[str, Any] | None) -> Contact | None:
    """A stored contact, if there is one."""
    return Contact(stored["who"], date.fromisoformat(stored["on"]), stored["how"]) if stored else None


def plan_of(stored: Mapping[str, Any] | None) -> Plan | None:
    """A stored plan, if there is one."""
    if not stored:
        return None
    since = date.fromisoformat(stored["since"])
    return Plan(stored["kind"], stored["tier"], since, stored.get("target"))


def rules_of(letters: str) -> tuple[Rule, ...]:
    """The ABC rules behind ``letters`` (``AC``)."""
    return tuple(Rule(letter, RULES[letter]) for letter in letters)
