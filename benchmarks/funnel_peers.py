"""The same funnel by others: `funnel_peers.py NAME QUESTION FILE`, run by the Python of an environment that has them.

The file holds one row a touchpoint: customer_id, occurred_at, interaction. Five steps in order, each the earliest that
is not before the step before, all within 28 days of the first.

- first: people per step, by each person's first entry.
- full: each person's first entry of each week with the time of each step; people per week and step; and of each
  person's first of all people per step, and the median days from step to step where the 28 days are over. The entries
  (who, start, time of each step) are left in a file that can be asked again when the process has ended, as the models
  leave them: a table of a DuckDB file, a MergeTree table of ClickHouse, a Parquet file of Polars and pandas.

Printed as JSON: the answer, seconds of the processors and of the clock, the peak memory, and how much was left.
"""

from __future__ import annotations

import importlib
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

STEPS = ("product_view", "add_to_cart", "begin_checkout", "add_payment_info", "demo")
WINDOW, WEEK = 28 * 86_400_000_000, 7 * 86_400_000_000
#: The first Monday behind 1970-01-01 in microseconds.
MONDAY = 4 * 86_400_000_000
DAY = 86_400_000_000
Answer = dict[str, Any]


def told(whole: dict[int, int], medians: dict[int, float], weekly: dict[tuple[int, int], int]) -> Answer:
    """Return an answer in the form that is compared; weeks are counted from the first Monday of 1970."""
    weeks = sorted({week for week, _ in weekly})
    return {
        "whole": [whole.get(level, 0) for level in range(1, 6)],
        "medians": [round(medians[level], 6) for level in range(2, 6)] if medians else [],
        "weekly": [[week, *(weekly.get((week, level), 0) for level in range(1, 6))] for week in weeks],
    }


# DuckDB, the best by hand that we found: level by level, each start joined with the earliest later step.
_EVENTS = """
create temp table events as
select customer_id, epoch_us(occurred_at) as us, list_position({steps}, interaction)::tinyint as level
from read_parquet('{path}') where interaction in ({names})
"""
_NEXT = """
create temp table level_{level} as
select found.customer_id, found.start, any_value(found.us) as previous, min(events.us) as us
from level_{previous} as found join events on events.customer_id = found.customer_id
where events.level = {level} and events.us >= found.us and events.us <= found.start + {window}
group by found.customer_id, found.start
"""
_WHOLE = """
select level, count(*), median(us - previous) filter (where start < {over}) / {day}
from entries
semi join (select customer_id, min(start) as start from level_1 group by customer_id) using (customer_id, start)
group by level
"""


def duckdb(question: str, path: str, folder: Path) -> Answer:
    """SQL written by hand for just this question."""
    # What is asked once stays in memory; only entries are written.
    db: Any = importlib.import_module("duckdb").connect(
        str(folder / "entries.duckdb") if question == "full" else ":memory:"
    )
    db.execute("set threads = 2; set preserve_insertion_order = false; set memory_limit = '6GB'")
    names = ", ".join(f"'{step}'" for step in STEPS)
    db.execute(_EVENTS.format(steps=list(STEPS), names=names, path=path))
    by = f", (us - {MONDAY}) // {WEEK}" if question == "full" else ""
    db.execute(
        "create temp table level_1 as select customer_id, min(us) as start, null::bigint as previous, min(us) as us "
        f"from events where level = 1 group by customer_id{by}"
    )
    for level in range(2, 6):
        db.execute(_NEXT.format(level=level, previous=level - 1, window=WINDOW))
    if question == "first":
        return told(
            {level: db.execute(f"select count(*) from level_{level}").fetchone()[0] for level in range(1, 6)}, {}, {}
        )
    every = " union all ".join(f"select {level} as level, * from level_{level}" for level in range(1, 6))
    db.execute(f"create table entries as {every}")
    weekly = db.execute(f"select (start - {MONDAY}) // {WEEK}, level, count(*) from entries group by all").fetchall()
    latest = db.execute(f"select max(epoch_us(occurred_at)) from read_parquet('{path}')").fetchone()[0]
    whole = db.execute(_WHOLE.format(over=latest - WINDOW, day=DAY)).fetchall()
    db.close()
    return told(
        {level: count for level, count, _ in whole},
        {level: median for level, _, median in whole},
        {(week, level): count for week, level, count in weekly},
    )


def polars(question: str, path: str, folder: Path) -> Answer:
    """Polars, lazily read."""
    pl: Any = importlib.import_module("polars")
    at = pl.col("occurred_at").dt.epoch("us")
    rows = pl.scan_parquet(path).filter(pl.col("interaction").is_in(list(STEPS)))
    rows = rows.select("customer_id", "interaction", at.alias("at")).collect()
    steps = [rows.filter(pl.col("interaction") == step).select("customer_id", "at") for step in STEPS]
    if question == "first":
        found = steps[0].group_by("customer_id").agg(pl.col("at").min().alias("start"))
    else:
        found = steps[0].group_by("customer_id", ((pl.col("at") - MONDAY) // WEEK).alias("week"))
        found = found.agg(pl.col("at").min().alias("start")).drop("week")
    found = found.with_columns(pl.col("start").alias("us"), pl.lit(None, pl.Int64).alias("previous"))
    levels = [found]
    for step in steps[1:]:
        later = found.lazy().join(step.lazy(), on="customer_id")
        later = later.filter((pl.col("at") >= pl.col("us")) & (pl.col("at") <= pl.col("start") + WINDOW))
        later = later.group_by("customer_id", "start").agg(
            pl.col("at").min().alias("us"), pl.col("us").first().alias("previous")
        )
        found = later.collect()
        levels.append(found)
    if question == "first":
        return told({level: frame.height for level, frame in enumerate(levels, 1)}, {}, {})
    entries = pl.concat(
        [
            frame.select("customer_id", "start", "us", "previous", pl.lit(level).alias("level"))
            for level, frame in enumerate(levels, 1)
        ]
    )
    entries.select("customer_id", "start", "level", "us").write_parquet(folder / "entries.parquet")
    weekly = entries.group_by(((pl.col("start") - MONDAY) // WEEK).alias("week"), "level").len().rows()
    latest = pl.scan_parquet(path).select(at.max()).collect().item()
    firsts = levels[0].group_by("customer_id").agg(pl.col("start").min())
    waited = (pl.col("us") - pl.col("previous")).filter(pl.col("start") + WINDOW < latest).median() / DAY
    whole = entries.join(firsts, on=["customer_id", "start"], how="semi").group_by("level").agg(pl.len(), waited).rows()
    return told(
        {level: count for level, count, _ in whole},
        {level: median for level, _, median in whole},
        {(week, level): count for week, level, count in weekly},
    )


def pandas(question: str, path: str, folder: Path) -> Answer:
    """Pandas, columns read that are needed."""
    pd: Any = importlib.import_module("pandas")
    given = pd.read_parquet(path, columns=["customer_id", "occurred_at", "interaction"])
    latest = given["occurred_at"].max().value // 1000
    rows = given[given["interaction"].isin(STEPS)]
    rows = rows.assign(at=rows["occurred_at"].astype("datetime64[us]").astype("int64"))
    steps = [rows.loc[rows["interaction"] == step, ["customer_id", "at"]] for step in STEPS]
    if question == "first":
        found = steps[0].groupby("customer_id", as_index=False)["at"].min()
    else:
        first = steps[0].assign(week=(steps[0]["at"] - MONDAY) // WEEK)
        found = first.groupby(["customer_id", "week"], as_index=False)["at"].min().drop(columns="week")
    found = found.rename(columns={"at": "start"})
    found["us"] = found["start"]
    found["previous"] = found["us"]
    levels = [found]
    for step in steps[1:]:
        later = step.merge(found.drop(columns="previous"), on="customer_id")
        later = later[(later["at"] >= later["us"]) & (later["at"] <= later["start"] + WINDOW)]
        found = later.groupby(["customer_id", "start"], as_index=False).agg(us=("at", "min"), previous=("us", "first"))
        levels.append(found)
    if question == "first":
        return told({level: len(frame) for level, frame in enumerate(levels, 1)}, {}, {})
    entries = pd.concat([frame.assign(level=level) for level, frame in enumerate(levels, 1)])
    entries[["customer_id", "start", "level", "us"]].to_parquet(folder / "entries.parquet", index=False)
    entries["week"] = (entries["start"] - MONDAY) // WEEK
    weekly = entries.groupby(["week", "level"]).size()
    firsts = levels[0].groupby("customer_id", as_index=False)["start"].min()
    mine = entries.merge(firsts, on=["customer_id", "start"])
    over = mine[mine["start"] + WINDOW < latest]
    medians = (over["us"] - over["previous"]).groupby(over["level"]).median() / DAY
    return told(
        {int(k): int(v) for k, v in mine.groupby("level").size().items()},
        {int(k): float(v) for k, v in medians.items()},
        {(int(w), int(k)): int(v) for (w, k), v in weekly.items()},
    )


# Sorted arrays a person; windowFunnel() would take any entry, not the first, and tells no times.
_ARRAYS = """
create table entries engine = {engine} as
select {who}s as start, s = a[1] as is_first,
    arrayFirst(t -> t >= s and t <= s + {window}, b) as t2,
    if(t2 > 0, arrayFirst(t -> t >= t2 and t <= s + {window}, c), 0) as t3,
    if(t3 > 0, arrayFirst(t -> t >= t3 and t <= s + {window}, d), 0) as t4,
    if(t4 > 0, arrayFirst(t -> t >= t4 and t <= s + {window}, e), 0) as t5
from (
    select {groups} from (
        select customer_id, interaction, toUnixTimestamp64Micro(occurred_at) as us from file('{path}', Parquet)
        where interaction in ({names})
    ) group by customer_id having notEmpty(a)
) array join {starts} as s
settings max_threads = 2
"""
_WEEKLY = """
select intDiv(start - {monday}, {week}), count(), countIf(t2 > 0), countIf(t3 > 0), countIf(t4 > 0), countIf(t5 > 0)
from entries group by 1 settings max_threads = 2 format JSONCompactEachRow
"""


def chdb(question: str, path: str, folder: Path) -> Answer:
    """ClickHouse inside the process."""
    session: Any = importlib.import_module("chdb.session").Session(str(folder))
    session.query("create database bench engine = Atomic")
    session.query("use bench")
    groups = "customer_id, " * (question == "full") + ", ".join(
        f"arraySort(groupArrayIf(us, interaction = '{step}')) as {name}"
        for name, step in zip("abcde", STEPS, strict=True)
    )
    week = f"intDiv(t - {MONDAY}, {WEEK})"
    firsts = f"arrayFilter((t, i) -> i = 1 or {week} != intDiv(a[i - 1] - {MONDAY}, {WEEK}), a, arrayEnumerate(a))"
    session.query(
        _ARRAYS.format(
            window=WINDOW, groups=groups, path=path, names=", ".join(f"'{step}'" for step in STEPS),
            starts=firsts if question == "full" else "[a[1]]", who="customer_id, " if question == "full" else "",
            engine="MergeTree order by tuple()" if question == "full" else "Memory",
        )
    )  # fmt: skip

    def asked(sql: str) -> list[list[Any]]:
        text = str(session.query(sql))
        return [[float(value or 0) for value in json.loads(line)] for line in text.splitlines() if line]

    latest = f"(select max(toUnixTimestamp64Micro(occurred_at)) from file('{path}', Parquet))"
    over = f"and start + {WINDOW} < {latest}"
    names = ("start", "t2", "t3", "t4", "t5")
    medians = [
        f"quantileExactInclusiveIf(0.5)({name} - {before}, {name} > 0 {over}) / {DAY}"
        for before, name in pairwise(names)
    ]
    counts = ["count()", *(f"countIf({name} > 0)" for name in names[1:])]
    said = ", ".join(counts + (medians if question == "full" else []))
    row = asked(f"select {said} from entries where is_first settings max_threads = 2 format JSONCompactEachRow")[0]
    whole = {level: int(row[level - 1]) for level in range(1, 6)}
    if question == "first":
        return told(whole, {}, {})
    weekly = asked(_WEEKLY.format(monday=MONDAY, week=WEEK))
    return told(
        whole,
        {level: row[level + 3] for level in range(2, 6)},
        {(int(line[0]), level): int(line[level]) for line in weekly for level in range(1, 6) if line[level]},
    )


def main() -> None:
    """Answer as one of the peers."""
    name, question, path = sys.argv[1:]
    peers: dict[str, Callable[[str, str, Path], Answer]] = {
        "duckdb": duckdb, "polars": polars, "pandas": pandas, "chdb": chdb,
    }  # fmt: skip
    importlib.import_module("chdb.session" if name == "chdb" else name)
    with tempfile.TemporaryDirectory() as folder:
        cpu, wall = time.process_time(), time.perf_counter()
        answer = peers[name](question, path, Path(folder))
        spent = {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}
        left = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file()) / 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(json.dumps({"answer": answer, "peak_gib": peak, "left_mib": left} | spent))


if __name__ == "__main__":
    main()
