-- One row per identifier that led to another customer on an earlier night: which, and since when it leads to this one.
-- grain: kind, value
with

settings as (select as_of from config.settings),

now_and_before as (
    select
        identifiers.kind,
        identifiers.value,
        identifiers.customer_id,
        registry.last_customer_id <> identifiers.customer_id as is_new,
        registry.last_customer_id,
        registry.customer_id_before,
        registry.moved_at,
        settings.as_of
    from identity.identifiers as identifiers
    join identity.registry as registry using (kind, value)
    cross join settings
)

select
    kind,                                                  -- Kind of the identifier.
    value,                                                 -- The identifier.
    case when is_new then last_customer_id else customer_id_before end as customer_id_before,    -- Customer it led to before.
    customer_id,                                           -- Customer it leads to.
    case when is_new then as_of else moved_at end as moved_at    -- Time that the first night which says so was looked at from, UTC.
from now_and_before
where is_new or customer_id_before is not null
