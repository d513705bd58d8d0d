"""A funnel of five steps by the models, by hand-written SQL and by peers: `python -m benchmarks.funnels`.

Two questions, told in `funnel_peers.py`: people per step by each person's first entry, and the first entry of each week
with the time of each step, by week and whole, with medians. All must give the same answer. Hand-written SQL and peers
read a Parquet file of touchpoints, the models the table of a night, and write every table and the mart that answers. In
the second question all leave the entries in a file that can be asked again.
Peers run in an environment of the benchmark's own, named with --peers. Each runs in a process of its own; seconds are
those of the processors, wall time in brackets.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.attribution import timed
from benchmarks.funnel_peers import MONDAY, STEPS, WEEK, told
from pipeline.build import make
from pipeline.catalog import read_models
from pipeline.config import Settings
from pipeline.config.funnels import funnel_rows
from pipeline.config.tables import typed
from pipeline.funnels import TOUCHPOINT, define_conditions
from pipeline.shape import define_functions
from pipeline.warehouse import Warehouse

MODELS = (
    "core.funnel_kinds", "core.funnel_answers", "core.funnel_steps", "core.funnel_actions", "core.funnel_starts",
    "core.funnel_ways", "core.funnel_events", "core.funnel_neighbours", "core.funnel_links",
    "core.funnel_unordered", "core.funnel_attempts", "core.funnel_rounds", "core.funnel_chosen", "core.funnel_entries",
    "core.funnel_reached", "marts.funnel_steps",
)  # fmt: skip
FUNNEL = {
    "name": "bench", "attempt": "first", "grace_seconds": 0, "breakdown": [],
    "steps": [{"name": name, "interaction": name} for name in STEPS],
}  # fmt: skip
PEERS = ("duckdb", "polars", "chdb", "pandas")
HERE = Path(__file__).parent
#: What DuckDB may use: threads as many as there are processors, memory as much as it says.
_LIMIT = "6GB"
#: Who entered by week and steps done; the marts tell weeks only by who converted.
_WEEKLY = """
select week, level, sum(count_entries)::bigint from (
    select week, unnest(range(1, steps_done + 1)) as level, count_entries from (
        select (start_place - {monday}) // {week} as week, steps_done, count(*) as count_entries
        from core.funnel_entries where is_counted_in_period group by all))
group by all"""


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


def prepare(folder: Path, rows: int) -> None:
    """Write the tables of a night that funnels read, and the file that all others read."""
    settings = Settings.model_validate({"funnels": [FUNNEL]})
    with Warehouse.open(folder, memory_limit=_LIMIT) as warehouse:
        for table, given in funnel_rows(settings).items():
            warehouse.write(f"config.{table}", typed(table, given))
        touchpoints(warehouse, rows)
        latest = warehouse.value("select max(occurred_at) from core.touchpoints")
        warehouse.write("config.settings", typed("settings", [{"as_of": latest, "reporting_zone": "UTC"}]))
        warehouse.create(
            "core.funnel_values",
            "select 1 as funnel_index, 1::ubigint as entity_id, 1::bigint as start_place, 1 as start_level, "
            "1 as breakdown_index, '' as breakdown_value where false",
        )
        warehouse.to_parquet("select * from core.touchpoints", folder / "touchpoints.parquet")


def by_models(folder: Path) -> dict[str, Any]:
    """Run the models of the funnel and return the answer to the full question, and what each model took."""
    models, took = read_models(), {}
    with Warehouse.open(folder, memory_limit=_LIMIT) as warehouse:
        define_functions(warehouse)
        define_conditions(warehouse, Settings.model_validate({"funnels": [FUNNEL]}).funnels)
        cpu, wall = time.process_time(), time.perf_counter()
        for name in MODELS:
            took[name] = timed(lambda name=name: make(models[name], warehouse))[1]
        steps = warehouse.rows("select level, count_entries, median_days_from_previous from marts.funnel_steps")
        weekly = warehouse.rows(_WEEKLY.format(monday=MONDAY, week=WEEK))
        spent = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
    answer = told(
        {level: count for level, count, _ in steps},
        {level: median for level, _, median in steps},
        {(week, level): count for week, level, count in weekly},
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    return {"answer": answer, "peak_gib": peak, "took": took} | spent


def answered(command: list[Any]) -> dict[str, Any] | str:
    """Return what a process prints, or why it has no answer."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    if done.returncode:
        return (done.stderr.strip().splitlines() or [f"ended by signal {-done.returncode}"])[-1][:120]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def compare(rows: int, peers: Path | None) -> None:
    """Print both questions for one size.

    Raises:
        SystemExit: two answers differ.
    """
    own = [sys.executable, "-m", "benchmarks.funnels"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([*own, "--prepare", str(rows), name], check=True)
        path = folder / "touchpoints.parquet"
        models = answered([*own, "--models", name])
        if isinstance(models, str):
            raise SystemExit(models)
        expected = models["answer"]
        for question in ("full", "first"):
            print(f"  {question} question")
            if question == "full":
                _print("models, tables written", models)
            for label in PEERS if peers else PEERS[:1]:
                python = sys.executable if label == "duckdb" else peers
                found = answered([python, HERE / "funnel_peers.py", label, question, path])
                _print("DuckDB SQL by hand" if label == "duckdb" else label, found)
                if isinstance(found, dict) and any(
                    found["answer"][key] and found["answer"][key] != expected[key] for key in expected
                ):
                    raise SystemExit(f"{label} has another answer: {found['answer']}, not {expected}")
        parts = ", ".join(f"{name} {cpu:.2f}" for name, cpu in models["took"].items() if cpu >= 0.05)
        print(f"  of the models: {parts}", flush=True)


def _print(label: str, found: dict[str, Any] | str) -> None:
    if isinstance(found, str):
        print(f"    {label:<24} {found}", flush=True)
        return
    print(f"    {label:<24} {found['cpu']:7.2f} s ({found['wall']:.2f}) {found['peak_gib']:5.1f} GiB", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000_000, 10_000_000, 30_000_000])
    parser.add_argument("--peers", type=Path, help="Python of an environment with polars, pandas and chdb")
    parser.add_argument("--prepare", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--models", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.prepare:
        prepare(Path(asked.prepare[1]), int(asked.prepare[0]))
    elif asked.models:
        print(json.dumps(by_models(asked.models)))
    else:
        for rows in asked.rows:
            print(f"\n{rows:,} touchpoints", flush=True)
            compare(rows, asked.peers)


if __name__ == "__main__":
    main()
