"""What stands between a letter and a family: the district's rules, who looks it over, to whom it may go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ews.people.access import Principal
from ews.people.roles import Act
from ews.settings import Settings
from ews.store.store import Transaction
from ews.support.families import is_of_age
from ews.support.letter_text import ENGLISH, language_name, letter_language
from ews.support.letters import Letter
from ews.support.recipients import Recipient

CONFIRMED = {
    "fact": "The fact is true, and the family would take it as praise.",
    "language": "The language is right for those who get it, and I or somebody who speaks it has read it.",
    "rights": "Whoever stands below with a yes may get it: rights, orders, channel are as the records say.",
}
"""What the second person confirms, each by itself."""
OF_AGE = "of_age"
OF_AGE_WORDS = "The student is 18 or older and agrees: the rights are the student's own."


@dataclass(frozen=True)
class Rules:
    """A district's choices about letters. reviewed: language to who has read its sentences.

    for_show: the demo, where every language may be released, and the page says so.
    """

    reviewed: Mapping[str, str]
    second_person: bool
    for_show: bool = False

    @classmethod
    def of(cls, settings: Settings, *, for_show: bool = False) -> Rules:
        """The rules that these settings make."""
        return cls(settings["letters.reviewed"], settings["letters.second_person"], for_show)

    def approval(self, language: str) -> str:
        """Who has approved a language, in words; empty when nobody has."""
        if language == ENGLISH:
            return "Written in English."
        if language in self.reviewed:
            return f"Its sentences were reviewed by {self.reviewed[language]}."
        if self.for_show:
            return "Machine-drafted and read by nobody yet; released here for show, in the demo alone."
        return ""


# ---- the second person ------------------------------------------------------------------------------


def to_confirm(tx: Transaction, letter: Letter) -> dict[str, str]:
    """What a second person has to confirm of this letter."""
    return CONFIRMED | ({OF_AGE: OF_AGE_WORDS} if is_of_age(tx, letter.student_id) else {})


def why_not_review(principal: Principal, letter: Letter, rules: Rules, blocked: str) -> str:
    """Why this person may not release this letter; empty when they may."""
    if not principal.does(Act.RELEASE_LETTERS):
        return "A counselor or a school administrator looks it over before it goes."
    if letter.mine and rules.second_person:
        return "You wrote it, so somebody else looks it over."
    return blocked


# ---- the reader -------------------------------------------------------------------------------------


def why_not_to(one: Recipient, letter: Letter | None) -> str:
    """Why a letter (this one, or any) may not go to a guardian; empty when it may."""
    if one.why_not:
        return one.why_not
    spoken = one.guardian.language
    reads = letter_language(spoken)
    if spoken and reads is None:
        return f"Call with an interpreter: there is no letter in {language_name(spoken)}."
    if letter is not None and reads is not None and not same_language(reads.code, letter.language.code):
        return f"They read {reads.name}; this letter is in {letter.language.name}. Write another."
    return ""


def same_language(one: str, other: str) -> bool:
    """Whether two letters are in one language: Chinese is written in two ways, and families differ."""
    return one.split("-")[0] == other.split("-")[0]


def nobody_reads(people: Sequence[Recipient]) -> str:
    """Why no letter helps a family whose languages have none; empty when one does."""
    mine = [one for one in people if one.may_be_written_to]
    if any(not why_not_to(one, None) for one in mine):
        return ""
    spoken = sorted({language_name(one.guardian.language) for one in mine})
    return f"Call with an interpreter: there is no letter in {' or '.join(spoken)}." if spoken else ""


def proposed_language(people: Sequence[Recipient]) -> str | None:
    """The language of the first guardian who may be written to and reads one of ours."""
    for one in people:
        if one.may_be_written_to and not why_not_to(one, None):
            reads = letter_language(one.guardian.language)
            return reads.code if reads else ENGLISH
    return None
