"""Rows of cells from delimited text and workbooks: one reader that survives what real exports hold.

Rows come in chunks of `(line numbers, rows)`. What cannot be read as a row comes as a `BadRow`: it is rejected with its
line, its text and a reason, and reading goes on with the next line.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import IO

from pipeline.errors import Problem, UnreadableFileError
from pipeline.ingest.files import RawFile

DELIMITERS = (",", ";", "\t", "|")
_CHUNK_ROWS = 20_000
_MOST_LINES = 500
_TEXT_KEPT = 2_000
_EXACT = 2**53  # A spreadsheet keeps no whole number above it to the digit.


@dataclass(frozen=True)
class BadRow:
    """A line that is not a row."""

    line_number: int
    text: str
    reason: str


@dataclass(frozen=True)
class Chunk:
    """Rows of cells with the line each begins on, and the lines that could not be read."""

    lines: list[int]
    rows: list[list[str]]
    bad: list[BadRow]


def delimited(path: Path, delimiter: str, most_characters: int, comment: str | None = None) -> Iterator[Chunk]:
    """Yield the records of a UTF-8 text file; blank lines and comment lines are left out.

    Args:
        path: UTF-8 text without a byte order mark.
        delimiter: One character.
        most_characters: A longer cell makes its row bad.
        comment: Lines that begin with it are left out.
    """
    csv.field_size_limit(most_characters)
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        yield from _records(_Lines(file, comment), delimiter, most_characters)


class _Lines:
    """Lines of a file, remembered until a chunk of records is whole, so that a failed record can be read again."""

    def __init__(self, file: Iterable[str], comment: str | None) -> None:
        self._source: Iterator[str] = iter(file)
        self._comment = comment
        self.taken: list[str] = []
        self.first_number = 1

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._source)
        self.taken.append(line)
        if self._comment and line.startswith(self._comment):
            return "\n"
        return line

    def settle(self) -> None:
        """Forget the lines taken so far."""
        self.first_number += len(self.taken)
        self.taken = []

    def give_back(self, lines: list[str]) -> None:
        """Put lines back so that they are read again."""
        self._source = chain(lines, self._source)


def _records(lines: _Lines, delimiter: str, most_characters: int) -> Iterator[Chunk]:
    while True:
        reader = csv.reader(lines, delimiter=delimiter)
        start = lines.first_number
        try:
            rows = list(islice(reader, _CHUNK_ROWS))
        except csv.Error:
            rows = None
        if rows is not None and not _swallows_lines(rows, lines.taken):
            if not rows:
                return
            numbers = _numbers(rows, start, len(lines.taken))
            lines.settle()
            yield _without_blanks(numbers, rows)
            continue
        retry, lines.taken = lines.taken, []
        lines.give_back(retry)
        yield from _one_by_one(lines, delimiter, len(retry), most_characters)


def _swallows_lines(rows: list[list[str]], taken: list[str]) -> bool:
    """Tell whether a quote that is never closed may have swallowed lines: their quotes do not come in pairs, or one
    record spans very many of them.
    """
    if len(taken) == len(rows):
        return False
    spans_many = len(taken) > len(rows) + _MOST_LINES and len(taken) > 3 * len(rows)
    return spans_many or not _is_closed(taken)


def _numbers(rows: list[list[str]], start: int, count_lines: int) -> list[int]:
    if count_lines == len(rows):
        return list(range(start, start + len(rows)))
    numbers, line = [], start
    for row in rows:
        numbers.append(line)
        line += 1 + sum(map(_line_breaks, row))
    return numbers


def _line_breaks(cell: str) -> int:
    return cell.count("\n") + cell.count("\r") - cell.count("\r\n") if "\n" in cell or "\r" in cell else 0


def _without_blanks(numbers: list[int], rows: list[list[str]]) -> Chunk:
    if all(rows):
        return Chunk(numbers, rows, [])
    kept = [(number, row) for number, row in zip(numbers, rows, strict=True) if row]
    return Chunk([number for number, _ in kept], [row for _, row in kept], [])


def _one_by_one(lines: _Lines, delimiter: str, count_lines: int, most_characters: int) -> Iterator[Chunk]:
    """Read about `count_lines` lines record by record; a record that does not end is given up after its first line."""
    numbers: list[int] = []
    rows: list[list[str]] = []
    bad: list[BadRow] = []
    end = lines.first_number + count_lines
    while lines.first_number < end:
        row, reason = _next_record(lines, delimiter, most_characters)
        if row is None and reason is None:
            break
        if reason is None:
            if row:
                numbers.append(lines.first_number)
                rows.append(row)
            lines.settle()
            continue
        first, rest = lines.taken[0], lines.taken[1:]
        bad.append(BadRow(lines.first_number, first[:_TEXT_KEPT], reason))
        lines.taken = lines.taken[:1]
        lines.settle()
        lines.give_back(rest)
    if numbers or bad:
        yield Chunk(numbers, rows, bad)


def _next_record(lines: _Lines, delimiter: str, most_characters: int) -> tuple[list[str] | None, str | None]:
    """Return the next record or the reason why there is none; (None, None) at the end."""
    try:
        row = next(csv.reader(_bounded(lines), delimiter=delimiter, strict=False))
    except StopIteration:
        return None, None
    except _EndlessError:
        return None, f"a quote opens here and is not closed within {_MOST_LINES} lines"
    except csv.Error:
        return None, f"a cell is longer than {most_characters:,} characters"
    if len(lines.taken) > 1 and not _is_closed(lines.taken):
        return None, "a quote opens here and is never closed"
    return row, None


class _EndlessError(Exception):
    pass


def _bounded(lines: _Lines) -> Iterator[str]:
    for line in lines:
        if len(lines.taken) > _MOST_LINES:
            raise _EndlessError
        yield line


def _is_closed(taken: list[str]) -> bool:
    """Tell whether the quotes of the lines come in pairs; at the end of a file an open one swallows all the rest."""
    return sum(line.count('"') for line in taken) % 2 == 0


def workbook(file: RawFile) -> Iterator[Chunk]:
    """Yield the rows of one sheet as text; the line number is the sheet's row number.

    Raises:
        UnreadableFileError: the workbook is damaged.
    """
    import io

    from python_calamine import CalamineWorkbook

    with file.open() as stream:
        content = io.BytesIO(stream.read())
    try:
        sheet = CalamineWorkbook.from_filelike(content).get_sheet_by_name(str(file.member))
        values = sheet.to_python(skip_empty_area=False)
    except Exception as error:
        raise UnreadableFileError(
            Problem(f"The sheet cannot be read ({error}).", file.name, fix="Save it as CSV.")
        ) from error
    for start in range(0, len(values), _CHUNK_ROWS):
        part = values[start : start + _CHUNK_ROWS]
        rows = [[_as_text(value) for value in row] for row in part]
        kept = [(start + offset, row) for offset, row in enumerate(rows, 1) if any(row)]
        yield Chunk([number for number, _ in kept], [row for _, row in kept], [])


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) <= _EXACT else repr(value)
    if isinstance(value, dt.datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    return str(value)


def pieces(head: str, delimiter: str, most: int = 60) -> list[tuple[int, list[str]]]:
    """Return the first records of a text with their line numbers, for recognising what it is."""
    lines = _Lines(head.splitlines(keepends=True), None)
    found: list[tuple[int, list[str]]] = []
    for chunk in _records(lines, delimiter, 1_048_576):
        found += zip(chunk.lines, chunk.rows, strict=True)
        if len(found) >= most:
            break
    return found[:most]


def widened(chunk: Chunk, width: int, is_total: Callable[[list[str]], bool]) -> tuple[Chunk, int, int]:
    """Give every row of a chunk exactly `width` cells.

    A row that lacks cells at its end gets empty ones; one with more is cut when the surplus is empty, left out when it
    is a totals row, and bad otherwise.

    Returns:
        The chunk, how many rows were too short, and how many totals rows were left out.
    """
    if set(map(len, chunk.rows)) <= {width}:
        return chunk, 0, 0
    numbers: list[int] = []
    rows: list[list[str]] = []
    bad = list(chunk.bad)
    short = totals = 0
    for number, row in zip(chunk.lines, chunk.rows, strict=True):
        if len(row) < width:
            short += 1
            row = row + [""] * (width - len(row))
        elif len(row) > width:
            if is_total(row):
                totals += 1
                continue
            if any(row[width:]):
                bad.append(
                    BadRow(number, ",".join(row)[:_TEXT_KEPT], f"the row has {len(row)} cells, the header {width}")
                )
                continue
            row = row[:width]
        numbers.append(number)
        rows.append(row)
    return Chunk(numbers, rows, bad), short, totals


def text_lines(stream: IO[bytes], most_bytes: int) -> Iterator[tuple[int, list[bytes], list[BadRow]]]:
    """Yield the lines of UTF-8 bytes in blocks: number of the first line, the lines, and those that are too long.

    A line that is too long stands as an empty line in its block, so that numbers stay right.
    """
    first, rest, skipped = 1, b"", 0
    while True:
        block = stream.read(8 << 20)
        parts = (rest + block).split(b"\n") if block else [rest]
        rest = parts.pop() if block else b""
        bad: list[BadRow] = []
        if len(rest) > most_bytes:
            skipped = skipped or first + len(parts)
            rest = rest[:_TEXT_KEPT]
        for index, line in enumerate(parts) if _any_longer(parts, most_bytes) or skipped else ():
            number = first + index
            if number == skipped or len(line) > most_bytes:
                skipped = 0 if number == skipped else skipped
                text = line[:_TEXT_KEPT].decode("utf-8", "replace")
                bad.append(BadRow(number, text, f"the line is longer than {most_bytes:,} bytes"))
                parts[index] = b""
        if parts:
            yield first, parts, bad
        first += len(parts)
        if not block:
            return


def _any_longer(lines: list[bytes], most: int) -> bool:
    return bool(lines) and max(map(len, lines)) > most
