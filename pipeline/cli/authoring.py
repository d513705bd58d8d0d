"""`connectors`, `new-connector` and `docs`: for those who add to the pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from pipeline import scaffold
from pipeline.cli.app import app, out
from pipeline.errors import EXIT_BLOCKED, UsageError, unknown_name
from pipeline.ingest.spec import CONNECTORS, ConnectorSpec, read_specs


@app.command()
def connectors(
    name: Annotated[str | None, typer.Argument(help="A connector, to see its exports one by one.")] = None,
    golden: Annotated[
        bool, typer.Option("--golden", help="Compare the connector's samples with its golden results.")
    ] = False,
    write: Annotated[
        bool, typer.Option("--write", help="With --golden: write the results anew, for you to review.")
    ] = False,
) -> None:
    """List the systems whose exports are known, and the menus that give them."""
    specs = read_specs()
    if name is None:
        _print_systems(specs)
        return
    if name not in specs:
        raise UsageError(unknown_name("connector", name, specs))
    if golden:
        _golden(specs[name], write)
        return
    _print_exports(specs[name])


def _print_systems(specs: dict[str, ConnectorSpec]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("Name", "System", "Exports"):
        table.add_column(column, overflow="fold")
    for spec in specs.values():
        table.add_row(spec.system, spec.title, ", ".join(name for name, e in spec.exports.items() if not e.advice))
    table.add_row("generic", "any other file", "mapped by you in journeys.yaml, under generic:")
    out.print(table)


def _print_exports(spec: ConnectorSpec) -> None:
    out.print(Text(f"{spec.title} ({spec.vendor})", style="bold"))
    for name, export in spec.exports.items():
        out.print(Text(f"\n{name}: {export.title}", style="bold"))
        if export.menu:
            out.print(Text(f"  Menu: {export.menu}"))
        if export.signature:
            out.print(Text(f"  Recognised by: {', '.join(export.signature)}"))
        needs = [what for what, needed in (("zone", export.needs_zone), ("currency", export.needs_currency)) if needed]
        if needs:
            out.print(Text(f"  Needs in journeys.yaml: {', '.join(f'sources.{spec.system}.{what}' for what in needs)}"))
        if export.advice:
            out.print(Text(f"  Not loaded: {export.advice}", style="yellow"))
        for quirk in export.quirks:
            out.print(Text(f"  · {quirk}", style="dim"))


def _golden(spec: ConnectorSpec, write: bool) -> None:
    from pipeline.golden import differences, write_golden

    if write:
        for written in write_golden(spec):
            out.print(f"written: golden/{written}")
        return
    found = differences(spec)
    for name in found:
        out.print(Text(f"golden/{name} is not what the samples become", style="red"))
    if found:
        raise typer.Exit(EXIT_BLOCKED)
    out.print(Text("The samples become what golden/ says.", style="green"))


@app.command("new-connector")
def new_connector(
    name: Annotated[
        str, typer.Argument(help="Lower-case letters, digits and _: the folder and the system's name in all tables.")
    ],
    folder: Annotated[Path, typer.Option("--in", help="Where connectors live.")] = CONNECTORS,
) -> None:
    """Make the folder of a new connector, to be filled in."""
    for path in scaffold.new_connector(name, folder):
        out.print(f"written: {path}")
    out.print(f"\nFill in spec.yaml, put samples into samples/, then: journeys connectors {name} --golden --write")


@app.command()
def docs(
    write: Annotated[bool, typer.Option("--write", help="Write the generated pages anew.")] = False,
) -> None:
    """Print the data dictionary, or write all generated pages."""
    from pipeline import dictionary

    if not write:
        out.print(Text(dictionary.data_dictionary()), soft_wrap=True)
        return
    for path in dictionary.write_pages():
        out.print(f"written: {path}")
