"""What must hold for every part is checked by walking the folders."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.scope import Scope, traverse_scope

from pipeline.catalog import AUDITS, MODELS, read_models
from pipeline.contracts import LINEAGE, contracts
from pipeline.ingest.spec import CONNECTORS, read_specs
from pipeline.shape import FILE_COLUMNS, connector_queries

ROOT = Path(__file__).parent.parent
PYTHON = sorted([*(ROOT / "pipeline").rglob("*.py"), *(ROOT / "assets").rglob("*.py")])
SQL = sorted((ROOT / "pipeline").rglob("*.sql"))

#: Library -> the parts that may import it.
ONLY_IN = {
    "duckdb": ("pipeline/warehouse.py",),
    "duckdb_engine": ("pipeline/validate/",),
    "sqlglot": ("pipeline/catalog.py",),
    "great_expectations": ("pipeline/validate/",),
    "sqlalchemy": ("pipeline/validate/",),
    "matplotlib": ("pipeline/reporting/",),
    "jinja2": ("pipeline/reporting/",),
    "dagster": ("assets/",),
    "assets": ("assets/",),
    "typer": ("pipeline/cli/", "pipeline/dictionary.py"),
    "rich": ("pipeline/cli/",),
    "pandas": (),
    "splink": ("pipeline/analysis/linkage.py",),
}

#: Part -> parts of ours it may import.
MAY_IMPORT = {
    "pipeline/errors.py": (),
    "pipeline/analysis/": ("pipeline.analysis",),
    "pipeline/config/": ("pipeline.config", "pipeline.errors"),
    "pipeline/contracts/": ("pipeline.contracts", "pipeline.errors"),
    "pipeline/catalog.py": ("pipeline.errors",),
    "pipeline/warehouse.py": ("pipeline.catalog", "pipeline.errors"),
    "pipeline/reporting/": ("pipeline.reporting", "pipeline.warehouse", "pipeline.errors", "pipeline.privacy"),
    "pipeline/models/": ("pipeline.analysis",),
}


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def part(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_is_imported_where_it_belongs(library) -> None:
    wrong = [
        part(path)
        for path in PYTHON
        if any(name == library or name.startswith(f"{library}.") for name in imported(path))
        and not part(path).startswith(tuple(ONLY_IN[library]) or ("-",))
    ]
    assert wrong == []


@pytest.mark.parametrize("place", MAY_IMPORT)
def test_parts_import_in_one_direction(place) -> None:
    wrong = {}
    for path in PYTHON:
        if part(path).startswith(place):
            ours = {name for name in imported(path) if name.split(".")[0] in ("pipeline", "assets")}
            beyond = {
                name for name in ours if not any(name == may or name.startswith(f"{may}.") for may in MAY_IMPORT[place])
            }
            if beyond:
                wrong[part(path)] = sorted(beyond)
    assert wrong == {}


def test_pipeline_runs_without_dagster() -> None:
    code = "import sys, pipeline.cli.running, pipeline.run, pipeline.reporting.render; sys.exit(any(m.split('.')[0] in ('dagster', 'great_expectations', 'assets') for m in sys.modules))"
    import sys

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_help_loads_nothing_that_only_a_night_needs() -> None:
    """So that it, and every short command, answers at once."""
    import sys

    modules = "pipeline.cli.running, pipeline.cli.asking, pipeline.cli.authoring"
    code = f"import sys, {modules}; print(*sorted({{*sys.argv[1:]}} & sys.modules.keys()))"
    heavy = ("duckdb", "matplotlib", "numpy", "pandas", "pyarrow", "sqlglot")
    assert subprocess.check_output([sys.executable, "-c", code, *heavy], cwd=ROOT, text=True).split() == []


@pytest.mark.parametrize("path", SQL, ids=part)
def test_sql_files_stay_short(path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 120


@pytest.mark.parametrize("path", PYTHON, ids=part)
def test_python_files_stay_short(path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400


def test_models_keep_their_rules_and_directions() -> None:
    assert read_models()


def test_every_model_layer_has_a_known_name() -> None:
    assert {path.name for path in MODELS.iterdir() if path.is_dir() and not path.name.startswith("__")} <= {
        "identity",
        "core",
        "marts",
    }


def test_audits_are_named_as_sentences() -> None:
    names = [path.stem for path in AUDITS.glob("*.sql")]
    assert names
    assert [name for name in names if name.count("_") < 2] == []


def test_contracts_say_what_their_rows_and_columns_mean() -> None:
    for contract in contracts().values():
        assert contract.row.startswith("One row per")
        assert all(column.meaning for column in contract.columns.values())
        assert all(rule.says and not rule.says.endswith(".") for rule in contract.rules.values())


@pytest.mark.parametrize("spec", read_specs().values(), ids=lambda spec: spec.system)
def test_a_connector_is_complete(spec) -> None:
    home = CONNECTORS / spec.system
    assert (home / "README.md").exists()
    assert len((home / "README.md").read_text(encoding="utf-8")) > 400
    assert "FILL IN" not in "".join(
        path.read_text(encoding="utf-8", errors="replace")
        for path in home.rglob("*")
        if path.suffix in (".md", ".yaml")
    )
    assert list((home / "samples").rglob("*.*")), "samples are missing"
    assert (home / "golden" / "files.csv").exists(), "golden results are missing"
    assert connector_queries(spec)
    for name, export in spec.exports.items():
        assert export.title, name
        assert export.menu or export.advice, f"{name} does not say which menu gives it"


@pytest.mark.parametrize("spec", read_specs().values(), ids=lambda spec: spec.system)
def test_every_export_of_a_connector_has_a_sample(spec) -> None:
    import csv

    golden = (CONNECTORS / spec.system / "golden" / "files.csv").read_text(encoding="utf-8").splitlines()
    shown = {row["source_export"] for row in csv.DictReader(golden)}
    assert sorted(set(spec.exports) - shown) == []


def names_given(scope: Scope, raw: Mapping[str, set[str]], clashes: list[str]) -> set[str]:
    """Return the columns a query gives, in lower case, and note every name that a `*` beside it already gives."""
    select = scope.expression
    if isinstance(select, exp.SetOperation):
        left, right = (names_given(part, raw, clashes) for part in scope.set_operation_scopes)
        return left | right if select.args.get("by_name") else left
    only_asked = {join.alias_or_name for join in select.args.get("joins") or () if join.kind in ("SEMI", "ANTI")}
    starred: set[str] = set()
    for star in (part for part in select.selects if part.is_star):
        wanted = {star.table} if isinstance(star, exp.Column) else scope.selected_sources.keys() - only_asked
        given = set().union(*(columns_of(scope.sources[name], raw, clashes) for name in wanted))
        left_out = (star.this if isinstance(star, exp.Column) else star).args.get("except_") or ()
        starred |= given - {column.name.lower() for column in left_out}
    named = {part.alias_or_name.lower() for part in select.selects if not part.is_star}
    clashes += sorted(named & starred)
    return named | starred


def columns_of(source: exp.Expression | Scope, raw: Mapping[str, set[str]], clashes: list[str]) -> set[str]:
    if isinstance(source, Scope):
        return names_given(source, raw, clashes)
    return raw.get(f"{source.db}.{source.name}", set())


def names_given_twice(sql: str, raw: Mapping[str, set[str]]) -> list[str]:
    """Return the names of a query that stand beside a `*` which gives them already; DuckDB keeps both and says nothing."""
    clashes: list[str] = []
    for scope in traverse_scope(sqlglot.parse_one(sql, read="duckdb")):
        if isinstance(scope.expression, exp.Select | exp.SetOperation):
            names_given(scope, raw, clashes)
    return sorted(set(clashes))


@pytest.mark.parametrize("spec", read_specs().values(), ids=lambda spec: spec.system)
def test_connectors_give_no_column_a_name_that_its_export_already_has(spec) -> None:
    every_row = {*FILE_COLUMNS, *LINEAGE, "extra"}
    raw = {
        spec.raw_name(name): {column.lower() for column in (*export.columns, *every_row)}
        for name, export in spec.exports.items()
    }
    wrong = {query.where: names_given_twice(query.sql, raw) for query in connector_queries(spec)}
    assert {where: names for where, names in wrong.items() if names} == {}


@pytest.mark.parametrize(
    ("sql", "twice"),
    [
        ("select *, lower(a) as A from raw.x__e", ["a"]),
        ('select *, 1 as "Email Address" from raw.x__e', ["email address"]),
        ("with e as (select * from raw.x__e) select *, 1 as file_id from e", ["file_id"]),
        ("with e as (select *, 1 as n from raw.x__e), f as (select * from e) select *, 2 as n from f", ["n"]),
        ("with e as (select a from raw.x__e union all select b from raw.x__e) select *, 1 as b from e", []),
        ("with e as (select a from raw.x__e union all by name select b from raw.x__e) select *, 1 as b from e", ["b"]),
        ("select n from raw.x__e union all select *, 1 as a from raw.x__e", ["a"]),
        ("with e as (select *, 1 as a from raw.x__e) select n from e", ["a"]),
        ("select t.*, 1 as a from raw.x__e as t join raw.x__f as u using (file_id)", ["a"]),
        ("select u.*, 1 as a from raw.x__e as t join raw.x__f as u using (file_id)", []),
        ("select *, 1 as c from raw.x__e as t join raw.x__f as u using (file_id)", ["c"]),
        ("select *, 1 as c from raw.x__e as t semi join raw.x__f as u using (file_id)", []),
        ("select * exclude (a), lower(a) as a from raw.x__e", []),
        ("select * replace (lower(a) as a), 1 as n from raw.x__e", []),
        ("select a, lower(a) as n from raw.x__e", []),
        ("select *, 1 as n from (select a as m from raw.x__e)", []),
        ("select *, 1 as m from (select a as m from raw.x__e)", ["m"]),
    ],
)
def test_a_name_given_twice_is_found_wherever_the_star_reaches(sql, twice) -> None:
    raw = {"raw.x__e": {"a", "b", "email address", "file_id"}, "raw.x__f": {"c", "file_id"}}
    assert names_given_twice(sql, raw) == twice


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_no_machine_paths_registry_addresses_or_secrets() -> None:
    wrong = []
    forbidden = re.compile(
        r"(^|[^A-Za-z0-9_.\-])/(work|root|farm|home)/[A-Za-z.]|--(extra-)?index-url|find-links|\b(pypi|pythonhosted|npmjs)\.(org|com)\b|BEGIN [A-Z ]*PRIVATE KEY"
    )
    for path in tracked():
        if path == Path(__file__) or path.suffix in (".gz", ".png", ".parquet", ".zip", ".xlsx"):
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if forbidden.search(line) and "no-emit" not in line:
                wrong.append(f"{part(path)}:{number}: {line.strip()[:100]}")
    assert wrong == []


def test_sample_addresses_are_invented() -> None:
    """Addresses end in a domain set aside for examples, or are Gmail's in tests of its spelling rules."""
    allowed = re.compile(
        r"@([a-z0-9-]+\.)*(example|example-[a-z]+)(\.[a-z]+)+$|@(gmail|googlemail)\.com$|@localhost$|@x$", re.IGNORECASE
    )
    wrong = set()
    for path in tracked():
        if "samples" in path.parts or "golden" in path.parts:
            text = path.read_text(encoding="utf-8", errors="replace")
            wrong |= {found for found in re.findall(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", text) if not allowed.search(found)}
    assert sorted(wrong) == []
