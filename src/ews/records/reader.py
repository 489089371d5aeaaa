"""One file of a drop, read strictly: bytes, encoding, header, then text, then types.

Every problem names the file, the line, the column, the value, what is wrong and what to do. Nothing is
guessed and nothing is repaired; see ``values`` for what may be written.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from ews.records.contract import Table
from ews.records.drop import FileFacts, Handed
from ews.records.header import Header, read_header
from ews.records.problems import Problem, errors
from ews.records.structure import LIMITS, Layout, Limits, encoding_problem, layout_of, without_bom
from ews.records.typed import Translate, typed

FEW = 20
"""Below so many values, a column of small percentages is no proof of the wrong scale."""


@dataclass(frozen=True)
class Reading:
    """How a district's files are read: its timezone, its names for columns, its codes, and the limits."""

    zone: ZoneInfo
    aliases: Mapping[str, str] = field(default_factory=dict)
    translate: Translate | None = None
    limits: Limits = LIMITS


@dataclass
class TextColumns:
    """A file's columns before types: contract name -> values as written, and the line of each row."""

    columns: dict[str, pa.Array]
    deletion: pa.Array | None
    lines: np.ndarray


def read_file(
    table: Table, facts: FileFacts, data: bytes, reading: Reading
) -> tuple[Handed | None, list[Problem]]:
    """The file's rows in the contract's types, or None when its structure is broken; and its problems."""
    read = read_parquet if Path(facts.name).suffix.lower() == ".parquet" else read_csv
    text, problems = read(table, facts.name, data, reading)
    if text is None:
        return None, problems
    handed, more = handed_over(table, facts, text, reading)
    return handed, problems + more


def read_csv(
    table: Table, file: str, data: bytes, reading: Reading
) -> tuple[TextColumns | None, list[Problem]]:
    """The columns of a CSV file as text."""
    data = without_bom(data)
    broken = encoding_problem(file, data)
    if broken:
        return None, [broken]
    layout, problems = layout_of(file, data, reading.limits)
    if layout is None or errors(problems):
        return None, _names_first(table, file, data, layout, reading) or problems
    names = first_record(data, layout)
    header = read_header(table, file, names, reading.aliases)
    if errors(header.problems):
        return None, header.problems
    rows = parsed(data, layout, header, len(names))
    return _text_columns(header, rows, layout.lines[1:]), header.problems


def _names_first(
    table: Table, file: str, data: bytes, layout: Layout | None, reading: Reading
) -> list[Problem]:
    """The header's errors when rows do not fit it: a wrong separator explains all the rest."""
    if layout is None or not len(layout.starts):
        return []
    header = read_header(table, file, first_record(data, layout), reading.aliases)
    return errors(header.problems)


def first_record(data: bytes, layout: Layout) -> list[str]:
    """The names in the header line."""
    end = int(layout.starts[1]) if len(layout.starts) > 1 else len(data)
    text = data[int(layout.starts[0]) : end].decode("utf-8")
    return [name.strip() for name in next(csv.reader(io.StringIO(text, newline="")))]


def parsed(data: bytes, layout: Layout, header: Header, width: int) -> pa.Table:
    """The rows below the header, all text, only the columns that are used."""
    names = [str(position) for position in range(width)]
    wanted = [str(position) for position in _used(header)]
    if len(layout.starts) < 2:
        return pa.table({name: pa.array([], pa.string()) for name in wanted})
    return pa_csv.read_csv(
        pa.BufferReader(pa.py_buffer(data).slice(int(layout.starts[1]))),
        read_options=pa_csv.ReadOptions(
            column_names=names, block_size=max(1 << 22, 2 * layout.longest + 1024), use_threads=True
        ),
        parse_options=pa_csv.ParseOptions(newlines_in_values=layout.quoted, quote_char='"'),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(wanted, pa.string()),
            include_columns=wanted,
            strings_can_be_null=False,
            check_utf8=False,
        ),
    )


def read_parquet(
    table: Table, file: str, data: bytes, reading: Reading
) -> tuple[TextColumns | None, list[Problem]]:
    """The columns of a Parquet file as they are stored; its first row counts as line 2."""
    try:
        stored = pq.ParquetFile(pa.BufferReader(data))
    except (pa.ArrowInvalid, OSError):
        return None, [Problem(file, None, None, None, "This is not a whole Parquet file.", "Write it again.")]
    header = read_header(table, file, list(stored.schema_arrow.names), reading.aliases)
    nested = [
        name for name in stored.schema_arrow.names if pa.types.is_nested(stored.schema_arrow.field(name).type)
    ]
    header.problems += [
        Problem(file, 1, name, None, "A column that holds lists or structures.", "Store plain values.")
        for name in nested
    ]
    if stored.metadata.num_rows > reading.limits.rows:
        fix = f"At most {reading.limits.rows:,} rows are read; send less at a time."
        header.problems.append(Problem(file, None, None, None, f"{stored.metadata.num_rows:,} rows.", fix))
    if errors(header.problems):
        return None, header.problems
    rows = stored.read(columns=[stored.schema_arrow.names[position] for position in _used(header)])
    rows = rows.rename_columns([str(position) for position in _used(header)])
    return _text_columns(header, rows, np.arange(2, rows.num_rows + 2)), header.problems


def _used(header: Header) -> list[int]:
    deletion = [] if header.deletion is None else [header.deletion]
    return sorted({*header.positions.values(), *deletion})


def _text_columns(header: Header, rows: pa.Table, lines: np.ndarray) -> TextColumns:
    columns = {name: rows[str(at)].combine_chunks() for name, at in header.positions.items()}
    deletion = None if header.deletion is None else rows[str(header.deletion)].combine_chunks()
    return TextColumns(columns, deletion, lines)


def handed_over(
    table: Table, facts: FileFacts, text: TextColumns, reading: Reading
) -> tuple[Handed, list[Problem]]:
    """The columns in the contract's types, with the rows that are marked as deleted."""
    deleted = marked_deleted(table, text)
    read = typed(
        table,
        text.columns,
        length=len(text.lines),
        file=facts.name,
        lines=text.lines,
        zone=reading.zone,
        translate=reading.translate,
    )
    problems = read.problems + scale_problems(table, facts.name, read.rows)
    return Handed(read.rows, text.lines, deleted, read.reasons, facts), problems


def marked_deleted(table: Table, text: TextColumns) -> pa.Array:
    """Which rows say ``deleted``; where ``status`` means more, that word in it deletes the row too."""
    deleted = pa.repeat(False, len(text.lines))
    if text.deletion is not None:
        deleted = _says_deleted(text.deletion)
    if "status" in table.names and "status" in text.columns:
        own = _says_deleted(text.columns["status"])
        text.columns["status"] = pc.if_else(own, pa.scalar(None, pa.string()), text.columns["status"])
        deleted = pc.or_(deleted, own)
    return deleted


def _says_deleted(column: pa.Array) -> pa.Array:
    encoded = column.cast(pa.string()).dictionary_encode()
    says = [
        value is not None and value.strip().casefold() == "deleted"
        for value in encoded.dictionary.to_pylist()
    ]
    return pc.fill_null(pa.array(says, pa.bool_()).take(encoded.indices), False)


def scale_problems(table: Table, file: str, rows: pa.Table) -> list[Problem]:
    """Columns of 0 to 100 whose values all lie between 0 and 1: another scale, not failing students."""
    problems = []
    for column in table.columns:
        if column.maximum != 100 or column.unit not in ("percent", "percentile"):
            continue
        values = rows[column.name].drop_null()
        inside = pc.sum(pc.and_(pc.greater(values, 0), pc.less(values, 1))).as_py() or 0
        if len(values) >= FEW and inside and pc.max(values).as_py() <= 1:
            fix = "Write 87.5 for 87.5 percent."
            problems.append(
                Problem(file, None, column.name, None, "All values lie between 0 and 1, not 0 and 100.", fix)
            )
    return problems
