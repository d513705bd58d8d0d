"""Removal effects against the worked example, a chain solved again without each channel, and walks that are drawn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings

from pipeline.analysis import markov
from pipeline.analysis.markov import chain_of, removal_effects, shares_of
from pipeline.analysis.paths import paths_of
from tests.analysis.walks import chance_by_hand, edges_by_hand, flat, golden, random_paths

CHANNELS = 4


def test_the_worked_example_to_six_digits() -> None:
    effects = removal_effects(chain_of(flat(golden(), 3), 1))
    assert effects.conversion_probability[0] == pytest.approx(0.384615, abs=1e-6)
    assert effects.removal_effect[0] == pytest.approx([0.497790, 0.904615, 0.215789], abs=1e-6)
    assert shares_of(effects.removal_effect)[0] * 10 == pytest.approx([3.076206, 5.590275, 1.333520], abs=1e-6)


def test_the_worked_example_without_the_journeys_that_did_not_convert() -> None:
    only_won = {path: (won, 0) for path, (won, _) in golden().items() if won}
    effects = removal_effects(chain_of(flat(only_won, 3), 1)).removal_effect
    assert effects[0] == pytest.approx([0.658621, 0.909524, 0.272857], abs=1e-6)
    assert shares_of(effects)[0] * 10 == pytest.approx([3.577513, 4.940375, 1.482112], abs=1e-6)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@settings(max_examples=40, deadline=None)
@given(paths=random_paths(CHANNELS))
def test_every_effect_is_that_of_the_chain_solved_again_without_the_channel(order, paths) -> None:
    assume(any(won + lost for won, lost in paths.values()))
    edges = edges_by_hand(paths, order)
    base = chance_by_hand(edges)
    found = removal_effects(chain_of(flat(paths, CHANNELS), order))
    assert found.conversion_probability[0] == pytest.approx(base, abs=1e-10)
    for channel in range(1, CHANNELS + 1):
        expected = 1 - chance_by_hand(edges, channel) / base if base else 0.0
        assert found.removal_effect[0, channel - 1] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("order", [1, 2, 3, 4])
@settings(max_examples=15, deadline=None)
@given(paths=random_paths(CHANNELS))
def test_all_three_ways_to_solve_a_chain_agree(order, paths) -> None:
    chain = chain_of(flat(paths, CHANNELS), order)
    whole = removal_effects(chain)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(markov, "_DENSE", 0)
        stepped = removal_effects(chain)
        patched.setattr(markov, "_MOST_STEPS", 0)
        eliminated = removal_effects(chain)
    for other in (stepped, eliminated):
        assert other.removal_effect == pytest.approx(whole.removal_effect, abs=1e-9)
        assert other.conversion_probability == pytest.approx(whole.conversion_probability, abs=1e-9)


@pytest.mark.parametrize("order", [1, 2])
def test_drawn_walks_come_near_the_exact_effects(order) -> None:
    edges = edges_by_hand(golden(), order)
    draw, walks = np.random.default_rng(7), 40_000
    after = {state: (list(ends), np.array(list(ends.values())) / sum(ends.values())) for state, ends in edges.items()}
    won, won_through = 0, np.zeros(3)
    for _ in range(walks):
        state, met = (), set()
        while state not in ("won", "lost"):
            met.update(state[-1:])
            ends, chances = after[state]
            state = ends[draw.choice(len(ends), p=chances)]
        won += state == "won"
        for channel in met if state == "won" else ():
            won_through[channel - 1] += 1
    exact = removal_effects(chain_of(flat(golden(), 3), order))
    assert won / walks == pytest.approx(exact.conversion_probability[0], abs=0.01)
    assert won_through / won == pytest.approx(exact.removal_effect[0], abs=0.02)


@settings(max_examples=40, deadline=None)
@given(paths=random_paths(CHANNELS))
def test_collapsing_repeats_changes_nothing_at_order_one(paths) -> None:
    as_they_are = flat(paths, CHANNELS)
    one, other = (removal_effects(chain_of(given, 1)) for given in (as_they_are, as_they_are.collapsed()))
    assert one.removal_effect == pytest.approx(other.removal_effect, abs=1e-9)


def test_collapsing_keeps_what_lies_between_and_stays_within_a_path() -> None:
    paths = flat({(1, 1, 2, 2, 1): (1, 0), (1,): (0, 1), (1, 1, 1): (2, 0)}, 2).collapsed()
    assert paths.codes.tolist() == [1, 2, 1, 1, 1]
    assert paths.lengths.tolist() == [3, 1, 1]


def test_draws_are_solved_as_if_each_were_alone() -> None:
    chain = chain_of(flat(golden(), 3, groups=[0, 1, 2, 0, 1, 2, 0]), 2, count_groups=3)
    weights = np.array([[1, 1, 1], [2, 0, 1], [0, 3, 0]]) @ chain.weights.T.toarray()
    together = removal_effects(chain, weights)
    for number, row in enumerate(weights):
        alone = removal_effects(chain, row)
        assert together.removal_effect[number] == pytest.approx(alone.removal_effect[0], abs=1e-12)


def test_one_channel_takes_everything_with_it() -> None:
    assert removal_effects(chain_of(flat({(1,): (3, 5), (1, 1): (1, 0)}, 1), 1)).removal_effect.tolist() == [[1.0]]


def test_without_a_conversion_there_is_nothing_to_lose() -> None:
    effects = removal_effects(chain_of(flat({(1, 2): (0, 5)}, 2), 2))
    assert effects.removal_effect.tolist() == [[0.0, 0.0]]
    assert shares_of(effects.removal_effect).tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("order", [1, 3])
def test_a_journey_of_fifty_thousand_touches_is_solved(order) -> None:
    long = tuple([1] * 25_000 + [2] * 25_000)
    effects = removal_effects(chain_of(flat({long: (1, 0), (2,): (1, 1)}, 2), order))
    assert effects.conversion_probability[0] == pytest.approx(2 / 3)
    # By hand: half of the conversions begin with channel 1, and all pass through channel 2.
    assert effects.removal_effect[0] == pytest.approx([effects.removal_effect[0, 0], 1.0])
    assert 0 < effects.removal_effect[0, 0] < 1


def test_hundreds_of_channels_are_solved_alike_with_their_zeros_left_out(monkeypatch) -> None:
    draw = np.random.default_rng(3)
    lengths = draw.integers(1, 5, 900)
    paths = paths_of(300, draw.integers(1, 301, lengths.sum()), lengths, draw.integers(0, 2, 900), np.ones(900))
    dense = removal_effects(chain_of(paths, 1)).removal_effect
    monkeypatch.setattr(markov, "_DENSE", 0)
    assert removal_effects(chain_of(paths, 1)).removal_effect == pytest.approx(dense, abs=1e-9)


@pytest.mark.parametrize("order", [0, 5])
def test_an_order_that_is_not_offered_is_refused(order) -> None:
    with pytest.raises(ValueError, match="1 to 4"):
        chain_of(flat(golden(), 3), order)


def test_a_channel_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="among 1 and 2"):
        flat({(3,): (1, 0)}, 2)
