"""What holds for a whole report: the time it looks from, zone, currency, period, and the definition line of a chart."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from pipeline.reporting import text
from pipeline.warehouse import Warehouse

#: How intervals are made; stands in the definition of what shows them.
SHARES = "95 %, score interval; exact on up to 100 cases"
SUMS = "95 %, bootstrap by buyer"
FOUND = "“Above” or “below” is said of rows that differ from the others, with a false discovery rate of 10 %."
#: Touches that are kept, counted and left out of what people did.
NOT_PEOPLE = "machines, tests, the business itself"
#: Order rows that are kept, counted in the ledger and never booked.
NOT_ORDERS = "cancelled orders, open deals, tests"

#: Rows of a result, as the numbers behind a figure or a table.
Numbers = list[dict[str, Any]]


@dataclass(frozen=True)
class Definition:
    """What a chart counts, and the settings in force; stands below it."""

    counted: str
    parts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Facts:
    """Settings and period of the data a report draws."""

    as_of: datetime
    zone: str
    currency: str
    minor_digits: int
    guard_n: int
    period_from: date | None
    #: First day that may still change.
    provisional_from: date = date.max
    business: str = ""
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def has_data(self) -> bool:
        """Tell whether there is anything to show."""
        return self.period_from is not None

    @property
    def period_to(self) -> date:
        """Day the data is looked at from, in the reporting zone."""
        return self.as_of.date()

    def local(self, moment: datetime | None) -> datetime | None:
        """Turn a time in UTC into one of the reporting zone."""
        return None if moment is None else moment.replace(tzinfo=UTC).astimezone(ZoneInfo(self.zone))

    def is_whole(self, month: date) -> bool:
        """Tell whether the data covers every day of a month."""
        return month.replace(day=1) <= self.period_to and not self.is_partial(month)

    def is_partial(self, month: date) -> bool:
        """Tell whether the data covers only a part of a month: the last one, or the first."""
        last_day = date(month.year, month.month, monthrange(month.year, month.month)[1])
        ends_early = month.replace(day=1) <= self.period_to < last_day
        begins_late = self.period_from is not None and month.replace(day=1) < self.period_from <= last_day
        return ends_early or begins_late

    def partial_note(self, month: date) -> str:
        """Say which part of a month is there: "so far" or "from 14 Jun"; empty for a whole month."""
        if not self.is_partial(month):
            return ""
        if self.period_from is not None and month.replace(day=1) == self.period_from.replace(day=1) < self.period_from:
            return f"from {self.period_from.day} {self.period_from:%b}"
        return "so far"

    def is_provisional(self, month: date) -> bool:
        """Tell whether a day of a month may still change."""
        return date(month.year, month.month, monthrange(month.year, month.month)[1]) >= self.provisional_from

    def month_note(self, month: date) -> str:
        """Say why a month is not done: "so far", "from 14 Jun" or, when it is whole, "may change"."""
        return self.partial_note(month) or ("may change" if self.is_provisional(month) else "")

    def money(self, value: Any) -> str:
        """Write an amount with its currency: EUR 1,234.50."""
        return text.NOTHING if value is None else f"{self.currency}{text.GAP}{text.money(value, self.minor_digits)}"

    def tile_money(self, value: Any) -> str:
        """Write an amount as short as its size allows."""
        if abs(value or 0) >= 1_000_000_000:
            return f"{self.currency}{text.GAP}{text.compact(float(value))}"
        if abs(value or 0) >= 1_000_000:
            return f"{self.currency}{text.GAP}{float(value) / 1e6:,.2f}M"
        return f"{self.currency}{text.GAP}{text.count(value)}" if abs(value or 0) >= 1_000 else self.money(value)

    def model(self) -> str:
        """Name the default credit model."""
        return text.model_name(str(self.settings.get("default_model", "")))

    def lookback(self) -> str:
        """Say how far before an order a touch counts."""
        first, later = self.settings.get("first_order_lookback_days"), self.settings.get("lookback_days")
        return f"{first} days before a first order, {later} before later ones" if first != later else f"{later} days"

    def idle(self) -> str:
        """Say after how much silence a journey is lost."""
        first, later = self.settings.get("first_order_idle_days"), self.settings.get("idle_days")
        return (
            f"{later} days of silence; {first} before a first order" if first != later else f"{later} days of silence"
        )

    def visits(self) -> str:
        """Say where a visit ends: the preset in force and what it does."""
        given = self.settings
        preset = {"ga4": "Google Analytics 4", "matomo": "Matomo"}.get(str(given.get("session_preset")), "own")
        ends = [f"{given.get('session_timeout_minutes')} minutes without activity"]
        ends += ["midnight"] * bool(given.get("session_splits_at_midnight"))
        ends += ["another campaign"] * bool(given.get("session_splits_on_campaign"))
        ends += ["another website"] * bool(given.get("session_splits_on_website"))
        if most := given.get("session_max_actions"):
            ends.append(f"{text.count(most)} events")
        return f"{preset} rules: end with {' or '.join(ends)}"

    def define(
        self,
        counted: str,
        n: float | Sequence[tuple[float, str, str]],
        unit: str = "",
        *,
        many: str = "",
        money: bool = False,
        model: str = "",
        lookback: bool = False,
        visits: bool = False,
        since: date | None = None,
        until: date | None = None,
        interval: str = "",
        without: str = "",
    ) -> Definition:
        """Return the definition line of a chart.

        Args:
            counted: What is counted, in one sentence.
            n: Number of cases, or several of them with singular and plural.
            unit: What one case is.
            many: What several are, when it is not the unit with an s.
            money: The chart shows amounts.
            model: Credit model in force.
            lookback: Whether the look-back decides what is shown.
            visits: Whether visits are counted, so that it matters where one ends.
            since: First day shown, when it is not the first day of the data.
            until: Last day shown, when it is not the day the data is looked at from.
            interval: How the intervals that are shown are made.
            without: What is left out.
        """
        begin = since or self.period_from
        cases = (
            text.plural(n, unit, many) if isinstance(n, (int, float)) else ", ".join(text.plural(*case) for case in n)
        )
        period = text.period(begin, until or self.period_to) if begin else "no data yet"
        parts = [("Period", period), ("Time zone", self.zone)]
        if money:
            parts.append(("Currency", self.currency))
        parts.append(("n", cases))
        if model:
            parts.append(("Model", model))
        if lookback:
            parts.append(("Look-back", self.lookback()))
        if visits:
            parts.append(("Visits", self.visits()))
        if interval:
            parts.append(("Interval", interval))
        if without:
            parts.append(("Without", without))
        return Definition(counted, tuple(parts))


def read_facts(warehouse: Warehouse) -> Facts:
    """Read what holds for every page from the settings and the file list."""
    settings = warehouse.records("select * from config.settings")[0]
    zone = ZoneInfo(settings["reporting_zone"])
    return Facts(
        as_of=settings["as_of"].replace(tzinfo=UTC).astimezone(zone),
        zone=settings["reporting_zone"],
        currency=settings["reporting_currency"],
        minor_digits=settings["minor_digits"],
        guard_n=settings["guard_n"],
        period_from=_first_day(warehouse),
        provisional_from=settings["provisional_from"],
        business=text.clean(settings.get("business_name") or ""),
        settings=settings,
    )


def _first_day(warehouse: Warehouse) -> date | None:
    """Return the first day of what is shown: that of the exports with most rows, but no month without visit or order.

    Small exports reach far back, such as a list of contacts with the day each was made; they do not begin the period.
    """
    month = warehouse.value("select min(month) from marts.monthly_totals where visits > 0 or orders > 0")
    if not warehouse.exists("ops.files"):
        return cast(date | None, month)
    first = warehouse.value(
        """with exports as (
            select source_system, source_export, min(period_from) as first_day,
                sum(rows_accepted) / nullif(sum(sum(rows_accepted)) over (), 0) as rows_share
            from ops.files where status = 'loaded' and period_from is not null group by all
        )
        select min(first_day) from exports where rows_share >= 0.1"""
    )
    return max(filter(None, (month, first)), default=None)
