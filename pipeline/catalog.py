"""The catalogue: reads every model file and says what it makes, what it reads, and what its columns mean.

Nothing about a model is declared twice. Its inputs are the tables its SQL names, its columns and their meaning are the
expressions of its outermost SELECT and the comments beside them, its grain and description are its first comment.
"""

from __future__ import annotations

import hashlib
import importlib.util
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import sqlglot
from sqlglot import Dialect, exp
from sqlglot.errors import SqlglotError
from sqlglot.optimizer.scope import traverse_scope
from sqlglot.tokens import Token

from pipeline.errors import ModelError, Problem

MODELS = Path(__file__).parent / "models"
AUDITS = Path(__file__).parent / "audits"
ANALYSIS = Path(__file__).parent / "analysis"

#: A layer reads itself and what stands left of it; `ops` may be read by every layer from `raw` on (file facts).
LAYERS = ("config", "ops", "raw", "staged", "validated", "identity", "core", "marts")

_FORBIDDEN = {"now", "current_date", "current_timestamp", "today", "random", "rand", "gen_random_uuid", "uuid"}


@dataclass(frozen=True)
class Column:
    """One output column of a model."""

    name: str
    meaning: str


@dataclass(frozen=True)
class Model:
    """One table of the warehouse and how it is made."""

    name: str
    path: Path
    description: str
    grain: tuple[str, ...]
    columns: tuple[Column, ...]
    inputs: frozenset[str]
    token_hash: str
    kind: str = "table"
    sql: str = ""
    compute: Callable[..., Any] | None = field(default=None, compare=False)
    column_types: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def layer(self) -> str:
        """The schema the model belongs to."""
        return self.name.split(".")[0]

    @property
    def table(self) -> str:
        """The name without its schema."""
        return self.name.split(".")[1]

    @cached_property
    def meanings(self) -> dict[str, str]:
        """Column name -> meaning."""
        return {column.name: column.meaning for column in self.columns}


@cache
def inputs_of(sql: str) -> frozenset[str]:
    """Return the `schema.table` names a query reads; names of its own CTEs are left out."""
    return _inputs(statement for statement in sqlglot.parse(sql, read="duckdb") if statement is not None)


def _inputs(statements: Iterable[exp.Expr]) -> frozenset[str]:
    found = set()
    for statement in statements:
        for scope in traverse_scope(statement):
            for source in scope.sources.values():
                if isinstance(source, exp.Table) and source.db:
                    found.add(f"{source.db}.{source.name}")
    return frozenset(found)


def token_hash(sql: str) -> str:
    """Hash the tokens of a query: layout and comments do not change it."""
    return _hash(sqlglot.tokenize(sql, read="duckdb"))


def _hash(tokens: Iterable[Token]) -> str:
    digest = hashlib.sha256()
    for token in tokens:
        digest.update(token.token_type.name.encode() + b"\x1f" + token.text.encode() + b"\x1e")
    return digest.hexdigest()[:16]


def expression_problem(sql: str) -> str | None:
    """Return why a text cannot stand where one value of a row is wanted, or None when it can."""
    try:
        tree = sqlglot.parse_one(f"select {sql} as value", read="duckdb")
    except SqlglotError as error:
        return f"The SQL cannot be parsed: {str(error).splitlines()[0]}"
    if not isinstance(tree, exp.Select) or len(tree.expressions) != 1:
        return "The SQL must be one expression."
    if any(True for _ in tree.find_all(exp.Subquery, exp.Table, exp.AggFunc, exp.Window, exp.Star)):
        return "The SQL must be an expression over one row: no subquery, table, aggregate or window."
    return None


def changing_function(sql: str) -> str | None:
    """Return the name of a function in an expression that gives another answer each time, or None."""
    tree = sqlglot.parse_one(f"select {sql} as value", read="duckdb")
    return next((name for node in tree.find_all(exp.Func) if (name := _function_name(node)) in _FORBIDDEN), None)


def _function_name(node: exp.Func) -> str:
    return (node.name if isinstance(node, exp.Anonymous) else node.sql_name()).lower()


def columns_named(sql: str) -> set[str]:
    """Return the columns that an expression names, without the parameters of its lambdas."""
    tree = sqlglot.parse_one(f"select {sql} as value", read="duckdb")
    inner = {parameter.name for node in tree.find_all(exp.Lambda) for parameter in node.expressions}
    return {column.name for column in tree.find_all(exp.Column)} - inner


def read_sql_model(path: Path, layer: str) -> Model:
    """Read one .sql file.

    Raises:
        ModelError: with every rule of decision 0004 that the file breaks.
    """
    return _sql_model(path, layer, path.read_text(encoding="utf-8"))


@cache
def _sql_model(path: Path, layer: str, text: str) -> Model:
    # A file of the same text is the same model; a process that opens many nights parses each once.
    name = f"{layer}.{path.stem}"
    where = f"{path.parent.name}/{path.name}"
    try:
        tokens = sqlglot.tokenize(text, read="duckdb")
        statements = [s for s in Dialect.get_or_raise("duckdb").parser().parse(tokens, text) if s is not None]
    except SqlglotError as error:
        raise ModelError(Problem(f"The SQL cannot be parsed: {error}", where)) from error
    header = _header(text)
    problems = []
    if len(statements) != 1 or not isinstance(statements[0], exp.Select):
        raise ModelError(Problem("A model is exactly one SELECT.", where, [type(s).__name__ for s in statements]))
    select = statements[0]
    if not header["description"].startswith("One row per"):
        problems.append(Problem('The first comment must begin "One row per".', f"{where}:1", header["description"]))
    if not header["grain"]:
        problems.append(Problem("A line `-- grain: column, column` is missing after the first comment.", f"{where}:1"))
    columns, column_problems = _columns(select, where)
    problems += column_problems
    problems += [
        Problem(f"The grain column {column} is not a column of the model.", where, column, [c.name for c in columns])
        for column in header["grain"]
        if column not in {c.name for c in columns}
    ]
    problems += _forbidden(select, where)
    if problems:
        raise ModelError(*problems)
    return Model(
        name=name,
        path=path,
        description=header["description"],
        grain=tuple(header["grain"]),
        columns=tuple(columns),
        inputs=_inputs(statements),
        token_hash=_hash(tokens),
        kind=header["kind"],
        sql=text,
    )


def _header(text: str) -> dict[str, Any]:
    """Read the comment block at the top: description, grain, and `kind: view` for what need not be stored."""
    lines = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    grain = next((line.removeprefix("grain:") for line in lines if line.startswith("grain:")), "")
    kind = next((line.removeprefix("kind:").strip() for line in lines if line.startswith("kind:")), "table")
    said = [line for line in lines if not line.startswith(("grain:", "kind:"))]
    return {
        "description": " ".join(said).strip(),
        "grain": [part.strip() for part in grain.split(",") if part.strip()],
        "kind": kind,
    }


def _columns(select: exp.Select, where: str) -> tuple[list[Column], list[Problem]]:
    columns, problems = [], []
    for projection in select.expressions:
        if isinstance(projection, exp.Star) or (
            isinstance(projection, exp.Column) and isinstance(projection.this, exp.Star)
        ):
            problems.append(Problem("The outermost SELECT must name its columns; * hides them.", where))
            continue
        name = projection.alias_or_name
        comments = [comment.strip() for comment in projection.comments or ()]
        if not comments:
            problems.append(Problem(f"The column {name} has no comment that says what it means.", where))
        columns.append(Column(name, " ".join(comments)))
    return columns, problems


def _forbidden(select: exp.Select, where: str) -> list[Problem]:
    problems = []
    for node in select.find_all(exp.Func):
        name = _function_name(node)
        if name in _FORBIDDEN:
            problems.append(
                Problem(
                    f"{name}() gives another answer each time it is asked.", where, fix="Use as_of of config.settings."
                )
            )
    for table in select.find_all(exp.Table):
        if not table.name or isinstance(table.this, exp.Func):
            problems.append(Problem("A model reads tables, never files or table functions.", where, table.sql()))
    return problems


def read_python_model(path: Path, layer: str) -> Model:
    """Read one .py file: READS, COLUMNS, its docstring (grain) and the function `compute`."""
    module = _module(path, f"pipeline.models.{layer}.{path.stem}")
    where = f"{layer}/{path.name}"
    documented = (module.__doc__ or "").strip()
    grain = re.search(r"grain:\s*(.+)", documented)
    problems = []
    if not documented.startswith("One row per"):
        problems.append(Problem('The docstring must begin "One row per".', f"{where}:1", documented[:60]))
    if not grain:
        problems.append(Problem("A line `grain: column, column` is missing in the docstring.", f"{where}:1"))
    for needed in ("READS", "COLUMNS", "compute"):
        if not hasattr(module, needed):
            problems.append(Problem(f"{needed} is missing.", where))
    if problems:
        raise ModelError(*problems)
    assert grain is not None
    described = documented[: grain.start()].strip()
    return Model(
        name=f"{layer}.{path.stem}",
        path=path,
        description=" ".join(described.split()),
        grain=tuple(part.strip() for part in grain.group(1).split(",")),
        columns=tuple(Column(name, meaning) for name, (_, meaning) in module.COLUMNS.items()),
        inputs=frozenset(module.READS),
        token_hash=hashlib.sha256(path.read_bytes() + _numerics()).hexdigest()[:16],
        compute=module.compute,
        column_types={name: column_type for name, (column_type, _) in module.COLUMNS.items()},
    )


@cache
def _numerics() -> bytes:
    """Return the text of pipeline/analysis: what a Python model computes changes with it."""
    return b"".join(path.read_bytes() for path in sorted(ANALYSIS.glob("*.py")))


def _module(path: Path, name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_models(folder: Path = MODELS) -> dict[str, Model]:
    """Read every model below `folder` (one folder a layer) and check the direction of what they read.

    Raises:
        ModelError: with the problems of all files together.
    """
    models: dict[str, Model] = {}
    problems: list[Problem] = []
    for path in sorted(folder.glob("*/*")):
        if path.suffix not in (".sql", ".py") or path.stem.startswith("_"):
            continue
        read = read_sql_model if path.suffix == ".sql" else read_python_model
        try:
            model = read(path, path.parent.name)
        except ModelError as error:
            problems += error.problems
            continue
        models[model.name] = model
    for model in models.values():
        problems += layer_problems(model)
    if problems:
        raise ModelError(*problems)
    return models


def layer_problems(model: Model) -> list[Problem]:
    """Return what a model reads from a layer to the right of its own."""
    own = LAYERS.index(model.layer)
    wrong = sorted(name for name in model.inputs if LAYERS.index(name.split(".")[0]) > own)
    return [Problem(f"{model.name} reads {name}, which lies behind it.", received=name) for name in wrong]


def in_order(models: Mapping[str, Model]) -> list[Model]:
    """Return the models so that each comes after those it reads; names break ties, so the order is always the same.

    Raises:
        ModelError: the models read one another in a circle.
    """
    placed: dict[str, Model] = {}
    waiting = dict(sorted(models.items()))
    while waiting:
        ready = [m for m in waiting.values() if all(name in placed or name not in models for name in m.inputs)]
        if not ready:
            raise ModelError(Problem("These models read one another in a circle.", received=sorted(waiting)))
        for model in ready:
            placed[model.name] = waiting.pop(model.name)
    return list(placed.values())


def upstream(models: Mapping[str, Model], names: Iterable[str]) -> set[str]:
    """Return `names` and every model they depend on."""
    found: set[str] = set()
    waiting = [name for name in names if name in models]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [read for read in models[name].inputs if read in models]
    return found


@dataclass(frozen=True)
class Audit:
    """A promise as a SELECT that must return nothing; its file name is the promise.

    Its column `finding` says in words what breaks it, and `place` the setting in journeys.yaml that is meant.
    """

    name: str
    sql: str
    meaning: str
    level: str
    inputs: frozenset[str]
    fix: str = ""


#: What a comment of an audit begins with that is not its promise.
_MARKS = ("level:", "to do:")


def read_audits(folder: Path = AUDITS) -> dict[str, Audit]:
    """Read every audit; the first comment says what is promised, `to do:` what somebody can do about it.

    `level: warn` makes it a warning, `level: refuse` says that what the settings ask for is left out.
    """
    audits = {}
    for path in sorted(folder.glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        lines = [line.removeprefix("--").strip() for line in text.splitlines() if line.startswith("--")]
        said = {
            key: next((line.removeprefix(key).strip() for line in lines if line.startswith(key)), "") for key in _MARKS
        }
        meaning = " ".join(line for line in lines if not line.startswith(_MARKS))
        level = said["level:"] or "block"
        audits[path.stem] = Audit(path.stem, text, meaning, level, inputs_of(text), said["to do:"])
    return audits


def grain_audits(models: Mapping[str, Model]) -> dict[str, Audit]:
    """Return, for every stored model, the audit that its grain is unique and never null."""
    audits = {}
    for model in models.values():
        if model.kind != "table":
            continue
        keys = ", ".join(model.grain)
        nulls = " or ".join(f"{key} is null" for key in model.grain)
        sql = f"select {keys}, count(*) as count_rows from {model.name} group by {keys} having count(*) > 1 or {nulls}"
        name = f"{model.layer}_{model.table}_has_one_row_per_grain"
        audits[name] = Audit(name, sql, f"{model.name} has one row per {keys}.", "block", frozenset({model.name}))
    return audits
