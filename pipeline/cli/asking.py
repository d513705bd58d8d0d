"""`sql` and `report`: what reads what was published."""

from __future__ import annotations

import csv
import json
import sys
import webbrowser
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from pipeline.cli.app import ProjectOption, app, open_project, out, print_findings
from pipeline.config import Project
from pipeline.errors import Problem, UsageError, unknown_name
from pipeline.findings import Finding

# The database is loaded by what asks it, so that all else answers at once.
if TYPE_CHECKING:
    from pipeline.warehouse import Published


class Form(StrEnum):
    """How a result is printed."""

    table = "table"
    csv = "csv"
    json = "json"


@app.command()
def sql(
    query: Annotated[str | None, typer.Argument(help="A query; without one a shell opens.")] = None,
    project: ProjectOption = None,
    form: Annotated[Form, typer.Option("--format", "-f", help="table, csv or json.")] = Form.table,
    limit: Annotated[int, typer.Option(help="Rows a table shows; csv and json give all.")] = 50,
) -> None:
    """Ask the published DuckDB file, read only; a run that is under way does not disturb it."""
    with _published(open_project(project)) as published:
        if query is not None:
            _answer(published, query, form, limit)
        else:
            _shell(published, form, limit)


@app.command()
def findings(
    promise: Annotated[
        str | None, typer.Argument(help="Name of a promise: all that breaks it; without one the first of each.")
    ] = None,
    project: ProjectOption = None,
) -> None:
    """Say what the last published night warned of, and what to do about it."""
    with _published(open_project(project)) as published:
        names, rows = published.ask("select * from ops.findings order by level, promise, place, finding")
    found = [Finding(**dict(zip(names, row, strict=True))) for row in rows]
    told = {one.promise for one in found}
    if promise is not None and promise not in told:
        raise UsageError(unknown_name("promise with findings", promise, told))
    if not found:
        out.print("Nothing was warned of.")
    print_findings([one for one in found if promise in (None, one.promise)], 2 if promise is None else len(found))


def _published(project: Project) -> Published:
    if not project.published.exists():
        raise UsageError(
            Problem("Nothing has been published yet.", str(project.published.name), fix="Call: journeys run")
        )
    from pipeline.warehouse import Published

    return Published.open(project.published)


def _answer(published: Published, query: str, form: Form, limit: int) -> None:
    names, rows = published.ask(query)
    if form is Form.csv:
        writer = csv.writer(sys.stdout, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(rows)
    elif form is Form.json:
        json.dump(
            [dict(zip(names, row, strict=True)) for row in rows], sys.stdout, default=str, ensure_ascii=False, indent=1
        )
        sys.stdout.write("\n")
    else:
        _print_table(names, rows, limit)


#: A column that gets less room than this folds its words so often that nobody can read them.
_READABLE_CELL = 10


def _print_table(names: list[str], rows: list[tuple[Any, ...]], limit: int) -> None:
    if rows and _least_width(names, rows[:limit]) > out.width:
        _print_records(names, rows[:limit])
    else:
        _print_columns(names, rows, limit)
    if len(rows) > limit:
        out.print(Text(f"{limit:,} of {len(rows):,} rows; --limit shows more", style="dim"))


def _least_width(names: list[str], rows: list[tuple[Any, ...]]) -> int:
    """Return the characters a line needs so that no column is folded to less than it can be read in."""
    widest = [max(len(_cell(value)) for value in (name, *values)) for name, *values in zip(names, *rows, strict=True)]
    return sum(min(width, _READABLE_CELL) + 2 for width in widest)


def _print_records(names: list[str], rows: list[tuple[Any, ...]]) -> None:
    for number, row in enumerate(rows, start=1):
        table = Table(box=None, pad_edge=False, show_header=False, title=f"Row {number:,}", title_justify="left")
        table.add_column(style="bold")
        table.add_column(overflow="fold")
        for name, value in zip(names, row, strict=True):
            table.add_row(Text(name), Text(_cell(value)))
        out.print(table)


def _print_columns(names: list[str], rows: list[tuple[Any, ...]], limit: int) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for position, name in enumerate(names):
        is_number = all(
            isinstance(row[position], int | float) or hasattr(row[position], "quantize") or row[position] is None
            for row in rows
        )
        table.add_column(Text(name), justify="right" if is_number and rows else "left", overflow="fold")
    for row in rows[:limit]:
        table.add_row(*(Text(_cell(value)) for value in row))
    out.print(table)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:,.6g}" if abs(value) < 1e6 else f"{value:,.2f}"
    if isinstance(value, list):
        return " → ".join(map(str, value))
    return str(value)


def _shell(published: Published, form: Form, limit: int) -> None:
    """Read queries until the end; each ends with a semicolon."""
    from pipeline.warehouse import WarehouseError

    out.print("Read only. End a query with ; — .tables lists tables, .columns TABLE their meaning, .quit leaves.")
    waiting = ""
    while True:
        try:
            line = input("     ...> " if waiting else "journeys> ")
        except (EOFError, KeyboardInterrupt):
            out.print()
            return
        if not waiting and line.strip().startswith("."):
            if line.strip() in (".quit", ".exit"):
                return
            _dot(published, line.strip(), limit)
            continue
        waiting = f"{waiting}\n{line}" if waiting else line
        if waiting.rstrip().endswith(";"):
            try:
                _answer(published, waiting, form, limit)
            except WarehouseError as error:
                out.print(Text(str(error.problems[0].what), style="red"))
            waiting = ""


def _dot(published: Published, line: str, limit: int) -> None:
    word, _, rest = line.partition(" ")
    if word == ".tables":
        _print_table(*published.ask(_TABLES), limit=500)
    elif word == ".columns" and rest:
        _print_table(*published.ask(_COLUMNS, [rest.strip()]), limit=500)
    else:
        out.print("Known: .tables, .columns schema.table, .quit")


_TABLES = (
    "select schema_name || '.' || table_name as table_name, estimated_size as rows, comment as meaning "
    "from duckdb_tables() "
    "where schema_name in ('core', 'marts', 'ops', 'config') order by 1"
)
_COLUMNS = (
    "select column_name, data_type, comment as meaning from duckdb_columns() "
    "where schema_name || '.' || table_name = $1 order by column_index"
)


@app.command()
def report(
    project: ProjectOption = None,
    show: Annotated[bool, typer.Option("--open", help="Open it in the browser.")] = False,
) -> None:
    """Say where the latest report is."""
    path = open_project(project).reports / "latest" / "index.html"
    if not path.exists():
        raise UsageError(Problem("No report has been published yet.", fix="Call: journeys run"))
    out.print(Text(str(path)), soft_wrap=True)
    for page in sorted(path.parent.glob("*.html")):
        if page.name != "index.html":
            out.print(Text(f"  {page.name}", style="dim"))
    if show:
        webbrowser.open(path.resolve().as_uri())
