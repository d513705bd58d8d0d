-- One row per e-mail event: its object within the list of events.
with

events as (
    select m.*, c.email, md5('sent ' || m.campaign || ' ' || m.person) as sent_id, s.sent_ms
    from mail as m
    join contacts as c using (person)
    join (select person, campaign, min(at_ms) as sent_ms from mail where kind = 'SENT' group by all) as s using (person, campaign)
    where c.email is not null
)

select
    '{"id":"' || as_uuid(case when kind = 'SENT' then sent_id else md5(kind || campaign || ' ' || person || ' ' || at_ms) end)
    || '","created":' || at_ms || ',"type":"' || kind || '","recipient":"' || lower(email) || '","portalId":4711,"appId":2286,"appName":"Batch"'
    || ',"emailCampaignId":' || (5001 + campaign)
    || case kind
        when 'SENT' then ',"subject":"' || subject || '","from":"Fernhollow Tea \u003Ctea@shop.example.com\u003E","cc":[],"bcc":[]'
        when 'DELIVERED' then ',"response":"250 OK"'
        when 'OPEN' then ',"duration":' || (2000 + at_ms % 30000) || ',"deviceType":"COMPUTER","filteredEvent":' || (is_machine = 1)
        when 'CLICK' then ',"url":"https://files.example.com/price-list.pdf?utm_source=hs_email&utm_medium=email","linkId":1,"deviceType":"COMPUTER","filteredEvent":' || (is_machine = 1)
        when 'BOUNCE' then ',"category":"MAILBOX_FULL","status":"5.2.2","response":"552 mailbox full"'
        else ',"portalSubscriptionStatus":"UNSUBSCRIBED","source":"SOURCE_RECIPIENT"'
    end
    || case when kind <> 'SENT' then ',"sentBy":{"id":"' || as_uuid(sent_id) || '","created":' || sent_ms || '}' else '' end
    || '}' as line,
    at_ms, person, kind
from events
