"""Every address and method, for every kind of person: made from the app's own routes, so new ones are in it.

Fifteen who ask: the twelve roles, a stranger, somebody whose account was disabled, an information system. A
student may be their own, of another caseload, of another school, nobody at all, or no id that can be. What
is not theirs and what is not there must be the same bytes, and no answer may hold a name or an id of
somebody out of sight. Forms are filled as the pages offer them.
"""

from __future__ import annotations

import re
import secrets
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
from databases import ground
from sqlalchemy import JSON, Boolean, Column, Date, Float, Integer, Table, func, select, update
from support.alder_creek import (
    ANA,
    FRIDAY,
    HIGH,
    LINH,
    MARIBEL,
    MIDDLE,
    NOAH,
    SOFIA,
    TOWN,
    XIMENA,
    keep,
    roomy,
)
from web.calling import NOW, apart
from web.visitor import OWN, account_id_of

from ews.people.access import Principal
from ews.people.clients import add_client, issue_token
from ews.people.roles import ROLES, Act, role_of
from ews.people.sessions import open_session
from ews.store import Transaction
from ews.store.sight_tables import circumstances, teaching
from ews.store.tables import METADATA, Instant, accounts, caseloads, run_students, runs, scores
from ews.web.app import open_inside
from ews.web.cookies import form_token
from ews.web.door import Door
from ews.web.inside import Inside
from ews.web.routes import Address, Who

IN_HIGH = (MARIBEL, LINH, SOFIA, NOAH, XIMENA)
SIGHT = {
    "counselor": (MARIBEL, LINH, NOAH, XIMENA),
    "case_manager": (MARIBEL,),
    "teacher": (MARIBEL,),
    "school_administrator": IN_HIGH,
    "support_team": IN_HIGH,
    "attendance_coordinator": IN_HIGH,
    "learner_coordinator": (MARIBEL,),
    "liaison": (MARIBEL,),
    "district_analyst": TOWN,
    "equity_reviewer": (),
    "auditor": (),
    "system_administrator": (),
}
STAFF_IDS = {"counselor": "t-okafor", "case_manager": "t-case", "teacher": "t-roy"}
STRANGER, DISABLED, CLIENT = "stranger", "disabled", "client"
EVERYBODY = (*ROLES, STRANGER, DISABLED, CLIENT)
STUDENTS = {"own": MARIBEL.student_id, "other caseload": SOFIA.student_id, "other school": ANA.student_id}
MISSING, MALFORMED = "no-such-student", "..%2F%00 x"
NO_NUMBER, OTHERS_NUMBER = 999_999_999, 777_000_777
REFUSED = {400, 401, 403, 404, 405, 409, 413, 422, 429, 503}


@dataclass
class Form(HTMLParser):
    """The forms of a page: where each goes, and the fields it would send when filled in."""

    found: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    choosing: str = ""

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in given}
        name = has.get("name", "")
        if tag == "form":
            self.actions, self.fields = [has["action"]] if "action" in has else [], {}
        elif tag in ("button", "input") and "formaction" in has:
            self.actions.append(has["formaction"])
        if not name:
            return
        if tag == "textarea":
            self.fields[name] = "Somebody wrote this."
        elif tag == "select":
            self.choosing = name
        elif tag == "input":
            later = str(FRIDAY + timedelta(days=7))
            self.fields[name] = has.get("value") or (later if has.get("type") == "date" else "Some words")
        elif tag == "button":
            self.fields.setdefault(name, has.get("value", ""))
        if tag == "select":
            self.fields.setdefault(name, "")

    def handle_startendtag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.found += [(action, dict(self.fields)) for action in self.actions]


class Options(Form):
    """The same, with the first choice of every list taken."""

    def handle_starttag(self, tag: str, given: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, given)
        value = dict(given).get("value")
        if tag == "option" and value and self.choosing and not self.fields.get(self.choosing):
            self.fields[self.choosing] = value


@dataclass
class Asker:
    """Somebody who asks, with the headers of a session or a token, made anew when it has ended."""

    who: str
    inside: Inside
    account_id: int | None = None
    secret: str = ""
    token: str = ""

    def headers(self) -> dict[str, str]:
        """What this one sends with every request."""
        if self.who == CLIENT:
            return {"authorization": f"Bearer {self.token}"}
        if self.account_id is None:
            return {}
        with self.inside.store.begin() as tx:
            self.secret, _ = open_session(tx, self.account_id, now=NOW, hours=9)
            disabled = NOW if self.who == DISABLED else None
            tx.execute(
                update(accounts)
                .where(accounts.c.account_id == self.account_id)
                .values(disabled_at=disabled, must_change=False)
            )
        return {"cookie": f"ews={self.secret}"}


@dataclass(frozen=True)
class Answered:
    """One answer. ``sent`` is all that was in the request: an answer may say that back to whoever sent it.

    kept: headers by which a browser or a proxy could keep it, or know it again.
    """

    status: int
    text: str
    sent: str
    kept: frozenset[str]

    @classmethod
    def of(cls, answer: httpx.Response, sent: str) -> Answered:
        kept = {name for name in ("etag", "last-modified", "expires") if name in answer.headers}
        kept |= set() if answer.headers["cache-control"] == "no-store" else {"cache-control"}
        told = answer.text + answer.headers.get("location", "")
        return cls(answer.status_code, told, sent, frozenset(kept))

    def without(self, asked_about: object) -> tuple[int, str]:
        """What two answers are compared by: all of it but for the id that was asked about."""
        return self.status, self.text.replace(quote(str(asked_about), safe=""), "?")


def principal_of(who: str) -> Principal:
    role = "counselor" if who == DISABLED else who
    return Principal(f"{who}@x", who, role, staff_id=STAFF_IDS.get(role), school_ids=(HIGH,))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Inside]:
    """The town behind the whole app, with somebody of every role, and rows about others in every table."""
    from places import settings_in

    settings = ground(settings_in(tmp_path_factory.mktemp("matrix")), pytestconfig)
    keep(roomy(settings), TOWN)
    inside = open_inside(settings)
    inside.clock = lambda: NOW
    with inside.store.begin() as tx:
        tx.execute(caseloads.insert().values(staff_id="t-case", student_id="maribel-santos", role="case"))
        tx.execute(teaching.insert().values(staff_id="t-roy", student_id="maribel-santos"))
        tx.execute(teaching.insert().values(staff_id="t-park", student_id="ana-reyes"))
        for student, kind in (("maribel-santos", "foster"), ("maribel-santos", "learner"),
                              ("ana-reyes", "homeless"), ("ana-reyes", "learner")):  # fmt: skip
            tx.execute(circumstances.insert().values(student_id=student, kind=kind))
    yield inside
    inside.close()


@pytest.fixture(scope="module")
def askers(town: Inside) -> dict[str, Asker]:
    """Everybody who asks."""
    found = {}
    with town.store.begin() as tx:
        for who in EVERYBODY:
            asker = Asker(who, town)
            if who == CLIENT:
                client = add_client(tx, "SIS", scopes=("scores.compute",), schools=(HIGH,), now=NOW)
                asker.token = issue_token(tx, client.client_id, client.secret, now=NOW, minutes=60).token
            elif who != STRANGER:
                asker.account_id = account_id_of(tx, principal_of(who))
            found[who] = asker
    return found


def addresses(inside: Inside) -> list[tuple[Address, str]]:
    """Every address with each of its methods."""
    return [
        (route, method)
        for route in inside.addresses.routes
        if isinstance(route, Address)
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


def path_of(route: Address, values: Mapping[str, Any]) -> str:
    """The address with its parts filled in; what is not given is nothing that there is."""

    def part(match: re.Match[str]) -> str:
        name, _, kind = match[1].partition(":")
        if name in values:
            value = str(values[name])
            return value if value == MALFORMED else quote(value, safe="")
        return str(NO_NUMBER) if kind == "int" else "nothing-here"

    return re.sub(r"\{([^}]+)\}", part, route.path)


def allowed(route: Address, who: str) -> bool:
    """Whether the policy of ``route`` lets ``who`` in."""
    policy = route.policy
    if policy.who is Who.anyone:
        return True
    if who in (STRANGER, DISABLED):
        return False
    if who == CLIENT:
        return policy.who in (Who.client, Who.known) and policy.scope in (None, "scores.compute")
    return policy.who in (Who.staff, Who.known) and (policy.roles is None or who in policy.roles)


async def offered(
    inside: Inside, http: httpx.AsyncClient, askers: Mapping[str, Asker]
) -> dict[str, dict[str, str]]:
    """Pattern to the fields that a page offers to be sent there, from the pages that people open."""
    fields: dict[str, dict[str, str]] = {}
    for who in ("counselor", "school_administrator", "system_administrator", "teacher", "auditor"):
        headers = askers[who].headers() | {"accept": "text/html"}
        for route, method in addresses(inside):
            if method != "GET" or route.path.endswith((".json", ".csv")) or not allowed(route, who):
                continue
            page = await http.get(path_of(route, {"student_id": STUDENTS["own"]}), headers=headers)
            reader = Options()
            reader.feed(page.text)
            for action, filled in reader.found:
                scope = {"type": "http", "method": "POST", "path": urlsplit(action).path}
                found = inside.addresses.find(scope)
                if found.route is not None:
                    fields.setdefault(found.route.path, filled)
    return fields


async def asked(
    http: httpx.AsyncClient,
    asker: Asker,
    method: str,
    path: str,
    filled: Mapping[str, str],
    headers: Mapping[str, str],
) -> Answered:
    """One request as a browser would send it; the same form twice has the same id, as when sent twice."""
    more: dict[str, Any] = {"headers": {"accept": "text/html", **headers}}
    if method != "GET":
        more["headers"] |= OWN
        token = {"form_token": form_token(asker.secret), "form_id": f"form of {asker.who}", "back": "/list"}
        more["data"] = {**filled, **token}
    answer = await http.request(method, path, **more)
    return Answered.of(answer, " ".join([path, *filled.values()]))


def leaks(answer: Answered, who: str) -> list[str]:
    """Whoever is out of sight and stands in the answer all the same."""
    seen = SIGHT.get(who, ())
    named = "names" in role_of(who).sees
    unseen = [(one.name, one.name) for one in TOWN if one not in seen or not named]
    unseen += [(one.name, one.student_id) for one in TOWN if one not in seen]
    return [name for name, said in unseen if said in answer.text and said not in answer.sent]


def test_every_address_for_everybody(town: Inside, askers: dict[str, Asker]) -> None:
    assert set(SIGHT) == set(ROLES) and len(EVERYBODY) == 15
    troubles: list[str] = []
    opened: defaultdict[str, int] = defaultdict(int)
    apart(walk, town, askers, troubles, opened)
    assert not troubles, "\n".join(troubles[:40])
    assert opened["counselor"] > 6 and opened["teacher"] >= 2, "somebody opens their own students"
    assert not any(opened[who] for who in EVERYBODY if not SIGHT.get(who)), "and nobody else anybody"


async def walk(
    town: Inside, askers: Mapping[str, Asker], troubles: list[str], opened: defaultdict[str, int]
) -> None:
    """Every address, method, asker and student; what is wrong goes into ``troubles``."""
    transport = httpx.ASGITransport(app=Door(town, town))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:3100") as http:
        fields = await offered(town, http, askers)
        for route, method in addresses(town):
            filled = fields.get(route.path, {})
            for who, asker in askers.items():
                headers = asker.headers()
                found = await round_of(http, route, method, asker, filled, headers, opened)
                for title, told in found.items():
                    troubles.extend(f"{who}: {method} {route.path} ({title}): {trouble}" for trouble in told)


async def round_of(
    http: httpx.AsyncClient,
    route: Address,
    method: str,
    asker: Asker,
    filled: Mapping[str, str],
    headers: Mapping[str, str],
    opened: defaultdict[str, int],
) -> dict[str, list[str]]:
    """One address for one asker: what is wrong, by which student it was asked about."""
    who, troubles = asker.who, defaultdict(list)

    async def ask(student: str) -> Answered:
        return await asked(http, asker, method, path_of(route, {"student_id": student}), filled, headers)

    about = STUDENTS if "student_id" in route.param_convertors else {"nobody in particular": ""}
    missing = await ask(MISSING)
    for title, student in about.items():
        answer = await ask(student)
        troubles[title] += [f"leaks {name}" for name in leaks(answer, who)]
        own_way = answer.status == 200 or (method == "POST" and answer.status == 303)
        opened[who] += title == "own" and own_way
        if answer.status == 500:
            troubles[title].append("breaks")
        if answer.kept:
            troubles[title].append(f"can be kept: {sorted(answer.kept)}")
        if not allowed(route, who) and not turned_away(answer, who):
            troubles[title].append(f"is answered with {answer.status}")
        if title in STUDENTS and allowed(route, who) and route.policy.who is Who.staff:
            visible = student in [one.student_id for one in SIGHT.get(who, ())]
            alike = answer.without(student) == missing.without(MISSING)
            if not visible and (not alike or answer.status not in REFUSED):
                troubles[title].append(f"differs from nobody: {answer.status}, {missing.status}")
            if (
                visible
                and title == "own"
                and route.path == "/students/{student_id:path}"
                and answer.status != 200
            ):
                troubles[title].append(f"does not open: {answer.status}")
    if "student_id" in route.param_convertors:
        broken = await ask(MALFORMED)
        if broken.status not in REFUSED and not turned_away(broken, who):
            troubles["malformed"].append(f"is answered with {broken.status}")
    return troubles


def turned_away(answer: Answered, who: str) -> bool:
    """Whether somebody was not let in: told so, or sent to sign in."""
    sent_to_sign_in = answer.status == 303 and answer.text.startswith("/signin")
    return answer.status in (401, 403, 404) or (sent_to_sign_in and who in (STRANGER, DISABLED))


# ---- forms of others --------------------------------------------------------------------------------


def test_no_form_of_another_site_and_none_without_this_session_s_token_does_anything(
    town: Inside, askers: dict[str, Asker]
) -> None:
    troubles: list[str] = []
    forms, before, after = apart(walk_forms, town, askers, troubles)
    assert not troubles, "\n".join(troubles)
    assert forms > 50 and before == after


async def walk_forms(
    town: Inside, askers: Mapping[str, Asker], troubles: list[str]
) -> tuple[int, dict[str, int], dict[str, int]]:
    """How many addresses take a form, and the rows there were before and after somebody who may sent them."""
    transport = httpx.ASGITransport(app=Door(town, town))
    forms = 0
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:3100") as http:
        fields = await offered(town, http, askers)
        before = rows_in(town)
        for route, method in addresses(town):
            if method != "POST" or route.policy.who is Who.client or route.path == "/oauth/token":
                continue
            asker = next(askers[who] for who in ROLES if allowed(route, who))
            forms += 1
            headers = asker.headers() | {"accept": "text/html"}
            path = path_of(route, {"student_id": STUDENTS["own"]})
            filled = fields.get(route.path, {}) | {"form_id": "another site's", "back": "/list"}
            mine = {"form_token": form_token(asker.secret)}
            for title, (origin, token) in {
                "of another site": ({"origin": "https://elsewhere.example"}, mine),
                "with another's token": (OWN, {"form_token": form_token("another session")}),
            }.items():
                answer = await http.post(path, data=filled | token, headers=headers | origin)
                if answer.status_code != 403:
                    troubles.append(f"{route.path}, a form {title}: {answer.status_code}")
    return forms, before, rows_in(town)


def rows_in(town: Inside) -> dict[str, int]:
    """How many rows each table has, but for sessions, which the askers begin."""
    with town.store.read() as tx:
        return {
            table.name: tx.execute(select(func.count()).select_from(table)).scalar_one()
            for table in METADATA.tables.values()
            if table.name != "sessions"
        }


# ---- things that have a number of their own ---------------------------------------------------------


def test_a_thing_about_a_student_out_of_sight_is_as_if_it_were_not(
    town: Inside, askers: dict[str, Asker]
) -> None:
    """A note, a letter, a contact: rows about Ana are put into every table that an address counts by."""
    numbers = {name for route, _ in addresses(town) for name in route.param_convertors}
    with town.store.begin() as tx:
        theirs = {name: row for name in sorted(numbers) if (row := row_about(tx, name)) is not None}
    assert "action_id" in theirs
    apart(walk_numbers, town, askers, theirs)


async def walk_numbers(town: Inside, askers: Mapping[str, Asker], theirs: Mapping[str, int]) -> None:
    """Every address with such a number: Ana's and one that there is not are answered alike."""
    transport = httpx.ASGITransport(app=Door(town, town))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:3100") as http:
        fields = await offered(town, http, askers)
        for route, method in addresses(town):
            for name in set(route.param_convertors) & set(theirs):
                for who, asker in askers.items():
                    if ANA in SIGHT.get(who, ()):
                        continue
                    headers, filled = asker.headers(), fields.get(route.path, {})
                    answers = [
                        await asked(http, asker, method, path_of(route, {name: number}), filled, headers)
                        for number in (theirs[name], NO_NUMBER)
                    ]
                    mine, none = answers[0].without(theirs[name]), answers[1].without(NO_NUMBER)
                    same = mine == none or (who in (STRANGER, DISABLED) and mine[0] == none[0])
                    assert same, f"{who}: {method} {route.path}: {answers[0].status}, {answers[1].status}"
                    assert not leaks(answers[0], who), f"{who}: {method} {route.path}"


def row_about(tx: Transaction, name: str) -> int | None:
    """The number of a new row, counted by ``name``, that is about Ana; None where no table counts so."""
    for table in METADATA.tables.values():
        keys = list(table.primary_key.columns)
        if [key.name for key in keys] != [name] or not isinstance(keys[0].type, Integer):
            continue
        if table is accounts or keys[0].foreign_keys:
            continue
        linked = [
            other for other in METADATA.tables.values()
            if other is not table and {name, "student_id"} <= set(other.columns.keys())
        ]  # fmt: skip
        if "student_id" in table.columns or linked:
            for one in (table, *linked):
                tx.execute(one.insert().values(made_up(tx, one) | {name: OTHERS_NUMBER}))
            return OTHERS_NUMBER
    return None


def made_up(tx: Transaction, table: Table) -> dict[str, Any]:
    """A row about Ana of any table: what must be there, by its type, done by somebody of another school."""
    other = account_id_of(tx, Principal("other@x", "Other", "counselor", staff_id="t-other"))
    said: dict[str, Any] = {"student_id": ANA.student_id, "school_id": MIDDLE}
    row = {}
    for column in table.columns:
        if column.name in said:
            row[column.name] = said[column.name]
        elif any(key.column.table is accounts for key in column.foreign_keys):
            row[column.name] = other
        elif column.foreign_keys and not column.nullable:
            row[column.name] = parent(tx, next(iter(column.foreign_keys)).column)
        elif not column.nullable and column is not table.autoincrement_column:
            row[column.name] = plain(column.type)
    return row


def parent(tx: Transaction, key: Column[Any]) -> Any:
    """The key of a row that ours stands under; made up where there is none yet."""
    known = tx.execute(select(key).limit(1)).scalar()
    if known is not None:
        return known
    return tx.execute(key.table.insert().values(made_up(tx, key.table))).inserted_primary_key[0]


def plain(kind: Any) -> Any:
    """Something that a column of this kind takes."""
    if isinstance(kind, Instant):
        return NOW
    if isinstance(kind, Date):
        return FRIDAY
    if isinstance(kind, Boolean):
        return False
    if isinstance(kind, Integer | Float):
        return 1
    return [] if isinstance(kind, JSON) else secrets.token_hex(4)[: kind.length]


# ---- fields that a role does not see ----------------------------------------------------------------

ASKED = ("", "?tab=all", *(f"?tab=all&{word}" for word in (
    "domain=behavior", "sort=level", "sort=level&order=desc", "sort=missed", "sort=name", "sort=contact",
    "tier=Intensive", "name=incident", "no_contact=7", "level=see_first",
)))  # fmt: skip


def test_what_is_on_record_of_conduct_changes_nothing_for_whoever_may_not_see_it(
    town: Inside, askers: dict[str, Asker]
) -> None:
    blind = [who for who in SIGHT if SIGHT[who] and "discipline" not in role_of(who).sees]
    assert {"teacher", "attendance_coordinator", "learner_coordinator", "case_manager"} <= set(blind)
    before = apart(pages_of, town, askers, [*blind, "support_team"])
    twice = "2 incidents recorded in the last 45 school days. SIS, 12 Nov."
    told = {"code": "behavior_now", "title": "Behavior this year", "text": twice, "kind": "changeable",
            "direction": "raises", "contribution": 0.9}  # fmt: skip
    with town.store.begin() as tx:
        of_behavior = scores.insert().values(
            run_id=select(runs.c.run_id).limit(1).scalar_subquery(), student_id=MARIBEL.student_id,
            domain="behavior", probability=0.9, band="high", status="scored", data_coverage=0.9,
            drivers=[told], going_well=[], model_version="behavior-1",
        )  # fmt: skip
        tx.execute(of_behavior)
        mine = update(run_students).where(run_students.c.student_id == MARIBEL.student_id)
        row = tx.execute(select(run_students).where(run_students.c.student_id == MARIBEL.student_id)).one()
        tx.execute(mine.values(rules=row.rules + "B", reasons=[told, *row.reasons]))
    after = apart(pages_of, town, askers, [*blind, "support_team"])
    changed = {who for (who, path), page in after.items() if page != before[who, path]}
    assert changed == {"support_team"}


async def pages_of(
    town: Inside, askers: Mapping[str, Asker], whom: list[str]
) -> dict[tuple[str, str], tuple[int, str]]:
    """The list in many orders, and a student, in both faces; without what differs at every look."""
    paths = [f"/list.json{asked}" for asked in ASKED]
    paths += [f"/students/{MARIBEL.student_id}.json", "/list?tab=all", "/list.csv?tab=all"]
    transport = httpx.ASGITransport(app=Door(town, town))
    found = {}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:3100") as http:
        for who in whom:
            headers = askers[who].headers() | {"accept": "text/html"}
            for path in paths:
                answer = await http.get(path, headers=headers)
                text = re.sub(r'name="form_(id|token)" value="[^"]*"', "", answer.text)
                text = re.sub(r'"viewers": ?\[.*?\]', "", text)
                found[who, path] = answer.status_code, text
    return found


def test_who_acts_is_who_works_with_students() -> None:
    assert {role for role in ROLES if Act.FOLLOW_UP in role_of(role).does} <= {
        role for role, seen in SIGHT.items() if seen
    }
