"""Numbers of money: spend, what it returns by model and date, what platforms claim, and the decision cards."""

from __future__ import annotations

from pipeline.reporting import channels, text
from pipeline.reporting.facts import Numbers
from pipeline.warehouse import Warehouse

#: Channels with spend, and months, that a drawing has room for; tables have all.
MOST_CHANNELS, MOST_MONTHS = 8, 6

_RETURNED = """
    select returns.*, roas_low, roas_high, margin_return_low, margin_return_high, cac_low, cac_high,
        cac_after_refunds_low, cac_after_refunds_high
    from marts.returns as returns
    left join marts.return_intervals using (date_basis, level, period, model, channel, campaign)"""
_MAIN = "select default_model from config.settings"
#: What a row has by either date, side by side.
_BY_DATE = """
    any_value(spend) as spend, any_value(compared_spend) as compared_spend, any_value(count_days) as count_days,
    bool_or(is_partial) as is_partial, any_value(conversions) as conversions, any_value(count_orders) as count_orders,
    if(any_value(compared_spend) > 0, any_value(count_orders), null) as count_compared,
    if(any_value(compared_spend) > 0, any_value(count_first_orders), null) as count_first_orders,
    any_value(credited_revenue) filter (where date_basis = 'order_date') as credited_revenue,
    any_value(roas) filter (where date_basis = 'order_date') as roas,
    any_value(roas_low) filter (where date_basis = 'order_date') as roas_low,
    any_value(roas_high) filter (where date_basis = 'order_date') as roas_high,
    any_value(credited_revenue) filter (where date_basis = 'refund_date') as refund_revenue,
    any_value(roas) filter (where date_basis = 'refund_date') as refund_roas,
    any_value(roas_low) filter (where date_basis = 'refund_date') as refund_roas_low,
    any_value(roas_high) filter (where date_basis = 'refund_date') as refund_roas_high,
    any_value(margin_return) filter (where date_basis = 'order_date') as margin_return,
    any_value(margin_return_low) filter (where date_basis = 'order_date') as margin_return_low,
    any_value(margin_return_high) filter (where date_basis = 'order_date') as margin_return_high,
    any_value(costed_share) filter (where date_basis = 'order_date') as costed_share,
    any_value(cac) filter (where date_basis = 'order_date') as cac,
    any_value(cac_low) filter (where date_basis = 'order_date') as cac_low,
    any_value(cac_high) filter (where date_basis = 'order_date') as cac_high,
    any_value(cac_after_refunds) filter (where date_basis = 'order_date') as cac_after_refunds,
    any_value(cac_after_refunds_low) filter (where date_basis = 'order_date') as cac_after_refunds_low,
    any_value(cac_after_refunds_high) filter (where date_basis = 'order_date') as cac_after_refunds_high"""


def totals_numbers(warehouse: Warehouse) -> Numbers:
    """Return all spend and what was booked on the same days, in one row; none without spend."""
    return warehouse.records(
        """select spend, compared_spend, count_days, is_partial, count_orders, count_first_orders,
            compared_revenue, roas, cac, credited_revenue
        from marts.returns
        where level = 'all' and period = 'all' and date_basis = 'order_date' and spend <> 0"""
    )


def cards_numbers(warehouse: Warehouse) -> Numbers:
    """Return the decision cards: where money was spent first."""
    return warehouse.records(
        "select * from marts.decision_cards order by spend desc, most_revenue desc, count_orders desc, channel"
    )


def rules_numbers(warehouse: Warehouse) -> Numbers:
    """Return the rules behind the cards, in the order in which they are tried."""
    return warehouse.records("select * from config.decision_rules order by rule_order")


def roas_numbers(warehouse: Warehouse) -> Numbers:
    """Return what each channel with spend returns by each model, by the order's date, with intervals."""
    rows = warehouse.records(
        f"""with returned as ({_RETURNED}),
        spent as (
            select * from returned
            where date_basis = 'order_date' and level = 'channel' and period = 'all' and compared_spend > 0
        ),
        shown as (
            select channel, max(compared_spend) as size,
                -- What one unit of spend must bring: there the margin of what it brings is one.
                coalesce(max(case when compared_margin > 0 then compared_revenue / compared_margin * costed_share end)
                    filter (where model = ({_MAIN})), any_value(break_even_roas)) as pays_at,
                row_number() over (order by size desc, channel) as place
            from spent cross join config.settings group by channel
        )
        select channel, place as channel_place, model, compared_spend, compared_revenue, roas, roas_low, roas_high,
            margin_return, margin_return_low, margin_return_high, pays_at, count_orders
        from spent join shown using (channel) where place <= {MOST_CHANNELS}"""
    )
    return sorted(rows, key=lambda row: (row["channel_place"], text.model_order(row["model"])))


def months_numbers(warehouse: Warehouse) -> Numbers:
    """Return what each channel with spend returned by month, by the order's date and by the refund's."""
    return warehouse.records(
        f"""with returned as ({_RETURNED}),
        spent as (
            select * from returned where level = 'channel' and period <> 'all' and spend <> 0 and model = ({_MAIN})
        ),
        shown as (
            select channel, row_number() over (order by sum(spend) desc, channel) as place
            from spent where date_basis = 'order_date' group by channel
        ),
        recent as (select distinct period from spent order by period desc limit {MOST_MONTHS})
        select channel, cast(period || '-01' as date) as month, date_basis, spend, compared_spend, count_days,
            is_partial, compared_revenue, roas, roas_low, roas_high, count_orders
        from spent join shown using (channel)
        where place <= {MOST_CHANNELS} and period in (select period from recent)
        order by place, month, date_basis"""
    )


def channels_numbers(warehouse: Warehouse) -> Numbers:
    """Return spend and credit by the default model of every channel, whether it has both or not."""
    return warehouse.records(
        f"""with returned as ({_RETURNED}),
        dated as (
            select channel, {_BY_DATE}
            from returned where level = 'channel' and period = 'all' and model = ({_MAIN}) group by channel
        )
        -- Without spend there is no return to say, and n is that of the credit.
        select dated.* replace (
            if(compared_spend > 0, dated.count_orders, coalesce(cards.count_orders, round(dated.conversions)::bigint))
                as count_orders)
        from dated left join (select channel, count_orders from marts.decision_cards) as cards using (channel)
        order by {channels.UNTRACKED_LAST}, spend desc, credited_revenue desc, channel"""
    )


def campaigns_numbers(warehouse: Warehouse) -> Numbers:
    """Return spend and credit by the default model of campaigns of channels with spend, and returns by Markov."""
    return warehouse.records(
        f"""with returned as (
            {_RETURNED}
            where level = 'campaign'
                and channel in (select channel from marts.returns where level = 'channel' and spend <> 0)
        ),
        dated as (
            select channel, campaign, {_BY_DATE} from returned where model = ({_MAIN}) group by channel, campaign
        ),
        chained as (
            select channel, campaign, roas as markov_roas, roas_low as markov_roas_low, roas_high as markov_roas_high
            from returned where model = 'markov_order' and date_basis = 'order_date'
        )
        select * from dated left join chained using (channel, campaign)
        order by spend desc, credited_revenue desc, channel, campaign"""
    )


def whole_numbers(warehouse: Warehouse) -> Numbers:
    """Return what channels with spend return by the models that look at all journeys as one."""
    rows = warehouse.records("select * from marts.whole_returns order by compared_spend desc, channel")
    return sorted(rows, key=lambda row: (-row["compared_spend"], row["channel"], text.model_order(row["model"])))


def claims_numbers(warehouse: Warehouse) -> Numbers:
    """Return what each platform claims, and all of them last, beside credit and books of the same days."""
    return warehouse.records(
        """select * from marts.claims where period = 'all'
        order by platform = '(all platforms)', claimed_conversions desc nulls last, platform"""
    )


def claim_months_numbers(warehouse: Warehouse) -> Numbers:
    """Return claims by platform and month."""
    return warehouse.records(
        """select *, cast(period || '-01' as date) as month from marts.claims where period <> 'all'
        order by month, platform = '(all platforms)', platform"""
    )


def ties_numbers(warehouse: Warehouse) -> Numbers:
    """Return how far any model is from the books, by either date, in one row."""
    return warehouse.records(
        """with books as (
            select coalesce(sum(revenue), 0) as booked, coalesce(sum(orders), 0)::bigint as orders
            from marts.monthly_totals
        ),
        sums as (
            select date_basis, level, model, sum(credited_revenue) as credited
            from marts.dated_credit where period = 'all' group by all
        )
        select booked, orders, coalesce(max(abs(credited - booked)), 0) as off, count(distinct model) as count_models
        from books left join sums on true group by booked, orders"""
    )
