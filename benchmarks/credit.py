"""The whole question of attribution, as contenders are asked it, and what they share in answering.

The file holds one row a touch, in no order: journey, place, channel (1 to 12), occurred_at, campaign, has_bought,
revenue, ended_at, is_first_order, person_group. The answer is what the nightly models
leave behind, in tables that can be asked again when the process has ended (DuckDB: a database file; chdb: MergeTree;
Polars and pandas: Parquet):

credit: a row for each touch that earns any, with orders and revenue by twelve models; rounded where running shares
    meet, so that each order adds up to 1 in 12 digits and to its revenue in 6 (here as whole numbers of these).
rollup: orders, revenue, and count of orders in which it earned credit, by model, level (channel, or channel and
    campaign), month, and new or repeat. The models also write levels of source and content, which are constant here.
paths: journeys with and without an order, by path and group of people, which intervals are drawn from.
effects: removal effects of the Markov chain whose order up to 3 foretells best what was held out, and Shapley values
    by rates; the numerics from paths on are the project's own and cost all the same.

Journeys are cut as in `cut.py`, and so of any length, with ids that are any 64-bit number.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.cut import GROUP, Ways
from benchmarks.peer_scripts import CHANNELS, Answer
from pipeline.analysis.markov import chain_from, removal_effects, steps_of
from pipeline.analysis.orders import compare
from pipeline.analysis.paths import paths_of
from pipeline.analysis.shapley import shapley_of_rates

#: Names of channels 1 to 12.
NAMES = (
    "Direct", "Paid Search", "Organic Search", "Email", "Paid Social", "Organic Social", "Referral", "Display",
    "Affiliates", "SMS", "Organic Video", "AI Assistant",
)  # fmt: skip
DIRECT = 1 + NAMES.index("Direct")
PAID = tuple(1 + NAMES.index(name) for name in ("Paid Search", "Paid Social", "Display", "Affiliates"))
MODELS = (
    "first", "last", "last_non_direct", "last_paid", "linear", "time_decay", "position", "j_shaped", "inverse_j",
    "shapley_simple", "markov_order", "shapley_order",
)  # fmt: skip
#: What the roll-up tells apart, the narrowest last.
CELL = ("month", "is_first_order", "channel", "campaign")
#: Models whose weights depend on more than a place, in the order of their weights.
WEIGHED = ("time_decay", "shapley_simple", "markov_order", "shapley_order")
#: Microseconds in which the weight of a touch halves.
HALF_LIFE = 7 * 86_400e6
#: Parts of an order, and of money, that figures are whole numbers of.
SHARES, MONEY = 10**12, 10**6
#: Shares from which a touch counts as having earned credit.
EARNED = SHARES // 10**9
#: Of the number of a path, what the numerics tell apart: its channels, and which of eight parts of the people took it.
FOLDED = (1 << GROUP + 3) - 1
_FOLDS, _MOST_ORDER, _PRIOR = 8, 3, 30.0


def effects_of(ways: Ways) -> dict[str, Any]:
    """Return the order that was chosen, removal effects and Shapley values by channel."""
    paths = paths_of(CHANNELS, *ways.paths())
    steps = steps_of(paths.collapsed(), _MOST_ORDER, paths.groups % _FOLDS)
    order = compare(steps, _MOST_ORDER, _FOLDS).chosen
    removal = removal_effects(chain_from(steps, order)).removal_effect[0]
    return {"order": order, "removal": removal, "shapley": shapley_of_rates(*paths.sets(), CHANNELS, _PRIOR)[0]}


def weights_of(effects: dict[str, Any]) -> tuple[Any, Any]:
    """Return what a channel weighs by Markov and by Shapley, from place 0 for channel 1: never quite nothing."""
    return effects["removal"] + 1e-12, np.maximum(effects["shapley"], 0.0) + 1e-12


def answer_of(cells: Any, rows: dict[str, int], effects: dict[str, Any]) -> Answer:
    """Return what is compared, from (model, channel, orders, revenue) of the roll-up by channel, and counts of rows."""
    made = {f"{what} {model}": [0.0] * CHANNELS for model in MODELS for what in ("orders", "revenue")}
    for model, channel, orders, revenue in cells:
        made[f"orders {model}"][int(channel) - 1] += float(orders)
        made[f"revenue {model}"][int(channel) - 1] += float(revenue)
    named = {f"rows of {name}": [float(count)] for name, count in rows.items()}
    given = {name: np.atleast_1d(value).astype(float).tolist() for name, value in effects.items()}
    return made | named | given
