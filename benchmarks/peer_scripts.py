"""What others need for the same attribution; run by their own Python: `peer_scripts.py NAME FILE`.

The file holds one row a touch: journey, place, channel (1 to 12), has_bought, revenue. Each answer is orders by channel
of the models the peer has, and the seconds of the processors and of the clock. Where a peer only turns rows into paths,
what comes after is the project's own numerics, which then cost all of them the same. Packages are brought in before the
clock runs.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.analysis.markov import chain_of, removal_effects
from pipeline.analysis.paths import paths_of
from pipeline.analysis.shapley import shapley_of_rates

CHANNELS = 12
Answer = dict[str, list[float]]

#: One journey a row: its channels, whether it ended with an order, and what that was worth.
JOURNEYS = """
    select journey, {list} as codes, any_value(has_bought) as won, any_value(revenue) as revenue
    from {source} group by journey"""


def by_channel(channel: Any, orders: Any) -> list[float]:
    """Return orders of channels 1 to 12."""
    made = np.zeros(CHANNELS)
    made[np.asarray(channel, dtype=int) - 1] = np.asarray(orders, dtype=float)
    return [round(float(value), 6) for value in made]


def from_paths(codes: Any, lengths: Any, won: Any, lost: Any) -> Answer:
    """Return Markov of order 1 and 2 and Shapley from distinct paths, by the project's numerics."""
    paths = paths_of(CHANNELS, codes, lengths, won, lost)
    made = {}
    for order in (1, 2):
        effect = removal_effects(chain_of(paths.collapsed(), order)).removal_effect[0]
        made[f"markov {order}"] = [round(float(value), 6) for value in effect / effect.sum() * paths.converted.sum()]
    made["shapley"] = [round(float(value), 9) for value in shapley_of_rates(*paths.sets(), CHANNELS, 30.0)[0]]
    return made


def duckdb(path: str) -> Answer:
    """DuckDB, SQL written by hand for just these questions: a journey is one number, four bits a touch."""
    db: Any = importlib.import_module("duckdb").connect(config={"threads": 2, "preserve_insertion_order": False})
    db.execute(
        f"""create table journeys as
        select bit_or(channel::ubigint << (4 * place)::ubigint) as path, bool_or(has_bought) as won, count(*) as touches
        from read_parquet('{path}') group by journey"""
    )
    longest = db.execute("select max(touches) from journeys").fetchone()[0]
    if longest > 16:
        raise SystemExit("a journey of more than 16 touches does not fit into one number")
    db.execute("create table paths as select path, touches, won, count(*) as n from journeys group by all")
    won = """select channel, sum(share * n) from (
        select n, touches, unnest(range(touches)) as place, (path >> (4 * place)::ubigint) & 15 as channel,
            {share} as share
        from paths where won) group by channel"""
    made: Answer = {}
    for name, share in (
        ("first", "(place = 0)::int"),
        ("last", "(place = touches - 1)::int"),
        ("linear", "1.0 / touches"),
    ):
        made[name] = by_channel(*zip(*db.execute(won.format(share=share)).fetchall(), strict=True))
    table = db.sql(
        """select
            list_transform(range(any_value(touches)), lambda i: ((path >> (4 * i)::ubigint) & 15)::tinyint) as codes,
            coalesce(sum(n) filter (where won), 0) as won, coalesce(sum(n) filter (where not won), 0) as lost
        from paths group by path"""
    ).to_arrow_table()
    lists = table.column("codes").combine_chunks()
    won_lost = (table.column(name).to_numpy().astype(float) for name in ("won", "lost"))
    return made | from_paths(lists.flatten().to_numpy(), np.diff(lists.offsets.to_numpy()), *won_lost)


def chdb(path: str) -> Answer:
    """ClickHouse inside the process; journeys are made once and kept in memory."""
    session: Any = importlib.import_module("chdb.session").Session()
    whole = JOURNEYS.format(
        list="arrayMap(t -> t.2, arraySort(groupArray((place, channel))))", source=f"file('{path}', Parquet)"
    ).replace("any_value", "any")
    session.query("create database bench")
    session.query(f"create table bench.journeys engine = Memory as {whole}")

    def rows(sql: str) -> Any:
        return json.loads(session.query(sql.replace("from journeys", "from bench.journeys"), "JSONCompact").bytes())[
            "data"
        ]

    made: Answer = {}
    for name, sql in (
        ("first", "select codes[1] as c, count() from journeys where won group by c"),
        ("last", "select codes[-1] as c, count() from journeys where won group by c"),
        (
            "linear",
            "select c, sum(share) from ("
            "select arrayJoin(codes) as c, 1 / length(codes) as share from journeys where won) group by c",
        ),
    ):
        made[name] = by_channel(*zip(*((int(c), float(n)) for c, n in rows(sql)), strict=True))
    found = rows("select codes, countIf(won), countIf(not won) from journeys group by codes")
    lists = [row[0] for row in found]
    flat, lengths = np.concatenate([np.asarray(codes, int) for codes in lists]), [len(codes) for codes in lists]
    return made | from_paths(flat, lengths, [int(row[1]) for row in found], [int(row[2]) for row in found])


def polars(path: str) -> Answer:
    """Polars, lazily from the file."""
    pl: Any = importlib.import_module("polars")
    journeys = (
        pl.scan_parquet(path).sort("journey", "place").group_by("journey", maintain_order=True)
        .agg(pl.col("channel").alias("codes"), pl.col("has_bought").first().alias("won")).collect()
    )  # fmt: skip
    buyers = journeys.filter(pl.col("won"))
    made: Answer = {}
    for name, chosen in (("first", pl.col("codes").list.first()), ("last", pl.col("codes").list.last())):
        counts = buyers.group_by(chosen.alias("c")).len()
        made[name] = by_channel(counts["c"], counts["len"])
    shares = buyers.with_columns((1.0 / pl.col("codes").list.len()).alias("share")).explode("codes")
    linear = shares.group_by("codes").agg(pl.col("share").sum())
    made["linear"] = by_channel(linear["codes"], linear["share"])
    paths = journeys.group_by("codes").agg(pl.col("won").sum().alias("n"), (~pl.col("won")).sum().alias("lost"))
    lengths = paths["codes"].list.len().to_numpy()
    return made | from_paths(
        paths["codes"].explode().to_numpy(), lengths, paths["n"].to_numpy(), paths["lost"].to_numpy()
    )


def pandas(path: str) -> Answer:
    """pandas, grouped by journey."""
    pd: Any = importlib.import_module("pandas")
    rows = pd.read_parquet(path).sort_values(["journey", "place"], kind="stable")
    bought = rows[rows["has_bought"]]
    made: Answer = {}
    for name, keep in (("first", "first"), ("last", "last")):
        counts = bought.drop_duplicates("journey", keep=keep)["channel"].value_counts()
        made[name] = by_channel(counts.index, counts)
    shares = 1.0 / bought.groupby("journey")["channel"].transform("size")
    linear = shares.groupby(bought["channel"]).sum()
    made["linear"] = by_channel(linear.index, linear)
    journeys = rows.groupby("journey").agg(codes=("channel", tuple), won=("has_bought", "first"))
    paths = journeys.groupby("codes")["won"].agg(["sum", "size"])
    lengths = [len(codes) for codes in paths.index]
    flat = np.concatenate([np.asarray(codes) for codes in paths.index])
    return made | from_paths(flat, lengths, paths["sum"], paths["size"] - paths["sum"])


def channelattribution(path: str) -> Answer:
    """ChannelAttribution (C++, random walks); its paths are made by Polars and cost what they cost there."""
    pl: Any = importlib.import_module("polars")
    package: Any = importlib.import_module("ChannelAttribution")
    paths = (
        pl.scan_parquet(path).sort("journey", "place").group_by("journey", maintain_order=True)
        .agg(pl.col("channel").cast(pl.String).alias("codes"), pl.col("has_bought").first().alias("won"))
        .group_by(pl.col("codes").list.join(">").alias("path"))
        .agg(pl.col("won").sum().alias("n"), (~pl.col("won")).sum().alias("lost")).collect().to_pandas()
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
    "duckdb": duckdb, "chdb": chdb, "polars": polars, "pandas": pandas, "ChannelAttribution": channelattribution,
    "mam": mam,
}  # fmt: skip
#: What they bring in, where that is not named like the peer.
PACKAGES = {"ChannelAttribution": ("polars", "ChannelAttribution"), "mam": ("polars", "mam.core")}


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
    for package in PACKAGES.get(name, (name,)):
        importlib.import_module(package)
    print(told(lambda: PEERS[name](path)))


if __name__ == "__main__":
    main()
