"""Turns content into HTML: everything is escaped, and a page asks nobody for anything."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from pipeline.reporting import text
from pipeline.reporting.facts import Facts
from pipeline.reporting.style import UNTRACKED, channel_variable, css_variables
from pipeline.reporting.tables import Column, Table, written

#: Nothing may be loaded and nothing may run; the one style sheet stands in the page.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

#: Rows of a table that a page holds; the CSV has all of them.
MOST_ROWS = 200
_TEMPLATES = Path(__file__).parent / "templates"


@cache
def environment() -> Environment:
    """Return the templates' environment."""
    made = Environment(
        loader=PackageLoader("pipeline.reporting", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
    made.filters |= {
        "count": text.count,
        "day": text.day,
        "moment": text.moment,
        "share": text.share,
        "plural": text.plural,
        "words": text.words,
        "clean": lambda value: text.mask_email(text.clean(value)),
    }
    made.globals |= {"policy": POLICY, "channel_chip": channel_chip, "stylesheet": stylesheet}
    return made


@cache
def stylesheet() -> Markup:
    """Return the style sheet of every page."""
    # Both parts are ours; nothing from the data is in them.
    return Markup(css_variables() + (_TEMPLATES / "report.css").read_text(encoding="utf-8"))  # noqa: S704


def channel_chip(channel: str, most: int = 32) -> Markup:
    """Write a channel with its colour."""
    name = text.mask_email(text.clean(channel))
    hatched = " hatched" if channel == UNTRACKED else ""
    return Markup('<span class="chip"{}><i class="dab{}" style="background:var(--{})"></i><bdi>{}</bdi></span>').format(
        _tip(name, most), hatched, channel_variable(channel), text.shorten(name, most)
    )


def _tip(whole: str, most: int) -> Markup:
    return Markup(' title="{}"').format(text.shorten(whole, 1000)) if len(whole) > most else Markup("")


def cell(column: Column, row: dict[str, Any], facts: Facts, top: float) -> Markup:
    """Write one cell of a table.

    Args:
        column: What the cell holds.
        row: Its row.
        facts: Currency and smallest n.
        top: Largest value of the column, for the bars drawn in it.
    """
    value = row.get(column.key)
    shown = written(column, row, facts)
    if column.kind == "channel" and value:
        return channel_chip(value)
    if column.kind == "path" and value:
        return _path(value)
    if not column.is_said(row, facts.guard_n):
        return Markup('<span class="few">{}</span>').format(shown)
    if column.kind == "rate":
        return _rate(column, row, top, shown)
    if column.kind in ("mean", "ratio") and column.low and value is not None:
        return Markup('<span class="ends"><b>{}</b> <small>{}</small></span>').format(*shown.split(" ", 1))
    if column.is_number:
        if column.bar and value and top:
            return Markup('<span class="size" style="--part:{}%"><span>{}</span></span>').format(
                f"{max(min(float(value) / top, 1.0), 0.0) * 100:.1f}", shown
            )
        return escape(shown)
    if column.kind == "raw":
        return Markup('<code class="raw"{}>{}</code>').format(
            _tip(shown, column.most), text.shorten(shown, column.most)
        )
    if shown == column.nothing:
        return escape(shown)
    if column.kind == "file":
        return Markup('<bdi class="file"{}>{}</bdi>').format(
            _tip(shown, column.most), text.shorten_path(shown, column.most)
        )
    return Markup("<bdi{}>{}</bdi>").format(_tip(shown, column.most), text.shorten(shown, column.most))


def _path(channels: list[str]) -> Markup:
    arrow = Markup('<span class="to" aria-label="then">›</span>')
    chips = [channel_chip(channel, 24) for channel in channels[:8]]
    if len(channels) > 8:
        chips.append(Markup("<span>… {} more</span>").format(len(channels) - 8))
    return Markup('<span class="path">{}</span>').format(arrow.join(chips))


def _rate(column: Column, row: dict[str, Any], top: float, shown: str) -> Markup:
    value, low, high = (row.get(key) for key in (column.key, column.low, column.high))
    if value is None:
        return Markup('<span class="few">{}</span>').format(shown)
    band = Markup('<span class="band" style="--low:{}%;--high:{}%;--at:{}%"></span>').format(
        *(f"{min((part or 0) / (top or 1), 1.0) * 100:.1f}" for part in (low, high, value))
    )
    return Markup('<span class="rate"><b>{}</b> <small>{}</small>{}</span>').format(
        text.share(value), text.interval(low, high), band
    )


def table_view(table: Table, facts: Facts) -> dict[str, Any]:
    """Return a table as its template wants it: cells written, long ones split."""
    tops = {column.key: _top(column, table, facts) for column in table.columns}
    rows = [
        {
            "cells": [cell(column, row, facts, tops[column.key]) for column in table.columns],
            "apart": bool(table.apart and table.apart(row)),
        }
        for row in table.rows[:MOST_ROWS]
    ]
    totals = [_sum(column, table.totals, facts) for column in table.columns] if table.totals else []
    # A handful of rows is not worth a click.
    shown = len(rows) if len(rows) <= table.shown + 3 else table.shown
    return {
        "name": table.name,
        "title": table.title,
        "columns": table.columns,
        "rows": rows[:shown],
        "more": rows[shown:],
        "count": len(table.rows),
        "left_out": max(len(table.rows) - MOST_ROWS, 0),
        "totals": totals,
        "ledger": table.ledger,
        "note": table.note,
        "definition": table.definition,
        "meanings": [(c.heading, table.meanings[c.key]) for c in table.columns if c.key in table.meanings],
    }


def _sum(column: Column, totals: dict[str, Any], facts: Facts) -> str:
    if column.key not in totals:
        return ""
    value = totals[column.key]
    return value if isinstance(value, str) else written(column, totals, facts)


def _top(column: Column, table: Table, facts: Facts) -> float:
    if column.kind == "rate":
        return max((row.get(column.high) or 0 for row in table.rows if column.is_said(row, facts.guard_n)), default=0)
    if column.bar:
        return max((float(row.get(column.key) or 0) for row in table.rows), default=0)
    return 0
