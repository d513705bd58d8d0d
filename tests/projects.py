"""Small projects made of a few files."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

import pytest

from pipeline.config import Project
from pipeline.night import Night
from pipeline.reporting.render import render_reports

KIOSK = """
reporting: {zone: America/New_York, currency: USD}
business: {own_hosts: [shop.example.com]}
generic:
  - name: kiosk
    files: ["kiosk/*", "*/kiosk*", "kiosk*"]
    zone: America/New_York
    currency: USD
    key: [Ticket]
    totals: [Total]
    shapes:
      events:
        occurred_at: When
        interaction: {value: store_visit}
        email: Email
        medium: {value: store}
      orders:
        order_ref: Ticket
        ordered_at: When
        gross: Amount
        email: Email
        currency: {sql: "coalesce(Currency, file_currency)"}
"""
HEADER = "Ticket,When,Email,Amount,Currency"


def write_project(root: Path, files: Mapping[str, str | bytes], settings: str = KIOSK) -> Project:
    """Write a project's files below `root` and open it."""
    (root / "data" / "raw").mkdir(parents=True, exist_ok=True)
    (root / "journeys.yaml").write_text(dedent(settings), encoding="utf-8")
    for name, content in files.items():
        path = root / "data" / "raw" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Project.open(root)


@contextmanager
def validated(root: Path, files: Mapping[str, str | bytes] = {}, settings: str = KIOSK) -> Iterator[Night]:
    """Run a night over `files` as far as the rows that are used."""
    with Night.open(write_project(root, files, settings)) as night:
        night.configure()
        night.define_raw()
        night.shape()
        night.quarantine()
        night.settle()
        night.keep_books()
        yield night


def copied(root: Path, to: Path) -> Path:
    """Copy a project with all that its nights left, so that a test goes on from there and leaves the others theirs."""
    return shutil.copytree(root, to / "project", symlinks=True)


def files_of(night: Night) -> dict[str, dict]:
    """Return `ops.files` by name."""
    return {row["file_name"]: row for row in night.warehouse.records("select * from ops.files")}


def kiosk_rows(night: Night) -> list[tuple]:
    """Return what the kiosk's orders became."""
    return night.warehouse.rows(
        "select order_ref, ordered_at, email, gross, currency from validated.orders order by all"
    )


@contextmanager
def drawn() -> Iterator[None]:
    """Let nights draw their real pages, which the tests leave out otherwise."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.run.render_reports", render_reports)
        yield
