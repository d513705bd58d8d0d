"""When the nightly job runs: by the clock, when files arrive, and whom to tell when it fails."""

from __future__ import annotations

import hashlib
import time
from stat import S_ISREG

import dagster as dg

from assets.resources import project_root
from pipeline.config import Project
from pipeline.notify import notify

nightly = dg.define_asset_job(
    "nightly",
    selection=dg.AssetSelection.all(),
    executor_def=dg.in_process_executor,
    description="Read the exports, build everything that changed, check it, and publish.",
)


def nightly_schedule(project: Project) -> dg.ScheduleDefinition:
    """Return the schedule that journeys.yaml asks for; it runs once switched on."""
    schedule = project.settings.schedule
    return dg.ScheduleDefinition(
        name="nightly_schedule",
        job=nightly,
        cron_schedule=schedule.cron,
        execution_timezone=schedule.zone or project.settings.reporting.zone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
    )


def files_mark(project: Project) -> tuple[str, float]:
    """Return a mark of all raw files by name, size and time, and the seconds since the last change."""
    digest = hashlib.sha256()
    newest = 0.0
    for path in sorted(project.raw.rglob("*")):
        if not path.name.startswith("."):
            try:
                stat = path.stat()
            except FileNotFoundError:  # taken away since it was listed
                continue
            if not S_ISREG(stat.st_mode):
                continue
            digest.update(f"{path.relative_to(project.raw)}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode())
            # The time of change is the system's own; a copy may carry a time of writing that lies in the future.
            newest = max(newest, stat.st_ctime)
    return digest.hexdigest()[:16], time.time() - newest


@dg.sensor(job=nightly, minimum_interval_seconds=30, default_status=dg.DefaultSensorStatus.RUNNING)
def new_files(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
    """Start a run when files in data/raw changed and have stopped growing.

    The cursor holds the mark of the files last run on and the mark seen at the last look: only a mark seen twice, with
    no file younger than settle_seconds, starts a run.
    """
    project = Project.open(project_root())
    ran_on, _, seen = (context.cursor or " ").partition(" ")
    mark, seconds_quiet = files_mark(project)
    if mark == ran_on:
        return dg.SkipReason("No file changed.")
    if mark != seen or seconds_quiet < project.settings.schedule.settle_seconds:
        context.update_cursor(f"{ran_on} {mark}")
        return dg.SkipReason("Files changed and may still be growing.")
    # Without a run key: Dagster never starts a key again, and files may well become again what they once were.
    return dg.SensorResult(run_requests=[dg.RunRequest()], cursor=f"{mark} {mark}")


@dg.run_failure_sensor(monitored_jobs=[nightly], default_status=dg.DefaultSensorStatus.RUNNING)
def night_failed(context: dg.RunFailureSensorContext) -> None:
    """Send word of a failed night, if journeys.yaml names somebody."""
    project = Project.open(project_root())
    told = notify(
        project.settings, "the nightly run failed", context.failure_event.message or "See the run in Dagster."
    )
    context.log.info(f"Told: {', '.join(told) or 'nobody; set notify in journeys.yaml'}")
