"""Journeys of a file of touches as distinct paths, by every tool that is asked for them.

The file holds one row a touch, in no order: journey, place (from 0 in each journey, without gaps), channel, has_bought,
person_group and more. What is made of it must be right for journeys of any length, ids that are any 64-bit number, and
up to 255 channels. Of what was tried and is, a mix is fastest: a journey of at most six touches is one number, of eight
bits a touch from the lowest, its group of people, and its end; longer ones are lists. Numbers are grouped far faster
than lists, and most journeys are short.
"""

from __future__ import annotations

import importlib
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

#: Bits of a touch, and the most touches that are one number.
BITS, MOST = 8, 6
#: Where in the number stand the group of people, that it ended with an order, and that the journey has more touches.
GROUP, END, LONG = 48, 56, 57
PATH = (1 << END) - 1


@dataclass(frozen=True)
class Ways:
    """Distinct paths, by group of people or of all: the short as numbers, the long as a table with lists of codes."""

    numbers: Any
    won: Any
    lost: Any
    longs: Any
    bits: int = BITS

    def paths(self) -> tuple[Any, Any, Any, Any, Any]:
        """Return channels of all paths in a row, and of each path its length, journeys won and lost, and the group."""
        codes, lengths, groups = unpacked(self.numbers, self.bits)
        lists = self.longs["codes"].combine_chunks()
        more = [np.asarray(self.longs[name]) for name in ("won", "lost", "person_group")]
        return (
            np.concatenate([codes, np.asarray(lists.flatten())]),
            np.concatenate([lengths, np.asarray(lists.value_lengths())]),
            *(np.concatenate(each) for each in zip((self.won, self.lost, groups), more, strict=True)),
        )


def unpacked(numbers: Any, bits: int = BITS) -> tuple[Any, Any, Any]:
    """Return channels in a row, touches of each path, and groups, of paths written as numbers."""
    found = np.asarray(numbers).astype(np.int64)
    places = np.empty((len(found), GROUP // bits), dtype=np.uint8)
    for place in range(places.shape[1]):
        places[:, place] = (found >> bits * place) & ((1 << bits) - 1)
    is_there = places > 0
    return places[is_there], is_there.sum(axis=1), (found >> GROUP) & 255


def lists_of(codes: Any, lengths: Any) -> Any:
    """Return paths as lists of Arrow."""
    arrow: Any = importlib.import_module("pyarrow")
    ends = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return arrow.ListArray.from_arrays(arrow.array(ends), arrow.array(codes))


def _looked_ahead() -> str:
    """Return SQL for the number of the journey that begins with a row of `sorted`.

    The k-th row after the first of a journey is its own if its place is k: places of the next begin from 0 again.
    """
    touches = [f"((step & 1) << {END}) | ((step >> 1) & 255)"]
    for place in range(1, MOST):
        there = f"lead(step, {place}, 0) over ()"
        touches.append(f"if({there} >> 9 = {place}, (({there} >> 1) & 255) << {BITS * place}, 0)")
    return " | ".join([*touches, f"((lead(step, {MOST}, 0) over () >> 9 = {MOST})::bigint << {LONG})"])


#: DuckDB: narrow rows are sorted once, and each journey then looks ahead from its first, which needs no grouping by it.
DUCKDB_CUT = f"""
set preserve_insertion_order = true;
create temp table sorted as
select journey, (place::bigint << 9) | (channel::bigint << 1) | has_bought::bigint as step
from read_parquet({{file}}) order by journey, step;
create temp table cut as select journey, {_looked_ahead()} as number from sorted qualify step < 512;
set preserve_insertion_order = false;
"""
#: Journeys that are lists, of the same cut.
DUCKDB_LONGS = f"""
select journey, list_transform(list_sort(list(step)), lambda step: ((step >> 1) & 255)::smallint) as codes,
    bool_or(step & 1 = 1) as is_won
from sorted where journey in (select journey from cut where number >= {1 << LONG}) group by journey"""
_GROUPED = f"""select (number & {PATH}){{group}} as path, count(*) filter (number >> {END} = 1) as won,
    count(*) - won as lost from"""
_DUCKDB_WAYS = f"""
create temp table ways as {_GROUPED} cut where number < {1 << LONG} group by 1;
create temp table longs as
select {{person_group}}::smallint as person_group, codes, count(*) filter (is_won) as won, count(*) - won as lost
from ({DUCKDB_LONGS}) group by all;
"""
#: The same with four bits a touch, where no journey has more than twelve and no channel is above 15. Journeys that are
#: numbered without gaps are places of an array, which is half as dear as to group them by hash.
_DUCKDB_PACKED = f"""
set perfect_ht_threshold = 32;
create temp table ways as {_GROUPED} (
    select journey, bit_or((channel::bigint << (4 * place)) | (has_bought::bigint << {END})) as number
    from read_parquet({{file}}) group by journey) group by 1;
reset perfect_ht_threshold;
create temp table longs (person_group smallint, codes smallint[], won bigint, lost bigint);
"""


def duckdb_ways(db: Any, file: str, by_group: bool, packed: bool) -> None:
    """Make the tables ways (path, won, lost) and longs (person_group, codes, won, lost), by SQL written by hand.

    Raises:
        SystemExit: journeys or channels are not such as the packed answer takes for granted.
    """
    group = "hash(journey) % 256" if by_group else "0"
    texts = {"file": f"'{file}'", "person_group": group, "group": f" | (({group})::bigint << {GROUP})"}
    if packed:
        most = db.execute(f"select max(place), max(channel) from read_parquet({texts['file']})").fetchone()
        if most[0] >= GROUP // 4 or most[1] > 15:
            raise SystemExit("these journeys do not fit into numbers of four bits a touch")
        db.execute(_DUCKDB_PACKED.format(**texts))
    else:
        db.execute((DUCKDB_CUT + _DUCKDB_WAYS).format(**texts))


def duckdb(file: str, packed: bool) -> Ways:
    """Return distinct paths of all people."""
    db: Any = importlib.import_module("duckdb").connect(config={"threads": 2})
    duckdb_ways(db, file, False, packed)
    ways = db.execute("from ways").fetchnumpy()
    longs = db.sql("from longs").to_arrow_table()
    return Ways(ways["path"], ways["won"], ways["lost"], longs, 4 if packed else BITS)


_CHDB_WAYS = f"""
create table answer.ways engine = Memory as
select bitAnd(number, {PATH}) as path, countIf(number > {PATH}) as won, count() - won as lost
from (
    select groupBitOr(if(place = {MOST}, {1 << LONG},
        bitShiftLeft(toUInt64(assumeNotNull(channel)), {BITS} * assumeNotNull(place)) + if(place = 0,
            bitShiftLeft(toUInt64({{group}}), {GROUP})
            + bitShiftLeft(toUInt64(assumeNotNull(has_bought)), {END}), 0))) as number
    from file('{{file}}', Parquet) where place <= {MOST} group by assumeNotNull(journey))
where number < {1 << LONG} group by path;
create table answer.longs engine = Memory as
select person_group, codes, countIf(won) as won, count() - won as lost
from (
    select any(toUInt8({{group}})) as person_group, any(assumeNotNull(has_bought)) as won,
        arrayMap(touch -> touch.2, arraySort(groupArray((assumeNotNull(place), toUInt8(assumeNotNull(channel))))))
        as codes
    from file('{{file}}', Parquet)
    where journey in (select journey from file('{{file}}', Parquet) where place = {MOST})
    group by assumeNotNull(journey))
group by person_group, codes;
"""


def chdb_session(folder: str = "") -> Any:
    """Return ClickHouse inside the process, with a database for answers."""
    session: Any = importlib.import_module("chdb.session").Session(*[folder] if folder else [])
    chdb_run(session, "set max_threads = 2; create database answer")
    return session


def chdb_run(session: Any, sql: str) -> None:
    """Run statements one after another."""
    for statement in sql.split(";"):
        if statement.strip():
            session.query(statement)


def chdb_ways(session: Any, file: str, by_group: bool) -> None:
    """Make the tables answer.ways and answer.longs, as DuckDB does."""
    chdb_run(session, _CHDB_WAYS.format(file=file, group="assumeNotNull(person_group)" if by_group else "0"))


def chdb_rows(session: Any, sql: str) -> Any:
    """Return rows as lists."""
    return json.loads(session.query(sql, "JSONCompact").bytes())["data"]


def chdb(file: str) -> Ways:
    """Return distinct paths of all people."""
    session = chdb_session()
    chdb_ways(session, file, False)
    ways = session.query("select path, won, lost from answer.ways", "ArrowTable")
    longs = session.query("select * from answer.longs", "ArrowTable")
    return Ways(*(column.to_numpy() for column in ways.columns), longs)


def polars(file: str, by_group: bool = False) -> Ways:
    """Return distinct paths, lazily from the file; the streaming engine groups twice as fast as the other."""
    pl: Any = importlib.import_module("polars")
    rows, place, number = pl.scan_parquet(file), pl.col("place"), pl.col("number")
    group = pl.col("person_group").cast(pl.Int64) if by_group else pl.lit(0, dtype=pl.Int64)
    code = pl.col("channel").cast(pl.Int64) * pl.lit(1 << BITS, dtype=pl.Int64).pow(place.cast(pl.UInt32))
    once = group * 2**GROUP + pl.col("has_bought").cast(pl.Int64) * 2**END
    touch = pl.when(place == MOST).then(2**LONG).otherwise(code + pl.when(place == 0).then(once).otherwise(0))
    ways = (
        rows.filter(place <= MOST).select("journey", touch.alias("number")).group_by("journey").agg(number.sum())
        .filter(number < 2**LONG).group_by(number % 2**END)
        .agg(pl.len().cast(pl.Int64).alias("all"), (number // 2**END).sum().alias("won"))
        .select("number", "won", (pl.col("all") - pl.col("won")).alias("lost")).collect(engine="streaming")
    )  # fmt: skip
    won = pl.col("won")
    longs = (
        rows.join(rows.filter(place == MOST).select("journey"), on="journey", how="semi")
        .select("journey", "place", pl.col("channel").cast(pl.UInt8), pl.col("has_bought").alias("won"),
                group.cast(pl.Int16).alias("person_group"))
        .sort("journey", "place").group_by("journey", maintain_order=True)
        .agg(pl.col("channel").alias("codes"), won.first(), pl.col("person_group").first())
        .group_by("codes", "person_group")
        .agg(won.sum().cast(pl.Int64), (~won).sum().cast(pl.Int64).alias("lost")).collect()
    )  # fmt: skip
    return Ways(*(ways[name].to_numpy() for name in ways.columns), longs.to_arrow())


def pandas(file: str, by_group: bool = False) -> Ways:
    """Return distinct paths by arrays."""
    pd: Any = importlib.import_module("pandas")
    columns = ["journey", "place", "channel", "has_bought"] + ["person_group"] * by_group
    rows = pd.read_parquet(file, columns=columns)
    is_near = rows["place"].to_numpy() <= MOST
    near = rows if is_near.all() else rows[is_near]
    place, channel, won = (near[name].to_numpy().astype(np.int64) for name in ("place", "channel", "has_bought"))
    group = near["person_group"].to_numpy().astype(np.int64) if by_group else 0
    once = np.where(place == 0, (group << GROUP) + (won << END), 0)
    number = pd.Series(np.where(place == MOST, 1 << LONG, (channel << BITS * place) + once))
    journeys = number.groupby(near["journey"].to_numpy(), sort=False).sum().to_numpy()
    journeys = journeys[journeys < 1 << LONG]
    ways = pd.Series(journeys >> END).groupby(journeys & PATH, sort=False).agg(["sum", "size"])
    wanted = near["journey"].to_numpy()[place == MOST]
    longs = rows[rows["journey"].isin(wanted)].sort_values(["journey", "place"], ignore_index=True)
    return Ways(ways.index.to_numpy(), ways["sum"].to_numpy(), (ways["size"] - ways["sum"]).to_numpy(), _counted(longs))


def _counted(rows: Any) -> Any:
    """Return distinct paths of sorted rows; a path is a string of bytes, which is found by hash."""
    begins = np.flatnonzero(rows["place"].to_numpy() == 0)
    codes = rows["channel"].to_numpy().astype(np.uint8).tobytes()
    won = rows["has_bought"].to_numpy()[begins].tolist()
    groups = rows["person_group"].to_numpy()[begins].tolist() if "person_group" in rows else [0] * len(begins)
    ends = [*begins[1:].tolist(), len(rows)]
    paths = [(codes[begin:end], group) for begin, end, group in zip(begins.tolist(), ends, groups, strict=True)]
    counts, orders = Counter(paths), Counter(path for path, is_won in zip(paths, won, strict=True) if is_won)
    flat = np.frombuffer(b"".join(path for path, _ in counts), dtype=np.uint8)
    lists = lists_of(flat, np.array([len(path) for path, _ in counts], dtype=np.int64))
    arrow: Any = importlib.import_module("pyarrow")
    taken = [orders[path] for path in counts]
    return arrow.table(
        {
            "person_group": arrow.array([group for _, group in counts], arrow.int16()),
            "codes": lists,
            "won": arrow.array(taken, arrow.int64()),
            "lost": arrow.array(
                [count - some for count, some in zip(counts.values(), taken, strict=True)], arrow.int64()
            ),
        }
    )
