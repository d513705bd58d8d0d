"""definitions.md 5.10: late, overlapping and restated exports; and each number that moved names the file that moved it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.night import Night
from tests.hard_cases.nights import REFUNDS, SHOP, SITE, TOWN, night_of

WEEK = [
    "1001,2026-06-01 10:00,paid,10.00,ann@example.com,b1",
    "1002,2026-06-03 10:00,paid,20.00,bob@example.com,b2",
    "1003,2026-07-05 10:00,paid,5.00,ann@example.com,b1",
]
LATER = "1004,2026-07-09 10:00,paid,7.00,cy@example.com,b3"
PINS = TOWN + (
    "files: [{path: shop_old.csv, system: generic, export: shop, exported_on: 2026-07-01}, "
    "{path: shop_new.csv, system: generic, export: shop, exported_on: 2026-07-10}]\n"
)


def shop(*rows: str) -> str:
    return SHOP + "".join(f"{row}\n" for row in rows)


def marts(root: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (root / "data" / "warehouse" / "marts").glob("*.parquet")}


def moved(night: Night) -> list[tuple[Any, ...]]:
    return night.warehouse.rows(
        "select strftime(month, '%Y-%m'), metric, value_before, value_after, files, because from ops.restatements "
        "where run_id = $1 order by month, metric",
        [night.run_id],
    )


def remove(root: Path, *names: str) -> None:
    for name in names:
        (root / "data" / "raw" / name).unlink()


def test_every_file_moves_what_it_changes_and_nothing_else(tmp_path: Path) -> None:
    site = f"{SITE}e1,2026-06-01 09:50,page_view,b1,s1,,google,cpc,,https://shop.example.com/,\n"
    with night_of(tmp_path, {"shop_1.csv": shop(*WEEK), "site.csv": site}) as night:
        assert moved(night) == []
    first = marts(tmp_path)

    # The same week once more: the same bytes under another name, and the same rows in another order.
    with night_of(tmp_path, {"again/shop_1.csv": shop(*WEEK), "shop_2.csv": shop(*reversed(WEEK))}) as night:
        assert moved(night) == []
        assert night.warehouse.value("select sum(revenue)::double from core.orders where is_conversion") == 35.0
    # The ledger tells of the rows delivered twice; every other answer is the same to the byte.
    assert {name for name, content in marts(tmp_path).items() if content != first[name]} == {"reconciliation.parquet"}

    # An overlapping file with one changed row and a new one: the union of both, and each month names it alone.
    changed = WEEK[1].replace("20.00", "16.00")
    with night_of(tmp_path, {"shop_3.csv": shop(changed, WEEK[2], LATER)}) as night:
        assert night.warehouse.value("select sum(revenue)::double from core.orders where is_conversion") == 38.0
        assert moved(night) == [
            ("2026-06", "revenue", 30.0, 26.0, ["shop_3.csv"], "shop_3.csv is new"),
            ("2026-07", "revenue", 5.0, 12.0, ["shop_3.csv"], "shop_3.csv is new"),
        ]

    # The files removed again: what was there before, to the byte.
    remove(tmp_path, "again/shop_1.csv", "shop_2.csv", "shop_3.csv")
    with night_of(tmp_path, {}) as night:
        assert [line[:4] for line in moved(night)] == [
            ("2026-06", "revenue", 26.0, 30.0),
            ("2026-07", "revenue", 12.0, 5.0),
        ]
    assert marts(tmp_path) == first

    # A file that is only renamed, or touched, moves nothing.
    raw = tmp_path / "data" / "raw"
    (raw / "shop_1.csv").rename(raw / "shop_renamed.csv")
    with night_of(tmp_path, {}) as night:
        assert moved(night) == []
    assert marts(tmp_path) == first


def test_one_row_of_one_file_gives_one_line_that_names_it(tmp_path: Path) -> None:
    refunds = f"{REFUNDS}r1,1003,2026-07-08 10:00,1.00\n"
    files = {"shop.csv": shop(*WEEK), "refunds.csv": refunds}
    with night_of(tmp_path, files):
        pass
    with night_of(tmp_path, {"shop.csv": shop(WEEK[0].replace("10.00", "6.00"), *WEEK[1:])}) as night:
        assert moved(night) == [("2026-06", "revenue", 30.0, 26.0, ["shop.csv"], "shop.csv changed (1 row changed)")]
        detail = night.warehouse.rows(
            "select distinct mart from ops.restatements_detail where run_id = $1 and not is_headline order by mart",
            [night.run_id],
        )
        assert [mart for (mart,) in detail] == ["attribution", "channel_performance", "daily_totals", "reconciliation", "tracking_gap"]  # fmt: skip

    # Two files changed: June's line names the shop's alone, July's the refunds' alone.
    changed = {"shop.csv": shop(*WEEK), "refunds.csv": refunds.replace("1.00", "2.00")}
    with night_of(tmp_path, changed) as night:
        assert [(line[0], line[4]) for line in moved(night)] == [
            ("2026-06", ["shop.csv"]),
            ("2026-07", ["refunds.csv"]),
        ]

    # Both in the same month: each with its part.
    both = {"shop.csv": shop(*WEEK[:2], WEEK[2].replace("5.00", "9.00")), "refunds.csv": refunds}
    with night_of(tmp_path, both) as night:
        (line,) = [line for line in moved(night) if line[1] == "revenue"]
        assert line[2:] == (
            3.0, 8.0, ["refunds.csv", "shop.csv"],
            "shop.csv changed (1 row changed): +4.00; refunds.csv changed (1 row changed): +1.00",
        )  # fmt: skip

    # No file, but a setting.
    with night_of(
        tmp_path, {}, TOWN.replace("zone: UTC, currency: USD", "zone: America/New_York, currency: USD")
    ) as night:
        assert all(line[4] == [] for line in moved(night))
    with night_of(tmp_path, {}, TOWN + "money: {revenue_includes_tax: true}\n") as night:
        assert moved(night) == []


def test_an_older_file_does_not_win_over_a_newer_one_that_is_there_already(tmp_path: Path) -> None:
    with night_of(tmp_path, {"shop_new.csv": shop(*WEEK)}, PINS):
        pass
    older = shop(*(row.replace("paid,", "paid,9") for row in WEEK), LATER)
    with night_of(tmp_path, {"shop_old.csv": older}, PINS) as night:
        assert night.warehouse.value("select sum(revenue)::double from core.orders where is_conversion") == 42.0
        counts = night.warehouse.rows(
            "select file_name, rows_read, rows_accepted, rows_rejected, rows_duplicate from ops.files order by 1"
        )
    assert counts == [("shop_new.csv", 3, 3, 0, 0), ("shop_old.csv", 4, 1, 0, 3)]
