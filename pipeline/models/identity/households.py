"""One row per customer who shares an address, number, mailbox, card or device with a few others: their household.

grain: customer_id
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.analysis.graphs import places_of, smallest_member_of_component

READS = ("identity.shared_contacts", "config.settings")
COLUMNS = {
    "customer_id": ("bigint", "Customer; people of a household stay people of their own."),
    "household_id": ("bigint", "Smallest customer number of the household."),
    "count_customers": ("bigint", "Customers in it."),
    "shares": ("varchar[]", "What the customer shares with others of it: address, card, device, email, phone."),
}

#: What more people share than a household has says nothing about who lives together.
_SHARED = """
    select shared.* from identity.shared_contacts as shared cross join config.settings
    where shared.count_customers <= settings.household_people"""


def compute(query) -> pa.Table:  # type: ignore[no-untyped-def]
    """Return the households; `query` runs a SELECT and gives an Arrow table."""
    people = query(
        f"select customer_id, list(distinct kind order by kind) as shares from ({_SHARED}) group by customer_id "
        "order by customer_id"
    )
    ties = query(f"select customer_id, min(customer_id) over (partition by kind, contact) as first_id from ({_SHARED})")
    most = query("select household_people as most from config.settings").column("most")[0].as_py()
    customers = people.column("customer_id").to_numpy()
    one, other = (places_of(customers, ties.column(name).to_numpy()) for name in ("customer_id", "first_id"))
    household = smallest_member_of_component(len(customers), one, other)
    counts = np.bincount(household, minlength=len(customers))[household]
    everyone = pa.table(
        {
            "customer_id": people.column("customer_id"),
            "household_id": pa.array(customers[household], pa.int64()),
            "count_customers": pa.array(counts, pa.int64()),
            "shares": people.column("shares"),
        }
    )
    # A chain of many, each sharing something with the next, is no household either.
    return everyone.filter(pa.array(counts <= most))
