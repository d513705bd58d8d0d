"""All raw files of a night: recognised, staged, and each with its verdict so far."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from glob import escape
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from pipeline.config.load import Project
from pipeline.config.sections.files import Pin, Source
from pipeline.errors import ConfigError, Problem, UnreadableFileError, nearest_name
from pipeline.generic import SYSTEM as GENERIC
from pipeline.generic import generic_pins, header_problems
from pipeline.ingest import amounts
from pipeline.ingest import files as raw_files
from pipeline.ingest.files import HashBook, RawFile, find_files
from pipeline.ingest.readers import Limits
from pipeline.ingest.recognise import Match, Shape, Unknown, head_shape, pin_problems, recognise
from pipeline.ingest.spec import ConnectorSpec, ExportSpec, label_columns
from pipeline.ingest.stage import Staged, stage
from pipeline.privacy import Suppressions
from pipeline.shape import define_functions
from pipeline.warehouse import Warehouse

LOADED = "loaded"
RECOGNISED = "recognised"

#: Every verdict a file can get, and what it means.
VERDICTS = {
    LOADED: "The file was read.",
    RECOGNISED: "The file is known and was not read yet.",
    "same_content": "Another file holds exactly the same; it counts once.",
    "empty": "There are no rows in it.",
    "unknown": "No connector knows such a file.",
    "known_but_unused": "The file is known, but another export of the same system has to be taken.",
    "needs_setting": "The file does not say how its times or amounts are meant, and journeys.yaml does not either.",
    "unreadable": "The file is damaged or is not what its name says.",
}


@dataclass(frozen=True)
class FileVerdict:
    """What is known of one raw file before its rows are validated."""

    name: str
    path: Path
    status: str
    sha256: str = ""
    size_bytes: int = 0
    kind: str = ""
    system: str = ""
    export: str = ""
    recognised_by: str = ""
    is_daily: bool = False
    provisional_days: int = 0
    zone: str | None = None
    currency: str | None = None
    decimal_mark: str = "."
    minor_units: bool = False
    name_fields: Mapping[str, str] = field(default_factory=dict)
    exported_on: str | None = None
    staged: Staged | None = None
    was_cached: bool = False
    seconds: float = 0.0
    problem: str = ""
    fix: str = ""
    notes: tuple[str, ...] = ()


Progress = Callable[[str, int, int], None]


def _silent(_name: str, _done: int, _of: int) -> None:
    return None


@dataclass(frozen=True)
class _Readable:
    """A recognised file that can be staged."""

    file: RawFile
    shape: Shape
    match: Match


class Intake:
    """Every raw file of a night: first recognised, then staged system by system."""

    def __init__(self, project: Project, specs: Mapping[str, ConnectorSpec], staged_folder: Path) -> None:
        """Look at every file below data/raw, reading no more than its head.

        Raises:
            ConfigError: a pin in journeys.yaml names something that does not exist.
        """
        self._pins = [*project.settings.files, *generic_pins(project.settings.generic)]
        wrong = pin_problems(self._pins, specs)
        if wrong:
            raise ConfigError(*wrong)
        run = project.settings.run
        self._project = project
        self._specs = specs
        self._folder = staged_folder
        self._limits = Limits(run.max_cell_characters, run.max_record_megabytes << 20)
        staged_folder.mkdir(parents=True, exist_ok=True)
        self._book = HashBook(staged_folder / "hashes.json")
        self._suppressions = Suppressions.read(project.raw)
        self._readable: dict[str, _Readable] = {}
        limits = raw_files.Limits(run.max_archive_gigabytes, run.max_archive_ratio)
        found, self.is_sample_left_out = find_files(project.raw, limits)
        self.verdicts: dict[str, FileVerdict] = {file.name: self._first_verdict(file) for file in found}
        self._check_generic()

    @property
    def loaded(self) -> list[FileVerdict]:
        """The files whose rows are used."""
        return [v for v in self.verdicts.values() if v.status == LOADED]

    def of(self, system: str, export: str) -> list[FileVerdict]:
        """The loaded files of one export."""
        return [v for v in self.loaded if v.system == system and v.export == export]

    @property
    def delivered(self) -> list[tuple[str, str]]:
        """Exports that have loaded files, as (system, export)."""
        return sorted({(v.system, v.export) for v in self.loaded})

    @property
    def systems(self) -> list[str]:
        """Systems that delivered something readable."""
        return sorted({v.system for v in self.verdicts.values() if v.status in (LOADED, RECOGNISED)})

    def waiting(self, system: str) -> list[str]:
        """Names of the system's files that are not staged yet."""
        return [v.name for v in self.verdicts.values() if v.system == system and v.status == RECOGNISED]

    def stage(self, system: str, progress: Progress = _silent) -> None:
        """Stage every recognised file of one system; a damaged one gets its verdict and the rest goes on."""
        names = self.waiting(system)
        if not names:
            return
        workers = min(self._project.settings.run.threads or os.cpu_count() or 1, len(names))
        with ThreadPoolExecutor(workers) as pool, ExitStack() as engines:
            waiting: SimpleQueue[Warehouse] = SimpleQueue()
            for number in range(workers):
                waiting.put(engines.enter_context(self._engine(number, workers)))
            staged = [pool.submit(self._staged, name, waiting) for name in names]
            for index, (name, verdict) in enumerate(zip(names, staged, strict=True)):
                progress(name, index, len(names))
                self.verdicts[name] = self._once(verdict.result())
        self._weigh_amounts(names)
        progress("", len(names), len(names))
        self._book.save()

    def _engine(self, number: int, workers: int) -> AbstractContextManager[Warehouse]:
        """Return a database in memory for one of so many workers: a file is read by one, most of it on one core."""
        run = self._project.settings.run
        limit = run.memory_limit
        if limit:
            size, unit = re.fullmatch(r"([\d.]+)\s?(\w+)", limit).groups()  # type: ignore[union-attr]
            limit = f"{float(size) / workers:g}{unit}"
        spill = self._folder / "tmp" / str(number)
        return _with_functions(
            Warehouse.open(threads=run.threads, memory_limit=limit, staged=self._folder, spill=spill)
        )

    def _first_verdict(self, file: RawFile) -> FileVerdict:
        size = file.path.stat().st_size if file.path.exists() else 0
        base = FileVerdict(file.name, file.path, "unreadable", size_bytes=size, kind=file.kind)
        if file.problem:
            return replace(base, problem=file.problem.what, fix=file.problem.fix)
        if file.kind == "empty":
            return replace(
                base, status="empty", problem="The file is empty.", fix="Download it again if it should not be."
            )
        if file.kind == "binary":
            what = "The file is not text, and no workbook or Parquet either."
            return replace(base, problem=what, fix="Export it as CSV or JSON.")
        try:
            shape = head_shape(file)
        except UnreadableFileError as error:
            return replace(base, problem=error.problems[0].what, fix=error.problems[0].fix)
        except OSError as error:
            return replace(base, problem=f"The file cannot be opened: {error.strerror}.")
        if shape.kind == "nothing":
            return replace(base, status="empty", problem="There is nothing but blank space in it.")
        found = recognise(file, shape, self._specs, self._pins)
        if isinstance(found, Unknown):
            return _unknown(base, found)
        self._readable[file.name] = _Readable(file, shape, found)
        return self._recognised(base, found)

    def _check_generic(self) -> None:
        """Refuse a mapping that fits none of its files; a single file that lacks a column gets that as its verdict."""
        for export in self._project.settings.generic:
            mine = {
                n: r for n, r in self._readable.items() if (r.match.system, r.match.export) == (GENERIC, export.name)
            }
            wrong = {name: header_problems(export, name, readable.match.header) for name, readable in mine.items()}
            if mine and all(wrong.values()):
                raise ConfigError(*next(iter(wrong.values())))
            for name, problems in wrong.items():
                if problems:
                    lacks = ", ".join(repr(problem.received) for problem in problems)
                    self.verdicts[name] = replace(
                        self.verdicts[name],
                        status="unknown",
                        problem=f"It lacks {lacks}, which generic.{export.name} maps.",
                        fix="Export it again with these columns.",
                    )

    def _recognised(self, base: FileVerdict, found: Match) -> FileVerdict:
        spec = self._specs[found.system]
        export = spec.exports[found.export]
        base = replace(
            base,
            status=RECOGNISED,
            system=found.system,
            export=found.export,
            recognised_by=found.by,
            is_daily=export.is_daily,
            provisional_days=self._provisional_days(found.system, export),
            name_fields=found.name_fields,
            exported_on=found.exported_on.isoformat() if found.exported_on else None,
            **_facts(found, self._project.settings.sources.get(found.system, Source()), spec),
        )
        if export.advice:
            what = f"This is {spec.title}: {export.title}."
            return replace(base, status="known_but_unused", problem=what, fix=export.advice)
        lacking = self._lacking(base, export.needs_zone, export.needs_currency)
        if lacking:
            return replace(base, status="needs_setting", problem=lacking.what, fix=lacking.fix)
        return base

    def _provisional_days(self, system: str, export: ExportSpec) -> int:
        given = self._project.settings.sources.get(system, Source()).provisional_days
        return export.provisional_days if given is None else given

    def _staged(self, name: str, engines: SimpleQueue[Warehouse]) -> FileVerdict:
        began = time.monotonic()
        engine = engines.get()
        try:
            return replace(self._read(name, engine), seconds=time.monotonic() - began)
        finally:
            engines.put(engine)

    def _read(self, name: str, engine: Warehouse) -> FileVerdict:
        base, readable = self.verdicts[name], self._readable[name]
        spec = self._specs[base.system]
        try:
            sha256 = self._book.sha256(readable.file)
            staged, cached = stage(
                readable.file,
                sha256,
                readable.match,
                readable.shape,
                spec,
                self._folder,
                engine,
                self._limits,
                self._suppressions,
            )
        except UnreadableFileError as error:
            return replace(base, status="unreadable", problem=error.problems[0].what, fix=error.problems[0].fix)
        except OSError as error:
            return replace(base, status="unreadable", problem=f"The file cannot be opened: {error.strerror}.")
        status = LOADED if staged.rows_read else "empty"
        problem = "" if staged.rows_read else "It has a header and no rows."
        notes = tuple(staged.notes) + _column_notes(staged, spec.exports[base.export].column_patterns)
        return replace(
            base, status=status, sha256=sha256, staged=staged, was_cached=cached, problem=problem, notes=notes
        )

    def _weigh_amounts(self, names: Sequence[str]) -> None:
        """Say how the amounts of each file are read; a file of which that cannot be said is not used."""
        shown: dict[tuple[str, str], set[str]] = {}
        for verdict in (self.verdicts[name] for name in names):
            mark = amounts.sure_mark(verdict.staged.amounts) if verdict.staged else None
            if mark:
                shown.setdefault((verdict.system, verdict.export), set()).add(mark)
        for name in names:
            verdict = self.verdicts[name]
            if verdict.status == LOADED:
                marks = shown.get((verdict.system, verdict.export), set())
                self.verdicts[name] = self._weighed(verdict, next(iter(marks)) if len(marks) == 1 else None)

    def _weighed(self, verdict: FileVerdict, others: str | None) -> FileVerdict:
        assert verdict.staged is not None
        readable, found = self._readable[verdict.name], verdict.staged.amounts
        export = self._specs[verdict.system].exports[verdict.export]
        source = self._project.settings.sources.get(verdict.system, Source())
        said = amounts.said(readable.match, source, self._specs[verdict.system], verdict.system == GENERIC)
        where = f"path: {json.dumps(escape(verdict.name))}, system: {verdict.system}, export: {verdict.export}"
        read = amounts.answer(found, said, verdict.kind == "text", others, where)
        placed = label_columns(export, readable.match.header) if export.format == "table" else {}
        labels = [readable.match.header[position] for position, column in placed.items() if column in export.amounts]
        question = read.question or amounts.minor_question(found, labels, said, where)
        if question:
            return replace(verdict, status="needs_setting", problem=question.what, fix=question.fix or "")
        return replace(
            verdict,
            decimal_mark=read.decimal_mark,
            minor_units=bool(said.minor_units),
            notes=(*verdict.notes, read.note) if read.note else verdict.notes,
        )

    def _once(self, verdict: FileVerdict) -> FileVerdict:
        """Let the same content count once: the file whose name sorts first stands for all."""
        if verdict.status != LOADED:
            return verdict
        for other in self.of(verdict.system, verdict.export):
            if other.sha256 == verdict.sha256 and other.name != verdict.name:
                return replace(verdict, status="same_content", problem=f"It holds exactly what {other.name} holds.")
        return verdict

    def _lacking(self, base: FileVerdict, needs_zone: bool, needs_currency: bool) -> Problem | None:
        where = f"sources.{base.system}"
        if needs_zone and base.zone is None:
            zone, why = self._likely_zone(base.system)
            fix = (
                f"Set {where}.zone in journeys.yaml to the zone that {self._specs[base.system].title} shows times in: "
                f"{zone} if {why}. One order whose time you know tells."
            )
            return Problem("Its times carry no time zone.", fix=fix)
        if needs_currency and base.currency is None:
            reporting = self._project.settings.reporting.currency
            fix = f"Set {where}.currency in journeys.yaml; {reporting} if it is the reporting currency."
            return Problem("Its amounts carry no currency.", fix=fix)
        return None

    def _likely_zone(self, system: str) -> tuple[str, str]:
        """Return the zone to propose for a system, and what has to hold for it: what is stated already says most."""
        settings = self._project.settings
        pinned = sorted({pin.zone for pin in settings.files if pin.system == system and pin.zone})
        if pinned:
            return pinned[0], "its other files, which journeys.yaml pins, are right"
        stated = [source.zone for name, source in sorted(settings.sources.items()) if name != system and source.zone]
        if stated and all(zone == stated[0] for zone in stated):
            return str(stated[0]), "it is set like the other systems in journeys.yaml"
        return settings.reporting.zone, "it is the reporting zone"


@contextmanager
def _with_functions(opened: AbstractContextManager[Warehouse]) -> Iterator[Warehouse]:
    with opened as engine:
        define_functions(engine)
        yield engine


def _unknown(base: FileVerdict, found: Unknown) -> FileVerdict:
    base = replace(base, status="unknown")
    if not found.nearest:
        shown = ", ".join(found.columns[:8])
        what = "No connector knows such a file." + (f" Its columns: {shown}." if shown else "")
        fix = (
            "Map it under generic: in journeys.yaml (see the README), "
            "or write a connector: journeys new-connector NAME."
        )
        return replace(base, problem=what, fix=fix)
    if not found.missing:
        what = f"It looks like {found.nearest}, whose columns say too little to be sure."
        fix = (
            f"Put it into a folder named {found.nearest.split()[0]}, keep the name it was downloaded with, "
            "or pin it under files: in journeys.yaml."
        )
        return replace(base, problem=what, fix=fix)
    lacks = ", ".join(_with_near(column, found.columns) for column in found.missing)
    fix = "Export it again with these columns, or map it under generic: in journeys.yaml."
    return replace(base, problem=f"Nearest is {found.nearest}; it lacks {lacks}.", fix=fix)


def _facts(found: Match, source: Source, spec: ConnectorSpec) -> dict[str, Any]:
    """Return zone and currency: of the pin, the settings, the export, the system, in that order."""
    pin = found.pin or Pin(path="", system=found.system)
    export = spec.exports[found.export].defaults
    return {
        "zone": pin.zone or source.zone or export.zone or spec.defaults.zone,
        "currency": pin.currency or source.currency or export.currency or spec.defaults.currency,
    }


def _with_near(column: str, columns: Sequence[str]) -> str:
    near = nearest_name(column, [c for c in columns if c.strip()])
    return f"{column!r} (is it {near!r}?)" if near else repr(column)


def _column_notes(staged: Staged, patterns: Sequence[str]) -> tuple[str, ...]:
    unknown = [name for name in staged.columns_unknown if not any(re.fullmatch(p, name) for p in patterns)]
    if not unknown:
        return ()
    more = f" and {len(unknown) - 5} more" if len(unknown) > 5 else ""
    return (f"columns kept without a meaning: {', '.join(unknown[:5])}{more}",)
