"""The reader against everything a writer of CSV may write."""

from __future__ import annotations

import csv
import io
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ews.records.contract import CONTRACT
from ews.records.drop import FileFacts
from ews.records.reader import Reading, read_file
from ews.records.structure import BLOCK, layout_of

NAMES = CONTRACT["student_names"]
READING = Reading(ZoneInfo("UTC"))
TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)
WRITERS = st.tuples(
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]), st.sampled_from(["\n", "\r\n"])
)


def written(rows: list[tuple[str, str]], quoting: int, ends: str) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=quoting, lineterminator=ends)  # type: ignore[arg-type]
    writer.writerow(["student_id", "given_name", "family_name"])
    writer.writerows((f"id{number}", *row) for number, row in enumerate(rows))
    return text.getvalue().encode()


@settings(deadline=None)
@given(st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=8), WRITERS)
def test_every_value_comes_back_and_every_row_knows_its_line(
    rows: list[tuple[str, str]], how: tuple[int, str]
) -> None:
    bare_return = how[0] == csv.QUOTE_MINIMAL and any("\r" in value for row in rows for value in row)
    assume(not bare_return)  # Python before 3.13 leaves it unquoted
    data = written(rows, *how)
    handed, problems = read_file(NAMES, FileFacts("student_names.csv"), data, READING)
    assert handed is not None
    read = handed.rows.select(["given_name", "family_name"]).to_pylist()
    wanted = [{"given_name": given or None, "family_name": family or None} for given, family in rows]
    set_aside = {problem.line for problem in problems}
    for row, expected, line in zip(read, wanted, handed.lines, strict=True):
        assert row == expected or int(line) in set_aside
    newlines = [sum(value.count("\n") for value in row) for row in rows]
    assert handed.lines.tolist() == [2 + at + sum(newlines[:at]) for at in range(len(rows))]


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_and_never_crash(data: bytes) -> None:
    for start in (b"", b"student_id,given_name\n"):
        handed, problems = read_file(NAMES, FileFacts("student_names.csv"), start + data, READING)
        assert handed is not None or problems
        assert all(problem.fix for problem in problems)


@pytest.mark.parametrize("break_in_line", [False, True])
def test_lines_are_right_in_a_file_of_many_blocks(break_in_line: bool) -> None:
    value = b'"a\nb"' if break_in_line else b"ab"
    row = b"0001," + value + b"," + b"x" * 90 + b"\n"
    count = 2 * BLOCK // len(row)
    data = b"student_id,given_name,family_name\n" + row * count + b"0002,short\n"
    layout, problems = layout_of("student_names.csv", data)
    assert layout is not None
    assert len(layout.starts) == count + 2
    assert [problem.line for problem in problems] == [2 + count * (2 if break_in_line else 1)]
