"""How the tests of the simulator read what it wrote."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq


def truth(shop: Path, name: str) -> list[dict[str, Any]]:
    """Return the rows of a truth table."""
    return pq.read_table(shop / "truth" / f"{name}.parquet").to_pylist()


def texts(shop: Path, system: str = "") -> Iterator[tuple[str, str]]:
    """Give every exported file's name and text, unpacked."""
    for path in sorted((shop / "data" / "raw" / system).rglob("*")):
        if path.suffix == ".zip":
            with zipfile.ZipFile(path) as packed:
                for member in packed.namelist():
                    yield f"{path.name}!{member}", packed.read(member).decode()
        elif path.is_file():
            raw = path.read_bytes()
            yield path.name, (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()


def table(shop: Path, pattern: str) -> list[dict[str, str]]:
    """Return the rows of the one CSV file that fits a pattern."""
    (path,) = sorted((shop / "data" / "raw").rglob(pattern))
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def events(shop: Path) -> Iterator[dict[str, Any]]:
    """Give every event of the daily files of Google Analytics."""
    for path in sorted((shop / "data" / "raw" / "ga4").glob("events_2*.json.gz")):
        for line in gzip.decompress(path.read_bytes()).splitlines():
            yield json.loads(line)


def params(event: dict[str, Any]) -> dict[str, Any]:
    """Return an event's parameters by name."""
    return {entry["key"]: next(iter(entry["value"].values())) for entry in event["event_params"]}
