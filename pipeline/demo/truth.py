"""What nobody can export: who is who, which orders are real, every true journey, and what each channel caused."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from pipeline.demo import baskets
from pipeline.demo.calendar import ZONE
from pipeline.demo.draws import Ints
from pipeline.demo.events import Site, second_touches
from pipeline.demo.life import Life
from pipeline.demo.statements import statement
from pipeline.demo.tables import texts
from pipeline.demo.wholesale import CONNECTED, WON, Calls, Deals
from pipeline.demo.world import BUSINESS, CHANNELS
from pipeline.demo.write import Files
from pipeline.warehouse import Warehouse

_CHANNEL_NAMES = tuple(channel.name for channel in CHANNELS)


def write_truth(life: Life, site: Site, latest_event_us: int, warehouse: Warehouse, files: Files) -> None:
    """Write the truth as Parquet; the tables of the exports must be there."""
    _write_trails(life, site, warehouse)
    _write_identity(warehouse, files)
    files.append("truth/events.parquet", warehouse.arrow(statement("truth_mail_events")))
    files.table("truth/machine_events.parquet", statement("truth_machine_events"))
    warehouse.create("private.true_orders", statement("truth_orders"))
    files.table("truth/orders.parquet", "select * from true_orders order by ordered_at, order_id")
    files.table("truth/refunds.parquet", statement("truth_refunds"))
    warehouse.create("private.touches", statement("truth_touches"))
    files.table("truth/touches.parquet", "select * from touches order by touch_id")
    as_of = _as_of(latest_event_us, warehouse)
    files.table("truth/journeys.parquet", statement("truth_journeys", as_of=f"timestamp '{as_of}'"))
    files.append("truth/channel_effects.parquet", channel_effects(life))
    files.table("truth/people.parquet", statement("truth_people"))
    files.text("truth/world.json", [(json.dumps(_facts(life, as_of), indent=2) + "\n").encode()])


def _facts(life: Life, as_of: str) -> dict[str, object]:
    calendar = life.world.calendar
    return {
        "business": BUSINESS,
        "people": life.world.count_people,
        "days": life.world.days,
        "seed": life.world.seed,
        "first_day": calendar.start.isoformat(),
        "last_day": calendar.date_of(life.world.days - 1).isoformat(),
        "zone": ZONE,
        "currency": "USD",
        "as_of": as_of,
        "lookback_days": 90,
        "first_order_lookback_days": 30,
    }


def _as_of(latest_event_us: int, warehouse: Warehouse) -> str:
    """Return the time of the latest row of the exports, which the pipeline looks at the data from."""
    return str(
        warehouse.value(
            f"""select max(moment)::varchar from (
                select make_timestamp({latest_event_us}) as moment
                union all select utc(max(happened_at)) from sales
                union all select utc(max(opened_at)) from opens
                union all select utc(max(clicked_at)) from clicks
                union all select make_timestamp(max(at_ms) * 1000) from mail
                union all select utc(max(called_at)) from calls
                union all select utc(max(closed_at)) from deals where outcome > 0
                union all select utc(max(list_max(entered_at))) from deals)"""
        )
    )


def _write_trails(life: Life, site: Site, warehouse: Warehouse) -> None:
    """Write `private.trails`, a row per visit, and `private.second_sources`; mark the messages that led to a visit."""
    visits, trails, clients = site.bought.visits, site.trails, site.clients
    client, message = trails.client, visits.message
    issues = np.array([*(c.utm_campaign for c in life.mailing.campaigns), ""], object)
    begun = life.world.dice.below("moment", 1_000_000, visits.person, visits.started_at)
    table = pa.table(
        {
            "visit": np.arange(len(visits)),
            "person": visits.person,
            "started_at": visits.started_at,
            "begun_us": visits.started_at * 1_000_000 + begun,
            "channel": texts(_CHANNEL_NAMES, visits.channel),
            "client_number": clients.number[client],
            "first_seen_at": clients.first_seen_at[client],
            "login": trails.login,
            "is_seen": trails.is_seen,
            "has_ids": trails.has_ids,
            "message": message,
            "issue": pa.array(issues[np.where(message >= 0, life.mailing.campaign[message], -1)], pa.string()),
            "tag": site.tag,
            "is_exposure": ~visits.is_purchase_only,
        }
    )
    warehouse.write("private.trails", table)
    visit, second_us = second_touches(site)
    channel = texts(_CHANNEL_NAMES, visits.second_channel[visit])
    seconds = {"visit": visit, "second_us": second_us, "channel": channel, "tag": site.second_tag[visit]}
    warehouse.write("private.second_sources", pa.table(seconds))
    has_visit = np.zeros(len(life.mailing), bool)
    has_visit[message[message >= 0]] = True
    mailing = life.mailing
    sent = {name: getattr(mailing, name) for name in ("person", "campaign", "clicked_at", "is_offsite")}
    warehouse.write("private.messages", pa.table({**sent, "has_visit": has_visit}))


def _write_identity(warehouse: Warehouse, files: Files) -> None:
    """Write whose each identifier is, and which of them the lines of the exports hold together."""
    warehouse.create("private.identifier_rows", statement("truth_identifier_rows"))
    pairs = warehouse.arrow(statement("truth_evidence"))
    count = warehouse.value(
        """select count(*) from (select distinct person, kind, case kind when 'person_key' then system end, plain_value
        from identifier_rows where not is_shared)"""
    )
    component = _components(count, pairs.column("node").to_numpy() - 1, pairs.column("other_node").to_numpy() - 1)
    groups = pa.table({"node": np.arange(1, count + 1), "component": component})
    with warehouse.given(groups, "evidence_groups"):
        files.table("truth/identifiers.parquet", statement("truth_identifiers"))


def _components(count: int, left: Ints, right: Ints) -> Ints:
    """Return the number of each node's group."""
    if not count:
        return np.zeros(0, np.int64)
    graph = coo_matrix((np.ones(len(left), np.int8), (left, right)), shape=(count, count))
    return connected_components(graph, directed=False)[1].astype(np.int64)


def channel_effects(life: Life) -> pa.Table:
    """Return what each channel caused: the world as it is, less the world in which the channel has no effect."""
    rows = [_channel_effect(life, number) for number in range(len(CHANNELS))]
    rows.append(_sales_effect(life.wholesale.deals, life.wholesale.calls))
    effects = pa.Table.from_pylist([_with_difference(row) for row in rows])
    for name in [name for name in effects.column_names if "revenue" in name]:
        place = effects.schema.get_field_index(name)
        effects = effects.set_column(place, name, _dollars(effects.column(name).to_pylist()))
    return effects


def _channel_effect(life: Life, number: int) -> dict[str, Any]:
    channel, real, other = CHANNELS[number], life.decisions.of(0), life.decisions.of(number + 1)
    return {
        "channel": channel.name,
        "effect": channel.effect,
        "half_life_days": channel.half_life_days,
        "count_exposures": int((life.exposures.channel == number).sum()),
        "orders_with": len(real[0]),
        "orders_without": len(other[0]),
        "revenue_with": int(baskets.revenue(life.world, *real).sum()),
        "revenue_without": int(baskets.revenue(life.world, *other).sum()),
    }


def _sales_effect(deals: Deals, calls: Calls) -> dict[str, Any]:
    """Calls help to win deals: the same throw is read with and without them."""
    won, alone = deals.outcome == WON, deals.outcome_without_calls == WON
    return {
        "channel": "Sales",
        "effect": None,
        "half_life_days": None,
        "count_exposures": int((calls.outcome == CONNECTED).sum()),
        "orders_with": int(won.sum()),
        "orders_without": int(alone.sum()),
        "revenue_with": int(deals.cents[won].sum()),
        "revenue_without": int(deals.cents[alone].sum()),
    }


def _with_difference(row: dict[str, Any]) -> dict[str, Any]:
    orders = row["orders_with"] - row["orders_without"]
    return {**row, "incremental_orders": orders, "incremental_revenue": row["revenue_with"] - row["revenue_without"]}


def _dollars(cents: list[int]) -> pa.Array:
    return pa.array([Decimal(amount).scaleb(-2) for amount in cents], pa.decimal128(18, 2))
