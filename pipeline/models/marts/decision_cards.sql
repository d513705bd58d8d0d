-- One row per channel: what it cost and earns by all models, how well that is known, and one next step with the rule that says so.
-- grain: channel
with

settings as (select * from config.settings),

-- What comparisons of people who were reached and who were not say; a hold-out before all others.
evidence as (
    select channel, evidence, basis, pays, says
    from marts.channel_evidence
),

shown as (
    select * from evidence
    qualify row_number() over (partition by channel order by basis is distinct from 'hold-out', basis) = 1
),

touched as (
    select channel, sum(count_orders) as count_orders from marts.attribution where model = 'linear' and level = 'channel' group by channel
),

returned as (
    select
        returns.*, intervals.roas_low, intervals.roas_high, intervals.margin_return_low, intervals.margin_return_high,
        case when compared_spend > 0 then returns.compared_revenue else credited_revenue end as earned
    from marts.returns as returns
    left join marts.return_intervals as intervals using (date_basis, level, period, model, channel, campaign)
    where returns.date_basis = 'order_date' and returns.level = 'channel' and returns.period = 'all' and channel <> 'No tracked touchpoint'
),

summed as (
    select
        returned.channel, max(spend) as spend, max(compared_spend) as compared_spend, max(count_days) as count_days,
        case when max(compared_spend) > 0 then max(returned.count_orders) else coalesce(max(touched.count_orders), 0) end as count_orders,
        min(earned) as least_revenue, arg_min(model, (earned, model)) as least_model,
        max(earned) as most_revenue, arg_max(model, (earned, model)) as most_model,
        min(roas_low) as roas_least, max(roas_high) as roas_most, min(costed_share) as costed_share,
        min(margin_return_low) as margin_least, max(margin_return_high) as margin_most,
        arg_max(returned, model = default_model) as main,
        bool_or(list_contains(paid_channels, returned.channel)) or max(spend) <> 0 as is_paid
    from returned cross join settings
    left join touched on touched.channel = returned.channel
    group by returned.channel
),

judged as (
    select
        summed.*, shown.evidence, shown.basis as evidence_basis, shown.says as evidence_says, shown.pays, verdicts.verdict,
        case when compared_spend > 0 then 'spent' when is_paid then 'paid' else 'free' end as spend_state,
        case when summed.count_orders = 0 then 'none' when summed.count_orders < guard_n then 'few' else 'enough' end as data_state,
        case when costed_share is not null then 'margin' when break_even_roas is not null then 'break_even_roas' else 'revenue' end as worth_basis,
        -- Below: not even the model and the chance that speak most for it reach what it cost. Above: even those that speak least do.
        case
            when compared_spend <= 0 then null
            when roas_most < coalesce(case when costed_share is null then break_even_roas end, 1) then 'below'
            when costed_share >= 0.95 and margin_most < 1 then 'below'
            when costed_share is not null and margin_least >= 1 then 'above'
            when costed_share is null and roas_least >= break_even_roas then 'above'
            when costed_share is null and break_even_roas is null then 'unknown'
            when roas_most is not null then 'open'
        end as return_state
    from summed
    cross join settings
    left join shown on shown.channel = summed.channel
    left join marts.attribution_verdicts as verdicts on verdicts.channel = summed.channel
),

decided as (
    select judged.*, rules.rule, rules.next_step, rules.says as rule_says, rules.rule_order
    from judged
    join config.decision_rules as rules
        on coalesce(rules.spend_state = judged.spend_state, true) and coalesce(rules.data_state = judged.data_state, true)
        and (rules.return_state is null or coalesce(rules.return_state = judged.return_state, false))
        and (rules.evidence is null or coalesce(rules.evidence = judged.evidence, false))
        and (rules.evidence_basis is null or coalesce(rules.evidence_basis = judged.evidence_basis, false))
        and (rules.pays is null or coalesce(rules.pays = judged.pays, false))
    qualify row_number() over (partition by judged.channel order by rules.rule_order) = 1
)

select
    channel,                                               -- Channel.
    next_step,                                             -- keep, test, cut or measure.
    rule,                                                  -- The rule of config.decision_rules that says so: the first that fits.
    rule_says,                                             -- What the rule says.
    channel || ': ' || next_step || ', because ' || rule_says || '.' as says,    -- The card in one sentence; the same facts give the same.
    case
        when data_state <> 'enough' then 'D'
        when evidence in ('evidence of effect', 'no effect shown') then if(evidence_basis = 'hold-out', 'A', 'B')
        when verdict in ('agree', 'disagree') then 'C'
        else 'D'
    end as grade,                                          -- A: a hold-out; B: like people compared; C: credit alone, on enough orders; D: less than that.
    spend_state,                                           -- spent; paid, when it is a paid channel whose spend is not known; free.
    data_state,                                            -- enough, few or none: orders against reporting.guard_n.
    return_state,                                          -- above, below or open: credit by all models, chance included, against what it must bring; unknown without costs.
    worth_basis,                                           -- What it must bring: margin above spend, money.break_even_roas, or at least its spend in revenue.
    coalesce(evidence, 'none') as evidence,                -- What comparisons of people show: an effect, none, confounded, not enough data, or none made.
    evidence_basis,                                        -- hold-out or exposure.
    evidence_says,                                         -- The comparison in words.
    verdict,                                               -- Do the models agree on its share of orders.
    spend,                                                 -- All spend, in the reporting currency, as are all amounts here.
    compared_spend,                                        -- The part on days that the order books cover.
    count_days,                                            -- Those days.
    count_orders,                                          -- Orders that had a touch of it, on those days where spend is known: n.
    main.earned as revenue,                                -- Revenue that the default model credits.
    least_revenue,                                         -- By the model that gives it least.
    least_model,                                           -- That model.
    most_revenue,                                          -- By the model that gives it most.
    most_model,                                            -- That model.
    main.roas as roas,                                     -- Revenue for one unit of spend, by the default model.
    main.roas_low as roas_low,                             -- Low end of its 95 % interval.
    main.roas_high as roas_high,                           -- High end of it.
    roas_least,                                            -- Lowest end of the intervals of all models.
    roas_most,                                             -- Highest end of them.
    main.margin_return as margin_return,                   -- Margin for one unit of spend, by the default model; null when no cost is known.
    costed_share,                                          -- Part of the revenue whose goods have a known cost; the least of all models.
    main.cac as cac                                        -- Spend for one first-ever order, by the default model.
from decided
