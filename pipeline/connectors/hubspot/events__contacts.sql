-- One row per moment that a contact record remembers: made, first seen, first and most recent form submission.
with

contacts as (
    select * from raw.hubspot__contacts
    union all by name
    select * from raw.hubspot__contacts_by_contact_id
),

media (words, medium) as (
    values
        ('organic search|organische suche|búsqueda orgánica|recherche (naturelle|organique)', 'organic'),
        ('paid search|bezahlte suche|búsqueda (pagada|de pago)|recherche payante', 'cpc'),
        ('paid social|bezahlte social.*|redes sociales (de pago|pagadas)|campagne payante|réseaux sociaux payants', 'paid-social'),
        ('(organic )?social|social media|organische social.*|soziale medien|redes sociales( orgánicas)?|réseaux sociaux( organiques)?', 'social'),
        ('e-?mail[- ]marketing|marketing par e-mail', 'email'),
        ('referrals?|verweise|referencias|renvois', 'referral'),
        ('ai referrals?', 'ai-assistant'),
        ('direct traffic|direkter traffic|tráfico directo|trafic direct', '(none)'),
        ('offline( sources)?|offline-quellen|fuentes (offline|sin conexión)|sources hors ligne', 'offline')
),

translated as (
    -- The few different words are matched once, not every contact's.
    select words.said, media.medium
    from (select original_source as said from contacts union select latest_source from contacts) as words
    join media on regexp_full_match(lower(replace(words.said, '_', ' ')), media.words)
),

remembered as (
    select
        *,
        coalesce(first_seen_on, first_session_on) as seen_on,
        coalesce(regexp_matches(lower(original_source), 'offline|hors ligne|sin conexión'), false) as is_offline,
        unnest([
            {'part': 'created', 'at': created_on, 'says': 'Contact created'},
            {'part': 'first seen', 'at': seen_on, 'says': 'First seen'},
            {'part': 'first conversion', 'at': first_conversion_on, 'says': coalesce(first_conversion, 'Form submission')},
            {'part': 'recent conversion', 'at': recent_conversion_on, 'says': coalesce(recent_conversion, 'Form submission')}
        ]) as moment
    from contacts
),

sourced as (
    -- HubSpot keeps the sources of the first and of the latest visit; a form sent on another day came by neither.
    select
        *,
        case
            when moment.part in ('created', 'first seen') then 'original'
            when is_offline then 'unknown'
            when moment.part = 'first conversion' and left(moment.at, 10) = left(coalesce(seen_on, moment.at), 10) then 'original'
            when moment.part = 'recent conversion' and left(moment.at, 10) = left(latest_source_on, 10) then 'latest'
            else 'unknown'
        end as visit,
        case visit when 'original' then original_source when 'latest' then latest_source end as said,
        case visit when 'original' then original_source_1 when 'latest' then latest_source_1 end as detail_1,
        case visit when 'original' then original_source_2 when 'latest' then latest_source_2 end as detail_2,
        case when visit = 'original' then first_page end as page
    from remembered
    where moment.at is not null
        -- The only form submission is both the first and the most recent one.
        and not (moment.part = 'recent conversion' and coalesce(recent_conversion_on = first_conversion_on, false)
            and recent_conversion is not distinct from first_conversion)
        -- Imported contacts have no first visit.
        and not (moment.part = 'first seen' and is_offline)
),

placed as (
    -- Other campaigns carry their own source and medium as the second detail.
    select
        sourced.*,
        coalesce(translated.medium, nullif(split_part(detail_2, ' / ', 2), ''), url_parameter(page, 'utm_medium'), said) as medium,
        case when visit = 'original' then coalesce(url_parameter(page, 'gclid'), case when medium = 'cpc' then gclid end) end as clicked
    from sourced
    left join translated using (said)
)

select
    event_of(row_key, moment.part) as event_id,
    file_id,
    line_number,
    row_key,
    utc_text(moment.at, file_zone) as occurred_at,
    case
        when regexp_full_match(moment.at, '\d{4}-\d\d-\d\d( 00:00(:00)?)?') then 'day'
        when regexp_matches(moment.at, ':\d\d:\d\d') then 'second'
        else 'minute'
    end as time_precision,
    moment.says as event_name,
    coalesce(event_names.interaction, 'form_submit') as interaction,
    person_key,
    coalesce(
        url_parameter(page, 'utm_source'),
        case
            when medium = '(none)' then '(direct)'
            when medium = 'organic' then lower(detail_2)
            when medium in ('social', 'paid-social', 'offline') then lower(detail_1)
            when medium in ('referral', 'ai-assistant') then detail_1
            when medium = 'cpc' and visit = 'original' then url_host(first_referrer)
            when medium <> 'email' then nullif(split_part(detail_2, ' / ', 1), '')
        end) as source,
    medium,
    coalesce(
        url_parameter(page, 'utm_campaign'),
        case when medium in ('social', 'paid-social') then detail_2 when medium not in ('organic', 'referral', 'ai-assistant', '(none)', 'offline') then detail_1 end
    ) as campaign,
    coalesce(
        url_parameter(page, 'utm_term'),
        case when medium = 'organic' and detail_1 not ilike 'unknown keywords%' then detail_1 when medium = 'cpc' then detail_2 end) as term,
    case when moment.part = 'first seen' then first_referrer end as referrer,
    case when moment.part = 'first seen' then page end as page_url,
    case when clicked is not null then 'gclid' end as click_id_kind,
    clicked as click_id,
    -- Senders of mail become contacts of their own.
    coalesce(regexp_matches(email, '(?i)^(no[._-]?reply|do[._-]?not[._-]?reply|mailer-daemon|bounces?)@|@notifications\.hubspot\.com$'), false) as is_machine,
    case when is_machine then 'The contact is a sender address that no person reads' end as machine_reason
from placed
left join config.event_names as event_names
    on event_names.source_system = 'hubspot' and event_names.event_name = moment.says
