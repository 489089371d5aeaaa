"""Letters home on the pages: the family, a draft, the second look, the print, and what was sent to whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from ews.errors import EwsError
from ews.people.ledger import record_view
from ews.people.roles import Act, who_do
from ews.store.store import Transaction
from ews.support.families import languages_due
from ews.support.letter_acts import (
    Draft,
    hand_letter_in_again,
    review_letter,
    send_letter,
    take_letter_back,
    write_letter,
)
from ews.support.letter_rules import Rules
from ews.support.letter_text import ENGLISH, OFFERS, LetterLanguage, language_name, languages, letter_language
from ews.support.letter_views import FamilyView, LetterView, family_view, letter_view
from ews.support.letters import (
    DRAFT,
    RELEASED,
    SENT,
    Letter,
    letter_of,
    open_letters,
    schools_of_ones_students,
)
from ews.support.pupil import Pupil, pupil_of
from ews.support.runs import shown_run
from ews.web import problems
from ews.web.desk import Desk, both_faces, for_staff
from ews.web.faces import answer, page
from ews.web.forms import day_in, form_id, number_in, said
from ews.web.printing import NO_PANGO, NoPango, pdf_answer, pdf_of
from ews.web.routes import Guarded, Policy, Who, address
from ews.web.taking import form_endpoint

WHO_WRITES = Policy(Who.staff, roles=who_do(Act.WRITE_HOME))
WHO_READS = Policy(Who.staff, roles=who_do(Act.WRITE_HOME) | who_do(Act.RELEASE_LETTERS))
TYPED = ("fact", "offer", "weekday", "at", "room", "person", "phone", "language")
WHO_RELEASES = Policy(Who.staff, roles=who_do(Act.RELEASE_LETTERS))


@dataclass(frozen=True)
class LanguageChoice:
    """A language that a letter can be in, and who has approved it; empty when nobody has."""

    language: LetterLanguage
    approval: str


@dataclass(frozen=True)
class FamilyPage:
    """A student's family and letters, with what the form offers.

    typed: what was typed into the form that was not taken, or chosen for the letter that is written anew, by
    field; problem: why it was not taken, and what to do. instead_of: the letter that is written anew.
    """

    view: FamilyView
    choices: tuple[LanguageChoice, ...]
    offers: Mapping[str, str]
    typed: Mapping[str, str]
    problem: str = ""
    instead_of: int = 0


@dataclass(frozen=True)
class OpenLetter:
    """A letter that waits for somebody, and about whom it is."""

    letter: Letter
    pupil: Pupil


@dataclass(frozen=True)
class DueLanguage:
    """A language in which a school's notices are due. known: whether there are letters in it here."""

    school_name: str
    language: str
    of_ten: int
    counted_on: date
    known: bool


@dataclass(frozen=True)
class LettersPage:
    """The letters that wait, the languages due at the schools in sight, and the state of each language.

    with_writer: one's own that were taken back or returned, and stand in no newer letter's place yet.
    """

    with_writer: tuple[OpenLetter, ...]
    waiting: tuple[OpenLetter, ...]
    released: tuple[OpenLetter, ...]
    due: tuple[DueLanguage, ...]
    schools: tuple[str, ...]
    choices: tuple[LanguageChoice, ...]


def routes(desk: Desk) -> list[Guarded]:
    """The addresses of letters, looked for before the student's own page."""
    return [
        *both_faces(desk, "/letters", show_open, WHO_READS),
        *both_faces(desk, "/letters/{letter_id:int}", show_letter, WHO_READS),
        address(
            "/letters/{letter_id:int}/letter.pdf", for_staff(desk, show_pdf), WHO_READS, name="letter-pdf"
        ),
        address(
            "/letters/{letter_id:int}/print", for_staff(desk, show_print), WHO_READS, name="print-letter"
        ),
        address(
            "/letters/{letter_id:int}/review",
            form_endpoint(desk, partial(take_review, desk)),
            WHO_RELEASES,
            ("POST",),
            name="review-letter",
        ),
        *(
            address(
                f"/letters/{{letter_id:int}}/{act}",
                form_endpoint(desk, take),
                WHO_WRITES,
                ("POST",),
                name=take.__name__,
            )
            for act, take in {"back": take_back, "again": take_again}.items()
        ),
        address(
            "/letters/{letter_id:int}/sent",
            form_endpoint(desk, take_sending),
            WHO_WRITES,
            ("POST",),
            name="letter-sent",
        ),
        *both_faces(desk, "/students/{student_id:path}/letters", show_family, WHO_WRITES),
        address(
            "/students/{student_id:path}/letters",
            form_endpoint(desk, take_letter, show_again),
            WHO_WRITES,
            ("POST",),
            name="write-letter",
        ),
    ]


def rules_of(desk: Desk) -> Rules:
    """The district's rules; in the demo every language may be released, and the pages say so."""
    return Rules.of(desk.settings, for_show=desk.made_up)


def choices(desk: Desk) -> tuple[LanguageChoice, ...]:
    """Every language with its approval."""
    rules = rules_of(desk)
    return tuple(LanguageChoice(one, rules.approval(one.code)) for one in languages().values())


# ---- looking -----------------------------------------------------------------------------------------


def show_family(desk: Desk, request: Request) -> Response:
    """The family of a student; the same 404 for a stranger's student and for nobody.

    ``from`` in the address is the number of a letter of one's own, whose choices the form then has.
    """
    anew = number_in(request.query_params.get("from", ""))
    return drawn_family(desk, request, {}, anew=anew) or desk.refuse(request, problems.NOT_FOUND)


def show_again(desk: Desk, request: Request, sent: FormData, error: EwsError) -> Response | None:
    """The same page with what was typed, and why it was not taken."""
    typed = {name: said(sent, name) for name in TYPED}
    return drawn_family(desk, request, typed, str(error), anew=number_in(said(sent, "instead_of")))


def drawn_family(
    desk: Desk, request: Request, typed: Mapping[str, str], problem: str = "", *, anew: int = 0
) -> Response | None:
    """The page of a family; None when the student is not theirs."""
    principal = request.state.principal
    with desk.store.begin() as tx:
        view = family_view(tx, principal, request.path_params["student_id"], now=desk.now())
        letter = letter_of(tx, principal, anew) if anew else None
    if view is None:
        return None
    if letter is not None and letter.mine and letter.student_id == view.pupil.student_id:
        typed = typed or letter.chosen
    else:
        anew = 0
    usual = {
        "fact": view.facts[0].code,
        "offer": next(iter(OFFERS)),
        "person": principal.display_name,
        "language": view.language or ENGLISH,
    }
    found = FamilyPage(
        view,
        choices(desk),
        {code: title for code, (title, _) in OFFERS.items()},
        {name: typed.get(name, usual.get(name, "")) for name in TYPED},
        problem,
        anew,
    )
    frame = desk.frame(request, "letters")
    return answer(request, "family.html", found, frame, 400 if problem else 200)


def show_letter(desk: Desk, request: Request) -> Response:
    """One letter; the same 404 for one about a stranger's student and for none."""
    view = looked_at(desk, request)
    if view is None:
        return desk.refuse(request, problems.NOT_FOUND)
    return answer(request, "letter.html", view, desk.frame(request, "letters"))


def show_print(desk: Desk, request: Request) -> Response:
    """A released letter alone, for the printer; one that nobody has released is not there to be printed."""
    view = looked_at(desk, request)
    if view is None or view.letter.state not in (RELEASED, SENT):
        return desk.refuse(request, problems.NOT_FOUND)
    return answer(request, "letter_print.html", view, desk.frame(request, "letters"))


def show_pdf(desk: Desk, request: Request) -> Response:
    """The same letter as a PDF."""
    view = looked_at(desk, request)
    if view is None or view.letter.state not in (RELEASED, SENT):
        return desk.refuse(request, problems.NOT_FOUND)
    try:
        content = pdf_of(page("printed/letter.html", view, desk.frame(request, "letters")))
    except NoPango:
        return desk.refuse(request, NO_PANGO)
    return pdf_answer(content, f"letter-{view.letter.letter_id}")


def looked_at(desk: Desk, request: Request) -> LetterView | None:
    """The letter in the address, for whoever asks."""
    with desk.store.begin() as tx:
        return letter_view(
            tx,
            request.state.principal,
            request.path_params["letter_id"],
            rules_of(desk),
            now=desk.now(),
        )


def show_open(desk: Desk, request: Request) -> Response:
    """The letters that wait for their writer, a look or sending, and in which languages notices are due."""
    principal = request.state.principal
    with desk.store.begin() as tx:
        waiting = open_with_pupils(tx, request)
        schools = schools_of_ones_students(tx, principal)
        due = languages_due(tx, tuple(schools))
        record_view(
            tx,
            principal,
            action="letters",
            students={one.pupil.student_id for one in waiting},
            fields=("name", "grade", "letters"),
            at=desk.now(),
        )
    found = LettersPage(
        with_writer=tuple(one for one in waiting if one.letter.state not in (DRAFT, RELEASED)),
        waiting=tuple(one for one in waiting if one.letter.state == DRAFT),
        released=tuple(one for one in waiting if one.letter.state == RELEASED),
        due=tuple(
            DueLanguage(
                schools[one.school_id],
                language_name(one.language),
                round(10 * one.share),
                one.counted_on,
                letter_language(one.language) is not None,
            )
            for one in due
        ),
        schools=tuple(schools.values()),
        choices=choices(desk),
    )
    return answer(request, "letters.html", found, desk.frame(request, "letters"))


def open_with_pupils(tx: Transaction, request: Request) -> list[OpenLetter]:
    """The letters that wait, with the students as the newest run names them."""
    run = shown_run(tx)
    found = []
    for letter in open_letters(tx, request.state.principal) if run else ():
        pupil = pupil_of(tx, run, letter.student_id) if run else None
        if pupil is not None:
            found.append(OpenLetter(letter, pupil))
    return found


# ---- doing -------------------------------------------------------------------------------------------


def take_letter(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool | str:
    """A draft; then the letter's own page."""
    draft = Draft(
        language=said(sent, "language") or ENGLISH,
        fact=said(sent, "fact"),
        offer=said(sent, "offer"),
        person=said(sent, "person"),
        phone=said(sent, "phone"),
        weekday=int(said(sent, "weekday")) if said(sent, "weekday") in ("0", "1", "2", "3", "4") else None,
        at=time_in(said(sent, "at")),
        room=said(sent, "room"),
    )
    student = request.path_params["student_id"]
    number = write_letter(
        tx,
        request.state.principal,
        student,
        draft,
        now=now,
        form_id=form_id(sent),
        instead_of=number_in(said(sent, "instead_of")),
    )
    return f"/letters/{number}" if number else False


def take_back(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool:
    """One's own letter is a draft again."""
    return take_letter_back(tx, request.state.principal, request.path_params["letter_id"], now=now)


def take_again(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool:
    """It waits for a second look after all, as it was written."""
    return hand_letter_in_again(tx, request.state.principal, request.path_params["letter_id"], now=now)


def take_review(desk: Desk, tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool | str:
    """The second look."""
    letter = request.path_params["letter_id"]
    done = review_letter(
        tx,
        request.state.principal,
        letter,
        release=said(sent, "verdict") == "release",
        confirmed={str(one) for one in sent.getlist("confirm")},
        words=said(sent, "words"),
        rules=rules_of(desk),
        now=now,
    )
    return f"/letters/{letter}" if done else False


def take_sending(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool | str:
    """A letter went."""
    letter = request.path_params["letter_id"]
    done = send_letter(
        tx,
        request.state.principal,
        letter,
        said(sent, "guardian"),
        sent_on=day_in(said(sent, "sent_on")) or now.date(),
        now=now,
        form_id=form_id(sent),
    )
    return f"/letters/{letter}#sent" if done else False


def time_in(text: str) -> time | None:
    """The time of day that ``text`` names, if it names one."""
    try:
        return time.fromisoformat(text)
    except ValueError:
        return None


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a letter, its title first."""
    return text.split("\n\n")


IN_TEMPLATES = {"paragraphs": paragraphs}
