"""SQL conditions of funnels: checked before a night is spent, then made one function that models call."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.catalog import changing_function, columns_named, expression_problem
from pipeline.config.sections.funnels import MOST_STEPS, Funnel
from pipeline.errors import ConfigError, Problem
from pipeline.warehouse import Warehouse, WarehouseError, quoted

#: Columns of `core.touchpoints` and their types, in the order in which models hand them over.
TOUCHPOINT = {
    "touchpoint_id": "uuid", "customer_id": "bigint", "occurred_at": "timestamp", "time_precision": "varchar",
    "time_note": "varchar", "source_system": "varchar", "interaction": "varchar", "event_name": "varchar",
    "stage": "varchar", "channel": "varchar", "channel_rule": "varchar", "source": "varchar", "medium": "varchar",
    "campaign": "varchar", "campaign_id": "varchar", "content": "varchar", "term": "varchar", "session_id": "ubigint",
    "page_url": "varchar", "page_path": "varchar", "referrer": "varchar", "product_ref": "varchar",
    "order_ref": "varchar", "amount": "decimal(18,4)", "currency": "varchar", "amount_reporting": "decimal(18,4)",
    "duration_seconds": "double", "device_category": "varchar", "country": "varchar", "region": "varchar",
    "location_ref": "varchar", "agent_ref": "varchar", "experiment": "varchar", "variant": "varchar",
    "is_machine": "boolean", "machine_reason": "varchar", "is_test": "boolean", "test_reason": "varchar",
    "detail": "varchar", "file_id": "varchar", "line_number": "bigint",
}  # fmt: skip


def define_conditions(warehouse: Warehouse, funnels: Iterable[Funnel]) -> None:
    """Make `funnel_conditions(funnel_index, …columns of core.touchpoints…)`: the parts whose SQL a row fits, as bits.

    Args:
        warehouse: The open warehouse; nothing outside of it is in reach of the conditions.
        funnels: The declared funnels.

    Raises:
        ConfigError: with every condition that does not read, names no column there is, or is no condition.
    """
    given = list(funnels)
    problems = [problem for where, sql, *_ in _conditions(given) for problem in _problems(warehouse, where, sql)]
    if problems:
        raise ConfigError(*problems)
    bits: dict[int, list[str]] = {}
    for _, sql, funnel_index, part in _conditions(given):
        # A row that a condition fails on, as on a cast of text that is no number, does not fit it.
        bits.setdefault(funnel_index, []).append(f"cast(coalesce(try(({sql})), false) as bigint) << {part}")
    cases = " ".join(f"when {index} then ({') | ('.join(parts)})" for index, parts in bits.items())
    value = f"case funnel_index {cases} else 0::bigint end" if cases else "0::bigint"
    warehouse.execute(f"create or replace macro funnel_conditions(funnel_index, {', '.join(TOUCHPOINT)}) as {value}")


def _conditions(funnels: Iterable[Funnel]) -> Iterator[tuple[str, str, int, int]]:
    """Yield where each SQL condition stands, its text, its funnel and its part."""
    for number, funnel in enumerate(funnels):
        for place, step in enumerate(funnel.steps):
            if step.sql is not None:
                where = f"journeys.yaml: funnels.{number}.steps.{place}.sql ({funnel.name}, {step.name})"
                yield where, step.sql, number + 1, place
        for place, exclusion in enumerate(funnel.exclude):
            if exclusion.sql is not None:
                where = f"journeys.yaml: funnels.{number}.exclude.{place}.sql ({funnel.name})"
                yield where, exclusion.sql, number + 1, MOST_STEPS + place


def _problems(warehouse: Warehouse, where: str, sql: str) -> list[Problem]:
    wrong = expression_problem(sql)
    if wrong:
        return [Problem(wrong, where, sql)]
    unknown = sorted(columns_named(sql) - TOUCHPOINT.keys())
    if unknown:
        return [Problem("core.touchpoints has no such column.", where, name, tuple(TOUCHPOINT)) for name in unknown]
    if changing := changing_function(sql):
        return [Problem(f"{changing}() gives another answer each time it is asked.", where, sql)]
    typed = ", ".join(f"null::{kind} as {quoted(name)}" for name, kind in TOUCHPOINT.items())
    try:
        found = warehouse.describe(f"select try(({sql})) as fits from (select {typed})")
    except WarehouseError as error:
        return [Problem(f"DuckDB cannot use the condition: {error.problems[0].what.splitlines()[0]}", where, sql)]
    if found[0][1] != "BOOLEAN":
        kind = found[0][1].lower()
        return [Problem(f"It must be true or false for each row; it gives {kind}.", where, sql, fix="Compare it.")]
    return []
