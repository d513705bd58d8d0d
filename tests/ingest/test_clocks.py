"""Local times that daylight saving skips or repeats are resolved, flagged row by row, and counted per file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.shape import define_functions
from pipeline.validate import clocks
from pipeline.warehouse import Warehouse
from tests.projects import HEADER, KIOSK, files_of, validated

BERLIN = KIOSK.replace("America/New_York", "Europe/Berlin")


def kiosk(*times: str) -> str:
    return f"{HEADER}\n" + "".join(f"{n},{time},ann@example.com,5.00,USD\n" for n, time in enumerate(times, 1))


def read(night) -> list[tuple[str, str | None]]:
    return night.warehouse.rows(
        "select strftime(ordered_at, '%d %H:%M'), time_note from validated.orders order by line_number"
    )


def test_a_time_that_clocks_skip_is_moved_on_and_flagged(tmp_path) -> None:
    text = kiosk("2026-03-29 01:59", "2026-03-29 02:00", "2026-03-29 02:30", "2026-03-29 03:00")
    with validated(tmp_path, {"kiosk.csv": text}, BERLIN) as night:
        assert read(night) == [
            ("29 00:59", None),
            ("29 01:00", "moved_out_of_missing_hour"),
            ("29 01:30", "moved_out_of_missing_hour"),
            ("29 01:00", None),
        ]
        events = night.warehouse.rows("select time_note from validated.events order by line_number")
        assert [row[0] is not None for row in events] == [False, True, True, False]
        assert files_of(night)["kiosk.csv"]["notes"] == [
            "2 times fall in the hour that daylight saving skips; they were moved on by it"
        ]


FIRST, SECOND, UNKNOWN = "in_repeated_hour_first", "in_repeated_hour_second", "in_repeated_hour_unknown"
#: Local times of 25 October 2026 in the order of the file, and what each becomes in UTC.
ORDERS = {
    "sorted, oldest first": (
        ["01:50", "02:10", "02:50", "02:05", "02:50", "03:10"],
        ["24 23:50", "25 00:10", "25 00:50", "25 01:05", "25 01:50", "25 02:10"],
        [None, FIRST, FIRST, SECOND, SECOND, None],
    ),
    "sorted, newest first": (
        ["03:10", "02:50", "02:05", "02:50", "02:10", "01:50"],
        ["25 02:10", "25 01:50", "25 01:05", "25 00:50", "25 00:10", "24 23:50"],
        [None, SECOND, SECOND, FIRST, FIRST, None],
    ),
    "no step back": (
        ["01:50", "02:10", "02:50", "03:10"],
        ["24 23:50", "25 00:10", "25 00:50", "25 02:10"],
        [None, UNKNOWN, UNKNOWN, None],
    ),
    "nothing around them": (["02:50", "02:05"], ["25 00:50", "25 00:05"], [UNKNOWN, UNKNOWN]),
    "not sorted": (
        ["01:50", "03:10", "02:50", "02:05", "00:10"],
        ["24 23:50", "25 02:10", "25 00:50", "25 00:05", "24 22:10"],
        [None, None, UNKNOWN, UNKNOWN, None],
    ),
    "sorted but for one neighbour": (
        ["01:50", "01:40", "02:50", "02:05", "03:10"],
        ["24 23:50", "24 23:40", "25 00:50", "25 00:05", "25 02:10"],
        [None, None, UNKNOWN, UNKNOWN, None],
    ),
    "two steps back": (
        ["01:50", "02:50", "02:05", "02:40", "02:30", "03:10"],
        ["24 23:50", "25 00:50", "25 00:05", "25 00:40", "25 00:30", "25 02:10"],
        [None, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, None],
    ),
}


@pytest.fixture(scope="module")
def nights(tmp_path_factory) -> Iterator[object]:
    files = {
        f"kiosk/{name}.csv": kiosk(*(f"2026-10-25 {time}" for time in times))
        .replace("\n", f"\n{number}-")
        .removesuffix(f"{number}-")
        for number, (name, (times, _, _)) in enumerate(ORDERS.items())
    }
    with validated(tmp_path_factory.mktemp("clocks"), files, BERLIN) as night:
        yield night


@pytest.mark.parametrize("name", ORDERS)
def test_a_time_that_clocks_repeat_is_told_by_the_order_of_the_rows(name, nights) -> None:
    _, moments, notes = ORDERS[name]
    for shape, column in (("orders", "ordered_at"), ("events", "occurred_at")):
        rows = nights.warehouse.rows(
            f"select strftime({column}, '%d %H:%M'), time_note from validated.{shape} "
            f"join private.loaded_files using (file_id) where file_name = 'kiosk/{name}.csv' order by line_number"
        )
        assert rows == list(zip(moments, notes, strict=True))


def test_the_files_say_how_many_such_times_they_have(nights) -> None:
    notes = {name: row["notes"] for name, row in files_of(nights).items()}
    assert notes["kiosk/sorted, oldest first.csv"] == [
        "4 times fall in the hour that daylight saving repeats: by the order of the rows, 2 in its first run and 2 in its second"
    ]
    assert notes["kiosk/no step back.csv"] == [
        "2 times fall in the hour that daylight saving repeats: "
        "2 read as its first run, because the order of the rows does not tell"
    ]


def test_a_second_night_reads_them_alike(tmp_path) -> None:
    times, moments, notes = ORDERS["sorted, oldest first"]
    files = {"kiosk.csv": kiosk(*(f"2026-10-25 {time}" for time in times))}
    for _ in range(2):
        with validated(tmp_path, files, BERLIN) as night:
            assert read(night) == list(zip(moments, notes, strict=True))


def test_times_with_an_offset_and_times_of_day_aggregates_are_left_alone(tmp_path) -> None:
    """A day of an aggregate is the platform's day: no zone is applied to it, whatever the settings say."""
    spend = """
  - name: ads
    files: ["ads*"]
    zone: America/Los_Angeles
    currency: USD
    shapes: {spend: {starts_on: Day, cost: Cost}}
"""
    files = {
        "kiosk.csv": kiosk("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"),
        "ads.csv": "Day,Cost\n2026-03-29,5.00\n2026-10-25 00:00,7.00\n",
    }
    with validated(tmp_path, files, BERLIN + spend) as night:
        assert read(night) == [("25 00:30", None), ("25 01:30", None)]
        assert [str(row[0]) for row in night.warehouse.rows("select starts_on from validated.spend order by 1")] == [
            "2026-03-29",
            "2026-10-25",
        ]


ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "America/Santiago",
    "Africa/Cairo",
]


@pytest.fixture(scope="module")
def functions() -> Iterator[Warehouse]:
    with Warehouse.open() as warehouse:
        define_functions(warehouse)
        yield warehouse


@settings(max_examples=40, deadline=None)
@given(zone=st.sampled_from(ZONES), year=st.integers(2000, 2035), seed=st.integers(0, 10_000))
def test_every_local_time_is_read_as_the_zone_database_of_python_reads_it(zone, year, seed, functions) -> None:
    """Both readings of a time (PEP 495) differ where clocks change; the earlier moment is the first."""
    start = datetime(year, 1, 1) + timedelta(minutes=seed % 15)
    locals_ = [start + timedelta(minutes=15 * n) for n in range(365 * 96)]
    changes = {day for day in range(365) if _offset(start, day, zone) != _offset(start, day + 1, zone)}
    near = [moment for moment in locals_ if {(moment - start).days, (moment - start).days - 1} & changes]
    near += locals_[seed % 97 :: 997]
    expected = [_expected(moment, zone) for moment in near]
    values = ", ".join(f"('{moment:%Y-%m-%d %H:%M}')" for moment in near)
    found = functions.rows(f"select utc_text(v, '{zone}') from (values {values}) as t(v)")
    assert [row[0] for row in found] == expected


def _offset(start: datetime, day: int, zone: str) -> timedelta | None:
    return (start + timedelta(days=day)).replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset()


def _expected(local: datetime, zone: str) -> str:
    earlier, later = (
        local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC).replace(tzinfo=None) for fold in (0, 1)
    )
    if earlier < later:
        minutes = int((later - earlier).total_seconds() // 60)
        return f"{earlier:%Y-%m-%d %H:%M:%S} (clocks repeat this time after {minutes} minutes)"
    # Of a time that does not exist, Python's first reading applies the offset before the gap: it is moved on by it.
    return f"{earlier:%Y-%m-%d %H:%M:%S}" + (" (clocks skip this time)" if earlier > later else "")


def test_nothing_is_marked_when_no_time_needs_it(functions) -> None:
    functions.execute(
        "create or replace table checked as select 'f' as file_id, 1 as line_number, "
        "timestamp '2026-09-01' as moment, null::varchar as time_note"
    )
    clocks.write_readings(functions, [("checked", "moment")])
    assert functions.rows(f"select * from {clocks.READINGS}") == []
