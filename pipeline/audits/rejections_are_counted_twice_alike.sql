-- Quarantine rejected, rule by rule, just as many rows as Great Expectations found to break the rule.
with
quarantined as (
    select 'staged.' || shape as checked, rule, count(*) as count_rejected
    from validated.rejects
    -- An id that a spreadsheet shortened breaks no contract's rule.
    where rule <> 'values_are_readable' and shape is not null
    group by shape, rule
),
expected as (
    select checked, rule, count_unexpected
    from ops.validation_results
    where level = 'reject' and rule <> 'values_are_readable'
)

select
    coalesce(expected.checked, quarantined.checked) as checked,
    coalesce(expected.rule, quarantined.rule) as rule,
    count_unexpected,
    count_rejected
from expected
full join quarantined on quarantined.checked = expected.checked and quarantined.rule = expected.rule
where coalesce(count_unexpected, 0) <> coalesce(count_rejected, 0)
