"""An invented tea shop: touches, visits and orders of three months, from which the real models make the marts.

Only what the models downstream of `core.touches` and `core.orders` read is filled in, so the shop stays small.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from pipeline.build import check_all, make
from pipeline.catalog import in_order, read_models
from pipeline.config import Settings
from pipeline.config.row import settings_row
from pipeline.empty import write_inputs
from pipeline.warehouse import Warehouse, qualified
from tests.reporting.mail import SCANNED, letter_of, mail_of

BEGIN, AS_OF = datetime(2026, 5, 14, 6), datetime(2026, 8, 20, 21, 30)

#: Channel -> source, medium, campaigns, weight at the start, pull on buying.
CHANNELS: dict[str, tuple[str, str, tuple[str, ...], float, float]] = {
    "Paid Search": ("google", "cpc", ("brand", "green-tea", "gifts"), 18, 0.05),
    "Organic Search": ("google", "organic", ("",), 24, 0.03),
    "Paid Social": ("instagram", "paid_social", ("summer-cold-brew", "matcha-reel"), 16, 0.015),
    "Organic Social": ("instagram", "social", ("",), 9, 0.01),
    "Email": ("newsletter", "email", ("june-harvest", "welcome", "cart-reminder"), 5, 0.12),
    "Direct": ("(direct)", "(none)", ("",), 14, 0.08),
    "Referral": ("teaforum.example", "referral", ("",), 6, 0.03),
    "Store": ("", "", ("",), 4, 0.15),
    "Display": ("gdn", "display", ("retargeting",), 3, 0.01),
    "AI Assistant": ("chatgpt.com", "ai-assistant", ("",), 1, 0.05),
}
_PAGES = ("/", "/tea/sencha", "/tea/earl-grey", "/tea/matcha", "/cart", "/checkout", "/gifts", "/stores")
_DEEDS = (("awareness", "page_view"), ("consideration", "product_view"), ("decision", "add_to_cart"))


@dataclass
class Shop:
    """Rows of the core tables."""

    touches: list[dict[str, Any]] = field(default_factory=list)
    sessions: list[dict[str, Any]] = field(default_factory=list)
    touchpoints: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    spend: list[dict[str, Any]] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)

    def click_ids(self) -> list[dict[str, Any]]:
        """Return ids that brought the first visits of Google's advertisements, exported as organic."""
        paid = {
            touch["session_id"] for touch in self.touches if (touch["source"], touch["medium"]) == ("google", "cpc")
        }
        said = {"click_id_kind": "gclid", "exported_source": "google", "exported_medium": "organic"}
        return [
            {"event_id": point["touchpoint_id"], "source": "google", "medium": "cpc", "is_repaired": True, **said}
            for point in self.touchpoints
            if point["session_id"] in paid
        ][:40]


def simulate(people: int = 1500, seed: int = 1, names: dict[str, str] | None = None) -> Shop:
    """Invent a shop.

    Args:
        people: People who are seen.
        seed: Same seed, same shop.
        names: Other names for channels, for tests with hostile ones.
    """
    draw, shop, names = random.Random(seed), Shop(), names or {}
    for customer in range(1, people + 1):
        _person(shop, draw, customer, names)
    shop.channels = sorted({names.get(channel, channel) for channel in CHANNELS})
    for index in range(int((AS_OF - BEGIN).days)):
        for channel, cost in (("Paid Search", 21), ("Paid Social", 17), ("Display", 4)):
            day = (BEGIN + timedelta(days=index)).date()
            cents = Decimal(round(cost * draw.uniform(0.7, 1.3) * 100)) / 100
            shop.spend.append(
                {
                    "channel": names.get(channel, channel),
                    "campaign": CHANNELS[channel][2][index % len(CHANNELS[channel][2])],
                    "platform": "Circle" if channel == "Paid Social" else "AdNorth",
                    "source_system": "generic",
                    "account_ref": "",
                    "file_id": "ads",
                    "starts_on": day,
                    "ends_on": day,
                    "breakdown": "none",
                    "cost": cents,
                    "clicks": round(cost / 2),
                    "claimed_conversions": index % 3,
                    "claimed_value": index % 3 * 40,
                    "claim_basis": "7 days after a click",
                    "source_currency": "EUR",
                }
            )
    return shop


def _person(shop: Shop, draw: random.Random, customer: int, names: dict[str, str]) -> None:
    at = BEGIN + (AS_OF - BEGIN) * draw.random()
    weights = [c[3] for c in CHANNELS.values()]
    channel, bought = draw.choices(list(CHANNELS), weights)[0], 0
    if draw.random() < 0.03:
        _order(shop, draw, customer, at, 0)
        return
    for step in range(draw.choice((1, 1, 1, 2, 2, 3, 4, 5, 8))):
        if at >= AS_OF:
            return
        depth = draw.choices((0, 1, 2, 3), (40, 35, 20, 5))[0]
        _touch(shop, draw, customer, at, channel, depth, names)
        if draw.random() < CHANNELS[channel][4] * (1 + step) * (0.6 + depth * 0.7):
            at += timedelta(minutes=draw.randint(3, 30))
            if at < AS_OF:
                _order(shop, draw, customer, at, bought)
                bought += 1
        at += timedelta(days=draw.expovariate(1 / 6))
        if draw.random() < 0.55:
            channel = draw.choices([*CHANNELS, "Email", "Direct"], [*weights, 14, 16])[0]


def _touch(
    shop: Shop, draw: random.Random, customer: int, at: datetime, channel: str, depth: int, names: dict[str, str]
) -> None:
    number = len(shop.touches) + 1
    source, medium, campaigns, _, _ = CHANNELS[channel]
    codes = sorted({names.get(name, name) for name in CHANNELS})
    name = names.get(channel, channel)
    last = _DEEDS[min(depth, 3) - 1][1] if depth else "page_view"
    common = {
        "customer_id": customer,
        "channel": name,
        "source": source,
        "medium": medium,
        "campaign": draw.choice(campaigns),
        "content": "",
    }
    visit, page = None if channel == "Store" else number, None
    shop.touches.append(
        {
            "touch_id": number,
            "occurred_at": at,
            "channel_code": codes.index(name) + 1,
            "interaction": last,
            "session_id": visit,
            **common,
        }
    )
    if visit:
        page = draw.choice(_PAGES[: 4 + depth])
        device = draw.choice(("mobile", "mobile", "desktop", "tablet"))
        shop.sessions.append(
            {
                "session_id": number,
                "started_at": at,
                "landing_page": _PAGES[number % 4],
                "country": ("Germany", "Austria")[customer % 2],
                "exit_page": page,
                "source_system": "site",
                "device_category": device,
                "last_interaction": last,
                **common,
            }
        )
    for stage, interaction in _DEEDS[:depth] if draw.random() < 0.9 else _DEEDS[max(depth - 1, 0) : depth]:
        shop.touchpoints.append(
            {
                "touchpoint_id": f"00000000-0000-0000-0000-{len(shop.touchpoints):012d}",
                "occurred_at": at,
                "stage": stage,
                "interaction": interaction,
                "page_path": page,
                "event_name": interaction,
                "session_id": visit,
                "customer_id": customer,
                "channel": name,
                "product_ref": f"tea-{customer % 4}",
                "amount_reporting": Decimal(10 + customer % 30),
            }
        )


def _order(shop: Shop, draw: random.Random, customer: int, at: datetime, bought: int) -> None:
    worth = Decimal(round(draw.lognormvariate(3.5, 0.5) * 100)) / 100
    refunded = worth if draw.random() < 0.03 else Decimal(0)
    is_paid = draw.random() > 0.02
    shop.orders.append(
        {
            "order_id": f"T{len(shop.orders) + 1001}", "customer_id": customer, "ordered_at": at, "counted_until_at": at,
            "status": "paid" if is_paid else "cancelled", "is_conversion": is_paid, "is_first_order": is_paid and bought == 0,
            "revenue": worth - refunded if is_paid else Decimal(0), "refunded": refunded,
            "excluded_as": None if is_paid else "cancelled", "count_refunds": int(refunded > 0), "gift_cards": 0,
            "gross": worth, "discount": 0, "tax": 0, "shipping": 0, "source_currency": "EUR", "source_amount": worth,
            "source_system": "shop", "source_systems": ["shop"],
            "sale_channel": "web",
        }
    )  # fmt: skip


def fill(warehouse: Warehouse, shop: Shop, **settings: Any) -> None:
    """Put a shop into an empty warehouse and build what depends on it; its columns keep their meanings."""
    row = settings_row(Settings(), AS_OF).to_pylist()[0]
    row |= {"reporting_zone": "Europe/Berlin", "reporting_currency": "EUR", "interval_draws": 100} | settings
    row |= {"provisional_from": row["as_of"].date() - timedelta(days=2)}
    put(warehouse, "config.settings", [row])
    pairs = list(zip(shop.orders[::2], shop.orders[1::2], strict=False))[:3]
    # As many readers as a shop of its size has, and 200 at most.
    mail = mail_of(BEGIN, min(200, len(shop.touches) // 3))
    codes = [{"channel_code": i, "channel": name} for i, name in enumerate(shop.channels, 1)]
    given = {
        "core.channel_codes": codes,
        "core.touches": shop.touches,
        "core.sessions": shop.sessions,
        "core.touchpoints": [*shop.touchpoints, *mail, *letter_of(shop.touches)],
        "core.machine_clicks": [
            {"event_id": point["touchpoint_id"], **SCANNED} for point in mail if point["is_machine"]
        ],
        "core.orders": shop.orders,
        "core.order_lines": [
            {
                "order_id": order["order_id"],
                "order_ref": "1",
                "line_ref": "1",
                "product_ref": f"TEA-{order['customer_id'] % 3}",
            }
            for order in shop.orders
        ],
        "core.refunds": [_refund(order) for order in shop.orders if order["refunded"] and order["is_conversion"]],
        "core.order_rows": [_order_row(order, line) for line, order in enumerate(shop.orders, 2)],
        "core.exchange_rates": [
            {"currency": "EUR", "day": day, "rate": 1}
            for day in sorted({order["ordered_at"].date() for order in shop.orders})
        ],
        "core.spend": shop.spend,
        "core.campaign_names": [
            {"channel": channel, "campaign": campaign, "campaign_name": campaign, "is_bought": True}
            for channel, campaign in sorted({(row["channel"], row["campaign"]) for row in shop.spend})
        ],
        "core.click_ids": shop.click_ids(),
        "core.order_pairs": [_pair(tier, one, other) for tier, (one, other) in enumerate(pairs, 1)],
        "core.engagement": _interface(shop),
        **_identity(shop),
    }
    for name, rows in given.items():
        put(warehouse, name, rows)
    rebuild(warehouse, set(given))


def _identity(shop: Shop) -> dict[str, list[dict[str, Any]]]:
    """Return who is who: every tenth touch strictly read is nobody's, and pairs of people loosely read are one."""
    people = sorted({row["customer_id"] for row in (*shop.touches, *shop.orders)})
    read = {n: {"component_id": n, "strict_id": n, "loose_id": n - n % 2} for n in people}
    kinds = [
        ("known", ("user_id", "email", "phone", "client_id")),
        ("guest", ("email",)),
        ("anonymous", ("client_id",)),
    ]
    identifiers: list[dict[str, Any]] = []
    for n in people:
        for kind in kinds[n % 3][1][: 1 + n % 4]:
            node = {"node_id": len(identifiers) + 1, "customer_id": n, "kind": kind, "value": f"{kind} {n}"}
            identifiers.append(node)
    refused = [
        {"kind": "email", "value": "info@example.com", "other_kind": "", "other_value": "", "rule": "role_address"}
    ]
    for n in people[:5]:
        link = {"kind": "user_id", "value": f"u{n}", "other_kind": "email", "other_value": "family@example.com"}
        refused.append(link | {"rule": "conflict_of_strong_ids", "count_rows": n})
    return {
        "core.customers": [{"customer_id": n, "kind": kinds[n % 3][0]} for n in people],
        "identity.identifiers": identifiers,
        "identity.refused_links": refused,
        "identity.shared_identifiers": [
            {"kind": i["kind"], "value": i["value"], "joins_kind": "user_id", "count_joined": 40, "rule": "shared_device"}
            for i in identifiers if i["kind"] == "client_id"
        ][:2],
        "identity.bridges": [
            {"node_id": a["node_id"], "other_node_id": b["node_id"], "count_identifiers": 6, "other_count_identifiers": 5,
             "is_refused": a["node_id"] % 2 == 0}
            for a, b in zip(identifiers[:3], identifiers[5:8], strict=False)
        ],
        "identity.households": [{"customer_id": n, "household_id": n - n % 2, "count_customers": 2} for n in people[:40]],
        "identity.readings": [{"node_id": i["node_id"], **read[i["customer_id"]]} for i in identifiers],
        "identity.device_periods": [],
        "core.order_readings": [
            {"order_id": order["order_id"], "customer_id": order["customer_id"], **read[order["customer_id"]]}
            for order in shop.orders if order["is_conversion"]
        ],
        "core.touch_readings": [
            {"touch_id": t["touch_id"], **read[t["customer_id"]],
             "strict_id": -t["touch_id"] if t["touch_id"] % 10 == 0 else t["customer_id"]}
            for t in shop.touches
        ],
    }  # fmt: skip


def _refund(order: dict[str, Any]) -> dict[str, Any]:
    given = {"source_system": "shop", "refund_ref": f"R{order['order_id']}", "order_id": order["order_id"]}
    return given | {"refunded_at": order["ordered_at"], "amount": order["refunded"], "tax": 0, "is_counted": True}


def _pair(tier: int, one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    given = {"tier": tier, "is_merged": tier < 3, "evidence": f"both are <b>{one['gross']}</b>", "minutes_apart": tier}
    sides = {
        f"{side}{key}": value
        for side, system, order in (("", "shop", one), ("other_", "till", other))
        for key, value in {
            "source_system": system, "order_ref": order["order_id"], "amount": order["gross"], "file_id": "f",
            "ordered_at": order["ordered_at"], "line_number": tier, "order_id": order["order_id"],
        }.items()
    }  # fmt: skip
    return given | sides


def _interface(shop: Shop) -> list[dict[str, Any]]:
    given = {"platform": "site", "object_kind": "channel group", "breakdown": "none", "metric": "Sessions"}
    days = {"starts_on": BEGIN.date(), "ends_on": AS_OF.date()}
    return [given | days | {"row_key": None, "object_ref": "All", "value": len(shop.sessions) * 1.1}]


def _order_row(order: dict[str, Any], line: int) -> dict[str, Any]:
    given = {key: order[key] for key in ("order_id", "ordered_at", "source_system")}
    fate = "booked" if order["is_conversion"] else order["status"]
    place = {"file_id": "f", "line_number": line, "placed_at": order["ordered_at"]}
    return given | place | {"currency": "EUR", "amount": order["gross"], "fate": fate}


def rebuild(warehouse: Warehouse, given: set[str]) -> None:
    """Build every model that depends on the given tables."""
    stale = set(given)
    for model in in_order(read_models()):
        if model.name not in given and model.inputs & stale:
            stale.add(model.name)
            make(model, warehouse)
            warehouse.comment(model.name, model.kind, model.description, model.meanings)


def put(warehouse: Warehouse, name: str, rows: Iterable[dict[str, Any]]) -> None:
    """Replace the rows of a table; columns left out are null, or false."""
    columns = warehouse.describe(f"select * from {name}")
    warehouse.execute(f"delete from {qualified(name)}")
    rows = [{column: row.get(column, False if kind == "BOOLEAN" else None) for column, kind in columns} for row in rows]
    if not rows:
        return
    names = ", ".join(column for column, _ in columns)
    with warehouse.given(pa.Table.from_pylist(rows)) as view:
        typed = ", ".join(f"cast({column} as {kind}) as {column}" for column, kind in columns)
        warehouse.execute(f"insert into {qualified(name)} ({names}) select {typed} from {view}")


@contextmanager
def empty_marts() -> Iterator[Warehouse]:
    """Open a warehouse with every table and no rows; connectors play no part in it."""
    with Warehouse.open(threads=1) as warehouse:
        write_inputs(warehouse, Settings(), {})
        check_all(read_models(), warehouse, in_order)
        yield warehouse
