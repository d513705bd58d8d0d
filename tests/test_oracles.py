"""Hard algorithms against independent oracles, over random cases."""

from __future__ import annotations

import math
from collections import defaultdict
from datetime import datetime, timedelta

import networkx
import numpy as np
import phonenumbers
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.analysis.graphs import smallest_member_of_component
from pipeline.analysis.pairing import merge_one_to_one
from pipeline.catalog import read_models
from pipeline.config import Settings
from pipeline.config.tables import config_tables
from tests.analysis.walks import GOLDEN
from tests.cases import computed
from tests.cases import given as rows_given

MODELS = read_models()
SLOW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
START = datetime(2026, 1, 1)


@pytest.mark.parametrize("seed", range(60))
def test_merging_in_rounds_is_merging_one_by_one(seed) -> None:
    """The greedy way, pair by pair, with sets; and no group ever holds a member kind twice."""
    random = np.random.default_rng(seed)
    count, pairs = int(random.integers(1, 60)), int(random.integers(0, 200))
    kinds = [set(random.choice(4, int(random.integers(1, 3)), replace=False).tolist()) for _ in range(count)]
    left, right = random.integers(0, count, pairs), random.integers(0, count, pairs)
    groups = [({place}, list(kinds[place])) for place in range(count)]
    for one, other in zip(left.tolist(), right.tolist(), strict=True):
        a = next(group for group in groups if one in group[0])
        b = next(group for group in groups if other in group[0])
        if a is not b and not set(a[1]) & set(b[1]):
            groups = [group for group in groups if group is not a and group is not b]
            groups.append((a[0] | b[0], a[1] + b[1]))
    expected = {place: min(places) for places, _ in groups for place in places}
    members = np.array([sum(1 << kind for kind in held) for held in kinds], np.uint64)
    assert merge_one_to_one(left, right, members).tolist() == [expected[place] for place in range(count)]
    assert all(len(held) == len(set(held)) for _, held in groups)


@pytest.mark.parametrize("seed", range(20))
def test_components_are_those_of_networkx(seed) -> None:
    random = np.random.default_rng(seed)
    count, links = int(random.integers(1, 300)), int(random.integers(0, 300))
    left, right = random.integers(0, count, links), random.integers(0, count, links)
    graph = networkx.Graph()
    graph.add_nodes_from(range(count))
    graph.add_edges_from(zip(left.tolist(), right.tolist(), strict=True))
    expected = {node: min(part) for part in networkx.connected_components(graph) for node in part}
    found = smallest_member_of_component(count, left, right)
    assert found.tolist() == [expected[node] for node in range(count)]


def test_components_of_nothing() -> None:
    assert smallest_member_of_component(0, np.array([], dtype=np.int64), np.array([], dtype=np.int64)).tolist() == []


REGIONS = [
    "US",
    "CA",
    "GB",
    "DE",
    "FR",
    "ES",
    "IT",
    "NL",
    "AT",
    "CH",
    "AU",
    "IN",
    "BR",
    "MX",
    "JP",
    "SE",
    "PL",
    "IE",
    "NZ",
    "ZA",
]
FORMS = [
    phonenumbers.PhoneNumberFormat.E164,
    phonenumbers.PhoneNumberFormat.INTERNATIONAL,
    phonenumbers.PhoneNumberFormat.NATIONAL,
    phonenumbers.PhoneNumberFormat.RFC3966,
]


@pytest.mark.parametrize("home", REGIONS)
def test_phone_numbers_read_as_phonenumbers_reads_them(home, empty) -> None:
    """Example numbers of every region, in every form the library writes, read in the region they are at home in."""
    kinds = (phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE)
    numbers = [phonenumbers.example_number_for_type(region, kind) for region in REGIONS for kind in kinds]
    written = {}
    for number in filter(None, numbers):
        region = phonenumbers.region_code_for_number(number)
        for form in FORMS:
            if form == phonenumbers.PhoneNumberFormat.NATIONAL and region != home:
                continue
            text = phonenumbers.format_number(number, form).removeprefix("tel:")
            expected = phonenumbers.format_number(phonenumbers.parse(text, home), phonenumbers.PhoneNumberFormat.E164)
            written[text] = expected
    regions = config_tables(Settings.model_validate({"business": {"country": home}}), None, {})[
        "phone_regions"
    ].to_pylist()
    case = {"given": {"identity.seen_together": [{"phone": text} for text in written], "config.phone_regions": regions}}
    with rows_given(empty, case):
        found = {row["written"]: row["value"] for row in computed(empty, MODELS["identity.phone_numbers"])}
    assert {text: found[text] for text in written if found[text] != written[text]} == {}


TOUCHES = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 200), st.sampled_from([None, None, 30]), st.integers(1, 4)),
    min_size=0,
    max_size=25,
)
ORDERS = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 200)), max_size=6)


def journeys_by_hand(touches, orders, lookback=90, first_lookback=30):
    """Cut each customer's touches into journeys with a plain loop, as definitions 3.3 and 3.5 say it."""
    found = {}
    customers = {t["customer_id"] for t in touches} | {o["customer_id"] for o in orders}
    for customer in customers:
        mine = sorted(
            (t for t in touches if t["customer_id"] == customer), key=lambda t: (t["occurred_at"], t["touch_id"])
        )
        bought = sorted(
            (o for o in orders if o["customer_id"] == customer), key=lambda o: (o["counted_until_at"], o["order_id"])
        )
        journeys, current, previous, claimed_before = [], None, None, None
        events = sorted(
            [(t["occurred_at"], 0, t["touch_id"], "", t) for t in mine]
            + [(o["counted_until_at"], 1, 0, o["order_id"], o) for o in bought],
            key=lambda e: e[:4],
        )
        for index, (at, kind, _, _, thing) in enumerate(events):
            following = next((e for e in events[index:] if e[1] == 1), None)
            days = first_lookback if following and following[4]["is_first_order"] else lookback
            claimed = bool(following and following[0] <= at + timedelta(days=days))
            bought_before = any(e[1] == 1 for e in events[:index])
            idle = lookback if bought_before else first_lookback
            begins = (
                previous is None
                or previous[1] == 1
                or (claimed and not claimed_before)
                or (not claimed and at > previous[0] + timedelta(days=idle))
            )
            if begins:
                current = []
                journeys.append(current)
            current.append(thing.get("order_id") or thing["touch_id"])
            previous, claimed_before = (at, kind), claimed
        found[customer] = journeys
    return found


@SLOW
@given(touches=TOUCHES, orders=ORDERS)
def test_journeys_are_those_cut_by_hand(touches, orders, empty) -> None:
    touch_rows = [
        {
            "customer_id": c,
            "occurred_at": START + timedelta(days=d),
            "touch_id": i,
            "channel_code": ch,
            "lookback_days": own,
        }
        for i, (c, d, own, ch) in enumerate(touches, 1)
    ]
    order_rows, seen = [], set()
    for i, (c, d) in enumerate(sorted(orders, key=lambda o: (o[0], o[1]))):
        order_rows.append(
            {
                "customer_id": c,
                "order_id": f"o{i:02}",
                "counted_until_at": START + timedelta(days=d),
                "is_conversion": True,
                "is_first_order": c not in seen,
            }
        )
        seen.add(c)
    case = {"given": {"core.touches": touch_rows, "core.orders": order_rows}}
    with rows_given(empty, case):
        rows = computed(empty, MODELS["core.timeline"])
    found = defaultdict(lambda: defaultdict(list))
    for row in sorted(rows, key=lambda r: (r["customer_id"], r["place"])):
        found[row["customer_id"]][row["journey_id"]].append(row["order_id"] or row["touch_id"])
    by_customer = {customer: [journeys[key] for key in sorted(journeys)] for customer, journeys in found.items()}
    assert by_customer == journeys_by_hand(touch_rows, order_rows)


JOURNEYS = st.lists(
    st.tuples(
        st.lists(
            st.tuples(st.sampled_from(["Direct", "Email", "Paid Search", "Social"]), st.integers(0, 60)),
            min_size=1,
            max_size=8,
        ),
        st.decimals(0, 5000, places=2),
    ),
    min_size=1,
    max_size=6,
)


MODELS_THAT_ADD_UP = (
    "first", "last", "last_non_direct", "last_paid", "linear", "position", "j_shaped", "inverse_j", "time_decay",
    "shapley_simple", "markov_order", "shapley_order",
)  # fmt: skip


def weights_by_hand(model: str, touches: list[tuple[str, float]]) -> list[float]:
    """Weights of definitions 3.4 for touches given as (channel, age in days), first to last."""
    n = len(touches)
    if model in ("markov_order", "shapley_order"):
        # Without effects of channels every touch is worth the same.
        return [1 / n] * n
    if model == "shapley_simple":
        names = [channel for channel, _ in touches]
        return [1 / len(set(names)) / names.count(name) for name in names]
    if model == "last_paid":
        paid = [i for i, (channel, _) in enumerate(touches) if channel == "Paid Search"]
        if not paid:
            return weights_by_hand("last_non_direct", touches)
        return [1.0 if i == paid[-1] else 0.0 for i in range(n)]
    if model == "time_decay":
        raw = [2 ** (-age / 7) for _, age in touches]
        return [w / sum(raw) for w in raw]
    if model == "last_non_direct":
        named = [i for i, (channel, _) in enumerate(touches) if channel != "Direct"]
        chosen = named[-1] if named else n - 1
        return [1.0 if i == chosen else 0.0 for i in range(n)]
    ends = {"first": (1, 0), "last": (0, 1), "position": (0.4, 0.4), "j_shaped": (0.2, 0.6), "inverse_j": (0.6, 0.2)}
    if model == "linear" or (n == 1):
        return [1 / n] * n
    first, last = ends[model]
    if n == 2:
        return {"position": [0.5, 0.5], "j_shaped": [0.25, 0.75], "inverse_j": [0.75, 0.25]}.get(model, [first, last])
    return [first] + [(1 - first - last) / (n - 2)] * (n - 2) + [last]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(journeys=JOURNEYS)
def test_attribution_is_that_worked_out_by_hand_and_adds_up_exactly(journeys, empty) -> None:
    orders, steps, touches, heads, expected = [], [], [], [], defaultdict(float)
    at = datetime(2026, 9, 10, 12)
    codes = {name: code for code, name in enumerate(sorted({name for path, _ in journeys for name, _ in path}), 1)}
    for j, (path, revenue) in enumerate(journeys, 1):
        path = sorted(path, key=lambda touch: -touch[1])
        heads.append({"journey_id": j, "outcome": "converted", "order_id": f"o{j}", "revenue": revenue})
        orders.append(
            {"order_id": f"o{j}", "is_conversion": True, "revenue": revenue, "ordered_at": at, "counted_until_at": at}
        )
        for i, (channel, age) in enumerate(path, 1):
            touches.append({"touch_id": 100 * j + i, "channel": channel, "source": "", "medium": "", "campaign": ""})
            steps.append(
                {
                    "journey_id": j,
                    "step_index": i,
                    "touch_id": 100 * j + i,
                    "channel_code": codes[channel],
                    "occurred_at": at - timedelta(days=age),
                    "is_creditable": True,
                }
            )
        for model in MODELS_THAT_ADD_UP:
            for (channel, _), weight in zip(path, weights_by_hand(model, path), strict=True):
                expected[model, channel] += weight * float(revenue)
    named = [{"channel_code": code, "channel": name} for name, code in codes.items()]
    given = {"core.orders": orders, "core.journeys": heads, "core.touches": touches, "core.journey_steps": steps}
    case = {"given": given | {"core.channel_codes": named}}
    with rows_given(empty, case):
        credited = computed(empty, MODELS["core.credited_touches"])
        with rows_given(empty, {"given": {"core.credited_touches": credited}}):
            shared = computed(empty, MODELS["marts.attribution_touches"])
        with rows_given(empty, {"given": {"marts.attribution_touches": shared}}):
            rows = [row for row in computed(empty, MODELS["marts.attribution"]) if row["level"] == "channel"]
    for row in rows:
        assert math.isclose(float(row["credited_revenue"]), expected[row["model"], row["channel"]], abs_tol=1e-5)
    booked = sum(revenue for _, revenue in journeys)
    assert {row["model"] for row in rows} == set(MODELS_THAT_ADD_UP)
    for model in MODELS_THAT_ADD_UP:
        assert sum(row["credited_revenue"] for row in rows if row["model"] == model) == booked


def test_every_model_gives_what_the_worked_example_gives(empty) -> None:
    """Definitions 6.2, from journeys through path counts, removal effects and credits of touches to the roll-up."""
    codes = [{"channel_code": i, "channel": name} for i, name in enumerate("ABC", 1)]
    heads, steps, touches, orders = [], [], [], []
    for path, (won, lost) in GOLDEN.items():
        for number in range(won + lost):
            j, is_won = len(heads) + 1, number < won
            head = {
                "journey_id": j,
                "customer_id": j,
                "outcome": "converted" if is_won else "lost",
                "revenue": int(is_won),
            }
            heads.append(head | {"count_touches": len(path), "channel_codes": ["ABC".index(c) + 1 for c in path]})
            if is_won:
                heads[-1]["order_id"] = f"o{j}"
                orders.append({"order_id": f"o{j}", "is_conversion": True, "revenue": 1, "counted_until_at": START})
            for i, channel in enumerate(path, 1):
                touch = {"touch_id": 100 * j + i, "channel": channel, "channel_code": "ABC".index(channel) + 1}
                touches.append(touch)
                steps.append(
                    {"journey_id": j, "step_index": i, "touch_id": touch["touch_id"], "occurred_at": START,
                     "channel_code": touch["channel_code"], "is_creditable": True}
                )  # fmt: skip
    made: dict[str, list[dict]] = {
        "core.channel_codes": codes, "core.journeys": heads, "core.journey_steps": steps, "core.touches": touches,
        "core.orders": orders,
    }  # fmt: skip
    for name in ("core.model_channels", "core.path_counts", "core.channel_effects", "core.credited_touches",
                 "marts.attribution_touches", "marts.attribution"):  # fmt: skip
        with rows_given(empty, {"settings": {"markov_order": 1}, "given": made}):
            made[name] = computed(empty, MODELS[name])
    rolled = [row for row in made["marts.attribution"] if row["level"] == "channel"]
    expected = {
        "markov_order": (3.035059, 6.505638, 0.459303), "first": (5, 3, 2), "last": (1, 9, 0),
        "linear": (3.833333, 5.166667, 1), "shapley_simple": (3.666667, 5.166667, 1.166667), "position": (3.5, 5.5, 1),
    }  # fmt: skip
    for model, credits in expected.items():
        found = {row["channel"]: row["conversions"] for row in rolled if row["model"] == model}
        assert [found[name] for name in "ABC"] == pytest.approx(credits, abs=1e-6), model
