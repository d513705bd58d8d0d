-- One row per order of a source that somebody placed under a personal address of the business itself.
-- grain: source_system, order_ref
with

own_domains as (select value from config.identifier_rules where kind = 'email' and match = 'domain' and rule = 'own_address'),

-- What is rung up on info@ or orders@ is often a customer without an address.
offices as (select value from config.identifier_rules where kind = 'email' and match = 'local_part'),

addresses as (
    select source_system, order_ref, email from validated.orders where email is not null
    union
    select orders.source_system, orders.order_ref, unnest(people.emails)
    from validated.orders as orders
    join validated.people as people
        on people.source_system = orders.source_system and people.person_key = orders.person_key
),

parts as (
    select source_system, order_ref, split_part(address, '@', 1) as local_part, split_part(address, '@', 2) as domain
    from (select source_system, order_ref, lower(regexp_replace(trim(email), '^mailto:', '')) as address from addresses)
)

select
    source_system,                                         -- System that has the order.
    order_ref,                                             -- Its number there.
    min(domain) as domain                                  -- The business's own domain.
from parts
where domain in (select value from own_domains) and local_part not in (select value from offices)
group by source_system, order_ref
