"""The Monday digest: what it says, whom it goes to, and what comes of a server that refuses or dies."""

from __future__ import annotations

import email
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email import policy
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from sqlalchemy import select, update
from support.alder_creek import (
    DIAZ,
    FRIDAY,
    LAST_FRIDAY,
    LINH,
    MARIBEL,
    MONDAY_MORNING,
    NOAH,
    OKAFOR,
    TOWN,
    Person,
    keep,
    roomy,
)
from web.visitor import account_id_of, person_in

from ews.errors import UsageError
from ews.settings import Settings
from ews.store import Store, open_store
from ews.store.digest_tables import digests
from ews.store.tables import ledger, ledger_students, staff
from ews.store.work_tables import follow_ups
from ews.support.actions import acknowledge
from ews.support.digest import as_html, as_text, choose_digest, digest_for, initials_of
from ews.support.digest_post import Outcome, send_digests
from ews.support.runs import shown_run
from ews.support.states import open_for_listed

NOW = MONDAY_MORNING
ADDRESSES = {"t-okafor": "okafor@alder.example", "t-diaz": "diaz@alder.example"}


@dataclass
class Office:
    """A mail server on this machine that keeps what it was given, and may be told to misbehave."""

    port: int = 0
    refuse: str = ""  # the address that it refuses
    refuse_all: str = ""  # what it answers to every message
    taken: list[Any] = field(default_factory=list)

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address == self.refuse:
            return f"550 no such person {address}"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuse_all:
            return self.refuse_all
        self.taken.append(
            (envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=policy.default))
        )
        return "250 OK"


@contextmanager
def standing(office: Office, **more: Any) -> Iterator[Office]:
    """``office`` on a port of its own."""
    with closing(socket.socket()) as trial:
        trial.bind(("127.0.0.1", 0))
        office.port = trial.getsockname()[1]
    controller = Controller(office, hostname="127.0.0.1", port=office.port, **more)
    controller.start()
    try:
        yield office
    finally:
        controller.stop()


@pytest.fixture
def office() -> Iterator[Office]:
    with standing(Office()) as one:
        yield one


@pytest.fixture
def town(settings: Settings) -> Settings:
    """The town scored twice, Maribel on the mend; Ms. Okafor and Mr. Diaz have accounts and addresses."""
    keep(roomy(settings), (MARIBEL, LINH), as_of=LAST_FRIDAY)
    keep(roomy(settings), (replace(MARIBEL, missed=(3, 2, 1, 0)), *TOWN[1:]), as_of=FRIDAY)
    with open_store(settings) as store, store.begin() as tx:
        for who in (OKAFOR, DIAZ):
            account_id_of(tx, who)
        for key, address in ADDRESSES.items():
            tx.execute(update(staff).where(staff.c.staff_id == key).values(email=address))
    return settings


def at(settings: Settings, office: Office, **more: Any) -> Settings:
    """The settings of a district whose mail server is ``office``."""
    mail = {
        "mail.host": "127.0.0.1", "mail.port": office.port, "mail.starttls": False,
        "mail.sender": "support@alder.example", "mail.seconds": 1,
    }  # fmt: skip
    choices = dict(settings.choices) | mail | {f"mail.{name}": value for name, value in more.items()}
    return replace(settings, choices=choices, base_url="https://ews.alder.example/")


def go(settings: Settings, *, send: bool = True, later: timedelta = timedelta()) -> Outcome:
    with open_store(settings) as store:
        return send_digests(settings, store, FRIDAY, now=NOW + later, send=send)


def test_each_gets_one_screen_with_counts_initials_and_a_link(town: Settings, office: Office) -> None:
    outcome = go(at(town, office))
    assert (outcome.sent, outcome.whole) == (2, True)
    _, message = next(one for one in office.taken if one[0] == ["okafor@alder.example"])
    text = message.get_body(("plain",)).get_content()
    html = message.get_body(("html",)).get_content()
    assert message["Subject"].startswith("Your week: ")
    assert "https://ews.alder.example/list" in text
    assert 'href="https://ews.alder.example/list"' in html
    for said in (text, html, message["Subject"]):
        for person in TOWN:
            assert person.name not in said
            assert person.name.split()[-1] not in said
            assert person.student_id not in said
        for word in ("See first", "school days (", "Missed", "%"):
            assert word not in said
    assert len(text.splitlines()) < 25


def test_the_same_week_is_sent_once_and_the_next_one_anew(town: Settings, office: Office) -> None:
    settings = at(town, office)
    assert go(settings).sent == 2
    again = go(settings, later=timedelta(days=1))
    assert (again.sent, again.before) == (0, 2)
    assert len(office.taken) == 2


def test_without_send_nothing_leaves(town: Settings, office: Office) -> None:
    outcome = go(at(town, office), send=False)
    assert (outcome.ready, outcome.sent, office.taken) == (2, 0, [])


def test_a_refused_address_fails_alone_and_a_rerun_sends_only_that_one(
    town: Settings, office: Office
) -> None:
    office.refuse = "diaz@alder.example"
    settings = at(town, office)
    first = go(settings)
    assert (first.sent, dict(first.failed)) == (1, {"the server refused the address": 1})
    assert not any("alder.example" in line for line in first.lines())
    office.refuse = ""
    second = go(settings, later=timedelta(hours=1))
    assert (second.sent, second.before) == (1, 1)
    assert sorted(to[0] for to, _ in office.taken) == sorted(ADDRESSES.values())


def test_a_server_that_refuses_every_message_is_told_without_its_words(
    town: Settings, office: Office
) -> None:
    office.refuse_all = "554 okafor@alder.example looks like spam"
    outcome = go(at(town, office))
    assert dict(outcome.failed) == {"the server refused the message": 2}


def test_a_server_that_does_not_answer_stops_the_others_from_waiting(town: Settings) -> None:
    with closing(socket.socket()) as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(1)
        outcome = go(at(town, Office(deaf.getsockname()[1])))
    assert dict(outcome.failed) == {"the server did not answer": 1}
    assert outcome.not_tried == 1
    assert not outcome.whole


def test_a_server_that_dies_half_way_leaves_the_second_for_the_rerun(town: Settings) -> None:
    class Dying(Office):
        async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
            if self.taken:
                server.transport.close()
                return "421 gone"
            return await super().handle_DATA(server, session, envelope)

    with standing(Dying()) as office:
        first = go(at(town, office))
    assert (first.sent, first.failed.total()) == (1, 1)
    with standing(Office()) as next_day:
        second = go(at(town, next_day), later=timedelta(hours=1))
    assert (second.sent, second.before) == (1, 1)


def test_a_server_that_does_not_encrypt_gets_nothing(town: Settings, office: Office) -> None:
    outcome = go(at(town, office, starttls=True))
    assert dict(outcome.failed) == {"the server does not encrypt": 1}
    assert office.taken == []


def test_the_server_is_signed_in_to_with_the_password_of_the_environment(town: Settings) -> None:
    def knows(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and data.password == b"a quiet word"
        return AuthResult(success=right, handled=False)

    with standing(Office(), authenticator=knows, auth_require_tls=False) as office:
        settings = replace(at(town, office, user="ews"), mail_password="a quiet word")
        assert go(replace(settings, mail_password="wrong")).failed == {"the server refused the sign-in": 1}
        assert go(settings, later=timedelta(hours=1)).sent == 2
    assert "quiet" not in repr(settings)


def test_whoever_stopped_it_gets_none(town: Settings, office: Office) -> None:
    with open_store(town) as store, store.begin() as tx:
        okafor = person_in(tx, OKAFOR)
        assert choose_digest(tx, okafor, wanted=False, now=NOW)
    outcome = go(at(town, office))
    assert (outcome.sent, outcome.opted_out) == (1, 1)
    with open_store(town) as store, store.begin() as tx:
        choose_digest(tx, okafor, wanted=True, now=NOW)
    assert go(at(town, office)).sent == 1


@pytest.mark.parametrize(
    "address", [None, "", "no address", "a@b.example\nBcc: c@d.example", "<a@b.example>"]
)
def test_an_address_that_is_none_is_told_and_not_tried(
    town: Settings, office: Office, address: str | None
) -> None:
    with open_store(town) as store, store.begin() as tx:
        tx.execute(update(staff).where(staff.c.staff_id == "t-okafor").values(email=address))
    outcome = go(at(town, office))
    assert (outcome.sent, dict(outcome.failed)) == (1, {"no usable address on record": 1})


def test_an_attempt_under_way_is_left_alone_and_one_that_died_is_taken_up(
    town: Settings, office: Office
) -> None:
    settings = at(town, office)
    go(settings)
    with open_store(settings) as store, store.begin() as tx:
        tx.execute(update(digests).values(state="sending"))
    assert go(settings, later=timedelta(minutes=5)).sent == 0
    assert go(settings, later=timedelta(minutes=15)).sent == 2


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"host": ""}, "mail.host is not set"),
        ({"sender": ""}, "mail.sender is not set"),
        ({"sender": "us"}, "no e-mail"),
    ],
)
def test_sending_is_off_until_it_is_set(town: Settings, office: Office, changed: Any, says: str) -> None:
    with pytest.raises(UsageError, match=says):
        go(at(town, office, **changed))
    with pytest.raises(UsageError, match="EWS_BASE_URL"):
        go(replace(at(town, office), base_url=""))


def test_those_whose_initials_go_out_are_in_the_ledger(town: Settings, office: Office) -> None:
    go(at(town, office))
    with open_store(town) as store, store.read() as tx:
        named = (
            select(ledger_students.c.student_id)
            .join(ledger, ledger.c.entry == ledger_students.c.entry)
            .where(ledger.c.action == "digest", ledger.c.who == OKAFOR.name)
        )
        assert MARIBEL.student_id in set(tx.execute(named).scalars())


def digest_of(store: Store, people: tuple[Person, ...]) -> Any:
    with store.begin() as tx:
        okafor = person_in(tx, OKAFOR)
        return digest_for(tx, okafor, base_url="http://127.0.0.1", now=NOW)


def test_overdue_are_those_whom_nobody_has_seen_in_five_school_days(settings: Settings) -> None:
    keep(roomy(settings), TOWN, as_of=LAST_FRIDAY, now=NOW - timedelta(days=7))
    keep(roomy(settings), TOWN, as_of=FRIDAY)
    with open_store(settings) as store, store.begin() as tx:
        okafor = person_in(tx, OKAFOR)
        assert digest_for(tx, okafor, base_url="", now=NOW).overdue.count == 0  # type: ignore[union-attr]
        open_for_listed(tx, shown_run(tx).run_id, FRIDAY, now=NOW)  # type: ignore[union-attr]
        tx.execute(update(follow_ups).values(shown_on=LAST_FRIDAY))
        waits = digest_for(tx, okafor, base_url="", now=NOW).overdue  # type: ignore[union-attr]
        assert waits.count == 2
        assert set(waits.initials) == {initials_of(MARIBEL.name), initials_of(LINH.name)}
        acknowledge(tx, okafor, MARIBEL.student_id, as_of=FRIDAY, now=NOW, form_id="a")
        assert digest_for(tx, okafor, base_url="", now=NOW).overdue.count == 1  # type: ignore[union-attr]


def test_wins_are_three_and_late_data_are_told(settings: Settings) -> None:
    easing = tuple(Person(f"Child Number{c}", MARIBEL.p, missed=(4, 3, 1, 0)) for c in "ABCD")
    growing = Person("Away Lately", {"attendance": 0.99}, missed=(0, 0, 2, 4))
    keep(roomy(settings), (growing, *easing), behind={"alder": 6})
    with open_store(settings) as store:
        found = digest_of(store, (growing, *easing))
    assert found.wins.initials == ("C. N.",) * 3 and found.wins.count == 3, "who misses more is no win"
    assert "Alder Creek High by 6 school days" in as_text(found)


def test_odd_names_give_letters_only(settings: Settings) -> None:
    assert initials_of("<script>alert(1)</script> Null") == "A. N."
    assert initials_of("\u202eمريم الزهراء")[0] == "م"
    assert initials_of("O'Brien 李") == "O. 李."
    keep(roomy(settings), [Person("<script>alert(1)</script> Null", MARIBEL.p), NOAH])
    with open_store(settings) as store:
        found = digest_of(store, ())
    assert "<script" not in as_html(found)
