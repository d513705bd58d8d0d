"""Which days a file covers, and which a newer one replaces: whole days of sums, single rows of events."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.ingest.recognise import declared_period
from tests.projects import HEADER, KIOSK, files_of, validated

ADS = """
reporting: {zone: UTC, currency: USD}
generic:
  - name: ads
    files: ["ads*"]
    currency: USD
    key: [Day, Account, Campaign]
    shapes:
      spend: {starts_on: Day, account_ref: Account, campaign: Campaign, cost: Cost}
  - name: posts
    files: ["posts*"]
    key: [Post]
    shapes:
      engagement: {starts_on: Day, object_kind: {value: post}, object_ref: Post, metric: {value: likes}, value: Likes, is_lifetime: {value: true}}
files:
"""
HEAD = "Day,Account,Campaign,Cost\n"


def exported(**days: str) -> str:
    """Return settings that say when each file was exported."""
    pins = [
        f"  - {{path: {name}.csv, system: generic, export: ads, exported_on: 2026-09-{day}}}\n"
        for name, day in days.items()
    ]
    return ADS + "".join(pins)


def spent(night) -> list[tuple]:
    return night.warehouse.rows(
        "select starts_on::varchar, coalesce(account_ref, ''), campaign, cost::double from validated.spend order by all"
    )


def test_a_newer_file_replaces_the_days_it_covers_with_the_rows_it_no_longer_has(tmp_path: Path) -> None:
    older = f"{HEAD}2026-09-01,a,x,1\n2026-09-02,a,x,2\n2026-09-02,a,gone,9\n2026-09-03,a,gone,9\n2026-09-04,a,x,4\n"
    newer = f"{HEAD}2026-09-02,a,x,2.5\n2026-09-04,a,x,4.5\n2026-09-05,a,x,5\n"
    # The newer file's name sorts first, so that no order of names can help.
    with validated(tmp_path, {"ads_b.csv": older, "ads_a.csv": newer}, exported(ads_b="06", ads_a="08")) as night:
        assert spent(night) == [
            ("2026-09-01", "a", "x", 1.0), ("2026-09-02", "a", "x", 2.5), ("2026-09-04", "a", "x", 4.5), ("2026-09-05", "a", "x", 5.0),
        ]  # fmt: skip
        counts = {
            name: [file[f"rows_{key}"] for key in ("read", "accepted", "rejected", "duplicate")]
            for name, file in files_of(night).items()
        }
        assert counts == {"ads_b.csv": [5, 1, 0, 4], "ads_a.csv": [3, 3, 0, 0]}


def test_an_older_file_never_replaces_a_newer_one(tmp_path: Path) -> None:
    texts = {"ads_a.csv": f"{HEAD}2026-09-01,a,x,1\n", "ads_b.csv": f"{HEAD}2026-09-01,a,x,2\n2026-09-01,a,y,7\n"}
    with validated(tmp_path, texts, exported(ads_a="08", ads_b="06")) as night:
        assert spent(night) == [("2026-09-01", "a", "x", 1.0)]


@pytest.mark.parametrize("other", ["2026-09-02,b,x,7\n", "2026-09-02,a,video,7\n"], ids=["account", "campaigns"])
def test_files_of_another_account_or_of_other_campaigns_are_parts_of_one_whole(other: str, tmp_path: Path) -> None:
    texts = {"ads_a.csv": f"{HEAD}2026-09-01,a,x,1\n2026-09-02,a,x,2\n", "ads_b.csv": HEAD + other}
    with validated(tmp_path, texts, exported(ads_a="06", ads_b="08")) as night:
        assert len(spent(night)) == 3


def test_a_broken_row_of_a_newer_file_does_not_make_its_day_its_own(tmp_path: Path) -> None:
    older = f"{HEAD}2026-09-01,a,x,1\n2026-09-02,a,x,2\n"
    newer = f"{HEAD}2026-09-01,a,x,1.5\n2026-09-02,a,x,two\n"
    with validated(tmp_path, {"ads_a.csv": older, "ads_b.csv": newer}, exported(ads_a="06", ads_b="08")) as night:
        assert spent(night) == [("2026-09-01", "a", "x", 1.5), ("2026-09-02", "a", "x", 2.0)]


def test_three_exports_of_the_same_days_leave_the_last(tmp_path: Path) -> None:
    texts = {f"ads_{n}.csv": f"{HEAD}2026-09-01,a,x,{n}\n2026-09-01,a,only {n},1\n" for n in (1, 2, 3)}
    with validated(tmp_path, texts, exported(ads_1="06", ads_2="07", ads_3="08")) as night:
        assert spent(night) == [("2026-09-01", "a", "only 3", 1.0), ("2026-09-01", "a", "x", 3.0)]


def test_numbers_that_count_since_a_thing_exists_are_replaced_thing_by_thing(tmp_path: Path) -> None:
    texts = {
        "posts_1.csv": "Day,Post,Likes\n2026-09-01,p1,5\n2026-09-01,p2,7\n",
        "posts_2.csv": "Day,Post,Likes\n2026-09-01,p1,6\n2026-09-02,p3,1\n2026-09-03,p4,1\n",
    }
    with validated(tmp_path, texts, ADS.removesuffix("files:\n")) as night:
        rows = night.warehouse.rows("select object_ref, value from validated.engagement order by all")
    assert rows == [("p1", 6.0), ("p2", 7.0), ("p3", 1.0), ("p4", 1.0)]


def test_every_file_says_which_days_it_covers_and_what_of_them_is_used(tmp_path: Path) -> None:
    older = f"{HEADER}\n1,2026-09-01 10:00,a@example.com,10,USD\n2,2026-09-03 23:30,a@example.com,5,USD\n"
    newer = f"{HEADER}\n2,2026-09-03 23:30,a@example.com,6,USD\n3,2026-09-04 10:00,a@example.com,5,USD\n"
    pins = "files: [{path: kiosk1.csv, system: generic, export: kiosk, exported_on: 2026-09-04}, {path: kiosk2.csv, system: generic, export: kiosk, exported_on: 2026-09-05}]\n"
    with validated(tmp_path, {"kiosk1.csv": older, "kiosk2.csv": newer}, KIOSK + pins) as night:
        covered = night.warehouse.rows(
            "select file_name, day::varchar, rows_accepted, rows_superseded, is_provisional from ops.coverage "
            "where shape = 'orders' order by all"
        )
        assert covered == [
            ("kiosk1.csv", "2026-09-01", 1, 0, False),
            ("kiosk1.csv", "2026-09-03", 0, 1, False),
            ("kiosk2.csv", "2026-09-03", 1, 0, False),
            ("kiosk2.csv", "2026-09-04", 1, 0, True),
        ]
        file = files_of(night)["kiosk1.csv"]
        assert (file["period_from"], file["period_to"]) == (date(2026, 9, 1), date(2026, 9, 3))


@pytest.mark.parametrize(
    ("fields", "period"),
    [
        ({"table_day": "20260901"}, (date(2026, 9, 1), date(2026, 9, 1))),
        ({"first_day": "2026-09-01", "day_after_last": "2026-09-04"}, (date(2026, 9, 1), date(2026, 9, 3))),
        ({"first_day": "2026-09-01", "last_day": "2026-09-04"}, (date(2026, 9, 1), date(2026, 9, 4))),
        ({"table_day": "20261341"}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_a_name_says_which_days_a_file_promises(fields: dict[str, str], period: tuple) -> None:
    assert declared_period(fields) == period


@pytest.mark.parametrize(
    ("exported_on", "provisional_from"),
    [
        (None, "2026-09-02"),
        ("2026-09-04", "2026-09-02"),
        ("2026-09-05", "2026-09-03"),
        ("2026-09-20", "2026-09-04"),
        ("2026-09-01", "2026-09-02"),
    ],
)
def test_days_are_open_until_the_export_was_made_long_enough_after_them(
    exported_on: str | None, provisional_from: str, tmp_path: Path
) -> None:
    text = f"{HEADER}\n1,2026-08-01 10:00,a@example.com,10,USD\n2,2026-09-04 10:00,a@example.com,5,USD\n"
    pin = f", exported_on: {exported_on}" if exported_on else ""
    settings = f"{KIOSK}sources: {{generic: {{provisional_days: 3}}}}\nfiles: [{{path: kiosk.csv, system: generic, export: kiosk{pin}}}]\n"
    with validated(tmp_path, {"kiosk.csv": text}, settings) as night:
        assert night.warehouse.value("select provisional_from::varchar from config.settings") == provisional_from


def test_without_a_source_that_rewrites_days_only_the_last_one_is_open(tmp_path: Path) -> None:
    text = f"{HEADER}\n1,2026-09-03 10:00,a@example.com,10,USD\n2,2026-09-04 22:00,a@example.com,5,USD\n"
    with validated(tmp_path, {"kiosk.csv": text}) as night:
        assert night.warehouse.value("select provisional_from::varchar from config.settings") == "2026-09-04"
