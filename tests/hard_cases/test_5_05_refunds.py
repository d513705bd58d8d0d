"""definitions.md 5.5: refunds, whole, partial, repeated and too large, on the order's date and on their own."""

from __future__ import annotations

from pathlib import Path

from tests.hard_cases.nights import REFUNDS, SHOP, SITE, night_of

FILES = {
    "site.csv": f"{SITE}e1,2026-06-01 10:00,page_view,b1,s1,,google,cpc,,https://shop.example.com/,\n"
    "e2,2026-06-05 10:00,page_view,b1,s2,,newsletter,email,june,https://shop.example.com/,\n"
    "e3,2026-06-06 10:00,page_view,b2,s3,,google,cpc,,https://shop.example.com/,\n",
    "shop.csv": f"{SHOP}1001,2026-06-10 10:00,paid,100.00,ann@example.com,b1\n"
    "1002,2026-06-11 10:00,paid,30.00,bea@example.com,b2\n"
    "1003,2026-06-12 10:00,cancelled,70.00,bea@example.com,b2\n",
    # In two parts; more than all of it; of a sale that was never made; of one that nobody knows.
    "refunds.csv": f"{REFUNDS}R1,1001,2026-07-02 10:00,25.00\nR2,1001,2026-07-03 10:00,15.00\n"
    "R3,1002,2026-07-04 10:00,32.00\nR4,1003,2026-07-05 10:00,70.00\nR5,9999,2026-07-06 10:00,5.00\n",
}


def test_refunds_stand_on_both_dates_and_lower_every_credit_in_proportion(tmp_path: Path) -> None:
    with night_of(tmp_path, FILES) as night:
        rows = night.warehouse.rows
        assert rows(
            """select order_id, cast(revenue as double), count_refunds, is_over_refunded, excluded_as
            from core.orders order by order_id"""
        ) == [
            ("1001", 60.0, 2, False, None),
            ("1002", -2.0, 1, True, None),
            ("1003", 0.0, 1, False, "cancelled"),
        ]
        ledger = """select section, strftime(month, '%m'), step, cast(sum(amount) as double) from marts.reconciliation
            where section = $1 group by all order by all"""
        assert rows(ledger, ["book"]) == [
            ("book", "06", "known_to_this_system_only", 130.0),
            ("book", "06", "net", 58.0),
            ("book", "06", "refunded", -72.0),
        ]
        assert rows(ledger, ["book_by_refund_date"]) == [
            ("book_by_refund_date", "06", "known_to_this_system_only", 130.0),
            ("book_by_refund_date", "07", "refunded", -72.0),
        ]
        assert rows(ledger, ["refunds"]) == [
            ("refunds", "06", "refunds_counted", 72.0),
            ("refunds", "06", "refunds_of_no_purchase", -70.0),
            ("refunds", "06", "refunds_reported", 142.0),
            ("refunds", "07", "refunds_of_unknown_orders", -5.0),
            ("refunds", "07", "refunds_reported", 5.0),
        ]
        warned = rows("select audit from ops.audit_results where count_rows > 0 order by audit")
        assert ("refunds_do_not_exceed_the_order",) in warned
        assert ("refunds_find_their_order",) in warned
        # The order keeps its touches: 60 percent of what each model gave for the 100, for the same touches.
        shares = rows(
            """select model, cast(sum(credited_revenue) filter (where channel = 'Email') as double),
                cast(sum(credited_revenue) as double)
            from marts.attribution where level = 'channel' and channel in ('Email', 'Paid Search') group by model order by model"""
        )
        assert {total for _, _, total in shares} == {58.0}
        by_model = {model: email for model, email, _ in shares}
        assert (by_model["last"], by_model["linear"], by_model["first"]) == (60.0, 30.0, 0.0)
