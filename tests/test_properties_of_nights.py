"""What holds for any business, over whole nights of invented ones."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pipeline.warehouse import Warehouse
from tests.hard_cases.nights import REFUNDS, SHOP, SITE, night_of

pytestmark = pytest.mark.usefixtures("no_expectations")

TAGS = [("google", "cpc"), ("google", "organic"), ("news", "email"), ("blog.example", "referral"), ("", "")]


def business(seed: int, people: int = 40) -> dict[str, str]:
    """Invent visits, orders and refunds; some people have no visit, some no order."""
    draw, site, shop, refunds = random.Random(seed), SITE, SHOP, REFUNDS
    number = 0
    for who in range(people):
        for visit in range(draw.choice((0, 1, 1, 2, 3))):
            source, medium = draw.choice(TAGS)
            day = f"2026-{draw.randint(7, 9):02d}-{draw.randint(1, 28):02d} {draw.randint(0, 23):02d}:{draw.randint(0, 59):02d}"
            number += 1
            mail = f"p{who}@example.com" if draw.random() < 0.6 else ""
            site += f"e{number},{day},page_view,b{who},s{who}-{visit},{mail},{source},{medium},,https://shop.example.com/,\n"
        for _ in range(draw.choice((0, 1, 1, 2))):
            number += 1
            day = f"2026-{draw.randint(7, 9):02d}-{draw.randint(1, 28):02d} {draw.randint(0, 23):02d}:30"
            shop += f"{1000 + number},{day},paid,{draw.randint(1, 9000) / 100:.2f},p{who}@example.com,b{who}\n"
            if draw.random() < 0.1:
                refunds += f"R{number},{1000 + number},2026-09-28 23:59,0.37\n"
    # The end of the data stays where it is whatever is added.
    site += "end,2026-09-30 12:00,page_view,last,last-1,,google,organic,,https://shop.example.com/,\n"
    return {"site.csv": site, "shop.csv": shop, "refunds.csv": refunds}


def credited(warehouse: Warehouse) -> dict[tuple[str, str], tuple[float, float]]:
    rows = warehouse.rows(
        "select model, channel, sum(conversions), sum(credited_revenue) from marts.attribution "
        "where level = 'channel' group by all having sum(conversions) <> 0 or sum(credited_revenue) <> 0"
    )
    return {
        (model, channel): (round(float(orders), 6), round(float(money), 6)) for model, channel, orders, money in rows
    }


def booked(warehouse: Warehouse) -> tuple[int, float]:
    orders, revenue = warehouse.rows("select count(*), sum(revenue) from core.orders where is_conversion")[0]
    return orders, float(revenue)


def test_credit_adds_up_and_only_the_right_rows_move(tmp_path: Path) -> None:
    with night_of(tmp_path, business(seed=2)) as night:
        before, total = credited(night.warehouse), booked(night.warehouse)
        assert (
            night.warehouse.value(
                "select count(*) from marts.attribution where conversions < 0 or least(credited_revenue, 0) < 0"
            )
            == 0
        )
    models = {model for model, _ in before}
    assert len(models) >= 8
    for model in models:
        mine = [values for (name, _), values in before.items() if name == model]
        assert sum(orders for orders, _ in mine) == pytest.approx(total[0], abs=1e-5), model
        assert sum(money for _, money in mine) == pytest.approx(total[1], abs=1e-4), model

    # Somebody who was never seen buys: only the row of orders that no touchpoint led to changes, by just that order.
    stranger = f"{SHOP}777,2026-09-10 10:00,paid,31.07,stranger@example.com,\n"
    with night_of(tmp_path, {"shop-more.csv": stranger}) as night:
        after = credited(night.warehouse)
        assert booked(night.warehouse) == (total[0] + 1, pytest.approx(total[1] + 31.07))
    moved = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert moved == {(model, "No tracked touchpoint") for model in models}
    for key in moved:
        orders, money = before.get(key, (0.0, 0.0))
        assert after[key] == (pytest.approx(orders + 1), pytest.approx(money + 31.07))

    # Merging people moves credit between rows, never the total of any model.
    joins = "".join(f"join,email,p{who}@example.com,email,p{who + 1}@example.com,\n" for who in buyers(tmp_path)[:5])
    overrides = f"action,kind,value,other_kind,other_value,note\n{joins}"
    with night_of(tmp_path, {"overrides/identity.csv": overrides}) as night:
        merged, total_merged = credited(night.warehouse), booked(night.warehouse)
        people = night.warehouse.value("select count(distinct customer_id) from core.orders where is_conversion")
        assert people < night.warehouse.value("select count(distinct email) from validated.orders")
    assert total_merged == (total[0] + 1, pytest.approx(total[1] + 31.07))
    for model in models:
        assert sum(money for (name, _), (_, money) in merged.items() if name == model) == pytest.approx(total_merged[1])


def buyers(root: Path) -> list[int]:
    """Return people who bought and whose neighbour bought too."""
    shop = (root / "data" / "raw" / "shop.csv").read_text(encoding="utf-8")
    bought = {who for who in range(40) if f",p{who}@example.com," in shop}
    return sorted(who for who in bought if who + 1 in bought)
