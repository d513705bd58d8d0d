-- One row per identifier that was seen and joins nobody, or link that was seen and not followed, with the rule that says so.
-- grain: kind, value, other_kind, other_value, rule
with

links as (select * from identity.links),

shared as (select * from identity.shared_identifiers),

joined_by_hand as (
    select a.kind, a.value, b.kind as other_kind, b.value as other_value
    from identity.accepted_links as joined
    join identity.nodes as a on a.node_id = joined.node_id
    join identity.nodes as b on b.node_id = joined.other_node_id
    where joined.strength = 0
),

of_shared as (
    select links.kind, links.value, links.other_kind, links.other_value, shared.rule, links.count_rows
    from links
    join shared on shared.kind = links.kind and shared.value = links.value
    union all
    select links.kind, links.value, links.other_kind, links.other_value, shared.rule, links.count_rows
    from links
    join shared on shared.kind = links.other_kind and shared.value = links.other_value
),

refused as (
    select * from of_shared
    anti join joined_by_hand using (kind, value, other_kind, other_value)
    union all
    select a.kind, a.value, b.kind, b.value, apart.rule, links.count_rows
    from identity.unfollowed_links as apart
    join identity.nodes as a on a.node_id = apart.node_id
    join identity.nodes as b on b.node_id = apart.other_node_id
    left join links
        on links.kind = a.kind and links.value = a.value and links.other_kind = b.kind and links.other_value = b.value
    union all
    select 'person_key', value, 'person_key', other_value, rule, 0 from identity.probable_joins where rule is not null
    union all
    select kind, written, '', '', rule, null from identity.written_identifiers where rule is not null
)

select
    kind,                                                  -- Kind of the identifier.
    value,                                                 -- The identifier; as written when it cannot be read or is blocked.
    other_kind,                                            -- Kind of the one it would have been linked to; empty for a blocked value.
    other_value,                                           -- The one it would have been linked to.
    rule,                                                  -- Rule that refused it.
    max(count_rows) as count_rows                          -- Rows that carry both; null for a blocked value, 0 for a probable link.
from refused
group by kind, value, other_kind, other_value, rule
