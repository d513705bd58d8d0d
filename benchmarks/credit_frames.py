"""The whole question of attribution by data frames: Polars, lazily from the file, and pandas."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import cut
from benchmarks.credit import (
    CELL,
    DIRECT,
    EARNED,
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
from benchmarks.cut import lists_of
from benchmarks.peer_scripts import CHANNELS, Answer


def _shares(where: Callable[[Any, Any, Any], Any], i: Any, n: Any) -> dict[str, Any]:
    """Return shares of an order up to place i of n by the models that see the place alone."""

    def placed(place: Any, first: float, middle: float, last: float) -> Any:
        # Of one or two touches the division means nothing, and is not taken.
        several = where(place == 0, 0.0, first + middle * (place - 1) / where(n > 2, n - 2, 1))
        return where(place == n, 1.0, where(n == 2, place * first / (first + last), several))

    def j_share(place: Any) -> Any:
        return where(n == 2, placed(place, 0.25, 0.0, 0.75), placed(place, 0.2, 0.2, 0.6))

    return {"linear": i / n, "position": placed(i, 0.4, 0.2, 0.4), "j_shaped": j_share(i),
            "inverse_j": 1 - j_share(n - i)}  # fmt: skip


def polars(file: str, folder: Path) -> Answer:
    """Polars, lazily from the file; the streaming engine groups twice as fast as the other."""
    pl: Any = importlib.import_module("polars")

    ways = cut.polars(file, by_group=True)
    codes, lengths, won, lost, groups = ways.paths()
    paths = {"codes": lists_of(codes, lengths), "won": won, "lost": lost, "person_group": groups.astype(np.int16)}
    pl.DataFrame(paths).write_parquet(folder / "paths.parquet")
    effects = effects_of(ways)
    pl.DataFrame({name: effects[name] for name in ("removal", "shapley")}).write_parquet(folder / "effects.parquet")
    markov, shapley = weights_of(effects)
    known = pl.LazyFrame({"channel": np.arange(1, CHANNELS + 1, dtype=np.int32), "markov": markov, "shapley": shapley})
    credit = _polars_credit(
        pl, pl.scan_parquet(file).filter("has_bought").join(known, on="channel", how="left")
    ).collect()
    credit.write_parquet(folder / "credit.parquet")
    rollup = _polars_rollup(pl, credit)
    rollup.write_parquet(folder / "rollup.parquet")
    whole = rollup.filter(pl.col("level") == "channel").group_by("model", "channel").agg(
        pl.col("orders").sum() / SHARES, pl.col("revenue").sum() / MONEY)  # fmt: skip
    counts = {"credit": len(credit), "rollup": len(rollup), "paths": len(won)}
    return answer_of(whole.iter_rows(), counts, effects)


def _polars_credit(pl: Any, bought: Any) -> Any:
    """Return orders and revenue of each touch, where rows that are sorted once make what came before one look back."""
    i, n, channel = pl.col("i"), pl.col("n"), pl.col("channel")
    same, at = pl.len().over("journey", "channel"), pl.col("occurred_at").cast(pl.Int64)
    age = (at.last().over("journey") - at) / HALF_LIFE
    weighed = {"time_decay": (-np.log(2) * age).exp(), "shapley_simple": 1 / same,
               "markov_order": pl.col("markov") / same, "shapley_order": pl.col("shapley") / same}  # fmt: skip
    places = {"named_i": channel != DIRECT, "paid_i": channel.is_in(PAID)}
    last = {name: pl.when(given).then(i).max().over("journey").alias(name) for name, given in places.items()}
    # Sums of whole numbers over all rows are exact, and quicker than sums that begin anew with each journey.
    before = {name: (pl.col(f"sum_{name}") - pl.col(name)).first().over("journey") for name in WEIGHED}
    parts = {name: pl.col(f"sum_{name}") - before[name] for name in WEIGHED}
    touches = (
        bought.select("journey", (pl.col("place").cast(pl.Int64) + 1).alias("i"), "channel", "campaign", "occurred_at",
                      "is_first_order", "revenue", "markov", "shapley",
                      pl.col("ended_at").dt.truncate("1mo").alias("month"))
        .sort("journey", "i")
        .with_columns(i.last().over("journey").alias("n"), *last.values(),
                      *((weight * 1e18).round().cast(pl.Int128).alias(name) for name, weight in weighed.items()))
        .with_columns(pl.col(name).cum_sum().alias(f"sum_{name}") for name in WEIGHED)
        .with_columns((part.cast(pl.Float64) / pl.col(name).sum().over("journey").cast(pl.Float64)).alias(name)
                      for name, part in parts.items())
    )  # fmt: skip
    named = pl.coalesce("named_i", "n")
    ones = {
        "first": i == 1,
        "last": i == n,
        "last_non_direct": i == named,
        "last_paid": i == pl.coalesce("paid_i", named),
    }
    shares = _shares(lambda given, one, other: pl.when(given).then(one).otherwise(other), i, n)
    shares |= {name: pl.when(i == n).then(1.0).otherwise(pl.col(name)) for name in WEIGHED}

    def between(amount: Any, share: Any) -> Any:
        upto = (amount * share).round().cast(pl.Int64)
        return upto - pl.when(i == 1).then(0).otherwise(upto.shift())

    made = []
    for name in MODELS:
        for what, amount in (("orders", pl.lit(float(SHARES))), ("revenue", MONEY * pl.col("revenue"))):
            whole = (amount * ones[name]).round().cast(pl.Int64) if name in ones else between(amount, shares[name])
            made.append(whole.alias(f"{what}_{name}"))
    return touches.select("journey", i.alias("credit_index"), n.alias("credit_count"), "occurred_at", *CELL, *made)


def _polars_rollup(pl: Any, credit: Any) -> Any:
    """Return the credit by level; of each order four bits a model count the touches that earned any."""
    cell, found = list(CELL), []
    bits = ((pl.col(f"orders_{name}") > EARNED).cast(pl.Int64) * 16**bit for bit, name in enumerate(MODELS))
    earned = credit.lazy().select("journey", *cell, earned=pl.sum_horizontal(*bits))
    orders = earned.group_by("journey", *cell).agg(pl.col("earned").sum()).collect(engine="streaming")
    sums = credit.group_by(cell).agg(pl.col("^(orders|revenue)_.*$").sum())
    for level in ("campaign", "channel"):
        if level == "channel":
            cell = cell[:-1]
            orders = orders.group_by("journey", *cell).agg(pl.col("earned").sum())
            sums = sums.group_by(cell).agg(pl.col("^(orders|revenue)_.*$").sum())
        counted = (
            (pl.col("earned") // 16**bit % 16 > 0).sum().alias(f"count_{name}") for bit, name in enumerate(MODELS)
        )
        both = sums.join(orders.group_by(cell).agg(*counted), on=cell)
        for name in MODELS:
            columns = {"orders": f"orders_{name}", "revenue": f"revenue_{name}", "count_orders": f"count_{name}"}
            texts = {"level": level, "model": name} | ({"campaign": "(all)"} if level == "channel" else {})
            found.append(both.select(*cell, **{one: pl.lit(text) for one, text in texts.items()},
                                     **{one: pl.col(column) for one, column in columns.items()}))  # fmt: skip
    return pl.concat(found, how="diagonal")


def pandas(file: str, folder: Path) -> Answer:
    """pandas."""
    pd: Any = importlib.import_module("pandas")
    ways = cut.pandas(file, by_group=True)
    codes, lengths, won, lost, groups = ways.paths()
    paths = {"person_group": groups.astype("int16"), "codes": lists_of(codes, lengths), "won": won, "lost": lost}
    importlib.import_module("pyarrow.parquet").write_table(
        importlib.import_module("pyarrow").table(paths), folder / "paths.parquet"
    )
    effects = effects_of(ways)
    pd.DataFrame({"removal": effects["removal"], "shapley": effects["shapley"]}).to_parquet(folder / "effects.parquet")
    credit = _pandas_credit(pd, file, effects)
    credit.to_parquet(folder / "credit.parquet")
    rollup = _pandas_rollup(pd, credit)
    rollup.to_parquet(folder / "rollup.parquet")
    above = (
        rollup[rollup["level"] == "channel"].groupby(["model", "channel"], as_index=False)[["orders", "revenue"]].sum()
    )
    cells = zip(above["model"], above["channel"], above["orders"] / SHARES, above["revenue"] / MONEY, strict=True)
    return answer_of(cells, {"credit": len(credit), "rollup": len(rollup), "paths": len(won)}, effects)


def _pandas_credit(pd: Any, file: str, effects: dict[str, Any]) -> Any:
    """Return orders and revenue of each touch: columns of arrays, of rows that are sorted once."""
    columns = ["journey", "place", "channel", "campaign", "occurred_at", "revenue", "ended_at", "is_first_order"]
    touches = pd.read_parquet(file, columns=columns, filters=[("has_bought", "==", True)])
    touches = touches.sort_values(["journey", "place"], ignore_index=True)
    journey, channel, i = touches["journey"], touches["channel"].to_numpy(), touches["place"].to_numpy() + 1
    begins = np.flatnonzero(i == 1)
    lengths = np.diff(np.append(begins, len(i)))
    n, last = np.repeat(lengths, lengths), np.repeat(begins + lengths - 1, lengths)
    at = touches["occurred_at"].to_numpy().astype("datetime64[us]").astype(np.int64)
    same = touches.groupby(["journey", "channel"], sort=False)["place"].transform("size").to_numpy()
    markov, shapley = weights_of(effects)
    weights = {"time_decay": np.exp2((at - at[last]) / HALF_LIFE), "shapley_simple": 1 / same,
               "markov_order": markov[channel - 1] / same, "shapley_order": shapley[channel - 1] / same}  # fmt: skip
    upto = pd.DataFrame(weights).groupby(journey, sort=False).cumsum()

    def last_of(given: Any, other: Any) -> Any:
        found = np.repeat(np.maximum.reduceat(np.where(given, i, 0), begins), lengths)
        return np.where(found > 0, found, other)

    named = last_of(channel != DIRECT, n)
    ones = {
        "first": i == 1,
        "last": i == n,
        "last_non_direct": i == named,
        "last_paid": i == last_of(np.isin(channel, PAID), named),
    }
    shares = _shares(np.where, i, n)
    for name in WEIGHED:
        running = upto[name].to_numpy()
        shares[name] = np.where(i == n, 1.0, running / running[last])
    made = {}
    for name in MODELS:
        for what, amount in (("orders", float(SHARES)), ("revenue", MONEY * touches["revenue"].to_numpy())):
            whole = np.rint(amount * (ones[name] if name in ones else shares[name])).astype(np.int64)
            made[f"{what}_{name}"] = whole if name in ones else whole - np.where(i == 1, 0, np.append(0, whole[:-1]))
    month = touches["ended_at"].to_numpy().astype("datetime64[M]").astype("datetime64[s]")
    kept = touches[["journey", "channel", "campaign", "occurred_at", "is_first_order"]]
    return kept.assign(credit_index=i, credit_count=n, month=month).join(pd.DataFrame(made))


def _pandas_rollup(pd: Any, credit: Any) -> Any:
    """Return the credit by level, orders counted as Polars counts them."""
    cell, found = list(CELL), []
    named = credit.assign(campaign=credit["campaign"].astype("category"))
    figures = [f"{what}_{name}" for name in MODELS for what in ("orders", "revenue")]
    earned = sum((named[f"orders_{name}"] > EARNED).astype("int64") * 16**bit for bit, name in enumerate(MODELS))
    given = {"sort": False, "as_index": False, "observed": True}
    orders = named[["journey", *cell]].assign(earned=earned).groupby(["journey", *cell], **given)["earned"].sum()
    sums = named.groupby(cell, **given)[figures].sum()
    for level in ("campaign", "channel"):
        if level == "channel":
            cell = cell[:-1]
            orders = orders.groupby(["journey", *cell], **given)["earned"].sum()
            sums = sums.groupby(cell, **given)[figures].sum()
        counted = {f"count_{name}": orders["earned"] // 16**bit % 16 > 0 for bit, name in enumerate(MODELS)}
        counts = orders[cell].assign(**counted).groupby(cell, **given)[list(counted)].sum()
        both = sums.merge(counts, on=cell)
        for name in MODELS:
            columns = {f"orders_{name}": "orders", f"revenue_{name}": "revenue", f"count_{name}": "count_orders"}
            found.append(both[[*cell, *columns]].rename(columns=columns).assign(level=level, model=name))
    return pd.concat(found)
