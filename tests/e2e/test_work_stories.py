"""The work with students in the demo: nominated, planned, drawn; a note outlives its session."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest
from e2e.conftest import WIDE, Demo
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import delete, select

from ews.district.cast import MARIBEL, SIGN_INS
from ews.store import open_store
from ews.store.sight_tables import teaching
from ews.store.tables import accounts, caseloads, run_students, sessions
from ews.store.work_tables import follow_ups

pytestmark = pytest.mark.browser

COUNSELOR, PRINCIPAL = "d.okafor@tworivers.example", "l.baptiste@tworivers.example"
TEACHER = next(one for one in SIGN_INS if one.role == "teacher")
STUDENT = f"/students/{MARIBEL}"
PASSWORD = "a quiet long password"


def signed_in(chromium: Browser, demo: Demo, who: str, **more: object) -> Page:
    """A window of its own in which ``who`` is signed in."""
    sight = {"viewport": {"width": WIDE, "height": 900}} | more
    return demo.context(chromium, who, **sight).new_page()


def taught_and_not_listed(demo: Demo) -> tuple[str, str]:
    """A student of the teacher who is on the counselor's caseload and on no list: id and name."""
    counselor = next(one for one in SIGN_INS if one.sign_in == COUNSELOR)
    with open_store(demo.settings) as store, store.read() as tx:
        row = tx.execute(
            select(run_students.c.student_id, run_students.c.display_name)
            .join(teaching, teaching.c.student_id == run_students.c.student_id)
            .join(caseloads, caseloads.c.student_id == run_students.c.student_id)
            .where(
                teaching.c.staff_id == TEACHER.staff_id,
                caseloads.c.staff_id == counselor.staff_id,
                run_students.c.level == "not_this_week",
                run_students.c.student_id.not_in(select(follow_ups.c.student_id)),
            )
            .order_by(run_students.c.sort_name)
        ).first()
    assert row
    return row.student_id, row.display_name


def test_a_teacher_nominates_and_the_counselor_has_the_student_on_the_first_tab(
    chromium: Browser, demo_served: Demo
) -> None:
    student, name = taught_and_not_listed(demo_served)
    teacher = signed_in(chromium, demo_served, TEACHER.sign_in)
    counselor = signed_in(chromium, demo_served, COUNSELOR)
    teacher.goto("/nominate")
    assert "See first" not in teacher.locator("main").inner_text()
    teacher.get_by_label("Name", exact=True).fill(name)
    teacher.get_by_role("button", name="Find").click()
    teacher.get_by_role("link", name=name, exact=True).first.click()
    expect(teacher.get_by_role("heading", level=1)).to_have_text(name)
    teacher.get_by_label(re.compile("Why would")).fill("Very quiet since October,\nand alone at lunch.")
    teacher.get_by_role("button", name=f"Nominate {name}").click()
    mine = teacher.locator("#mine").locator("xpath=..").locator("li", has_text=name)
    expect(mine).to_contain_text("Not looked at yet")

    counselor.goto("/list")
    row = counselor.locator("tbody tr", has=counselor.locator(f'a[href^="/students/{student}"]'))
    expect(row).to_contain_text(f"Named by {TEACHER.name}")
    counselor.goto("/list?tab=waiting")
    expect(counselor.locator("main")).to_contain_text("Very quiet since October")
    counselor.goto(f"/students/{student}")
    expect(counselor.locator("#said")).to_contain_text("and alone at lunch.")
    counselor.get_by_role("button", name=f"Acknowledge {name}").click()
    teacher.reload()
    expect(mine).to_contain_text("Somebody is on it")


def test_a_plan_from_offer_to_review(chromium: Browser, demo_served: Demo) -> None:
    page = signed_in(chromium, demo_served, COUNSELOR)
    page.goto(STUDENT)
    name = page.get_by_role("heading", level=1).inner_text()
    page.get_by_role("link", name=f"Offer a plan to {name}").click()
    page.get_by_label(f"Support for {name}").select_option("Mentor")
    page.get_by_label("Goal for").fill("In class by 8:10 on four days of five")
    page.get_by_label("Somebody else, by name").fill("Coach Ruiz")
    page.get_by_label("Minutes a week").fill("60")
    page.get_by_role("button", name=f"Offer the plan to {name}").click()
    page.wait_for_url(re.compile(r"/plans/\d+$"))
    plan = page.url
    glance = page.locator(".glance")
    expect(glance).to_contain_text("Offered")
    expect(glance).to_contain_text("Not yet")
    session = page.locator("form", has=page.get_by_role("heading", name=f"A session with {name}"))
    session.get_by_label("Minutes").fill("25")
    session.get_by_role("button", name="Log the session").click()
    expect(glance).to_contain_text("Going on")
    expect(glance).to_contain_text("1 of 1 attended, 25 minutes")
    happened = page.locator("#happened").locator("xpath=..")
    happened.get_by_role("button", name=re.compile("Undo")).first.click()
    page.goto(plan)
    expect(glance).to_contain_text("None yet")
    review = page.locator("form", has=page.get_by_role("heading", name=f"A review for {name}"))
    review.get_by_label("Partly met").check()
    review.get_by_label("What did you see?").fill("Three days of five")
    again = (datetime.now(UTC) + timedelta(weeks=4)).date().isoformat()
    review.get_by_label("Day of the next review").fill(again)
    review.get_by_role("button", name="Keep the review").click()
    expect(happened).to_contain_text("Three days of five")
    review.get_by_label("Goal met", exact=True).check()
    review.get_by_label("The plan ends here").check()
    review.get_by_role("button", name="Keep the review").click()
    expect(glance).to_contain_text("Ended: goal met")
    page.goto(STUDENT)
    expect(page.locator("#plans").locator("xpath=..")).to_contain_text("Ended: goal met")


def test_two_who_change_a_plan_at_once_lose_no_word(chromium: Browser, demo_served: Demo) -> None:
    hers, his = (signed_in(chromium, demo_served, who) for who in (COUNSELOR, PRINCIPAL))
    hers.goto(f"{STUDENT}/plan")
    hers.get_by_label("Goal for").fill("A goal")
    hers.get_by_label("Somebody else, by name").fill("Coach Ruiz")
    hers.get_by_role("button", name=re.compile("Offer the plan")).click()
    hers.wait_for_url(re.compile(r"/plans/\d+$"))
    for page, goal in ((his, "His goal"), (hers, "Her goal")):
        page.goto(hers.url)
        page.get_by_text("Change the plan").click()
        page.get_by_label("Goal for").fill(goal)
    for page in (his, hers):
        page.get_by_role("button", name=re.compile("Save the plan")).click()
    expect(hers.get_by_role("heading", level=1)).to_have_text("Somebody else was faster")
    expect(hers.locator("main")).to_contain_text("His goal")
    box = hers.locator("textarea[name=goal]")
    expect(box).to_have_value("Her goal")
    box.fill("Her goal, and his goal")
    hers.get_by_role("button", name="Save it now").click()
    expect(hers.locator("main")).to_contain_text("Her goal, and his goal")


def test_a_fair_draw_that_anybody_can_check(chromium: Browser, demo_served: Demo) -> None:
    principal = signed_in(chromium, demo_served, PRINCIPAL)
    counselor = signed_in(chromium, demo_served, COUNSELOR)
    principal.goto("/programs")
    principal.get_by_label("Name", exact=True).fill("Math help at lunch")
    principal.get_by_label(re.compile("^Places")).fill("2")
    principal.get_by_role("button", name="Keep the program").click()
    expect(principal.locator("main")).to_contain_text("2 of 2 places free")
    counselor.goto("/programs")
    counselor.get_by_role("link", name="Math help at lunch").click()
    counselor.get_by_role("button", name="Begin a fair draw").click()
    counselor.wait_for_url(re.compile(r"/draws/\d+$"))
    counselor.get_by_text("How to check this draw").click()
    fingerprint = counselor.locator("code").first.inner_text()
    for box in counselor.locator("input[name=student]").all()[:5]:
        box.check()
    counselor.get_by_role("button", name=re.compile("^Draw")).click()
    rows = counselor.locator(".draw-result tbody tr")
    expect(rows).to_have_count(5)
    twin = counselor.request.get(f"{counselor.url}.json").json()["draw"]
    assert hashlib.sha256(twin["seed"].encode()).hexdigest() == fingerprint
    ids = [one["student"]["student_id"] for one in twin["names"]]
    numbers = {one: hashlib.sha256(f"{twin['seed']}:{one}".encode()).hexdigest() for one in ids}
    assert ids == sorted(ids, key=numbers.__getitem__)
    expect(counselor.get_by_text("Place offered")).to_have_count(2)
    counselor.get_by_role("link", name="Math help at lunch, Alder Creek High School").click()
    expect(counselor.locator("main")).to_contain_text("0 of 2 places free")
    expect(counselor.get_by_role("button", name="Begin a fair draw")).to_have_count(0)


def test_a_session_that_ends_in_the_middle_of_a_note_does_not_lose_it(
    chromium: Browser, demo_served: Demo
) -> None:
    from ews.people.accounts import choose_password

    page = signed_in(chromium, demo_served, COUNSELOR)
    page.goto(STUDENT)
    name = page.get_by_role("heading", level=1).inner_text()
    page.get_by_label(f"A note on {name}").fill("Her aunt picks up the phone.\nCall after four.")
    page.get_by_label("Staff who may read it").select_option("leaders")
    with open_store(demo_served.settings) as store, store.begin() as tx:
        hers = select(accounts.c.account_id).where(accounts.c.name == COUNSELOR)
        tx.execute(delete(sessions).where(sessions.c.account_id.in_(hers)))
        choose_password(tx, COUNSELOR, PASSWORD, now=datetime.now(UTC))
        tx.execute(accounts.update().where(accounts.c.name == COUNSELOR).values(must_change=False))
    page.get_by_role("button", name="Add note").click()
    expect(page.get_by_role("status")).to_contain_text(f"What you wrote about {name} is kept")
    assert "aunt" not in page.url
    page.get_by_label("User name").fill(COUNSELOR)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("textarea[name=note]")).to_have_value(
        "Her aunt picks up the phone.\nCall after four."
    )
    page.get_by_role("button", name="Save it now").click()
    expect(page.locator("#notes li").first).to_contain_text("Her aunt picks up the phone.")
    expect(page.locator("#notes li").first).to_contain_text("Counselors and administrators only")
