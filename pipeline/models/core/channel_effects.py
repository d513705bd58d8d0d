"""One row per channel that Markov and Shapley tell apart: what leaving it out takes from the conversion rate.

Journeys that are still open are left out; those that ended without an order count as much as those with one.

grain: model_code
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.analysis.markov import chain_from, removal_effects, steps_of
from pipeline.analysis.orders import compare
from pipeline.analysis.paths import read_paths
from pipeline.analysis.shapley import shapley_of_rates

READS = ("config.settings", "core.model_channels", "core.path_counts")
COLUMNS = {
    "model_code": ("smallint", "Number of the channel in core.model_channels."),
    "model_channel": ("varchar", "Name under that number; several small channels can be one."),
    "count_pooled": ("bigint", "Channels under that number."),
    "count_closed": ("bigint", "Journeys that came to an end and had any channel."),
    "count_journeys": ("bigint", "Journeys that came to an end and had it."),
    "count_converted": ("bigint", "Those of them that ended with an order."),
    "removal_effect": ("double", "Share of the chance of an order that is lost without the channel (Markov)."),
    "shapley_value": ("double", "What it adds to the rate of orders, in the mean over all sets of other channels."),
    "markov_order": ("integer", "Channels that the Markov chain remembers."),
    "is_collapsed": ("boolean", "Equal channels in a row counted as one."),
    "conversion_probability": ("double", "Chance of an order from the start of a journey."),
    "held_out_by_order": ("double[]", "Mean log-likelihood of a step of held-out journeys, by order from 1."),
    "held_out_errors": ("double[]", "Standard error of what each order falls short of the best."),
}

#: Parts of the people that are foretold from all others, to choose the order.
_FOLDS = 8


def compute(query) -> pa.Table:  # type: ignore[no-untyped-def]
    """Return removal effects and Shapley values; `query` runs a SELECT and gives an Arrow table."""
    given = query("select * from config.settings").to_pylist()[0]
    channels = query(
        "select model_code, min(model_channel) as model_channel, count(*) as count_pooled "
        "from core.model_channels group by model_code order by model_code"
    )
    count = channels.num_rows
    if not count:
        return pa.table({name: pa.array([], pa.null()) for name in COLUMNS})
    paths = read_paths(
        query("select model_codes, person_group, count_converted, count_lost from core.path_counts"), count
    )
    # Steps are counted once: every order that is compared, and the chain of the one that is chosen, come from them.
    most = max(given["markov_order"] or 1, given["markov_most_order"])
    steps = steps_of(paths.collapsed() if given["collapse_repeats"] else paths, most, paths.groups % _FOLDS)
    compared = compare(steps, given["markov_most_order"], _FOLDS)
    order = given["markov_order"] or compared.chosen
    effects = removal_effects(chain_from(steps, order))
    sets, won, lost = paths.sets()
    members = (sets[:, np.newaxis] >> np.arange(count) & 1).astype(float)
    rows = {
        "removal_effect": effects.removal_effect[0],
        "shapley_value": shapley_of_rates(sets, won, lost, count, given["shapley_prior"])[0],
        "count_journeys": ((won + lost) @ members).astype(np.int64),
        "count_converted": (won @ members).astype(np.int64),
    }
    same = {
        "count_closed": round(float((won + lost).sum())),
        "markov_order": order,
        # At order 1 repeats move nobody on: with them or without, every effect is the same.
        "is_collapsed": given["collapse_repeats"] and order > 1,
        "conversion_probability": float(effects.conversion_probability[0]),
        "held_out_by_order": compared.log_likelihood.tolist(),
        "held_out_errors": compared.shortfall_error.tolist(),
    }
    named = {name: channels.column(name) for name in channels.column_names}
    return pa.table(named | rows | {name: [value] * count for name, value in same.items()}).select(list(COLUMNS))
