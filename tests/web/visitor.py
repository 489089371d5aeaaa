"""A person in front of the pages, in-process: their cookies, their forms, their page and its JSON twin."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from typing import Any

import httpx
from sqlalchemy import select
from web.calling import NOW, Caller

from ews.people.access import Principal
from ews.people.accounts import add_account, choose_password
from ews.store import Store, Transaction
from ews.store.tables import accounts

OWN = {"origin": "http://127.0.0.1:3100"}
PASSWORD = "a quiet long password"


class Visitor:
    """One browser's worth of cookies, and the forms it was shown."""

    def __init__(self, call: Caller) -> None:
        self.call = call
        self.cookies: dict[str, str] = {}

    def __call__(self, method: str, path: str, **more: Any) -> httpx.Response:
        """The answer to one request, cookies sent and kept."""
        sent = {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers = {"accept": "text/html", **({} if not self.cookies else sent), **more.pop("headers", {})}
        answer = self.call(method, path, headers=headers, **more)
        for name, value in answer.cookies.items():
            self.cookies[name] = value
        for line in answer.headers.get_list("set-cookie"):
            if "Max-Age=0" in line:
                self.cookies.pop(line.split("=")[0], None)
        return answer

    def send(self, path: str, form_on: str, headers: dict[str, str] = OWN, **fields: str) -> httpx.Response:
        """The form of the page ``form_on``, sent to ``path`` with ``fields``."""
        token = token_in(self("GET", form_on).text)
        return self("POST", path, data={"form_token": token} | fields, headers=headers)

    def sign_in(self, user: str, password: str = PASSWORD) -> httpx.Response:
        """Sign in through the form."""
        return self.send("/signin", "/signin", user=user, password=password)


def token_in(page: str) -> str:
    """The form token that stands on a page."""
    found = re.search(r'name="form_token" value="([0-9a-f]{64})"', page)
    assert found, "the page has no form"
    return found[1]


def give_account(store: Store, person: Principal, password: str | None = PASSWORD) -> str:
    """An account for ``person``; with ``password`` None the one-time password is given back."""
    with store.begin() as tx:
        first = add_account(
            tx, person.name, role=person.role, staff_id=person.staff_id, schools=person.school_ids, now=NOW
        )
        if password is None:
            return first
        choose_password(tx, person.name, password, now=NOW)
    return password


def account_id_of(tx: Transaction, person: Principal) -> int:
    """The account of ``person``, made without a password that anybody knows when there is none."""
    found = tx.execute(select(accounts.c.account_id).where(accounts.c.name == person.name)).scalar()
    if found is not None:
        return int(found)
    made = tx.execute(
        accounts.insert().values(
            name=person.name, role=person.role, staff_id=person.staff_id, school_ids=list(person.school_ids),
            password_hash="nobody knows", must_change=False, created_at=NOW,
        )
    )  # fmt: skip
    return int(made.inserted_primary_key[0])


def person_in(tx: Transaction, who: Principal) -> Principal:
    """``who`` as signed in: with an account."""
    return replace(who, account_id=account_id_of(tx, who))


def person(store: Store, who: Principal) -> Principal:
    """``who`` as signed in: with an account."""
    with store.begin() as tx:
        return person_in(tx, who)


class Words(HTMLParser):
    """The words that a page shows, without its tags."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def shown(page: str) -> str:
    """The text of a page with single spaces."""
    reader = Words()
    reader.feed(page)
    return re.sub(r"\s+", " ", unescape(" ".join(reader.said)))
