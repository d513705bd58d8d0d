"""The order of the chain is found again where it is known."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.analysis.markov import steps_of
from pipeline.analysis.orders import Compared, compare
from pipeline.analysis.paths import Paths, paths_of


def compared(paths: Paths, most_order: int, folds: int = 8) -> Compared:
    """Compare orders, every so many groups of people a fold."""
    return compare(steps_of(paths, most_order, paths.groups % folds), most_order, folds)


def drawn(remembers: int, people: int = 4000, seed: int = 1):
    """Draw paths of three channels whose next step, and whose end, depend on the last `remembers` channels."""
    draw = np.random.default_rng(seed)
    paths, won = [], []
    chances = {}
    for _ in range(people):
        path: list[int] = []
        while True:
            state = tuple(path[-remembers:])
            if state not in chances:
                chances[state] = np.random.default_rng([seed, *state]).dirichlet([0.4] * 3 + [0.5, 0.5])
            step = int(draw.choice(5, p=chances[state]))
            if not path:
                step %= 3
            if step >= 3 or len(path) == 30:
                paths.append(path)
                won.append(step == 3)
                break
            path.append(step + 1)
    flat = [code for path in paths for code in path]
    return paths_of(3, flat, list(map(len, paths)), won, np.logical_not(won), np.arange(people) % 256)


@pytest.mark.parametrize("remembers", [1, 2, 3])
def test_the_order_that_paths_were_drawn_with_is_chosen(remembers) -> None:
    found = compared(drawn(remembers), 4)
    assert found.chosen == remembers
    assert found.count_steps > 4000


def test_few_journeys_choose_a_shorter_memory_than_they_were_drawn_with() -> None:
    assert compared(drawn(3, people=20), 4).chosen < 3


def test_held_out_journeys_are_foretold_by_hand() -> None:
    """One channel, two groups: each fold's journey is foretold from the other's alone."""
    paths = paths_of(1, [1, 1], [1, 1], [1, 1], [0, 0], [0, 1])
    # Of 3 symbols (channel, won, lost), blended with 5 cases each time: context-free, then by order 1.
    free = [(1 + 5 / 3) / (2 + 5), (1 + 5 / 3) / (2 + 5)]
    first, last = ((1 + 5 * chance) / (1 + 5) for chance in free)
    assert compared(paths, 1, folds=2).log_likelihood[0] == pytest.approx((np.log(first) + np.log(last)) / 2)
