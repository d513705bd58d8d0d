"""Paths and transitions beside the best hand-written SQL and other libraries: `python -m benchmarks.paths`.

The question is the same for all: from touchpoints (customer, time, channel, conversion, revenue), the distinct paths up
to a conversion or the end with journeys, conversions and revenue; and how often journeys pass between two channels. The
project answers more than asked: flows from four ends and steps, and names each path and its intervals.
Each contender is a process of its own on two threads, told in processor seconds; pandas and Polars are run where
`--python` names an interpreter that has them, so that they are no part of the project.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from pipeline.build import make
from pipeline.catalog import read_models
from pipeline.empty import empty_warehouse

_ROWS = """copy (
    select 1 + floor({people} * pow(random_at(i), 2))::bigint as customer_id,
        timestamp '2026-01-01' + to_microseconds((hash(i, 2) % 7776000000000)::bigint) as occurred_at,
        'channel ' || (1 + floor(24 * pow(random_at(i + 1e9::bigint), 2)))::int as channel,
        hash(i, 3) % 100 < 3 as is_conversion, 50.0 as revenue
    from range({rows}) as t (i)
) to '{file}' (format parquet)"""

#: One list of packed numbers a customer, sorted as integers, cut at conversions; names at the very end.
_BY_HAND = """
create table codes as select channel, row_number() over (order by channel) as code from
    (select distinct channel from '{file}');
create table listed as select customer_id,
    list_sort(list((epoch_us(occurred_at) << 9) | (code << 1) | is_conversion::int)) as steps
from '{file}' join codes using (channel) group by customer_id;
create table cut as select list_transform(part, lambda p: ((p >> 1) & 255)::utinyint) as codes, is_won from (
    select steps[case when place = 1 then 1 else ends[place - 1] + 1 end : ends[place]] as part, place <= wins as is_won
    from (select steps, unnest(ends) as stop, unnest(range(1, len(ends) + 1)) as place, ends, wins from (
        select steps, len(won) as wins,
            case when won[-1] = len(steps) then won else list_append(won, len(steps)) end as ends
        from (select steps, list_filter(range(1, len(steps) + 1), lambda i: steps[i] & 1 = 1) as won from listed))));
create table once as select list_filter(codes, lambda c, i: i = 1 or c <> codes[i - 1]) as codes, is_won from cut;
create table paths as select codes, count(*) as journeys, count(*) filter (is_won) as won, 50.0 * won as revenue
from once group by codes;
create table passages as select pair, sum(journeys) as journeys from (
    select unnest(list_transform(range(1, len(codes)), lambda i: codes[i]::int * 256 + codes[i + 1])) as pair, journeys
    from paths) group by pair;
"""

_PANDAS = """
import pandas as pd
t = pd.read_parquet(file).sort_values(["customer_id", "occurred_at"], kind="stable")
t["spell"] = t.groupby("customer_id").is_conversion.cumsum() - t.is_conversion
keys = ["customer_id", "spell"]
t = t.assign(previous=t.groupby(keys).channel.shift(), won=t.groupby(keys).is_conversion.transform("max"))
t = t[t.channel != t.previous]
g = t.groupby(keys).agg(path=("channel", tuple), won=("won", "first"))
p = g.groupby("path").won.agg(["size", "sum"]); p["revenue"] = p["sum"] * 50
print(len(p), len(t.dropna(subset="previous").groupby(["previous", "channel"]).size()))
"""
_POLARS = """
import polars as pl
t = pl.scan_parquet(file).with_columns(pl.col("channel").cast(pl.Categorical)).sort("customer_id", "occurred_at")
t = t.with_columns((pl.col("is_conversion").cum_sum() - pl.col("is_conversion")).over("customer_id").alias("spell"))
j = t.group_by("customer_id", "spell", maintain_order=True).agg(
    pl.col("channel").to_physical().filter(pl.col("channel").to_physical().diff().fill_null(1) != 0).alias("path"),
    pl.col("is_conversion").any().alias("won")).collect()
j = j.with_columns(pl.col("path").cast(pl.List(pl.String)).list.join(",").alias("key"))
p = j.group_by("key").agg(pl.len(), pl.col("won").sum())
e = j.select(pl.col("path").list.head(10**9), pl.int_range(pl.len()).alias("n")).explode("path")
e = e.with_columns(pl.col("path").shift(1).over("n").alias("previous")).drop_nulls().group_by("previous", "path").len()
print(len(p), len(e))
"""


def write_rows(file: Path, rows: int) -> None:
    """Write invented touchpoints: 24 channels, 3 % conversions, a heavy tail of touches by customer."""
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("create macro random_at(i) as (hash(i) % 1000000007) / 1000000007.0")
    connection.execute(_ROWS.format(people=rows // 4, rows=rows, file=file))


def by_hand(file: Path) -> float:
    """Return the processor seconds of the hand-written SQL, and print what it found."""
    connection = duckdb.connect(config={"threads": 2, "preserve_insertion_order": False})
    begun = time.process_time()
    connection.execute(_BY_HAND.format(file=file))
    taken = time.process_time() - begun
    print(*connection.execute("select (select count(*) from paths), (select count(*) from passages)").fetchall()[0])
    return taken


def ours(file: Path) -> float:
    """Return the processor seconds of the models on the same journeys: from touches to both marts."""
    models = read_models()
    with empty_warehouse() as warehouse:
        warehouse.execute("set threads = 2")
        begun = time.process_time()
        warehouse.write("private.touchpoints", pq.read_table(file))
        warehouse.create(
            "core.channel_codes",
            "select row_number() over (order by channel)::smallint as channel_code, channel "
            "from (select distinct channel from private.touchpoints)",
        )
        warehouse.create(
            "core.journeys",
            """with listed as (
                select customer_id, list_sort(list(
                    epoch_us(occurred_at) * 512 + channel_code * 2 + is_conversion::int)) as steps
                from private.touchpoints join core.channel_codes using (channel) group by customer_id
            ),
            won as (
                select *, list_filter(range(1, len(steps) + 1), lambda i: steps[i] & 1 = 1) as won from listed
            ),
            ended as (
                select
                    *,
                    unnest(case when won[-1] = len(steps) then won else list_append(won, len(steps)) end) as stop,
                    unnest(list_prepend(0, case when won[-1] = len(steps) then won[:-2] else won end)) as before
                from won
            ),
            cut as (select customer_id, before, steps[before + 1:stop] as part from ended)
            select
                customer_id * 1000000 + before as journey_id, customer_id, null::int as journey_index,
                case when part[-1] & 1 = 1 then 'converted' else 'lost' end as outcome, null::varchar as order_id,
                (50 * (part[-1] & 1))::decimal(18, 4) as revenue, false as is_first_order,
                false as is_truncated, make_timestamp(part[1] // 512) as started_at,
                make_timestamp(part[-1] // 512) as ended_at, ended_at as last_touch_at,
                null::timestamp as next_started_at, len(part) as count_touches,
                null::ubigint as first_touch_id, null::ubigint as last_touch_id, null::smallint as first_channel_code,
                null::smallint as last_channel_code,
                list_transform(part, lambda p: (p // 2 % 256)::smallint) as channel_codes, 0.0 as duration_days
            from cut""",
        )
        print(f"  journeys cut after {time.process_time() - begun:.1f} s")
        for name in ("core.path_nodes", "core.journey_codes", "marts.journey_paths", "marts.path_anchors",
                     "marts.path_transitions"):  # fmt: skip
            before = time.process_time()
            make(models[name], warehouse)
            print(f"  {name} {time.process_time() - before:.1f} s")
        taken = time.process_time() - begun
        print(warehouse.value("select sum(count_paths) from marts.journey_paths where path_kind = 'channel'"))
    return taken


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000_000, 10_000_000])
    parser.add_argument("--python", help="interpreter with pandas and Polars, in an environment of its own")
    parser.add_argument("--only", choices=["by hand", "ours"], help="one contender, on the file that --file names")
    parser.add_argument("--file", type=Path)
    asked = parser.parse_args()
    if asked.only:
        print(f"{ {'by hand': by_hand, 'ours': ours}[asked.only](asked.file):.2f} s")
        return
    with tempfile.TemporaryDirectory() as folder:
        for rows in asked.rows:
            file = Path(folder) / f"{rows}.parquet"
            write_rows(file, rows)
            for only in ("by hand", "ours"):
                print(f"{rows:,} touchpoints, {only}", flush=True)
                again = [sys.executable, "-m", "benchmarks.paths", "--only", only, "--file", str(file)]
                subprocess.run(again, check=True)
            for name, code in (("pandas", _PANDAS), ("polars", _POLARS)) if asked.python else ():
                print(f"{rows:,} touchpoints, {name}", flush=True)
                timed = f"import time\nbegun, file = time.process_time(), {str(file)!r}\n{code}"
                timed += 'print(f"{time.process_time() - begun:.2f} s")'
                subprocess.run([asked.python, "-c", timed], check=False)


if __name__ == "__main__":
    main()
