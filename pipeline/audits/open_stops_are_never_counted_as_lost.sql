-- Nobody counts as lost, or as won back, before the days they have are over; and who bought in them is not lost.
select drop_id, stopped_at, is_decided, bought_at, windows.days, windows.outcome
from (
    select
        *,
        unnest([
            {'days': 7, 'outcome': outcome_7}, {'days': 30, 'outcome': outcome_30}, {'days': 90, 'outcome': outcome_90}
        ]) as windows
    from core.drop_offs
)
cross join config.settings as settings
where (windows.outcome <> 'open' and (not is_decided or stopped_at + windows.days * interval 1 day >= settings.as_of))
    or (windows.outcome = 'not' and bought_at <= stopped_at + windows.days * interval 1 day)
    or (windows.outcome in ('online', 'store', 'other')
        and coalesce(bought_at > stopped_at + windows.days * interval 1 day, true))
