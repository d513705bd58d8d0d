"""A small project run by Dagster's nightly job, in this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
import pytest

from assets import definitions as whole
from pipeline.catalog import Audit, read_audits
from pipeline.reporting.render import RenderedPage
from pipeline.warehouse import Published
from tests.projects import HEADER

ROWS = (
    f"{HEADER}\n"
    "1,2026-09-01 10:00,ann@example.com,10.00,USD\n"
    "2,2026-09-05 10:00,bob@example.com,5.50,USD\n"
    "3,never,cy@example.com,1.00,USD\n"
)
LATER = f"{HEADER}\n4,2026-09-07 10:00,dee@example.com,4.50,USD\n"


@contextmanager
def chosen(root: Path) -> Iterator[None]:
    """Let Dagster's definitions be those of the project in `root`, and let no run wait for another."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JOURNEYS_PROJECT", str(root))
        patch.setenv("DAGSTER_DISABLE_TELEMETRY", "yes")
        patch.setattr("assets.resources._LOCK_WAIT_SECONDS", 0.0)
        yield


@contextmanager
def undrawn() -> Iterator[None]:
    """Draw no pictures where a test is about something else."""

    def page(_warehouse: object, name: str, folder: Path) -> RenderedPage:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{name}.html"
        path.write_text("drawn")
        return RenderedPage(name, name, path, None, (), ())

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("assets.reports.render_page", page)
        yield


def nightly(instance: dg.DagsterInstance, only: Sequence[dg.AssetKey] | None = None) -> dg.ExecuteInProcessResult:
    """Run the job over the chosen project, or only some of its assets."""
    job = whole.definitions().resolve_job_def("nightly")
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    return job.execute_in_process(
        instance=instance, raise_on_error=False, run_config=quiet, asset_selection=only and list(only)
    )


def made(result: dg.ExecuteInProcessResult) -> dict[str, dict]:
    """Return the metadata of what was materialised, by `schema.table`; of a value with a type, the value."""
    return {
        ".".join(event.materialization.asset_key.path): {
            name: value.value for name, value in event.materialization.metadata.items()
        }
        for event in result.get_asset_materialization_events()
    }


def checked(result: dg.ExecuteInProcessResult) -> dict[tuple[str, str], dg.AssetCheckEvaluation]:
    """Return what every check found, by table and name."""
    return {(".".join(e.asset_key.path), e.check_name): e for e in result.get_asset_check_evaluations()}


def failed_steps(result: dg.ExecuteInProcessResult) -> list[str]:
    """Return the names of the steps that failed."""
    return [str(event.step_key) for event in result.all_events if event.is_step_failure]


@contextmanager
def promising(level: str) -> Iterator[None]:
    """Promise besides what is promised that nothing is ever sold; the names of buyers stand in what breaks it."""
    sql = "select order_id, 'ann@example.com' as email from core.orders"
    never = Audit("nothing_is_ever_sold", sql, "Nothing is ever sold.", level, frozenset({"core.orders"}))
    with pytest.MonkeyPatch.context() as patch:
        for place in ("assets.definitions.read_audits", "pipeline.night.read_audits"):
            patch.setattr(place, lambda: {**read_audits(), never.name: never})
        yield


def published(root: Path) -> Path:
    """Return the database that analysts read."""
    return root / "data" / "warehouse" / "journeys.duckdb"


def asked(root: Path, query: str) -> list[tuple]:
    """Ask the published database."""
    with Published.open(published(root)) as database:
        return database.ask(query)[1]
