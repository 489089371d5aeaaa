"""One question to all teachers: the form, the answers gathered, and what a teacher was asked."""

from __future__ import annotations

from datetime import datetime

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from ews.errors import UsageError
from ews.people.roles import Act, who_do
from ews.store.store import Transaction
from ews.support.question_views import ask_view, asked_view, question_view, questions_view
from ews.support.questions import answer_question, ask_teachers, remind_teachers, take_question_back
from ews.web import problems
from ews.web.desk import Desk, both_faces, for_staff
from ews.web.faces import answer
from ews.web.forms import day_in, form_id, said
from ews.web.routes import Guarded, Policy, Who, address
from ews.web.taking import form_endpoint

WHO_ASKS = Policy(Who.staff, roles=who_do(Act.ASK_TEACHERS))
WHO_ANSWERS = Policy(Who.staff, roles=who_do(Act.ANSWER_QUESTIONS))


def routes(desk: Desk) -> list[Guarded]:
    """The pages and forms of those who ask, and of those who are asked."""
    ask = "/students/{student_id:path}/ask"
    forms = {
        ask: (take_question, WHO_ASKS),
        "/questions/{question_id:int}/remind": (take_reminder, WHO_ASKS),
        "/questions/{question_id:int}/undo": (take_back_question, WHO_ASKS),
        "/asked/{question_id:int}": (take_answer, WHO_ANSWERS),
    }
    return [
        address(ask, for_staff(desk, show_form), WHO_ASKS, name="ask"),
        *both_faces(desk, "/questions", show_questions, WHO_ASKS),
        *both_faces(desk, "/questions/{question_id:int}", show_question, WHO_ASKS),
        *both_faces(desk, "/asked", show_asked, WHO_ANSWERS),
        *(
            address(path, form_endpoint(desk, take), policy, ("POST",), name=take.__name__)
            for path, (take, policy) in forms.items()
        ),
    ]


def show_form(desk: Desk, request: Request) -> Response:
    """The form for asking about one student."""
    with desk.store.begin() as tx:
        view = ask_view(tx, request.state.principal, request.path_params["student_id"], now=desk.now())
    if view is None:
        return desk.refuse(request, problems.NOT_FOUND)
    return answer(request, "ask.html", view, desk.frame(request, "questions"))


def show_questions(desk: Desk, request: Request) -> Response:
    """Every question about one's students."""
    with desk.store.begin() as tx:
        view = questions_view(tx, request.state.principal, now=desk.now())
    return answer(request, "questions.html", view, desk.frame(request, "questions"))


def show_question(desk: Desk, request: Request) -> Response:
    """One question with its answers gathered."""
    with desk.store.begin() as tx:
        view = question_view(tx, request.state.principal, request.path_params["question_id"], now=desk.now())
    if view is None:
        return desk.refuse(request, problems.NOT_FOUND)
    return answer(request, "question.html", view, desk.frame(request, "questions"))


def show_asked(desk: Desk, request: Request) -> Response:
    """What the person who looks was asked."""
    with desk.store.begin() as tx:
        view = asked_view(tx, request.state.principal, now=desk.now())
    return answer(request, "asked.html", view, desk.frame(request, "asked"))


def take_question(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool | str:
    """A question to all teachers; then on to where the answers gather."""
    due_on = day_in(said(sent, "due_on"))
    if due_on is None:
        raise UsageError("The form does not say by which day.", "Choose the day before you meet.")
    number = ask_teachers(
        tx,
        request.state.principal,
        request.path_params["student_id"],
        said(sent, "question"),
        due_on=due_on,
        now=now,
        form_id=form_id(sent),
    )
    return f"/questions/{number}" if number else False


def take_answer(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool:
    """A teacher's answer."""
    return answer_question(
        tx,
        request.state.principal,
        request.path_params["question_id"],
        said(sent, "answer"),
        now=now,
        form_id=form_id(sent),
    )


def take_reminder(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool:
    """A reminder to whoever has not answered."""
    return remind_teachers(tx, request.state.principal, request.path_params["question_id"], now=now)


def take_back_question(tx: Transaction, request: Request, sent: FormData, now: datetime) -> bool:
    """One's own question taken back before anybody answered."""
    return take_question_back(tx, request.state.principal, request.path_params["question_id"], now=now)
