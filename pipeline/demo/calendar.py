"""The days of the simulation in the business's own zone."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from pipeline.demo.draws import Ints

ZONE = "America/New_York"
DAY_SECONDS = 86_400


class Calendar:
    """Simulated days, each beginning at local midnight; all clocks are seconds since 1970 in UTC."""

    def __init__(self, start: date, count_days: int) -> None:
        self.start = start
        self.count_days = count_days
        zone = ZoneInfo(ZONE)
        # A few days more than asked for: visits late on the last evening may end on the day after.
        self.day_starts: Ints = np.array(
            [
                int(datetime.combine(start + timedelta(days=day), time(), zone).timestamp())
                for day in range(count_days + 3)
            ],
            np.int64,
        )

    @property
    def begins_at(self) -> int:
        """First second of the first day."""
        return int(self.day_starts[0])

    @property
    def ends_at(self) -> int:
        """First second after the last day."""
        return int(self.day_starts[self.count_days])

    def day_of(self, seconds: Ints) -> Ints:
        """Return the number of the local day; negative before the first day."""
        day = np.searchsorted(self.day_starts, seconds, side="right") - 1
        before = seconds < self.begins_at
        return np.where(before, (seconds - self.begins_at) // DAY_SECONDS, day)

    def at(self, day: Ints, second_of_day: Ints) -> Ints:
        """Return the UTC second of a local second of a day, which may lie before the first day."""
        inside = np.clip(day, 0, len(self.day_starts) - 1)
        return self.day_starts[inside] + (day - inside) * DAY_SECONDS + second_of_day

    def date_of(self, day: int) -> date:
        """Return the date of a day's number."""
        return self.start + timedelta(days=day)

    def weekday_days(self, weekday: int) -> Ints:
        """Return the days that fall on a weekday, Monday being 0."""
        return np.array([d for d in range(self.count_days) if self.date_of(d).weekday() == weekday], np.int64)
