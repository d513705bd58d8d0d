"""How the amounts of one text file are to be read: what they show themselves, and the question when they do not.

`1.234,50` and `1,234.50` say which mark is the decimal one; `1,234` may be a thousand or little more than one. A file
whose amounts contradict the settings, or fit both readings and nothing else decides, is not used until somebody says.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.config.sections.files import Pin, Source
from pipeline.errors import Problem
from pipeline.ingest.recognise import Match
from pipeline.ingest.spec import ConnectorSpec, ExportSpec
from pipeline.warehouse import Warehouse, literal, quoted

#: Amounts that contradict the others are rejected one by one up to this share; beyond it the file is the question.
_STRAY_SHARE = 0.02
_MARK_NAMES = {".": "a decimal point", ",": "a decimal comma"}
_MINOR = re.compile(r"(^|[^a-z])(cents?|minor|minor units?|pence|centimes|øre|öre)([^a-z]|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Said:
    """What is known of a file's amounts before they are looked at."""

    decimal_mark: str | None
    minor_units: bool | None
    by: str = ""
    """Who says so: the settings, or the system's own format."""


def said(found: Match, source: Source, spec: ConnectorSpec, is_mapped: bool) -> Said:
    """Return what is said of a file's amounts: by its pin, the settings, the export or the system, in that order.

    Args:
        found: What the file was recognised as.
        source: What the settings say of its system.
        spec: Its connector.
        is_mapped: The connector stands in the settings too.
    """
    pin = found.pin or Pin(path="", system=found.system)
    given = (pin, source, spec.exports[found.export].defaults, spec.defaults)
    marks = [one.decimal_mark for one in given]
    return Said(
        next((mark for mark in marks if mark is not None), None),
        next((one.minor_units for one in given if one.minor_units is not None), None),
        "journeys.yaml" if any(marks[:2]) or is_mapped else f"the format of {spec.title}",
    )


@dataclass(frozen=True)
class Answer:
    """How a file's amounts are read, or what has to be asked."""

    decimal_mark: str = "."
    note: str = ""
    question: Problem | None = None


def evidence(path: str, export: ExportSpec, columns: Sequence[str], engine: Warehouse) -> dict[str, Any] | None:
    """Return what the amounts of a staged file show, None when it has none.

    `point`, `comma` and `both` are amounts that only a decimal point, only a decimal comma, or either explains: each
    [how many, line of the first, its text]. `sums` are those of the first column that has any, by either reading.

    Args:
        path: The staged file.
        export: What it was read as.
        columns: Columns of the export that the file has.
        engine: A database with the functions of connector SQL.
    """
    amounts = [column for column in export.amounts if column in columns]
    if export.format != "table" or not amounts:
        return None
    cells = ", ".join(f"{{'place': {n}, 'cell': {quoted(column)}}}" for n, column in enumerate(amounts))
    found = engine.records(_EVIDENCE.format(cells=cells, path=literal(path)))[0]
    if not found["count"]:
        return None
    kinds = {kind: [found[f"count_{kind}"], *(found[kind] or (None, None))] for kind in ("point", "comma", "both")}
    sums = [str(found["sum_point"]), str(found["sum_comma"])]
    return {**kinds, "column": amounts[found["first_place"] or 0], "sums": sums, "count": found["count"]}


_EVIDENCE = """
    with
    cells as (select line_number, unnest([{cells}], recursive := true) from read_parquet({path})),
    amounts as (
        select line_number, place, cell, regexp_replace(cell, '[^0-9.,]', '', 'g') as digits
        from cells where looks_like_money(cell)
    ),
    kinds as (
        select *,
            case
                when regexp_full_match(digits, '[0-9]*') then 'plain'
                when regexp_full_match(digits, '0,[0-9]+') then 'comma'
                when regexp_full_match(digits, '0[.][0-9]+') then 'point'
                when has_right_marks(digits, '.') and has_right_marks(digits, ',') then 'both'
                when has_right_marks(digits, '.') then 'point'
                when has_right_marks(digits, ',') then 'comma'
            end as kind
        from amounts
    ),
    first_place as (select min(place) as first_place from kinds where kind in ('point', 'comma', 'both'))
    select
        count(*) as count,
        count(*) filter (where kind = 'point') as count_point,
        count(*) filter (where kind = 'comma') as count_comma,
        count(*) filter (where kind = 'both') as count_both,
        arg_min([line_number::varchar, trim(cell)], (line_number, place)) filter (where kind = 'point') as point,
        arg_min([line_number::varchar, trim(cell)], (line_number, place)) filter (where kind = 'comma') as comma,
        arg_min([line_number::varchar, trim(cell)], (line_number, place)) filter (where kind = 'both') as both,
        min(first_place) as first_place,
        sum(try_cast(unsigned_money(digits, '.') as decimal(18, 2))) filter (where place = first_place) as sum_point,
        sum(try_cast(unsigned_money(digits, ',') as decimal(18, 2))) filter (where place = first_place) as sum_comma
    from kinds cross join first_place
"""


def sure_mark(found: Mapping[str, Any] | None) -> str | None:
    """Return the decimal mark that the amounts show, None when they show none or both."""
    if found is None:
        return None
    points, commas = found["point"][0], found["comma"][0]
    if not points + commas or min(points, commas) > _STRAY_SHARE * max(points, commas):
        return None
    return "." if points >= commas else ","


def answer(found: Mapping[str, Any] | None, given: Said, is_text: bool, others: str | None, where: str) -> Answer:
    """Decide how the amounts of one file are read.

    Args:
        found: What they show.
        given: What the settings or the system's format say.
        is_text: The numbers are text; those of a workbook or of Parquet carry a decimal point unless they show another.
        others: The mark that the other files of the export show.
        where: The pin that would answer the question, but for the mark.
    """
    if found is None:
        return Answer(given.decimal_mark or ".")
    sure = sure_mark(found)
    if found["point"][0] and found["comma"][0] and sure is None:
        return Answer(question=_mixed(found, where))
    if sure is not None and given.decimal_mark not in (None, sure) and is_text:
        return Answer(question=_contradiction(found, given, sure, where))
    if sure is not None:
        is_told = given.decimal_mark is None and sure == ","
        shown = found["comma"]
        return Answer(sure, f"amounts have a decimal comma, as line {shown[1]} shows: {shown[2]}" if is_told else "")
    if given.decimal_mark is not None or not is_text or not found["both"][0]:
        return Answer(given.decimal_mark or ".")
    if others is not None:
        mark = _MARK_NAMES[others]
        return Answer(
            others, f"amounts such as {found['both'][2]} are read with {mark}, as other files of the export have"
        )
    return Answer(question=_ambiguity(found, where))


def _ambiguity(found: Mapping[str, Any], where: str) -> Problem:
    count, line, text = found["both"]
    many = f"{count:,} amounts such as {text} (line {line})" if count > 1 else f"The amount {text} (line {line})"
    return Problem(
        f"{many} can be read with a decimal point or a decimal comma, and nothing in the file tells which.",
        fix=_choice(found, where),
    )


def _mixed(found: Mapping[str, Any], where: str) -> Problem:
    (points, point_line, point), (commas, comma_line, comma) = found["point"], found["comma"]
    return Problem(
        f"{points:,} amounts have a decimal point (line {point_line}: {point}) and {commas:,} a decimal comma "
        f"(line {comma_line}: {comma}).",
        fix=f"Export it again with one of them; or {_choice(found, where)[0].lower()}{_choice(found, where)[1:]}",
    )


def _contradiction(found: Mapping[str, Any], given: Said, sure: str, where: str) -> Problem:
    count, line, text = found["point" if sure == "." else "comma"]
    return Problem(
        f"{count:,} amounts have {_MARK_NAMES[sure]} (line {line}: {text}), but {given.by} says "
        f"{_MARK_NAMES[str(given.decimal_mark)]}.",
        fix=_choice(found, where),
    )


def _choice(found: Mapping[str, Any], where: str) -> str:
    point, comma = found["sums"]
    return (
        f'Write under files: in journeys.yaml: - {{{where}, decimal_mark: "."}} if {found["column"]} adds up to '
        f'{point}, or decimal_mark: "," if it adds up to {comma}.'
    )


def minor_question(found: Mapping[str, Any] | None, labels: Sequence[str], given: Said, where: str) -> Problem | None:
    """Ask whether amounts are cents when one of their columns' labels says so and all of them are whole."""
    named = next((label for label in labels if _MINOR.search(label.replace("_", " "))), None)
    if given.minor_units is not None or found is None or named is None or found["point"][0] + found["comma"][0]:
        return None
    return Problem(
        f"The amounts seem to be in hundredths: their column is called {named!r}, and all of them are whole.",
        fix=f"Write under files: in journeys.yaml: - {{{where}, minor_units: true}} if they are, "
        "or minor_units: false.",
    )
