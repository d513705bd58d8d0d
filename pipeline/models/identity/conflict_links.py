"""One row per link that is not followed because it would give one person two accounts or cards: always the weakest.

grain: node_id, other_node_id
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.analysis.graphs import places_of, smallest_member_of_component
from pipeline.analysis.merging import links_in_conflict

READS = (
    "identity.nodes",
    "identity.groups",
    "identity.accepted_links",
    "identity.cut_links",
    "config.identifier_strengths",
)
COLUMNS = {
    "node_id": ("bigint", "Number of the stronger identifier in identity.nodes."),
    "other_node_id": ("bigint", "Number of the other one."),
    "held_node_id": ("bigint", "Account or card that the one leads to."),
    "other_held_node_id": ("bigint", "Another of the same kind that the other one leads to."),
}

#: Identifiers of groups that hold more than one of a kind of which a person has one; the kind as a bit.
_MEMBERS = """
    with strong as (
        select kind, row_number() over (order by kind) - 1 as place
        from config.identifier_strengths where is_strong
    ),
    crowded as (
        select distinct groups.group_id
        from identity.nodes as nodes
        join strong using (kind)
        join identity.groups as groups using (node_id)
        group by groups.group_id, kind
        having count(*) > 1
    )
    select nodes.node_id, coalesce(1 << strong.place, 0)::bigint as mark
    from crowded
    join identity.groups as groups using (group_id)
    join identity.nodes as nodes using (node_id)
    left join strong using (kind)
    order by nodes.node_id"""

#: Links of those groups, the strongest first; what one record carries of a kind is one person's before all else.
_LINKS = """
    with members as ({members}),
    links as (
        select links.*
        from identity.accepted_links as links
        semi join members using (node_id)
        anti join identity.cut_links using (node_id, other_node_id)
    ),
    carried as (
        select links.node_id, links.other_node_id
        from links
        join identity.nodes as record on record.node_id = links.node_id and record.kind = 'person_key'
        join identity.nodes as held on held.node_id = links.other_node_id
        join members on members.node_id = links.other_node_id and members.mark > 0
        where links.is_on_record
        qualify count(*) over (partition by links.node_id, held.kind) > 1
    )
    select
        links.node_id, links.other_node_id,
        case when carried.node_id is not null then 0 when links.strength = 0 then 2 else 1 end as turn
    from links
    left join carried using (node_id, other_node_id)
    order by
        turn, links.strength, links.count_rows desc, links.first_seen_at nulls last, links.node_id, links.other_node_id
"""


def compute(query) -> pa.Table:  # type: ignore[no-untyped-def]
    """Follow links the strongest first and return those refused; `query` runs a SELECT and gives an Arrow table."""
    schema = pa.schema([(name, pa.int64()) for name in COLUMNS])
    members = query(_MEMBERS)
    if not members.num_rows:
        return schema.empty_table()
    links = query(_LINKS.format(members=_MEMBERS))
    nodes = members.column("node_id").to_numpy()
    left, right = (places_of(nodes, links.column(name).to_numpy()) for name in ("node_id", "other_node_id"))
    turn = links.column("turn").to_numpy()
    by_hand = turn == 2
    refused = links_in_conflict(
        members.column("mark").to_numpy(), left[~by_hand], right[~by_hand], int(np.count_nonzero(turn == 0))
    )
    # Whom somebody joins by hand are one person, whatever they hold.
    is_kept = np.ones(len(left), dtype=bool)
    is_kept[[link for link, _, _ in refused]] = False
    person = smallest_member_of_component(len(nodes), left[is_kept], right[is_kept])
    rows = [
        dict(zip(COLUMNS, (int(nodes[at]) for at in (left[link], right[link], one, other)), strict=True))
        for link, one, other in refused
        if person[left[link]] != person[right[link]]
    ]
    return pa.Table.from_pylist(rows, schema=schema)
