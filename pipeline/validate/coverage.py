"""Which days each file speaks of, and which days of older files a newer one replaces as a whole."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.contracts import contracts
from pipeline.validate.quarantine import checked_table
from pipeline.warehouse import Warehouse, literal

#: Longest period that is counted on each of its days; of a longer one only the first and the last day are.
_LONGEST_DAYS = 400


def replaced_days(shapes: Iterable[str]) -> list[str]:
    """Return SELECTs of the lines whose days a newer file of the same export sums up anew.

    A file restates an older one when both hold a row of the same natural key; it then stands for every day it covers
    (from its first to its last row, or as far as its name says), so that a row it no longer has is gone. Two files
    without any row in common are parts of one whole, such as a file for each kind of campaign, and both stay.
    """
    return [_replaced(shape) for shape in shapes if (days := contracts()[shape].days) and days.within]


def _replaced(shape: str) -> str:
    days = contracts()[shape].days
    assert days is not None
    names = ", ".join(days.within)
    within = ", ".join(f"coalesce({column}, '') as {column}" for column in days.within)
    same = " and ".join(f"covered.{column} = rows.{column}" for column in days.within)
    return f"""
        select file_id, line_number
        from (
            with
            rows as (
                select s.file_id, s.line_number, s.row_key, files.source_system, files.source_export, files.file_rank,
                    files.declared_from, files.declared_to, {days.first} as first_day, {days.last} as last_day, {within}
                from staged.{shape} as s
                join private.loaded_files as files using (file_id)
                where {days.where} and {days.first} is not null and {days.last} is not null and not exists (
                    select 1 from validated.rejects as r where r.file_id = s.file_id and r.line_number = s.line_number)
            ),
            covered as (
                select file_id, {names},
                    least(min(first_day), any_value(declared_from)) as first_day,
                    greatest(max(last_day), any_value(declared_to)) as last_day
                from rows
                group by file_id, {names}
            ),
            restated as (
                -- Each file with the next one that has the same row: of many exports of all days, not every two.
                select distinct file_id, newer_id
                from (
                    select file_id, lead(file_id) over (
                        partition by source_system, source_export, row_key order by file_rank) as newer_id
                    from (select distinct file_id, file_rank, source_system, source_export, row_key from rows)
                )
                where newer_id is not null
            )
            select distinct rows.file_id, rows.line_number
            from rows
            join restated on restated.file_id = rows.file_id
            join covered
                on covered.file_id = restated.newer_id and {same}
                and rows.first_day >= covered.first_day and rows.last_day <= covered.last_day
        )"""


def write_hours(warehouse: Warehouse) -> None:
    """Write `private.file_hours`: the rows of each file by hour, or by the days they sum up, used and replaced ones.

    Hours, because the reporting zone is not settled yet, and few of them have to be moved to it later.
    """
    parts = []
    for shape, contract in contracts().items():
        days = contract.days
        if days is None:
            continue
        when = (
            f"null::timestamp as hour, {days.first} as first_day, coalesce({days.last}, {days.first}) as last_day"
            if days.last
            else f"date_trunc('hour', {days.first}) as hour, null::date as first_day, null::date as last_day"
        )
        for join, used in (("anti join validated.dropped_lines", True), ("semi join validated.superseded", False)):
            parts.append(
                f"select file_id, {literal(shape)} as shape, {when}, {used} as is_used "
                f"from {checked_table(shape)} {join} using (file_id, line_number) "
                f"where {days.first} is not null"
            )
    warehouse.create(
        "private.file_hours",
        "select file_id, shape, hour, first_day, last_day, count(*) filter (where is_used) as rows_accepted, "
        f"count(*) filter (where not is_used) as rows_superseded from ({' union all '.join(parts)}) group by all",
    )


def write_coverage(warehouse: Warehouse) -> None:
    """Write `ops.coverage` from the counted hours, in days of the reporting zone."""
    warehouse.create(
        "ops.coverage",
        f"""
        with
        moments as (
            select hours.* exclude (hour, first_day, last_day),
                cast(timezone(reporting_zone, timezone('UTC', hour)) as date) as day
            from private.file_hours as hours cross join config.settings
            where hour is not null
        ),
        periods as (
            select * exclude (hour, first_day, last_day), unnest(
                case when last_day - first_day between 0 and {_LONGEST_DAYS}
                    then list_transform(range(0, last_day - first_day + 1), lambda n: first_day + n::integer)
                    else [first_day, last_day] end) as day
            from private.file_hours
            where hour is null
        )
        select
            files.file_name, files.file_id, files.source_system, files.source_export, rows.shape, rows.day,
            sum(rows.rows_accepted)::bigint as rows_accepted,
            sum(rows.rows_superseded)::bigint as rows_superseded,
            rows.day >= least(settings.as_of_day,
                coalesce(try_cast(files.exported_on as date), settings.as_of_day) - files.provisional_days + 1
            ) as is_provisional
        from (select * from moments union all by name select * from periods) as rows
        join private.loaded_files as files using (file_id)
        cross join (
            select cast(timezone(reporting_zone, timezone('UTC', as_of)) as date) as as_of_day from config.settings
        ) as settings
        group by all
        order by file_name, shape, day""",
    )
