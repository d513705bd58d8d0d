"""What others need for the same attribution; run by their own Python: `peer_scripts.py NAME FILE`.

Each answer is orders by channel of the models the peer has, and the seconds of the processors and of the clock. Where a
peer only turns rows into distinct paths (`cut.py`), what comes after is the project's own numerics, which then cost all
of them the same. Packages are brought in before the clock runs.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import cut
from benchmarks.cut import Ways
from pipeline.analysis.markov import chain_of, removal_effects
from pipeline.analysis.paths import paths_of
from pipeline.analysis.shapley import shapley_of_rates

CHANNELS = 12
Answer = dict[str, list[float]]


def by_channel(channel: Any, orders: Any) -> list[float]:
    """Return orders of channels 1 to 12."""
    made = np.zeros(CHANNELS)
    made[np.asarray(channel, dtype=int) - 1] = np.asarray(orders, dtype=float)
    return [round(float(value), 6) for value in made]


def from_ways(ways: Ways) -> Answer:
    """Return first, last, linear, Markov of order 1 and 2 and Shapley from distinct paths."""
    codes, lengths, won, lost, _ = ways.paths()
    ends = np.cumsum(lengths)
    shares = np.repeat(won / lengths, lengths)
    channel = codes.astype(np.int64) - 1
    made = {
        "first": np.bincount(channel[ends - lengths], won, CHANNELS),
        "last": np.bincount(channel[ends - 1], won, CHANNELS),
        "linear": np.bincount(channel, shares, CHANNELS),
    }
    paths = paths_of(CHANNELS, codes, lengths, won, lost)
    for order in (1, 2):
        effect = removal_effects(chain_of(paths.collapsed(), order)).removal_effect[0]
        made[f"markov {order}"] = effect / effect.sum() * paths.converted.sum()
    made["shapley"] = shapley_of_rates(*paths.sets(), CHANNELS, 30.0)[0]
    return {name: [round(float(value), 9) for value in values] for name, values in made.items()}


def channelattribution(path: str) -> Answer:
    """ChannelAttribution (C++, random walks); its paths are made by Polars and cost what they cost there."""
    pl: Any = importlib.import_module("polars")
    package: Any = importlib.import_module("ChannelAttribution")
    codes, lengths, won, lost, _ = cut.polars(path).paths()
    paths = (
        pl.DataFrame({"path": pl.Series(cut.lists_of(codes, lengths)), "n": won, "lost": lost})
        .with_columns(pl.col("path").cast(pl.List(pl.String)).list.join(">")).to_pandas()
    )  # fmt: skip
    rules = package.heuristic_models(paths, "path", "n", flg_pro=False).set_index("channel_name")
    made = {
        name: by_channel(rules.index.astype(int), rules[f"{column}"])
        for name, column in (("first", "first_touch"), ("last", "last_touch"), ("linear", "linear_touch"))
    }
    for order in (1, 2):
        found = package.markov_model(
            paths, "path", "n", var_null="lost", order=order, verbose=False, flg_pro=False, ncore=2, seed=1
        )
        if isinstance(found, dict):
            found = found["result"]
        made[f"markov {order}"] = by_channel(found["channel_name"].astype(int), found["total_conversions"])
    return made


def mam(path: str) -> Answer:
    """Marketing attribution models (Python)."""
    pl: Any = importlib.import_module("polars")
    package: Any = importlib.import_module("mam.core")
    rows = pl.read_parquet(path).with_columns(
        (pl.datetime(2026, 1, 1) + pl.duration(hours=pl.col("place"))).alias("at"),
        pl.col("channel").cast(pl.String),
        pl.col("journey").cast(pl.String),
    )
    given = package.MAM(
        rows, "session", channels_colname="channel", journey_with_conv_colname="has_bought", datetime_colname="at",
        user_id_colname="journey",
    )  # fmt: skip
    made: Answer = {}
    for name, run in (
        ("first", given.run_first_click),
        ("last", given.run_last_click),
        ("linear", given.run_linear),
        ("markov 1", given.run_markov),
        ("shapley", given.run_shapley),
    ):
        found = run().to_polars()
        channel, value = found.columns[0], found.columns[-1]
        made[name] = by_channel(found[channel].cast(pl.String).cast(pl.Int64), found[value])
    return made


PEERS: dict[str, Callable[[str], Answer]] = {
    "duckdb": lambda path: from_ways(cut.duckdb(path, packed=False)),
    "duckdb packed": lambda path: from_ways(cut.duckdb(path, packed=True)),
    "chdb": lambda path: from_ways(cut.chdb(path)),
    "polars": lambda path: from_ways(cut.polars(path)),
    "pandas": lambda path: from_ways(cut.pandas(path)),
    "ChannelAttribution": channelattribution,
    "mam": mam,
}
#: What they bring in, where that is not named like the peer.
PACKAGES = {"ChannelAttribution": ("polars", "ChannelAttribution"), "mam": ("polars", "mam.core"),
            "duckdb packed": ("duckdb",)}  # fmt: skip


def bring_in(name: str) -> None:
    """Import what a contender needs, before the clock runs."""
    for package in (*PACKAGES.get(name, (name,)), "pyarrow"):
        importlib.import_module(package)


def told(run: Callable[[], Any]) -> str:
    """Run something and return as JSON its answer, the seconds of the processors and the clock, and the peak memory."""
    begun, wall = time.process_time(), time.perf_counter()
    answer = run()
    seconds = time.process_time() - begun, time.perf_counter() - wall
    # The resource module counts what the process that began this one held, too.
    status = Path("/proc/self/status").read_text(encoding="ascii")
    peak = int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 2**20
    return json.dumps({"answer": answer, "cpu": seconds[0], "wall": seconds[1], "peak_gib": peak})


def main() -> None:
    """Run one peer and print its answer."""
    name, path = sys.argv[1:]
    os.environ["POLARS_MAX_THREADS"] = "2"
    bring_in(name)
    print(told(lambda: PEERS[name](path)))


if __name__ == "__main__":
    main()
