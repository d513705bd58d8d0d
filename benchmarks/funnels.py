"""A funnel of five steps by the models, by hand-written SQL and by peers: `python -m benchmarks.funnels`.

All answer one question: per person from their first view on, how many did each step in order within 28 days, and
must give the same counts. Hand-written SQL and peers read a Parquet file of touchpoints, the models the table of a
night. Peers run in an environment of the benchmark's own, named with --peers; seconds are those of the processors,
wall time in brackets.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.attribution import timed
from pipeline.build import make
from pipeline.catalog import Model, read_models
from pipeline.config import Settings
from pipeline.config.funnels import funnel_rows
from pipeline.config.tables import typed
from pipeline.funnels import TOUCHPOINT, define_conditions
from pipeline.shape import define_functions
from pipeline.warehouse import Warehouse, literal

STEPS = ("product_view", "add_to_cart", "begin_checkout", "add_payment_info", "demo")
MODELS = (
    "core.funnel_kinds", "core.funnel_answers", "core.funnel_steps", "core.funnel_actions", "core.funnel_starts",
    "core.funnel_walks", "core.funnel_ways", "core.funnel_events", "core.funnel_neighbours", "core.funnel_links",
    "core.funnel_unordered", "core.funnel_attempts", "core.funnel_rounds", "core.funnel_chosen", "core.funnel_entries",
)  # fmt: skip
FUNNEL = {
    "name": "bench", "attempt": "first", "grace_seconds": 0, "breakdown": [],
    "steps": [{"name": name, "interaction": name} for name in STEPS],
}  # fmt: skip

#: The best that we found: the first view by aggregate, later steps as the first element behind it of a sorted list.
BY_HAND = """
with given as (
    select customer_id, epoch_us(occurred_at) as us, interaction from read_parquet({path})
    where interaction in ('product_view', 'add_to_cart', 'begin_checkout', 'add_payment_info', 'demo')
),
people as (
    select customer_id, min(us) filter (where interaction = 'product_view') as a,
        list_sort(list(us) filter (where interaction = 'add_to_cart')) as bs,
        list_sort(list(us) filter (where interaction = 'begin_checkout')) as cs,
        list_sort(list(us) filter (where interaction = 'add_payment_info')) as ds,
        list_sort(list(us) filter (where interaction = 'demo')) as es
    from given group by customer_id having a is not null
),
two as (select *, list_filter(bs, lambda t: t >= a and t <= a + 2419200000000)[1] as b from people),
three as (select *, list_filter(cs, lambda t: t >= b and t <= a + 2419200000000)[1] as c from two),
four as (select *, list_filter(ds, lambda t: t >= c and t <= a + 2419200000000)[1] as d from three),
five as (select *, list_filter(es, lambda t: t >= d and t <= a + 2419200000000)[1] as e from four)
select count(a), count(b), count(c), count(d), count(e) from five
"""

#: Run by the peers' own Python: each prints its counts and processor seconds.
POLARS = """
import json, sys, time
import polars as pl
begun, wall = time.process_time(), time.perf_counter()
rows = pl.scan_parquet(sys.argv[1]).filter(pl.col("interaction").is_in(STEPS))
rows = rows.select("customer_id", "occurred_at", "interaction")
found = rows.filter(pl.col("interaction") == STEPS[0]).group_by("customer_id")
found = found.agg(pl.col("occurred_at").min().alias("t0"))
found = found.with_columns(pl.col("t0").alias("t")).collect()
rows, counts = rows.collect(), [found.height]
for step in STEPS[1:]:
    later = rows.filter(pl.col("interaction") == step).join(found, on="customer_id")
    at = pl.col("occurred_at")
    later = later.filter((at >= pl.col("t")) & (at <= pl.col("t0") + pl.duration(days=28)))
    found = later.group_by("customer_id").agg(pl.col("t0").first(), pl.col("occurred_at").min().alias("t"))
    counts.append(found.height)
print(json.dumps([counts, time.process_time() - begun, time.perf_counter() - wall]))
"""
PANDAS = """
import json, sys, time
import pandas as pd
begun, wall = time.process_time(), time.perf_counter()
rows = pd.read_parquet(sys.argv[1], columns=["customer_id", "occurred_at", "interaction"])
rows = rows[rows["interaction"].isin(STEPS)]
found = rows[rows["interaction"] == STEPS[0]].groupby("customer_id", as_index=False)["occurred_at"].min()
found.columns = ["customer_id", "t0"]
found["t"] = found["t0"]
counts = [len(found)]
for step in STEPS[1:]:
    later = rows[rows["interaction"] == step].merge(found, on="customer_id")
    at = later["occurred_at"]
    later = later[(at >= later["t"]) & (at <= later["t0"] + pd.Timedelta(days=28))]
    found = later.groupby("customer_id", as_index=False).agg(t0=("t0", "first"), t=("occurred_at", "min"))
    counts.append(len(found))
print(json.dumps([counts, time.process_time() - begun, time.perf_counter() - wall]))
"""


def touchpoints(warehouse: Warehouse, rows: int) -> None:
    """Make touchpoints of a shop: a few events a person, ever fewer of the later steps, over ninety days."""
    people = max(rows // 12, 1)
    kinds = "['page_view', 'page_view', 'page_view', 'product_view', 'product_view', 'product_view', 'search', "
    kinds += "'email_open', 'add_to_cart', 'add_to_cart', 'begin_checkout', 'add_payment_info', 'demo']"
    narrow = (
        f"select md5(i::varchar)::uuid as touchpoint_id, (hash(i) % {people} + 1)::bigint as customer_id, "
        "timestamp '2026-06-01' + (hash(i, 1) % 7776000) * interval 1 second as occurred_at, "
        f"({kinds})[(hash(i, 2) % 13 + 1)::int] as interaction, false as is_machine, false as is_test "
        f"from range({rows}) as t(i)"
    )
    there = {"touchpoint_id", "customer_id", "occurred_at", "interaction", "is_machine", "is_test"}
    chosen = ", ".join(name if name in there else f"null::{kind} as {name}" for name, kind in TOUCHPOINT.items())
    warehouse.create("core.touchpoints", f"select {chosen} from ({narrow})")
    warehouse.create(
        "core.orders",
        "select null::varchar as order_id, null::bigint as customer_id, null::timestamp as counted_until_at, "
        "null::varchar as sale_channel, false as is_conversion where false",
    )


def by_models(warehouse: Warehouse, models: dict[str, Model]) -> list[int]:
    """Run the models of the funnel and return how many did each step."""
    for name in MODELS:
        make(models[name], warehouse)
    counts = dict(
        warehouse.rows(
            "select unnest(range(1, steps_done + 1)), count(*) from core.funnel_entries where is_counted group by 1"
        )
    )
    return [counts.get(level, 0) for level in range(1, 6)]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000_000, 10_000_000])
    parser.add_argument("--peers", type=Path, help="Python of an environment with polars and pandas")
    asked = parser.parse_args()
    for rows in asked.rows:
        print(f"\n{rows:,} touchpoints")
        _measure(rows, asked.peers)


def _measure(rows: int, peers: Path | None) -> None:
    settings = Settings.model_validate({"funnels": [FUNNEL]})
    with tempfile.TemporaryDirectory() as name, Warehouse.open(Path(name)) as warehouse:
        path = Path(name) / "touchpoints.parquet"
        define_functions(warehouse)
        define_conditions(warehouse, settings.funnels)
        for table, given in funnel_rows(settings).items():
            warehouse.write(f"config.{table}", typed(table, given))
        touchpoints(warehouse, rows)
        latest = warehouse.value("select max(occurred_at) from core.touchpoints")
        warehouse.write("config.settings", typed("settings", [{"as_of": latest, "reporting_zone": "UTC"}]))
        warehouse.to_parquet("select * from core.touchpoints", path)
        models = read_models()
        counts, cpu, wall = timed(lambda: by_models(warehouse, models))
        hand, hand_cpu, hand_wall = timed(lambda: list(warehouse.rows(BY_HAND.format(path=literal(str(path))))[0]))
        assert counts == hand, (counts, hand)
        print(f"  {'models, tables written':<26} {cpu:7.2f} s ({wall:.2f})")
        print(f"  {'hand-written DuckDB SQL':<26} {hand_cpu:7.2f} s ({hand_wall:.2f})")
        for label, script in (("polars", POLARS), ("pandas", PANDAS)) if peers else ():
            code = f"STEPS = {list(STEPS)!r}\n{script}"
            done = subprocess.run([peers, "-c", code, path], capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"  {label:<26} failed: {done.stderr.strip().splitlines()[-1]}", file=sys.stderr)
                continue
            found, peer_cpu, peer_wall = json.loads(done.stdout)
            assert found == counts, (label, found, counts)
            print(f"  {label:<26} {peer_cpu:7.2f} s ({peer_wall:.2f})")


if __name__ == "__main__":
    main()
