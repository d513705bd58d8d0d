"""What the simulation holds as arrays, handed to SQL as tables that the writers share."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.demo.baskets import COUPON_NAMES
from pipeline.demo.names import DOMAINS, FIRST_NAMES, LAST_NAMES
from pipeline.demo.orders import PLACES, Bought, refund_times
from pipeline.demo.people import People
from pipeline.demo.world import KINDS, PRODUCTS, World
from pipeline.warehouse import Warehouse


def texts(names: tuple[str, ...], places: np.ndarray) -> pa.Array:
    """Return the names at some places."""
    return pa.array(np.array(names, object)[places], pa.string())


def write_products(warehouse: Warehouse) -> None:
    """Write `private.products`."""
    rows = [{"product": place, **vars(product)} for place, product in enumerate(PRODUCTS)]
    warehouse.write("private.items_on_sale", pa.Table.from_pylist(rows))
    warehouse.create(
        "private.products",
        """select *, ',"items":[{"item_id":"' || sku || '","item_name":"' || json_text(name) || '","item_category":"'
            || category || '","price":' || plain_money(cents) || ',"quantity":"1"}]' as item_text
        from items_on_sale""",
    )


def write_people(world: World, people: People, warehouse: Warehouse) -> None:
    """Write `private.people`: names, addresses and numbers, each in its one plain form."""
    kinds = (*(kind.name for kind in KINDS), "staff")
    table = pa.table(
        {
            "person": np.arange(len(people)),
            "kind": texts(kinds, people.kind),
            "first_name": texts(FIRST_NAMES, people.first_name),
            "last_name": texts(LAST_NAMES, people.last_name),
            "domain": texts(DOMAINS, people.domain),
            "name_number": people.name_number,
            "has_phone": people.has_phone,
            "phone_area": people.phone_area,
            "phone_line": people.phone_line,
            "has_account": people.has_account,
            "has_other_mail": people.has_other_mail,
            "is_blocker": people.is_blocker,
            "is_denied": people.is_denied,
            "style": world.dice.below("style", 1_000_000, np.arange(len(people))),
        }
    )
    with warehouse.given(table) as given:
        # The address is built so that no two people have the same: the separator follows from the domain.
        warehouse.create(
            "private.people",
            f"""select *,
                case when kind = 'staff' then 'staff.' else '' end || lower(first_name)
                || case domain when 'example.com' then '.' when 'example.net' then '' else '_' end || lower(last_name)
                || case when name_number > 0 then (name_number + 1)::varchar else '' end || '@' || domain as email
            from {given}""",
        )


def write_orders(world: World, bought: Bought, warehouse: Warehouse) -> None:
    """Write `private.retail_orders`, `private.order_lines` and `private.refunds`; money in cents."""
    orders, baskets = bought.orders, bought.baskets
    place = np.arange(len(orders))
    number = world.dice.uniform("written number", orders.person, orders.day)
    table = pa.table(
        {
            "order_place": place,
            "person": orders.person,
            "day": orders.day,
            "place": texts(PLACES, orders.place),
            "ordered_us": orders.ordered_us,
            "booked_at": orders.booked_at,
            "visit": orders.visit,
            "number": orders.number,
            "is_test": orders.is_test,
            "store": orders.store,
            "cashier": orders.cashier,
            "tender": orders.tender,
            "reports": orders.reports,
            "coupon": texts(COUPON_NAMES, baskets.coupon),
            "written": number,
        }
    )
    with warehouse.given(table) as given:
        warehouse.create(
            "private.retail_orders",
            f"""select * exclude (written),
                case when place = 'store' then null when is_test then 'TEST-' || number
                     when written < 0.95 then '#' || number else number::varchar end as transaction_id,
                case when place = 'store' then null when is_test then 'TEST-' || number
                     when written % 0.1 < 0.08 then number::varchar else '#' || number end as reference_id
            from {given}""",
        )
    row, line = np.nonzero(baskets.is_line)
    at = refund_times(world, bought)
    refund = bought.refunded[row, line]
    lines = {
        "order_place": row,
        "line": line,
        "product": baskets.product[row, line],
        "quantity": baskets.quantity[row, line],
        "gross": baskets.gross[row, line],
        "discount": baskets.discount[row, line],
        "tax": baskets.tax[row, line],
        "refund": refund,
        "refunded_at": np.where(refund > 0, at[row, np.maximum(refund, 1) - 1], 0),
    }
    warehouse.write("private.order_lines", pa.table(lines))
    warehouse.create(
        "private.refunds",
        """select order_place, refund, refunded_at,
            sum(gross)::bigint as gross, sum(discount)::bigint as discount, sum(tax)::bigint as tax
        from order_lines where refund > 0 group by all""",
    )
