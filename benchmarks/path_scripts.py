"""What contenders do to answer two questions about paths, by their own Python: `path_scripts.py NAME FILE`.

The file holds touchpoints in no order: customer_id, occurred_at, channel, is_conversion, revenue (50 each). A journey
ends with a conversion or with the data; equal channels in a row are one step.

plain: distinct paths with journeys and orders, and how often journeys pass from a channel to another.
whole: paths as well, median days of the 200 with most orders and the 200 with most journeys lost, and flows of five
steps: from the start, back from orders and from losses, and both ways from the channel most journeys pass. All of it is
left in files that can be asked again once the process has ended; the plain answer is kept in memory.
"""

from __future__ import annotations

import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks.peer_scripts import told

#: Numbers by which answers are compared.
Answer = dict[str, float]
STEPS = 5
LISTED = 200

#: Narrow rows are sorted once. Windows over all of them stream in that order on one thread, so that what came before is
#: one look back, and lists come in order: no second sort, and no table of steps.
CUT = """
create temp table codes as select channel, row_number() over (order by channel)::smallint as code from
    (select distinct channel from '{file}');
create temp table sorted as select customer_id, (epoch_us(occurred_at) << 9) | (code << 1) | is_conversion::int as step
from '{file}' join codes using (channel) order by customer_id, step;
"""
CUT_STEPS = """(select *, count(*) filter (where begins) over (rows unbounded preceding) as journey_id from (
    select *, coalesce(customer_id <> lag(customer_id) over () or before & 1 = 1, true) as begins
    from (select *, lag(step) over () as before from sorted)))"""

_PATHS = f"""
create temp table journeys as select
    list(((step >> 1) & 255)::utinyint) filter (where begins or step & 510 <> before & 510) as codes,
    max(step) & 1 = 1 as is_won, ((max(step) >> 9) - (min(step) >> 9)) / 86400e6 as days
from {CUT_STEPS} group by journey_id;
create table paths as select codes, count(*) as journeys, count(*) filter (is_won) as orders, 50.0 * orders as revenue
from journeys group by codes;
"""
_PASSAGES = """
create table passages as select one, other, sum(journeys) as journeys from (
    select unnest(codes[:-2]) as one, unnest(codes[2:]) as other, journeys from paths where len(codes) > 1)
group by one, other;
"""
_WHOLE = f"""
create temp table ranked as (from paths order by orders desc, journeys desc, codes limit {LISTED})
    union (from paths order by journeys - orders desc, orders desc, codes limit {LISTED});
create table listed as from ranked left join (
    select codes, median(days) as median_days from journeys semi join ranked using (codes) where is_won group by codes
) using (codes);
create temp table passed as select code, sum(journeys) as journeys from (
    select unnest(list_filter(codes, lambda code, i: list_position(codes, code) = i)) as code, journeys from paths)
group by code;
create temp table sums as
with origins as (
    select *, false as is_anchored, unnest([1, -1]) as way, unnest([0, len(codes) + 1]) as origin from paths
    union all
    select *, true, unnest([1, -1]), list_position(codes, (select arg_max(code, journeys) from passed)) from paths
    where list_contains(codes, (select arg_max(code, journeys) from passed))
)
select is_anchored, way, place, case when place > 0 then codes[origin + way * place] end as one,
    case when place < {STEPS} then codes[origin + way * (place + 1)] end as other,
    place = case way when 1 then len(codes) - origin else origin - 1 end as is_end,
    sum(journeys) as journeys, sum(orders) as orders, sum(revenue) as revenue
from origins cross join (select unnest(range({STEPS + 1})) as place)
where place <= case way when 1 then len(codes) - origin else origin - 1 end
group by all;
create table flows as select *, unnest(case
    when way = 1 and is_end or way = -1 and not is_anchored then [orders, journeys - orders] else [journeys]
    end) as passing
from sums;
create table names as from codes;
checkpoint;
"""


def kept(file: str, contender: str) -> Path:
    """Return an empty folder beside the file, where a contender leaves its answer to be asked again."""
    folder = Path(f"{file}.{contender}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _duckdb(sql: str, file: str, database: str = ":memory:") -> Any:
    connection: Any = importlib.import_module("duckdb").connect(
        database, config={"threads": 2, "preserve_insertion_order": False}
    )
    connection.execute((CUT + _PATHS + sql).format(file=file))
    return lambda select: connection.execute(select).fetchall()[0]


def duckdb_plain(file: str) -> Answer:
    """DuckDB, SQL written by hand for just this question."""
    rows = _duckdb(_PASSAGES, file)
    paths, orders = rows("select count(*), sum(orders)::bigint from paths")
    passages, passed = rows("select count(*), sum(journeys)::bigint from passages")
    return {"paths": paths, "orders": orders, "passages": passages, "passed": passed}


def duckdb_whole(file: str) -> Answer:
    """DuckDB, SQL written by hand; the answer is left as tables of a file."""
    rows = _duckdb(_WHOLE, file, str(kept(file, "duckdb") / "paths.duckdb"))
    paths, orders = rows("select count(*), sum(orders)::bigint from paths")
    flows, flowing = rows("select count(*), sum(passing)::bigint from flows where passing > 0")
    assert rows("select count(median_days) from listed")[0] > 0
    return {"paths": paths, "orders": orders, "flows": flows, "flowing": flowing}


def _polars_journeys(pl: Any, file: str, channels: Any) -> Any:
    rows = (
        pl.scan_parquet(file).select("customer_id", "occurred_at", pl.col("channel").cast(channels).to_physical(),
                                     "is_conversion")
        .sort("customer_id", "occurred_at")
        .with_columns((pl.col("customer_id") != pl.col("customer_id").shift()).fill_null(value=True)
                      .or_(pl.col("is_conversion").shift().fill_null(value=True)).alias("begins"))
        .with_columns(pl.col("begins").cum_sum().alias("journey"),
                      (pl.col("begins") | (pl.col("channel") != pl.col("channel").shift())).alias("is_step"))
    )  # fmt: skip
    return rows.group_by("journey", maintain_order=True).agg(
        pl.col("channel").filter(pl.col("is_step")).alias("codes"), pl.col("is_conversion").last().alias("won"),
        (pl.col("occurred_at").last() - pl.col("occurred_at").first()).alias("days"),
    ).collect()  # fmt: skip


def _polars_paths(pl: Any, journeys: Any) -> Any:
    return journeys.group_by("codes").agg(
        pl.len().cast(pl.Int64).alias("journeys"), pl.col("won").sum().cast(pl.Int64).alias("orders"))  # fmt: skip


def polars_plain(file: str) -> Answer:
    """Polars, lazily from the file."""
    pl: Any = importlib.import_module("polars")
    paths = _polars_paths(pl, _polars_journeys(pl, file, pl.Categorical))
    steps = paths.select("codes", "journeys", pl.int_range(pl.len()).alias("path")).explode("codes")
    is_same = pl.col("path") == pl.col("path").shift()
    pairs = steps.select("codes", "journeys", pl.when(is_same).then(pl.col("codes").shift()).alias("before"))
    passages = pairs.drop_nulls().group_by("before", "codes").agg(pl.col("journeys").sum())
    return {"paths": len(paths), "orders": paths["orders"].sum(), "passages": len(passages),
            "passed": passages["journeys"].sum()}  # fmt: skip


def polars_whole(file: str) -> Answer:
    """Polars, lazily from the file; the answer is left as Parquet."""
    pl: Any = importlib.import_module("polars")
    folder = kept(file, "polars")
    names = pl.scan_parquet(file).select(pl.col("channel").unique()).collect()
    journeys = _polars_journeys(pl, file, pl.Enum(names["channel"]))
    paths = _polars_paths(pl, journeys)
    lost = (pl.col("journeys") - pl.col("orders")).alias("lost")
    paths = paths.with_columns(lost, pl.col("codes").list.len().cast(pl.Int64).alias("size"))
    listed = pl.concat([paths.top_k(LISTED, by=["orders", "lost"]), paths.top_k(LISTED, by=["lost", "orders"])])
    medians = journeys.filter("won").join(listed.select("codes").unique(), on="codes", how="semi").group_by("codes")
    medians = medians.agg(pl.col("days").median())
    assert len(medians) > 0
    listed.unique("codes").join(medians, on="codes", how="left").write_parquet(folder / "listed.parquet")
    passed = paths.select("journeys", pl.col("codes").list.unique().alias("code")).explode("code")
    most = passed.group_by("code").agg(pl.col("journeys").sum()).sort("journeys")["code"][-1]
    first = 1 + pl.col("codes").list.eval(pl.element().eq(most).arg_max()).list.first()
    held = paths.filter(pl.col("codes").list.contains(most)).with_columns(first.cast(pl.Int64).alias("origin"))
    found = []
    for anchor, given, way, origin, ends in (
        ("start", paths, 1, pl.lit(0), ["orders", "lost"]),
        ("end", paths, -1, pl.col("size") + 1, ["orders", "lost"]),
        ("step", held, 1, pl.col("origin"), ["orders", "lost"]),
        ("step", held, -1, pl.col("origin"), None),
    ):
        left = pl.col("size") - origin if way == 1 else origin - 1
        for place in range(STEPS + 1):
            at = origin + way * place - 1
            here = pl.col("codes").list.get(at, null_on_oob=True) if place else pl.lit(None)
            after = pl.when(left > place).then(pl.col("codes").list.get(at + way, null_on_oob=True))
            after = after if place < STEPS else pl.lit(None)
            keys = here.alias("one"), after.alias("other"), (left == place).alias("is_end")
            sums = given.filter(left >= place).group_by(*keys).agg(pl.col("journeys", "orders", "lost").sum())
            is_split = pl.lit(value=True) if way == -1 else pl.col("is_end")
            said = pl.lit(anchor).alias("anchor"), pl.lit(way).alias("way"), pl.lit(place).alias("place")
            parts = [(is_split & (pl.col(column) > 0), column) for column in ends or []]
            for held_by, column in [*parts, (~is_split if ends else pl.lit(value=True), "journeys")]:
                found.append(sums.filter(held_by).select(
                    *said, "one", "other", "is_end", pl.lit(column).alias("ending"), pl.col(column).alias("passing"),
                    (50.0 * pl.col("orders" if column == "journeys" else column)
                     * (column != "lost")).alias("revenue")))  # fmt: skip
    flows = pl.concat(found, how="vertical_relaxed")
    for name, table in (("paths", paths), ("flows", flows), ("names", names)):
        table.write_parquet(folder / f"{name}.parquet")
    return {"paths": len(paths), "orders": paths["orders"].sum(), "flows": len(flows),
            "flowing": flows["passing"].sum()}  # fmt: skip


def pandas_plain(file: str) -> Answer:
    """pandas."""
    pd: Any = importlib.import_module("pandas")
    rows = pd.read_parquet(file).sort_values(["customer_id", "occurred_at"], kind="stable")
    rows["code"] = rows["channel"].astype("category").cat.codes
    begins = (rows["customer_id"] != rows["customer_id"].shift()) | rows["is_conversion"].shift(fill_value=True)
    rows["journey"] = begins.cumsum()
    won = rows.groupby("journey")["is_conversion"].last()
    rows["before"] = rows["code"].shift().where(~begins)
    rows = rows[rows["code"] != rows["before"]]
    paths = pd.DataFrame({"path": rows.groupby("journey")["code"].agg(tuple), "won": won}).groupby("path")["won"]
    counts = paths.agg(["size", "sum"])
    passages = rows.dropna(subset="before").groupby(["before", "code"]).size()
    return {"paths": len(counts), "orders": int(counts["sum"].sum()), "passages": len(passages),
            "passed": int(passages.sum())}  # fmt: skip


#: Steps of a person as one list, sorted and split after each conversion.
_CHDB_CODES = """create table codes engine = Memory as select channel, toUInt8(rowNumberInAllBlocks() + 1) as code
from (select distinct channel from file('{file}', Parquet))"""
_CHDB_PATHS = """create table paths engine = Memory as
select arrayCompact(arrayMap(step -> toUInt8(bitAnd(bitShiftRight(step, 1), 255)), part)) as codes,
    count() as journeys, countIf(bitAnd(part[-1], 1) = 1) as orders, 50 * orders as revenue {more}
from (select arrayJoin(arrayReverseSplit(step -> bitAnd(step, 1) = 1, arraySort(groupArray(
        toUnixTimestamp64Micro(assumeNotNull(occurred_at)) * 512 + code * 2 + is_conversion)))) as part
    from (select assumeNotNull(customer_id) as customer_id, occurred_at, code,
        assumeNotNull(is_conversion) as is_conversion
        from file('{file}', Parquet) as rows any left join codes using (channel))
    group by customer_id) group by codes"""
#: Days of orders stay beside their path, so that the medians of listed ones need no table of journeys.
_CHDB_DAYS = """, groupArrayIf((bitShiftRight(part[-1], 9) - bitShiftRight(part[1], 9)) / 86400e6,
    bitAnd(part[-1], 1) = 1) as days"""
#: One number stands for a flow, its place and its two steps.
_CHDB_WHOLE = (
    "create database kept",
    "create table kept.paths engine = MergeTree order by tuple() as select codes, journeys, orders, revenue from paths",
    f"""create table kept.listed engine = MergeTree order by tuple() as select codes, journeys, orders, revenue,
        arrayReduce('quantileExactInclusive(0.5)', days) as median_days
    from ((select * from paths order by orders desc, journeys desc, codes limit {LISTED}) union distinct
        (select * from paths order by journeys - orders desc, orders desc, codes limit {LISTED}))""",
    """create table anchor engine = Memory as select arrayJoin(arrayDistinct(codes)) as code, sum(journeys) as passed
    from paths group by code order by passed desc limit 1""",
    f"""create table kept.flows engine = MergeTree order by tuple() as
    with sized as (
        select journeys, orders, codes, length(codes) as size,
            indexOf(codes, assumeNotNull((select code from anchor))) as origin
        from paths),
    split as (
        select journeys, orders, arrayJoin(arrayConcat(
            arrayMap(p -> toUInt32(p * 262144 + if(p > 0, codes[p], 0) * 1024
                + if(p < {STEPS}, codes[p + 1], 0) * 4 + (p = size)), range(least(size, {STEPS}) + 1)),
            arrayMap(p -> toUInt32(2097152 + p * 262144 + if(p > 0, codes[size + 1 - p], 0) * 1024
                + if(p < {STEPS} and p < size, codes[size - p], 0) * 4 + (p = size)), range(least(size, {STEPS}) + 1)),
            arrayMap(p -> toUInt32(4194304 + p * 262144 + if(p > 0, codes[origin + p], 0) * 1024
                + if(p < {STEPS}, codes[origin + p + 1], 0) * 4 + (p = size - origin)),
                range(if(origin = 0, 0, least(size - origin, {STEPS}) + 1))),
            arrayMap(p -> toUInt32(6291456 + p * 262144 + if(p > 0, codes[origin - p], 0) * 1024
                + if(p < {STEPS} and p < origin - 1, codes[origin - p - 1], 0) * 4 + (p = origin - 1)),
                range(if(origin = 0, 0, least(origin - 1, {STEPS}) + 1))))) as step
        from sized),
    counted as (select step, sum(journeys) as journeys, sum(orders) as orders from split group by step)
    select bitAnd(step, 4194304) > 0 as is_anchored, if(bitAnd(step, 2097152) > 0, -1, 1) as way,
        bitAnd(bitShiftRight(step, 18), 7) as place, bitAnd(bitShiftRight(step, 10), 255) as one,
        bitAnd(bitShiftRight(step, 2), 255) as other, bitAnd(step, 1) = 1 as is_end, 50 * orders as revenue,
        arrayJoin(if(way = 1 and is_end or way = -1 and not is_anchored,
            [orders, toUInt64(journeys - orders)], [journeys])) as passing
    from counted""",
    "create table kept.names engine = MergeTree order by code as select code, channel from codes",
)


def _chdb(folder: str, statements: Iterable[str], asked: str) -> list[int]:
    session: Any = importlib.import_module("chdb.session").Session(folder)
    for sql in statements:
        session.query(sql if sql.startswith("create database") else f"{sql} settings max_threads = 2")
    said = session.query(asked, "CSV")
    session.close()
    return [int(number) for number in str(said).strip().split(",")]


def chdb_plain(file: str) -> Answer:
    """ClickHouse inside the process."""
    statements = (
        _CHDB_CODES.format(file=file),
        _CHDB_PATHS.format(file=file, more=""),
        """create table passages engine = Memory as select pair, sum(journeys) as journeys from (
        select arrayJoin(arrayZip(arrayPopBack(codes), arrayPopFront(codes))) as pair, journeys from paths)
        group by pair""",
    )
    asked = "select (select count() from paths), (select sum(orders) from paths), count(), sum(journeys) from passages"
    with tempfile.TemporaryDirectory() as folder:
        numbers = _chdb(folder, statements, asked)
    return dict(zip(("paths", "orders", "passages", "passed"), numbers, strict=True))


def chdb_whole(file: str) -> Answer:
    """ClickHouse inside the process; the answer is left as tables of the folder."""
    statements = (_CHDB_CODES.format(file=file), _CHDB_PATHS.format(file=file, more=_CHDB_DAYS), *_CHDB_WHOLE)
    asked = (
        "select (select count() from kept.paths), (select sum(orders) from kept.paths), count(), sum(passing), "
        "(select countIf(isFinite(median_days)) from kept.listed) from kept.flows where passing > 0"
    )
    *numbers, medians = _chdb(str(kept(file, "chdb")), statements, asked)
    assert medians > 0
    return dict(zip(("paths", "orders", "flows", "flowing"), numbers, strict=True))


def retentioneering_plain(file: str) -> Answer:
    """retentioneering, half of the question: passages, of journeys that pandas cuts; it has no distinct paths.

    Raises:
        SystemExit: the package by which it reports to its makers is there.
    """
    try:
        importlib.import_module("posthog")
    except ImportError:
        pass
    else:
        raise SystemExit("posthog can be imported: retentioneering would report to its makers")
    pd: Any = importlib.import_module("pandas")
    rows = pd.read_parquet(file, columns=["customer_id", "occurred_at", "channel", "is_conversion"])
    rows = rows.sort_values(["customer_id", "occurred_at"], kind="stable")
    begins = (rows["customer_id"] != rows["customer_id"].shift()) | rows["is_conversion"].shift(fill_value=True)
    rows["journey"] = begins.cumsum()
    rows = rows[["journey", "occurred_at", "channel"]]
    made: Any = importlib.import_module("retentioneering.eventstream.eventstream").Eventstream(
        rows, {"path_cols": ["journey"], "event_col": "channel", "timestamp_col": "occurred_at"}
    )
    matrix = made.transition_graph_data(edge_weight="count")
    channels = [name for name in matrix.index if str(name).startswith("channel ")]
    passed = matrix.loc[channels, channels]
    pairs = [int(passed.loc[one, other]) for one in channels for other in channels if one != other]
    return {"passages": sum(pair > 0 for pair in pairs), "passed": sum(pairs)}


CONTENDERS: dict[str, Callable[[str], Answer]] = {
    "duckdb plain": duckdb_plain, "polars plain": polars_plain, "chdb plain": chdb_plain, "pandas plain": pandas_plain,
    "retentioneering plain": retentioneering_plain, "duckdb whole": duckdb_whole, "polars whole": polars_whole,
    "chdb whole": chdb_whole,
}  # fmt: skip


def main() -> None:
    """Run one contender and print its answer."""
    os.environ["POLARS_MAX_THREADS"] = "2"
    name, file = sys.argv[1:]
    print(told(lambda: CONTENDERS[name](file)))


if __name__ == "__main__":
    main()
