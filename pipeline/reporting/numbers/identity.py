"""Numbers of who is who: customers by kind and size, what is not followed, and revenue by other readings."""

from __future__ import annotations

from pipeline.reporting import sql
from pipeline.reporting.facts import Numbers
from pipeline.warehouse import Warehouse


def customers_numbers(warehouse: Warehouse) -> Numbers:
    """Return how many customers are known, guests or anonymous."""
    return warehouse.records(
        f"""select item as kind, n as count_customers, n_all as count_all, {sql.rate("n", "n_all", "customers_share")}
        from marts.identity_health where measure = 'customers' order by place, item"""
    )


def sizes_numbers(warehouse: Warehouse) -> Numbers:
    """Return how many customers have how many identifiers."""
    return warehouse.records(
        f"""select item as identifiers, n as count_customers, n_all as count_all,
            {sql.rate("n", "n_all", "customers_share")}
        from marts.identity_health where measure = 'identifiers_of_a_customer' order by place, item"""
    )


#: Variants that differ from what is set in nothing but who is taken for whom.
_READ_ALIKE = """select varied.* from marts.sensitivity as varied
    join (select distinct lookback, direct, session_rule from marts.sensitivity where is_as_set)
    using (lookback, direct, session_rule)"""


def sensitivity_numbers(warehouse: Warehouse) -> Numbers:
    """Return revenue by channel under strict, default and loose linking; what no channel earned comes last."""
    return warehouse.records(
        f"""with given as ({_READ_ALIKE}),
        shown as ({sql.pooled_channels("given", "channel", "sum(credited_revenue)")}),
        summed as (
            select shown.shown as channel, min(shown.place) as place, linking,
                sum(conversions) as conversions, sum(credited_revenue)::decimal(38, 6) as credited_revenue
            from given join shown using (channel) group by all
        )
        select channel, linking, conversions, credited_revenue from summed
        order by place, channel, case linking when 'strict' then 1 when 'default' then 2 else 3 end"""
    )


def people_numbers(warehouse: Warehouse) -> Numbers:
    """Return how many people each reading makes of the same identifiers."""
    return warehouse.records(
        "select item as linking, n as count_people from marts.identity_health where measure = 'people' order by place"
    )


def refused_numbers(warehouse: Warehouse) -> Numbers:
    """Return what joins nobody and which links are not followed, by rule."""
    return warehouse.records(
        """select case measure when 'blocked_values' then 'value' else 'link' end as what, item as rule, n
        from marts.identity_health where measure in ('blocked_values', 'refused_links') order by what, n desc, item"""
    )


def household_numbers(warehouse: Warehouse) -> Numbers:
    """Return how many households there are, by the people in them."""
    return warehouse.records(
        "select place as count_people, n as count_households from marts.identity_health "
        "where measure = 'household_people' order by place"
    )


def finding_numbers(warehouse: Warehouse, finding: str) -> Numbers:
    """Return the largest customers, bridges or shared identifiers."""
    return warehouse.records("select * from marts.identity_findings where finding = $1 order by place", [finding])
