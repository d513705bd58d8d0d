"""What a file is: by its content first, by its folder second, by a pin in journeys.yaml above both."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fnmatch import fnmatch
from typing import Any

import ijson

from pipeline.config.sections.files import Pin
from pipeline.errors import Problem, unknown_name
from pipeline.ingest.decode import head_text
from pipeline.ingest.files import RawFile
from pipeline.ingest.grid import DELIMITERS, pieces, workbook
from pipeline.ingest.spec import ConnectorSpec, ExportSpec, folded, label_columns

_HEAD_RECORDS = 40


@dataclass(frozen=True)
class Shape:
    """What the head of a file shows: tables have records per delimiter, JSON has keys per path."""

    kind: str
    """table, json, blocks or nothing."""
    records: Mapping[str, Sequence[tuple[int, list[str]]]] = field(default_factory=dict)
    keys: Mapping[str, frozenset[str]] = field(default_factory=dict)
    is_lines: bool = False
    """JSON with one document per line."""


@dataclass(frozen=True)
class Match:
    """The export a file was recognised as, and where its records begin."""

    system: str
    export: str
    by: str
    """content, name, folder or pin."""
    delimiter: str = ","
    header_line: int = 1
    header: tuple[str, ...] = ()
    records_path: str = "$"
    name_fields: Mapping[str, str] = field(default_factory=dict)
    exported_on: date | None = None
    pin: Pin | None = None


@dataclass(frozen=True)
class Unknown:
    """No export fits; the nearest one and what it lacks."""

    nearest: str
    missing: tuple[str, ...]
    columns: tuple[str, ...] = ()


def head_shape(file: RawFile) -> Shape:
    """Look at the head of a file.

    Raises:
        UnreadableFileError: the file is packed and damaged.
    """
    if file.kind == "workbook":
        chunk = next(workbook(file), None)
        rows = list(zip(chunk.lines, chunk.rows, strict=True))[:_HEAD_RECORDS] if chunk else []
        return Shape("table", {"": rows}) if rows else Shape("nothing")
    if file.kind == "parquet":
        return _parquet_shape(file)
    text = head_text(file.head())
    begin = text.lstrip()[:1]
    if not begin:
        return Shape("nothing")
    if begin in "{[":
        if begin == "{" and "\n" not in text.strip():
            text = head_text(file.head_after_first_line()) or text
        keys = json_keys(text)
        if keys:
            return Shape("json", keys=keys, is_lines=begin == "{" and _has_lines(text))
    if re.match(r"#\s?-{10,}", text.lstrip().strip('"')):
        return Shape("blocks", {d: pieces(text, d, _HEAD_RECORDS) for d in (",",)})
    return Shape("table", {d: pieces(text, d, _HEAD_RECORDS) for d in DELIMITERS})


def _parquet_shape(file: RawFile) -> Shape:
    import pyarrow.parquet as pq

    with file.open() as stream:
        names = pq.ParquetFile(stream).schema_arrow.names
    return Shape("table", {"": [(1, list(names))]}, keys={"": frozenset(names)})


def json_keys(text: str) -> dict[str, frozenset[str]]:
    """Return the keys that objects have at each path of (the beginning of) a JSON text; lists show as `item`."""
    keys: dict[str, set[str]] = {}
    try:
        for prefix, event, value in ijson.parse(text.encode("utf-8", "replace"), multiple_values=True):
            if event == "map_key":
                keys.setdefault(prefix, set()).add(value)
    except (ijson.JSONError, UnicodeError):
        pass  # The head ends in the middle of a record, or a later record is broken; staging will say which.
    return {prefix: frozenset(found) for prefix, found in keys.items()}


def _has_lines(text: str) -> bool:
    """Tell whether the first line is a whole JSON object."""
    first = text.lstrip().split("\n", 1)[0].rstrip()
    return first.endswith("}") and first.count("{") == first.count("}")


def recognise(
    file: RawFile, shape: Shape, specs: Mapping[str, ConnectorSpec], pins: Iterable[Pin] = ()
) -> Match | Unknown:
    """Return what the file is, or what it is nearest to.

    Raises:
        ConfigError: a pin names a system or export that does not exist.
    """
    pin = next((p for p in pins if fnmatch(file.name, p.path) or fnmatch(file.name.split("!")[0], p.path)), None)
    if pin:
        chosen = {pin.system: specs[pin.system]} if pin.system in specs else {}
        only = pin.export
    else:
        chosen, only = dict(specs), None
    candidates = [
        candidate
        for spec in chosen.values()
        for name, export in spec.exports.items()
        if only is None or name == only
        for candidate in _candidates(file, shape, spec.system, name, export)
    ]
    folders = {folded(part) for part in file.name.split("!")[0].split("/")[:-1]}
    fitting = [
        c for c in candidates if not c.missing and (c.is_named or not c.needs_name or c.system in folders or pin)
    ]
    if fitting:
        best = max(fitting, key=lambda c: (c.is_named and c.needs_name, c.count_known, c.is_named, c.system in folders))
        return _match(file, best, specs, folders, pin)
    return _nearest(candidates, folders, shape)


@dataclass(frozen=True)
class _Candidate:
    system: str
    export: str
    missing: tuple[str, ...]
    count_known: int
    is_named: bool
    needs_name: bool
    delimiter: str = ","
    header_line: int = 1
    header: tuple[str, ...] = ()
    records_path: str = "$"

    @property
    def share_found(self) -> float:
        return self.count_known / (self.count_known + len(self.missing)) if self.missing else 1.0


def _candidates(file: RawFile, shape: Shape, system: str, name: str, export: ExportSpec) -> list[_Candidate]:
    named = any(pattern.search(file.name) for pattern in export.name_patterns)
    base: dict[str, Any] = {"system": system, "export": name, "is_named": named, "needs_name": export.needs_name}
    if shape.kind == "blocks":
        return [_Candidate(**base, missing=(), count_known=1)] if export.layout == "blocks" else []
    if export.layout == "blocks" or shape.kind == "nothing":
        return []
    if export.format == "json":
        return _json_candidates(shape, export, base)
    if shape.kind != "table":
        return []
    found = []
    for delimiter, records in shape.records.items():
        for line, cells in records:
            labels = {folded(cell) for cell in cells}
            if len(labels) < 2 and len(export.signature) > 1:
                continue
            columns = set(label_columns(export, cells).values())
            missing = tuple(c for c in export.signature if c not in columns)
            if any(folded(label) in labels for label in export.absent) or _shows_nothing(export, missing, columns):
                continue
            found.append(
                _Candidate(
                    **base,
                    missing=missing,
                    count_known=len(columns),
                    delimiter=delimiter,
                    header_line=line,
                    header=tuple(cells),
                )
            )
    return found


def _json_candidates(shape: Shape, export: ExportSpec, base: dict[str, Any]) -> list[_Candidate]:
    found = []
    for path in export.records or ("$",):
        prefix = path.removeprefix("$").replace("[*]", ".item").lstrip(".")
        keys = shape.keys.get(prefix, frozenset())
        if not keys:
            continue
        missing = tuple(key for key in export.signature if key not in keys)
        known = sum(1 for c in export.columns if _top_key(export, c) in keys)
        if set(export.absent) & keys or _shows_nothing(export, missing, known):
            continue
        found.append(
            _Candidate(**base, missing=missing, count_known=known, records_path=path, header=tuple(sorted(keys)))
        )
    return found


def _shows_nothing(export: ExportSpec, missing: Sequence[str], known: object) -> bool:
    """Tell whether a record speaks for an export at all; without a signature any known column does."""
    return len(missing) == len(export.signature) if export.signature else not known


def _top_key(export: ExportSpec, column: str) -> str:
    path = export.columns[column].path or f"$.{column}"
    return re.split(r"[.\[]", path.removeprefix("$").lstrip("."), maxsplit=1)[0].strip('"')


def _match(
    file: RawFile, best: _Candidate, specs: Mapping[str, ConnectorSpec], folders: set[str], pin: Pin | None
) -> Match:
    export = specs[best.system].exports[best.export]
    fields: dict[str, str] = {}
    for pattern in export.name_patterns:
        hit = pattern.search(file.name)
        if hit:
            fields = {key: value for key, value in hit.groupdict().items() if value}
            break
    if pin:
        by = "pin"
    elif best.needs_name:
        by = "name" if best.is_named else "folder"
    else:
        by = "content"
    return Match(
        system=best.system,
        export=best.export,
        by=by,
        delimiter=best.delimiter,
        header_line=best.header_line,
        header=best.header,
        records_path=best.records_path,
        name_fields={key: value for key, value in fields.items() if key != "exported_on"},
        exported_on=pin.exported_on if pin and pin.exported_on else _day(fields.get("exported_on")),
        pin=pin,
    )


def declared_period(fields: Mapping[str, str]) -> tuple[date | None, date | None]:
    """Return the first and last day that the parts of a file's name promise, None where they do not."""
    day, after = _day(fields.get("table_day")), _day(fields.get("day_after_last"))
    last = _day(fields.get("last_day")) or (after - timedelta(days=1) if after else day)
    return _day(fields.get("first_day")) or day, last


def _day(text: str | None) -> date | None:
    """Read a day from a file name: 2026-09-01, 20260901 or 2026_09_01."""
    digits = re.sub(r"\D", "", text or "")
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])) if len(digits) >= 8 else None
    except ValueError:
        return None


def _nearest(candidates: list[_Candidate], folders: set[str], shape: Shape) -> Unknown:
    if not candidates:
        records = [cells for found in shape.records.values() for _, cells in found]
        widest = max(records, key=len, default=[])
        keys = max(shape.keys.values(), key=len, default=frozenset())
        return Unknown("", (), tuple(sorted(keys)) or tuple(widest))
    best = max(candidates, key=lambda c: (c.system in folders, c.share_found, c.count_known))
    return Unknown(f"{best.system} {best.export}", best.missing, best.header)


def pin_problems(pins: Iterable[Pin], specs: Mapping[str, ConnectorSpec]) -> list[Problem]:
    """Return what is wrong with the pins of journeys.yaml."""
    problems = []
    for index, pin in enumerate(pins):
        where = f"journeys.yaml: files.{index}"
        if pin.system not in specs:
            problems.append(unknown_name("connector", pin.system, specs, where))
        elif pin.export is not None and pin.export not in specs[pin.system].exports:
            problems.append(unknown_name(f"{pin.system} export", pin.export, specs[pin.system].exports, where))
    return problems
