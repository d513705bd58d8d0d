"""One row per outcome and driver: do people with it order, or drop out, more often than others who were alike before?

A window is a day of a person on which anything touched them. Windows with the driver are compared with those without
it in the same week, after the same activity, by customers or not, with as many touches on the day; who ordered on the
day is left out. A difference that was there before the exposure, or goes when like is compared with like, is no effect.

grain: outcome, kind, driver
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.analysis.effects import (
    LEAST_EXPECTED,
    Cells,
    Compared,
    Ratio,
    compare,
    is_off,
    is_shifted,
    is_way_to_buy,
    leans_the_same_way,
)
from pipeline.analysis.proportions import false_discovery_rate

READS = ("core.exposure_windows", "core.exposures", "config.settings")
COLUMNS = {
    "outcome": (
        "varchar",
        "converting: ordered in the days after; dropping: neither touch nor order within the days of silence.",
    ),
    "kind": ("varchar", "channel, interaction, stage, page or device."),
    "driver": ("varchar", "What they were exposed to."),
    "count_exposed": ("bigint", "Windows with it that have others to be compared with."),
    "count_unexposed": ("bigint", "Windows without it that were alike before."),
    "exposed_rate": ("double", "Share of windows with it that had the outcome, over strata as they are compared."),
    "unexposed_rate": ("double", "The same of windows without it."),
    "difference": ("double", "The first less the second."),
    "difference_low": ("double", "Lower end of its 95 % interval."),
    "difference_high": ("double", "Upper end."),
    "odds_ratio": (
        "double",
        "Odds of the outcome with it over those without, within strata (Mantel and Haenszel 1959), drawn to 1.",
    ),
    "odds_ratio_low": ("double", "Lower end of its 95 % interval, by groups of people."),
    "odds_ratio_high": ("double", "Upper end."),
    "crude_odds_ratio": ("double", "The same over all windows, whatever came before."),
    "phi": ("double", "Correlation of driver and outcome over all windows, -1 to 1."),
    "p_value": ("double", "Two-sided, of no difference within strata; null when there is too little to say."),
    "p_adjusted": (
        "double",
        "The same, adjusted for the drivers of its outcome and kind (Benjamini and Hochberg 1995).",
    ),
    "bought_before_odds_ratio": ("double", "Odds of an order in as many days before: 1 where the comparison is fair."),
    "bought_before_low": ("double", "Lower end of its 95 % interval."),
    "bought_before_high": ("double", "Upper end."),
    "decided_before_odds_ratio": ("double", "Odds of having been about to buy in the days before: 1 where it is fair."),
    "decided_before_low": ("double", "Lower end of its 95 % interval."),
    "decided_before_high": ("double", "Upper end."),
    "same_day_odds_ratio": ("double", "Odds of an order on the very day: above those of the days after, a way to buy."),
    "same_day_low": ("double", "Lower end of its 95 % interval."),
    "same_day_high": ("double", "Upper end."),
    "warnings": (
        "varchar[]",
        "What speaks against an effect: bought_before, decided_before, same_day; unlike: comparing like with like "
        "moved the odds ratio by more than a quarter; one_channel: it goes when one of the others is left out.",
    ),
    "verdict": (
        "varchar",
        "more often or less often when p_adjusted is at most 0.1; confounded when there is a warning; "
        "no difference shown; too few to say.",
    ),
}

_RATE = 0.1
#: Measure -> columns with its windows and those with the outcome.
_MEASURES = {
    "converting": ("followed", "converted"),
    "dropping": ("silenced", "dropped"),
    "bought_before": ("followed", "bought_before"),
    "decided_before": ("followed", "decided_before"),
    "same_day": ("seen", "bought"),
}
_PLACEBOS = ("bought_before", "decided_before", "same_day")
_SUMS = """
    count(*) filter (where has_after) as seen,
    count(*) filter (where has_after and has_bought) as bought,
    count(*) filter (where has_after and not has_bought) as followed,
    count(*) filter (where has_after and not has_bought and is_converted) as converted,
    count(*) filter (where has_after and not has_bought and has_bought_before) as bought_before,
    count(*) filter (where has_after and not has_bought and has_decided_before) as decided_before,
    count(*) filter (where has_silence and not has_bought) as silenced,
    count(*) filter (where has_silence and not has_bought and is_dropped) as dropped
"""
_ALL = f"""
select stratum - 1 as stratum, person_group, {_SUMS}
from core.exposure_windows where has_before group by all order by all
"""
_EXPOSED = f"""
select kind, driver, stratum - 1 as stratum, person_group, {_SUMS}
from core.exposure_windows join core.exposures using (customer_id, day)
where has_before group by all order by all
"""


#: Windows with two channels, by both.
_PAIRS = f"""
select ones.driver, others.driver as other, stratum - 1 as stratum, person_group, {_SUMS}
from core.exposures as ones
join core.exposures as others using (customer_id, day)
join core.exposure_windows using (customer_id, day)
where ones.kind = 'channel' and others.kind = 'channel' and ones.driver <> others.driver
    and has_before and touches_class > 1
group by all order by all
"""
#: Part of the others that a channel must make up before the comparison is tried without it.
_LEAST_PART = 0.1


def compute(query) -> pa.Table:  # type: ignore[no-untyped-def]
    """Return the comparisons; `query` runs a SELECT and gives an Arrow table."""
    guard_n = query("select guard_n from config.settings")["guard_n"][0].as_py()
    everyone, exposed = query(_ALL), query(_EXPOSED)
    if not exposed.num_rows:
        return pa.table({name: pa.array([], pa.null()) for name in COLUMNS})
    shape = (int(everyone["stratum"].to_numpy().max()) + 1, int(everyone["person_group"].to_numpy().max()) + 1)
    whole = {name: _cells(everyone, slice(None), shape, *columns) for name, columns in _MEASURES.items()}
    parts = dict(_runs(exposed, "kind", "driver"))
    channels = {
        driver: _cells(exposed, rows, shape, *_MEASURES["converting"])
        for (kind, driver), rows in parts.items() if kind == "channel"
    }  # fmt: skip
    pairs = query(_PAIRS)
    both = {key: _cells(pairs, rows, shape, *_MEASURES["converting"]) for key, rows in _runs(pairs, "driver", "other")}
    rows: list[dict[str, Any]] = []
    for (kind, driver), part in parts.items():
        found = {
            name: _compared(_cells(exposed, part, shape, *columns), whole[name]) for name, columns in _MEASURES.items()
        }
        for outcome in ("converting", "dropping"):
            made = _row(found[outcome], {name: found[name] for name in _PLACEBOS}, outcome, guard_n)
            if made["is_enough"] and kind == "channel" and outcome == "converting":
                hangs = _hangs_on_one(driver, channels, both, whole["converting"], found[outcome].difference)
                made["warnings"] += ["one_channel"] * hangs
            rows.append({"outcome": outcome, "kind": kind, "driver": driver, **made})
    _judge(rows)
    return pa.table({name: _column([row[name] for row in rows], kind) for name, (kind, _) in COLUMNS.items()})


def _runs(table: pa.Table, *names: str) -> list[tuple[tuple[str, ...], slice]]:
    """Return each value of the leading columns of a sorted table, and its rows."""
    keys = list(zip(*(table[name].to_pylist() for name in names), strict=True))
    starts = [row for row in range(len(keys)) if not row or keys[row] != keys[row - 1]]
    return [(keys[start], slice(start, end)) for start, end in pairwise([*starts, len(keys)])]


def _hangs_on_one(
    driver: str, channels: dict[str, Cells], both: dict[tuple[str, ...], Cells], whole: Cells, difference: float
) -> bool:
    """Tell whether a difference changes its side when one of the larger other channels is no part of the others.

    Exposed windows are compared with those of other channels: next to one that reaches only people who never buy, every
    channel looks good.
    """
    mine = channels[driver]
    others = whole.minus(mine)
    for other, cells in channels.items():
        theirs = cells.minus(both[driver, other]) if (driver, other) in both else cells
        if other == driver or theirs.cases.sum() < _LEAST_PART * others.cases.sum():
            continue
        left = compare(mine, others.minus(theirs))
        if left.count_others and (left.low if difference > 0 else -left.high) <= 0:
            return True
    return False


def _cells(table: pa.Table, rows: slice, shape: tuple[int, int], cases: str, hits: str) -> Cells:
    place = (table["stratum"].to_numpy()[rows], table["person_group"].to_numpy()[rows])
    made = np.zeros((2, *shape))
    for part, column in zip(made, (cases, hits), strict=True):
        part[place] = table[column].to_numpy()[rows]
    return Cells(made[0], made[1])


def _compared(exposed: Cells, whole: Cells) -> Compared:
    return compare(exposed, whole.minus(exposed))


def _row(found: Compared, placebos: dict[str, Compared], outcome: str, guard_n: int) -> dict[str, Any]:
    is_enough = min(found.count_exposed, found.count_others) >= guard_n and found.expected_hits >= LEAST_EXPECTED
    bought, decided = placebos["bought_before"].odds, placebos["decided_before"].odds
    warnings = ["bought_before"] * is_off(bought)
    # To have been about to buy speaks for an order, and against dropping out.
    against = found.odds if outcome == "converting" else found.odds.inverse()
    warnings += ["decided_before"] * (is_off(decided) and leans_the_same_way(decided, against))
    if outcome == "converting" and is_way_to_buy(placebos["same_day"].odds, found.odds):
        warnings.append("same_day")
    if is_shifted(found):
        warnings.append("unlike")
    odds = {"odds_ratio": found.odds.value, "odds_ratio_low": found.odds.low, "odds_ratio_high": found.odds.high}
    return {
        "is_enough": is_enough,
        "count_exposed": found.count_exposed, "count_unexposed": found.count_others,
        "exposed_rate": found.exposed_rate, "unexposed_rate": found.others_rate,
        "difference": found.difference, "difference_low": found.low, "difference_high": found.high,
        **odds, "crude_odds_ratio": found.crude_odds, "phi": found.phi,
        "p_value": found.p_value if is_enough else np.nan,
        **{f"{name}{end}": value for name in _PLACEBOS for end, value in _ends(placebos[name].odds)},
        "warnings": warnings if is_enough else [],
    }  # fmt: skip


def _ends(odds: Ratio) -> tuple[tuple[str, float], ...]:
    return ("_odds_ratio", odds.value), ("_low", odds.low), ("_high", odds.high)


def _judge(rows: list[dict[str, Any]]) -> None:
    """Adjust the p-values within each outcome and kind, and give each row its verdict."""
    families = np.array([f"{row['outcome']} {row['kind']}" for row in rows])
    p = np.array([row["p_value"] for row in rows])
    adjusted = np.full(len(rows), np.nan)
    for family in sorted(set(families)):
        adjusted[families == family] = false_discovery_rate(p[families == family])
    for row, value in zip(rows, adjusted, strict=True):
        row["p_adjusted"] = value
        if np.isnan(value):
            row["verdict"] = "too few to say"
        elif set(row["warnings"]) - {"one_channel"}:
            row["verdict"] = "confounded"
        elif value <= _RATE and not row["warnings"]:
            row["verdict"] = "more often" if row["difference"] > 0 else "less often"
        else:
            row["verdict"] = "no difference shown"


def _column(values: list[Any], kind: str) -> pa.Array:
    types = {"double": pa.float64(), "bigint": pa.int64(), "varchar": pa.string(), "varchar[]": pa.list_(pa.string())}
    # Arrow's from_pandas makes what is not a number null.
    return pa.array(values, types[kind], from_pandas=kind == "double")
