"""Expectations built from the contracts and the connector specs, checked by Great Expectations inside DuckDB.

Row rules are checked on the rows as delivered: what fails there is what quarantine must have rejected, counted a second
time by other code. Table promises are checked on the rows that are used, and block.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from pipeline.config.tables import default_rows
from pipeline.contracts import Contract, contracts
from pipeline.errors import JourneysError, Problem
from pipeline.ingest.spec import ConnectorSpec
from pipeline.validate.quarantine import Delivered, checked_table
from pipeline.warehouse import Warehouse

RESULTS = pa.schema(
    [
        ("checked", pa.string()), ("rule", pa.string()), ("level", pa.string()), ("says", pa.string()),
        ("is_met", pa.bool_()), ("count_rows", pa.int64()), ("count_unexpected", pa.int64()),
    ]
)  # fmt: skip


class ExpectationError(JourneysError):
    """An expectation could not be evaluated: our error, never a property of the data."""

    heading = "An expectation could not be checked"


@dataclass(frozen=True)
class Expectation:
    """One thing that is expected of a table."""

    checked: str
    rule: str
    level: str
    says: str
    kind: str
    column: str = ""
    values: tuple[str, ...] = ()
    check: str = ""


def expectations_of(contract: Contract) -> list[Expectation]:
    """Return what is expected of a shape's rows as delivered (reject) and as used (block)."""
    staged = f"staged.{contract.shape}"
    found = []
    for rule, content in contract.row_rules().items():
        column_name = rule.rsplit("_is_", 1)[0]
        column = contract.columns.get(column_name)
        base: dict[str, Any] = {"checked": staged, "rule": rule, "level": "reject", "says": content.says}
        if column and rule == f"{column_name}_is_given":
            found.append(Expectation(**base, kind="not_null", column=column_name))
        elif column and rule == f"{column_name}_is_allowed":
            values = column.values or _values_from(str(column.values_from))
            found.append(Expectation(**base, kind="in_set", column=column_name, values=tuple(values)))
        else:
            found.append(Expectation(**base, kind="rows", check=content.check))
    found.append(
        Expectation(
            staged,
            "values_are_readable",
            "reject",
            "a value does not read as its type",
            "rows",
            check="len(problems) = 0",
        )
    )
    return found


def _values_from(table: str) -> list[str]:
    name = table.split(".")[1]
    return [str(row[name.removesuffix("s")]) for row in default_rows(name)]


def connector_expectations(specs: Mapping[str, ConnectorSpec], delivered: Delivered) -> list[Expectation]:
    """Return what connectors expect of their own exports; what fails is a warning."""
    return [
        Expectation(specs[system].raw_name(name), rule, "warn", content.says, "rows", check=content.check)
        for system, name in delivered
        for rule, content in specs[system].exports[name].expectations.items()
    ]


def used_expectations(shapes: Iterable[str]) -> list[Expectation]:
    """Return what must hold for the rows that are used, or nothing is published."""
    return [
        Expectation(
            f"validated.{shape}",
            "every_row_can_be_followed_to_its_line",
            "block",
            "a row has lost its file or line",
            "rows",
            check="file_id is not null and line_number is not null",
        )
        for shape in shapes
    ]


def run(warehouse: Warehouse, expectations: Sequence[Expectation]) -> pa.Table:
    """Check expectations and return one row each, in the columns of `RESULTS`.

    Raises:
        ExpectationError: an expectation raised instead of answering.
    """
    if not expectations:
        return RESULTS.empty_table()
    from pipeline.validate.gx_duckdb import source_on

    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    with source_on(warehouse) as source, warehouse.without_folding():
        for checked in sorted({e.checked for e in expectations}):
            of_table = [e for e in expectations if e.checked == checked]
            asset = source.add_query_asset(checked.replace(".", "__"), query=f"select * from {_table_of(checked)}")
            batch = asset.add_batch_definition_whole_table("all").get_batch()
            for expectation, result in _results(batch, checked, of_table):
                raised = _raised(result.exception_info or {})
                if raised or not result.result:
                    what = f"The rule {expectation.rule} could not be checked: {raised or 'it gave no result'}"
                    problems.append(Problem(what, checked))
                else:
                    rows.append(_row(expectation, result))
    if problems:
        raise ExpectationError(*problems)
    return pa.Table.from_pylist(rows, schema=RESULTS)


def _raised(info: Mapping[str, Any]) -> str:
    """Return what an expectation raised, "" when it answered; Great Expectations tells it by itself or by metric."""
    told = [info, *(part for part in info.values() if isinstance(part, Mapping))]
    return next((str(part.get("exception_message"))[:500] for part in told if part.get("raised_exception")), "")


def _table_of(checked: str) -> str:
    schema, name = checked.split(".")
    return checked_table(name) if schema == "staged" else checked


def _results(batch: Any, checked: str, expectations: Sequence[Expectation]) -> list[tuple[Expectation, Any]]:
    import great_expectations as gx

    by_rule = {f"{e.rule}:{e.column}": e for e in expectations}
    suite = gx.ExpectationSuite(name=checked, expectations=[_as_gx(e) for e in expectations])
    validated = batch.validate(suite, result_format={"result_format": "SUMMARY", "partial_unexpected_count": 3})
    return [(by_rule[result.expectation_config.meta["rule"]], result) for result in validated.results]


def _as_gx(expectation: Expectation) -> Any:
    import great_expectations.expectations as gxe

    meta = {"rule": f"{expectation.rule}:{expectation.column}"}
    if expectation.kind == "not_null":
        return gxe.ExpectColumnValuesToNotBeNull(column=expectation.column, meta=meta)
    if expectation.kind == "in_set":
        return gxe.ExpectColumnValuesToBeInSet(column=expectation.column, value_set=list(expectation.values), meta=meta)
    query = f"select 1 as broken from {{batch}} where ({expectation.check}) is false"
    return gxe.UnexpectedRowsExpectation(unexpected_rows_query=query, description=expectation.says, meta=meta)


def _row(expectation: Expectation, result: Any) -> dict[str, Any]:
    found = result.result
    unexpected = found.get("unexpected_count", found.get("observed_value", 0))
    return {
        "checked": expectation.checked,
        "rule": expectation.rule,
        "level": expectation.level,
        "says": expectation.says,
        "is_met": bool(result.success),
        "count_rows": found.get("element_count"),
        "count_unexpected": int(unexpected or 0),
    }


def all_expectations(
    specs: Mapping[str, ConnectorSpec], delivered: Delivered, shapes: Sequence[str]
) -> list[Expectation]:
    """Return everything that is expected of a night's rows."""
    of_shapes = [e for shape in shapes for e in expectations_of(contracts()[shape])]
    return [*of_shapes, *connector_expectations(specs, delivered), *used_expectations(shapes)]
