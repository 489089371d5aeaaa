"""The pages: who sees what, the same answer in both faces, and names that are only ever text."""

from __future__ import annotations

import json
import re
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from support.alder_creek import (
    ADMIN,
    ANA,
    BAPTISTE,
    LINH,
    MARIBEL,
    NOAH,
    OKAFOR,
    SOFIA,
    TOWN,
    XIMENA,
    ZHAO,
    Person,
    keep,
    roomy,
)
from web.calling import NOW, Caller, Calling
from web.visitor import PASSWORD, Visitor, account_id_of, give_account, shown

from ews.people.access import Principal
from ews.people.sessions import open_session
from ews.settings import Settings
from ews.web import pages

NAMES = (
    "<script>alert(1)</script> Null",
    'Renée "Ren" O\'Brien & Söhne',
    "\u202eمريم الزهراء",
    "A" * 80,
)


@pytest.fixture
def call(settings: Settings, calling: Calling) -> Caller:
    """The pages over an empty database."""
    return calling(pages.routes, of=settings)


@pytest.fixture
def counselor(settings: Settings, call: Caller) -> Visitor:
    """Ms. Okafor, signed in, the town scored."""
    keep(roomy(settings), TOWN)
    return signed_in(call)


def signed_in(call: Caller, person: Principal = OKAFOR) -> Visitor:
    """``person`` with an open session, without the work of checking a password."""
    visitor = Visitor(call)
    with call.inside.store.begin() as tx:
        account = account_id_of(tx, person)
        visitor.cookies["ews"] = open_session(tx, account, now=NOW, hours=1)[0]
    return visitor


def test_a_stranger_is_sent_to_sign_in_and_back_again(settings: Settings, call: Caller) -> None:
    keep(roomy(settings), TOWN)
    give_account(call.inside.store, OKAFOR)
    visitor = Visitor(call)
    away = visitor("GET", f"/students/{MARIBEL.student_id}")
    assert away.headers["location"] == f"/signin?next=/students/{MARIBEL.student_id}"
    back = visitor.send(
        "/signin",
        away.headers["location"],
        user=OKAFOR.name,
        password=PASSWORD,
        next=f"/students/{MARIBEL.student_id}",
    )
    assert back.headers["location"] == f"/students/{MARIBEL.student_id}"


def test_nobody_is_sent_to_another_site_after_signing_in(call: Caller) -> None:
    give_account(call.inside.store, OKAFOR)
    for wanted in ("https://example.org/", "//example.org", "/\\example.org", "javascript:alert(1)"):
        visitor = Visitor(call)
        answer = visitor.send("/signin", "/signin", user=OKAFOR.name, password=PASSWORD, next=wanted)
        assert answer.headers["location"] == "/", wanted


def test_a_wrong_password_is_refused_without_saying_which_was_wrong(call: Caller) -> None:
    give_account(call.inside.store, OKAFOR)
    wrong = Visitor(call).sign_in(OKAFOR.name, "not the password")
    unknown = Visitor(call).sign_in("nobody@alder.example", "not the password")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    said = [re.findall(r'role="alert">([^<]+)<', answer.text) for answer in (wrong, unknown)]
    assert said[0] == said[1] != []
    assert "not the password" not in wrong.text


def test_a_one_time_password_is_replaced_before_anything_is_shown(settings: Settings, call: Caller) -> None:
    keep(roomy(settings), TOWN)
    first = give_account(call.inside.store, OKAFOR, password=None)
    visitor = Visitor(call)
    visitor.sign_in(OKAFOR.name, first)
    assert visitor("GET", "/list").headers["location"] == "/password"
    assert visitor("GET", "/list.json").json()["error"] == "first_password"
    differ = visitor.send("/password", "/password", password="twelve letters", again="twelve lettres")
    assert differ.status_code == 422
    short = visitor.send("/password", "/password", password="short", again="short")
    assert short.status_code == 422
    kept = visitor.send("/password", "/password", password="twelve letters", again="twelve letters")
    assert kept.headers["location"] == "/"
    assert MARIBEL.name in visitor("GET", "/list").text


def test_signing_out_ends_the_session_on_the_server(counselor: Visitor) -> None:
    session = dict(counselor.cookies)
    assert counselor.send("/signout", "/list").headers["location"] == "/signin"
    counselor.cookies = session
    assert counselor("GET", "/list").status_code == 303


FORGED = {
    "without a token": ({}, {"origin": "http://127.0.0.1:3100"}),
    "with another's token": ({"form_token": "0" * 64}, {"origin": "http://127.0.0.1:3100"}),
    "from another site": (None, {"origin": "https://example.org"}),
    "from a page without an origin": (None, {"origin": "null"}),
    "from a page without an origin on another site": (
        None,
        {"origin": "null", "sec-fetch-site": "cross-site"},
    ),
}


@pytest.mark.parametrize("title", FORGED)
def test_a_form_is_refused(counselor: Visitor, title: str) -> None:
    fields, headers = FORGED[title]
    if fields is None:
        answer = counselor.send("/signout", "/list", headers=headers)
    else:
        answer = counselor("POST", "/signout", data=fields, headers=headers)
    assert answer.status_code == 403
    assert counselor("GET", "/list").status_code == 200


def test_a_form_that_hides_its_referrer_is_taken_when_the_browser_says_it_is_ours(counselor: Visitor) -> None:
    headers = {"origin": "null", "sec-fetch-site": "same-origin"}
    assert counselor.send("/signout", "/list", headers=headers).status_code == 303


def test_the_session_cookie_is_out_of_reach_of_scripts_and_of_other_sites(call: Caller) -> None:
    give_account(call.inside.store, OKAFOR)
    cookie = next(
        line
        for line in Visitor(call).sign_in(OKAFOR.name).headers.get_list("set-cookie")
        if line.startswith("ews=")
    )
    assert {"HttpOnly", "SameSite=lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


def test_the_list_has_name_level_reason_comparison_and_date(counselor: Visitor) -> None:
    said = shown(counselor("GET", "/list").text)
    for words in (MARIBEL.name, "See first", "Missed 4 of the last 10 school days", "(typical 0 to 1)",
                  "Going well", "Data to 14 Nov", "From the record", "From people", "Universal"):  # fmt: skip
        assert words in said, words
    assert SOFIA.name not in said


def test_no_chance_stands_in_the_list_in_either_face(counselor: Visitor) -> None:
    page, twin = counselor("GET", "/list?tab=all").text, counselor("GET", "/list.json?tab=all").text
    assert "%" not in shown(page)
    for text in (page, twin):
        assert "probability" not in text
        assert "0.81" not in text


def test_the_json_twin_has_the_very_rows_of_the_page(counselor: Visitor) -> None:
    for query in (
        "",
        "?tab=all",
        "?tab=not_enough_data",
        "?tab=all&sort=name&order=desc",
        "?tab=all&name=lin",
    ):
        page, twin = counselor("GET", f"/list{query}").text, counselor("GET", f"/list.json{query}").json()
        names = re.findall(r'class="student-name name"[^>]*>([^<]+)<', page)
        assert names == [row["display_name"] for row in twin["rows"]], query
        for row in twin["rows"]:
            assert row["level_word"] in page
            for reason in row["reasons"]:
                assert reason["fact"] in page


def test_every_page_names_models_dates_and_where_it_is_from(counselor: Visitor) -> None:
    for path in ("/list", f"/students/{MARIBEL.student_id}"):
        said = shown(counselor("GET", path).text)
        assert "attendance-2025-06-30-abcdef0123" in said
        assert "14 Nov" in said
        assert "made up" not in said


def test_the_demo_says_on_every_page_that_all_is_made_up(settings: Settings, counselor: Visitor) -> None:
    (settings.home / "demo.json").write_text("{}")
    for path in ("/list", f"/students/{MARIBEL.student_id}", "/how", "/signin", "/students/nobody"):
        assert "Every person and school on this page is made up." in shown(counselor("GET", path).text), path


def test_a_student_page_leads_back_to_the_tab_filters_page_and_day_of_the_list(counselor: Visitor) -> None:
    there = "/list?tab=all&grade=9&sort=name&as_of=2025-11-14"
    opened_from = re.search(rf'href="(/students/{MARIBEL.student_id}[^"]*)"', counselor("GET", there).text)
    assert opened_from
    address = unescape(opened_from[1])
    assert re.search(
        rf"/students/{MARIBEL.student_id}\?back=[^\"]*grade[^\"]*#notes", counselor("GET", there).text
    )
    left = re.search(r'class="back" href="([^"]*)"', counselor("GET", address).text)
    assert left and parse_qs(urlsplit(unescape(left[1])).query) == parse_qs(urlsplit(there).query)
    twin = f"/students/{MARIBEL.student_id}.json?{urlsplit(address).query}"
    assert "grade=9" not in counselor("GET", twin).text


@pytest.mark.parametrize(
    "back", ["//elsewhere.example", "https://elsewhere.example/list", "/\\elsewhere.example"]
)
def test_a_student_page_leads_back_to_nowhere_else(counselor: Visitor, back: str) -> None:
    page = counselor("GET", f"/students/{MARIBEL.student_id}?{urlencode({'back': back})}").text
    assert 'class="back" href="/list"' in page and "elsewhere" not in page


def test_a_student_page_has_the_facts_of_its_twin(counselor: Visitor) -> None:
    path = f"/students/{MARIBEL.student_id}"
    twin, said = counselor("GET", f"{path}.json").json(), shown(counselor("GET", path).text)
    assert twin["row"]["display_name"] in said
    assert twin["change"] in said
    assert [card["title"] for card in twin["cards"]] == ["Attendance", "Grades", "Behavior"]
    for card in twin["cards"]:
        for reason in (*card["reasons"], *card["going_well"], *card["facts"]):
            assert reason["fact"] in said
    assert twin["why"] in said


def test_many_looks_of_one_person_and_day_are_one_line(counselor: Visitor) -> None:
    for _ in range(4):
        page = counselor("GET", f"/students/{MARIBEL.student_id}")
    told = shown(page.text).replace("\xa0", " ")
    assert "3 looks that day · this page · on the caseload" in told
    assert "Why you may see this student: on the caseload." in told
    assert page.text.count('<ul class="viewed"><li>') == 1


def test_a_student_page_comes_in_the_counselors_order(counselor: Visitor) -> None:
    page = counselor("GET", f"/students/{MARIBEL.student_id}").text
    heads = re.findall(r'<h2 id="([\w-]+)"', page)
    assert heads == ["strengths", "change", "record", "supports", "contacts-title", "sure", "viewed"]


def test_a_look_stands_on_the_page_of_the_next_look(counselor: Visitor) -> None:
    path = f"/students/{MARIBEL.student_id}"
    assert "Nobody before you" in shown(counselor("GET", path).text)
    assert "Denise Okafor , 17 Nov, 6:00 · this page · on the caseload" in shown(
        counselor("GET", path).text
    ).replace("\u00a0", " ")


def test_a_strangers_student_and_nobody_are_the_same_404(counselor: Visitor) -> None:
    answers = [
        counselor("GET", f"/students/{one}") for one in (SOFIA.student_id, ANA.student_id, "nobody", "x" * 64)
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({json.dumps(sorted(answer.headers.items())) for answer in answers}) == 1
    twins = {counselor("GET", f"/students/{one}.json").content for one in (SOFIA.student_id, "nobody")}
    assert len(twins) == 1


def test_an_address_that_is_not_there_is_a_page_for_people_and_json_for_machines(counselor: Visitor) -> None:
    answer = counselor("GET", "/nowhere/at/all")
    assert answer.status_code == 404
    assert answer.content == counselor("GET", f"/students/{SOFIA.student_id}").content
    assert counselor("GET", "/nowhere", headers={"accept": "application/json"}).json()["error"] == "not_found"


def test_a_fault_of_ours_is_a_page_that_tells_nothing(
    counselor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fault(*_: object, **__: object) -> None:
        raise KeyError(f"no row for {MARIBEL.name}")

    monkeypatch.setattr("ews.web.list_page.risk_list", fault)
    answer = counselor("GET", "/list")
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text
    assert MARIBEL.name not in answer.text


def test_a_student_who_cannot_be_scored_yet_stands_on_their_own_tab(counselor: Visitor) -> None:
    said = shown(counselor("GET", "/list?tab=not_enough_data").text)
    assert XIMENA.name in said
    assert "6 of 10 school days on record" in said
    assert "Checks in:" in said
    said = shown(counselor("GET", f"/students/{XIMENA.student_id}").text)
    assert "Not enough data yet" in said


FILTERS = {
    "name=linh": [LINH],
    "name=LINH+TRAN": [LINH],
    "grade=9": [MARIBEL, LINH, NOAH, XIMENA],
    "grade=7": [],
    "domain=attendance": [MARIBEL],
    "level=see_next": [LINH],
    "new=1": [XIMENA],
    "no_contact=14": [MARIBEL, LINH, NOAH, XIMENA],
}


@pytest.mark.parametrize("query", FILTERS)
def test_a_filter_in_the_address_narrows_the_list(counselor: Visitor, query: str) -> None:
    rows = counselor("GET", f"/list.json?tab=all&{query}").json()["rows"]
    assert {row["display_name"] for row in rows} == {one.name for one in FILTERS[query]}


def test_a_filter_without_hits_offers_to_clear_itself(counselor: Visitor) -> None:
    page = counselor("GET", "/list?tab=all&grade=7").text
    assert "Clear the filters" in page
    assert 'href="/list?tab=all"' in page


def test_links_of_the_page_keep_the_filters(counselor: Visitor) -> None:
    page = counselor("GET", "/list?tab=all&grade=9&name=a").text
    assert "/list?tab=all&amp;grade=9&amp;name=a&amp;sort=name" in page
    assert "/list?tab=waiting&amp;grade=9&amp;name=a" in page


@pytest.mark.parametrize(
    "query", ["tab=none", "grade=x", "as_of=14-11-2025", "sort=probability", "page=0", "no_contact=9999"]
)
def test_an_address_that_means_nothing_names_the_word_and_not_its_value(
    counselor: Visitor, query: str
) -> None:
    answer = counselor("GET", f"/list?{query}")
    assert answer.status_code == 400
    word, value = query.split("=")
    assert f"look at {word}" in answer.text
    assert f"look at {word} {value}" not in shown(answer.text)


def test_a_page_past_the_end_is_empty_and_not_an_error(counselor: Visitor) -> None:
    assert counselor("GET", "/list?tab=all&page=99").status_code == 200


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_only_ever_text(settings: Settings, call: Caller, name: str) -> None:
    person = Person(name, MARIBEL.p)
    keep(roomy(settings), [person])
    visitor = signed_in(call)
    twin = visitor("GET", "/list.json?tab=all").json()["rows"][0]
    for path in ("/list?tab=all", f"/students/{twin['student_id']}"):
        page = visitor("GET", path).text
        assert "<script" not in page
        assert 'class="student-name name"' in page or 'class="name"' in page
        assert name in shown(page)


def test_a_list_that_was_never_scored_says_so(call: Caller) -> None:
    visitor = signed_in(call)
    answer = visitor("GET", "/list")
    assert answer.status_code == 503
    assert "No list yet" in answer.text
    assert visitor("GET", "/list.json").json()["error"] == "no_run"


@pytest.mark.parametrize("day", ["0001-01-01", "2025-11-13", "2031-01-01"])
def test_a_day_that_was_not_scored_has_no_list(counselor: Visitor, day: str) -> None:
    for face in ("", ".json", ".csv"):
        answer = counselor("GET", f"/list{face}?as_of={day}")
        assert answer.status_code == 404 and "That day was not scored" in shown(answer.text), face


def test_without_a_model_the_list_has_the_hand_set_rules_and_says_so(
    settings: Settings, call: Caller
) -> None:
    away = Person("Rosa Away", absence_rate=0.2, fs=1.0)
    keep(roomy(settings), [away, NOAH], models=False)
    visitor = signed_in(call)
    said = shown(visitor("GET", "/list").text)
    assert "No model is in service." in said
    assert "Missed 10 % or more of this year’s school days" in said
    assert "Rosa Away" in said
    assert NOAH.name not in said
    assert "No model is in service" in shown(visitor("GET", f"/students/{away.student_id}").text)


def test_an_analyst_sees_neither_names_nor_contacts_and_is_told_so(settings: Settings, call: Caller) -> None:
    keep(roomy(settings), TOWN)
    said = shown(signed_in(call, ZHAO)("GET", "/list?tab=all").text)
    assert MARIBEL.name not in said
    assert "Not shown to your role" in said
    assert "None logged" not in said


def test_a_principal_sees_the_school_and_no_other(settings: Settings, call: Caller) -> None:
    keep(roomy(settings), TOWN)
    visitor = signed_in(call, BAPTISTE)
    said = shown(visitor("GET", "/list?tab=all").text)
    assert SOFIA.name in said
    assert ANA.name not in said


def test_a_system_administrator_sees_no_student(settings: Settings, call: Caller) -> None:
    keep(roomy(settings), TOWN)
    visitor = signed_in(call, ADMIN)
    assert visitor("GET", "/list.json?tab=all").json()["rows"] == []
    assert visitor("GET", f"/students/{MARIBEL.student_id}").status_code == 404


def test_how_the_list_is_made_is_told_without_a_model(counselor: Visitor) -> None:
    said = shown(counselor("GET", "/how").text)
    assert "No model is in service" in said
    assert "An F in a course now" in said
    assert "at most 8 new names a counselor a week" in said.lower()
    assert "The line is where See next begins" in said
    for one in ("birth date", "free text", "disability", "foster care", "homelessness"):
        assert one in said.split("Never used")[1], one


def test_no_page_has_a_script_a_style_or_an_address_of_the_outside(counselor: Visitor) -> None:
    for path in (
        "/list",
        "/list?tab=all",
        f"/students/{MARIBEL.student_id}",
        "/how",
        "/signin",
        "/students/nobody",
    ):
        page = counselor("GET", path).text
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", page), path
        assert not re.search(r"(?:https?:)?//", page), path


def test_pages_are_kept_by_nobody(counselor: Visitor) -> None:
    for path in ("/list", f"/students/{MARIBEL.student_id}", "/list.json"):
        assert counselor("GET", path).headers["cache-control"] == "no-store"
