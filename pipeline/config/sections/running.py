"""When and within which limits a night runs, and whom it tells."""

from __future__ import annotations

from pydantic import Field, field_validator

from pipeline.config.sections.base import Section, known_zone


class Schedule(Section):
    """When Dagster runs the nightly job."""

    cron: str = Field("0 3 * * *", description="Cron line of the nightly run.")
    zone: str | None = Field(None, description="Zone of the cron line; default: the reporting zone.")
    settle_seconds: int = Field(60, ge=1, description="Seconds a new file must have kept its size before a run starts.")

    _zone = field_validator("zone")(known_zone)


class Notify(Section):
    """Whom to tell when a night fails. Nothing is sent unless one of these is set."""

    webhook: str | None = Field(None, pattern="^https?://", description="URL that receives a JSON message.")
    email_to: str | None = Field(None, description="Address that receives a message.")
    smtp_host: str = Field("127.0.0.1", description="Mail server.")
    smtp_port: int = Field(25, ge=1, le=65535, description="Port of the mail server.")
    email_from: str = Field("journeys@localhost", description="Sender of the message.")


class Run(Section):
    """Limits of one run."""

    threads: int | None = Field(None, ge=1, description="Threads DuckDB may use; default: every core.")
    memory_limit: str | None = Field(None, pattern=r"^\d+(\.\d+)?\s?(MB|GB|MiB|GiB)$", description="Memory for DuckDB.")
    storage_version: str = Field(
        "v1.5.0",
        pattern=r"^v1\.[0-9]+\.[0-9]+$",
        description="Storage version of the published file; older clients read it.",
    )
    keep_reports: int = Field(30, ge=1, description="Dated report folders that are kept.")
    max_cell_characters: int = Field(1_048_576, ge=1000, description="A longer cell rejects its row.")
    max_record_megabytes: int = Field(16, ge=1, description="A longer JSON record is rejected.")
    max_archive_gigabytes: float = Field(20.0, gt=0, description="An archive may not unpack to more.")
    max_archive_ratio: float = Field(
        300.0, gt=1, description="An archive member may not unpack to more times its size."
    )
