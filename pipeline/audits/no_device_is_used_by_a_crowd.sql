-- No browser is logged in on by ten accounts or more; one that is stands in a shop or is a robot, and its visits are dealt out by time.
-- level: warn
-- to do: Nothing, where it is a till, a tablet for guests or a robot. Else look into why so many log in there.
select value as client_id, max(count_joined) as count_people,
    concat(format('{:,}', count_people), ' accounts are logged in on browser ', value) as finding
from identity.shared_identifiers
where kind = 'client_id' and joins_kind in ('user_id', 'email', 'loyalty_id')
group by value
having max(count_joined) >= 10
