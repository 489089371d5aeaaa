"""What the demo's people had done by the day of its newest list: programs, a draw, plans, calls, notes,
a team meeting, and students whom their teachers named.

Everything is written by the functions behind the pages' forms, each with the day on which it would have been
done, so the rules hold and the ledger has it. Nothing of it is in the records: what a report says of the
weeks before and after is true of those weeks, and the support had no part in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from functools import partial
from typing import TYPE_CHECKING

from ews.district import cast
from ews.people.access import Principal
from ews.people.accounts import add_account, has_account, list_accounts
from ews.people.roles import TEACHER
from ews.settings import Settings
from ews.store import Transaction, open_store
from ews.support.actions import add_note
from ews.support.contact_log import FAMILY, OUT, STUDENT, log_contact
from ews.support.decisions import decide, decisions_of, mark_done
from ews.support.draws import draw, in_order, open_draw
from ews.support.meeting_plan import call_meeting
from ews.support.named import names_of
from ews.support.nominations import nominate
from ews.support.plan_record import plans_of
from ews.support.plans import Draft, log_session, offer, review, start
from ews.support.programs import keep_program, programs_of
from ews.support.run_files import WEEKS, read_features
from ews.support.runs import shown_run
from ews.support.states import close

if TYPE_CHECKING:
    import pandas as pd

SCHOOL = cast.HIGH
CLUB, BREAKFAST, RECOVERY = "Homework club after school", "Breakfast check-in", "Credit recovery in period 7"
CLUB_PLACES = 15
PROGRAMS = (
    (CLUB, "Targeted", CLUB_PLACES, 60.0),
    (BREAKFAST, "Targeted", 14, 30.0),
    (RECOVERY, "Intensive", 12, 225.0),
)
"""Name, tier, places, minutes a week. Credit recovery begins in January: its places are still to be drawn."""


def weekly(first: date, times: int) -> tuple[date, ...]:
    """The same weekday, so many times."""
    return tuple(first + timedelta(weeks=week) for week in range(times))


HOME_PLAN = "Attendance plan with the family"
KEPT_ON = date(2025, 9, 3)
BREAKFAST_OFFERED, BREAKFAST_DAYS, AT_BREAKFAST = date(2025, 9, 24), weekly(date(2025, 9, 29), 6), 13
CLUB_DRAWN, CLUB_DAYS, IN_THE_DRAW, NOT_TAKEN_UP = date(2025, 10, 2), weekly(date(2025, 10, 7), 5), 22, 2
HOME_PLAN_OFFERED, WITH_A_HOME_PLAN = date(2025, 10, 8), 12
SEED = "two rivers, october 2025"
REVIEWED_ON = date(2025, 11, 7)
SOON, LATER = timedelta(days=3), timedelta(weeks=4)  # after today: the next reviews of what goes on

TALKS = (
    "Mornings are hard: two buses and a little sister to drop off first.",
    "Wakes by himself. A text at 7 would help.",
    "Will come at 7:40 for breakfast and be on time from there.",
    "The family did not know about the late bus. It does now.",
    "Mother works nights; the grandfather will see to mornings.",
    "Wants to be called by the name on the school list, not by the one on the letters.",
)
NOTES = (
    (
        cast.DEVON,
        date(2025, 10, 21),
        "Closes the shop at ten on weekdays. English 3 is the class he does not miss.",
    ),
    (
        cast.NOAH,
        date(2025, 10, 30),
        "First trumpet in the winter concert on 12 December. Band is what he comes for.",
    ),
    (
        cast.AALIYAH,
        date(2025, 11, 10),
        "Won both rounds of debate on Saturday. Asks about the summer institute.",
    ),
    (cast.TARIQ, date(2025, 9, 26), "Knew nobody here in September; eats with the art club now."),
    (
        cast.PRIYA,
        date(2025, 11, 5),
        "At home with her brother when their mother works. Asked about a place for him after school.",
    ),
)
"""What the counselor wrote of the cast. Maribel's page is left to whoever tries the demo."""

MET_CALLED, MET = date(2025, 10, 30), date(2025, 11, 6)
TEAM = "Lorraine Baptiste, Rafael Diaz, Samuel Lee, Grace Lindgren"
DECIDED = (
    (
        cast.HARRIET,
        "Chemistry is made up in the lab at lunch, one experiment a week.",
        "Susan Park",
        "has the lab open on Tuesdays",
        date(2025, 11, 11),
    ),
    (
        cast.ANDRE,
        "Somebody to talk to before the next argument: ten minutes on Mondays.",
        "Grace Lindgren",
        "meets with him",
        None,
    ),
    (
        cast.NOAH,
        "Band stays in his schedule. Algebra help in advisory, twice a week.",
        "Rafael Diaz",
        "asks his Algebra teacher what is still taken",
        None,
    ),
    (
        cast.PRIYA,
        "A place after school for her brother, so that she is not at home with him.",
        "Samuel Lee",
        "calls the elementary school",
        date(2025, 11, 13),
    ),
)
"""What the team decided on 6 November: for whom, what, who does what, and by when it was done."""

EARLIER, TODAY = date(2025, 10, 28), None
NAMED = (
    (cast.ROY, cast.NOAH, EARLIER, "Used to write two pages in his journal. Four weeks now without a line."),
    (cast.PARK, cast.LINH, TODAY, "Was my best in the lab. Sits through the quiz now and hands in nothing."),
)
"""Which teacher named whom, when and why. The counselor wrote of Noah two days later; Linh still waits."""

Act = tuple[datetime, Callable[[datetime], object]]
"""Something that somebody did, and when; it is given the moment."""


@dataclass
class Fall:
    """Where it is written, who acts, and what has come of it.

    plans: student to the number of their plan; meeting: the number of the team's.
    """

    tx: Transaction
    zone: tzinfo
    today: datetime
    counselor: Principal
    principal: Principal
    programs: Mapping[str, int] = field(default_factory=dict)
    plans: dict[str, int] = field(default_factory=dict)
    meeting: int = 0

    def at(self, day: date, hour: int = 15) -> datetime:
        """An afternoon in the district."""
        return datetime.combine(day, time(hour), self.zone)


def live_the_fall(settings: Settings, *, now: datetime) -> None:
    """Write all of it, day by day; ``now`` is today, when what goes on was looked at last."""
    with open_store(settings) as store, store.begin() as tx:
        fall = Fall(
            tx, settings.timezone, now.astimezone(settings.timezone),
            account_of(tx, cast.OKAFOR, now), account_of(tx, cast.BAPTISTE, now),
        )  # fmt: skip
        keep_programs(fall)
        weeks = weeks_of(fall)
        early = most_missed(weeks, before=BREAKFAST_OFFERED)[:AT_BREAKFAST]
        behind = [one for one in lowest_marks(weeks, before=CLUB_DRAWN) if one not in early][:IN_THE_DRAW]
        busy = {*early, *behind}
        late = [one for one in most_missed(weeks, before=HOME_PLAN_OFFERED) if one not in busy]
        acts = [
            *breakfast(fall, early),
            *homework_club(fall, behind),
            *home_plans(fall, late[:WITH_A_HOME_PLAN]),
            *notes(fall),
            *team_meeting(fall),
            *named_by_teachers(fall),
        ]
        for when, act in sorted(acts, key=lambda one: one[0]):
            act(when)


def account_of(tx: Transaction, staff_id: str, now: datetime) -> Principal:
    """One of the staff with an account; who signs in to the demo gets the password when it is served."""
    person = next(
        (one for one in cast.SIGN_INS if one.staff_id == staff_id),
        cast.sign_in(staff_id, TEACHER, "teacher"),
    )
    if not has_account(tx, person.sign_in):
        schools = list(person.schools)
        add_account(tx, person.sign_in, role=person.role, staff_id=staff_id, schools=schools, now=now)
    number = next(one["account_id"] for one in list_accounts(tx) if one["name"] == person.sign_in)
    return Principal(person.sign_in, person.name, person.role, number, staff_id, person.schools)


def keep_programs(fall: Fall) -> None:
    """The school's programs with their places, kept by its principal."""
    for name, tier, places, minutes in PROGRAMS:
        keep_program(
            fall.tx, fall.principal, now=fall.at(KEPT_ON), school_id=SCHOOL, name=name, tier=tier,
            places=places, minutes_week=minutes,
        )  # fmt: skip
    fall.programs = {one.name: one.program_id for one in programs_of(fall.tx, fall.principal)}


# ---- whom it was for ------------------------------------------------------------------------------------


def weeks_of(fall: Fall) -> pd.DataFrame:
    """The school weeks of the counselor's students, but for the cast: their stories are told elsewhere."""
    run = shown_run(fall.tx)
    assert run is not None
    weeks = read_features(fall.tx.home, run.run_id, run.files, WEEKS)
    told = {person.student_id for person in cast.STUDENTS}
    theirs = set(names_of(fall.tx, fall.counselor, weeks["student_id"].unique().tolist())) - told
    return weeks[weeks["student_id"].isin(theirs)]


def most_missed(weeks: pd.DataFrame, *, before: date) -> list[str]:
    """The students by the days they had missed this school year, most first."""
    missed = weeks[this_fall(weeks, before)].groupby("student_id")["days_missed"].sum()
    return [str(one) for one in missed.sort_values(ascending=False, kind="stable").index]


def lowest_marks(weeks: pd.DataFrame, *, before: date) -> list[str]:
    """The students by their marks of this school year so far, lowest first."""
    marks = weeks[this_fall(weeks, before)].groupby("student_id")["marks_mean"].mean().dropna()
    return [str(one) for one in marks.sort_values(kind="stable").index]


def this_fall(weeks: pd.DataFrame, before: date) -> pd.Series[bool]:
    """Which rows are of a week of this school year that was over by a day."""
    monday = before - timedelta(days=before.weekday())
    return (weeks["week_start"] >= date(2025, 8, 1)) & (weeks["week_start"] < monday)


# ---- what was done --------------------------------------------------------------------------------------


def notes(fall: Fall) -> Iterator[Act]:
    """What the counselor wrote down of the cast."""
    for student, day, words in NOTES:
        yield (
            fall.at(day),
            partial(note, fall, student, words),
        )


def note(fall: Fall, student: str, words: str, at: datetime) -> None:
    """One note."""
    add_note(fall.tx, fall.counselor, student, words, now=at, form_id=f"note-{student}")


def team_meeting(fall: Fall) -> Iterator[Act]:
    """The student support team, called a week before; what it decided is written down in the meeting."""
    yield fall.at(MET_CALLED), partial(call_the_team, fall)
    for place, (student, words, adult, does, by) in enumerate(DECIDED):
        told = partial(decided, fall, student, words, adult, does, by)
        yield fall.at(MET, 10) + timedelta(minutes=8 * place), told
        if by:
            yield fall.at(by, 16), partial(done, fall, student)


def call_the_team(fall: Fall, at: datetime) -> None:
    """The meeting with its agenda."""
    number = call_meeting(
        fall.tx, fall.counselor, held_on=MET, begins="10:00", minutes=8, school_id=SCHOOL, attending=TEAM,
        student_ids=[student for student, *_ in DECIDED], form_id="team", now=at,
    )  # fmt: skip
    assert number is not None
    fall.meeting = number


def decided(
    fall: Fall, student: str, words: str, adult: str, does: str, by: date | None, at: datetime
) -> None:
    """What the team decided for one student, and who does what by when."""
    decide(
        fall.tx, fall.counselor, fall.meeting, student, decided=words, adult=adult, does=does, due_on=by,
        form_id=f"decided-{student}", now=at,
    )  # fmt: skip


def done(fall: Fall, student: str, at: datetime) -> None:
    """What was decided for a student is done."""
    told = decisions_of(fall.tx, fall.counselor, fall.meeting)[student][0]
    mark_done(fall.tx, fall.counselor, told.decision_id, now=at)


def named_by_teachers(fall: Fall) -> Iterator[Act]:
    """Students whom a teacher of theirs has named."""
    for teacher, student, day, why in NAMED:
        yield fall.at(day) if day else fall.today, partial(name, fall, teacher, student, why)


def name(fall: Fall, teacher: str, student: str, why: str, at: datetime) -> None:
    """One nomination."""
    who = account_of(fall.tx, teacher, at)
    nominate(fall.tx, who, student, why, now=at, form_id=f"named-{student}")


def breakfast(fall: Fall, students: Sequence[str]) -> Iterator[Act]:
    """Breakfast check-in: some families called, a place offered to each student, then every Monday."""
    offered = fall.at(BREAKFAST_OFFERED)
    for student, words in zip(students, TALKS, strict=False):
        yield offered, partial(call, fall, student, words)
    for place, student in enumerate(students):
        yield (
            offered,
            partial(offer_plan, fall, student, BREAKFAST, "In class at the first bell four days of five"),
        )
        yield from took_part(fall, student, BREAKFAST_DAYS, minutes=30, missed=place % 4)


def call(fall: Fall, student: str, words: str, at: datetime) -> None:
    """A call to the family."""
    log_contact(
        fall.tx, fall.counselor, [student], on=at.date(), channel="phone", direction=OUT, words=words,
        form_id=f"call-{student}", now=at, whom=FAMILY,
    )  # fmt: skip


def offer_plan(fall: Fall, student: str, kind: str, goal: str, at: datetime) -> None:
    """A plan of the counselor's, offered; in a program where the kind of support is one."""
    her, starts_on = fall.counselor, at.date() + timedelta(days=5)
    draft = Draft(
        kind=kind, tier="Targeted", goal=goal, adult=her.display_name, adult_id=her.account_id,
        minutes_week=None, starts_on=starts_on, ends_on=None, review_on=REVIEWED_ON,
        program_id=fall.programs.get(kind),
    )  # fmt: skip
    fall.plans[student] = offer(fall.tx, her, student, draft, now=at, form_id=f"plan-{student}")


def home_plans(fall: Fall, students: Sequence[str]) -> Iterator[Act]:
    """Attendance plans agreed on with families; after four weeks every third goal is met."""
    offered = fall.at(HOME_PLAN_OFFERED)
    for place, student in enumerate(students):
        yield (
            offered,
            partial(offer_plan, fall, student, HOME_PLAN, "No more than one day missed in two weeks"),
        )
        yield offered + timedelta(days=5), partial(begin, fall, student)
        if place % 3:
            yield fall.today, partial(go_on, fall, student, "Fewer days than before the talk.", LATER)
        else:
            why = "One day missed in four weeks."
            yield fall.at(REVIEWED_ON), partial(end, fall, student, "met", why, "met")


def begin(fall: Fall, student: str, at: datetime) -> None:
    """A plan begins that has no sessions."""
    plan = fall.plans[student]
    start(fall.tx, fall.counselor, plan, at.date(), now=at, form_id=f"begins-{plan}")


def homework_club(fall: Fall, wanted: Sequence[str]) -> Iterator[Act]:
    """Homework club: more want in than it has places, so they are drawn; two do not take theirs up."""
    yield fall.at(CLUB_DRAWN, 12), partial(ask_who_wants_in, fall, wanted)
    yield fall.at(CLUB_DRAWN), partial(draw_for_the_club, fall, wanted)
    drawn = in_order(SEED, wanted)[:CLUB_PLACES]
    for place, student in enumerate(drawn[:-NOT_TAKEN_UP]):
        yield from took_part(fall, student, CLUB_DAYS, minutes=60, missed=place % 3)
    for student in drawn[-NOT_TAKEN_UP:]:
        why = "The family did not take the place up."
        yield fall.at(CLUB_DAYS[1]), partial(end, fall, student, "not_met", why, "not_needed")


def ask_who_wants_in(fall: Fall, wanted: Sequence[str], at: datetime) -> None:
    """One entry about all who were asked."""
    log_contact(
        fall.tx, fall.counselor, wanted, on=at.date(), channel="in_person", direction=OUT, form_id="club",
        now=at, whom=STUDENT, words="Asked in advisory who wants a place in the homework club.",
    )  # fmt: skip


def draw_for_the_club(fall: Fall, wanted: Sequence[str], at: datetime) -> None:
    """The draw; each place that is drawn is a plan offered."""
    tx, her = fall.tx, fall.counselor
    number = open_draw(tx, her, fall.programs[CLUB], "", SEED, now=at, form_id="club")
    draw(tx, her, number, wanted, now=at)
    fall.plans |= {
        student: found[0].plan_id for student, found in plans_of(tx, her, wanted).items() if student in wanted
    }


def took_part(
    fall: Fall, student: str, days: Sequence[date], *, minutes: float, missed: int
) -> Iterator[Act]:
    """One student's sessions, and how it stood then: who came every time ends, with others it goes on."""
    absent = set(days[1::2][:missed])
    for day in days:
        yield fall.at(day, 16), partial(session, fall, student, None if day in absent else minutes)
    if missed:
        yield fall.today, partial(go_on, fall, student, "Comes most times.", SOON if missed == 3 else LATER)
    else:
        why = "Came every time, and goes on without us."
        yield fall.at(REVIEWED_ON), partial(end, fall, student, "met", why, "met")


def session(fall: Fall, student: str, minutes: float | None, at: datetime) -> None:
    """One session; ``minutes`` None where the student did not come."""
    log_session(
        fall.tx, fall.counselor, fall.plans[student], on_day=at.date(), minutes=minutes,
        attended=minutes is not None, words="", now=at, form_id=f"session-{student}-{at.date()}",
    )  # fmt: skip


def end(fall: Fall, student: str, outcome: str, words: str, ending: str, at: datetime) -> None:
    """The last review of a plan, and of the follow-up with it."""
    tx, her, plan = fall.tx, fall.counselor, fall.plans[student]
    review(tx, her, plan, outcome, words, again_on=None, now=at, form_id=f"last-{plan}")
    close(tx, her, student, ending, "", now=at, form_id=f"closed-{plan}")


def go_on(fall: Fall, student: str, words: str, again_in: timedelta, at: datetime) -> None:
    """A review of a plan that goes on."""
    plan, again = fall.plans[student], at.date() + again_in
    again += timedelta(days=7 - again.weekday() if again.weekday() > 4 else 0)  # no review on a weekend
    review(fall.tx, fall.counselor, plan, "ongoing", words, again_on=again, now=at, form_id=f"goes-on-{plan}")
