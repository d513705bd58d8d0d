from __future__ import annotations

import re
from pathlib import Path

from tests.demo.reading import events, params, table, texts, truth


def test_whole_numbers_of_ga4_are_text_and_money_is_not(shop: Path) -> None:
    bought = [event for event in events(shop) if event["event_name"] == "purchase"]
    assert bought
    for event in bought:
        assert isinstance(event["event_timestamp"], str)
        assert isinstance(event["ecommerce"]["purchase_revenue"], float)
        assert isinstance(event["ecommerce"]["total_item_quantity"], str)
        assert all(isinstance(item["quantity"], str) and isinstance(item["price"], float) for item in event["items"])


def test_what_is_absent_in_ga4_has_no_key(shop: Path) -> None:
    all_events = list(events(shop))
    assert not any(value is None for event in all_events for value in event.values())
    assert all(len(entry["value"]) == 1 for event in all_events for entry in event["event_params"])
    denied = [event for event in all_events if event.get("privacy_info", {}).get("analytics_storage") == "No"]
    assert denied
    assert not any("user_pseudo_id" in event or "ga_session_id" in params(event) for event in denied)


def test_a_parameter_of_ga4_is_typed_in_two_ways(shop: Path) -> None:
    kinds = {
        kind
        for event in events(shop)
        for entry in event["event_params"]
        if entry["key"] == "session_engaged"
        for kind in entry["value"]
    }
    assert kinds == {"string_value", "int_value"}


def test_ga4_escapes_the_ampersand_and_shuffles_the_rows(shop: Path) -> None:
    text = dict(texts(shop, "ga4"))["events_20260805-000000000000.json.gz"]
    assert "&" not in text
    assert r"\u0026" in text
    stamps = re.findall(r'"event_timestamp":"(\d+)"', text)
    assert stamps != sorted(stamps)


def test_a_second_download_of_a_day_has_a_few_more_events(shop: Path) -> None:
    name = "events_20260810-000000000000.json.gz"
    counts = {
        path.parent.name: len(text.splitlines())
        for path in sorted((shop / "data" / "raw" / "ga4").rglob(name))
        for found, text in texts(shop, f"ga4/{path.parent.relative_to(shop / 'data' / 'raw' / 'ga4')}")
        if found == name
    }
    assert counts["ga4"] < counts["downloaded again"]


def test_the_open_day_overlaps_the_closed_one(shop: Path) -> None:
    files = dict(texts(shop, "ga4"))
    (intraday,) = (name for name in files if "intraday" in name)
    closed = set(files[intraday.replace("intraday_", "")].splitlines())
    assert set(files[intraday].splitlines()) < closed


def test_byte_order_marks_stand_where_the_vendor_writes_them(shop: Path) -> None:
    for path in (shop / "data" / "raw").rglob("*.csv"):
        assert path.read_bytes().startswith(b"\xef\xbb\xbf") == (path.parent.name == "hubspot"), path.name


def test_square_writes_the_newest_first_and_leaves_out_the_second_day_of_the_name(shop: Path) -> None:
    for path in (shop / "data" / "raw" / "square").glob("transactions-*.csv"):
        first, after = path.stem[13:23], path.stem[24:34]
        rows = table(shop, path.name)
        moments = [f"{row['Date']} {row['Time']}" for row in rows]
        assert moments == sorted(moments, reverse=True)
        assert all(first <= row["Date"] < after for row in rows)
        assert len(rows[0]) == 55


def test_items_of_a_sale_add_up_to_its_transaction(shop: Path) -> None:
    for path in (shop / "data" / "raw" / "square").glob("transactions-*.csv"):
        items: dict[str, int] = {}
        for row in table(shop, path.name.replace("transactions", "items")):
            items[row["Transaction ID"]] = items.get(row["Transaction ID"], 0) + _cents(row["Net Sales"])
        assert items == {row["Transaction ID"]: _cents(row["Net Sales"]) for row in table(shop, path.name)}


def test_a_refund_has_the_payment_of_the_sale_and_a_number_of_its_own(shop: Path) -> None:
    rows = [
        row for path in (shop / "data" / "raw" / "square").glob("transactions-*.csv") for row in table(shop, path.name)
    ]
    sales = {row["Payment ID"]: row for row in rows if row["Event Type"] == "Payment"}
    refunds = [row for row in rows if row["Event Type"] == "Refund"]
    assert refunds
    for refund in refunds:
        assert refund["Transaction ID"] != sales[refund["Payment ID"]]["Transaction ID"]
        assert refund["Customer ID"] == ""


def test_hubspot_writes_a_column_per_stage_and_minutes_without_zone(shop: Path) -> None:
    deals = table(shop, "*all-deals-*.csv")
    assert 'Date entered "Quote sent (Wholesale)"' in deals[0]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", deal["Create Date"]) for deal in deals)


def test_mailchimp_keeps_the_standing_in_the_name_of_the_file(shop: Path) -> None:
    members = {name.split("!")[1].split("/")[1].split("_")[0] for name, _ in texts(shop, "mailchimp") if "!" in name}
    assert members == {"subscribed", "unsubscribed", "cleaned"}


def test_a_newsletter_click_is_followed_by_a_visit_within_seconds(shop: Path) -> None:
    visits = [touch for touch in truth(shop, "touches") if touch["kind"] == "visit" and touch["channel"] == "Email"]
    clicks = {
        (event["person_id"], event["occurred_at"])
        for event in truth(shop, "events")
        if event["system"] == "mailchimp" and event["event_name"] == "click" and not event["is_machine"]
    }
    assert visits
    for visit in visits:
        lags = [(visit["occurred_at"] - at).total_seconds() for person, at in clicks if person == visit["person_id"]]
        assert any(0 < lag < 20 for lag in lags)


def _cents(text: str) -> int:
    return round(float(text.replace("$", "").replace(",", "")) * 100)
