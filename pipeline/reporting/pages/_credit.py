"""Parts of the attribution page: credit with its intervals, what the models say together, and effects of channels."""

from __future__ import annotations

from typing import Any

from pipeline.reporting import channels, text
from pipeline.reporting.charts.whiskers import Panel, Whisker, whiskers
from pipeline.reporting.facts import Facts, Numbers
from pipeline.reporting.numbers.attribution import effects_numbers, intervals_numbers, verdicts_numbers
from pipeline.reporting.page import Figure
from pipeline.reporting.sheet import Sheet
from pipeline.reporting.style import model_variable
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse

#: Verdict -> colour of its words.
_FILLS = {"agree": "converted", "disagree": "lost"}
_ALL = "(all channels)"


def intervals_figure(warehouse: Warehouse, facts: Facts) -> Figure:
    """Return credit by channel and model with its intervals."""
    numbers = intervals_numbers(warehouse)
    n = _overall(warehouse)["count_orders"]
    columns = (
        Column("channel", "Channel", "channel"),
        Column("model", "Model", "model"),
        Column("value", "Orders credited", "decimal"),
        Column("share", "Share (95 % interval)", "rate", low="share_low", high="share_high", n="count_orders"),
        Column("rank", "Rank", "count"),
        Column("rank_low", "Best rank", "count"),
        Column("rank_high", "Worst rank", "count"),
        Column("count_orders", "Orders touched", "count"),
        Column("verdict", "Verdict"),
    )
    title = "Share of credited orders by channel and model, with what chance could do"
    return Figure(
        "intervals",
        title,
        numbers,
        draw_intervals,
        facts.define(
            "Of the orders that a channel led to, the share each model gives the channel. "
            "Small channels are one.",
            n, "order", model=f"all that share out each order, and Markov; bold: {facts.model()}", lookback=True,
            interval=f"95 %, bootstrap by person, {facts.settings['interval_draws']} draws",
        ),
        Table("intervals", title, columns, numbers, source="marts.attribution_intervals", shown=16),
        reading="The dashed line is the mean of the models that share out each order. They agree on a channel when all "
        "of them, with what chance could do, lie within the grey band. Hollow dots stand on too few orders.",
        empty="No orders with a touch yet.",
        is_wide=True,
    )  # fmt: skip


def draw_intervals(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw one panel a channel, one row a model."""
    models = sorted({row["model"] for row in numbers}, key=text.model_order)
    panels = []
    for channel in dict.fromkeys(row["channel"] for row in numbers):
        rows = {row["model"]: row for row in numbers if row["channel"] == channel}
        first = next(iter(rows.values()))
        middle, tolerance = first["mean_share"], first["tolerance"]
        band = None if middle is None else (middle - tolerance, middle, middle + tolerance)
        is_enough = text.enough(first["count_orders"], facts.guard_n)
        note = f"{first['verdict']}" if is_enough else f"too few (n = {text.count(first['count_orders'])})"
        panels.append(
            Panel(
                channels.label(channel),
                note,
                _FILLS.get(first["verdict"] or "", "muted"),
                tuple(_whisker(rows[model], is_enough) if model in rows else None for model in models),
                band if is_enough else None,
            )
        )
    return whiskers(panels, [text.model_name(model) for model in models], main=facts.model())


def _whisker(row: dict[str, Any], is_enough: bool) -> Whisker:
    low, high = (row["share_low"], row["share_high"]) if is_enough else (None, None)
    said = f" ({text.interval(low, high)})" if is_enough else ""
    value = text.share(row["share"]) if is_enough else text.too_few(row["count_orders"])
    tip = f"{channels.label(row['channel'])}, {text.model_name(row['model'])}: {value}{said}"
    return Whisker(row["share"], low, high, model_variable(row["model"]), tip)


def verdict_sentence(warehouse: Warehouse, facts: Facts) -> str:
    """Say which channel earns most, and whether the models agree on that."""
    overall = _overall(warehouse)
    names = [channels.label(name) for name in overall["leaders"] or []]
    n = f"n{text.GAP}={text.GAP}{text.count(overall['count_orders'])}"
    if overall["rule"] == "few_orders":
        return f"Too few orders to compare the models ({n})."
    if overall["rule"] == "same_leader":
        return f"{names[0]} earns most by every model ({n})."
    if overall["rule"] == "leaders_differ":
        return f"The models disagree on who earns most: {', '.join(names[:-1])} or {names[-1]}, by the model ({n})."
    sure = f"only {overall['count_sure']} of {overall['count_models']} models are sure"
    most = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
    return f"Not enough data to say which channel earns most: perhaps {most}, but {sure} ({n})."


def _overall(warehouse: Warehouse) -> dict[str, Any]:
    return next(row for row in verdicts_numbers(warehouse) if row["channel"] == _ALL)


def verdicts_table(warehouse: Warehouse, facts: Facts) -> Table:
    """Return what the models say together of each channel, and the rule that said so."""
    columns = (
        Column("channel", "Channel", "channel"),
        Column("verdict", "Verdict"),
        Column("rule_says", "Because", most=200),
        Column("count_orders", "Orders", "count"),
        Column("least_share", "Least", "share", n="count_said"),
        Column("least_model", "By", "model"),
        Column("most_share", "Most", "share", n="count_said"),
        Column("most_model", "By", "model"),
        Column("mean_share", "Mean", "share", n="count_said"),
        Column("tolerance", "May differ by", "share", n="count_said"),
    )
    unsaid = dict.fromkeys(("least_share", "least_model", "most_share", "most_model", "mean_share", "tolerance"))
    rows = []
    for row in verdicts_numbers(warehouse):
        # What stands on too few orders is said once, in words, not in every column.
        is_enough = text.enough(row["count_orders"], facts.guard_n)
        said = {"rule_says": _because(row, facts), "count_said": row["count_orders"] if is_enough else None}
        rows.append(row | said | ({} if is_enough else unsaid))
    return Table(
        "verdicts",
        "Do the models agree?",
        columns,
        rows,
        source="marts.attribution_verdicts",
        shown=20,
        note="Shares are of credited orders. How far models may differ and still agree is set by "
        "attribution.agree_within and agree_within_share. All bounds hold together with 99 % certainty, so that among "
        "many channels and models none is called different by chance.",
    )


def _because(row: dict[str, Any], facts: Facts) -> str:
    """Say why a channel has its verdict, shortly and without names of settings."""
    if row["rule"] == "few_orders":
        return f"fewer than {facts.guard_n} orders"
    said = {
        "models_differ": "a model lies too far off the mean, and chance does not explain it",
        "models_are_near": "with their intervals, all lie near the mean",
        "intervals_are_wide": "the intervals are too wide to tell",
    }
    return said.get(row["rule"], row["rule_says"])


def effects_table(warehouse: Warehouse, facts: Facts) -> Table:
    """Return what each channel takes with it, and the credit of the models that look at all orders as a whole."""
    rows = effects_numbers(warehouse)
    columns = (
        Column("channel", "Channel", "channel"),
        Column("count_journeys", "Journeys ended", "count"),
        Column("removal_effect", "Removal effect", "share", n="count_journeys"),
        Column("markov_orders", "Orders by Markov", "decimal", n="count_journeys"),
        Column("shapley_value", "Shapley value, of the order rate", "share", n="count_journeys"),
        Column("shapley_orders", "Orders by Shapley", "decimal", n="count_journeys"),
        Column("participation_share", "Orders touched, share", "share", n="count_journeys"),
        Column("participation_orders", "Orders touched (does not add up)", "count"),
    )
    pooled = next((row["count_pooled"] for row in rows if row["count_pooled"] > 1), 0)
    said = f" (other channels) stands for the {text.count(pooled)} smallest together." if pooled else ""
    return Table(
        "effects",
        "What a channel takes with it when it is left out",
        columns,
        rows,
        source="marts.attribution_effects",
        shown=20,
        note=memory_sentence(rows) + said,
        definition=facts.define(
            "A removal effect says which share of the chance of an order leads through a channel. It is not causal: "
            "channels that close, such as brand search, e-mail and Direct, lie on many ways. Participation counts an "
            "order for every channel it touched, so that it does not add up. A Shapley value below zero: with the "
            "channel, journeys ended in an order less often than without it. Journeys still open are left out.",
            max((row["count_closed"] for row in rows), default=0), "journey that ended", many="journeys that ended",
        ),
    )  # fmt: skip


def memory_sentence(rows: Numbers) -> str:
    """Say how many channels the chain remembers, and what spoke for it."""
    if not rows:
        return ""
    order, likelihoods = rows[0]["markov_order"], rows[0]["held_out_by_order"] or []
    tried = ", ".join(f"{value:.4f} by order {i}" for i, value in enumerate(likelihoods, 1))
    collapsed = ", equal channels in a row counted once" if rows[0]["is_collapsed"] else ""
    remembers = f"The Markov chain remembers {text.plural(order, 'channel')} (order {order}{collapsed})."
    return f"{remembers} Mean log-likelihood of a step of journeys it had not seen: {tried}." if tried else remembers
