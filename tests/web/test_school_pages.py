"""Schools and the district in numbers: who may look, what is counted, and that no small number gets out."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from risk.attacker import pinned
from sqlalchemy import select, update
from support.alder_creek import (
    ADMIN,
    BAPTISTE,
    FRIDAY,
    HIGH,
    LINH,
    MARIBEL,
    MIDDLE,
    MONDAY_MORNING,
    OKAFOR,
    TOWN,
    ZHAO,
    Person,
    keep,
    roomy,
)
from web.calling import Caller, Calling
from web.test_pages import signed_in
from web.visitor import person_in, shown

from ews.people.access import Principal
from ews.risk.report_files import as_text, write_whole
from ews.risk.small_cells import FEWEST, Sum
from ews.settings import Settings
from ews.store import Store
from ews.store.record_tables import english_records, sis_supports
from ews.store.tables import caseloads, run_schools, run_students, runs, scores
from ews.support.actions import acknowledge
from ews.support.facts import Contact
from ews.support.need import OF_NEED
from ews.support.team_load import team_load
from ews.web import pages

REVIEWER = Principal("lee@district.example", "Jo Lee", "equity_reviewer")
TEACHER = Principal("park@alder.example", "Mina Park", "teacher", school_ids=(HIGH,))
HILL = "hill"
AUDIT = {
    "default_page": "list",
    "models": {
        "overall": {"individual_scores": {"told": "Yes: more.", "default_page": "list", "year": 2025}}
    },
}


def people(seed: int = 7) -> list[Person]:
    """Three schools, some grades of them small, with needs of every size and three counselors."""
    random = np.random.default_rng(seed)
    sizes = {(HIGH, 9): 70, (HIGH, 10): 64, (HIGH, 11): 8, (MIDDLE, 7): 60, (MIDDLE, 8): 55, (HILL, 12): 30}
    staff = {HIGH: ("t-okafor", "t-diaz"), MIDDLE: ("t-lee",), HILL: (None,)}
    found = []
    for (school, grade), size in sizes.items():
        for place in range(size):
            need = {
                "attendance": float(random.choice([0.7, 0.4, 0.1], p=[0.1, 0.2, 0.7])),
                "grades": float(random.choice([0.7, 0.4, 0.1], p=[0.05, 0.3, 0.65])),
                "behavior": float(random.choice([0.7, 0.4, 0.1], p=[0.02, 0.03, 0.95])),
            }
            counselor = staff[school][place % len(staff[school])]
            name = f"{school} {grade} {place}"
            found.append(Person(name, need, school=school, grade=grade, counselor=counselor))
    return found


def scored(call: Caller, settings: Settings, who: list[Person]) -> None:
    """A run of ``who``, with band elevated where a probability stands between the lines."""
    keep(settings, who)
    elevate(call.inside.store)


def elevate(store: Store) -> None:
    """Band elevated for every score between the lines."""
    with store.begin() as tx:
        between = (scores.c.probability >= 0.3) & (scores.c.probability < 0.6)
        tx.execute(update(scores).where(between).values(band="elevated"))


@pytest.fixture
def call(settings: Settings, calling: Calling) -> Caller:
    return calling(pages.routes, of=settings)


@pytest.fixture
def district(call: Caller, settings: Settings) -> Caller:
    scored(call, settings, people())
    return call


# ---- who may look ---------------------------------------------------------------------------------------


def test_an_administrator_sees_the_own_school_and_others_are_not_there(district: Caller) -> None:
    visitor = signed_in(district, BAPTISTE)
    assert "Alder Creek High" in shown(visitor("GET", f"/schools/{HIGH}").text)
    assert visitor("GET", "/schools").headers["location"] == f"/schools/{HIGH}"
    other, none = visitor("GET", f"/schools/{MIDDLE}"), visitor("GET", "/schools/nowhere")
    assert (other.status_code, none.status_code) == (404, 404)
    assert masked(other.text) == masked(none.text)
    assert visitor("GET", f"/schools/{MIDDLE}.json").json() == visitor("GET", "/schools/nowhere.json").json()
    assert [one["school_id"] for one in visitor("GET", "/schools.json").json()["schools"]] == [HIGH]


def masked(page: str) -> str:
    """A page without the tokens that are new each time."""
    return re.sub(r'value="[^"]*"', "", page)


def test_analysts_and_equity_reviewers_see_every_school_and_the_district(district: Caller) -> None:
    for person in (ZHAO, REVIEWER):
        visitor = signed_in(district, person)
        assert len(visitor("GET", "/district.json").json()["schools"]) == 3
        assert visitor("GET", f"/schools/{HILL}").status_code == 200
        assert 'href="/district"' in visitor("GET", "/schools").text


@pytest.mark.parametrize("person", [TEACHER, ADMIN], ids=lambda one: one.role)
def test_whoever_is_not_to_see_schools_is_told_so(district: Caller, person: Principal) -> None:
    visitor = signed_in(district, person)
    for path in ("/schools", "/schools.json", f"/schools/{HIGH}", f"/schools/{HIGH}.json", "/district"):
        assert visitor("GET", path).status_code == 403, path


def test_the_district_is_for_those_who_see_all_of_it(district: Caller) -> None:
    for person in (OKAFOR, BAPTISTE):
        visitor = signed_in(district, person)
        assert visitor("GET", "/district.json").status_code == 403
        assert 'href="/district"' not in visitor("GET", f"/schools/{HIGH}").text


def test_a_counselor_sees_the_schools_of_the_caseload_and_no_other_counselor(district: Caller) -> None:
    told = signed_in(district, OKAFOR)("GET", f"/schools/{HIGH}.json").json()
    assert told["by_counselor"] is None
    assert signed_in(district, OKAFOR)("GET", f"/schools/{MIDDLE}.json").status_code == 404


def test_only_whoever_runs_the_school_sees_counselors_apart_and_in_the_order_of_names(
    district: Caller,
) -> None:
    told = signed_in(district, BAPTISTE)("GET", f"/schools/{HIGH}.json").json()
    assert [one["title"] for one in told["by_counselor"]] == ["Rafael Diaz", "Denise Okafor"]
    assert signed_in(district, ZHAO)("GET", f"/schools/{HIGH}.json").json()["by_counselor"] is None


# ---- what is counted ------------------------------------------------------------------------------------


def test_a_school_counts_who_needs_what_by_grade_and_in_all(call: Caller, settings: Settings) -> None:
    fine = dict.fromkeys(("attendance", "grades", "behavior"), 0.1)
    who = [Person(f"a {place}", fine | {"attendance": 0.7}) for place in range(12)]
    who += [Person(f"b {place}", fine | {"attendance": 0.4, "grades": 0.7}) for place in range(13)]
    who += [Person(f"c {place}", fine | {"grades": 0.4}) for place in range(14)]
    who += [Person(f"d {place}", fine) for place in range(20)]
    scored(call, roomy(settings), who)
    told = signed_in(call, ZHAO)("GET", f"/schools/{HIGH}.json").json()["everyone"]
    assert told["students"] == 59
    assert told["needs"] == {
        "attendance": {"asked": True, "flagged": 25, "elevated": 13, "high": 12},
        "grades": {"asked": True, "flagged": 27, "elevated": 14, "high": 13},
        "behavior": {"asked": True, "flagged": None, "elevated": None, "high": None},
        "any": {"asked": True, "flagged": 39, "elevated": 14, "high": 25},
    }


def test_who_stands_above_the_line_without_a_place_is_counted_beside_the_list(
    call: Caller, settings: Settings
) -> None:
    half = replace(
        settings, choices={**settings.choices, "list.capacity_share": 0.2, "list.first_share": 0.2}
    )
    who = [Person(f"n {place}", {"attendance": 0.7}) for place in range(40)]
    who += [Person(f"f {place}", {"attendance": 0.1}) for place in range(60)]
    scored(call, half, who)
    page = shown(signed_in(call, ZHAO)("GET", f"/schools/{HIGH}").text).replace("\u00a0", " ")
    assert "20 students above the line, beyond today’s staff" in page
    assert "20 students of this school stand on a counselor’s list. Another 20 have records" in page


def test_a_domain_that_no_model_asks_for_in_a_grade_is_said_not_to_be_asked(
    call: Caller, settings: Settings
) -> None:
    young = [Person(f"y {place}", {"attendance": 0.7}, grade=2) for place in range(15)]
    young += [Person(f"z {place}", {"attendance": 0.1}, grade=2) for place in range(25)]
    scored(call, settings, young)
    told = signed_in(call, ZHAO)("GET", f"/schools/{HIGH}.json").json()
    assert told["everyone"]["needs"]["grades"] == {
        "asked": False, "flagged": None, "elevated": None, "high": None,
    }  # fmt: skip
    assert told["everyone"]["needs"]["attendance"]["flagged"] == 15


def test_a_school_wide_matter_is_told_in_tenths_of_a_number_that_is_shown(
    call: Caller, settings: Settings
) -> None:
    many = [Person(f"n {place}", {"attendance": 0.7}) for place in range(27)]
    many += [Person(f"f {place}", {"attendance": 0.1}) for place in range(23)]
    scored(call, settings, many)
    visitor = signed_in(call, BAPTISTE)
    assert visitor("GET", f"/schools/{HIGH}.json").json()["matters"][0]["of_ten"] == 5
    page = shown(visitor("GET", f"/schools/{HIGH}").text).replace("\u00a0", " ")
    assert "This is a school-wide (Tier 1) matter Grade 9, attendance: about 5 of 10 students" in page


def test_of_a_small_grade_nobody_says_that_it_is_a_school_wide_matter(
    call: Caller, settings: Settings
) -> None:
    few = [Person(f"a {place}", {"attendance": 0.7}) for place in range(10)]
    few += [Person(f"b {place}", {"attendance": 0.1}) for place in range(9)]
    scored(call, settings, few)
    assert signed_in(call, BAPTISTE)("GET", f"/schools/{HIGH}.json").json()["matters"] == []
    assert "school-wide" not in signed_in(call, OKAFOR)("GET", "/list").text


def test_who_runs_the_school_sees_open_overdue_and_seen_in_time_by_owner(
    call: Caller, settings: Settings
) -> None:
    keep(roomy(settings), TOWN)
    with call.inside.store.begin() as tx:
        okafor = person_in(tx, OKAFOR)
        acknowledge(tx, okafor, LINH.student_id, as_of=FRIDAY, now=MONDAY_MORNING, form_id="f1")
    visitor = signed_in(call, BAPTISTE)
    (line,) = visitor("GET", f"/schools/{HIGH}.json").json()["team"]
    assert (line["owner"], line["open"], line["overdue"]) == ("Denise Okafor", 2, 0)
    assert (line["due"], line["in_time"]) == (1, 1), "Maribel need not have been seen yet"
    assert "1 of 1" in shown(visitor("GET", f"/schools/{HIGH}").text)
    with call.inside.store.read() as tx:
        later = MONDAY_MORNING.astimezone(settings.timezone) + timedelta(days=9)
        (line,) = team_load(tx, BAPTISTE, HIGH, now=later)
    assert (line.overdue, line.due, line.in_time) == (1, 2, 1)


def test_how_the_work_is_shared_is_for_whoever_runs_the_school_alone(district: Caller) -> None:
    for person in (OKAFOR, ZHAO, REVIEWER):
        assert signed_in(district, person)("GET", f"/schools/{HIGH}.json").json()["team"] is None


# ---- no run, no model, stale data -----------------------------------------------------------------------


def test_before_the_first_run_the_pages_say_so(call: Caller) -> None:
    visitor = signed_in(call, ZHAO)
    for path in ("/schools", "/district", f"/schools/{HIGH}"):
        answer = visitor("GET", path)
        assert answer.status_code == 503
        assert "not been scored yet" in answer.text


def test_with_no_model_the_rules_are_counted_and_nobody_stands_above_a_line(
    call: Caller, settings: Settings
) -> None:
    who = [Person(f"n {place}", {}, absence_rate=0.2) for place in range(15)]
    who += [Person(f"f {place}", {}) for place in range(25)]
    keep(settings, who, models=False)
    visitor = signed_in(call, BAPTISTE)
    page = shown(visitor("GET", f"/schools/{HIGH}").text)
    assert "No model is in service." in page and "beyond today’s staff" not in page
    assert visitor("GET", f"/schools/{HIGH}.json").json()["everyone"]["needs"]["attendance"]["flagged"] == 15


def test_late_attendance_is_said_over_the_page_and_in_its_signal(call: Caller, settings: Settings) -> None:
    keep(settings, TOWN, behind={HIGH: 6, MIDDLE: 0})
    visitor = signed_in(call, BAPTISTE)
    page = shown(visitor("GET", f"/schools/{HIGH}").text)
    assert "Attendance is late: Alder Creek High by 6 school days" in page
    assert "6 school days late, no new names" in page
    states = {one["name"]: one["state"] for one in visitor("GET", f"/schools/{HIGH}.json").json()["signals"]}
    assert states == {
        "attendance": "behind", "grades": "on_time", "behavior": "absent",
        "contacts": "absent", "supports": "absent", "english": "absent",
    }  # fmt: skip


def test_a_run_that_lost_a_schools_attendance_and_marks_says_for_how_long(
    call: Caller, settings: Settings
) -> None:
    keep(settings, TOWN)
    with call.inside.store.begin() as tx:
        old = FRIDAY.replace(month=8)
        tx.execute(update(run_schools).values(attendance_through=None, marks_through=old))
    signals = signed_in(call, BAPTISTE)("GET", f"/schools/{HIGH}.json").json()["signals"]
    assert [one["word"] for one in signals[:2]] == ["Not received", "None for 13 weeks"]


def test_contacts_supports_and_english_tests_say_up_to_which_day_they_go(
    call: Caller, settings: Settings
) -> None:
    keep(settings, [replace(MARIBEL, contact=Contact("Mr. Lee", FRIDAY, "phone")), LINH])
    with call.inside.store.begin() as tx:
        results = [{"taken_on": "2025-04-11", "level": 2}, {"taken_on": "2024-04-12", "level": 2}]
        tx.execute(
            english_records.insert().values(
                student_id=LINH.student_id, status="EL", status_since=FRIDAY, results=results
            )
        )
        tx.execute(
            sis_supports.insert().values(
                student_id=LINH.student_id, intervention_id="i1", kind="mentor", sessions=[],
                begins_on=FRIDAY - timedelta(weeks=10),
            )
        )  # fmt: skip
    told = signed_in(call, BAPTISTE)("GET", f"/schools/{HIGH}.json").json()["signals"]
    assert [(one["name"], one["through"], one["word"]) for one in told[3:]] == [
        ("contacts", "2025-11-14", "On time"),
        ("supports", "2025-09-05", "None for 10 weeks"),
        ("english", "2025-04-11", "On time"),
    ]


def test_the_newest_audit_says_whether_individual_scores_are_needed(
    district: Caller, settings: Settings
) -> None:
    visitor = signed_in(district, ZHAO)
    assert "Not asked yet" in shown(visitor("GET", "/district").text)
    write_whole(settings.home / "reports" / "audit-2025-11-14.json", as_text(AUDIT).encode())
    assert "Yes: more." in shown(visitor("GET", "/district").text)


def test_a_school_that_records_more_than_expected_is_told_on_its_page_and_on_the_districts(
    district: Caller, settings: Settings
) -> None:
    more = {"school_id": HIGH, "name": "Alder Creek High", "found": "more", "happened": 0.13,
            "expected": 0.06, "beyond": 0.07, "low": 0.04, "high": 0.1,
            "told": "More than expected: look into it"}  # fmt: skip
    hidden = dict.fromkeys(more) | {
        "school_id": HILL,
        "name": "Hill",
        "found": "not shown",
        "told": "Not shown",
    }
    said = {"year": 2025, "predicts": "Suspended.", "schools": [more, hidden]}
    content = AUDIT | {"beyond_expected": said}
    write_whole(settings.home / "reports" / "audit-2025-11-14.json", as_text(content).encode())
    page = shown(signed_in(district, ZHAO)("GET", "/district").text)
    assert "13.0 Expected, of 100 6.0 Beyond +7.0 (+4.0 to +10.0)" in page
    assert "More than expected: look into it" in page and "Hill Recorded, of 100 not shown" in page
    own = signed_in(district, BAPTISTE)("GET", f"/schools/{HIGH}.json").json()["equity"]
    assert [one["school_id"] for one in own["schools"]] == [HIGH]


# ---- the small cells ------------------------------------------------------------------------------------


def everything_given_out(call: Caller) -> list[Any]:
    """The JSON of every page of schools, to everyone who may see any."""
    given = []
    for person in (ZHAO, REVIEWER, BAPTISTE, OKAFOR):
        visitor = signed_in(call, person)
        for path in ("/schools", "/district", *(f"/schools/{school}" for school in (HIGH, MIDDLE, HILL))):
            answer = visitor("GET", f"{path}.json")
            if answer.status_code == 200:
                given.append(answer.json())
    assert len(given) == 5 + 5 + 2 + 2
    return given


def numbers_in(given: Any) -> Iterator[tuple[tuple[str, ...], int | None]]:
    """Every number of a page by its name."""
    for line in [*given.get("lines", ()), *(one["need"] for one in given.get("schools", ()))]:
        yield from of_need(place_of(line), line)
    if given.get("everyone"):
        yield from of_need(("school", given["school_id"]), given["everyone"])
    if given.get("whole"):
        yield from of_need(("district",), given["whole"])
    mine = ("school", given["school_id"]) if "school_id" in given else ("district",)
    for one in [given["reached"], *given["by_level"]] if given.get("reached") else []:
        yield from of_reached((*mine, one["key"]), one)
    for school in given.get("schools", ()):
        yield from of_reached(("school", school["school_id"], "any"), school["reached"])
    for one in given.get("by_counselor") or ():
        yield from of_reached(("counselor", given["school_id"], one["key"]), one)


def place_of(line: Mapping[str, Any]) -> tuple[str, ...]:
    if line["grade_level"] is None:
        return ("school", line["school_id"])
    return ("grade", line["school_id"], str(line["grade_level"]))


def of_need(place: tuple[str, ...], line: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], int | None]]:
    yield (*place, "students"), line["students"]
    for domain, need in line["needs"].items():
        yield from (((*place, domain, band), need[band]) for band in ("flagged", "elevated", "high"))


def of_reached(name: tuple[str, ...], one: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], int | None]]:
    yield from (((*name, side), one[side]) for side in ("on_list", "beyond"))


@pytest.mark.parametrize("seed", [7, 8, 9])
def test_nobody_computes_a_small_number_from_all_pages_together(
    call: Caller, settings: Settings, seed: int
) -> None:
    who = people(seed)
    scored(call, replace(settings, choices={**settings.choices, "list.first_share": 0.08}), who)
    shown_numbers: dict[tuple[str, ...], int] = {}
    hidden: set[tuple[str, ...]] = set()
    for given in everything_given_out(call):
        for name, number in numbers_in(given):
            if number is None:
                hidden.add(name)
            else:
                assert shown_numbers.setdefault(name, number) == number
                assert number >= FEWEST, name
    assert not hidden & set(shown_numbers), "hidden on one page and shown on another"
    true = truth_of(who) | places_of(call)
    assert hidden <= true.keys() and shown_numbers.keys() <= true.keys()
    assert shown_numbers == {name: true[name] for name in shown_numbers}
    rest = {name for name in true if name not in shown_numbers}
    assert any(true[name] < FEWEST for name in rest)
    assert pinned(rest, true, list(what_adds_up(true))) == set()


def truth_of(who: list[Person]) -> dict[tuple[str, ...], int]:
    """What is true of needs, counted from the people themselves, with who is in no need."""
    true: dict[tuple[str, ...], int] = {}
    for person in who:
        need = dict(person.p) | {"any": max(person.p.values())}
        places = (("grade", person.school, str(person.grade)), ("school", person.school), ("district",))
        for place in places:
            for name in ((*place, "students"), *((*place, domain, band_of(p)) for domain, p in need.items())):
                true[name] = true.get(name, 0) + 1
    for place in {name[:-1] for name in true if name[-1] == "students"}:
        for domain in OF_NEED:
            high, elevated = (true.setdefault((*place, domain, b), 0) for b in ("high", "elevated"))
            true.setdefault((*place, domain, "rest"), 0)
            true[(*place, domain, "flagged")] = high + elevated
    return true


def places_of(call: Caller) -> dict[tuple[str, ...], int]:
    """What is true of the list and of those beyond it, counted from the run's own rows."""
    true: dict[tuple[str, ...], int] = {}
    with call.inside.store.read() as tx:
        rows = tx.execute(run_students.select()).all()
        found = tx.execute(select(caseloads.c.student_id, caseloads.c.staff_id)).all()
    counselors = {row.student_id: row.staff_id for row in found}
    for row in rows:
        listed = row.level in ("see_first", "see_next")
        level = row.level if listed else "see_first" if (row.urgency or 0) >= 0.6 else "see_next"
        side = "on_list" if listed else "beyond" if (row.urgency or 0) >= 0.3 else None
        who = counselors.get(row.student_id, "")
        for one in ("on_list", "beyond"):
            names = [("counselor", row.school_id, who, one)]
            for place in (("school", row.school_id), ("district",)):
                names += [(*place, "any", one), (*place, level, one)]
                true.setdefault((*place, "above"), 0)
                true.setdefault((*place, "below"), 0)
                for key in ("any", "see_first", "see_next"):
                    true.setdefault((*place, key, one), 0)
            for name in names:
                true[name] = true.get(name, 0) + (side == one)
        for place in (("school", row.school_id), ("district",)):
            true[(*place, "below" if side is None else "above")] += 1
    return true


def band_of(probability: float) -> str:
    return "high" if probability >= 0.6 else "elevated" if probability >= 0.3 else "rest"


def what_adds_up(true: Mapping[tuple[str, ...], int]) -> Iterator[Sum]:
    """Everything an attacker knows: bands, grades in schools, schools in the district."""
    places = {name[:-1] for name in true if name[-1] == "students"}
    schools = sorted(place for place in places if place[0] == "school")
    for place in places:
        for domain in OF_NEED:
            yield Sum((*place, domain, "flagged"), ((*place, domain, "high"), (*place, domain, "elevated")))
            yield Sum((*place, "students"), ((*place, domain, "flagged"), (*place, domain, "rest")))
    for what in (("students",), *((d, b) for d in OF_NEED for b in ("high", "elevated", "flagged", "rest"))):
        yield Sum(("district", *what), tuple((*school, *what) for school in schools))
        for school in schools:
            grades = sorted(place for place in places if place[:2] == ("grade", school[1]))
            yield Sum((*school, *what), tuple((*grade, *what) for grade in grades))
    yield from sums_of_places(true, schools)


def sums_of_places(true: Mapping[tuple[str, ...], int], schools: list[tuple[str, ...]]) -> Iterator[Sum]:
    """Levels, counselors, the list and what is beyond it, in schools and in the district."""
    kinds = [(key, side) for key in ("any", "see_first", "see_next") for side in ("on_list", "beyond")]
    for place in (*schools, ("district",)):
        for side in ("on_list", "beyond"):
            yield Sum((*place, "any", side), tuple((*place, key, side) for key in ("see_first", "see_next")))
        yield Sum((*place, "above"), tuple((*place, "any", side) for side in ("on_list", "beyond")))
        yield Sum((*place, "students"), ((*place, "above"), (*place, "below")))
    for kind in kinds:
        yield Sum(("district", *kind), tuple((*school, *kind) for school in schools))
    for _, school in schools:
        for side in ("on_list", "beyond"):
            staff = sorted(name for name in true if name[:2] == ("counselor", school) and name[3] == side)
            yield Sum(("school", school, "any", side), tuple(staff))


def test_the_page_holds_no_number_that_its_json_hides(district: Caller) -> None:
    visitor = signed_in(district, BAPTISTE)
    told, page = visitor("GET", f"/schools/{HIGH}.json"), visitor("GET", f"/schools/{HIGH}").text
    eleven = next(line for line in told.json()["lines"] if line["grade_level"] == 11)
    assert eleven["students"] is None
    row = page.split("Grade\u00a011")[1].split("</tr>")[0]
    assert shown(row).count("not shown") == 5


def test_the_sheet_says_what_the_page_says(district: Caller) -> None:
    visitor = signed_in(district, ZHAO)
    for path in ("/district", "/schools", f"/schools/{HIGH}"):
        answer = visitor("GET", f"{path}.csv")
        assert answer.headers["content-type"].startswith("text/csv"), path
        rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
        told = visitor("GET", f"{path}.json").json()
        lines = [*told.get("lines", ()), *(one["need"] for one in told.get("schools", ()))]
        lines += [told.get("everyone") or told.get("whole")] if path != "/schools" else []
        for row, line in zip(rows, lines, strict=True):
            shown_there = {str(line["students"])} | {str(need["flagged"]) for need in line["needs"].values()}
            in_sheet = {row["students"]} | {row[f"{domain}_flagged"] for domain in line["needs"]}
            assert in_sheet == {"not shown" if one == "None" else one for one in shown_there}
    assert signed_in(district, BAPTISTE)("GET", f"/schools/{MIDDLE}.csv").status_code == 404
    assert signed_in(district, BAPTISTE)("GET", "/district.csv").status_code == 403
    assert len(signed_in(district, BAPTISTE)("GET", "/schools.csv").text.splitlines()) == 2


def test_what_is_counted_is_true(settings: Settings, calling: Calling) -> None:
    call = calling(pages.routes, of=settings)
    scored(call, settings, people())
    told = signed_in(call, ZHAO)("GET", "/district.json").json()
    true = truth_of(people())
    assert told["whole"]["students"] == true["district", "students"]
    assert told["whole"]["needs"]["attendance"]["high"] == true["district", "attendance", "high"]
    assert told["whole"]["needs"]["any"]["flagged"] == true["district", "any", "flagged"]


def test_the_list_tells_no_count_of_a_school(district: Caller) -> None:
    schools = signed_in(district, OKAFOR)("GET", "/list.json").json()["schools"]
    assert schools and not {"beyond", "enrolled", "next_line"} & schools[0].keys()


def test_a_newer_run_is_counted_anew(call: Caller, settings: Settings) -> None:
    visitor = signed_in(call, ZHAO)
    keep(settings, people())
    before = visitor("GET", "/district.json").json()["whole"]["students"]
    keep(settings, people()[:150])
    assert visitor("GET", "/district.json").json()["whole"]["students"] == 150 != before
    with call.inside.store.read() as tx:
        assert len(tx.execute(runs.select()).all()) == 2
