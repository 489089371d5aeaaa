"""Cells that no spreadsheet takes for a formula: the one escaper that every CSV of ours passes through."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any, TextIO

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "|", "%")


def escaped(value: Any) -> Any:
    """``value`` as it may stand in a cell: text that a spreadsheet could run begins with an apostrophe.

    Numbers stay numbers. NUL never belongs into a text file and is left out; a leading space or a
    full-width form hides a formula only from the eye, so they are looked through.

    >>> escaped("=HYPERLINK(1)"), escaped("O'Brien"), escaped(-3.5)
    ("'=HYPERLINK(1)", "O'Brien", -3.5)
    """
    if not isinstance(value, str):
        return value
    shown = unicodedata.normalize("NFKC", value)
    if shown.startswith(FORMULA_STARTS) or shown.lstrip().startswith(FORMULA_STARTS):
        return "'" + value.replace("\0", "")
    return value.replace("\0", "")


def write_csv(out: TextIO, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Writes a header and ``rows``, every cell escaped, None as empty; gives how many rows there were."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([escaped(column) for column in columns])
    count = 0
    for row in rows:
        writer.writerow([escaped(cell) for cell in row])
        count += 1
    return count
