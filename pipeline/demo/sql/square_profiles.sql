-- One row per record of the customer directory.
select
    g.profile,
    g.person,
    token('customer ' || g.profile || ' ' || g.person || ' ' || g.created_at, 26) as customer_id,
    case when g.has_name then p.first_name end as first_name,
    case when g.has_name then p.last_name end as last_name,
    case
        when g.uses_shared_mailbox then $shared_mailbox
        when g.has_mail then mail_text(p.email, g.mail_style)
    end as email,
    case when g.has_phone then phone_text(p.phone_area, p.phone_line, g.phone_style) end as phone,
    case when g.has_loyalty then format('LOYAL-{:06d}', p.person + 1) end as loyalty_id,
    g.uses_shared_mailbox,
    g.is_instant,
    g.created_at,
    p.kind
from given_profiles as g
join people as p using (person)
