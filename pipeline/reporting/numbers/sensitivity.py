"""Numbers of what survives other settings: conclusions in every variant, and the shares that channels have in them."""

from __future__ import annotations

from typing import Any

from pipeline.reporting import channels
from pipeline.reporting.facts import Numbers
from pipeline.warehouse import Warehouse

_MOST_CHANNELS = 12
_CHOICES = {
    "lookback": "a look-back of {}",
    "direct": "Direct counted {}",
    "linking": "people linked {}",
    "session_rule": "visits by {} rules",
}
_NAMES = {
    "without": "never",
    "with": "like any other",
    "strict": "strictly",
    "default": "as published",
    "loose": "loosely",
    "ga4": "GA4's",
    "matomo": "Matomo's",
    "custom": "our own",
}


def holds_numbers(warehouse: Warehouse) -> Numbers:
    """Return which channel earns most and more than the next one, and in how many variants that holds."""
    found = warehouse.records(
        f"""select conclusion, channel, other_channel, place, count_orders, is_enough, count_variants, count_holds,
            breaks_with, broken_share, coalesce(broken_in, []) as broken_in
        from marts.sensitivity_conclusions where conclusion <> 'share_stays' and place < {_MOST_CHANNELS}
        order by conclusion desc, place"""
    )
    return [
        {
            **row,
            "said": _said(row),
            "weakness": weakness(row),
            "survives": f"{row['count_holds']} of {row['count_variants']}",
        }
        for row in found
    ]


def _said(row: dict[str, Any]) -> str:
    name = channels.label(row["channel"])
    if row["conclusion"] == "earns_most":
        return f"{name} earns most"
    return f"{name} earns more than {channels.label(row['other_channel'])}"


def weakness(row: dict[str, Any]) -> str:
    """Say in words with which choice a conclusion fails most often."""
    if row["breaks_with"] is None:
        return "nothing"
    setting, _, choice = row["breaks_with"].partition(" ")
    return _CHOICES[setting].format(_NAMES.get(choice, choice))


def shares_numbers(warehouse: Warehouse) -> Numbers:
    """Return every channel's share of the credited orders as set, and the least and the largest of all variants."""
    found = warehouse.records(
        f"""select channel, count_orders, is_enough, conversions_share, conversions_share_least, conversions_share_most,
            count_holds, count_variants, breaks_with
        from marts.sensitivity_conclusions where conclusion = 'share_stays'
        order by conversions_share desc, channel limit {_MOST_CHANNELS}"""
    )
    return [{**row, "weakness": weakness(row)} for row in found]


def variants(warehouse: Warehouse) -> Numbers:
    """Return the variants that are compared, in the order they are drawn."""
    return warehouse.records(
        """select distinct lookback, direct, linking, session_rule from marts.sensitivity where lookback <> 'as set'
        order by cast(split_part(lookback, ' ', 1) as integer), direct,
            case linking when 'strict' then 1 when 'default' then 2 else 3 end, session_rule"""
    )
