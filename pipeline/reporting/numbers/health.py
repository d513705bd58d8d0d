"""Numbers of data health, from the `ops` tables; one that is not there yet has no rows."""

from __future__ import annotations

from typing import Any

from pipeline.reporting.facts import Numbers
from pipeline.warehouse import Warehouse

#: States of files that are as they should be, although some are not used.
HARMLESS = ("loaded", "same_content", "empty", "known_but_unused")

#: A file with rows on most days is meant to have one on every day; others are lists with a date.
_FILES = """select *, days_missing <= 0.2 * (period_to - period_from + 1) as is_daily from ops.files"""

#: Longest period of an export in which missing days are looked for.
_LONGEST_DAYS = 4000

#: First rejected rows that are shown of each reason, and reasons of which any are.
_EXAMPLES, _MOST_REASONS = 3, 40


def existing(warehouse: Warehouse, table: str, select: str) -> Numbers:
    """Return the rows of a SELECT, none when the table it reads is not there."""
    return warehouse.records(select) if warehouse.exists(table) else []


def totals_numbers(warehouse: Warehouse) -> dict[str, Any]:
    """Return what was read, by file and by row."""
    found = existing(
        warehouse,
        "ops.files",
        """select
            count(*)::bigint as count_files,
            count(*) filter (where status = 'loaded')::bigint as files_loaded,
            coalesce(sum(rows_read), 0)::bigint as rows_read,
            coalesce(sum(rows_accepted), 0)::bigint as rows_accepted,
            coalesce(sum(rows_rejected), 0)::bigint as rows_rejected,
            coalesce(sum(rows_duplicate), 0)::bigint as rows_duplicate
        from ops.files""",
    )
    names = ("count_files", "files_loaded", "rows_read", "rows_accepted", "rows_rejected", "rows_duplicate")
    return found[0] if found else dict.fromkeys(names, 0)


def coverage_numbers(warehouse: Warehouse) -> Numbers:
    """Return the days each export covers, in stretches of one state: covered, twice, missing or still open."""
    return existing(
        warehouse,
        "ops.coverage",
        f"""with days as (
            select source_system, source_export, day, count(distinct file_name) as files,
                sum(rows_accepted) as rows_accepted, sum(rows_superseded) as rows_superseded,
                bool_or(is_provisional) as is_provisional
            from ops.coverage group by all
        ),
        exports as (
            select source_system, source_export, min(day) as first_day, max(day) as last_day,
                count(*) >= 0.8 * (max(day) - min(day) + 1) as is_daily
            from days group by all
        ),
        calendar as (
            select source_system, source_export,
                unnest(generate_series(first_day, last_day, interval 1 day))::date as day
            from exports where is_daily and last_day - first_day < {_LONGEST_DAYS}
        ),
        stated as (
            select source_system, source_export, day,
                coalesce(files, 0) as files, coalesce(rows_accepted, 0) as rows_accepted,
                coalesce(rows_superseded, 0) as rows_superseded,
                case when files is null then 'missing' when is_provisional then 'may still change'
                    when files > 1 then 'in several files' else 'covered' end as state
            from days full join calendar using (source_system, source_export, day)
        ),
        numbered as (
            -- Days of one state that follow one another have the same distance to their number.
            select *, day - row_number() over (
                partition by source_system, source_export, state order by day)::integer as stretch
            from stated
        )
        select source_system, source_export, state, min(day) as period_from, max(day) as period_to,
            count(*)::bigint as count_days, sum(rows_accepted)::bigint as rows_accepted,
            sum(rows_superseded)::bigint as rows_superseded
        from numbered group by source_system, source_export, state, stretch
        order by source_system, source_export, period_from""",
    )


def files_numbers(warehouse: Warehouse) -> Numbers:
    """Return every file, those with a problem first."""
    return existing(
        warehouse,
        "ops.files",
        f"""select file_name, status, source_system, source_export, rows_read, rows_accepted, rows_rejected,
            rows_duplicate, period_from, period_to, days_missing, is_daily, notes
        from ({_FILES}) order by status in {HARMLESS}, file_name""",
    )


def problems_numbers(warehouse: Warehouse) -> Numbers:
    """Return what is wrong with files, the same problem of several files in one row; harmless ones last."""
    return existing(
        warehouse,
        "ops.files",
        f"""select status not in {HARMLESS} as needs_a_look, status, source_system, source_export, problem, fix,
            count(*)::bigint as count_files, min(file_name) as first_file
        from ops.files where problem is not null or needs_a_look group by all
        order by needs_a_look desc, count_files desc, first_file""",
    )


def notes_numbers(warehouse: Warehouse) -> Numbers:
    """Return what was mended in files or is worth knowing of them, the same note of several files in one row."""
    return existing(
        warehouse,
        "ops.files",
        """select note, source_system, source_export, count(*)::bigint as count_files, min(file_name) as first_file
        from (select * exclude (notes), unnest(notes) as note from ops.files)
        group by all order by count_files desc, source_system, source_export, note limit 200""",
    )


def agreement_numbers(warehouse: Warehouse) -> Numbers:
    """Return how two exports agree on the time and amount of the orders that both know, the furthest apart first.

    `minutes_later` is how much later the other export most often says they were, in half hours; `times_larger` by which
    power of ten its amounts are most often larger; each null when no half hour or power of ten fits any order.
    """
    if not warehouse.exists("ops.files"):
        return []
    return existing(
        warehouse,
        "marts.order_agreement",
        """with pairs as (
            select concat_ws(' ', one.source_system, one.source_export) as one_export,
                concat_ws(' ', other.source_system, other.source_export) as two_export,
                one_export < two_export as is_in_order, agreement.*
            from marts.order_agreement as agreement
            join ops.files as one on one.file_id = agreement.file_id and one.status = 'loaded'
            join ops.files as other on other.file_id = agreement.other_file_id and other.status = 'loaded'
            where one_export <> two_export
        ),
        turned as (
            select least(one_export, two_export) as export, greatest(one_export, two_export) as other_export,
                case when time_relation <> 'not_told' then count_orders else 0 end as count_timed,
                case when time_relation = 'half_hours'
                    then case when is_in_order then minutes_apart else -minutes_apart end end as minutes_later,
                case when amount_relation <> 'not_told' then count_orders else 0 end as count_priced,
                case when amount_relation = 'power_of_ten'
                    then case when is_in_order then amount_power else -amount_power end end as power, count_orders
            from pairs
        ),
        shifts as (
            select export, other_export, minutes_later, sum(count_orders) as most from turned
            where minutes_later is not null group by export, other_export, minutes_later
            qualify row_number() over (partition by export, other_export order by most desc, abs(minutes_later)) = 1
        ),
        powers as (
            select export, other_export, power, sum(count_orders) as most from turned
            where power is not null group by export, other_export, power
            qualify row_number() over (partition by export, other_export order by most desc, abs(power)) = 1
        ),
        totals as (
            select export, other_export, sum(count_orders)::bigint as count_orders,
                sum(count_timed) as timed, sum(count_priced) as priced
            from turned group by all
        )
        select export, other_export, count_orders,
            minutes_later::bigint as minutes_later, shifts.most / nullif(timed, 0) as time_share,
            power(10, power)::double as times_larger, powers.most / nullif(priced, 0) as amount_share
        from totals
        left join shifts using (export, other_export)
        left join powers using (export, other_export)
        order by abs(coalesce(minutes_later, 0)) desc, abs(coalesce(power, 0)) desc, export, other_export""",
    )


def exports_numbers(warehouse: Warehouse) -> Numbers:
    """Return what was read of each export."""
    return existing(
        warehouse,
        "ops.files",
        """select source_system, source_export,
            count(*)::bigint as count_files,
            coalesce(sum(rows_read), 0)::bigint as rows_read,
            coalesce(sum(rows_accepted), 0)::bigint as rows_accepted,
            coalesce(sum(rows_rejected), 0)::bigint as rows_rejected,
            coalesce(sum(rows_duplicate), 0)::bigint as rows_duplicate,
            min(period_from) as period_from,
            max(period_to) as period_to
        from ops.files where status = 'loaded' group by all order by source_system, source_export""",
    )


def rejected_numbers(warehouse: Warehouse) -> Numbers:
    """Return rejected rows by reason."""
    return existing(
        warehouse,
        "ops.rejected_rows",
        """select source_system, source_export, rule, reason,
            count(*)::bigint as count_rows, count(distinct file_name)::bigint as count_files
        from ops.rejected_rows group by all
        order by count_rows desc, source_system, source_export, rule, reason limit 200""",
    )


def examples_numbers(warehouse: Warehouse) -> Numbers:
    """Return the first rejected rows of each reason; the page masks what may be personal in them."""
    return existing(
        warehouse,
        "ops.rejected_rows",
        f"""select file_name, line_number, reason, raw_text from ops.rejected_rows
        qualify
            row_number() over (
                partition by source_system, source_export, rule, reason order by file_name, line_number) <= {_EXAMPLES}
            and dense_rank() over (order by source_system, source_export, rule, reason) <= {_MOST_REASONS}
        order by source_system, source_export, rule, reason, file_name, line_number""",
    )


def expectations_numbers(warehouse: Warehouse) -> Numbers:
    """Return every expectation, those that are not met first."""
    return existing(
        warehouse,
        "ops.validation_results",
        """select is_met, level, checked, rule, says, count_rows, count_unexpected
        from ops.validation_results order by is_met, level, count_unexpected desc, checked, rule""",
    )


def promises_numbers(warehouse: Warehouse) -> Numbers:
    """Return every promise, broken ones first."""
    return existing(
        warehouse,
        "ops.audit_results",
        """select count_rows = 0 as is_kept, level, meaning, count_rows, examples, audit
        from ops.audit_results order by is_kept, level, audit""",
    )


def runs_numbers(warehouse: Warehouse) -> Numbers:
    """Return the runs that published something, the latest first."""
    return existing(
        warehouse,
        "ops.runs",
        """select finished_at, as_of, files_loaded, rows_read, rows_rejected,
            date_diff('second', started_at, finished_at) as seconds, run_id
        from ops.runs order by finished_at desc limit 500""",
    )
