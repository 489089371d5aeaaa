"""The few questions that are asked of the list every Monday, each a link with its number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ews.people.access import Principal
from ews.people.roles import Field

LATELY = 21  # days


@dataclass(frozen=True)
class QuickView:
    """A question in words, the filters that ask it, and the field one must see for it."""

    name: str
    title: str
    asks: dict[str, Any]
    sees: Field | None = None


QUICK_VIEWS = (
    QuickView(
        "no_note",
        f"On the list, and no note in {LATELY} days",
        {"tab": "all", "level": "listed", "no_note_days": LATELY},
        Field.NOTES,
    ),
    QuickView(
        "no_contact",
        f"See first, and no contact in {LATELY} days",
        {"tab": "all", "level": "see_first", "no_contact_days": LATELY},
        Field.CONTACTS,
    ),
    QuickView("new_students", "New students", {"tab": "all", "new_students": True}),
)


def quick_views_for(principal: Principal) -> tuple[QuickView, ...]:
    """The questions whose answer this person may see."""
    return tuple(view for view in QUICK_VIEWS if view.sees is None or principal.sees(view.sees))
