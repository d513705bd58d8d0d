"""The command itself: its options, its errors, and where each part lives."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from textwrap import fill
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.text import Text

from pipeline import __version__
from pipeline.config import Project
from pipeline.errors import EXIT_USAGE, JourneysError, Problem, UsageError
from pipeline.findings import Finding, lines_of

app = typer.Typer(
    name="journeys",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Customer-journey analytics from exported files.

    Put the files you download from your tools into [bold]data/raw[/bold], in any folders, and call
    [bold]journeys run[/bold].
    It recognises them, checks every row, works out who is who, and publishes a DuckDB file, Parquet files and reports.

    Exit codes: 0 published, 1 blocked by a check, 2 a wrong call or setting, 3 another run holds the lock.""",
)

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)

ProjectOption = Annotated[
    Path | None,
    typer.Option(
        "--project", "-p", help="Folder of the project; default: this folder or the nearest one above it that is one."
    ),
]


def open_project(folder: Path | None) -> Project:
    """Return the project in `folder`, or the nearest one above the current folder.

    Raises:
        UsageError: the folder does not exist.
        ConfigError: its journeys.yaml is wrong.
    """
    if folder is not None:
        if not folder.is_dir():
            raise UsageError(Problem("There is no such folder.", received=str(folder)))
        return Project.open(folder)
    here = Path.cwd()
    for candidate in (here, *here.parents):
        if (candidate / "journeys.yaml").exists() or (candidate / "data" / "raw").is_dir():
            return Project.open(candidate)
    return Project.open(here)


def fail(error: JourneysError) -> int:
    """Print an error with all its problems and return its exit code."""
    err.print(Text(error.heading, style="bold red"))
    for problem in error.problems:
        err.print(Text(f"• {problem}"))
    return error.exit_code


def print_findings(found: Sequence[Finding], most: int = 2, to: Console = out) -> None:
    """Print what breaks promises: of each the first few, why it matters and what to do."""
    for _, mine in groupby(found, key=lambda one: one.promise):
        for line, style in lines_of(list(mine), most):
            to.print(Text(fill(line, to.width, subsequent_indent="    ", break_on_hyphens=False), style=style))


def _version(value: bool) -> None:
    if value:
        out.print(__version__)
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options of the command itself."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command and leave with its exit code."""
    # In the order in which --help lists them.
    from pipeline.cli import running, asking, authoring  # noqa: F401, I001  each registers its commands

    command: Any = typer.main.get_command(app)
    try:
        code = command.main(args=arguments, prog_name="journeys", standalone_mode=False)
    except JourneysError as error:
        sys.exit(fail(error))
    except typer.Abort:
        sys.exit(130)
    except Exception as error:
        if type(error).__module__.startswith("click") or hasattr(error, "format_message"):
            err.print(Text(f"{error.format_message()}  Try: journeys --help", style="red"))  # type: ignore[attr-defined]
            sys.exit(EXIT_USAGE)
        raise
    sys.exit(code if isinstance(code, int) else 0)
