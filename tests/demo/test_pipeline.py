from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.config import Project
from pipeline.demo import simulate
from pipeline.night import Night
from tests.demo.reading import truth


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Night, Path]]:
    """A night over two weeks of a small shop, up to the order book."""
    root = tmp_path_factory.mktemp("project")
    simulate(300, 14, 4, root)
    with Night.open(Project.open(root)) as opened:
        opened.configure()
        opened.define_raw()
        opened.shape()
        opened.quarantine()
        opened.settle()
        for model in opened.selected(["core.orders", "identity.keys"]):
            opened.build(model.name)
        yield opened, root


def test_no_file_is_unknown_and_no_row_rejected(night: tuple[Night, Path]) -> None:
    opened, _ = night
    assert {verdict.status for verdict in opened.intake.verdicts.values()} <= {"read", "loaded", "empty"}
    assert opened.warehouse.rows("select * from validated.rejects") == []


def test_booked_revenue_is_the_true_revenue(night: tuple[Night, Path]) -> None:
    opened, data = night
    orders = [order for order in truth(data, "orders") if order["is_real"]]
    found = opened.warehouse.rows("select count(*), sum(revenue) from core.orders where is_conversion")
    assert found == [(len(orders), sum(order["net"] for order in orders))]


def test_identifiers_that_lines_hold_together_lead_to_one_customer(night: tuple[Night, Path]) -> None:
    opened, data = night
    customer = {
        (kind, written): number
        for kind, written, number in opened.warehouse.rows("select kind, written, customer_id from identity.keys")
    }
    groups: dict[tuple[int, int], set[int]] = {}
    for row in truth(data, "identifiers"):
        written = f"{row['system']} {row['value']}" if row["kind"] == "person_key" else row["value"].strip()
        if not row["is_shared"] and (row["kind"], written) in customer:
            groups.setdefault((row["person_id"], row["evidence_group"]), set()).add(customer[row["kind"], written])
    assert groups
    assert all(len(customers) == 1 for customers in groups.values())
