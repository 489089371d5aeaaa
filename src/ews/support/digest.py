"""The Monday digest: for each person with a caseload one screen of counts, initials and a link.

E-mail is read on phones, forwarded and kept elsewhere: so no name stands in it, no reason, no level and no
number of anything but students. What the initials stand for is told behind the link, after signing in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from sqlalchemy import ColumnElement, Select, and_, false, func, select

from ews.people.access import Principal, scoped
from ews.people.ledger import record_view
from ews.store.digest_tables import digest_choices
from ews.store.store import Transaction
from ews.store.tables import caseloads, run_schools, run_students
from ews.support.facts import Run
from ews.support.freshness import stamp
from ews.support.levels import LISTED, NOT_THIS_WEEK
from ews.support.list_filters import NEW, tab_rules
from ews.support.runs import of_run, shown_run
from ews.support.trend import EASING
from ews.support.waiting import what_waits

MOST_INITIALS = 8
MOST_WINS = 3
FIELDS = ("initials", "level")


@dataclass(frozen=True)
class Some:
    """How many students, and the initials of the first few."""

    count: int
    initials: tuple[str, ...]

    @property
    def more(self) -> int:
        """How many have no initials here."""
        return self.count - len(self.initials)


@dataclass(frozen=True)
class Digest:
    """One person's Monday. wins: at most three; delays: which school's data are late, in a sentence."""

    as_of: date
    monday: date
    person: str
    students: int
    new: Some
    overdue: Some
    wins: Some
    delays: str | None
    link: str

    @property
    def subject(self) -> str:
        """The e-mail's subject: counts, and nothing of anybody."""
        said = f"Your week: {self.new.count} new"
        return f"{said}, {self.overdue.count} overdue" if self.overdue.count else said


def monday_of(as_of: date) -> date:
    """The Monday on which a list of ``as_of`` is read: that day, or the next one.

    >>> monday_of(date(2025, 11, 14))
    datetime.date(2025, 11, 17)
    """
    return as_of + timedelta(days=-as_of.weekday() % 7)


def initials_of(name: str) -> str:
    """The first letters of the first and the last word of a name.

    >>> initials_of("Maribel Santos Ruiz"), initials_of("<b>Null"), initials_of("")
    ('M. R.', 'N.', '?')
    """
    words = [word for word in ("".join(c for c in part if c.isalpha()) for part in _plain(name)) if word]
    ends = [words[0], words[-1]] if len(words) > 1 else words
    return " ".join(f"{word[0].upper()}." for word in ends) or "?"


def _plain(name: str) -> list[str]:
    """The words of a name, without what looks like a tag."""
    kept, inside = [], False
    for letter in name:
        inside = letter == "<" or (inside and letter != ">")
        kept.append(" " if inside or letter == ">" else letter)
    return "".join(kept).split()


def digest_for(
    tx: Transaction, principal: Principal, *, base_url: str, now: datetime, as_of: date | None = None
) -> Digest | None:
    """``principal``'s digest of a run; None when there is no run. The ledger has whose initials it gives.

    ``now`` is in the district's timezone.
    """
    run = shown_run(tx, as_of)
    if run is None:
        return None
    today = now.date()
    of = run_students.c
    rules = tab_rules(run, today, principal)
    new = _some(tx, principal, run, rules[NEW])
    late = what_waits(tx, principal, today=today).overdue
    overdue = _some(tx, principal, run, of.student_id.in_(late) if late else false())
    wins = _some(tx, principal, run, going_well_rule(), most=MOST_WINS)
    named = {student for found in (new, overdue, wins) for student in found[1]}
    if named:
        record_view(
            tx,
            principal,
            action="digest",
            students=named,
            fields=FIELDS,
            at=now,
            model_version=run.model_version,
        )
    students = tx.execute(scoped(principal, of_run(run, func.count()), of.student_id)).scalar_one()
    return Digest(
        as_of=run.as_of,
        monday=monday_of(run.as_of),
        person=principal.display_name,
        students=students,
        new=new[0],
        overdue=overdue[0],
        wins=wins[0],
        delays=_delays(tx, principal, run),
        link=f"{base_url.rstrip('/')}/list",
    )


def going_well_rule() -> ColumnElement[bool]:
    """Off the list after having been on it, or on it with fewer days missed in the last weeks."""
    of = run_students.c
    left = and_(of.level == NOT_THIS_WEEK, of.previous_level.in_(LISTED))
    return left | and_(of.level.in_(LISTED), of.trend_word == EASING)


def _some(
    tx: Transaction, principal: Principal, run: Run, rule: ColumnElement[bool], most: int = MOST_INITIALS
) -> tuple[Some, tuple[str, ...]]:
    """The students of ``rule`` in sight: how many, the first initials, and whose those are."""
    of = run_students.c
    count = tx.execute(scoped(principal, of_run(run, func.count()), of.student_id).where(rule)).scalar_one()
    first: Select[Any] = scoped(principal, of_run(run, of.student_id, of.display_name), of.student_id)
    rows = tx.execute(first.where(rule).order_by(of.position).limit(most)).all()
    if most == MOST_WINS:
        count = min(count, most)
    return (
        Some(count, tuple(initials_of(row.display_name) for row in rows)),
        tuple(row.student_id for row in rows),
    )


def _delays(tx: Transaction, principal: Principal, run: Run) -> str | None:
    seen = scoped(principal, of_run(run, run_students.c.school_id), run_students.c.student_id).distinct()
    found = tx.execute(
        select(run_schools.c.name, run_schools.c.days_behind).where(
            run_schools.c.run_id == run.run_id, run_schools.c.school_id.in_(seen)
        )
    )
    return stamp((row.name, row.days_behind) for row in found if row.days_behind is not None)


# ---- who wants it -------------------------------------------------------------------------------------


def has_caseload(tx: Transaction, principal: Principal) -> bool:
    """Whether a digest would be about anybody."""
    if principal.staff_id is None:
        return False
    theirs = select(caseloads.c.student_id).where(caseloads.c.staff_id == principal.staff_id).limit(1)
    return tx.execute(theirs).scalar() is not None


def wants_digest(tx: Transaction, account_id: int) -> bool:
    """Whether this person gets the digest; whoever never chose does."""
    chosen = select(digest_choices.c.wanted).where(digest_choices.c.account_id == account_id)
    found = tx.execute(chosen).scalar()
    return True if found is None else bool(found)


def choose_digest(tx: Transaction, principal: Principal, *, wanted: bool, now: datetime) -> bool:
    """This person wants the digest, or does not; False for whoever has no account."""
    if principal.account_id is None:
        return False
    mine = digest_choices.c.account_id == principal.account_id
    content = {"wanted": wanted, "at": now}
    if not tx.execute(digest_choices.update().where(mine).values(**content)).rowcount:
        tx.execute(digest_choices.insert().values(account_id=principal.account_id, **content))
    return True


# ---- as it is read ------------------------------------------------------------------------------------


def as_text(digest: Digest) -> str:
    """The digest as plain text."""
    return _paper(escaped=False).get_template("digest.txt").render(digest=digest, **WORDS)


def as_html(digest: Digest) -> str:
    """The digest as a page of its own, without a picture and without an address but its link."""
    return _paper(escaped=True).get_template("digest.html").render(digest=digest, **WORDS)


def counted(number: int) -> str:
    """``1 student``, ``12 students``."""
    return f"{number:,} {'student' if number == 1 else 'students'}"


def listed(some: Some) -> str:
    """``M. S., L. T. and 3 more``."""
    said = ", ".join(some.initials)
    return f"{said} and {some.more} more" if some.more else said


def day_in_words(day: date) -> str:
    """``Monday 17 November``."""
    return f"{day:%A} {day.day} {day:%B}"


WORDS: Mapping[str, Any] = {"counted": counted, "listed": listed, "day": day_in_words}


def _paper(*, escaped: bool) -> Environment:
    return Environment(
        loader=PackageLoader("ews.support"),
        autoescape=escaped,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
