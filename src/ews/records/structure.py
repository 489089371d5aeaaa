"""Whether the bytes of a CSV file are one table: encoding, quoting, line ends, as many values a row.

A whole file is judged with a few vector passes, quotes included, and every record gets the line it
starts on. Only what passed here is parsed, so no parser's leniency decides what a row means.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ews.records.problems import Problem, listed

COMMA, QUOTE, NEWLINE, RETURN = 44, 34, 10, 13
BOM = b"\xef\xbb\xbf"
BLOCK = 4_000_000
OTHER_FORMATS = {
    b"PK\x03\x04": "a zip or a spreadsheet",
    b"\xd0\xcf\x11\xe0": "an Excel file",
    b"PAR1": "a Parquet file",
    b"%PDF": "a PDF",
    b"<?xml": "an XML file",
    b"<!DOC": "a web page",
    b"<html": "a web page",
    b"\x1f\x8b": "a gzip file",
}


@dataclass(frozen=True)
class Limits:
    """What a file may have at most."""

    file_bytes: int = 4_000_000_000
    line_bytes: int = 1_000_000
    rows: int = 20_000_000
    columns: int = 300


LIMITS = Limits()


@dataclass
class Layout:
    """Where each record starts (byte) and on which line; ``end`` is one past the last byte of text."""

    starts: np.ndarray
    lines: np.ndarray
    longest: int
    quoted: bool


def without_bom(data: bytes) -> bytes:
    """The file's bytes without the mark that some programs put first."""
    return data[len(BOM) :] if data.startswith(BOM) else data


def encoding_problem(file: str, data: bytes) -> Problem | None:
    """Why the bytes are not text in UTF-8, at the first place where they are not."""
    other = next((kind for start, kind in OTHER_FORMATS.items() if data.startswith(start)), None)
    if other:
        return Problem(file, None, None, None, f"This is {other}, not CSV.", "Export it as CSV in UTF-8.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Problem(file, 1, None, None, "The file is in UTF-16.", "Export it as CSV in UTF-8.")
    if not data.strip():
        return Problem(file, None, None, None, "The file is empty.", "Send at least the header line.")
    zero = data.find(b"\0")
    if zero >= 0:
        return Problem(
            file, line_of(data, zero), None, None, "A NUL byte.", "Export the file again as UTF-8."
        )
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as problem:
        byte = data[problem.start]
        return Problem(
            file,
            line_of(data, problem.start),
            None,
            f"0x{byte:02x}",
            "A byte that is not UTF-8; it looks like Windows-1252." if byte >= 0x80 else "Not UTF-8.",
            "Export the file as UTF-8.",
        )
    return None


def line_of(data: bytes, position: int) -> int:
    """The line, from 1, on which the byte at ``position`` stands."""
    return data.count(b"\n", 0, position) + 1


def layout_of(file: str, data: bytes, limits: Limits = LIMITS) -> tuple[Layout | None, list[Problem]]:
    """Where the records are, or why they cannot be told apart. ``data`` is UTF-8 without its mark."""
    array = np.frombuffer(data, np.uint8)
    quotes = _positions(array, QUOTE)
    misquoted = quoting_problem(file, data, array, quotes)
    if misquoted:
        return None, [misquoted]
    alone = lone_return(file, data, array, quotes)
    if alone:
        return None, [alone]
    ends, lines_before, commas_before = _record_ends(array, bool(len(quotes)))
    starts = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else np.zeros(0, np.int64)
    lines = np.concatenate([[1], lines_before[:-1] + 1]) if len(ends) else np.zeros(0, np.int64)
    commas = np.diff(commas_before, prepend=0)
    lengths = ends - starts
    blank = (lengths == 0) | ((lengths == 1) & (array[np.minimum(starts, len(array) - 1)] == RETURN))
    kept = ~blank
    layout = Layout(starts[kept], lines[kept], int(lengths.max(initial=0)), bool(len(quotes)))
    return layout, _size_problems(file, layout, lengths[kept], commas[kept], limits)


def _size_problems(
    file: str, layout: Layout, lengths: np.ndarray, commas: np.ndarray, limits: Limits
) -> list[Problem]:
    if layout.longest > limits.line_bytes:
        line = int(layout.lines[int(np.argmax(lengths))])
        fix = f"A record has at most {limits.line_bytes:,} bytes; a quote may be open."
        return [Problem(file, line, None, None, f"A record of {layout.longest:,} bytes.", fix)]
    if len(layout.starts) - 1 > limits.rows:
        fix = f"At most {limits.rows:,} rows are read; send less at a time."
        return [Problem(file, None, None, None, f"{len(layout.starts) - 1:,} rows.", fix)]
    if commas[0] + 1 > limits.columns:
        fix = f"At most {limits.columns} columns are read."
        return [Problem(file, 1, None, None, f"{commas[0] + 1:,} columns.", fix)]
    return row_length_problems(file, layout.lines, commas)


def row_length_problems(file: str, lines: np.ndarray, commas: np.ndarray) -> list[Problem]:
    """The rows with more or fewer values than the header."""
    wanted = commas[0]
    problems: list[Problem] = []
    fix = f"The header has {wanted + 1} columns: quote values that hold commas, and send whole rows."
    for wrong, what in (
        (commas < wanted, "Too few values in the row."),
        (commas > wanted, "Too many values in the row."),
    ):
        rows = np.flatnonzero(wrong)
        found = [(int(lines[row]), f"{commas[row] + 1} values") for row in rows]
        problems += listed(file, None, found, what, fix, "error")
    return problems


def quoting_problem(file: str, data: bytes, array: np.ndarray, quotes: np.ndarray) -> Problem | None:
    """The first quote that breaks RFC 4180: opened inside a value, followed by more, or never closed."""
    if not len(quotes):
        return None
    opening, closing = quotes[0::2], quotes[1::2]
    before = array[np.maximum(opening - 1, 0)]
    escaped = np.concatenate([[False], opening[1:] - 1 == closing[: len(opening) - 1]])
    good_start = (opening == 0) | (before == COMMA) | (before == NEWLINE) | escaped
    after = array[np.minimum(closing + 1, len(array) - 1)]
    good_end = (closing == len(array) - 1) | np.isin(after, (COMMA, NEWLINE, RETURN, QUOTE))
    bad_start, bad_end = _first(~good_start, opening), _first(~good_end, closing)
    fix = 'Quote the whole value and double the quotes in it: "say ""hi""".'
    if bad_end is not None and (bad_start is None or bad_end < bad_start):
        position = int(opening[int(np.searchsorted(closing, bad_end))])
        return Problem(file, line_of(data, position), None, None, "A quote that is not closed here.", fix)
    if bad_start is not None:
        return Problem(file, line_of(data, bad_start), None, None, "A quote inside a value.", fix)
    if len(quotes) % 2:
        line = line_of(data, int(quotes[-1]))
        return Problem(file, line, None, None, "A quote that is never closed.", fix)
    return None


def lone_return(file: str, data: bytes, array: np.ndarray, quotes: np.ndarray) -> Problem | None:
    """A carriage return that ends no line and stands outside quotes: the line ends of old Macs."""
    if b"\r" not in data:
        return None
    returns = _positions(array, RETURN)
    following = array[np.minimum(returns + 1, len(array) - 1)]
    alone = returns[(following != NEWLINE)]
    alone = alone[np.searchsorted(quotes, alone) % 2 == 0]
    if not len(alone):
        return None
    fix = "Write lines that end with LF or CRLF."
    return Problem(
        file, line_of(data, int(alone[0])), None, None, "A carriage return without a line feed.", fix
    )


def _record_ends(array: np.ndarray, quoted: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """For each record: where it ends, and how many newlines and separators lie up to there."""
    ends, lines, commas = [], [], []
    inside, line_count, comma_count = 0, 0, 0
    for start in range(0, len(array), BLOCK):
        block = array[start : start + BLOCK]
        newline, comma = block == NEWLINE, block == COMMA
        newlines_so_far = np.cumsum(newline, dtype=np.int32)
        if quoted:
            parity = (np.cumsum(block == QUOTE, dtype=np.uint8) + np.uint8(inside)) & 1
            outside = parity == 0
            newline, comma = newline & outside, comma & outside
            inside = int(parity[-1])
        at = np.flatnonzero(newline)
        commas_so_far = np.cumsum(comma, dtype=np.int32)
        ends.append(at.astype(np.int64) + start)
        lines.append(newlines_so_far[at].astype(np.int64) + line_count)
        commas.append(commas_so_far[at].astype(np.int64) + comma_count)
        line_count += int(newlines_so_far[-1])
        comma_count += int(commas_so_far[-1])
    if len(array) and array[-1] != NEWLINE:
        ends.append(np.array([len(array)]))
        lines.append(np.array([line_count + 1]))
        commas.append(np.array([comma_count]))
    return np.concatenate(ends), np.concatenate(lines), np.concatenate(commas)


def _positions(array: np.ndarray, byte: int) -> np.ndarray:
    found = [
        np.flatnonzero(array[start : start + BLOCK] == byte) + start for start in range(0, len(array), BLOCK)
    ]
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def _first(bad: np.ndarray, positions: np.ndarray) -> int | None:
    return int(positions[int(np.argmax(bad))]) if bad.any() else None
