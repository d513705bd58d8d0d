"""`run`, `check`, `demo` and `dev`: what makes or looks at data."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from pipeline.cli.app import ProjectOption, app, err, open_project, out, print_findings
from pipeline.config import Project
from pipeline.config.raw import SAMPLE
from pipeline.errors import EXIT_BLOCKED, Problem, UsageError

# What a command alone needs is imported by it, so that all others answer at once.
if TYPE_CHECKING:
    from pipeline.forget import Proof
    from pipeline.night import Night
    from pipeline.run import Outcome


@app.command()
def run(
    project: ProjectOption = None,
    select: Annotated[
        list[str] | None,
        typer.Option(
            "--select",
            "-s",
            help="Build only this model and what it needs, e.g. marts.attribution; publishes nothing. May be repeated.",
        ),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Build every table anew; files that were read before are not read again.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print nothing unless something is wrong: for cron.")
    ] = False,
    wait: Annotated[float, typer.Option("--wait", help="Seconds to wait for another run to end.")] = 0.0,
) -> None:
    """Read the exports, build everything that changed, and publish."""
    from pipeline.night import Night
    from pipeline.run import run as run_night

    opened = open_project(project)
    with (
        _shown_progress(quiet) as shown,
        Night.open(opened, full=full, wait_seconds=wait, progress=shown.file) as night,
    ):
        outcome = run_night(night, select or (), shown.step)
        summary = None if quiet else _summary(night, outcome, selected=bool(select))
    if summary:
        _print_summary(opened, outcome, summary)
    else:
        print_findings([one for one in outcome.findings if one.level == "refuse"], to=err)


class _Shown:
    """A progress line for the step that is under way, and what each took."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress = progress
        self._task = progress.add_task("Starting", total=None) if progress else None

    def step(self, name: str, seconds: float | None) -> None:
        """Show the step that begins; keep a line for one that took long."""
        if self._progress is None or self._task is None:
            return
        if seconds is None:
            self._progress.update(self._task, description=name, total=None, completed=0)
        elif seconds >= 1:
            self._progress.console.print(f"  {name:<40} {seconds:6.1f} s", style="dim")

    def file(self, name: str, done: int, total: int) -> None:
        """Show how many files of a system are read."""
        if self._progress is not None and self._task is not None and name:
            self._progress.update(self._task, description=_shortened(name, 44), total=total, completed=done)


@contextmanager
def _shown_progress(quiet: bool) -> Iterator[_Shown]:
    if quiet or not err.is_terminal:
        yield _Shown(None)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=16), TimeElapsedColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        yield _Shown(progress)


def _shortened(text: str, width: int) -> str:
    return text if len(text) <= width else f"…{text[-(width - 1) :]}"


def _summary(night: Night, outcome: Outcome, *, selected: bool) -> dict[str, Any]:
    """Return the figures of the closing table."""
    query = night.warehouse.value
    if selected:
        return {"Models built": f"{outcome.count_built:,} of {outcome.count_built + outcome.count_current:,}"}
    files = night.intake.verdicts.values()
    loaded = sum(1 for v in files if v.status == "loaded")
    attention = sum(1 for v in files if v.status in ("unknown", "unreadable", "needs_setting"))
    row = night.warehouse.records(
        "select coalesce(sum(rows_read), 0) as rows_read, coalesce(sum(rows_accepted), 0) as accepted, "
        "coalesce(sum(rows_rejected), 0) as rejected, coalesce(sum(rows_duplicate), 0) as duplicate from ops.files"
    )[0]
    currency = query("select reporting_currency from config.settings")
    revenue = query("select coalesce(sum(revenue), 0) from core.orders where is_conversion")
    return {
        "Sample": _sample_note(night),
        "Files": f"{loaded:,} loaded" + (f", {attention:,} need attention: journeys check" if attention else ""),
        "Rows": f"{row['rows_read']:,} read = {row['accepted']:,} accepted + {row['rejected']:,} rejected + "
        f"{row['duplicate']:,} duplicate",
        "Touchpoints": f"{query('select count(*) from core.touchpoints'):,}",
        "Customers": ", ".join(
            f"{n:,} {kind}"
            for kind, n in night.warehouse.rows("select kind, count(*) from core.customers group by 1 order by 2 desc")
        ),
        "Journeys": ", ".join(
            f"{n:,} {kind}"
            for kind, n in night.warehouse.rows(
                "select outcome, count(*) from core.journeys group by 1 order by 2 desc"
            )
        ),
        "Orders": f"{query('select count(*) from core.orders where is_conversion'):,} worth {revenue:,.2f} {currency}",
        "Data as of": f"{outcome.as_of:%Y-%m-%d %H:%M} UTC"
        if outcome.as_of and outcome.as_of > _NO_DATA
        else "no data yet",
        "Restated": f"{outcome.count_restated:,} published {'total' if outcome.count_restated == 1 else 'totals'} "
        "moved; see What changed in the report"
        if outcome.count_restated
        else "",
    }


def _sample_note(night: Night) -> str:
    if night.intake.is_sample_left_out:
        return "left out, because there are files of your own"
    is_sample = any(name.startswith(f"{SAMPLE}/") for name in night.intake.verdicts)
    return "an invented shop; files of your own in data/raw take its place" if is_sample else ""


#: What `as_of` is when no file holds events or orders.
_NO_DATA = datetime(1970, 1, 1)


def _print_summary(project: Project, outcome: Outcome, summary: dict[str, Any]) -> None:
    table = Table.grid(padding=(0, 2))
    for name, value in summary.items():
        if value:
            table.add_row(Text(name, style="bold"), Text(str(value)))
    out.print(table)
    print_findings(outcome.findings)
    if outcome.is_unchanged:
        out.print(Text("Nothing is new; what was published stays.", style="green"))
    elif outcome.is_published:
        out.print(Text(f"Published in {sum(outcome.seconds.values()):.1f} s.", style="green"))
    if outcome.report and outcome.database:
        out.print(Text("Report   ", style="bold") + Text(_relative(outcome.report)), soft_wrap=True)
        out.print(Text("Database ", style="bold") + Text(_relative(outcome.database)), soft_wrap=True)


def _relative(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


@app.command()
def check(
    project: ProjectOption = None,
    rejected: Annotated[int, typer.Option("--rejected", help="Show so many rejected lines of each file.")] = 3,
) -> None:
    """Give every file in data/raw a verdict, without loading anything."""
    from pipeline.night import Night

    opened = open_project(project)
    with tempfile.TemporaryDirectory() as folder, _shown_progress(False) as shown:
        trial = replace(opened, scratch=Path(folder))
        with Night.open(trial, progress=shown.file) as night:
            night.configure()
            night.define_raw()
            night.shape()
            night.quarantine()
            night.settle()
            night.keep_books()
            files = night.warehouse.records("select * from ops.files")
            lines = night.warehouse.records("select * from ops.rejected_rows")
            left_out = night.intake.is_sample_left_out
    if not files:
        out.print("There is nothing in data/raw yet. Put the files you export from your tools there.")
        return
    _print_verdicts(files, left_out)
    _print_fixes(files, lines, rejected)
    if any(file["status"] in ("unknown", "unreadable", "needs_setting") for file in files):
        raise typer.Exit(EXIT_BLOCKED)


def _print_verdicts(files: list[dict[str, Any]], left_out: bool) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("File", ratio=3, overflow="fold")
    table.add_column("Read as", ratio=2, overflow="fold")
    table.add_column("Rows", justify="right")
    table.add_column("Period", no_wrap=True)
    table.add_column("Verdict", overflow="fold")
    for file in files:
        read_as = f"{file['source_system']} {file['source_export']}" if file["source_system"] else ""
        facts = ", ".join(str(file[key]) for key in ("encoding", "zone", "currency") if file[key])
        period = f"{file['period_from']}\n{file['period_to']}" if file["period_from"] else ""
        rows = f"{file['rows_read']:,}" if file["rows_read"] is not None else ""
        table.add_row(
            Text(file["file_name"]), Text(f"{read_as}\n{facts}" if facts else read_as), rows, period, _verdict(file)
        )
    out.print(table)
    if left_out:
        out.print("\nThe sample in data/raw/sample is left out, because there are files of your own.")


def _verdict(file: dict[str, Any]) -> Text:
    good = file["status"] in ("loaded", "same_content")
    words = file["status"].replace("_", " ")
    if file["rows_rejected"]:
        words += f"\n{file['rows_rejected']:,} rejected"
    if file["rows_duplicate"]:
        words += f"\n{file['rows_duplicate']:,} duplicate"
    return Text(words, style="green" if good and not file["rows_rejected"] else "yellow" if good else "red")


def _print_fixes(files: list[dict[str, Any]], lines: list[dict[str, Any]], most: int) -> None:
    """Print what is wrong or worth knowing; files of which the same is to be said stand together."""
    said: dict[tuple[str, ...], list[str]] = {}
    for file in files:
        words = _words(file, [line for line in lines if line["file_name"] == file["file_name"]], most)
        if words:
            said.setdefault(tuple(words), []).append(file["file_name"])
    for lines_of, names in said.items():
        more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
        out.print(Text(f"\n{names[0]}{more}", style="bold"))
        for line in lines_of:
            style = next((style for start, style in _STYLES.items() if line.startswith(start)), "")
            out.print(Text(f"  {line}", style=style))


_STYLES = {"To do: ": "cyan", "Note: ": "dim", "and ": "dim"}


def _words(file: dict[str, Any], rejected: list[dict[str, Any]], most: int) -> list[str]:
    notes = list(file["notes"] or [])
    if file["days_missing"] and file["source_export"]:
        notes.append(f"{file['days_missing']:,} days of its period have no row")
    words = [file["problem"]] if file["problem"] else []
    words += [f"To do: {file['fix']}"] if file["fix"] else []
    words += [f"Note: {note}." for note in notes]
    words += [f"line {line['line_number']}: {line['reason']}" for line in rejected[:most]]
    if len(rejected) > most:
        words.append(f"and {len(rejected) - most:,} more (see ops.rejected_rows after a run)")
    return words


@app.command()
def demo(
    out_folder: Annotated[Path, typer.Option("--out", help="Folder that becomes the project; made if need be.")],
    people: Annotated[int, typer.Option(help="People who ever meet the business.")] = 2000,
    days: Annotated[int, typer.Option(help="Days of history.")] = 90,
    seed: Annotated[int, typer.Option(help="The same seed gives the same files.")] = 1,
) -> None:
    """Write the exports of a simulated business, ready to run, and the truth about it.

    data/raw holds what Google Analytics, HubSpot, Mailchimp and Square would export, journeys.yaml the settings, and
    truth/ what nobody can export: who is who, which orders are real, and what each channel caused.
    """
    from pipeline.demo import simulate

    with _shown_progress(False) as shown:
        shown.step(f"Simulating {people:,} people over {days} days", None)
        made = simulate(people, days, seed, out_folder)
    out.print(
        Text(
            f"{made.people:,} people, {made.events:,} events and {made.orders:,} orders "
            f"in {made.files} files ({made.bytes / 1e6:,.1f} MB)\n"
            f"  exports   {out_folder / 'data' / 'raw'}\n"
            f"  truth     {out_folder / 'truth'}\n"
            f"Next: journeys run --project {shlex.quote(str(out_folder))}"
        )
    )


@app.command()
def forget(
    identifier: Annotated[str, typer.Argument(help="An e-mail address, phone number or id of the person.")],
    project: ProjectOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a person from the cache and everything published, keep them out, and print the proof.

    Orders stay in the books without a buyer. Raw files are never edited: those that still hold the person are named.
    """
    from pipeline import forget as forgetting

    opened = open_project(project)
    person = forgetting.find(opened, identifier)
    out.print(f"Customer {person.customer_id} is known by {len(person.identifiers)} identifiers:")
    for kind, value in person.identifiers:
        out.print(Text(f"  {kind:<11} {value}"))
    if not yes:
        typer.confirm("Forget this person for good?", abort=True)
    _print_proof(forgetting.forget(opened, person))


def _print_proof(proof: Proof) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("Searched", "Cells or files", "Finds"):
        table.add_column(column, justify="left" if column == "Searched" else "right")
    for place, count in proof.searched.items():
        table.add_row(place, f"{count:,}", f"{proof.found.get(place, 0):,}")
    for place in proof.found.keys() - proof.searched.keys():
        table.add_row(place, "", f"{proof.found[place]:,}")
    out.print(table)
    for name in proof.raw_files:
        out.print(
            Text(f"Still in the raw file {name}: delete it or export it again without the person.", style="yellow")
        )
    if proof.found:
        err.print(Text("The person is still found in the places above.", style="bold red"))
        raise typer.Exit(EXIT_BLOCKED)
    out.print(Text("The person is in nothing that was published, and will not come back.", style="green"))


@app.command()
def dev(
    project: ProjectOption = None,
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 3000,
) -> None:
    """Open Dagster's web interface on this machine."""
    opened = open_project(project)
    home = opened.root / ".dagster"
    home.mkdir(exist_ok=True)
    settings = Path(__file__).parent.parent.parent / "dagster.yaml"
    if settings.exists() and not (home / "dagster.yaml").exists():
        shutil.copy(settings, home / "dagster.yaml")
    dagster = Path(sys.executable).with_name("dagster")
    if not dagster.exists():
        raise UsageError(
            Problem("Dagster is not installed beside this Python.", fix="Call make dev, which sets everything up.")
        )
    environment = {**os.environ, "DAGSTER_HOME": str(home), "JOURNEYS_PROJECT": str(opened.root)}
    command = [str(dagster), "dev", "-m", "assets.definitions", "-h", "127.0.0.1", "-p", str(port)]
    raise typer.Exit(subprocess.call(command, cwd=opened.root, env=environment))
