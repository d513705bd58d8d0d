"""Published numbers that moved from run to run, from the `ops` tables; one that is not there yet has no rows."""

from __future__ import annotations

from pipeline.reporting.facts import Numbers
from pipeline.reporting.numbers.health import existing
from pipeline.warehouse import Warehouse

#: Lines of earlier runs that are shown.
_MOST_LINES = 1000

_LINES = """select published_at, month, metric, value_before, value_after,
    coalesce(value_after, 0) - coalesce(value_before, 0) as value_change, because, also_moved, was_provisional,
    files, is_certain, count_details
    from ops.restatements"""
_LAST_RUN = "(select arg_max(run_id, finished_at) from ops.runs)"


def last_numbers(warehouse: Warehouse) -> Numbers:
    """Return what the last run moved, closed months first."""
    if not warehouse.exists("ops.runs"):
        return []
    return existing(
        warehouse,
        "ops.restatements",
        f"{_LINES} where run_id = {_LAST_RUN} order by was_provisional, month desc, metric, because",
    )


def earlier_numbers(warehouse: Warehouse) -> Numbers:
    """Return what the runs before the last one moved, the latest first."""
    if not warehouse.exists("ops.runs"):
        return []
    return existing(
        warehouse,
        "ops.restatements",
        f"{_LINES} where run_id is distinct from {_LAST_RUN} "
        f"order by published_at desc, was_provisional, month desc, metric, because limit {_MOST_LINES}",
    )


def details_numbers(warehouse: Warehouse) -> Numbers:
    """Return every other published number that the last run moved."""
    if not warehouse.exists("ops.runs"):
        return []
    return existing(
        warehouse,
        "ops.restatements_detail",
        f"""with moved as (
            select *, case when metric like '%rate' then 100 else 1 end as unit
            from ops.restatements_detail where run_id = {_LAST_RUN} and not is_headline
        )
        select month, mart, metric || case when unit = 100 then ', %' else '' end as metric, item,
            value_before * unit as value_before, value_after * unit as value_after,
            (coalesce(value_after, 0) - coalesce(value_before, 0)) * unit as value_change
        from moved
        order by month desc nulls last, mart, metric, item""",
    )


def runs_compared(warehouse: Warehouse) -> int:
    """Return how many runs have published; the first has nothing to be compared with."""
    return int(warehouse.value("select count(*) from ops.runs")) if warehouse.exists("ops.runs") else 0
