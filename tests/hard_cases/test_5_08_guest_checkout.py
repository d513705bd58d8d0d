"""definitions.md 5.8: a guest who spells one mailbox in several ways is one person."""

from __future__ import annotations

from pathlib import Path

from tests.hard_cases.nights import SHOP, night_of


def test_three_guest_orders_of_one_gmail_mailbox_are_one_person_and_other_mailboxes_are_their_own(
    tmp_path: Path,
) -> None:
    shop = (
        f"{SHOP}1,2026-09-01 10:00,paid,10.00,Ann.B+x@gmail.com,\n2,2026-09-02 10:00,paid,20.00,annb@gmail.com,\n"
        "3,2026-09-03 10:00,paid,30.00,ANNB@GMAIL.COM,\n4,2026-09-04 10:00,paid,40.00,a.b@example.com,\n"
        "5,2026-09-05 10:00,paid,50.00,ab@example.com,\n"
    )
    with night_of(tmp_path, {"shop.csv": shop}) as night:
        ask = night.warehouse.rows
        by_person = ask("select list(order_id order by order_id) from core.orders group by customer_id order by 1")
        assert by_person == [(["1", "2", "3"],), (["4"],), (["5"],)]
        # Both views: three orders, of which one is a first order; no number stands for a mailbox written otherwise.
        assert ask("select count(*) filter (where is_first_order), count(*), sum(revenue) from core.orders") == [
            (3, 5, 150)
        ]
        assert ask("select kind, count(*) from core.customers group by kind") == [("guest", 3)]
