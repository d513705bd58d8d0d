"""The Google Analytics export: newline-delimited JSON, a file a day, as BigQuery writes it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.demo.draws import Ints
from pipeline.demo.events import Site, event_rows, visit_rows
from pipeline.demo.names import REGIONS
from pipeline.demo.orders import refund_times
from pipeline.demo.statements import statement
from pipeline.demo.steps import STEPS
from pipeline.demo.world import TAGS
from pipeline.demo.write import Files, text_of
from pipeline.warehouse import Warehouse

_VISITS_AT_ONCE = 60_000
#: The day that was downloaded twice: the first time before its last events had come in.
_AGAIN_DAY = 9
_LATE_SHARE = 250
_REFUNDS_REPORTED = 0.4

_DEVICES = (
    ("desktop", "Windows", "Chrome", "", ""),
    ("desktop", "Macintosh", "Safari", "", ""),
    ("mobile", "iOS", "Safari", "Apple", "iPhone"),
    ("mobile", "Android", "Chrome", "Google", "Pixel 8"),
    ("tablet", "iOS", "Safari", "Apple", "iPad"),
)


def write_events(site: Site, warehouse: Warehouse, files: Files) -> tuple[int, int]:
    """Write every day's file, the open day's, and the day that was downloaded twice.

    Returns:
        How many events there are, and the microsecond of the latest.
    """
    _write_dimensions(warehouse)
    warehouse.create("private.order_texts", statement("ga4_order_texts"))
    _write_reported_refunds(site, warehouse)
    days = _Days(site, files)
    days.collect(warehouse.arrow(_shuffled("ga4_refund_lines")))
    for finished, chosen in _in_chunks(site):
        days.collect(_lines(site, warehouse, files, chosen))
        days.write(finished)
    return days.count, days.latest_us


def _shuffled(name: str) -> str:
    """Return a statement whose lines are in the order of an extract job: by day, and in none within it."""
    return (
        "select event_date, mixer, event_us, line || chr(10) as line "
        f"from ({statement(name)}) order by event_date, mixer, event_us"
    )


class _Days:
    """Lines that wait until their day is complete."""

    def __init__(self, site: Site, files: Files) -> None:
        calendar, days = site.world.calendar, site.world.days
        self.count = 0
        self.latest_us = 0
        self._files = files
        self._waiting: dict[str, list[pa.Table]] = {}
        self._last = f"{calendar.date_of(days - 1):%Y%m%d}"
        self._again = f"{calendar.date_of(min(_AGAIN_DAY, days - 1)):%Y%m%d}"
        self._evening_us = (calendar.ends_at - 6 * 3600) * 1_000_000

    def collect(self, lines: pa.Table) -> None:
        """Take lines that are ordered by day."""
        dates = lines.column("event_date").to_numpy()
        days, begins = np.unique(dates, return_index=True)
        for day, begin, end in zip(days, begins, np.append(begins[1:], len(dates)), strict=len(dates) > 0):
            self._waiting.setdefault(str(day), []).append(lines.slice(begin, end - begin))
        self.count += len(dates)
        self.latest_us = max(self.latest_us, pc.max(lines.column("event_us")).as_py() or 0)

    def write(self, before: str) -> None:
        """Write the days before one."""
        for day in sorted(d for d in self._waiting if d < before):
            self._write(day, pa.concat_tables(self._waiting.pop(day)))

    def _write(self, day: str, lines: pa.Table) -> None:
        name = f"events_{day}-000000000000.json.gz"
        if day == self._last:
            early = lines.filter(pc.less(lines.column("event_us"), self._evening_us))
            self._files.text(f"data/raw/ga4/events_intraday_{day}-000000000000.json.gz", text_of(early.column("line")))
        if day == self._again:
            # The first download lacks the late events; the second lies in a folder of its own, as two of one name must.
            mixer = lines.column("mixer").to_numpy()
            count_late = max(3, len(mixer) // _LATE_SHARE)
            is_late = pa.array(mixer <= np.partition(mixer, count_late)[count_late - 1])
            first = lines.filter(pc.invert(is_late))
            self._files.text(f"data/raw/ga4/{name}", text_of(first.column("line")))
            name = f"downloaded again/{name}"
        self._files.text(f"data/raw/ga4/{name}", text_of(lines.column("line")))


def _write_dimensions(warehouse: Warehouse) -> None:
    tags = [{"tag": i, **{k: v for k, v in vars(tag).items() if k != "weight"}} for i, tag in enumerate(TAGS)]
    warehouse.write("private.tags", pa.Table.from_pylist(tags))
    steps = [{"step": i, "event": step.event, "page": step.page} for i, step in enumerate(STEPS)]
    warehouse.write("private.steps", pa.Table.from_pylist(steps))
    devices = [{"device": i, "device_text": _device_text(*device)} for i, device in enumerate(_DEVICES)]
    warehouse.write("private.devices", pa.Table.from_pylist(devices))
    regions = [
        {
            "region": i,
            "region_text": ',"geo":{"continent":"Americas","country":"United States",'
            f'"region":"{region}","city":"{city}"}}',
        }
        for i, (region, city) in enumerate(REGIONS)
    ]
    warehouse.write("private.regions", pa.Table.from_pylist(regions))


def _device_text(category: str, system: str, browser: str, brand: str, model: str) -> str:
    mobile = f'"mobile_brand_name":"{brand}","mobile_model_name":"{model}",' if brand else ""
    return (
        f',"device":{{"category":"{category}",{mobile}"operating_system":"{system}",'
        f'"language":"en-us","web_info":{{"browser":"{browser}","hostname":"shop.example.com"}}}}'
    )


def _in_chunks(site: Site) -> Iterator[tuple[str, Ints]]:
    """Give the visits in order of time, some at once, and the day before which nothing more will come."""
    visits = site.bought.visits
    seen = np.flatnonzero(site.trails.is_seen)
    order = seen[np.argsort(visits.started_at[seen], kind="stable")]
    for begin in range(0, len(order), _VISITS_AT_ONCE):
        chosen = order[begin : begin + _VISITS_AT_ONCE]
        rest = order[begin + _VISITS_AT_ONCE : begin + _VISITS_AT_ONCE + 1]
        day = site.world.calendar.day_of(visits.started_at[rest]) if len(rest) else np.array([site.world.days + 9])
        yield f"{site.world.calendar.date_of(int(day[0])):%Y%m%d}", chosen


def _lines(site: Site, warehouse: Warehouse, files: Files, chosen: Ints) -> pa.Table:
    rows = event_rows(site, chosen)
    calendar = site.world.calendar
    dates = np.array([f"{calendar.date_of(d):%Y%m%d}" for d in range(site.world.days + 3)], object)
    events = pa.table(
        {
            **vars(rows),
            "event_date": pa.array(dates[calendar.day_of(rows.event_us // 1_000_000)], pa.string()),
            "order_place": site.order[rows.visit],
            "mixer": (site.world.dice.bits("mix", rows.visit, rows.step) >> np.uint64(20)).astype(np.int64),
        }
    )
    with warehouse.given(visit_rows(site, chosen), "chunk_visits"), warehouse.given(events, "chunk_events"):
        warehouse.create("private.visit_texts", statement("ga4_visit_texts"))
        files.append("truth/events.parquet", warehouse.arrow(statement("truth_events")))
        return warehouse.arrow(_shuffled("ga4_lines"))


def _write_reported_refunds(site: Site, warehouse: Warehouse) -> None:
    """Write `private.reported_refunds`: the refunds that the shop tells Google Analytics about."""
    bought = site.bought
    orders = bought.orders
    visit = np.maximum(orders.visit, 0)
    told = (orders.visit >= 0) & (orders.reports > 0) & site.trails.has_ids[visit]
    told &= (bought.refunded > 0).any(axis=1)
    told &= site.world.dice.uniform("refund reported", orders.person, orders.day) < _REFUNDS_REPORTED
    place = np.flatnonzero(told)
    first = bought.refunded[place] == 1
    baskets = bought.baskets
    client = site.trails.client[visit[place]]
    table = pa.table(
        {
            "order_place": place,
            "person": orders.person[place],
            "refunded_at": refund_times(site.world, bought)[place, 0],
            "amount": np.where(first, baskets.gross[place] - baskets.discount[place], 0).sum(axis=1),
            "tax": np.where(first, baskets.tax[place], 0).sum(axis=1),
            "client_number": site.clients.number[client],
            "first_seen_at": site.clients.first_seen_at[client],
            "hash_place": (place * 7919) % 1_000_003,
        }
    )
    warehouse.write("private.reported_refunds", table)
