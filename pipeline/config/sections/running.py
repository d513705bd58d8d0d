"""When and within which limits a night runs, and whom it tells."""

from __future__ import annotations

from pydantic import Field, field_validator

from pipeline.config.sections.base import Section, known_zone

#: What the five parts of a cron line are, their least and greatest number, and the names that stand for numbers.
_CRON = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ("l",)),
    ("month", 1, 12, ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")),
    ("day of the week", 0, 7, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
)
_CRON_WORDS = ("@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@yearly", "@annually")


def known_cron(cron: str) -> str:
    """Return the cron line; raise ValueError with the part that cannot be."""
    if cron in _CRON_WORDS:
        return cron
    given = cron.split()
    if len(given) != len(_CRON):
        raise ValueError(
            f"a cron line has five parts: {', '.join(name for name, *_ in _CRON)}; this one has {len(given)}. "
            "0 3 * * * is every night at three"
        )
    for part, (name, least, most, names) in zip(given, _CRON, strict=True):
        for piece in part.lower().split(","):
            span, _, step = piece.partition("/")
            first, dash, last = span.partition("-")
            ends = (first, last) if dash else () if first == "*" else (first,)
            known = all(end in names or (end.isdecimal() and least <= int(end) <= most) for end in ends)
            if not known or ("/" in piece and not (step.isdecimal() and int(step) > 0)):
                allowed = f"{least} to {most}" + (f", {', '.join(names)}" if names else "")
                raise ValueError(
                    f"its {name} is {part!r}. Allowed: *, {allowed}, ranges (1-5), lists (1,3), steps (*/2)"
                )
    return cron


class Schedule(Section):
    """When Dagster runs the nightly job."""

    cron: str = Field("0 3 * * *", description="Cron line of the nightly run.")
    zone: str | None = Field(None, description="Zone of the cron line; default: the reporting zone.")
    settle_seconds: int = Field(60, ge=1, description="Seconds a new file must have kept its size before a run starts.")

    _zone = field_validator("zone")(known_zone)
    _cron = field_validator("cron")(known_cron)


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
