"""What must hold for every part is checked by walking the folders."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from pipeline.catalog import AUDITS, MODELS, read_models
from pipeline.contracts import contracts
from pipeline.ingest.spec import CONNECTORS, read_specs
from pipeline.shape import connector_queries

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
    code = "import sys, pipeline.cli.running, pipeline.run; sys.exit(any(m.split('.')[0] in ('dagster', 'great_expectations', 'assets') for m in sys.modules))"
    import sys

    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


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
