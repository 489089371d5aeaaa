"""The codes that tables keep, in the words of the pages: what the family's record says in their place.

A column of codes that is not named here fails a test, unless what it keeps is a word already. Words that a
person wrote are never changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import JSON, Column, String, Text

from ews.people.access import FORMER_LEARNER, FOSTER, HOMELESS, LEARNER
from ews.store.tables import ID
from ews.support.actions import ACKNOWLEDGED, NOT_NOW, NOTE, READERS
from ews.support.contact_log import CHANNELS, DIRECTIONS, WHOM
from ews.support.facts import DOMAIN_TITLES, TIERS
from ews.support.learning_english import TESTS
from ews.support.letter_rules import CONFIRMED, OF_AGE, OF_AGE_WORDS
from ews.support.letter_text import languages
from ews.support.letters import RELEASED, RETURNED
from ews.support.nominations import NOMINATED, OVERRIDE, SAYS
from ews.support.owners import HANDED_OVER
from ews.support.plan_record import HAPPENED, OUTCOMES
from ews.support.recipients import CHANNELS as LETTER_CHANNELS
from ews.support.recipients import NOTICES
from ews.support.record_asks import ASKED_BY
from ews.support.savable import EDGE, NO_FIGURE, NOT_ENOUGH, PASSES
from ews.support.savable_view import MARK_WORDS
from ews.support.states import CLOSED, ENDINGS, MONITORING

LANGUAGES = {code: language.name for code, language in languages().items()}
CODES: Mapping[str, Mapping[Any, str]] = {
    "actions.kind": {
        ACKNOWLEDGED: "acknowledged",
        NOT_NOW: "put off",
        NOTE: "note",
        NOMINATED: "named by somebody who knows the student",
        OVERRIDE: "what the data does not know",
        HANDED_OVER: "handed over",
        MONITORING: "monitoring",
        CLOSED: "closed",
    },
    "actions.readers": READERS,
    "actions.choice": {**SAYS, **ENDINGS},
    "attendance_notices.kind": NOTICES,
    "circumstances.kind": {
        FOSTER: "foster youth",
        HOMELESS: "without a fixed home",
        LEARNER: "learns English",
        FORMER_LEARNER: "reclassified, and looked after for four years",
    },
    "contact_log.channel": CHANNELS,
    "contact_log.direction": DIRECTIONS,
    "contact_log.whom": WHOM,
    "english_records.status": {"EL": "English learner", "RFEP": "reclassified as fluent in English"},
    "english_records.results.family": TESTS,
    "letters.language": LANGUAGES,
    "letter_reviews.confirmed": {**CONFIRMED, OF_AGE: OF_AGE_WORDS},
    "letter_reviews.verdict": {RELEASED: "released", RETURNED: "returned to the writer"},
    "letter_sendings.channel": LETTER_CHANNELS,
    "letter_sendings.language": LANGUAGES,
    "plan_events.kind": HAPPENED,
    "plan_events.outcome": OUTCOMES,
    "plans.outcome": OUTCOMES,
    "record_requests.asked_by": ASKED_BY,
    "run_steps.steps.moves.domain": DOMAIN_TITLES,
    "savable_courses.kind": {
        PASSES: "the work that is not in would pass the course",
        EDGE: "just above passing; the work that is not in would give room",
        NOT_ENOUGH: "the work that is not in would not be enough to pass",
        NO_FIGURE: "no figure can be given",
    },
    "savable_courses.mark_type": MARK_WORDS,
    "sis_contacts.channel": CHANNELS,
    "sis_contacts.direction": DIRECTIONS,
    "sis_supports.outcome": OUTCOMES,
    "sis_supports.sessions": {True: "came", False: "did not come"},
    "sis_supports.target": {"academic": "school work", "sel": "social and emotional", "el": "English"},
    "sis_supports.tier": TIERS,
}
"""By table and column, and the key within it where it keeps a list; a code to what is said of it."""
WORDS_ALREADY = frozenset(
    {
        "calls.clock", "calls.period", "caseloads.role", "draw_names.digest", "draws.fingerprint",
        "draws.seed", "meetings.begins", "plan_events.before", "plans.adult", "plans.kind", "plans.tier",
        "question_teachers.period", "savable_courses.work", "support_programs.name", "support_programs.tier",
    }
)  # fmt: skip
"""Columns that keep words, or what is told to be compared letter by letter."""
CODE = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)+")


def name_of(column: Column[Any]) -> str:
    """``plans.outcome``."""
    return f"{column.table.name}.{column.name}"


def keeps_codes(column: Column[Any]) -> bool:
    """Whether a column keeps something short that is no id, or a list: what may be a code."""
    return isinstance(column.type, JSON) or (
        isinstance(column.type, String) and not isinstance(column.type, Text) and column.type is not ID
    )


def plain(place: str, value: str | bool) -> str:
    """What ``value`` of a column, or of a key within it, means: its words, or the code with spaces.

    >>> plain("plans.outcome", "not_met"), plain("sis_supports.kind", "math_help_at_lunch")
    ('Not met', 'math help at lunch')
    """
    known = CODES.get(place, {}).get(value)
    if known is not None:
        return known
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.replace("_", " ") if CODE.fullmatch(value) else value


def model_name(version: str) -> str:
    """A model's version without its code: ``el_progress-2025-11-14-459bfd2de4`` as it is said.

    >>> model_name("el_progress-2025-11-14-459bfd2de4")
    'English learner progress, 2025-11-14, 459bfd2de4'
    """
    name, dash, rest = version.partition("-")
    day, _, number = rest.rpartition("-")
    return (
        ", ".join((DOMAIN_TITLES[name], day, number)) if dash and day and name in DOMAIN_TITLES else version
    )
