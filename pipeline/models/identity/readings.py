"""One row per identifier: the person it would lead to if links were followed more strictly, or more loosely.

grain: node_id
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.analysis.graphs import smallest_member_of_component

READS = (
    "identity.nodes",
    "identity.components",
    "identity.links",
    "identity.accepted_links",
    "identity.unfollowed_links",
    "identity.shared_identifiers",
)
COLUMNS = {
    "node_id": ("bigint", "Number of the identifier in identity.nodes."),
    "component_id": ("bigint", "Its person as links are followed: their oldest identifier."),
    "strict_id": (
        "bigint",
        "Its person without phone numbers, without browsers that lead to more than one identifier, and with an e-mail "
        "address only where a person record or an order holds it.",
    ),
    "loose_id": (
        "bigint",
        "Its person with limits ten times as high, and with links followed that a conflict or a bridge refuses.",
    ),
}

_STRICT = """
    with followed as (
        select links.node_id, links.other_node_id, links.strength, links.is_on_record, links.evidence,
            one.kind, other.kind as other_kind,
            count(*) filter (where other.kind = 'client_id') over (partition by links.other_node_id) as count_leading
        from identity.accepted_links as links
        anti join identity.unfollowed_links using (node_id, other_node_id)
        join identity.nodes as one using (node_id)
        join identity.nodes as other on other.node_id = links.other_node_id
    )
    select node_id - 1 as one, other_node_id - 1 as other
    from followed
    where strength = 0 or (
        strength < 9 and kind <> 'phone' and other_kind <> 'phone'
        and (other_kind <> 'client_id' or count_leading = 1)
        and ((kind <> 'email' and other_kind <> 'email') or is_on_record or contains(evidence, 'one row of orders')))"""

_LOOSE = """
    with far_too_shared as (
        select distinct kind, value from identity.shared_identifiers where count_joined > 10 * most
    ),
    shared as (
        select distinct kind, value from identity.shared_identifiers
        anti join far_too_shared using (kind, value)
    ),
    opened as (
        select * from identity.links semi join shared using (kind, value)
        union
        select links.* from identity.links
        semi join shared on shared.kind = links.other_kind and shared.value = links.other_value
    )
    select one.node_id - 1 as one, other.node_id - 1 as other
    from opened
    anti join far_too_shared as far on far.kind = opened.kind and far.value = opened.value
    anti join far_too_shared as further on further.kind = opened.other_kind and further.value = opened.other_value
    join identity.nodes as one on one.kind = opened.kind and one.value = opened.value
    join identity.nodes as other on other.kind = opened.other_kind and other.value = opened.other_value
    union all
    select node_id - 1, other_node_id - 1 from identity.unfollowed_links where rule not like 'split_by_hand%'"""


def compute(query) -> pa.Table:  # type: ignore[no-untyped-def]
    """Return both other readings of the identity graph; `query` runs a SELECT and gives an Arrow table."""
    persons = query("select node_id, component_id from identity.components order by node_id")
    component = persons.column("component_id").to_numpy()
    strict, loose = query(_STRICT), query(_LOOSE)
    count = len(component)
    found = {
        "strict_id": smallest_member_of_component(
            count, strict.column("one").to_numpy(), strict.column("other").to_numpy()
        ),
        "loose_id": smallest_member_of_component(
            count,
            np.concatenate([np.arange(count), loose.column("one").to_numpy()]),
            np.concatenate([component - 1, loose.column("other").to_numpy()]),
        ),
    }
    columns = {name: pa.array(person + 1, pa.int64()) for name, person in found.items()}
    return pa.table({"node_id": persons.column("node_id"), "component_id": persons.column("component_id"), **columns})
