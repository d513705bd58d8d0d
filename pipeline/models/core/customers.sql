-- One row per customer: everybody who was seen, whether known by name or only by a browser.
-- grain: customer_id
with

identifiers as (select * from identity.identifiers),

held as (
    select
        customer_id,
        min(first_seen_at) as first_identified_at,
        count(*) filter (where kind <> 'order') as count_identifiers,
        bool_or(kind in ('user_id', 'person_key', 'loyalty_id')) as has_record,
        bool_or(kind in ('email', 'phone')) as has_contact,
        bool_or(kind = 'order') as has_order,
        arg_min(value, (coalesce(first_seen_at, timestamp '9999-12-31'), value)) filter (where kind = 'email') as email,
        arg_min(value, (coalesce(first_seen_at, timestamp '9999-12-31'), value)) filter (where kind = 'phone') as phone,
        arg_min(value, (coalesce(first_seen_at, timestamp '9999-12-31'), value)) filter (where kind = 'user_id') as user_id,
        arg_min(value, (coalesce(first_seen_at, timestamp '9999-12-31'), value)) filter (where kind = 'loyalty_id') as loyalty_id
    from identifiers
    group by customer_id
),

records as (
    select keys.customer_id, people.*
    from validated.people as people
    join identity.keys as keys
        on keys.kind = 'person_key' and keys.written = people.source_system || ' ' || people.person_key
),

described as (
    -- The latest record that says something counts.
    select
        customer_id,
        arg_max(first_name, (coalesce(created_at, timestamp '0001-01-01'), row_key)) as first_name,
        arg_max(last_name, (coalesce(created_at, timestamp '0001-01-01'), row_key)) as last_name,
        arg_max(company, (coalesce(created_at, timestamp '0001-01-01'), row_key)) as company,
        arg_max(country, (coalesce(created_at, timestamp '0001-01-01'), row_key)) as country,
        arg_max(postcode, (coalesce(created_at, timestamp '0001-01-01'), row_key)) as postcode,
        arg_max(lifecycle_stage, (coalesce(created_at, timestamp '0001-01-01'), row_key)) as lifecycle_stage,
        arg_min(lead_source, (coalesce(created_at, timestamp '9999-12-31'), row_key)) as lead_source,
        min(created_at) as first_record_at,
        case
            when bool_or(email_consent = 'denied') then 'denied'
            when bool_or(email_consent = 'granted') then 'granted'
            else 'unknown'
        end as email_consent,
        bool_or(is_test) as is_test
    from records
    group by customer_id
)

select
    held.customer_id,                                      -- Number of the customer; stays the same night after night.
    case
        when held.has_record then 'known'
        when held.has_contact or held.has_order then 'guest'
        else 'anonymous'
    end as kind,                                           -- known: has a record or account; guest: ordered or left an address without one; anonymous: only a browser.
    held.email,                                            -- Earliest e-mail address, in the form it is compared in.
    held.phone,                                            -- Earliest phone number, E.164.
    held.user_id,                                          -- The business's own id.
    held.loyalty_id,                                       -- Loyalty card.
    described.first_name,                                  -- Given name.
    described.last_name,                                   -- Family name.
    described.company,                                     -- Company.
    described.country,                                     -- Country as the source wrote it.
    described.postcode,                                    -- Postal code.
    described.lifecycle_stage,                             -- How far a source says the person is.
    described.lead_source,                                 -- Where a source says the person came from.
    coalesce(described.email_consent, 'unknown') as email_consent,    -- denied when any source says so.
    coalesce(described.is_test, false) as is_test,         -- A test record of the business itself.
    least(held.first_identified_at, described.first_record_at) as first_seen_at,    -- Earliest row of the customer, UTC.
    held.count_identifiers,                                -- Identifiers that lead to the customer, order numbers aside.
    households.household_id                                -- Customers with the same number share an address, number, mailbox, card or device; null for those who share none.
from held
left join described using (customer_id)
left join identity.households as households using (customer_id)
