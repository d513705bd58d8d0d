"""The hold-out of the simulated platform: halves by chance, a channel that causes nothing, and no trace of it elsewhere."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path

from pipeline.demo.holdout import WINDOW_DAYS
from tests.demo.reading import table, texts, truth


def test_the_export_holds_the_halves_of_the_truth(shop: Path) -> None:
    told = truth(shop, "experiments")
    written = table(shop, "AdNorth list split*.csv")
    assert Counter(row["Group"] for row in written) == Counter(row["variant"] for row in told)
    assert len({row["Email"] for row in written}) == len(written) == len(told)
    assert {row["List"] for row in written} == {row["experiment"] for row in told}


def test_every_address_of_the_list_is_in_the_till_or_the_newsletter(shop: Path) -> None:
    known = {
        row["plain_value"]: row["person_id"]
        for row in truth(shop, "identifiers")
        if row["kind"] == "email" and row["system"] in ("square", "mailchimp")
    }
    assert [known[row["Email"]] for row in table(shop, "AdNorth list split*.csv")] == [
        row["person_id"] for row in truth(shop, "experiments")
    ]


def test_the_channel_changes_no_order_of_either_half(shop: Path) -> None:
    told = truth(shop, "experiments")
    assert {row["channel"] for row in told} == {"Display"}
    assert all(row["orders_with"] == row["orders_without"] for row in told)
    assert sum(row["orders_with"] for row in told) > 0


def test_chance_alone_makes_the_halves(shop: Path) -> None:
    counts = Counter(row["variant"] for row in truth(shop, "experiments"))
    assert set(counts) == {"banners", "held out"}
    # Four standard deviations of a fair coin.
    assert abs(counts["banners"] - counts["held out"]) < 4 * counts.total() ** 0.5


def test_nobody_of_the_list_comes_by_a_banner_while_it_runs(shop: Path) -> None:
    begun = {row["person_id"]: row["assigned_at"] for row in truth(shop, "experiments")}
    for touch in truth(shop, "touches"):
        at = begun.get(touch["person_id"])
        if at and touch["channel"] == "Display":
            assert not at <= touch["occurred_at"] < at + timedelta(days=WINDOW_DAYS)


def test_no_other_file_knows_of_it(shop: Path) -> None:
    naming = {name for name, text in texts(shop) if "Banner hold-out" in text}
    assert len(naming) == 1
