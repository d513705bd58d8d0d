"""The one row of `config.settings`, gathered section by section."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa

from pipeline.config.sections.journeys import Journeys
from pipeline.config.sections.money import Money
from pipeline.config.settings import Settings
from pipeline.config.tables import default_rows, typed

Row = dict[str, object]
_CUSTOM = ("custom_first", "custom_middle", "custom_last")


def settings_row(
    settings: Settings, as_of: datetime, identity_overrides: str = "", provisional_from: date | None = None
) -> pa.Table:
    """Return `config.settings`, one row.

    Args:
        settings: The typed settings.
        as_of: Time the data is looked at from, in UTC without zone.
        identity_overrides: A mark of what identity.csv says.
        provisional_from: First day that may still change; default: the day of `as_of`, which had not ended.
    """
    today = as_of.replace(tzinfo=UTC).astimezone(ZoneInfo(settings.reporting.zone)).date()
    of_the_night: Row = {
        "as_of": as_of,
        "identity_overrides": identity_overrides,
        "provisional_from": provisional_from or today,
    }
    return typed("settings", [of_the_night | settings_values(settings)])


def settings_values(settings: Settings) -> Row:
    """Return what settings alone say of that row, column by column."""
    return (
        _of_business(settings)
        | _of_visits(settings)
        | _of_journeys(settings.journeys)
        | _of_attribution(settings)
        | _of_drop_off(settings)
        | _of_paths(settings)
        | _of_orders(settings)
        | _of_identity(settings)
        | _of_money(settings.money)
    )


def _of_business(settings: Settings) -> Row:
    digits = {row["currency"]: row["minor_digits"] for row in default_rows("currencies")}
    return {
        "reporting_zone": settings.reporting.zone,
        "reporting_currency": settings.reporting.currency,
        "minor_digits": digits.get(settings.reporting.currency, "2"),
        "guard_n": settings.reporting.guard_n,
        "business_name": settings.business.name,
        "show_identifiers": settings.privacy.show_identifiers,
    }


def _of_visits(settings: Settings) -> Row:
    return {
        "session_preset": settings.sessions.preset,
        "session_timeout_minutes": settings.sessions.timeout_minutes,
        "session_splits_at_midnight": settings.sessions.splits_at_midnight,
        "session_splits_on_campaign": settings.sessions.splits_on_campaign,
        "session_splits_on_website": bool(settings.sessions.new_on_website),
        "session_max_actions": settings.sessions.most_actions,
        "scanner_seconds": settings.scanners.seconds_after_delivery,
        "page_view_minutes": settings.scanners.page_view_minutes,
        "overwrite_tags": settings.click_ids.overwrite_tags,
    }


def _of_journeys(journeys: Journeys) -> Row:
    return {
        "lookback_days": journeys.lookback_days,
        "first_order_lookback_days": journeys.first_order_lookback_days,
        "idle_days": journeys.idle_days or journeys.lookback_days,
        "first_order_idle_days": journeys.idle_days or journeys.first_order_lookback_days,
        "max_steps_drawn": journeys.max_steps_drawn,
    }


def _of_attribution(settings: Settings) -> Row:
    attribution = settings.attribution
    return {
        "half_life_days": attribution.half_life(settings.journeys.lookback_days),
        "position_first": attribution.position_first,
        "position_last": attribution.position_last,
        "j_last_of_two": attribution.last_of_two(),
        "default_model": attribution.default_model,
        **dict(zip(_CUSTOM, attribution.custom_weights or (None, None, None), strict=True)),
        "exclude_direct": attribution.exclude_direct,
        "paid_channels": attribution.paid_channels,
        "markov_order": attribution.markov_order,
        "markov_most_order": attribution.markov_most_order,
        "collapse_repeats": attribution.collapse_repeats,
        "shapley_prior": attribution.shapley_prior,
        "most_channels": attribution.most_channels,
        "interval_draws": attribution.interval_draws,
        "agree_within": attribution.agree_within,
        "agree_within_share": attribution.agree_within_share,
    }


def _of_drop_off(settings: Settings) -> Row:
    return {
        "drop_pause_hours": settings.drop_off.pause_hours,
        "drop_next_days": settings.drop_off.next_days,
        "recovery_days": settings.drop_off.recovery_days,
        "effect_days": settings.effects.window_days,
        "experiment_days": settings.effects.experiment_days,
    }


def _of_paths(settings: Settings) -> Row:
    return {
        "path_collapse_repeats": settings.paths.collapse_repeats,
        "most_path_steps": settings.paths.most_steps,
        "most_paths": settings.paths.most_paths,
        "longest_path": settings.paths.longest_path,
    }


def _of_orders(settings: Settings) -> Row:
    return {
        "match_orders_by_number": settings.orders.match_by_number,
        "match_orders_by_amount": settings.orders.match_by_amount,
        "order_amount_tolerance": settings.orders.amount_tolerance,
        "order_amount_tolerance_share": settings.orders.amount_tolerance_share,
        "order_minutes_apart": settings.orders.minutes_apart,
        "list_suspect_orders": settings.orders.list_suspects,
        "exclude_staff_orders": settings.orders.staff == "excluded",
        "replacement_regex": settings.orders.replacement_regex,
        "replacement_days": settings.orders.replacement_days,
    }


def _of_identity(settings: Settings) -> Row:
    return {
        "bridge_identifiers": settings.identity.bridge_identifiers,
        "device_split_hours": settings.identity.device_split_hours,
        "household_people": settings.identity.household_people,
    }


def _of_money(money: Money) -> Row:
    return {
        "revenue_includes_tax": money.revenue_includes_tax,
        "revenue_includes_shipping": money.revenue_includes_shipping,
        "gift_cards_are_revenue": money.gift_cards == "revenue",
        "gift_card_regex": money.gift_card_regex,
        "margin_share": money.margin_share,
        "break_even_roas": money.break_even_roas,
        "claim_days": money.claim_days,
    }
