"""The Square exports: transactions and items in overlapping windows, and the customer directory."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from pipeline.demo.names import CASHIERS, STORES
from pipeline.demo.profiles import SHARED_MAILBOX, Profiles
from pipeline.demo.statements import statement
from pipeline.demo.world import World
from pipeline.demo.write import Files
from pipeline.warehouse import Warehouse, literal

_OVERLAP_DAYS = 7

_TRANSACTIONS = (
    "Date,Time,Time Zone,Gross Sales,Discounts,Service Charges,Net Sales,Gift Card Sales,Tax,Tip,Partial Refunds,"
    "Total Collected,Source,Card,Card Entry Methods,Cash,Square Gift Card,Other Tender,Other Tender Type,"
    "Tender Note,Fees,Net Total,Transaction ID,Payment ID,Card Brand,PAN Suffix,Device Name,Staff Name,Staff ID,"
    "Details,Description,Event Type,Location,Dining Option,Customer ID,Customer Name,Customer Reference ID,"
    "Device Nickname,Third Party Fees,Deposit ID,Deposit Date,Deposit Details,Fee Percentage Rate,Fee Fixed Rate,"
    "Refund Reason,Discount Name,Transaction Status,Cash App,Order Reference ID,Fulfillment Note,"
    "Free Processing Applied,Channel,Unattributed Tips,Table Info,International Fee"
)
_ITEMS = (
    "Date,Time,Time Zone,Category,Item,Qty,Price Point Name,SKU,Modifiers Applied,Gross Sales,Discounts,"
    "Net Sales,Tax,Transaction ID,Payment ID,Device Name,Notes,Details,Event Type,Location,Dining Option,"
    "Customer ID,Customer Name,Customer Reference ID,Unit,Count,GTIN,Itemization Type,{}Fulfillment Note,Channel,"
    "Token,Card Brand,PAN Suffix"
)
_CUSTOMERS = (
    "Reference ID,First Name,Last Name,Email Address,Phone Number,Nickname,Company Name,Street Address 1,"
    "Street Address 2,City,State,Postal Code,Birthday,Memo,Square Customer ID,Creation Source,First Visit,"
    "Last Visit,Transaction Count,Lifetime Spend,Email Subscription Status,Instant Profile,"
    "Blocked from online booking"
)


def write_profiles(profiles: Profiles, warehouse: Warehouse) -> None:
    """Write `private.profiles`, and `private.order_profiles`: the record each order is on."""
    fields = {name: value for name, value in vars(profiles).items() if name != "of_order"}
    with warehouse.given(pa.table({"profile": np.arange(len(profiles)), **fields}), "given_profiles"):
        warehouse.create("private.profiles", statement("square_profiles", shared_mailbox=literal(SHARED_MAILBOX)))
    place = np.flatnonzero(profiles.of_order >= 0)
    with warehouse.given(pa.table({"order_place": place, "profile": profiles.of_order[place]})) as given:
        warehouse.create(
            "private.order_profiles",
            f"""select order_place, profile, customer_id, loyalty_id, first_name || ' ' || last_name as customer_name
            from {given} join profiles using (profile)""",
        )


def write_square(world: World, warehouse: Warehouse, files: Files) -> None:
    """Write the exports of the till."""
    stores = [{"store": i, "name": name, "cashiers": list(CASHIERS[i])} for i, name in enumerate(STORES)]
    warehouse.write("private.stores", pa.Table.from_pylist(stores))
    warehouse.create("private.sales", statement("square_sales"))
    for number, (first, after) in enumerate(_windows(world)):
        # An export knows the deposits and refunds up to its last day, so a sale in two exports may read differently.
        select = statement(
            "square_window", first=f"date '{first}'", after=f"date '{after}'", has_commission=str(number > 0)
        )
        warehouse.create("private.window_sales", select)
        files.lines(
            f"data/raw/square/transactions-{first}-{after}.csv", statement("square_transactions"), _TRANSACTIONS
        )
        items = _ITEMS.format("Commission,Employee," if number else "")
        files.lines(f"data/raw/square/items-{first}-{after}.csv", statement("square_items"), items)
    last = world.calendar.date_of(world.days)
    files.lines(f"data/raw/square/customers-{last:%Y%m%d}.csv", statement("square_customers"), _CUSTOMERS)


def _windows(world: World) -> list[tuple[date, date]]:
    """Return a window per month, each from a week before its month, up to and without its second day."""
    end = world.calendar.date_of(world.days)
    windows: list[tuple[date, date]] = []
    first = world.calendar.start
    while first < end:
        following = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        begins = first if not windows else first - timedelta(days=_OVERLAP_DAYS)
        windows.append((begins, min(following, end)))
        first = following
    return windows
