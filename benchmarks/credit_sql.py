"""The whole question of attribution by SQL: written by hand for DuckDB, and for chdb."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

from benchmarks.credit import (
    CELL,
    DIRECT,
    EARNED,
    FOLDED,
    HALF_LIFE,
    MODELS,
    MONEY,
    PAID,
    SHARES,
    WEIGHED,
    answer_of,
    effects_of,
    weights_of,
)
from benchmarks.cut import BITS, GROUP, MOST, Ways, chdb_rows, chdb_run, chdb_session, chdb_ways, duckdb_ways
from benchmarks.peer_scripts import CHANNELS, Answer

#: What the numerics need of short paths; the eight parts of the people are the lowest bits of their groups.
_FOLDS = f"select path & {FOLDED} as path, sum(won)::double as won, sum(lost)::double as lost from ways group by 1"
_PATHS = """
create table paths as select (path >> {group})::smallint as person_group, won, lost,
    list_filter([{touches}], lambda code: code > 0) as codes
from ways union all by name from longs;
"""
#: Shares of an order up to place i of n, by the place alone.
_MACROS = """
create temp macro placed(i, n, first, middle, last) as case
    when i = n then 1.0 when i = 0 then 0.0 when n = 2 then first / (first + last)
    else first + middle * (i - 1) / (n - 2) end;
create temp macro j_share(i, n) as if(n = 2, placed(i, 2, 0.25, 0.0, 0.75), placed(i, n, 0.2, 0.2, 0.6));
"""
_UPTO = {
    "linear": "({i}) / n", "position": "placed({i}, n, 0.4, 0.2, 0.4)", "j_shaped": "j_share({i}, n)",
    "inverse_j": "1 - j_share(n - ({i}), n)",
}  # fmt: skip
_ONE = {
    "first": "i = 1", "last": "i = n", "last_non_direct": "i = coalesce(named_i, n)",
    "last_paid": "i = coalesce(paid_i, named_i, n)",
}  # fmt: skip
#: Weights are whole numbers, so that what is added up touch by touch meets to the last digit.
_WEIGHED = f"""
create temp table touches as
select journey, place + 1 as i, channel, campaign, occurred_at, epoch_us(occurred_at) as moment, is_first_order,
    revenue, date_trunc('month', ended_at)::date as month
from read_parquet('{{file}}') where has_bought;
create temp table weighed as
with same as (select journey, channel, count(*) as same from touches group by all),
known as (
    select journey, count(*) as n, max(moment) as last_at, max(i) filter (channel <> {DIRECT}) as named_i,
        max(i) filter (channel in {PAID}) as paid_i
    from touches group by journey),
weights as (
    select touches.*, n, named_i, paid_i,
        round(1e18 * pow(2.0, (moment - last_at) / {HALF_LIFE}))::bigint as time_decay,
        round(1e18 / same)::bigint as shapley_simple, round(1e18 * markov / same)::bigint as markov_order,
        round(1e18 * shapley / same)::bigint as shapley_order
    from touches join known using (journey) join same using (journey, channel) join effects using (channel)),
totals as (select journey, {", ".join(f"sum({name}) as {name}_all" for name in WEIGHED)} from weights group by journey)
select *, {", ".join(f"sum({name}) over so_far as {name}_upto" for name in WEIGHED)}
from weights join totals using (journey)
window so_far as (partition by journey order by i rows unbounded preceding);
"""


def _credit() -> str:
    """Return SQL for orders and revenue of every model."""
    columns = []
    for name, it in _ONE.items():
        columns.append(f"if({it}, {SHARES}, 0) as orders_{name}")
        columns.append(f"if({it}, round({MONEY} * revenue)::bigint, 0) as revenue_{name}")
    shares = {name: (sql.format(i="i - 1"), sql.format(i="i")) for name, sql in _UPTO.items()}
    for name in WEIGHED:
        shares[name] = (f"({name}_upto - {name}) / {name}_all", f"if(i = n, 1.0, {name}_upto / {name}_all)")
    for name, (before, upto) in shares.items():
        for column, whole in ((f"orders_{name}", f"{SHARES}"), (f"revenue_{name}", f"{MONEY} * revenue")):
            columns.append(f"round({whole} * ({upto}))::bigint - round({whole} * ({before}))::bigint as {column}")
    return ", ".join(columns)


_CELL = ", ".join(CELL)
_SUMS = ", ".join(f"sum({what}_{name}) as {what}_{name}" for name in MODELS for what in ("orders", "revenue"))
_COUNTS = ", ".join(f"count(*) filter (earned >> {bit} & 1 = 1) as count_{name}" for bit, name in enumerate(MODELS))
_ROLLUP = f"""
create temp table narrow as select {_CELL}, {_SUMS} from credit group by all;
create temp table sums as
select 'campaign' as level, * from narrow
union all by name
select 'channel' as level, month, is_first_order, channel, '(all)' as campaign, {_SUMS} from narrow group by all;
create temp table orders as select journey, {_CELL}, bit_or(earned) as earned from (
    select journey, {_CELL}, {
    " + ".join(f"{1 << bit} * (orders_{name} > {EARNED})::int" for bit, name in enumerate(MODELS))
} as earned
    from credit) group by all;
create temp table counts as
select 'campaign' as level, {_CELL}, {_COUNTS} from orders group by all
union all by name
select 'channel' as level, * exclude (journey, earned), '(all)' as campaign, {_COUNTS} from (
    select journey, month, is_first_order, channel, bit_or(earned) as earned from orders group by all) group by all;
create table rollup as
select level, {_CELL}, credit.model, credit.orders, credit.revenue, credit.counted as count_orders from (
    select level, {_CELL}, unnest([{
    ", ".join(
        f"{{'model': '{name}', 'orders': orders_{name}, 'revenue': revenue_{name}, 'counted': count_{name}}}"
        for name in MODELS
    )
}]) as credit
    from sums join counts using (level, {_CELL}));
"""


def duckdb(file: str, folder: Path, packed: bool = False) -> Answer:
    """DuckDB, SQL written by hand."""
    db: Any = importlib.import_module("duckdb").connect(folder / "answer.duckdb", config={"threads": 2})
    duckdb_ways(db, file, True, packed)
    bits = 4 if packed else BITS
    touches = (f"((path >> {bits * place}) & {(1 << bits) - 1})::smallint" for place in range(GROUP // bits))
    db.execute(_PATHS.format(group=GROUP, touches=", ".join(touches)))
    ways, longs = db.execute(_FOLDS).fetchnumpy(), db.sql("from longs").to_arrow_table()
    effects = effects_of(Ways(ways["path"], ways["won"], ways["lost"], longs, bits))
    db.execute("create table effects (channel int, removal double, added double, markov double, shapley double)")
    given = effects["removal"], effects["shapley"], *weights_of(effects)
    db.executemany("insert into effects values (?, ?, ?, ?, ?)", list(zip(range(1, CHANNELS + 1), *given, strict=True)))
    db.execute(_MACROS + _WEIGHED.format(file=file))
    db.execute(f"""create table credit as select journey, i::int as credit_index, n::int as credit_count, occurred_at,
        {_CELL}, {_credit()} from weighed""")
    db.execute(_ROLLUP + "checkpoint;")
    rows = {name: db.execute(f"select count(*) from {name}").fetchone()[0] for name in ("credit", "rollup", "paths")}
    return answer_of(
        db.execute(f"""select model, channel, sum(orders) / {SHARES}, sum(revenue) / {MONEY} from rollup
        where level = 'channel' group by all""").fetchall(), rows, effects,
    )  # fmt: skip


def _chdb_arrays() -> str:
    """Return SQL for an array a model of what each touch of an order gets, of its orders and of its revenue."""
    ones = {"first": "1", "last": "n", "last_non_direct": "if(named = 0, n, named)",
            "last_paid": "if(paid > 0, paid, if(named = 0, n, named))"}  # fmt: skip
    shares = {name: f"arrayMap(i -> {sql.format(i='i')}, places)" for name, sql in _UPTO.items()}
    for name in WEIGHED:
        share = f"if(i = n, 1., upto / {name}_upto[-1])"
        shares[name] = f"arrayMap((i, upto) -> {share}, places, {name}_upto)"
    made = [f"{sql} as {name}" for name, sql in shares.items()]
    for name in MODELS:
        for what, amount in (("orders", f"{SHARES}"), ("revenue", f"{MONEY} * revenue")):
            if name in ones:
                made.append(
                    f"arrayMap(i -> if(i = {ones[name]}, toInt64(round({amount})), 0), places) as {what}_{name}"
                )
                continue
            sums = f"{what}_{name}_upto"
            made.append(f"arrayMap(share -> toInt64(round({amount} * share)), {name}) as {sums}")
            before = f"arrayPushFront(arrayPopBack({sums}), 0)"
            made.append(f"arrayMap((upto, before) -> upto - before, {sums}, {before}) as {what}_{name}")
    return ",\n".join(made)


def _chdb_credit(file: str, markov: list[float], shapley: list[float]) -> str:
    """Return SQL for orders and revenue of each touch: the arrays of an order, laid out at the end."""
    weights = {
        "time_decay": f"arrayMap(at -> exp2((at - moments[-1]) / {HALF_LIFE}), moments)",
        "shapley_simple": "arrayMap(same -> 1 / same, same_channel)",
        "markov_order": "arrayMap((code, same) -> markov[code] / same, codes, same_channel)",
        "shapley_order": "arrayMap((code, same) -> shapley[code] / same, codes, same_channel)",
    }
    figures = [f"{what}_{name}" for name in MODELS for what in ("orders", "revenue")]
    return f"""
    with {markov} as markov, {shapley} as shapley
    select journey, place as credit_index, n as credit_count, fromUnixTimestamp64Micro(moment) as occurred_at, {_CELL},
        {", ".join(figures)}
    from (
        select journey, month, is_first_order, revenue, touches.2 as codes, touches.3 as campaigns,
            touches.4 as moments, toInt64(length(touches)) as n,
            arrayMap(i -> toInt64(i), arrayEnumerate(touches)) as places,
            arrayLastIndex(code -> code != {DIRECT}, codes) as named,
            arrayLastIndex(code -> code in {PAID}, codes) as paid,
            arrayMap(code -> countEqual(codes, code), codes) as same_channel,
            {", ".join(f"arrayCumSum({sql}) as {name}_upto" for name, sql in weights.items())},
            {_chdb_arrays()}
        from (
            select assumeNotNull(journey) as journey, any(toStartOfMonth(assumeNotNull(ended_at))) as month,
                any(assumeNotNull(is_first_order)) as is_first_order, any(assumeNotNull(revenue)) as revenue,
                arraySort(groupArray((assumeNotNull(place), assumeNotNull(channel), assumeNotNull(campaign),
                    toUnixTimestamp64Micro(assumeNotNull(occurred_at))))) as touches
            from file('{file}', Parquet) where has_bought group by journey))
    array join places as place, codes as channel, campaigns as campaign, moments as moment,
        {", ".join(f"{name} as {name}" for name in figures)}"""


_CHDB_COUNTS = ", ".join(f"countIf(bitTest(earned, {bit})) as count_{name}" for bit, name in enumerate(MODELS))
_ABOVE = ", ".join(CELL[:-1])
_CHDB_ROLLUP = f"""
create table answer.narrow engine = Memory as select {_CELL}, {_SUMS} from answer.credit group by {_CELL};
create table answer.orders engine = Memory as select journey, {_CELL}, groupBitOr(
    {" + ".join(f"{1 << bit} * (orders_{name} > {EARNED})" for bit, name in enumerate(MODELS))}) as earned
from answer.credit group by journey, {_CELL};
create table answer.rollup engine = MergeTree order by tuple() as
select level, {_CELL}, credit.1 as model, credit.2 as orders, credit.3 as revenue, credit.4 as count_orders
from (
    select level, {_CELL}, arrayJoin([{
    ", ".join(f"('{name}', orders_{name}, revenue_{name}, count_{name})" for name in MODELS)
}]) as credit
    from (
        select 'campaign' as level, * from answer.narrow
        union all select 'channel', {_ABOVE}, '(all)', {_SUMS} from answer.narrow group by {_ABOVE}) as sums
    join (
        select 'campaign' as level, {_CELL}, {_CHDB_COUNTS} from answer.orders group by {_CELL}
        union all
        select 'channel', {_ABOVE}, '(all)', {_CHDB_COUNTS} from (
            select journey, {_ABOVE}, groupBitOr(earned) as earned from answer.orders group by journey, {_ABOVE})
        group by {_ABOVE}) as counts using (level, {_CELL}));
"""
_CHDB_PATHS = f"""
create function placed as (i, n, a, b, c) ->
    multiIf(i = n, 1., i = 0, 0., n = 2, a / (a + c), a + b * (i - 1) / (n - 2));
create function j_share as (i, n) -> if(n = 2, placed(i, 2, 0.25, 0., 0.75), placed(i, n, 0.2, 0.2, 0.6));
create table answer.paths engine = MergeTree order by tuple() as
select toUInt8(bitShiftRight(path, {GROUP})) as person_group, won, lost,
    arrayFilter(code -> code > 0,
        arrayMap(i -> toUInt8(bitAnd(bitShiftRight(path, {BITS} * i), 255)), range({MOST}))) as codes
from answer.ways
union all select person_group, won, lost, codes from answer.longs;
"""


def chdb(file: str, folder: Path) -> Answer:
    """ClickHouse inside the process."""
    session = chdb_session(str(folder))
    chdb_ways(session, file, True)
    chdb_run(session, _CHDB_PATHS)
    folds = f"select bitAnd(path, {FOLDED}) as path, sum(won) as won, sum(lost) as lost from answer.ways group by path"
    ways, longs = (session.query(sql, "ArrowTable") for sql in (folds, "select * from answer.longs"))
    effects = effects_of(Ways(*(column.to_numpy() for column in ways.columns), longs))
    markov, shapley = (weights.tolist() for weights in weights_of(effects))
    stored = "engine = MergeTree order by tuple()"
    kept = f"{effects['removal'].tolist()} as removal, {effects['shapley'].tolist()} as added"
    chdb_run(session, f"create table answer.effects {stored} as select {kept}")
    chdb_run(session, f"create table answer.credit {stored} as {_chdb_credit(file, markov, shapley)}")
    chdb_run(session, _CHDB_ROLLUP)
    counts = {
        name: chdb_rows(session, f"select count() from answer.{name}")[0][0] for name in ("credit", "rollup", "paths")
    }
    cells = chdb_rows(
        session,
        f"""select model, channel, sum(orders) / {SHARES}, sum(revenue) / {MONEY} from answer.rollup
        where level = 'channel' group by model, channel""",
    )
    session.close()
    return answer_of(cells, counts, effects)
