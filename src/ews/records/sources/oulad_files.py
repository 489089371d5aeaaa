"""The files of the Open University Learning Analytics Dataset, read as strictly as a district's drop.

Every value stands in its type or is told back with file, line and column. An empty value and the
question mark that some releases write mean missing.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ews.records.problems import Problem, errors, listed

Row = dict[str, Any]
MISSING = ("", "?")
VISITS = "vle_pre_course.csv"
ALL_VISITS = "studentVle.csv"
RESULTS = ("Pass", "Distinction", "Fail", "Withdrawn")


def words(value: str) -> str:
    """A value that is taken as it stands."""
    return value


def whole(value: str) -> int:
    """A whole number; ValueError otherwise."""
    return int(value)


def decimal(value: str) -> float:
    """A number; ValueError otherwise, and for what is not finite."""
    number = float(value)
    if not abs(number) < float("inf"):
        raise ValueError(value)
    return number


def result(value: str) -> str:
    """One of the four final results; ValueError otherwise."""
    if value not in RESULTS:
        raise ValueError(value)
    return value


def presentation(value: str) -> str:
    """A year and the letter of the month it starts in, such as 2013B; ValueError otherwise."""
    if len(value) != 5 or not value[:4].isdigit() or not "A" <= value[4] <= "L":
        raise ValueError(value)
    return value


Read = Callable[[str], Any]
SHOULD_BE: Mapping[Read, str] = {
    words: "Fill it in.",
    whole: "Write a whole number.",
    decimal: "Write a number.",
    result: f"Write {', '.join(RESULTS)}.",
    presentation: "Write a year and the letter of a month, A for January to L for December.",
}
KEY = {"code_module": words, "code_presentation": presentation}

REQUIRED: Mapping[str, Mapping[str, Read]] = {
    "courses.csv": KEY | {"module_presentation_length": whole},
    "assessments.csv": KEY | {"id_assessment": words, "assessment_type": words},
    "studentInfo.csv": KEY | {"id_student": words, "final_result": result},
    "studentRegistration.csv": KEY | {"id_student": words},
    "studentAssessment.csv": {"id_assessment": words, "id_student": words, "date_submitted": whole},
    VISITS: KEY | {"id_student": words, "pre_course_clicks": whole},
}
OPTIONAL: Mapping[str, Mapping[str, Read]] = {
    "assessments.csv": {"date": whole, "weight": decimal},
    "studentInfo.csv": {"gender": words, "num_of_prev_attempts": whole, "studied_credits": decimal},
    "studentRegistration.csv": {"date_registration": whole, "date_unregistration": whole},
    "studentAssessment.csv": {"is_banked": whole, "score": decimal},
}
"""Columns that must be there but whose value may be missing."""


def read_files(folder: Path) -> tuple[dict[str, list[Row]], list[Problem]]:
    """(rows of each file, problems). A row has its values in their types, None for missing, and ``line``.

    With an error among the problems the rows are not to be used.
    """
    files: dict[str, list[Row]] = {}
    problems: list[Problem] = []
    for name in REQUIRED:
        if name == VISITS and not (folder / name).exists():
            continue
        files[name], found = read_file(folder, name)
        problems += found
    if VISITS not in files and (folder / ALL_VISITS).exists() and not errors(problems):
        files[VISITS], found = visits_before_start(folder / ALL_VISITS)
        problems += found
    return files, problems


def read_file(folder: Path, name: str) -> tuple[list[Row], list[Problem]]:
    """The rows of one file in their types, and what was wrong in it."""
    wanted = {**REQUIRED[name], **OPTIONAL.get(name, {})}
    try:
        with (folder / name).open(encoding="utf-8-sig", newline="") as file:
            header, lines, written, ragged = rows_of(file)
    except FileNotFoundError:
        return [], [Problem(name, None, None, None, "the file is missing", "Put it beside the others.")]
    except (UnicodeDecodeError, csv.Error):
        return [], [Problem(name, None, None, None, "not readable as CSV", "Save it as UTF-8 CSV.")]
    absent = [column for column in wanted if column not in header]
    if absent:
        missing = Problem(name, 1, absent[0], None, "the column is missing", f"Columns: {', '.join(wanted)}.")
        return [], [missing]
    problems = listed(name, None, ragged, "more or fewer values than columns", "Mend the line.", "error")
    columns: dict[str, list[Any]] = {"line": lines}
    for column, read in wanted.items():
        place = header.index(column)
        optional = column in OPTIONAL.get(name, {})
        columns[column], wrong = column_of([row[place] for row in written], lines, read, optional)
        problems += listed(name, column, wrong, "cannot be read", SHOULD_BE[read], "error")
    return [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ], problems


def rows_of(file: Any) -> tuple[list[str], list[int], list[list[str]], list[tuple[int, str | None]]]:
    """(header, line of each row, rows, lines of a wrong length); lines count from 1 with the header."""
    reader = csv.reader(file, strict=True)
    header = [name.strip().lower() for name in next(reader, [])]
    lines: list[int] = []
    rows: list[list[str]] = []
    ragged: list[tuple[int, str | None]] = []
    line = reader.line_num + 1
    for row in reader:
        if len(row) == len(header):
            lines.append(line)
            rows.append(row)
        elif row:
            ragged.append((line, None))
        line = reader.line_num + 1
    return header, lines, rows, ragged


def column_of(
    written: list[str], lines: list[int], read: Read, optional: bool
) -> tuple[list[Any], list[tuple[int, str | None]]]:
    """(values, (line, value) of what cannot be read); each distinct value is read once."""
    meaning: dict[str, Any] = {}
    unreadable: set[str] = set()
    for value in set(written):
        try:
            meaning[value] = read(value.strip()) if value.strip() not in MISSING else None
        except ValueError:
            unreadable.add(value)
        if value.strip() in MISSING and not optional:
            unreadable.add(value)
    wrong: list[tuple[int, str | None]] = [
        (line, value) for line, value in zip(lines, written, strict=True) if value in unreadable
    ]
    return [meaning.get(value) for value in written], wrong


def visits_before_start(path: Path) -> tuple[list[Row], list[Problem]]:
    """How often each student looked at a course's site before its first day, summed from every visit.

    The file is large, so it is read in blocks, and a problem in it names no line.
    """
    import pyarrow as pa
    from pyarrow import compute
    from pyarrow import csv as arrow_csv

    key = ["code_module", "code_presentation", "id_student"]
    types = {**dict.fromkeys(key, pa.string()), "date": pa.int32(), "sum_click": pa.int64()}
    options = arrow_csv.ConvertOptions(include_columns=list(types), column_types=types)
    parts: list[pa.Table] = []
    try:
        for block in arrow_csv.open_csv(path, convert_options=options):
            early = pa.Table.from_batches([block.filter(compute.less(block["date"], 0))])
            parts.append(early.group_by(key).aggregate([("sum_click", "sum")]))
    except (pa.ArrowInvalid, pa.ArrowKeyError):
        fix = f"Its columns are {', '.join(types)}; days and clicks are whole numbers."
        return [], [Problem(path.name, None, None, None, "cannot be read", fix)]
    visits = pa.concat_tables(parts).group_by(key).aggregate([("sum_click_sum", "sum")])
    return visits.rename_columns([*key, "pre_course_clicks"]).to_pylist(), []
