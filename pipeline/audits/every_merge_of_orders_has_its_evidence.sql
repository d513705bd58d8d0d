-- What is merged is listed as merged, with the rule and the evidence; what is only suspected is not merged.
select order_id, number_id as what
from core.order_matches as matches
where order_id <> number_id and not exists (
    select 1 from core.order_pairs as pairs
    where pairs.tier = 2 and pairs.order_id = matches.order_id
        and (pairs.source_system = matches.source_system and pairs.order_ref = matches.order_ref
            or pairs.other_source_system = matches.source_system and pairs.other_order_ref = matches.order_ref)
)
    -- A second receipt of a system's order comes along with the first, which the pair names.
    and not exists (
        select 1 from core.order_matches as first
        where first.number_id = matches.number_id
            and (first.source_system, first.order_ref) <> (matches.source_system, matches.order_ref)
    )
union all
select order_id, evidence from core.order_pairs where is_merged <> (order_id = other_order_id)
