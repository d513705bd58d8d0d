-- One row per deal; those won are orders.
with

said as (
    select
        *,
        lower(coalesce(deal_stage, '')) as stage,
        case when is_won is not null then lower(is_won) in ('true', 'yes', '1', 'ja', 'sí', 'oui') end as said_won,
        case when is_lost is not null then lower(is_lost) in ('true', 'yes', '1', 'ja', 'sí', 'oui') end as said_lost,
        case when is_closed is not null then lower(is_closed) in ('true', 'yes', '1', 'ja', 'sí', 'oui') end as said_closed,
        -- In a portal with several currencies a deal's own amount is worth nothing without its currency.
        case when currency is null then coalesce(home_amount, amount) else amount end as value
    from raw.hubspot__deals
),

judged as (
    -- HubSpot works the flags out of the pipeline's settings; a stage's name is free text, so it is asked after them.
    select
        *,
        case
            when said_won then 'paid'
            when said_lost or said_closed and not said_won then 'lost'
            when not said_closed then 'open'
            when regexp_matches(stage,
                'closed[ _-]*lost|abgeschlossen und verloren|(cierre|cerrad[oa]) (y )?perdid[oa]|(fermée?|conclue?) et perdue?|^(lost|verloren|perdid[oa]|perdue?)($|[ (:–-])')
                then 'lost'
            when not said_won then case when regexp_full_match(probability, '0(\.0+)?( ?%)?') then 'lost' else 'open' end
            when regexp_matches(stage,
                'closed[ _-]*won|abgeschlossen und gewonnen|(cierre|cerrad[oa]) (y )?ganad[oa]|(fermée?|conclue?) et gagnée?|^(won|gewonnen|ganad[oa]|gagnée?)($|[ (:–-])')
                then 'paid'
            -- Only a stage set to won has a probability of one; zero is a lost one.
            when regexp_full_match(probability, '1(\.0+)?|100(\.0+)?( ?%)?') then 'paid'
            when regexp_full_match(probability, '0(\.0+)?( ?%)?') then 'lost'
            else 'open'
        end as status
    from said
),

dated as (
    -- A won deal counts on the day it was won or not at all; the day it was made says nothing about that.
    select
        *,
        case status
            when 'paid' then coalesce(close_date, stage_entered_on)
            when 'lost' then coalesce(close_date, stage_entered_on, created_on)
            else coalesce(close_date, created_on)
        end as happened_on
    from judged
)

select
    file_id,
    line_number,
    row_key,
    deal_key as order_ref,
    some_of(split_list(order_number, ';')) as alt_order_refs,
    utc_text(happened_on, file_zone) as ordered_at,
    case
        when regexp_full_match(happened_on, '\d{4}-\d\d-\d\d( 00:00(:00)?)?') then 'day'
        when regexp_matches(happened_on, ':\d\d:\d\d') then 'second'
        else 'minute'
    end as time_precision,
    status,
    -- 12k and 1.2E+05, which a spreadsheet has rounded, are no amounts that can be told: the deal is rejected.
    coalesce(case when regexp_matches(value, '[0-9] *[A-Za-z]') then value || ' (not a plain amount)' else money_text(value, file_decimal_mark) end, '0') as gross,
    upper(coalesce(currency, file_currency)) as currency,
    contact_key as person_key,
    case when contact_ids is null then nullif(regexp_extract(contact_names, '[^\s;,<>()"]+@[^\s;,<>()"]+'), '') end as email,
    nullif(regexp_extract(company_ids, '^([0-9]+)(?:\.0+)? *(?:[;,]|$)', 1), '') as account_ref,
    'sales' as sale_channel,
    owner as agent_ref,
    replace(replace(replace(replace(replace(deal_name, '&lt;', '<'), '&gt;', '>'), '&quot;', '"'), '&#39;', ''''), '&amp;', '&') as order_name,
    nullif(json_merge_patch('{}', json_object(
        'pipeline', pipeline,
        'stage', deal_stage,
        'type', deal_type,
        'lost_reason', lost_reason,
        'products', products,
        'original_source', original_source,
        'contacts', case when contact_ids <> contact_key then contact_ids end
    ))::varchar, '{}') as detail
from dated
