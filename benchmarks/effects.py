"""Evidence on simulated businesses whose causes are known: `python -m benchmarks.effects --seeds 200`."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable, Iterable

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


def evidence(warehouse: Warehouse, models: dict[str, Model], given: Lived) -> dict[str, str]:
    """Return the evidence for every channel of what was lived; the warehouse holds its tables afterwards."""
    laid_out(warehouse, given)
    for name in STEPS:
        make(models[name], warehouse)
    return dict(warehouse.rows("select channel, evidence from marts.channel_evidence order by channel"))


def counted(given: Iterable[Lived]) -> dict[str, Counter[str]]:
    """Return how often each channel got which evidence."""
    found: dict[str, Counter[str]] = {}
    models = read_models()
    with empty_warehouse() as warehouse:
        for lived in given:
            for channel, says in evidence(warehouse, models, lived).items():
                found.setdefault(channel, Counter())[says] += 1
    return found


def main() -> None:
    """Print how often each channel of each business was called what."""
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
            parts = ", ".join(f"{word} {counts[word] / asked.seeds:.1%}" for word in _WORDS if counts[word])
            print(f"  {channel:<16} {parts}", flush=True)


if __name__ == "__main__":
    main()
