"""Simulated towns whose credit is known: people walk through channels, and some of them buy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.analysis.bootstrap import group_draws, percentile_interval
from pipeline.analysis.credits import Credit, Orders, drawn_credit, journeys_of, table_of
from pipeline.analysis.markov import chain_of
from pipeline.analysis.paths import Paths, paths_of

GROUPS = 256


@dataclass(frozen=True)
class Town:
    """One journey a person: its channels, whether it ended with an order, and what that was worth."""

    paths: Paths
    revenue: npt.NDArray[np.float64]

    @property
    def has_bought(self) -> npt.NDArray[np.bool_]:
        """Whether each journey ended with an order."""
        return self.paths.converted > 0


def town(seed: int, people: int, *, channels: int = 5, pull: float = 0.0, odds: float = -1.8) -> Town:
    """Draw a town.

    Args:
        seed: Same seed, same town.
        people: People, each with one journey.
        channels: Number of channels.
        odds: Logarithm of the odds of an order where no channel moves them.
        pull: How much the last channel moves the odds of an order and the next step; 0 makes all channels the same.
    """
    draw = np.random.default_rng(seed)
    taste = np.linspace(-1, 1, channels) * pull
    lengths = np.minimum(draw.geometric(0.45, people), 12)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    weights = np.exp(taste)
    codes = draw.choice(channels, offsets[-1], p=weights / weights.sum())
    place = np.arange(offsets[-1]) - np.repeat(offsets[:-1], lengths)
    # With a pull, people stay with their channel for a while, so that first and last touches differ.
    stays = (draw.random(len(codes)) < 0.35 * (pull > 0)) & (place > 0)
    codes = codes[np.maximum.accumulate(np.where(stays, 0, np.arange(len(codes))))]
    moved = 1.2 * taste[codes[offsets[1:] - 1]] - 0.8 * taste[codes[offsets[:-1]]]
    bought = draw.random(people) < 1 / (1 + np.exp(-odds - moved))
    groups = draw.integers(0, GROUPS, people)
    paths = paths_of(channels, codes + 1, lengths, bought, ~bought, groups)
    return Town(paths, np.where(bought, draw.lognormal(3.5, 0.6, people), 0.0))


def rule_credit(given: Town) -> dict[str, tuple[npt.NDArray[np.float64], ...]]:
    """Return orders and revenue that first, last and linear give each channel in each group: (channels, groups)."""
    paths, bought = given.paths, given.has_bought
    owners = paths.owners
    weights = {
        "first": np.where(np.isin(np.arange(len(paths.codes)), paths.offsets[:-1]), 1.0, 0.0),
        "last": np.where(np.isin(np.arange(len(paths.codes)), paths.offsets[1:] - 1), 1.0, 0.0),
        "linear": 1.0 / paths.lengths[owners],
    }
    size = (paths.count_channels, GROUPS)
    place = (paths.codes - 1, paths.groups[owners])
    return {
        model: tuple(table_of(*place, weight * of[owners], size).toarray() for of in (bought * 1.0, given.revenue))
        for model, weight in weights.items()
    }


def credit(given: Town, taken: npt.NDArray[np.float64], order: int = 1, prior: float = 30) -> dict[str, Credit]:
    """Return the credit of every model in draws of groups, as the nightly run works it out."""
    paths = given.paths
    journeys = journeys_of(paths, chain_of(paths, order, GROUPS), prior)
    won = given.has_bought
    sets, numbers = np.unique(paths.masks()[won], return_inverse=True)
    place, shape = (numbers, paths.groups[won]), (len(sets), GROUPS)
    orders = Orders(sets, table_of(*place, np.ones(won.sum()), shape), table_of(*place, given.revenue[won], shape))
    made = drawn_credit(journeys, orders, taken)
    for model, (counts, revenue) in rule_credit(given).items():
        made[model] = {"orders": taken @ counts.T, "revenue": taken @ revenue.T}
    return made


def coverage(
    seeds: int, people: int, *, pull: float = 0.6, draws: int = 500, truth_people: int = 400_000
) -> dict[tuple[str, str], float]:
    """Return the share of seeds and channels whose 95 % interval holds the true credit, by model and level."""
    whole = town(10_000_019, truth_people, pull=pull)
    truth = credit(whole, np.ones((1, GROUPS)))
    held: dict[tuple[str, str], list[float]] = {}
    for seed in range(seeds):
        drawn = credit(town(seed, people, pull=pull), group_draws(GROUPS, draws, seed))
        for model, levels in drawn.items():
            for level, values in levels.items():
                low, high = percentile_interval(values)
                true = truth[model][level][0] * people / truth_people
                held.setdefault((model, level), []).append(float(np.mean((low <= true) & (true <= high))))
    return {key: float(np.mean(values)) for key, values in held.items()}
