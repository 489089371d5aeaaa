"""What of a student's record is told to whom: what a role may not see is left out, also of sentences.

``ews.people.roles`` says which fields a role sees. Which field a sentence belongs to follows from
the feature it was made from: a new one over the tables of discipline is kept back without a word here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, or_

from ews.features.catalogue import FEATURES
from ews.features.definition import pieces
from ews.features.strengths import STRENGTHS
from ews.people.access import Principal
from ews.people.roles import Field
from ews.support.facts import OF_LEARNERS, Plan

FIELD_OF_TABLE = {
    "incidents": Field.DISCIPLINE,
    "student_incidents": Field.DISCIPLINE,
    "discipline_actions": Field.DISCIPLINE,
    "interventions": Field.PLANS,
}
FIELD_OF_DOMAIN = {"behavior": Field.DISCIPLINE, OF_LEARNERS: Field.LEARNERS}
FIELD_OF_TARGET = {"behavior": Field.DISCIPLINE, "el": Field.LEARNERS}
FIELD_OF_RULE = {"B": Field.DISCIPLINE}
T = TypeVar("T")
NUMBER = r"[\d.,]+"


def sees_domain(principal: Principal, domain: str) -> bool:
    """Whether scores, cards and filters of ``domain`` are for this principal."""
    field = FIELD_OF_DOMAIN.get(domain)
    return field is None or principal.sees(field)


def domains_hidden(principal: Principal) -> frozenset[str]:
    """The domains that are not for this principal."""
    return frozenset(domain for domain in FIELD_OF_DOMAIN if not sees_domain(principal, domain))


def plan_shown(principal: Principal, plan: Plan | None) -> Plan | None:
    """``plan`` for this principal: what it is and since when only where they may see what it is for."""
    if plan is None or plan.target not in targets_hidden(principal):
        return plan
    return Plan("support", plan.tier, None)


def targets_shown(principal: Principal, target: ColumnElement[Any]) -> ColumnElement[bool]:
    """The condition that a support's ``target`` is one that this principal may see."""
    return or_(target.is_(None), target.not_in(targets_hidden(principal)))


def targets_hidden(principal: Principal) -> frozenset[str]:
    """What supports are for that this principal may not see."""
    return frozenset(target for target, field in FIELD_OF_TARGET.items() if not principal.sees(field))


def rules_shown(principal: Principal, letters: str) -> str:
    """The letters of the ABC rules that this principal may see."""
    hidden = rules_hidden(principal)
    return "".join(letter for letter in letters if letter not in hidden)


def rules_hidden(principal: Principal) -> str:
    """The letters of the rules that this principal may not see."""
    return "".join(letter for letter, field in FIELD_OF_RULE.items() if not principal.sees(field))


def sentences_shown(principal: Principal, sentences: Iterable[str]) -> list[str]:
    """Those of ``sentences`` that this principal may read."""
    return [text for text in sentences if is_shown(principal, text)]


def drivers_shown(principal: Principal, drivers: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Those of ``drivers`` (with ``text``, and ``code`` where it is stored) that this principal may read."""
    return [
        driver
        for driver in drivers
        if is_shown(principal, driver["text"]) and sees_driver(principal, driver.get("code"))
    ]


def is_shown(principal: Principal, sentence: str) -> bool:
    """Whether this principal may read ``sentence``."""
    return not any(
        pattern.match(sentence) for field, pattern in sentences_of().items() if not principal.sees(field)
    )


def sees_driver(principal: Principal, code: str | None) -> bool:
    """Whether the driver ``code`` rests on nothing that this principal may not see."""
    return all(principal.sees(field) for field in fields_of_drivers().get(code or "", ()))


def is_plain(sentence: str) -> bool:
    """Whether everybody who may see the student may read ``sentence``."""
    return not any(pattern.match(sentence) for pattern in sentences_of().values())


def first_of(ordered: Sequence[T], most: int, plain: Callable[[T], bool]) -> list[T]:
    """The first ``most``, and after them the plain ones that bring the number of plain ones up to ``most``.

    >>> first_of([1, 2, 3, 4, 5], 2, lambda number: number % 2 == 0)
    [1, 2, 4]
    """
    kept = list(ordered[:most])
    wanting = most - sum(map(plain, kept))
    return kept + [one for one in ordered[most:] if plain(one)][:wanting]


@cache
def fields_of_drivers() -> dict[str, frozenset[Field]]:
    """The fields behind each driver that rests on any."""
    found: dict[str, set[Field]] = {}
    for feature in FEATURES.values():
        if feature.source in FIELD_OF_TABLE:
            found.setdefault(feature.driver, set()).add(FIELD_OF_TABLE[feature.source])
    return {code: frozenset(fields) for code, fields in found.items()}


@cache
def sentences_of() -> dict[Field, re.Pattern[str]]:
    """For each field the sentences that tell of it, as one pattern over how they begin."""
    phrases: dict[Field, list[str]] = {}
    for feature in FEATURES.values():
        if feature.source in FIELD_OF_TABLE:
            told = [phrase for phrase in (feature.phrase, feature.strength) if phrase]
            phrases.setdefault(FIELD_OF_TABLE[feature.source], []).extend(told)
    for strength in STRENGTHS:
        if strength.source in FIELD_OF_TABLE:
            phrases.setdefault(FIELD_OF_TABLE[strength.source], []).append(strength.phrase)
    return {field: re.compile("|".join(map(as_pattern, told))) for field, told in phrases.items()}


def as_pattern(phrase: str) -> str:
    """The sentences that ``phrase`` can become.

    >>> bool(re.match(as_pattern("{n:# incident|# incidents} recorded"), "2 incidents recorded. SIS, 3 Nov."))
    True
    """
    return "".join(re.escape(text) + (said_as(spec) if name else "") for text, name, spec in pieces(phrase))


def said_as(spec: str) -> str:
    """What may stand in the place of a fact that is said by ``spec``."""
    if "|" in spec:
        ways = (re.escape(way).replace(re.escape("#"), NUMBER) for way in spec.split("|"))
        return f"(?:{'|'.join(ways)})"
    return r".+?"
