"""Evidence on simulated businesses whose causes are known: `python -m benchmarks.effects --seeds 200`."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from benchmarks.shoppers import Lived, laid_out, shoppers, tea_shop
from pipeline.build import make
from pipeline.catalog import Model, read_models
from pipeline.empty import empty_warehouse
from pipeline.warehouse import Warehouse

STEPS = (
    "core.exposure_windows", "core.exposures", "marts.drivers", "core.experiment_exposures", "marts.experiments",
    "marts.channel_evidence",
)  # fmt: skip
_WORDS = ("evidence of effect", "no effect shown", "confounded", "not enough data")
#: Books in which every channel costs a third of its credit and is worth it: cards differ by evidence alone.
_BOOKS = (
    "delete from marts.returns", "delete from marts.return_intervals", "delete from marts.attribution",
    "update config.settings set default_model = 'linear', paid_channels = [], break_even_roas = 1.5",
    """insert into marts.returns by name
    with touched as (
        select orders.order_id, touches.channel, orders.revenue / count(*) over (partition by orders.order_id) as credit
        from core.orders as orders
        join core.touches as touches
            on touches.customer_id = orders.customer_id
            and touches.occurred_at between orders.ordered_at - interval 30 day and orders.ordered_at
    )
    select 'order_date' as date_basis, 'channel' as level, 'all' as period, 'linear' as model, channel,
        '(all)' as campaign, sum(credit) / 3 as spend, sum(credit) / 3 as compared_spend,
        sum(credit) as compared_revenue, sum(credit) as credited_revenue,
        count(distinct order_id) as count_orders, 3 as roas, 90 as count_days
    from touched group by channel""",
    """insert into marts.return_intervals by name
    select date_basis, level, period, model, channel, campaign, 2 as roas_low, 4.5 as roas_high from marts.returns""",
)  # fmt: skip


def evidence(warehouse: Warehouse, models: dict[str, Model], given: Lived) -> dict[str, str]:
    """Return the evidence for every channel of what was lived; the warehouse holds its tables afterwards."""
    laid_out(warehouse, given)
    for name in STEPS:
        make(models[name], warehouse)
    return dict(warehouse.rows("select channel, evidence from marts.channel_evidence order by channel"))


def cards(warehouse: Warehouse, models: dict[str, Model]) -> dict[str, dict[str, Any]]:
    """Return the decision card of every channel with an order; the warehouse holds what was lived, and its evidence."""
    for statement in _BOOKS:
        warehouse.execute(statement)
    make(models["marts.decision_cards"], warehouse)
    return {card["channel"]: card for card in warehouse.records("select * from marts.decision_cards order by channel")}


def told(card: dict[str, Any]) -> str:
    """Return what a card calls its channel, with the next step; a card of grade C or D calls nothing an effect."""
    evidence = (
        card["evidence"] if card["grade"] in ("A", "B") or card["evidence"] == "confounded" else "not enough data"
    )
    test = ", says: not causal, test it" if card["evidence_says"].startswith("Not causal, test it: ") else ""
    return f"{evidence} ({card['next_step']}{test})"


def counted(given: Iterable[Lived]) -> dict[str, Counter[str]]:
    """Return how often the card of each channel said what."""
    found: dict[str, Counter[str]] = {}
    models = read_models()
    with empty_warehouse() as warehouse:
        for lived in given:
            evidence(warehouse, models, lived)
            for channel, card in cards(warehouse, models).items():
                found.setdefault(channel, Counter())[told(card)] += 1
    return found


def main() -> None:
    """Print how often the card of each channel of each business said what."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--people", type=int, default=2000)
    asked = parser.parse_args()
    businesses: dict[str, Callable[[int], Lived]] = {
        "tea shop of the demo; Display causes nothing": lambda seed: tea_shop(seed, asked.people),
        "shoppers; nothing causes anything": lambda seed: shoppers(seed, asked.people),
        "shoppers; the flyer doubles the chance of an order for a week": lambda seed: shoppers(
            seed, asked.people, lift=2
        ),
        "shoppers who leave no trace before they come by Brand": lambda seed: shoppers(
            seed, asked.people, is_traceless=True
        ),
    }
    for title, make_one in businesses.items():
        print(f"\n{title}: {asked.seeds} seeds of {asked.people:,} people")
        for channel, counts in sorted(counted(make_one(seed) for seed in range(asked.seeds)).items()):
            words = sorted(counts, key=lambda word: (_WORDS.index(word.split(" (")[0]), word))
            parts = "; ".join(f"{word} {counts[word] / asked.seeds:.1%}" for word in words)
            print(f"  {channel:<16} {parts}", flush=True)


if __name__ == "__main__":
    main()
