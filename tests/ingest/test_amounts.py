"""Decimal marks and cents are looked at file by file; where a file does not tell, it waits for an answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.ingest.amounts import Said, answer, sure_mark
from pipeline.shape import define_functions
from pipeline.warehouse import Warehouse
from tests.projects import files_of, validated

SHOP = """
reporting: {zone: UTC, currency: USD}
generic:
  - name: shop
    files: ["shop/*"]
    zone: UTC
    currency: USD
    key: [order]
    shapes: {orders: {order_ref: order, ordered_at: at, gross: amount, tax: tax}}
  - name: till
    files: ["till/*"]
    zone: UTC
    currency: USD
    decimal_mark: "."
    key: [order]
    shapes: {orders: {order_ref: order, ordered_at: at, gross: amount}}
"""


def shop(*amounts: str, first: int = 1) -> str:
    rows = "".join(f"{n};2026-09-01 10:00;{amount};\n" for n, amount in enumerate(amounts, first))
    return f"order;at;amount;tax\n{rows}"


FILES = {
    # The first nine files are one export; the tenth would tell, so each case has an export of its own.
    "till/contradiction.csv": shop("12,50", "1.234,50", first=100),
    "till/point said.csv": shop("1,234", first=200),
    "till/broken row.csv": shop("1.50", *["2.25"] * 60, "3,50", first=300),
}


@pytest.fixture(scope="module")
def till(tmp_path_factory) -> Iterator[object]:
    with validated(tmp_path_factory.mktemp("till"), FILES, SHOP) as night:
        yield night


def gross(night) -> list[str]:
    return [str(row[0]) for row in night.warehouse.rows("select gross from validated.orders order by order_ref")]


@pytest.mark.parametrize(
    ("amounts", "become", "note"),
    [
        (["1,234.50", "1,234", "7"], ["1234.5000", "1234.0000", "7.0000"], None),
        (["1.234,50", "1.234", "7"], ["1234.5000", "1234.0000", "7.0000"], "line 2 shows: 1.234,50"),
        (["1.234", "12,5", "€ 7"], ["1234.0000", "12.5000", "7.0000"], "line 3 shows: 12,5"),
        (["1,234,567", "1,234"], ["1234567.0000", "1234.0000"], None),
        (["0,125", "1,234"], ["0.1250", "1.2340"], "line 2 shows: 0,125"),
        (["12", "7", "1000"], ["12.0000", "7.0000", "1000.0000"], None),
    ],
)
def test_what_one_amount_shows_holds_for_its_file(amounts, become, note, tmp_path) -> None:
    with validated(tmp_path, {"shop/a.csv": shop(*amounts)}, SHOP) as night:
        assert gross(night) == become
        notes = files_of(night)["shop/a.csv"]["notes"]
        assert notes == ([f"amounts have a decimal comma, as {note}"] if note else [])


def test_a_file_that_fits_both_readings_waits_and_the_others_go_on(tmp_path) -> None:
    files = {"shop/a.csv": shop("1,234", "2,500", "7"), "till/b.csv": shop("5.00", first=50)}
    with validated(tmp_path, files, SHOP) as night:
        row = files_of(night)["shop/a.csv"]
        assert (row["status"], row["rows_read"]) == ("needs_setting", None)
        assert row["problem"] == (
            "2 amounts such as 1,234 (line 2) can be read with a decimal point or a decimal comma, "
            "and nothing in the file tells which."
        )
        assert row["fix"] == (
            'Write under files: in journeys.yaml: - {path: "shop/a.csv", system: generic, export: shop, '
            'decimal_mark: "."} if amount adds up to 3741.00, or decimal_mark: "," if it adds up to 10.73.'
        )
        assert gross(night) == ["5.0000"]
    for mark, become in ((".", ["1234.0000", "2500.0000", "7.0000"]), (",", ["1.2340", "2.5000", "7.0000"])):
        pin = f'files:\n  - {{path: "shop/a.csv", system: generic, export: shop, decimal_mark: "{mark}"}}\n'
        with validated(tmp_path, {}, SHOP + pin) as night:
            assert sorted(gross(night)) == sorted([*become, "5.0000"])


def test_other_files_of_the_export_answer_for_one_that_does_not_tell(tmp_path) -> None:
    files = {"shop/a.csv": shop("1.234"), "shop/b.csv": shop("12,50", first=50)}
    with validated(tmp_path, files, SHOP) as night:
        assert gross(night) == ["1234.0000", "12.5000"]
        assert files_of(night)["shop/a.csv"]["notes"] == [
            "amounts such as 1.234 are read with a decimal comma, as other files of the export have"
        ]


def test_a_file_that_has_both_marks_waits(tmp_path) -> None:
    with validated(tmp_path, {"shop/a.csv": shop("1,50", "1.50", "2.50")}, SHOP) as night:
        row = files_of(night)["shop/a.csv"]
        assert row["status"] == "needs_setting"
        assert row["problem"] == ("2 amounts have a decimal point (line 3: 1.50) and 1 a decimal comma (line 2: 1,50).")


def test_a_file_that_contradicts_the_settings_waits(till) -> None:
    row = files_of(till)["till/contradiction.csv"]
    assert row["status"] == "needs_setting"
    assert row["problem"] == ("2 amounts have a decimal comma (line 2: 12,50), but journeys.yaml says a decimal point.")


def test_what_the_settings_say_answers_the_question(till) -> None:
    assert "1234.0000" in gross(till)


def test_one_stray_amount_is_a_rejected_row_and_no_question(till) -> None:
    row = files_of(till)["till/broken row.csv"]
    assert (row["status"], row["rows_rejected"]) == ("loaded", 1)


CENTS = """
reporting: {zone: UTC, currency: USD}
money: {rates_file: rates.csv}
generic:
  - name: api
    files: ["api*"]
    zone: UTC
    key: [order]
    shapes:
      orders: {order_ref: order, ordered_at: at, gross: total_cents, currency: currency}
"""
API = "order,at,total_cents,currency\n1,2026-09-01 10:00,1250,USD\n2,2026-09-01 10:00,500,JPY\n3,2026-09-01 10:00,1250,KWD\n"


def test_cents_are_asked_for_and_divided_by_what_the_currency_has_of_them(tmp_path) -> None:
    (tmp_path / "rates.csv").write_text("day,currency,rate\n2026-01-01,JPY,0.007\n2026-01-01,KWD,3.2\n")
    with validated(tmp_path, {"api.csv": API}, CENTS) as night:
        row = files_of(night)["api.csv"]
        assert row["status"] == "needs_setting"
        assert row["problem"] == (
            "The amounts seem to be in hundredths: their column is called 'total_cents', and all of them are whole."
        )
        assert '- {path: "api.csv", system: generic, export: api, minor_units: true}' in row["fix"]
    for said, become in (
        ("true", ["12.5000", "500.0000", "1.2500"]),
        ("false", ["1250.0000", "500.0000", "1250.0000"]),
    ):
        text = CENTS.replace("    key: [order]", f"    minor_units: {said}\n    key: [order]")
        with validated(tmp_path, {}, text) as night:
            assert gross(night) == become


@pytest.fixture(scope="module")
def functions() -> Iterator[Warehouse]:
    with Warehouse.open() as warehouse:
        define_functions(warehouse)
        yield warehouse


def written(cents: int, mark: str, is_grouped: bool, digits: int) -> str:
    whole, rest = divmod(cents, 100)
    text = f"{whole:,}" if is_grouped else str(whole)
    text = text.replace(",", "." if mark == "," else ",")
    return text if digits == 0 else f"{text}{mark}{rest:02d}"


@settings(max_examples=30, deadline=None)
@given(
    cents=st.lists(st.integers(0, 10**9), min_size=1, max_size=20),
    mark=st.sampled_from([".", ","]),
    is_grouped=st.booleans(),
    digits=st.lists(st.sampled_from([0, 2]), min_size=20, max_size=20),
)
def test_a_file_is_read_as_it_was_written_or_not_at_all(
    cents, mark, is_grouped, digits, functions, tmp_path_factory
) -> None:
    """Whoever wrote the amounts, they come back to the cent; where they cannot be told, there is a question."""
    from pipeline.ingest.amounts import evidence
    from pipeline.ingest.spec import ColumnSpec, ExportSpec

    said = [value if d else value - value % 100 for value, d in zip(cents, digits, strict=False)]
    texts = [written(value, mark, is_grouped, d) for value, d in zip(said, digits, strict=False)]
    listed = ", ".join(f"({n}, '{text}')" for n, text in enumerate(texts))
    path = f"(select line_number, amount from (values {listed}) as t(line_number, amount))"
    export = ExportSpec(title="x", columns={"amount": ColumnSpec()}, amounts=("amount",))

    class Engine:
        def records(self, sql: str) -> list[dict]:
            return functions.records(sql.replace("read_parquet('here')", path))

    found = evidence("here", export, ["amount"], Engine())  # type: ignore[arg-type]
    read = answer(found, Said(None, None), True, None, "")
    if read.question is None:
        values = functions.rows(
            f"select money_text(amount, '{read.decimal_mark}')::decimal(18, 2) * 100 from {path} order by line_number"
        )
        assert [int(row[0]) for row in values] == said
    else:
        assert sure_mark(found) is None
        assert all(("," not in text and "." not in text) or text.count(",") + text.count(".") == 1 for text in texts)


RATES = """
reporting: {zone: UTC, currency: USD}
money: {rates_file: rates.csv}
generic:
  - name: shop
    files: ["shop*"]
    zone: UTC
    shapes: {orders: {order_ref: order, ordered_at: at, gross: amount, currency: currency}}
  - name: ads
    files: ["ads*"]
    shapes: {spend: {starts_on: day, cost: cost, currency: currency}}
"""


def test_an_amount_without_a_rate_for_its_day_is_refused_with_what_to_add(tmp_path) -> None:
    (tmp_path / "rates.csv").write_text("day,currency,rate\n2026-09-04,EUR,1.1\n2026-09-07,EUR,1.2\n")
    files = {
        "shop.csv": "order,at,amount,currency\n"
        "1,2026-09-06 10:00,10.00,EUR\n2,2026-09-03 10:00,10.00,EUR\n3,2026-09-06 10:00,10.00,CAD\n4,1999-01-01,5.00,USD\n",
        "ads.csv": "day,cost,currency\n2026-09-01,5.00,EUR\n2026-09-01,5.00,CAD\n2026-09-08,5.00,EUR\n",
    }
    with validated(tmp_path, files, RATES) as night:
        assert night.warehouse.rows("select order_ref from validated.orders order by 1") == [("1",), ("4",)]
        assert night.warehouse.rows("select starts_on::varchar from validated.spend") == [("2026-09-08",)]
        night.build("core.exchange_rates")
        assert night.warehouse.rows(
            "select currency, day::varchar, rate::double, rate_on::varchar from core.exchange_rates where rate <> 1 order by 2"
        ) == [("EUR", "2026-09-06", 1.1, "2026-09-04"), ("EUR", "2026-09-08", 1.2, "2026-09-07")]
        reasons = dict(
            night.warehouse.rows("select line_number, reason from ops.rejected_rows where file_name = 'shop.csv'")
        )
        assert reasons[3] == (
            "the exchange rates of its currency begin later; add a line for this day, or an earlier one, to the file "
            'named in journeys.yaml under money.rates_file, but "2026-09-03 10:00:00"'
        )
        assert reasons[4].startswith("its currency has no exchange rate (the file under money.rates_file")
        assert reasons[4].endswith(', but "CAD"')


CALLS = "Record ID,Activity date,Call outcome\n1,2026-09-01 10:00,Connected\n"


@pytest.mark.parametrize(
    ("settings_text", "proposed"),
    [
        ("reporting: {zone: Europe/Berlin}\n", "Europe/Berlin if it is the reporting zone"),
        (
            "sources: {mailchimp: {zone: Europe/Paris}}\n",
            "Europe/Paris if it is set like the other systems in journeys.yaml",
        ),
        (
            "files: [{path: old.csv, system: hubspot, zone: Asia/Tokyo}]\n",
            "Asia/Tokyo if its other files, which journeys.yaml pins, are right",
        ),
    ],
)
def test_a_file_without_a_zone_is_set_aside_with_a_proposal(settings_text, proposed, tmp_path) -> None:
    with validated(tmp_path, {"hubspot/calls.csv": CALLS}, settings_text) as night:
        row = files_of(night)["hubspot/calls.csv"]
    assert (row["status"], row["problem"]) == ("needs_setting", "Its times carry no time zone.")
    assert row["fix"] == (
        f"Set sources.hubspot.zone in journeys.yaml to the zone that HubSpot shows times in: {proposed}. "
        "One order whose time you know tells."
    )
