"""Attribution beside one scan and one sort, its draws and its proofs: `python -m benchmarks.attribution`.

The machine's other work does not count: seconds are those of the processors, wall time stands in brackets.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.towns import GROUPS, Town, coverage, town
from benchmarks.verdicts import laid_out, shares
from pipeline.analysis.bootstrap import group_draws
from pipeline.analysis.markov import chain_of, removal_effects
from pipeline.build import make
from pipeline.catalog import read_models
from pipeline.config import Settings
from pipeline.empty import write_inputs
from pipeline.ingest.spec import read_specs
from pipeline.warehouse import Warehouse, literal

#: Groups of models whose cost is told together.
_PARTS = {
    "paths per group of people": ("core.model_channels", "core.path_counts"),
    "order chosen, Markov, Shapley": ("core.channel_effects",),
    "credit per touch, twelve models": ("core.credited_touches", "marts.attribution_touches"),
    "rolled up to four levels": ("marts.attribution",),
    "500 draws of every model": ("marts.attribution_intervals",),
}


def timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    """Return what the work gives, and the processor and wall seconds it took."""
    cpu, wall = time.process_time(), time.perf_counter()
    given = work()
    return given, time.process_time() - cpu, time.perf_counter() - wall


def draws_of_markov(channels: int = 12, people: int = 400_000) -> None:
    """Print what 500 draws of orders 1 to 3 cost once paths are aggregated."""
    paths = town(5, people, channels=channels, pull=0.6).paths
    for order in (1, 2, 3):
        chain = chain_of(paths, order, GROUPS)
        weights = np.ascontiguousarray((chain.weights @ group_draws(GROUPS, 500).T).T)
        _, cpu, wall = timed(lambda chain=chain, weights=weights: removal_effects(chain, weights, 1e-7))
        print(f"  order {order}: {chain.count_states:6,} states {cpu:7.1f} s ({wall:.1f})")


def beside_scan_and_sort(people: int) -> None:
    """Print what the models cost beside one scan of a file of touches and one sort of it into a table."""
    models = read_models()
    given: Town = town(6, people, channels=12, odds=-3.4)
    with (
        tempfile.TemporaryDirectory() as name,
        Warehouse.open(Path(name), threads=2, staged=Path(name)) as warehouse,
    ):
        write_inputs(warehouse, Settings(), read_specs())
        laid_out(warehouse, given)
        rows = warehouse.value("select count(*) from core.journey_steps")
        file = Path(name) / "touches.parquet"
        narrow = "select customer_id, occurred_at, channel_code from core.journey_steps order by hash(touch_id)"
        warehouse.to_parquet(narrow, file)
        scan = f"select bit_xor(hash(customer_id, occurred_at, channel_code)) from {literal(str(file))}"
        sort = f"select * from {literal(str(file))} order by customer_id, occurred_at"
        _, scan_cpu, scan_wall = timed(lambda: warehouse.value(scan))
        _, sort_cpu, sort_wall = timed(lambda: warehouse.create("private.sorted", sort))
        unit, unit_wall = scan_cpu + sort_cpu, scan_wall + sort_wall
        said = f"one scan {scan_cpu:.2f}, one sort {sort_cpu:.2f}, together {unit:.2f} s ({unit_wall:.2f})"
        print(f"  {rows:,} touches: {said}")
        for part, names in _PARTS.items():
            taken = [timed(lambda name=name: make(models[name], warehouse))[1:] for name in names]
            cpu, wall = (sum(each) for each in zip(*taken, strict=True))
            print(f"  {part:<34} {cpu:6.2f} s ({wall:.2f})   {cpu / unit:5.2f} times")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, nargs="*", default=[450_000, 4_500_000])
    parser.add_argument("--seeds", type=int, default=0, help="towns for the proofs; 400 in the README")
    asked = parser.parse_args()
    print("500 draws of the removal effects of 12 channels, paths aggregated")
    draws_of_markov()
    for people in asked.people:
        print(f"\nAttribution of {people:,} people")
        beside_scan_and_sort(people)
    if not asked.seeds:
        return
    print(f"\nShare of {asked.seeds} towns of 2,000 people whose 95 % interval holds the truth")
    for (model, level), share in sorted(coverage(asked.seeds, 2000).items()):
        print(f"  {model:<16} {level:<8} {share:6.1%}")
    print(f"\nVerdicts on {asked.seeds} towns without a difference between channels: share with any channel so judged")
    for verdict, share in shares(range(asked.seeds), 1500).items():
        print(f"  {verdict:<16} {share:6.1%}")


if __name__ == "__main__":
    main()
