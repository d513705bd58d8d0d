-- One row per phone number as sources write it, with its E.164 form.
-- grain: written
with

written as (
    select distinct phone as written from identity.seen_together where phone <> ''
    union
    select number from (select unnest(phones) as number from validated.people) where number <> ''
),

digits as (
    -- Extensions are cut off; the mark of an international number is kept.
    select
        written,
        case when starts_with(ltrim(written, ' (''='), '+') then '+' else '' end as plus,
        regexp_replace(
            regexp_replace(lower(written), '(ext\.?|extension|x|#)\s*\d+\s*$', ''), '[^0-9]', '', 'g') as number
    from written
),

home as (select * from config.phone_regions where is_home),

dialled as (
    -- How it would be dialled: after a + or the international prefix stands a country's code.
    select
        digits.written,
        case
            when plus = '+' then number
            when starts_with(number, '00') then substr(number, 3)
            when home.international_prefix = '011' and starts_with(number, '011') then substr(number, 4)
        end as abroad,
        case
            when home.trunk_prefix is not null
                and starts_with(number, home.trunk_prefix)
                and length(number) - length(home.trunk_prefix) between home.min_length and home.max_length
                and not (length(number) between home.min_length and home.max_length and home.trunk_prefix <> '0')
                then substr(number, length(home.trunk_prefix) + 1)
            else number
        end as national,
        home.calling_code,
        home.min_length,
        home.max_length
    from digits
    cross join home
),

codes as (
    select calling_code, min(min_length) as min_length, max(max_length) as max_length
    from config.phone_regions
    group by calling_code
),

abroad as (
    select dialled.written, '+' || dialled.abroad as e164
    from dialled
    join codes
        on codes.calling_code in (substr(abroad, 1, 1), substr(abroad, 1, 2), substr(abroad, 1, 3))
        and length(abroad) - length(codes.calling_code) between codes.min_length and codes.max_length
),

at_home as (
    select written, '+' || calling_code || national as e164
    from dialled
    where abroad is null and length(national) between min_length and max_length
),

either as (
    select * from abroad
    union all
    select * from at_home
)

select
    written.written,                                       -- The number as the source wrote it.
    case
        when not regexp_full_match(min(e164), '\+\d{0,4}(0{6,}|1{6,}|2{6,}|3{6,}|4{6,}|5{6,}|6{6,}|7{6,}|8{6,}|9{6,})')
            then min(e164)
    end as value                                           -- + country code and number; null when it cannot be a phone number.
from written
left join either using (written)
group by written.written
