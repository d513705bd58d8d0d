"""The drop-off page's carts: what was left in them, and what was bought later."""

from __future__ import annotations

from pipeline.reporting import text
from pipeline.reporting.charts import bars as lying
from pipeline.reporting.facts import NOT_PEOPLE, SHARES, Facts, Numbers
from pipeline.reporting.numbers.drop_off import carts_by_numbers, carts_numbers
from pipeline.reporting.page import Figure
from pipeline.reporting.sheet import WIDE, Sheet
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse

_CARTS = "marts.cart_recovery"
#: Column, what it is called, and its colour.
_FATES = (
    ("count_same", "the same bought on line", "accent"),
    ("count_different", "other things", "model-markov_global"),
    ("count_online", "products not known", "start"),
    ("count_store", "bought in a store", "converted"),
    ("count_other", "elsewhere", "more"),
    ("count_not", "nothing bought", "faint"),
)
_STEPS = {"all": "All carts", "cart": "Left in the cart", "checkout": "Left at checkout", "payment": "Left at payment"}


def draw_carts(numbers: Numbers, facts: Facts) -> Sheet:
    """Draw what became of carts that were left, by how far they got."""
    rows = []
    for row in numbers:
        label, n = _STEPS[row["furthest_step"]], row["count_closed"]
        if not text.enough(n, facts.guard_n):
            rows.append(lying.Row(label, (lying.Bar((), f"{text.too_few(n)}, {text.count(row['count_open'])} open"),)))
            continue
        parts = tuple((row[key] / n, fill, False) for key, _, fill in _FATES)
        fates = ", ".join(f"{text.count(row[key])} {name}" for key, name, _ in _FATES)
        left = "worth not told" if row["value_not"] is None else f"{facts.tile_money(row['value_not'])} left for good"
        tip = f"{label}: of {text.plural(n, 'cart')} whose days are over, {fates}; {left}"
        rows.append(lying.Row(label, (lying.Bar(parts, f"{text.share(row['recovered_share'])} · {left}", tip),)))
    legend = tuple((name, fill, False) for _, name, fill in _FATES)
    heading = f"What was bought within {facts.settings['recovery_days']} days; the share says how many bought anything"
    return lying.bars(rows, [heading], legend=legend, width=WIDE, row_height=32)


def figure(warehouse: Warehouse, facts: Facts) -> Figure:
    """Return the carts that were left, by how far they got."""
    numbers = carts_numbers(warehouse)
    return Figure(
        "carts",
        "Carts and checkouts left behind",
        numbers,
        draw_carts,
        facts.define(
            f"{_unit(facts)} {_worth(numbers)}",
            numbers[0]["count_carts"] if numbers else 0, "cart", money=True,
            interval=f"{SHARES}; of value: score interval on the effective number of carts", without=NOT_PEOPLE,
        ),
        Table(
            "carts", "Carts and checkouts left behind",
            (Column("furthest_step", "How far", "words"), *_columns(facts)), numbers, source=_CARTS,
        ),
        empty="No cart was left behind, or no export tells what is put into carts.",
        is_wide=True,
    )  # fmt: skip


def table(warehouse: Warehouse, facts: Facts) -> Table:
    """Return the carts that were left by device, channel and month."""
    rows = carts_by_numbers(warehouse)
    return Table(
        "carts-by",
        "Carts left behind, by device, channel and month",
        (Column("breakdown", "By", "words"), Column("breakdown_value", ""), *_columns(facts)),
        rows,
        shown=8,
        source=_CARTS,
        note="Each of the three holds every cart, so they are not to be added.",
        definition=facts.define(
            _unit(facts), sum(row["count_carts"] for row in rows if row["breakdown"] == "device"), "cart",
            money=True, interval=SHARES, without=NOT_PEOPLE,
        ),
    )  # fmt: skip


def _columns(facts: Facts) -> tuple[Column, ...]:
    currency = facts.currency
    return (
        Column("count_carts", "Carts", "count"),
        Column("count_open", "Still have time", "count"),
        Column("count_same", "Same bought", "count"),
        Column("count_different", "Other things", "count"),
        Column("count_online", "Not known", "count"),
        Column("count_store", "In a store", "count"),
        Column("count_other", "Elsewhere", "count"),
        Column(
            "recovered_share", "Bought anything", "rate",
            low="recovered_share_low", high="recovered_share_high", n="count_closed",
        ),
        Column("value", f"Worth, {currency}", "money"),
        Column("value_not", f"Left for good, {currency}", "money"),
        Column(
            "value_not_share", "Share of worth", "rate",
            low="value_not_share_low", high="value_not_share_high", n="count_valued_closed",
        ),
    )  # fmt: skip


def _unit(facts: Facts) -> str:
    return (
        "Carts that no order on line followed within "
        f"{facts.settings['drop_pause_hours']} hours; one taken up again counts once until an order or a long silence."
    )


def _worth(numbers: Numbers) -> str:
    if not numbers or not numbers[0]["count_valued"]:
        return "No export says what carts are worth."
    return f"The exports say what {text.count(numbers[0]['count_valued'])} of them are worth."
