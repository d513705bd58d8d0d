"""All or nothing: database, Parquet files and reports change together, by renames that a crash cannot split.

A journal lists the renames before the first is made. A run that finds a journal finishes it: everything it names was
written and synced before the journal was.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

from pipeline.catalog import Model
from pipeline.warehouse import Warehouse

_JOURNAL = "publish.json"


def write_marts(warehouse: Warehouse, models: Iterable[Model], folder: Path) -> list[Path]:
    """Write every mart as a Parquet file, sorted by its grain, so that the same data gives the same bytes."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    written = []
    for model in models:
        path = folder / f"{model.table}.parquet"
        warehouse.to_parquet(f"select * from {model.name} order by {', '.join(model.grain)}", path)
        path.chmod(0o644)
        written.append(path)
    folder.chmod(0o755)
    return written


def publish(warehouse: Warehouse, root: Path, registry: Path, reports: Path, as_of_day: str, keep_reports: int) -> None:
    """Put the new database, marts, identity registry and reports in the place of the old ones.

    Args:
        warehouse: The open private database; its published layers are copied.
        root: The project's folder.
        registry: The new registry of customer numbers, written beside the old one.
        reports: The folder of new reports, on the same disk as the old ones.
        as_of_day: Day the reports are named after.
        keep_reports: Dated report folders to keep.
    """
    folder = warehouse.folder
    assert folder is not None
    fresh = folder / "journeys.duckdb.new"
    with warehouse.closed_twin() as twin:
        shutil.copyfile(twin, fresh)
    fresh.chmod(0o600)
    _sync(fresh)
    _sync(registry)
    moves = [
        (fresh, folder / "journeys.duckdb"),
        (registry, folder / "identity_registry.parquet"),
        (folder / "marts.new", folder / "marts"),
        (reports, root / "reports" / as_of_day),
    ]
    journal = {
        "moves": [[str(new.relative_to(root)), str(old.relative_to(root))] for new, old in moves],
        "latest": as_of_day,
    }
    path = folder / _JOURNAL
    path.with_suffix(".tmp").write_text(json.dumps(journal), encoding="utf-8")
    _sync(path.with_suffix(".tmp"))
    path.with_suffix(".tmp").replace(path)
    finish(root, folder)
    _prune(root / "reports", keep_reports)


def finish(root: Path, folder: Path) -> bool:
    """Make the renames of a journal that are still to be made; tell whether there was one."""
    path = folder / _JOURNAL
    if not path.exists():
        return False
    journal = json.loads(path.read_text(encoding="utf-8"))
    for new_name, old_name in journal["moves"]:
        _move(root / new_name, root / old_name)
    _point(root / "reports" / "latest", journal["latest"])
    path.unlink()
    return True


def _move(new: Path, old: Path) -> None:
    """Put `new` in the place of `old`; nothing to do when that was done before."""
    if not new.exists():
        return
    if new.is_file():
        new.replace(old)
        return
    aside = old.with_name(old.name + ".old")
    shutil.rmtree(aside, ignore_errors=True)
    if old.exists():
        old.rename(aside)
    new.rename(old)
    shutil.rmtree(aside, ignore_errors=True)


def _point(link: Path, target: str) -> None:
    fresh = link.with_name(".latest.new")
    fresh.unlink(missing_ok=True)
    fresh.symlink_to(target)
    fresh.replace(link)


def _prune(reports: Path, keep: int) -> None:
    dated = sorted(
        path for path in reports.iterdir() if path.is_dir() and not path.is_symlink() and path.name[:1].isdigit()
    )
    latest = (reports / "latest").readlink().name
    for path in dated[:-keep]:
        if path.name != latest:
            shutil.rmtree(path, ignore_errors=True)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def clean_leftovers(root: Path, folder: Path) -> None:
    """Remove what a run that died half-way left behind."""
    leftovers: Sequence[Path] = (
        folder / "journeys.duckdb.new",
        folder / "marts.new",
        folder / "marts.old",
        root / "reports" / ".new",
    )
    for path in leftovers:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
