-- One row per record of the customer directory.
select
    file_id,
    line_number,
    row_key,
    nullif(record, '') as person_key,
    some_of(["Email Address"]) as emails,
    -- A spreadsheet keeps a leading plus sign by writing an apostrophe before it.
    some_of([ltrim("Phone Number", '''')]) as phones,
    some_of(["Reference ID"]) as loyalty_ids,
    "First Name" as first_name,
    "Last Name" as last_name,
    -- A birthday without its year is no date of birth; it stays in the traits.
    case when regexp_full_match("Birthday", '(19|20)\d\d-\d\d-\d\d') then "Birthday" end as birth_date,
    nullif(concat_ws(', ', "Street Address 1", "Street Address 2"), '') as street,
    "City" as city,
    "State" as region,
    "Postal Code" as postcode,
    "Country" as country,
    "Company Name" as company,
    "Creation Source" as lead_source,
    case
        when "Email Subscription Status" ilike 'subscribed' then 'granted'
        when "Email Subscription Status" ilike 'unsubscribed' then 'denied'
        else 'unknown'
    end as email_consent,
    json_merge_patch('{}', to_json({
        'nickname': "Nickname", 'birthday': "Birthday", 'memo': "Memo", 'first_visit': "First Visit", 'last_visit': "Last Visit",
        'transaction_count': "Transaction Count", 'lifetime_spend': "Lifetime Spend", 'instant_profile': "Instant Profile",
        'email_subscription_status': "Email Subscription Status", 'blocked_from_online_booking': "Blocked from online booking",
        'other': extra
    }))::varchar as traits
from raw.square__customers
