"""Paths and flows beside hand-written SQL and other libraries: `python -m benchmarks.paths`.

Two questions, told in `path_scripts.py`: distinct paths and passages (plain), and listed paths with median days and
flows forward and backward from both ends and a step (whole). The models answer the whole one, name every step, and give
intervals. Answers to the whole one are left in files, by each contender in its own way. Each is a process of its own
on two threads, told in processor seconds (and wall); those that answer the same question must give the same numbers.
Peers are in the environment of `benchmarks.peers`.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from benchmarks.path_scripts import CONTENDERS, CUT, CUT_STEPS, Answer, kept
from benchmarks.peer_scripts import told
from benchmarks.peers import answered, environment
from pipeline.build import check_all, make
from pipeline.catalog import in_order, read_models
from pipeline.config import Settings
from pipeline.empty import write_inputs
from pipeline.ingest.spec import read_specs
from pipeline.warehouse import Warehouse

_ROWS = """copy (
    select 1 + floor({people} * pow(random_at(i), 2))::bigint as customer_id,
        timestamp '2026-01-01' + to_microseconds((hash(i, 2) % 7776000000000)::bigint) as occurred_at,
        'channel ' || (1 + floor(24 * pow(random_at(i + 1e9::bigint), 2)))::int as channel,
        hash(i, 3) % 100 < 3 as is_conversion, 50.0 as revenue
    from range({rows}) as t (i)
) to '{file}' (format parquet)"""
#: Journeys of touches that are sorted: what the models of paths read of core.journeys.
_JOURNEYS = f"""
    with cut as (
        select journey_id, customer_id, min(step) as first_step, max(step) as last_step,
            list(((step >> 1) & 255)::utinyint) as channel_codes
        from {CUT_STEPS} group by journey_id, customer_id)
    select journey_id, customer_id, case when last_step & 1 = 1 then 'converted' else 'lost' end as outcome,
        (50 * (last_step & 1))::decimal(18, 4) as revenue,
        make_timestamp(first_step >> 9) as started_at, make_timestamp(last_step >> 9) as ended_at,
        null::timestamp as next_started_at, channel_codes::smallint[] as channel_codes,
        ((last_step >> 9) - (first_step >> 9)) / 86400e6 as duration_days
    from cut"""
MODELS = ("core.path_nodes", "core.journey_codes", "core.taken_paths", "marts.journey_paths", "marts.path_anchors",
          "marts.path_transitions")  # fmt: skip


def write_rows(file: Path, rows: int) -> None:
    """Write invented touchpoints: 24 channels, 3 % conversions, a heavy tail of touches by customer."""
    connection = duckdb.connect(config={"threads": 2})
    connection.execute("create macro random_at(i) as (hash(i) % 1000000007) / 1000000007.0")
    connection.execute(_ROWS.format(people=rows // 4, rows=rows, file=file))


def ours(file: Path) -> str:
    """Return what the models need from touches to marts, in files as every night; the SQL cuts journeys alike."""
    models = read_models()
    with Warehouse.open(kept(str(file), "ours"), threads=2, staged=file.parent) as warehouse:
        write_inputs(warehouse, Settings(), read_specs())
        check_all(models, warehouse, in_order)
        warehouse.checkpoint()

        def answer() -> Answer:
            begun, parts = time.process_time(), {}
            for statement in CUT.format(file=file).split(";")[:-1]:
                warehouse.execute(statement)
            warehouse.create("core.channel_codes", "select code as channel_code, channel from codes")
            warehouse.create("core.journeys", _JOURNEYS)
            parts["journeys cut"] = time.process_time() - begun
            for name in MODELS:
                before = time.process_time()
                make(models[name], warehouse)
                parts[name] = time.process_time() - before
            before = time.process_time()
            warehouse.checkpoint()
            parts["files made whole"] = time.process_time() - before
            paths, orders = warehouse.rows(
                "select sum(count_paths)::bigint, sum(count_converted)::bigint from marts.journey_paths "
                "where path_kind = 'channel'"
            )[0]
            flows, flowing = warehouse.rows(
                "select count(*), sum(count_journeys)::bigint from marts.path_transitions where path_kind = 'channel'"
            )[0]
            print("  " + ", ".join(f"{name} {seconds:.2f}" for name, seconds in parts.items()), file=sys.stderr)
            return {"paths": paths, "orders": orders, "flows": flows, "flowing": flowing}

        return told(answer)


def main() -> None:
    """Measure and print.

    Raises:
        SystemExit: two contenders differ in a number.
    """
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000_000, 10_000_000, 30_000_000])
    parser.add_argument("--python", type=Path, help="another Python that has the peers")
    parser.add_argument("--ours", type=Path, help="the models alone, on this file")
    asked = parser.parse_args()
    if asked.ours:
        print(ours(asked.ours))
        return
    python = asked.python or environment()
    with tempfile.TemporaryDirectory() as folder:
        for rows in asked.rows:
            file = Path(folder) / f"{rows}.parquet"
            write_rows(file, rows)
            print(f"\n{rows:,} touchpoints: processor seconds (wall), peak memory", flush=True)
            known: dict[str, dict[str, float]] = {"plain": {}, "whole": {}}
            for name in (*CONTENDERS, "the models whole"):
                if name == "the models whole":
                    again = [sys.executable, "-m", "benchmarks.paths", "--ours", str(file)]
                    done = subprocess.run(again, check=True, stdout=subprocess.PIPE, text=True)
                    found = json.loads(done.stdout.splitlines()[-1])
                else:
                    found = answered(python, name, file, "path_scripts.py")
                if isinstance(found, str):
                    print(f"  {name:<22} {found}", flush=True)
                    continue
                same = known[name.rsplit(" ", 1)[1]]
                for key, value in found["answer"].items():
                    if same.setdefault(key, value) != value:
                        raise SystemExit(f"{name} has {value:,} {key}, not {same[key]:,}")
                said = f"{found['cpu']:7.2f} ({found['wall']:.2f}) {found['peak_gib']:5.1f} GiB"
                print(f"  {name:<22} {said}   {', '.join(found['answer'])}", flush=True)


if __name__ == "__main__":
    main()
