"""Local times that daylight saving skips or repeats: what connector SQL marked, and which of two readings it was.

A time that clocks skip does not exist; it is moved on by what they skip. A time that they show twice is told by the
order of its file's rows: where these are sorted by time, the rows before the clock goes back are the first reading.
Where the order does not tell, it is the first.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.contracts import contracts
from pipeline.warehouse import Warehouse, literal

READINGS = "private.clock_readings"

MOVED = "moved_out_of_missing_hour"
FIRST = "in_repeated_hour_first"
SECOND = "in_repeated_hour_second"
UNKNOWN = "in_repeated_hour_unknown"

_NONE = (
    "select ''::varchar as file_id, 0::bigint as line_number, timestamp '1970-01-01' as said_at, "
    "timestamp '1970-01-01' as moment, ''::varchar as time_note where false"
)


def timed_shapes() -> dict[str, str]:
    """Return the shapes whose rows say how their clock was read, and the column that holds the time."""
    return {
        shape: column.clock_of
        for shape, contract in contracts().items()
        for column in contract.columns.values()
        if column.clock_of
    }


def write_readings(warehouse: Warehouse, checked: Iterable[tuple[str, str]]) -> None:
    """Write `private.clock_readings`: one row per line and marked time, with the moment it stands for.

    Args:
        warehouse: The open database.
        checked: Table and time column of each shape; the table has file_id, line_number and time_note besides.
    """
    timed = "\nunion all\n".join(
        f"select file_id, line_number, {column} as moment, time_note from {table} where {column} is not null"
        for table, column in checked
    )
    # Most nights have no such time, and then one look at an all but empty column is enough.
    is_any = warehouse.value(f"select count(*) from ({timed}) where time_note is not null")
    warehouse.create(READINGS, _READINGS.format(timed=timed) if is_any else _NONE)


#: Rows of the same file within a day tell whether it is sorted, and which way; a file of several zones is not.
_READINGS = f"""
    with
    timed as (select distinct * from ({{timed}})),
    marked as (
        select file_id, line_number, moment, date_trunc('month', moment) as month,
            to_minutes(cast(regexp_extract(time_note, '\\d+') as integer)) as shift
        from timed where starts_with(time_note, 'repeated')
    ),
    hours as (
        select file_id, month, min(moment) as earliest, max(moment) as latest, max(shift) as shift,
            min(line_number) as first_line, max(line_number) as last_line
        from marked group by file_id, month
    ),
    near as (
        select hours.file_id, hours.month, timed.line_number, timed.moment, timed.moment < hours.earliest as is_before
        from hours
        join timed on timed.file_id = hours.file_id and timed.time_note is null
            and (timed.moment between hours.earliest - interval 1 day and hours.earliest - interval 1 microsecond
                or timed.moment > hours.latest + hours.shift and timed.moment <= hours.latest + interval 1 day)
    ),
    stepped as (
        select *, moment - lag(moment) over (partition by file_id, month order by line_number, moment) as step from near
    ),
    around as (
        select file_id, month,
            count(*) filter (where step < interval 0 minutes) as count_down,
            count(*) filter (where step > interval 0 minutes) as count_up,
            min(line_number) filter (where is_before) as before_first,
            max(line_number) filter (where is_before) as before_last,
            min(line_number) filter (where not is_before) as after_first,
            max(line_number) filter (where not is_before) as after_last
        from stepped group by file_id, month
    ),
    directed as (
        select hours.file_id, hours.month,
            case
                when count_down = 0
                    and coalesce(before_last < first_line, true) and coalesce(last_line < after_first, true) then 1
                when count_up = 0
                    and coalesce(before_first > last_line, true) and coalesce(first_line > after_last, true) then -1
            end as direction
        from hours join around on around.file_id = hours.file_id and around.month = hours.month
    ),
    followed as (
        select marked.*, directed.direction,
            coalesce(marked.moment < lag(marked.moment) over in_order, false)::integer as is_back
        from marked
        join directed on directed.file_id = marked.file_id and directed.month = marked.month
        window in_order as (
            partition by marked.file_id, marked.month order by marked.line_number * directed.direction, marked.moment)
    ),
    told as (
        select file_id, line_number, moment,
            sum(is_back) over (
                partition by file_id, month order by line_number * direction, moment) = 1 as is_second
        from followed
        qualify direction is not null and sum(is_back) over (partition by file_id, month) = 1
    )
    select timed.file_id, timed.line_number, timed.moment as said_at,
        timed.moment + case when told.is_second then marked.shift else interval 0 minutes end as moment,
        case
            when marked.file_id is null then {literal(MOVED)}
            when told.is_second then {literal(SECOND)}
            when told.is_second is not null then {literal(FIRST)}
            else {literal(UNKNOWN)}
        end as time_note
    from timed
    left join marked on marked.file_id = timed.file_id and marked.line_number = timed.line_number
        and marked.moment = timed.moment and starts_with(timed.time_note, 'repeated')
    left join told on told.file_id = marked.file_id and told.line_number = marked.line_number
        and told.moment = marked.moment
    where timed.time_note is not null
"""

#: One row per file: what its notes say about its clock.
NOTES = f"""
    select file_id, list_filter([
        case
            when count_moved = 1 then '1 time falls in the hour that daylight saving skips; it was moved on by it'
            when count_moved > 1
                then count_moved || ' times fall in the hour that daylight saving skips; they were moved on by it'
        end,
        case count_first + count_second + count_unknown
            when 0 then null
            when 1 then '1 time falls in the hour that daylight saving repeats: '
            else count_first + count_second + count_unknown || ' times fall in the hour that daylight saving repeats: '
        end || concat_ws('; ',
            case when count_first + count_second > 0 then
                'by the order of the rows, ' || count_first || ' in its first run and ' || count_second
                || ' in its second' end,
            case when count_unknown > 0 then
                count_unknown || ' read as its first run, because the order of the rows does not tell' end)
    ], lambda note: note is not null) as notes
    from (
        select file_id,
            count(distinct line_number) filter (where time_note = {literal(MOVED)}) as count_moved,
            count(distinct line_number) filter (where time_note = {literal(FIRST)}) as count_first,
            count(distinct line_number) filter (where time_note = {literal(SECOND)}) as count_second,
            count(distinct line_number) filter (where time_note = {literal(UNKNOWN)}) as count_unknown
        from {READINGS} group by file_id
    )
"""
