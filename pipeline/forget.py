"""`journeys forget`: find a person, suppress them, build everything anew, and show that nothing is left."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.config import Project
from pipeline.config.overrides import read_overrides
from pipeline.errors import Problem, UsageError
from pipeline.night import OVERRIDES, Night
from pipeline.privacy import FORGOTTEN, suppress
from pipeline.run import run
from pipeline.warehouse import Published, Warehouse, literal, quoted


@dataclass(frozen=True)
class Person:
    """Somebody to be forgotten: their number and every identifier that leads to them."""

    customer_id: int
    identifiers: tuple[tuple[str, str], ...]
    """(kind, value) as the identity graph compares them."""
    spellings: tuple[str, ...]
    """The same as sources write them."""


@dataclass(frozen=True)
class Proof:
    """What was searched afterwards, and where the person is still found."""

    searched: dict[str, int]
    """Place -> cells or files searched."""
    found: dict[str, int]
    """Place -> finds; empty when the person is gone."""
    raw_files: list[str]
    """Raw files that still hold the person; they are never edited by us."""


def find(project: Project, identifier: str) -> Person:
    """Find the person an identifier leads to, in the tables of the last run.

    Raises:
        UsageError: no customer has that identifier, or nothing was run yet.
    """
    with Night.open(project) as night:
        warehouse = night.warehouse
        if not warehouse.exists("identity.identifiers"):
            raise UsageError(Problem("Nothing has been read yet.", fix="Call: journeys run"))
        wanted = identifier.strip().lower()
        found = warehouse.rows(
            "select distinct keys.customer_id from identity.written_identifiers as written "
            "join identity.keys as keys using (kind, written) "
            "where lower(trim(written.written)) = $1 or lower(written.value) = $1",
            [wanted],
        )
        if not found:
            raise UsageError(
                Problem(
                    "No customer has that identifier.",
                    received=identifier,
                    fix="Give an e-mail address, a phone number or an id as an export writes it.",
                )
            )
        number = found[0][0]
        identifiers = warehouse.rows(
            "select kind, value from identity.identifiers where customer_id = $1 and kind <> 'order' order by all",
            [number],
        )
        spellings = warehouse.rows(
            "select distinct written from identity.written_identifiers "
            "join identity.keys using (kind, written) where customer_id = $1",
            [number],
        )
    plain = {
        text.split(" ", 1)[-1] if kind_is_key else text for text, kind_is_key in _with_kind(spellings, identifiers)
    }
    return Person(number, tuple((k, v) for k, v in identifiers), tuple(sorted(plain)))


def _with_kind(spellings: list[tuple[str]], identifiers: list[tuple[str, str]]) -> list[tuple[str, bool]]:
    keys = {value for kind, value in identifiers if kind == "person_key"}
    return [(text, text in keys) for (text,) in spellings] + [(v, k == "person_key") for k, v in identifiers]


def forget(project: Project, person: Person) -> Proof:
    """Suppress a person, read and build everything anew without them, publish, and search what was published.

    Raises:
        JourneysError: the run that publishes without them fails; what was published before stays until it succeeds.
    """
    suppress(project.raw, person.identifiers, f"{datetime.now(UTC):%Y-%m-%d}")
    (project.warehouse / "identity_registry.parquet").rename(project.warehouse / "identity_registry.before")
    try:
        _clean_registry(project)
        with Night.open(project, full=True) as night:
            run(night)
            raw_files = [
                row[0]
                for row in night.warehouse.rows(
                    "select distinct file_name from ops.rejected_rows where reason = $1 order by 1", [FORGOTTEN]
                )
            ]
            count_kept = night.warehouse.value(f"select count(*) from {OVERRIDES}")
        if count_kept < read_overrides(project.raw).num_rows:
            raw_files.append("overrides/identity.csv")
    finally:
        (project.warehouse / "identity_registry.before").unlink(missing_ok=True)
    _remove_stale(project)
    return _proof(project, person, raw_files)


def _clean_registry(project: Project) -> None:
    """Write the registry of customer numbers without the suppressed identifiers."""
    from pipeline.privacy import Suppressions

    before = project.warehouse / "identity_registry.before"
    with Warehouse.open(staged=project.warehouse) as engine:
        gone = Suppressions.read(project.raw).node_sql("kind", "value")
        engine.to_parquet(
            f"select * from read_parquet({literal(str(before))}) where not ({gone}) order by kind, value",
            project.warehouse / "identity_registry.parquet",
        )
    (project.warehouse / "identity_registry.parquet").chmod(0o600)


def _remove_stale(project: Project) -> None:
    """Remove staged files that no raw file leads to any more."""
    with Night.open(project) as night:
        night.configure()
        night.define_raw()
        used = {v.staged.path for v in night.intake.verdicts.values() if v.staged}
    staged = project.warehouse / "staged"
    for path in staged.rglob("*.parquet"):
        if path.relative_to(staged).as_posix() not in used:
            path.unlink()
            path.with_suffix(".json").unlink(missing_ok=True)
    shutil.rmtree(staged / "tmp", ignore_errors=True)


def _proof(project: Project, person: Person, raw_files: list[str]) -> Proof:
    searched: dict[str, int] = {}
    found: dict[str, int] = {}
    needles = [text for text in person.spellings if len(text) >= 5]
    with Published.open(project.published) as published:
        _search_tables(published, needles, searched, found)
    for folder in (project.warehouse / "staged", project.warehouse / "marts"):
        _search_parquet(folder, needles, searched, found)
    _search_reports(project.reports, needles, searched, found)
    return Proof(searched, found, raw_files)


def _search_tables(published: Published, needles: list[str], searched: dict[str, int], found: dict[str, int]) -> None:
    columns = published.ask(
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where data_type in ('VARCHAR', 'VARCHAR[]', 'JSON')"
    )[1]
    for schema, table, column in columns:
        place = f"journeys.duckdb {schema}.{table}"
        cells, hits = published.ask(_counted(f"{quoted(schema)}.{quoted(table)}", column, needles))[1][0]
        searched[place] = searched.get(place, 0) + cells
        if hits:
            found[place] = found.get(place, 0) + hits


def _search_parquet(folder: Path, needles: list[str], searched: dict[str, int], found: dict[str, int]) -> None:
    with Warehouse.open(staged=folder) as engine:
        for path in sorted(folder.rglob("*.parquet")):
            source = f"read_parquet({literal(str(path))})"
            for column, kind in engine.describe(f"select * from {source}"):
                if kind.startswith("VARCHAR"):
                    cells, hits = engine.rows(_counted(source, column, needles))[0]
                    searched[folder.name] = searched.get(folder.name, 0) + cells
                    if hits:
                        found[f"{folder.name}/{path.name}"] = hits


def _counted(source: str, column: str, needles: list[str]) -> str:
    text = f"lower({quoted(column)}::varchar)"
    hit = " or ".join(f"contains({text}, {literal(needle.lower())})" for needle in needles) or "false"
    return f"select count({quoted(column)}), count(*) filter (where {hit}) from {source}"


def _search_reports(folder: Path, needles: list[str], searched: dict[str, int], found: dict[str, int]) -> None:
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".html", ".csv") and path.is_file():
            text = path.read_text(encoding="utf-8", errors="replace").lower()
            searched["reports"] = searched.get("reports", 0) + 1
            hits = sum(text.count(needle.lower()) for needle in needles)
            if hits:
                found[f"reports/{path.name}"] = hits
