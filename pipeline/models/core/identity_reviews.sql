-- One row per link between two identifiers that is worth an argument: refused by a rule, or followed over a bridge.
-- grain: kind, value, other_kind, other_value
with

bridges as (
    select a.kind, a.value, b.kind as other_kind, b.value as other_value, 'bridge_followed' as rule, 1 as count_rows
    from identity.bridges as bridges
    join identity.nodes as a on a.node_id = bridges.node_id
    join identity.nodes as b on b.node_id = bridges.other_node_id
    where not bridges.is_refused
),

refused as (
    select kind, value, other_kind, other_value, string_agg(rule, ', ' order by rule) as rule, max(count_rows) as count_rows
    from identity.refused_links
    where other_kind <> ''
    group by kind, value, other_kind, other_value
),

links as (
    select *, 'split' as action from bridges
    union all
    select *, case when rule like 'split_by_hand%' then '' else 'join' end from refused
),

written as (
    select
        *,
        case when regexp_matches(value, '[",\r\n]') then '"' || replace(value, '"', '""') || '"' else value end as cell,
        case when regexp_matches(other_value, '[",\r\n]') then '"' || replace(other_value, '"', '""') || '"'
            else other_value end as other_cell
    from links
)

select
    written.kind,                                          -- Kind of the stronger identifier.
    written.value,                                         -- The identifier in the form it is compared in.
    written.other_kind,                                    -- Kind of the other.
    written.other_value,                                   -- The other.
    written.rule,                                          -- Rule that refuses the link; bridge_followed: it is followed, though all hangs on one row.
    written.count_rows,                                    -- Rows that carry both.
    one.customer_id,                                       -- Customer the one leads to.
    other.customer_id as other_customer_id,                -- Customer the other leads to.
    case when written.action <> '' and written.kind <> 'order' and written.other_kind <> 'order' then
        concat_ws(',', written.action, written.kind, written.cell, written.other_kind, written.other_cell, '')
    end as override_line                                   -- Line of data/raw/overrides/identity.csv that decides otherwise; null where that is a line already.
from written
left join identity.identifiers as one on one.kind = written.kind and one.value = written.value
left join identity.identifiers as other on other.kind = written.other_kind and other.value = written.other_value
