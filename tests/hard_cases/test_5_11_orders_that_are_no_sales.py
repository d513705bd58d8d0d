"""definitions.md 5.11: test, staff and zero-value orders, replacements and gift cards: kept, flagged and counted."""

from __future__ import annotations

from pathlib import Path

from pipeline.night import Night
from tests.hard_cases.nights import night_of

SETTINGS = """
reporting: {zone: UTC, currency: EUR}
business: {own_hosts: [shop.example.com], own_email_domains: [tea.example]}
money: {rates_file: rates.csv}
generic:
  - name: shop
    files: ["shop*"]
    zone: UTC
    key: [order]
    shapes:
      orders:
        order_ref: order
        ordered_at: at
        status: status
        gross: goods
        discount: discount
        currency: currency
        email: email
        coupon: coupon
        replaces_ref: replaces
  - name: lines
    files: ["lines*"]
    currency: EUR
    key: [order, product]
    shapes:
      order_lines:
        order_ref: order
        line_ref: product
        product_name: product
        amount: amount
"""
FILES = {
    "../../rates.csv": "day,currency,rate\n2026-09-01,USD,0.9\n",
    "shop.csv": "order,at,status,goods,discount,currency,email,coupon,replaces\n"
    "1,2026-09-01 10:00,paid,100,0,EUR,ann@example.com,,\n"
    "2,2026-09-02 10:00,test,40,0,EUR,ann@example.com,,\n"
    "3,2026-09-03 10:00,paid,30,0,USD,bo@tea.example,,\n"
    "4,2026-09-04 10:00,paid,20,20,EUR,cleo@example.com,GOODWILL,\n"
    "5,2026-09-05 10:00,paid,30,30,EUR,ann@example.com,Replacement,\n"
    "6,2026-09-06 10:00,paid,0,0,EUR,ann@example.com,,1\n"
    "7,2026-09-07 10:00,paid,15,0,EUR,ann@example.com,,\n"
    "8,2026-09-08 10:00,paid,70,0,EUR,dan@example.com,,\n"
    "9,2026-09-09 10:00,paid,20,0,USD,info@tea.example,,\n",
    "lines.csv": "order,product,amount\n8,Gift card 50,50\n8,Sencha,20\n",
}


def steps(night: Night) -> dict[tuple[str, str], tuple[float, float | None]]:
    """Return orders and money of the steps from the source's rows to the books, per currency."""
    return {
        (currency, step): (orders, amount)
        for currency, step, orders, amount in night.warehouse.rows(
            """select currency, step, sum(count_orders), cast(sum(amount_source) as double)
            from marts.reconciliation where section = 'source' group by all"""
        )
    }


def test_each_kind_is_counted_in_the_ledger_and_nowhere_else(tmp_path: Path) -> None:
    with night_of(tmp_path, FILES, SETTINGS) as night:
        assert steps(night) == {
            ("EUR", "delivered"): (7, 225.0),
            ("EUR", "test"): (-1, -40.0),
            ("EUR", "replacement"): (-2, 0.0),
            ("EUR", "booked"): (4, 185.0),
            ("USD", "delivered"): (2, 50.0),
            ("USD", "staff"): (-1, -30.0),
            ("USD", "booked"): (1, 20.0),
        }
        assert night.warehouse.rows(
            """select order_ref, order_index, cast(revenue as double), is_staff, is_replacement, excluded_as
            from core.orders join core.order_matches using (order_id) order by order_ref"""
        ) == [
            ("1", 1, 100.0, False, False, None),
            ("2", None, 0.0, False, False, "test"),
            ("3", None, 0.0, True, False, "staff"),
            # All of it discounted: an order, and no revenue.
            ("4", 1, 0.0, False, False, None),
            ("5", None, 0.0, False, True, "replacement"),
            ("6", None, 0.0, False, True, "replacement"),
            # Two replacements later, this is the second purchase and not the fourth.
            ("7", 2, 15.0, False, False, None),
            ("8", 1, 70.0, False, False, None),
            # Rung up on the office's address: somebody's purchase.
            ("9", 1, 18.0, False, False, None),
        ]
        assert night.warehouse.value("select count(*) from core.journeys where outcome = 'converted'") == 5


def test_staff_and_gift_cards_are_settings(tmp_path: Path) -> None:
    settings = SETTINGS.replace("rates_file: rates.csv", "rates_file: rates.csv, gift_cards: liability")
    with night_of(tmp_path, FILES, f"{settings}\norders: {{staff: kept}}\n", only=("marts.reconciliation",)) as night:
        assert ("USD", "staff") not in steps(night)
        assert night.warehouse.rows(
            """select step, cast(sum(amount) as double) from marts.reconciliation where section = 'book'
            group by step order by step"""
        ) == [("gift_cards", -50.0), ("known_to_this_system_only", 230.0), ("net", 180.0)]
