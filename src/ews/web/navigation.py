"""Which pages stand in the head of every page, for whom, and in which group: one row a page.

A page that is new adds a row here. Whoever may not do its ``Act`` does not see it; whether they may open
it is decided by the policy of its address all the same, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ews.people.roles import Act

STUDENTS = ""  # in the row itself: what is opened every day
FAMILIES = "Students and families"
TEAM = "Team and school"
ADMINISTRATION = "Administration"
GROUPS = (STUDENTS, FAMILIES, TEAM, ADMINISTRATION)


@dataclass(frozen=True)
class Place:
    """A page in the head. at: what ``Desk.frame`` is told of the page, which marks it as the current one.

    act: what a person must be allowed to do to see it; None when it is for everyone who is signed in.
    """

    at: str
    title: str
    address: str
    act: Act | None = None
    group: str = STUDENTS


@dataclass(frozen=True)
class Group:
    """Pages that stand together: in the row (no title), or folded under their title."""

    title: str
    places: tuple[Place, ...]

    @property
    def folded(self) -> bool:
        """Whether a title stands for its pages; a single page stands for itself."""
        return bool(self.title) and len(self.places) > 1

    def has(self, at: str) -> bool:
        """Whether the page called ``at`` is one of these."""
        return any(place.at == at for place in self.places)


PLACES: tuple[Place, ...] = (
    Place("list", "My list", "/list", Act.SEE_STUDENTS),
    Place("nominate", "Nominate", "/nominate", Act.NOMINATE),
    Place("programs", "Programs and draws", "/programs", Act.PLAN, TEAM),
    Place("meetings", "Team meetings", "/meetings", Act.PLAN, TEAM),
    Place("savable", "Still savable", "/savable", Act.FOLLOW_UP, FAMILIES),
    Place("digest", "Monday digest", "/digest", Act.FOLLOW_UP, TEAM),
    Place("asked", "Asked of me", "/asked", Act.ANSWER_QUESTIONS),
    Place("slips", "Call slips", "/slips", Act.CALL_STUDENTS, FAMILIES),
    Place("questions", "Questions to teachers", "/questions", Act.ASK_TEACHERS, FAMILIES),
    Place("schools", "Schools", "/schools", Act.SEE_SCHOOLS, TEAM),
    Place("families", "What families ask for", "/families", Act.HEAR_FAMILIES, FAMILIES),
    Place("letters", "Letters home", "/letters", Act.WRITE_HOME, FAMILIES),
    Place("handover", "Handover", "/handover", Act.PLAN, FAMILIES),
    Place("results", "Results report", "/results", Act.FOLLOW_UP, TEAM),
    Place("how", "How this list is made", "/how", group=TEAM),
    Place("models", "Models", "/models", Act.SEE_MODELS, ADMINISTRATION),
    Place("accounts", "Accounts", "/accounts", Act.KEEP_ACCOUNTS, ADMINISTRATION),
    Place("clients", "Clients", "/clients", Act.KEEP_ACCOUNTS, ADMINISTRATION),
    Place("ledger", "Ledger", "/ledger", Act.SEARCH_LEDGER, ADMINISTRATION),
    Place("reports", "Reports", "/reports", Act.SEE_MODELS, ADMINISTRATION),
    Place("records", "Records", "/records", Act.SEE_RECORDS, ADMINISTRATION),
    Place("settings", "Settings", "/settings", Act.SEE_RECORDS, ADMINISTRATION),
)


def groups_for(does: Collection[Act]) -> tuple[Group, ...]:
    """The pages for whoever does ``does``, group by group; a group without a page is left out."""
    mine = [place for place in PLACES if place.act is None or place.act in does]
    grouped = (Group(title, tuple(place for place in mine if place.group == title)) for title in GROUPS)
    return tuple(group for group in grouped if group.places)


def title_at(at: str) -> str:
    """What the page called ``at`` is named in the head; empty for a page that does not stand there."""
    return next((place.title for place in PLACES if place.at == at), "")


def school_view(does: Collection[Act]) -> str:
    """The address of the school view, for whoever does ``does``; empty while there is none for them."""
    return next((one.address for one in PLACES if one.at == "schools" and one.act in does), "")


def first_place(does: Collection[Act]) -> str:
    """The address at which whoever does ``does`` begins: the first page that is for their role."""
    return next((place.address for place in PLACES if place.act in does), "/how")


IN_TEMPLATES = {"school_view": school_view, "groups_for": groups_for, "title_at": title_at}
