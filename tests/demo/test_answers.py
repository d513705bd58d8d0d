"""The published answers of a whole night against what is true of the simulated business."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pipeline.config import Project
from pipeline.demo import simulate
from pipeline.night import Night
from pipeline.run import run
from pipeline.warehouse import Warehouse

#: Identifiers of people who said who they are; those that several people use are nobody's.
WANTED = """
    select distinct i.person_id, i.evidence_group, i.kind, i.plain_value,
        case when i.kind = 'person_key' then i.system || ' ' || i.value else trim(i.value) end as written
    from private.true_identifiers as i join private.true_people as p using (person_id)
    where p.is_identified and not i.is_shared"""


#: True orders beside what carries any of their numbers in the books.
PAIRS = """
    select true_orders.order_id as true_id, true_orders.net, found.order_id, found.revenue, found.is_conversion
    from private.true_orders as true_orders
    left join core.order_matches as matches
        on (matches.source_system = 'square' and matches.order_ref in (
            true_orders.square_transaction_id, true_orders.square_order_reference_id, true_orders.square_payment_id))
        or (matches.source_system = 'ga4' and matches.order_ref = true_orders.ga4_transaction_id)
        or (matches.source_system = 'hubspot' and matches.order_ref = true_orders.hubspot_deal_id)
    left join core.orders as found on found.order_id = matches.order_id
    where true_orders.is_real
    group by all"""


#: What the site and the till tell of every true order, and the order it is taken for.
TOLD = """
    select distinct
        true_orders.order_id as true_id, true_orders.sale_channel, matches.source_system, matches.order_id
    from private.true_orders as true_orders
    join core.order_matches as matches
        on (matches.source_system = 'square' and matches.order_ref = true_orders.square_transaction_id)
        or (matches.source_system = 'ga4' and matches.order_ref = true_orders.ga4_transaction_id)"""


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warehouse]:
    """The tables of a night over sixty days of a shop, and the truth beside them as private.true_*."""
    root: Path = tmp_path_factory.mktemp("town")
    simulate(1000, 60, 21, root)
    with Night.open(Project.open(root)) as night:
        assert run(night).is_published
        for path in sorted((root / "truth").glob("*.parquet")):
            night.warehouse.write(f"private.true_{path.stem}", pq.read_table(path))
        night.warehouse.create("private.pairs", PAIRS)
        yield night.warehouse


def test_booked_revenue_and_orders_are_the_true_ones(answers: Warehouse) -> None:
    true_ones = answers.rows("select count(*), sum(net) from private.true_orders where is_real")
    assert answers.rows("select count(*), sum(revenue) from core.orders where is_conversion") == true_ones


def test_every_real_order_is_one_order_with_its_money(answers: Warehouse) -> None:
    """By the numbers it has in any system: an order in two of them is one, and no two orders are."""
    real = answers.value("select count(*) from private.true_orders where is_real")
    assert answers.rows("select count(*), count(distinct true_id), count(distinct order_id) from private.pairs") == [
        (real, real, real)
    ]
    assert answers.rows("select * from private.pairs where net <> revenue or not is_conversion") == []


def duplicates(warehouse: Warehouse) -> list[tuple[str, int, int]]:
    """Return, per place of sale, how many orders two systems tell and how many of these are one; none is another's."""
    assert warehouse.rows(f"select order_id from ({TOLD}) group by order_id having count(distinct true_id) > 1") == []
    return warehouse.rows(
        f"""with orders as (
            select true_id, sale_channel, count(distinct order_id) as count_orders from ({TOLD})
            group by all having count(distinct source_system) > 1
        )
        select sale_channel, count(*), count(*) filter (where count_orders = 1) from orders group by all order by all"""
    )


def test_every_order_that_two_systems_tell_is_one_and_none_is_merged_with_another(answers: Warehouse) -> None:
    found = duplicates(answers)
    assert sum(told for _, told, _ in found) > 50
    assert {place for place, _, _ in found} == {"click_and_collect", "web"}
    assert all(told == merged for _, told, merged in found)


def test_amount_minutes_and_buyer_find_what_numbers_would(tmp_path: Path) -> None:
    """Google Analytics tells goods and tax in one sum, the till apart. Who collects comes a day later: not minutes."""
    simulate(500, 45, 5, tmp_path)
    with (tmp_path / "journeys.yaml").open("a") as settings:
        settings.write("\norders: {match_by_number: false}\n")
    with Night.open(Project.open(tmp_path)) as night:
        assert run(night).is_published
        night.warehouse.write("private.true_orders", pq.read_table(tmp_path / "truth" / "orders.parquet"))
        found = {place: (told, merged) for place, told, merged in duplicates(night.warehouse)}
        told, merged = found["web"]
        assert told > 30
        assert merged / told >= 0.99
        assert night.warehouse.rows("select distinct tier from core.order_pairs where is_merged") == [(2,)]


def test_who_is_who(answers: Warehouse) -> None:
    """Pairs of a person's identifiers: found when both lead to one customer."""
    ((true_pairs, found_pairs, right_pairs),) = answers.rows(
        f"""with known as (
            select wanted.person_id, wanted.evidence_group, wanted.kind, wanted.plain_value,
                min(keys.customer_id) as customer_id
            from ({WANTED}) as wanted
            left join identity.keys as keys on keys.kind = wanted.kind and keys.written = wanted.written
            group by all
        ),
        groups as (select person_id, evidence_group, customer_id, count(*) as n from known group by all),
        per_person as (select sum(n) as n from groups group by person_id, evidence_group),
        per_customer as (select sum(n) as n from groups where customer_id is not null group by customer_id),
        per_both as (
            select sum(n) as n from groups where customer_id is not null group by customer_id, person_id, evidence_group)
        select (select sum(n * (n - 1) / 2) from per_person), (select sum(n * (n - 1) / 2) from per_customer),
            (select sum(n * (n - 1) / 2) from per_both)"""
    )
    assert true_pairs > 1000
    assert right_pairs / true_pairs >= 0.97
    assert right_pairs / found_pairs >= 0.995


def test_scanners_clicks_are_machines_and_nothing_else_is(answers: Warehouse) -> None:
    expected = answers.rows(
        """select system, lower(event_name), count(*) from private.true_machine_events
        where event_name not in ('open') group by all order by all"""
    )
    found = answers.rows(
        """select source_system, replace(interaction, 'email_', ''), count(*) from core.touchpoints
        where is_machine group by all order by all"""
    )
    assert found == expected


def test_credit_of_every_model_is_the_true_revenue(answers: Warehouse) -> None:
    (true_net,) = answers.rows("select sum(net) from private.true_orders where is_real")[0]
    credited = answers.rows(
        "select model, sum(credited_revenue) from marts.attribution where level = 'channel' group by model"
    )
    assert len(credited) == 12
    assert {revenue for _, revenue in credited} == {true_net}


def test_there_is_a_converted_journey_for_every_order(answers: Warehouse) -> None:
    true_ones = answers.value("select count(*) from private.true_journeys where outcome = 'converted'")
    assert answers.value("select count(*) from core.journeys where outcome = 'converted'") == true_ones


def test_orders_whose_touches_were_all_recorded_have_the_true_path(answers: Warehouse) -> None:
    """Of identified buyers; what a system did not see, or saw without a name, cannot be in a path."""
    same, all_of_them = answers.rows(
        """with recorded as (
            select order_id, channels from private.true_journeys as true_journeys
            join private.true_people as people using (person_id)
            where outcome = 'converted' and people.is_identified and len(channels) > 0 and list_bool_and(true_journeys.is_recorded)
        )
        select count(*) filter (where found.channels = recorded.channels), count(*)
        from recorded
        join private.pairs as pairs on pairs.true_id = recorded.order_id
        join (
            select journeys.order_id, list(codes.channel order by steps.step_index) as channels
            from core.journeys as journeys
            join core.journey_steps as steps using (journey_id)
            join core.channel_codes as codes using (channel_code)
            group by journeys.order_id
        ) as found on found.order_id = pairs.order_id"""
    )[0]
    assert all_of_them > 50
    assert same / all_of_them >= 0.7


def test_the_channel_without_effect_is_credited_all_the_same(answers: Warehouse) -> None:
    """Credit describes paths: it must not be read as effect, and the report says so."""
    ((effect,),) = answers.rows("select incremental_orders from private.true_channel_effects where channel = 'Display'")
    credited = answers.value(
        "select sum(conversions) from marts.attribution where model = 'last' and level = 'channel' and channel = 'Display'"
    )
    assert effect == 0
    assert credited > 0


def test_the_hold_out_puts_everybody_into_the_arm_they_were_in(answers: Warehouse) -> None:
    same, told, found = answers.rows(
        """with arms as (
            select distinct i.person_id, lower(trim(i.value)) as address, t.variant
            from private.true_experiments as t join private.true_identifiers as i using (person_id) where i.kind = 'email'
        )
        select count(distinct exposures.customer_id), (select count(*) from private.true_experiments),
            (select count(*) from core.experiment_exposures)
        from arms
        join identity.keys as keys on keys.kind = 'email' and lower(trim(keys.written)) = arms.address
        join core.experiment_exposures as exposures
            on exposures.customer_id = keys.customer_id and exposures.variant = arms.variant"""
    )[0]
    assert (same, found) == (told, told)


def test_being_put_into_an_arm_is_no_touch_and_earns_nothing(answers: Warehouse) -> None:
    events = "from core.touchpoints where experiment is not null"
    assert answers.rows(f"select distinct interaction, session_id {events}") == [("other", None)]
    assert answers.value(f"select count(*) {events}") == answers.value("select count(*) from private.true_experiments")
    for name in ("core.touches", "core.sessions"):
        assert answers.value(f"select count(*) from {name} where source_system = 'generic'") == 0


def test_the_card_of_the_channel_without_effect_stands_on_its_hold_out(answers: Warehouse) -> None:
    card = answers.records("select * from marts.decision_cards where channel = 'Display'")[0]
    assert card["evidence_basis"] == "hold-out"
    assert card["evidence"] != "evidence of effect"
    assert "kept from it by chance" in card["evidence_says"]
