"""The thirty-two classes of bad files: each is made here, and each says what it does to a drop.

``loads``: taken as it is. ``rejected``: nothing of the drop is loaded, and the report names the line and
the column. ``aside``: the row waits. ``null``: the value is null and counted. ``held``: a person decides.
"""

from __future__ import annotations

import hashlib
import os
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from small_drop import ANA, ATTENDANCE, FIRST, SECOND, TABLES, as_csv, load, standing, write_drop

from ews.records.contract import CONTRACT
from ews.records.drop import FileFacts
from ews.records.problems import Problem
from ews.records.reader import Reading, read_file
from ews.records.structure import Limits
from ews.settings import Settings

HEAD = b"student_id,school_id,date,status,absent_fraction\n"
GOOD = b"0001,S1,2024-10-14,present,\n"


@dataclass(frozen=True)
class Bad:
    """A file of attendance, what becomes of the drop, and where the report points."""

    number: int
    what: str
    data: bytes
    outcome: str
    line: int | None = None
    column: str | None = None
    words: str = ""

    def __str__(self) -> str:
        return f"{self.number} {self.what}"


def row(text: str) -> bytes:
    """The good row and one more."""
    return HEAD + GOOD + text.encode() + b"\n"


FILES = [
    Bad(1, "BOM", b"\xef\xbb\xbf" + HEAD + GOOD, "loads"),
    Bad(2, "UTF-16", (HEAD + GOOD).decode().encode("utf-16"), "rejected", 1, None, "UTF-16"),
    Bad(2, "UTF-16 without a mark", (HEAD + GOOD).decode().encode("utf-16-le"), "rejected", 1, None, "NUL"),
    Bad(
        3, "cp1252", HEAD + GOOD + "0002,S1,2024-10-14,présent,".encode("cp1252"), "rejected", 3, None, "1252"
    ),
    Bad(4, "invalid byte", HEAD + GOOD * 1 + b"0002,S1,2024-10-15,\xff,\n", "rejected", 3, None, "UTF-8"),
    Bad(5, "NUL", HEAD + GOOD + b"0002,S1\0,2024-10-15,present,\n", "rejected", 3, None, "NUL"),
    Bad(6, "empty", b"", "rejected", None, None, "empty"),
    Bad(6, "only blank lines", b"\n\n \n", "rejected", None, None, "empty"),
    Bad(7, "header only", HEAD, "loads"),
    Bad(
        8,
        "required column missing",
        b"student_id,school_id,date\n0001,S1,2024-10-14\n",
        "rejected",
        1,
        "status",
    ),
    Bad(
        9,
        "column misspelt",
        HEAD.replace(b"status", b"staus") + GOOD,
        "rejected",
        1,
        "status",
        "Is it 'staus'",
    ),
    Bad(10, "column twice", b"student_id,school_id,date,status,Status\n", "rejected", 1, "Status", "twice"),
    Bad(11, "columns reordered", b"status,date,School ID,StudentID\npresent,2024-10-14,S1,0001\n", "loads"),
    Bad(12, "semicolons", (HEAD + GOOD).replace(b",", b";"), "rejected", 1, None, "not separated by commas"),
    Bad(12, "tabs", (HEAD + GOOD).replace(b",", b"\t"), "rejected", 1, None, "not separated by commas"),
    Bad(13, "CR line ends", (HEAD + GOOD).replace(b"\n", b"\r"), "rejected", 1, None, "carriage return"),
    Bad(13, "CRLF line ends", (HEAD + GOOD).replace(b"\n", b"\r\n"), "loads"),
    Bad(14, "unclosed quote", row('0002,"S1,2024-10-14,present,'), "rejected", 3, None, "never closed"),
    Bad(
        14,
        "unclosed quote with quotes after it",
        row('0002,"S1,2024-10-14,present,\n0003,"S1",2024-10-14,present,'),
        "rejected",
        3,
        None,
        "not closed",
    ),
    Bad(
        14, "quote inside a value", row('0002,S"1,2024-10-14,present,'), "rejected", 3, None, "inside a value"
    ),
    Bad(15, "short row", row("0002,S1,2024-10-14"), "rejected", 3, None, "Too few"),
    Bad(16, "long row", row("0002,S1,2024-10-14,present,,extra"), "rejected", 3, None, "Too many"),
    Bad(
        17,
        "newline inside quotes",
        HEAD + b'0001,S1,2024-10-14,"pre\nsent",\n0002,S1,x,present,\n',
        "rejected",
        4,
        "date",
    ),
    Bad(18, "leading zeros lost", row("2,S1,2024-10-14,present,"), "aside", 3, "student_id", "leading zeros"),
    Bad(
        19,
        "id in scientific notation",
        row("2.3E+07,S1,2024-10-14,present,"),
        "rejected",
        3,
        "student_id",
        "scientific",
    ),
    Bad(20, "3-Mar", row("0002,S1,3-Mar,present,"), "rejected", 3, "date", "YYYY-MM-DD"),
    Bad(20, "45000", row("0002,S1,45000,present,"), "rejected", 3, "date", "YYYY-MM-DD"),
    Bad(20, "20-Oct", row("0002,S1,20-Oct,present,"), "rejected", 3, "date", "YYYY-MM-DD"),
    Bad(
        21, "#REF! in a key", row("#REF!,S1,2024-10-14,present,"), "rejected", 3, "student_id", "spreadsheet"
    ),
    Bad(
        21,
        "#N/A in an optional column",
        row("0002,S1,2024-10-14,present,#N/A"),
        "aside",
        3,
        "absent_fraction",
    ),
    Bad(22, "null as id", row("null,S1,2024-10-14,present,"), "rejected", 3, "student_id", "no identifier"),
    Bad(22, "NA as id", row("0002,NA,2024-10-14,present,"), "rejected", 3, "school_id", "no identifier"),
    Bad(22, "empty id", row(",S1,2024-10-14,present,"), "rejected", 3, "student_id", "empty"),
    Bad(23, "nan", row("0002,S1,2024-10-14,present,nan"), "aside", 3, "absent_fraction", "not a number"),
    Bad(23, "inf", row("0002,S1,2024-10-14,present,inf"), "aside", 3, "absent_fraction", "not a number"),
    Bad(23, "1e999", row("0002,S1,2024-10-14,present,1e999"), "aside", 3, "absent_fraction", "too large"),
    Bad(23, "negative", row("0002,S1,2024-10-14,present,-0.5"), "aside", 3, "absent_fraction", "below 0"),
    Bad(24, "0-100 for 0-1", row("0002,S1,2024-10-14,present,50"), "aside", 3, "absent_fraction", "above 1"),
    Bad(25, "decimal comma", row('0002,S1,2024-10-14,present,"0,5"'), "aside", 3, "absent_fraction"),
    Bad(25, "thousands separator", row('0002,S1,2024-10-14,present,"1,000"'), "aside", 3, "absent_fraction"),
    Bad(26, "31 February", row("0002,S1,2025-02-31,present,"), "rejected", 3, "date", "does not exist"),
    Bad(26, "29 February", row("0002,S1,2025-02-29,present,"), "rejected", 3, "date", "does not exist"),
    Bad(26, "ambiguous date", row("0002,S1,03/04/2024,present,"), "rejected", 3, "date", "ambiguous"),
    Bad(26, "future date", row("0002,S1,2024-12-24,present,"), "aside", 3, "date", "still to come"),
    Bad(26, "before enrollment", row("0002,S1,2024-08-14,present,"), "aside", 3, "date", "not enrolled"),
    Bad(26, "year 0202", row("0002,S1,0202-10-14,present,"), "rejected", 3, "date", "out of reach"),
    Bad(27, "same row twice", row(GOOD.decode().strip()), "loads", 3, "student_id", "same row twice"),
    Bad(
        27,
        "same key, other value",
        row("0001,S1,2024-10-14,tardy,"),
        "rejected",
        3,
        "student_id",
        "different values",
    ),
    Bad(28, "orphan student", row("9999,S1,2024-10-14,present,"), "aside", 3, "student_id", "orphan"),
    Bad(28, "orphan school", row("0002,S9,2024-10-14,present,"), "aside", 3, "school_id", "orphan"),
    Bad(
        29,
        "new column",
        b"student_id,school_id,date,status,mood\n0001,S1,2024-10-14,present,7\n",
        "loads",
        1,
        "mood",
    ),
    Bad(29, "new code", row("0002,S1,2024-10-14,WFH,"), "null", 3, "status", "without a mapping"),
    Bad(
        29,
        "older layout",
        b"student_number,school_code,absence_date,status\n0001,S1,2024-10-14,present\n",
        "loads",
    ),
    Bad(31, "a spreadsheet called .csv", b"PK\x03\x04....", "rejected", None, None, "spreadsheet"),
    Bad(
        31,
        "XML called .csv",
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>",
        "rejected",
        None,
        None,
        "XML",
    ),
    Bad(
        33,
        "social security",
        b"student_id,school_id,date,status,SSN\n0001,S1,2024-10-14,present,1\n",
        "rejected",
        1,
        "SSN",
        "refused",
    ),
    Bad(
        33,
        "medical",
        b"student_id,school_id,date,status,Medical Notes\n0001,S1,2024-10-14,present,1\n",
        "rejected",
        1,
        "Medical Notes",
        "refused",
    ),
]


IN_TESTS_OF_THEIR_OWN = {30, 32}


def test_every_class_of_bad_files_has_a_test() -> None:
    assert {bad.number for bad in FILES} | IN_TESTS_OF_THEIR_OWN >= set(range(1, 33))


@pytest.mark.parametrize("bad", FILES, ids=str)
def test_a_bad_file(bad: Bad, settings: Settings, tmp_path: Path) -> None:
    report = load(settings, write_drop(tmp_path / "drop", attendance=bad.data))
    assert report.status == ("rejected" if bad.outcome == "rejected" else "loaded"), report.problems
    if bad.words or bad.line:
        assert points_to(bad, report.problems)
    if bad.outcome == "rejected":
        assert not (settings.lake / "current.json").exists()
        return
    assert report.tables["attendance"].quarantined == (bad.outcome == "aside")
    statuses = {line["student_id"]: line["status"] for line in standing(settings, "attendance")}
    assert (
        statuses
        == {
            "loads": {} if bad.data == HEAD else {ANA: "present"},
            "aside": {ANA: "present"},
            "null": {ANA: "present", "0002": None},
        }[bad.outcome]
    )


def points_to(bad: Bad, problems: list[Problem]) -> bool:
    """Whether a problem of the right severity has the line, the column and the words."""
    severity = "error" if bad.outcome == "rejected" else "warning"
    assert all(problem.fix for problem in problems)
    return any(
        (problem.file, problem.line, problem.column, problem.severity)
        == ("attendance.csv", bad.line, bad.column, severity)
        and bad.words in f"{problem.problem} {problem.fix}"
        for problem in problems
    )


def test_thirty_two_a_line_without_end(settings: Settings, tmp_path: Path) -> None:
    long_line = HEAD + b"0001,S1,2024-10-14," + b"x" * 1_100_000 + b",\n"
    report = load(settings, write_drop(tmp_path / "drop", attendance=long_line))
    assert (report.status, report.problems[0].line) == ("rejected", 2)


@pytest.mark.parametrize(
    "limits", [Limits(rows=2), Limits(columns=3), Limits(line_bytes=20)], ids=["rows", "columns", "line"]
)
def test_thirty_two_more_than_a_file_may_have(settings: Settings, limits: Limits) -> None:
    reading = Reading(settings.timezone, limits=limits)
    facts = FileFacts("attendance.csv")
    handed, problems = read_file(CONTRACT["attendance"], facts, as_csv(ATTENDANCE), reading)
    assert handed is None
    assert [problem.severity for problem in problems] == ["error"]


def test_twenty_four_percentages_between_0_and_1(settings: Settings, tmp_path: Path) -> None:
    marks = [
        {
            "student_id": ANA,
            "section_id": f"c{number}",
            "term_id": "t",
            "mark_type": "final",
            "as_of_date": "2024-10-14",
            "percent": number / 40,
        }
        for number in range(30)
    ]
    report = load(settings, write_drop(tmp_path / "drop", marks=marks))
    assert report.status == "rejected"
    assert [(problem.file, problem.column) for problem in report.problems] == [("marks.csv", "percent")]


def test_thirty_count_or_checksum_against_the_manifest(settings: Settings, tmp_path: Path) -> None:
    whole = as_csv(ATTENDANCE)
    truncated = b"\n".join(whole.split(b"\n")[:3]) + b"\n"
    for number, said in enumerate([{"rows": len(ATTENDANCE)}, {"sha256": hashlib.sha256(whole).hexdigest()}]):
        folder = write_drop(
            tmp_path / str(number), attendance=truncated, manifest={"files": {"attendance.csv": said}}
        )
        report = load(settings, folder)
        assert report.status == "held"
        assert "attendance.csv" in report.difference[0]
        assert not (settings.lake / "current.json").exists()
    assert load(settings, folder, accept_held=True).status == "loaded"


def test_thirty_a_file_of_the_manifest_that_is_not_there(settings: Settings, tmp_path: Path) -> None:
    folder = write_drop(tmp_path / "drop", manifest={"files": {"marks.csv": {"rows": 3}}})
    assert load(settings, folder).difference == ["marks is in the manifest and not in the drop."]


@pytest.mark.parametrize(
    "content", [b"{", b"[]", b'{"files": {"marks.csv": {"mode": "new"}}}', b'{"attendance_mode": "both"}']
)
def test_a_manifest_that_cannot_be_read(settings: Settings, tmp_path: Path, content: bytes) -> None:
    folder = write_drop(tmp_path / "drop")
    (folder / "manifest.json").write_bytes(content)
    report = load(settings, folder)
    assert (report.status, report.problems[0].file) == ("rejected", "manifest.json")


def zipped(path: Path, change: Callable[[zipfile.ZipFile], None] = lambda archive: None) -> Path:
    """The small district as a zip, with what ``change`` adds."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, rows in TABLES.items():
            archive.writestr(f"export/{name}.csv", as_csv(rows))
        change(archive)
    return path


def a_link(archive: zipfile.ZipFile) -> None:
    member = zipfile.ZipInfo("marks.csv")
    member.external_attr = (stat.S_IFLNK | 0o777) << 16
    archive.writestr(member, "/etc/passwd")


def test_a_zip_loads_as_a_folder_does(settings: Settings, tmp_path: Path) -> None:
    assert load(settings, zipped(tmp_path / "drop.zip")).status == "loaded"
    assert len(standing(settings, "attendance")) == len(ATTENDANCE)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda archive: archive.writestr("../../orgs.csv", "x"), "leads out"),
        (lambda archive: archive.writestr("/etc/orgs.csv", "x"), "leads out"),
        (a_link, "link"),
        (lambda archive: archive.writestr("marks.csv", b"0" * 30_000_000), "far more"),
    ],
    ids=["traversal", "absolute", "link", "bomb"],
)
def test_thirty_one_a_zip_that_does_harm(
    settings: Settings, tmp_path: Path, change: Callable[[zipfile.ZipFile], None], words: str
) -> None:
    report = load(settings, zipped(tmp_path / "drop.zip", change))
    assert report.status == "rejected"
    assert words in report.problems[0].problem


def test_thirty_one_an_encrypted_or_broken_zip(settings: Settings, tmp_path: Path) -> None:
    path = zipped(tmp_path / "drop.zip")
    data = bytearray(path.read_bytes())
    for start in (data.find(b"PK\x03\x04") + 6, data.find(b"PK\x01\x02") + 8):
        data[start] |= 1
    path.write_bytes(bytes(data))
    assert "encrypted" in load(settings, path).problems[0].problem
    path.write_bytes(bytes(data[:200]))
    assert load(settings, path).status == "rejected"


def test_thirty_two_a_file_that_changes_while_it_is_read(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_drop(tmp_path / "drop") / "attendance.csv"
    plain = os.fstat

    def grown(handle: int) -> os.stat_result:
        seen = plain(handle)
        with file.open("ab") as more:
            more.write(b"0003,S1,2024-10-15,present\n")
        return seen

    monkeypatch.setattr(os, "fstat", grown)
    report = load(settings, file.parent)
    assert report.status == "rejected"
    assert "changed" in report.problems[0].problem


def test_thirty_two_the_same_file_again_and_yesterdays_file_again(settings: Settings, tmp_path: Path) -> None:
    yesterday = write_drop(tmp_path / "yesterday")
    today = write_drop(
        tmp_path / "today", attendance=[*ATTENDANCE[:3], ATTENDANCE[3] | {"status": "present"}]
    )
    load(settings, yesterday)
    assert load(settings, yesterday, now=SECOND).published is False
    assert load(settings, today, now=SECOND).status == "loaded"
    report = load(settings, yesterday, now=SECOND)
    assert report.status == "held"
    assert "loaded before" in report.difference[0]


def test_a_drop_extracted_before_the_last_one_is_held(settings: Settings, tmp_path: Path) -> None:
    def said(day: int) -> dict[str, str]:
        return {"extract_at": f"2024-11-0{day}T00:00:00Z"}

    load(settings, write_drop(tmp_path / "new", manifest=said(2)))
    changed = [*ATTENDANCE[:3], ATTENDANCE[3] | {"status": "present"}]
    report = load(settings, write_drop(tmp_path / "old", attendance=changed, manifest=said(1)), now=SECOND)
    assert report.status == "held"


@pytest.mark.parametrize(
    "name",
    [
        "Null",
        "=Smith",
        "O'Brien",
        "🙂 Zoë",
        "שרה כהן",
        'Ana "Nita"',
        "Lee, Kim",
        "two\nlines",
        "x" * 80,
        "NA",
        "#REF",
    ],
)
def test_ugly_but_valid_names_load(settings: Settings, tmp_path: Path, name: str) -> None:
    names = [{"student_id": ANA, "given_name": name, "family_name": "Díaz"}]
    assert load(settings, write_drop(tmp_path / "drop", student_names=names), now=FIRST).status == "loaded"
    assert standing(settings, "student_names")[0]["given_name"] == name
