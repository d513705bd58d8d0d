"""Arrow batches of text from every kind of file, ready to be staged by SQL."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import ijson
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import Problem, UnreadableFileError
from pipeline.ingest import blocks
from pipeline.ingest.decode import Decoded, decode
from pipeline.ingest.files import RawFile
from pipeline.ingest.grid import BadRow, Chunk, delimited, text_lines, widened, workbook
from pipeline.ingest.recognise import Match, Shape
from pipeline.ingest.spec import ExportSpec

_TEXT_KEPT = 2_000
_MOST_DIGITS = 40


@dataclass
class Reading:
    """How one file was read; filled while its batches are drawn."""

    encoding: str = ""
    notes: list[str] = field(default_factory=list)
    count_yielded: int = 0
    """Rows handed on, bad ones included."""
    count_bad: int = 0
    count_short: int = 0
    count_layout: int = 0
    """Title, comment and totals lines seen while reading."""
    failure: UnreadableFileError | None = None
    """Why reading stopped; Arrow's stream would hide it behind an error of its own."""


@dataclass(frozen=True)
class Limits:
    """The largest cell and the largest record that is read."""

    cell_characters: int
    record_bytes: int


def _stream(schema: pa.Schema, batches: Iterator[pa.RecordBatch], reading: Reading) -> pa.RecordBatchReader:
    def remembering() -> Iterator[pa.RecordBatch]:
        try:
            yield from batches
        except UnreadableFileError as error:
            reading.failure = error
            raise

    return pa.RecordBatchReader.from_batches(schema, remembering())


def table_batches(
    file: RawFile, match: Match, export: ExportSpec, reading: Reading, limits: Limits, scratch: Path
) -> pa.RecordBatchReader:
    """Return the rows of a table as columns c0, c1, … of text with line_number, read_problem and read_text."""
    width = len(match.header)
    schema = pa.schema(
        [(f"c{i}", pa.string()) for i in range(width)]
        + [("line_number", pa.int64()), ("read_problem", pa.string()), ("read_text", pa.string())]
    )
    if file.kind == "parquet":
        return _parquet_batches(file, schema, width, reading, scratch)
    chunks = _grid(file, match, export, reading, limits, scratch)
    return _stream(schema, _table_batches(chunks, match, export, reading, schema), reading)


def _grid(
    file: RawFile, match: Match, export: ExportSpec, reading: Reading, limits: Limits, scratch: Path
) -> Iterator[Chunk]:
    if file.kind == "workbook":
        reading.encoding = "workbook"
        return workbook(file)
    decoded = _decoded(file, match, reading, scratch)
    return delimited(decoded.path, match.delimiter, limits.cell_characters, export.comment)


def _decoded(file: RawFile, match: Match, reading: Reading, scratch: Path) -> Decoded:
    decoded = decode(file, scratch, match.pin.encoding if match.pin else None)
    reading.encoding = decoded.encoding
    reading.notes += decoded.notes
    return decoded


def _table_batches(
    chunks: Iterator[Chunk], match: Match, export: ExportSpec, reading: Reading, schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    header, width = list(match.header), len(match.header)
    words = {word.casefold() for word in export.totals}
    skip = export.header_rows - 1
    begun = False

    def is_total(row: list[str]) -> bool:
        return bool(words) and (row[0].strip().casefold() in words or row[-1].strip().casefold() in words)

    for chunk in chunks:
        if not begun:
            before = len(chunk.rows)
            chunk, begun = _from_header(chunk, match.header_line)
            reading.count_layout += before - len(chunk.rows)
        if skip and begun and chunk.rows:
            skipped = min(skip, len(chunk.rows))
            reading.count_layout += skipped
            skip -= skipped
            chunk = Chunk(chunk.lines[skipped:], chunk.rows[skipped:], chunk.bad)
        chunk, short, totals = widened(chunk, width, is_total)
        if header in chunk.rows:
            kept = [(n, row) for n, row in zip(chunk.lines, chunk.rows, strict=True) if row != header]
            totals += len(chunk.rows) - len(kept)
            chunk = Chunk([n for n, _ in kept], [row for _, row in kept], chunk.bad)
        reading.count_short += short
        reading.count_layout += totals
        if chunk.rows or chunk.bad:
            yield _batch(chunk, width, reading, schema)


def _from_header(chunk: Chunk, header_line: int) -> tuple[Chunk, bool]:
    """Leave out what stands above the header, and the header itself."""
    for index, line in enumerate(chunk.lines):
        if line > header_line:
            return Chunk(
                chunk.lines[index:], chunk.rows[index:], [b for b in chunk.bad if b.line_number > header_line]
            ), True
    return Chunk([], [], [b for b in chunk.bad if b.line_number > header_line]), False


def _batch(chunk: Chunk, width: int, reading: Reading, schema: pa.Schema) -> pa.RecordBatch:
    count, bad = len(chunk.rows), chunk.bad
    columns: Sequence[Sequence[str | None]] = list(zip(*chunk.rows, strict=True)) if count else [()] * width
    padding: list[str | None] = [None] * len(bad)
    arrays = [pa.array([*column, *padding] if bad else column, pa.string()) for column in columns]
    arrays.append(pa.array(chunk.lines + [b.line_number for b in bad], pa.int64()))
    arrays.append(pa.array([None] * count + [b.reason for b in bad], pa.string()))
    arrays.append(pa.array([None] * count + [b.text for b in bad], pa.string()))
    reading.count_yielded += count + len(bad)
    reading.count_bad += len(bad)
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _parquet_batches(
    file: RawFile, schema: pa.Schema, width: int, reading: Reading, scratch: Path
) -> pa.RecordBatchReader:
    reading.encoding = "parquet"

    def batches() -> Iterator[pa.RecordBatch]:
        with _as_path(file, scratch).open("rb") as stream:
            first = 1
            for batch in pq.ParquetFile(stream).iter_batches(batch_size=65_536):
                arrays = [_text_array(batch.column(i)) for i in range(width)]
                arrays.append(pa.array(range(first, first + batch.num_rows), pa.int64()))
                arrays += [pa.nulls(batch.num_rows, pa.string())] * 2
                first += batch.num_rows
                reading.count_yielded += batch.num_rows
                yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    return _stream(schema, batches(), reading)


def _as_path(file: RawFile, scratch: Path) -> Path:
    """Return a path of the unpacked content: Parquet is read from its end, so it needs a file."""
    if file.member is None and not file.is_gzip:
        return file.path
    with file.open() as stream, scratch.open("wb") as out:
        while chunk := stream.read(4 << 20):
            out.write(chunk)
    return scratch


def _text_array(array: pa.Array) -> pa.Array:
    if pa.types.is_nested(array.type):
        return pa.array(
            [None if v is None else json.dumps(v, default=str, ensure_ascii=False) for v in array.to_pylist()],
            pa.string(),
        )
    return array.cast(pa.string())


_JSON_SCHEMA = pa.schema(
    [("line", pa.string()), ("line_number", pa.int64()), ("read_problem", pa.string()), ("read_text", pa.string())]
)


def json_batches(
    file: RawFile, match: Match, shape: Shape, export: ExportSpec, reading: Reading, limits: Limits, scratch: Path
) -> pa.RecordBatchReader:
    """Return the records of a JSON file, one text a record; whether each is valid is for SQL to say."""
    if file.kind == "parquet":
        return _stream(_JSON_SCHEMA, _parquet_records(file, reading, scratch), reading)
    decoded = _decoded(file, match, reading, scratch)
    if shape.is_lines and match.records_path == "$" and not export.unnest:
        batches = _line_batches(decoded.path, reading, limits)
    else:
        batches = _document_batches(file.name, decoded.path, match.records_path, export.unnest, reading)
    return _stream(_JSON_SCHEMA, batches, reading)


def _line_batches(path: Path, reading: Reading, limits: Limits) -> Iterator[pa.RecordBatch]:
    with path.open("rb") as stream:
        for first, lines, bad in text_lines(stream, limits.record_bytes):
            text = pa.array(lines, pa.binary()).cast(pa.string(), safe=False)
            numbers = pa.array(range(first, first + len(lines)), pa.int64())
            nulls = pa.nulls(len(lines), pa.string())
            yield pa.RecordBatch.from_arrays([text, numbers, nulls, nulls], schema=_JSON_SCHEMA)
            if bad:
                yield _bad_records(bad)


def _bad_records(bad: list[BadRow]) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(
        [
            pa.nulls(len(bad), pa.string()),
            pa.array([b.line_number for b in bad], pa.int64()),
            pa.array([b.reason for b in bad], pa.string()),
            pa.array([b.text[:_TEXT_KEPT] for b in bad], pa.string()),
        ],
        schema=_JSON_SCHEMA,
    )


def _document_batches(
    name: str, path: Path, records_path: str, unnest: str | None, reading: Reading
) -> Iterator[pa.RecordBatch]:
    """Stream the records of one JSON document; the line number is the record's position."""
    prefix = records_path.removeprefix("$").replace("[*]", ".item").lstrip(".")
    texts: list[str] = []
    position = 0

    def flush() -> pa.RecordBatch:
        numbers = pa.array(range(position - len(texts) + 1, position + 1), pa.int64())
        nulls = pa.nulls(len(texts), pa.string())
        return pa.RecordBatch.from_arrays([pa.array(texts, pa.string()), numbers, nulls, nulls], schema=_JSON_SCHEMA)

    with path.open("rb") as stream:
        try:
            for record in ijson.items(stream, prefix, multiple_values=True):
                for item in _unnested(record, unnest):
                    texts.append(json.dumps(item, ensure_ascii=False, separators=(",", ":"), default=_number))
                    position += 1
                    if len(texts) == 20_000:
                        yield flush()
                        texts = []
        except (ijson.JSONError, UnicodeDecodeError) as error:
            raise UnreadableFileError(
                Problem(
                    f"The JSON breaks off or is wrong after record {position:,} ({str(error).splitlines()[0]}).",
                    name,
                    fix="Download it again; nothing of it was loaded.",
                )
            ) from error
    if texts:
        yield flush()


def _number(value: Decimal) -> float | str:
    """Return a number of a JSON document as it is written out again: as text where a float would lose digits."""
    near = float(value)
    if Decimal(repr(near)) == value:
        return near
    return format(value, "f") if abs(value.adjusted()) <= _MOST_DIGITS else str(value)


def _unnested(record: Any, key: str | None) -> Iterator[Any]:
    if key is None or not isinstance(record, Mapping):
        yield record
        return
    for item in record.get(key) or ():
        yield {**record, key: item}


def _parquet_records(file: RawFile, reading: Reading, scratch: Path) -> Iterator[pa.RecordBatch]:
    """Turn nested Parquet rows into the JSON the same export has as text."""
    reading.encoding = "parquet"
    first = 1
    with _as_path(file, scratch).open("rb") as stream:
        for batch in pq.ParquetFile(stream).iter_batches(batch_size=20_000):
            texts = [
                json.dumps(row, default=str, ensure_ascii=False, separators=(",", ":")) for row in batch.to_pylist()
            ]
            numbers = pa.array(range(first, first + len(texts)), pa.int64())
            first += len(texts)
            nulls = pa.nulls(len(texts), pa.string())
            yield pa.RecordBatch.from_arrays([pa.array(texts, pa.string()), numbers, nulls, nulls], schema=_JSON_SCHEMA)


def block_batches(
    file: RawFile, match: Match, export: ExportSpec, reading: Reading, limits: Limits, scratch: Path
) -> pa.RecordBatchReader:
    """Return the rows of a file of several tables: block facts as columns, the row itself as a JSON object."""
    chunks = _grid(file, match, export, reading, limits, scratch)
    names = [*blocks.COLUMNS, "line_number", "read_problem", "read_text"]
    schema = pa.schema([(name, pa.int64() if name == "line_number" else pa.string()) for name in names])

    def batches() -> Iterator[pa.RecordBatch]:
        for part in blocks.rows(chunks, reading):
            yield pa.RecordBatch.from_pylist(part, schema=schema)

    return _stream(schema, batches(), reading)
