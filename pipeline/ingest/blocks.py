"""Files of several tables, each under its own comment lines and header, such as Google Analytics writes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pipeline.ingest.grid import Chunk

if TYPE_CHECKING:
    from pipeline.ingest.readers import Reading

#: Columns of a staged row of such a file; `cells` is a JSON object of label -> text in the order of the header.
COLUMNS = ("table_number", "table_title", "property", "segment", "starts_on", "ends_on", "first_label", "cells")

_LABELLED = re.compile(r"^(Account|Property|Start date|End date)\s*:\s*(.*)$", re.IGNORECASE)
_PERIOD = re.compile(r"^(\d{8})-(\d{8})$")


class _Block:
    """Facts of the table being read."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.title = self.property = self.segment = self.starts_on = self.ends_on = ""
        self.header: list[str] = []
        self.said: list[str] = []

    def comment(self, text: str) -> None:
        text = text.strip().rstrip(",").strip()
        if not text or set(text) == {"-"}:
            return
        labelled, period = _LABELLED.match(text), _PERIOD.match(text)
        if labelled:
            name, value = labelled.group(1).lower(), labelled.group(2).strip()
            if name == "property":
                self.property = value
            elif name == "start date":
                self.starts_on = value
            elif name == "end date":
                self.ends_on = value
        elif period:
            self.starts_on, self.ends_on = period.groups()
        else:
            self.said.append(text)

    def facts(self) -> dict[str, Any]:
        title = self.said[0] if self.said else ""
        return {
            "table_number": str(self.number),
            "table_title": title,
            "property": self.property or None,
            "segment": self.said[-1] if len(self.said) > 1 else None,
            "starts_on": self.starts_on or None,
            "ends_on": self.ends_on or None,
            "first_label": self.header[0],
        }


def rows(chunks: Iterator[Chunk], reading: Reading) -> Iterator[list[dict[str, Any]]]:
    """Yield the data rows of all blocks; comment, header, total and blank lines are counted as layout."""
    block = _Block(1)
    last_line = 0
    for chunk in chunks:
        found: list[dict[str, Any]] = []
        for line, row in zip(chunk.lines, chunk.rows, strict=True):
            is_gap = line > last_line + 1
            last_line = line
            kind, block = _place(row, block, is_gap)
            if kind == "row":
                found.append(_record(block, line, row, reading))
            else:
                reading.count_layout += 1
        for bad in chunk.bad:
            found.append({"line_number": bad.line_number, "read_problem": bad.reason, "read_text": bad.text})
        reading.count_yielded += len(found)
        reading.count_bad += sum(1 for record in found if record.get("read_problem"))
        if found:
            yield found


def _place(row: list[str], block: _Block, is_gap: bool) -> tuple[str, _Block]:
    """Say what a line is: comment, header, total, blank or row; a comment after a table begins the next block."""
    first = row[0].strip()
    if first.startswith("#"):
        if block.header:
            new = _Block(block.number + 1)
            new.property, new.said = block.property, block.said[:1]
            block = new
        block.comment(first.lstrip("#"))
        return "comment", block
    if not any(cell.strip() for cell in row):
        return "blank", block
    if not block.header or (is_gap and _is_header(row)):
        if block.header:
            new = _Block(block.number + 1)
            new.property, new.said, new.starts_on, new.ends_on = (
                block.property,
                block.said,
                block.starts_on,
                block.ends_on,
            )
            block = new
        block.header = [cell.strip() for cell in row]
        while block.header and not block.header[-1]:
            block.header.pop()
        return "header", block
    if row[-1].strip().casefold() == "grand total" or (not first and len(row) >= len(block.header)):
        return "total", block
    return "row", block


def _is_header(row: list[str]) -> bool:
    """A header holds words only; a row of data holds a number somewhere."""
    return not any(_is_number(cell) for cell in row[1:])


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _record(block: _Block, line: int, row: list[str], reading: Reading) -> dict[str, Any]:
    width = len(block.header)
    surplus = [cell for cell in row[width:] if cell.strip()]
    if surplus or len(row) < width:
        reason = f"the row has {len(row)} cells, the header {width}"
        return {"line_number": line, "read_problem": reason, "read_text": ",".join(row)[:2000]}
    cells = dict(zip(block.header, (cell.strip() for cell in row), strict=False))
    return {**block.facts(), "cells": json.dumps(cells, ensure_ascii=False), "line_number": line}
