-- Functions for the traffic of the web site.

create or replace macro url_word(value) as replace(replace(value, ' ', '+'), '(', '%28');

-- The query that the link carried; & is escaped later, with the rest of the text.
create or replace macro landing_query(form, source, medium, campaign, gclid) as
    case
        when form = 'utm' then
            '?utm_source=' || url_word(source)
            || case when medium <> '' then '&utm_medium=' || url_word(medium) else '' end
            || case when campaign <> '' then '&utm_campaign=' || url_word(campaign) else '' end
        when form in ('ads', 'gclid_organic', 'gclid_only') then '?gclid=' || gclid
        else ''
    end;

-- The parameters that name the source, on the events of the landing page.
create or replace macro source_params(form, source, medium, campaign, referrer, gclid) as
    case
        when form in ('utm', 'referrer') then
            ',' || text_param('source', source)
            || case when medium <> '' then ',' || text_param('medium', medium) else '' end
            || case when campaign <> '' then ',' || text_param('campaign', campaign) else '' end
        when form = 'gclid_organic' then
            ',' || text_param('source', source) || ',' || text_param('medium', medium) || ',' || text_param('campaign', '(organic)')
            || ',' || text_param('gclid', gclid)
        when form in ('ads', 'gclid_only') then ',' || text_param('gclid', gclid)
        else ''
    end
    || case when referrer <> '' then ',' || text_param('page_referrer', referrer) else '' end;

create or replace macro collected(form, source, medium, campaign, gclid) as
    case
        when form = 'utm' then
            ',"collected_traffic_source":{'
            || case when campaign <> '' then '"manual_campaign_name":"' || json_text(campaign) || '",' else '' end
            || '"manual_source":"' || json_text(source) || '"'
            || case when medium <> '' then ',"manual_medium":"' || json_text(medium) || '"' else '' end || '}'
        when form in ('ads', 'gclid_organic', 'gclid_only') then ',"collected_traffic_source":{"gclid":"' || gclid || '"}'
        else ''
    end;

-- What Google works out per session; an unlinked or young property has it for some sessions only.
create or replace macro last_click(form, source, medium, campaign, lucky) as
    case
        when form = 'ads' then
            ',"session_traffic_source_last_click":{"google_ads_campaign":{"customer_id":"5550100100","account_name":"Fernhollow Tea","campaign_id":"200000000'
            || length(campaign) || '","campaign_name":"' || json_text(campaign)
            || '"},"cross_channel_campaign":{"campaign_name":"' || json_text(campaign)
            || '","source":"google","medium":"cpc","default_channel_group":"Paid Search","primary_channel_group":"Paid Search"}}'
        when form = 'direct' then
            ',"session_traffic_source_last_click":{"cross_channel_campaign":{"campaign_name":"(direct)","source":"(direct)","medium":"(none)","default_channel_group":"Direct"}}'
        when form = 'utm' and medium <> '' and campaign <> '' and lucky < 300 then
            ',"session_traffic_source_last_click":{"manual_campaign":{"campaign_name":"' || json_text(campaign) || '","source":"' || json_text(source)
            || '","medium":"' || json_text(medium) || '"},"cross_channel_campaign":{"campaign_name":"' || json_text(campaign)
            || '","source":"' || json_text(source) || '","medium":"' || json_text(medium) || '"}}'
        else ''
    end;
