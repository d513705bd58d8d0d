"""Bad input never crashes a night and never disappears: it gets a verdict, and its rows are rejected and counted."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from pipeline.run import run
from tests.projects import HEADER, files_of, kiosk_rows, validated

GOOD = f"{HEADER}\n1,2026-09-01 10:00,ann@example.com,10.00,USD\n"


def packed(names: dict[str, str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in names.items():
            archive.writestr(name, text)
    return out.getvalue()


FILES: dict[str, str | bytes] = {
    "kiosk/good.csv": GOOD,
    "kiosk/empty.csv": b"",
    "kiosk/blank.csv": "\n \n\t\n",
    "kiosk/header_only.csv": f"{HEADER}\n",
    "kiosk/truncated.csv.gz": gzip.compress((GOOD * 5000).encode())[:-200],
    "kiosk/not_gzip.csv.gz": GOOD.replace("1,2026", "2,2026"),
    "kiosk/really_gzip.csv": gzip.compress(GOOD.replace("1,2026", "3,2026").encode()),
    "kiosk/picture.csv": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20,
    "kiosk/half_utf16.csv": GOOD.replace("1,2026", "4,2026").encode("utf-16")[:-3],
    "kiosk/nul.csv": GOOD.replace("1,2026", "5,2026").replace("ann@", "a\0nn@"),
    "kiosk/evil.zip": packed(
        {"../../escape/kiosk.csv": GOOD, "/abs/kiosk.csv": GOOD, "fine/kiosk.csv": GOOD.replace("1,2026", "6,2026")}
    ),
    "kiosk/broken.zip": packed({"kiosk.csv": GOOD})[:60],
    "kiosk/open_quote.csv": f'{HEADER}\n7,"2026-09-01 10:00,ann@example.com,10.00,USD\n8,2026-09-01 10:00,ann@example.com,10.00,USD\n',
    "kiosk/wide.csv": f"{HEADER}\n9,2026-09-01 10:00,ann@example.com,1,000.00,USD\n10,2026-09-01 10:00\n",
    "kiosk/values.csv": (
        f"{HEADER}\n"
        "11,31/02/2026,ann@example.com,10.00,USD\n"
        "12,2026-09-01 10:00,ann@example.com,-10.00,USD\n"
        "13,2026-09-01 10:00,ann@example.com,99999999999.00,USD\n"
        "14,2026-09-01 10:00,ann@example.com,ten,USD\n"
        "15,2026-09-01 10:00,ann@example.com,10.00,XXQ\n"
        "16,2026-09-01T10:00:00+02:00,ann@example.com,10.00,USD\n"
        "17,1066-10-14 10:00,ann@example.com,10.00,USD\n"
        "18,2999-01-01 10:00,ann@example.com,10.00,USD\n"
        '19,2026-09-01 10:00,"<script>alert(1)</script>",10.00,USD\n'
        '20,2026-09-01 10:00,"\'; drop table core.orders; --",10.00,USD\n'
        "=cmd|'/c calc'!A1,2026-09-01 10:00,ann@example.com,10.00,USD\n"
    ),
    "shop/unknown.csv": "colour,size\nred,3\n",
    "shop/near.csv": "event_timestamp,event_nam,user_pseudo_id\n1788255131123456,page_view,1.1\n",
    "mailchimp/events_20260901.json": '{"event_date":"20260901","event_timestamp":"1788255131123456","event_name":"page_view","event_params":[],"user_pseudo_id":"1.1","stream_id":"1"}\n[]\n',
}

VERDICTS = {
    "kiosk/good.csv": ("loaded", 1, 0),
    "kiosk/empty.csv": ("empty", None, None),
    "kiosk/blank.csv": ("empty", None, None),
    "kiosk/header_only.csv": ("empty", None, None),
    "kiosk/truncated.csv.gz": ("unreadable", None, None),
    "kiosk/not_gzip.csv.gz": ("loaded", 1, 0),
    "kiosk/really_gzip.csv": ("loaded", 1, 0),
    "kiosk/picture.csv": ("unreadable", None, None),
    "kiosk/half_utf16.csv": ("loaded", 1, 1),
    "kiosk/nul.csv": ("loaded", 1, 0),
    "kiosk/evil.zip!../../escape/kiosk.csv": ("unreadable", None, None),
    "kiosk/evil.zip!/abs/kiosk.csv": ("unreadable", None, None),
    "kiosk/evil.zip!fine/kiosk.csv": ("loaded", 1, 0),
    "kiosk/broken.zip": ("unreadable", None, None),
    "kiosk/open_quote.csv": ("loaded", 2, 1),
    "kiosk/wide.csv": ("loaded", 2, 2),
    "kiosk/values.csv": ("loaded", 11, 7),
    "shop/unknown.csv": ("unknown", None, None),
    "shop/near.csv": ("unknown", None, None),
    "mailchimp/events_20260901.json": ("loaded", 2, 1),
}


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    with validated(tmp_path_factory.mktemp("bad"), FILES) as night:
        yield night


@pytest.mark.parametrize("name", VERDICTS)
def test_every_file_gets_its_verdict_and_its_rows_are_counted(name, night) -> None:
    row = files_of(night)[name]
    assert (row["status"], row["rows_read"], row["rows_rejected"]) == VERDICTS[name], row
    if row["rows_read"] is not None:
        assert row["rows_read"] == row["rows_accepted"] + row["rows_rejected"] + row["rows_duplicate"]
    if row["status"] in ("unknown", "unreadable"):
        assert row["problem"]


def test_no_file_is_missing_from_the_books(night) -> None:
    assert set(files_of(night)) == set(VERDICTS)


def test_an_unknown_file_names_the_nearest_format_and_what_it_lacks(night) -> None:
    near = files_of(night)["shop/near.csv"]
    assert "ga4 events_flat" in near["problem"]
    assert "'event_name' (is it 'event_nam'?)" in near["problem"]


def test_every_rejected_line_says_where_what_and_why(night) -> None:
    rows = night.warehouse.records(
        "select * from ops.rejected_rows where file_name = 'kiosk/values.csv' order by line_number"
    )
    reasons = {row["line_number"]: row["reason"] for row in rows if row["rule"] != "values_are_readable"}
    received = {row["line_number"]: row["reason"] for row in rows if row["rule"] == "values_are_readable"}
    assert '"31/02/2026 (form not known)" is not a timestamp' in received[2]
    assert reasons[3] == "the order's value is negative or larger than 100 million"
    assert reasons[4] == "the order's value is negative or larger than 100 million"
    assert received[5] == 'gross "ten" is not a decimal(18,4)'
    assert reasons[6] == "the currency is not one that ISO 4217 knows"
    assert {8, 9} <= set(reasons)
    assert all(row["raw_text"] for row in rows)


def test_text_is_only_text(night) -> None:
    assert ("20", "'; drop table core.orders; --") in night.warehouse.rows(
        "select order_ref, email from validated.orders"
    )
    assert ("=cmd|'/c calc'!A1",) in night.warehouse.rows("select order_ref from validated.orders")


def test_times_with_an_offset_of_their_own_keep_it(night) -> None:
    found = night.warehouse.rows("select ordered_at::varchar from validated.orders where order_ref = '16'")
    assert found == [("2026-09-01 08:00:00",)]


def test_broken_characters_are_mended_and_said(night) -> None:
    files = files_of(night)
    assert any("NUL" in note for note in files["kiosk/nul.csv"]["notes"])
    assert any("broken characters" in note for note in files["kiosk/half_utf16.csv"]["notes"])


def test_nothing_escapes_from_an_archive(night) -> None:
    assert not list(night.project.root.parent.rglob("escape"))


def test_the_night_goes_on_and_publishes(tmp_path) -> None:
    with validated(tmp_path, FILES) as night:
        outcome = run(night)
        assert outcome.is_published
        assert ("1",) in [row[:1] for row in kiosk_rows(night)]


def test_a_line_of_a_hundred_megabytes_is_rejected_and_the_rest_is_read(tmp_path) -> None:
    huge = "x" * 100_000_000
    files = {
        "kiosk/long.csv": f"{HEADER}\n1,2026-09-01 10:00,{huge},10.00,USD\n2,2026-09-01 10:00,ann@example.com,10.00,USD\n",
        "events_20260901.json": f'{{"event_timestamp":"1788255131123456","event_name":"{huge}","event_params":[]}}\n'
        '{"event_timestamp":"1788255131123456","event_name":"page_view","event_params":[]}\n',
    }
    with validated(tmp_path, files) as night:
        rows = files_of(night)
        assert (rows["kiosk/long.csv"]["rows_read"], rows["kiosk/long.csv"]["rows_rejected"]) == (2, 1)
        assert (rows["events_20260901.json"]["rows_read"], rows["events_20260901.json"]["rows_rejected"]) == (2, 1)
        reasons = [row[0] for row in night.warehouse.rows("select reason from ops.rejected_rows order by file_name")]
        assert reasons == ["the line is longer than 16,777,216 bytes", "a cell is longer than 1,048,576 characters"]
