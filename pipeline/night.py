"""One night: every step of a run, in the order they go, each of which knows when it has nothing to do.

The command line runs the steps one after the other; Dagster runs the same ones as assets.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from pipeline import books, publish
from pipeline.build import Built, Versions, build, failing_rows, version_of, write_input
from pipeline.catalog import Audit, Model, grain_audits, in_order, read_audits, read_models, upstream
from pipeline.config import Project, lines_named
from pipeline.config.overrides import MEANING as OVERRIDES_MEANING
from pipeline.config.overrides import read_overrides
from pipeline.config.row import settings_row
from pipeline.config.schemas import MEANINGS
from pipeline.config.tables import config_tables, typed
from pipeline.contracts import contracts
from pipeline.errors import UsageError, unknown_name
from pipeline.findings import AuditResult, Finding, findings
from pipeline.funnels import define_conditions
from pipeline.generic import with_generic
from pipeline.ingest.intake import Intake, Progress
from pipeline.ingest.spec import ConnectorSpec, read_specs
from pipeline.lock import run_lock
from pipeline.privacy import Suppressions
from pipeline.registry import read_registry
from pipeline.shape import FUNCTIONS, ShapeQuery, connector_queries, define_functions, raw_select, staged_select
from pipeline.validate import clocks, coverage, expectations, quarantine
from pipeline.warehouse import Warehouse

OVERRIDES = "identity.given_overrides"
#: Code that no table's own version covers: an upgrade that changes it builds everything anew.
CODE = (
    *FUNCTIONS,
    *(
        Path(__file__).parent / name
        for name in (
            "shape.py",
            "generic.py",
            "funnels.py",
            "validate/quarantine.py",
            "validate/coverage.py",
            "validate/clocks.py",
        )
    ),
)


def _silent(_name: str, _done: int, _of: int) -> None:
    return None


@dataclass
class Night:
    """The state of one run: an open warehouse, and what was found so far."""

    project: Project
    warehouse: Warehouse
    versions: Versions
    specs: Mapping[str, ConnectorSpec]
    models: Mapping[str, Model]
    audits: Mapping[str, Audit]
    started_at: datetime
    run_id: str
    progress: Progress = _silent
    built: dict[str, Built] = field(default_factory=dict)
    audit_results: dict[str, AuditResult] = field(default_factory=dict)
    has_news: bool = True
    """Something is to be published that was not before."""
    _intake: Intake | None = None
    _queries: list[ShapeQuery] | None = None

    @classmethod
    @contextmanager
    def open(
        cls, project: Project, *, full: bool = False, wait_seconds: float = 0.0, progress: Progress = _silent
    ) -> Iterator[Night]:
        """Take the lock, finish what a dead run left, and open the warehouse.

        Args:
            project: The project to run.
            full: Build every table anew, whatever is there.
            wait_seconds: How long to wait for another run to end.
            progress: Called while files are read.

        Raises:
            LockedError: another run holds the lock.
            JourneysError: settings, connectors or models are wrong.
        """
        specs = with_generic(read_specs(), project)
        folder = project.warehouse
        run = project.settings.run
        with run_lock(folder, wait_seconds):
            publish.finish(project.root, folder)
            publish.clean_leftovers(project.root, folder)
            if full:
                _remove_databases(folder)
            with Warehouse.open(
                folder,
                threads=run.threads,
                memory_limit=run.memory_limit,
                storage_version=run.storage_version,
                staged=folder / "staged",
            ) as warehouse:
                define_functions(warehouse)
                with lines_named(project.settings_file):
                    define_conditions(warehouse, project.settings.funnels)
                models, versions = read_models(), Versions(warehouse)
                versions.stand_on(CODE)
                now = datetime.now(UTC).replace(tzinfo=None)
                try:
                    yield cls(
                        project=project,
                        warehouse=warehouse,
                        versions=versions,
                        specs=specs,
                        models=models,
                        audits={**read_audits(), **grain_audits(models)},
                        started_at=now,
                        run_id=f"{now:%Y%m%dT%H%M%S}-{uuid.uuid4().hex[:6]}",
                        progress=progress,
                    )
                finally:
                    versions.keep()

    @property
    def intake(self) -> Intake:
        """The raw files, looked at once a night."""
        if self._intake is None:
            with lines_named(self.project.settings_file):
                self._intake = Intake(self.project, self.specs, self.project.warehouse / "staged")
        return self._intake

    @property
    def queries(self) -> list[ShapeQuery]:
        """The shape queries of the systems that delivered something."""
        if self._queries is None:
            systems = self.intake.systems
            self._queries = [query for system in systems for query in connector_queries(self.specs[system])]
        return self._queries

    def configure(self) -> None:
        """Write the settings that do not depend on the data as `config` tables."""
        names = {system: spec.event_names for system, spec in self.specs.items()}
        with lines_named(self.project.settings_file):
            tables = config_tables(self.project.settings, self.project.root, names)
        for name, table in tables.items():
            write_input(f"config.{name}", table, MEANINGS[name], self.warehouse, self.versions)
        write_input(OVERRIDES, self._overrides(), OVERRIDES_MEANING, self.warehouse, self.versions)
        read_registry(self.warehouse, self.project.warehouse)

    def _overrides(self) -> pa.Table:
        """Return what identity.csv says, without those who asked to be forgotten."""
        given, suppressed = read_overrides(self.project.raw), Suppressions.read(self.project.raw)
        if not suppressed.hashes or not given.num_rows:
            return given
        sides = " or ".join(
            suppressed.written_sql(*side) for side in (("kind", "value"), ("other_kind", "other_value"))
        )
        with self.warehouse.given(given) as view:
            return self.warehouse.arrow(f"select * from {view} where not ({sides}) order by line_number")

    def stage(self, system: str) -> None:
        """Read the files of one system into the staged cache."""
        self.intake.stage(system, self.progress)

    def define_raw(self) -> None:
        """Make `raw.<system>__<export>` of what was staged."""
        for system in self.specs:
            self.stage(system)
        quarantine.write_files(self.warehouse, self.intake.loaded)
        ranked = [row[0] for row in self.warehouse.rows("select file_id from private.loaded_files order by file_rank")]
        for system, spec in self.specs.items():
            if system not in self.intake.systems:
                continue
            for name, export in spec.exports.items():
                if export.advice:
                    continue
                files = self.intake.of(system, name)
                paths = [Path(v.staged.path) for v in files if v.staged]
                staged = [self.project.warehouse / "staged" / path for path in paths]
                self.warehouse.create(spec.raw_name(name), raw_select(export, staged), kind="view")
                mine = {v.staged.file_id for v in files if v.staged}
                facts = [
                    (v.staged, v.zone, v.currency, v.decimal_mark, v.minor_units, sorted(v.name_fields.items()))
                    for v in files
                ]
                order = [file_id for file_id in ranked if file_id in mine]
                self._note(spec.raw_name(name), [raw_select(export, paths), repr(facts), repr(order)], [])

    def shape(self) -> None:
        """Make `staged.<shape>`: the generated union of all connectors."""
        for shape, contract in contracts().items():
            queries = [query for query in self.queries if query.shape == shape]
            select = self._staged_select(shape)
            self.warehouse.create(f"staged.{shape}", select, kind="view")
            inputs = {name for query in queries for name in query.inputs}
            self._note(f"staged.{shape}", [select, contract.model_dump_json()], inputs)

    def quarantine(self) -> None:
        """Split good rows from bad and from superseded ones, and count what became of every line."""
        staged = {f"staged.{shape}" for shape in contracts()}
        cache = self.project.warehouse / "staged"
        cast_version = version_of("cast once", staged, self.versions)
        if not self.versions.is_current("private.latest_moment", cast_version):
            quarantine.write_checked(self.warehouse, contracts())
            timed = [(quarantine.checked_table(shape), column) for shape, column in clocks.timed_shapes().items()]
            clocks.write_readings(self.warehouse, timed)
            quarantine.write_latest(self.warehouse)
            self.versions.set("private.latest_moment", cast_version, 0, 0.0)
        self._read_clocks()
        self._set_clock()
        inputs = staged | {
            "config.clock",
            "config.currencies",
            "config.interactions",
        }
        inputs |= {self.specs[system].raw_name(export) for system, export in self.intake.delivered}
        version = version_of("quarantine", inputs, self.versions)
        is_current = self.versions.is_current("validated.rejects", version) and self.warehouse.exists(
            "private.file_hours"
        )
        if not is_current:
            self._check_again(contracts())
            shortened = [v.staged for v in self.intake.loaded if v.staged and v.staged.rows_shortened]
            quarantine.find_rejects(self.warehouse, contracts(), [cache / part.path for part in shortened])
            replaced = coverage.replaced_days(contracts())
            quarantine.find_superseded(self.warehouse, self.specs, self.intake.delivered, replaced)
        marks = quarantine.dropped_marks(self.warehouse)
        for shape, contract in contracts().items():
            quarantine.define_validated(self.warehouse, contract)
            exports = sorted({name for query in self.queries if query.shape == shape for name in query.inputs})
            self._note(f"validated.{shape}", [repr([marks.get(name) for name in exports])], [f"staged.{shape}"])
        if not is_current:
            delivered = self.intake.delivered
            quarantine.count_lines(self.warehouse, self.specs, delivered)
            coverage.write_hours(self.warehouse)
            unread = [v.staged for v in self.intake.loaded if v.staged and v.staged.rows_unreadable]
            paths = [cache / part.path for part in unread]
            quarantine.write_rejected_rows(self.warehouse, self.specs, delivered, paths)
            for name in ("validated.rejects", "validated.superseded", "validated.dropped_lines"):
                self.versions.set(name, version, 0, 0.0)

    def _read_clocks(self) -> None:
        """Give times that daylight saving repeats their moment, in the shapes of the systems that have such times."""
        if not self.warehouse.value(f"select count(*) from {clocks.READINGS}"):
            return
        for shape in clocks.timed_shapes():
            select = self._staged_select(shape, clocks.READINGS)
            self.warehouse.create(f"staged.{shape}", select, kind="view")

    def _staged_select(self, shape: str, readings: str | None = None) -> str:
        queries = [query for query in self.queries if query.shape == shape]
        in_minor_units = frozenset(v.system for v in self.intake.loaded if v.minor_units)
        return staged_select(contracts()[shape], queries, self.warehouse, in_minor_units, readings)

    def _set_clock(self) -> None:
        """Say how late a row may be: until the end of tomorrow, or for as long as no row is later.

        A clock that moved every night would make every table stale every night; it moves only when that changes
        what is rejected.
        """
        now = datetime.now(UTC).replace(tzinfo=None)
        latest = datetime(now.year, now.month, now.day) + timedelta(days=2)
        if (as_of := self._as_of()) is not None:
            latest = min(latest, as_of + timedelta(microseconds=1))
        if self.warehouse.exists("config.clock"):
            late = self.warehouse.value(
                "select count(*) from private.latest_moment, config.clock where moment >= latest_plausible_at"
            )
            if not late and self._as_of() is None:
                latest = self.warehouse.value("select latest_plausible_at from config.clock")
        write_input(
            "config.clock",
            typed("clock", [{"latest_plausible_at": latest}]),
            MEANINGS["clock"],
            self.warehouse,
            self.versions,
        )

    def expect(self) -> pa.Table:
        """Check the expectations with Great Expectations, unless the rows are those of the last check."""
        shapes = [shape for shape in contracts() if any(query.shape == shape for query in self.queries)]
        wanted = expectations.all_expectations(self.specs, self.intake.delivered, shapes)
        inputs = {e.checked for e in wanted}
        version = version_of(repr(wanted), inputs, self.versions)
        if not self.versions.is_current("ops.validation_results", version):
            self._check_again(shapes)
            self.warehouse.write("ops.validation_results", expectations.run(self.warehouse, wanted))
            self.versions.set("ops.validation_results", version, len(wanted), 0.0)
            for shape in contracts():
                self.warehouse.drop(quarantine.checked_table(shape))
        return self.warehouse.arrow("select * from ops.validation_results order by all")

    def _check_again(self, shapes: Iterable[str]) -> None:
        """Write what rules look at, where an earlier night has dropped it."""
        gone = [shape for shape in shapes if not self.warehouse.exists(quarantine.checked_table(shape))]
        quarantine.write_checked(self.warehouse, gone)

    def settle(self) -> datetime:
        """Write `config.settings`, which holds the time the data is looked at from."""
        latest = self._as_of() or self.warehouse.value(
            "select max(moment) from (select max(occurred_at) as moment from validated.events "
            "union all select max(ordered_at) from validated.orders where status not in ('open', 'lost'))"
        )
        overrides = self.versions.of(OVERRIDES) if self.warehouse.value(f"select count(*) from {OVERRIDES}") else ""
        as_of = latest or datetime(1970, 1, 1)
        # A day is closed when its export was made long enough after it; an export that does not say when it was made
        # has seen nothing later than the data has.
        provisional_from = self.warehouse.value(
            "select least(day, min(greatest(day, try_cast(exported_on as date)) - provisional_days + 1)) "
            "from (select cast(timezone($1, timezone('UTC', $2::timestamp)) as date) as day) "
            "left join (select source_system, source_export, max(exported_on) as exported_on, "
            "max(provisional_days) as provisional_days from private.loaded_files group by all) "
            "on provisional_days > 0 group by day",
            [self.project.settings.reporting.zone, as_of],
        )
        row = settings_row(self.project.settings, as_of, overrides or "", provisional_from)
        write_input("config.settings", row, MEANINGS["settings"], self.warehouse, self.versions)
        return as_of

    def _as_of(self) -> datetime | None:
        """Return the time the settings say the data is to be looked at from, in UTC."""
        as_of = self.project.settings.reporting.as_of
        return as_of.astimezone(UTC).replace(tzinfo=None) if as_of is not None and as_of.tzinfo is not None else as_of

    def build(self, name: str) -> Built:
        """Build one model unless it is current."""
        self.built[name] = build(self.models[name], self.warehouse, self.versions)
        return self.built[name]

    def audit(self, name: str) -> AuditResult:
        """Check one promise, unless it was kept by the same tables before."""
        audit = self.audits[name]
        version = version_of(audit.sql, audit.inputs, self.versions)
        # Books and counts have no version of their own, so a promise about them is always looked at.
        has_versions = all(self.versions.of(read) is not None for read in audit.inputs)
        kept = has_versions and self.versions.of(f"audit {name}") == version
        count, examples = (0, []) if kept else failing_rows(audit, self.warehouse)
        if not count:
            self.versions.set(f"audit {name}", version, 0, 0.0)
        result = AuditResult(name, audit.level, audit.meaning, count, examples, audit.fix)
        self.audit_results[name] = result
        return result

    def keep_books(self) -> None:
        """Write the `ops` tables about files, promises and this run."""
        coverage.write_coverage(self.warehouse)
        books.write_files(self.warehouse, self.intake)
        self.note_audits()

    def note_audits(self) -> list[Finding]:
        """Write which promises were kept so far; return what breaks those that do not block."""
        results = self.audit_results.values()
        unmet = "select * from ops.validation_results where level = 'warn' and not is_met order by checked, rule"
        warned = self.warehouse.records(unmet) if self.warehouse.exists("ops.validation_results") else []
        found = findings(results, warned, self.project.settings_file)
        books.write_audits(self.warehouse, results)
        books.write_findings(self.warehouse, found)
        return found

    def selected(self, names: Iterable[str]) -> list[Model]:
        """Return the models of the given names and all they depend on, in order.

        Raises:
            UsageError: there is no model of that name.
        """
        wanted = list(names)
        wrong = [name for name in wanted if name not in self.models]
        if wrong:
            raise UsageError(*(unknown_name("model", name, self.models) for name in wrong))
        chosen = upstream(self.models, wanted) if wanted else set(self.models)
        return [model for model in in_order(self.models) if model.name in chosen]

    def code_versions(self) -> dict[str, str]:
        """Return the version of the code behind every table: models by name, connectors' queries by file."""
        models = {name: model.token_hash for name, model in self.models.items()}
        return models | {query.where: query.token_hash for query in self.queries}

    def _note(self, name: str, own: Iterable[str], inputs: Iterable[str]) -> None:
        version = version_of("\n".join(own), inputs, self.versions)
        if self.versions.of(name) != version:
            self.versions.set(name, version, 0, 0.0)


def _remove_databases(folder: Path) -> None:
    for name in ("work.duckdb", "work.duckdb.wal", "next.duckdb", "next.duckdb.wal"):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / "tmp", ignore_errors=True)
