"""Run a night from beginning to end: what `journeys run` does, and the order Dagster's assets keep."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pipeline import books, publish, restate
from pipeline.books import problems_of
from pipeline.errors import BlockedError, Problem
from pipeline.findings import Finding
from pipeline.night import Night
from pipeline.registry import write_registry
from pipeline.warehouse import Warehouse

#: Called with a step's name before it and with its seconds after it.
OnStep = Callable[[str, float | None], None]


def _quiet(_name: str, _seconds: float | None) -> None:
    return None


@dataclass
class Outcome:
    """What a run did."""

    is_published: bool
    is_unchanged: bool = False
    as_of: datetime | None = None
    report: Path | None = None
    database: Path | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    count_built: int = 0
    count_current: int = 0
    count_restated: int = 0
    findings: list[Finding] = field(default_factory=list)


def run(night: Night, select: Iterable[str] = (), on_step: OnStep = _quiet) -> Outcome:
    """Run the steps of a night; publish when no blocking promise is broken.

    Args:
        night: An open night.
        select: Models to build with all they need; nothing is published then.
        on_step: Told about each step.

    Raises:
        BlockedError: a blocking promise was broken; what was published before stays.
        UsageError: `select` names no model.
    """
    outcome = Outcome(is_published=False)
    clock = _Clock(outcome, on_step)
    models = night.selected(select)
    with clock("settings"):
        night.configure()
    with clock("recognise"):
        systems = night.intake.systems
    for system in systems:
        with clock(f"stage {system}"):
            night.stage(system)
    with clock("shape"):
        night.define_raw()
        night.shape()
    with clock("quarantine"):
        night.quarantine()
    with clock("expectations"):
        night.expect()
    with clock("as of"):
        outcome.as_of = night.settle()
    for model in models:
        with clock(model.name):
            built = night.build(model.name)
        outcome.count_built += built.is_new
        outcome.count_current += not built.is_new
    if select:
        return outcome
    with clock("audits"):
        night.keep_books()
        for name in night.audits:
            night.audit(name)
        outcome.findings = night.note_audits()
    stop_if_blocked(night)
    outcome.report = night.project.reports / "latest" / "index.html"
    outcome.database = night.project.published
    outcome.is_published = True
    if not close_books(night):
        outcome.is_unchanged = True
        return outcome
    outcome.count_restated = night.warehouse.value(
        "select count(*) from ops.restatements_detail where is_headline and run_id = $1", [night.run_id]
    )
    with clock("reports"):
        render_reports(night.warehouse, fresh_reports(night))
    with clock("publish"):
        switch_over(night)
    return outcome


def render_reports(warehouse: Warehouse, folder: Path) -> None:
    """Draw every page; what draws is loaded only on a night that has something new to draw."""
    from pipeline.reporting import render

    render.render_reports(warehouse, folder)


def close_books(night: Night) -> bool:
    """Write what this run adds to the books; tell whether there is anything new to publish."""
    warehouse = night.warehouse
    fingerprint = _fingerprint(night)
    last = None
    if warehouse.exists("ops.runs"):
        last = warehouse.value("select fingerprint from ops.runs order by finished_at desc limit 1")
    latest = night.project.reports / "latest" / "index.html"
    if last == fingerprint and latest.exists() and night.project.published.exists():
        return False
    finished_at = datetime.now(UTC).replace(tzinfo=None)
    restate.write_restatements(
        warehouse,
        night.run_id,
        finished_at,
        night.project.published,
        code=night.code_versions(),
        keyed=[(s, name) for s, spec in night.specs.items() for name, export in spec.exports.items() if export.key],
    )
    books.write_run(warehouse, night.run_id, night.started_at, finished_at, fingerprint)
    return True


def _fingerprint(night: Night) -> str:
    """Return the version of everything that is published; the same as last night's means nothing is new."""
    published = sorted(name for name in night.models if name.startswith(("core.", "marts.")))
    parts = [
        f"{name}={night.versions.of(name)}"
        for name in (*published, "ops.validation_results", "validated.rejects", "config.settings")
    ]
    parts += [repr((v.name, v.status, v.sha256)) for v in night.intake.verdicts.values()]
    drawn_by = sorted((Path(__file__).parent / "reporting").rglob("*.*"))
    parts += [
        hashlib.sha256(path.read_bytes()).hexdigest() for path in drawn_by if path.suffix in (".py", ".html", ".css")
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def switch_over(night: Night) -> None:
    """Put the new database, Parquet files and the reports drawn meanwhile in the place of the old ones."""
    project, warehouse = night.project, night.warehouse
    marts = [model for model in night.models.values() if model.layer == "marts"]
    publish.write_marts(warehouse, marts, project.warehouse / "marts.new")
    day = warehouse.value(
        "select strftime(timezone(reporting_zone, timezone('UTC', as_of)), '%Y-%m-%d') from config.settings"
    )
    publish.publish(
        warehouse,
        project.root,
        write_registry(warehouse, project.warehouse),
        fresh_reports(night),
        day,
        project.settings.run.keep_reports,
    )


def fresh_reports(night: Night) -> Path:
    """Return the folder that reports are drawn into before they are published."""
    folder = night.project.reports
    if not folder.exists():
        folder.mkdir(parents=True)
        # The run writes for its owner only; reports name no person and are for whoever may enter the project.
        folder.chmod(0o755)
    return folder / ".new"


def stop_if_blocked(night: Night) -> None:
    """Refuse to publish when a blocking promise is broken.

    Raises:
        BlockedError: with every broken promise and its first row.
    """
    problems = problems_of(night.audit_results.values())
    failed = night.warehouse.records(
        "select checked, rule, says, count_unexpected from ops.validation_results where level = 'block' and not is_met"
    )
    problems += [
        Problem(f"{row['count_unexpected']:,} rows of {row['checked']}: {row['says']}.", f"expectations/{row['rule']}")
        for row in failed
    ]
    if problems:
        raise BlockedError(*problems)


class _Clock:
    """Times the steps and tells about them."""

    def __init__(self, outcome: Outcome, on_step: OnStep) -> None:
        self._outcome = outcome
        self._on_step = on_step
        self._name = ""
        self._began = 0.0

    def __call__(self, name: str) -> _Clock:
        self._name = name
        return self

    def __enter__(self) -> None:
        self._began = time.monotonic()
        self._on_step(self._name, None)

    def __exit__(self, *failure: object) -> None:
        seconds = time.monotonic() - self._began
        self._outcome.seconds[self._name] = self._outcome.seconds.get(self._name, 0.0) + seconds
        if failure[0] is None:
            self._on_step(self._name, seconds)
