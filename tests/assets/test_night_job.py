"""The nightly job, all of it, over a small project: what it shows of itself, and what it leaves behind."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.catalog import read_models
from pipeline.night import Night
from pipeline.reporting.render import page_names
from pipeline.run import run
from tests.assets.nights import LATER, ROWS, asked, checked, chosen, made, nightly, promising, published, undrawn
from tests.projects import write_project

MODELS = read_models()


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    write_project(folder, {"kiosk.csv": ROWS})
    return folder


@pytest.fixture(scope="module")
def night(root, instance, tmp_path_factory):
    """One night with its pictures drawn, a broken promise that only warns, and a copy of what it left behind."""
    with chosen(root), promising("warn"):
        result = nightly(instance)
    assert result.success, [event.message for event in result.all_events if event.is_failure]
    kept = tmp_path_factory.mktemp("kept") / "project"
    shutil.copytree(root, kept, symlinks=True)
    return SimpleNamespace(result=result, made=made(result), checked=checked(result), root=kept)


def test_what_was_published_answers(night) -> None:
    assert asked(night.root, "select order_id, revenue::varchar from core.orders order by 1") == [
        ("generic 1", "10.0000"),
        ("generic 2", "5.5000"),
    ]
    assert (night.root / "reports" / "latest").readlink() == Path("2026-09-05")
    pages = {path.stem for path in (night.root / "reports" / "latest").glob("*.html")}
    assert pages == set(page_names())


def test_it_publishes_what_the_command_line_publishes(night, tmp_path) -> None:
    with Night.open(write_project(tmp_path, {"kiosk.csv": ROWS})) as other:
        run(other)
    tables = [name for name in MODELS if name.startswith(("core.", "marts."))]
    assert len(tables) > 20
    for table in tables:
        query = f"select * from {table} order by all"
        assert asked(night.root, query) == asked(tmp_path, query), table


def test_every_asset_says_how_many_rows_it_made(night) -> None:
    shown = night.made
    for name, model in MODELS.items():
        if name.startswith(("core.", "marts.")) and model.kind == "table":
            assert shown[name]["dagster/row_count"] == asked(night.root, f"select count(*) from {name}")[0][0], name
            assert shown[name]["rebuilt"] is True
            assert shown[name]["seconds"] >= 0
    assert shown["raw.generic"]["dagster/row_count"] == 3
    assert shown["staged.orders"]["dagster/row_count"] == 3
    assert shown["validated.orders"]["dagster/row_count"] == 2
    assert shown["validated.people"]["dagster/row_count"] == 0
    assert (
        shown["ops.rejected_rows"]["dagster/row_count"]
        == asked(night.root, "select count(*) from ops.rejected_rows")[0][0]
    )


def test_a_connector_shows_each_file_and_its_verdict(night) -> None:
    shown = night.made["raw.generic"]
    assert (shown["files"], shown["from_cache"]) == (1, 0)
    assert "| kiosk.csv | kiosk | 3 | loaded  |" in shown["verdicts"]


def test_the_time_the_data_is_looked_at_from_is_shown(night) -> None:
    assert night.made["config.settings"]["as_of"] == "2026-09-05 14:00:00 UTC"


def test_a_page_shows_its_first_figure(night) -> None:
    shown = night.made
    pictures = {page: shown[f"reports.{page}"].get("preview") for page in page_names()}
    drawn = {page for page, preview in pictures.items() if preview}
    # A kiosk has no web orders, no spend and no stops, so nothing is drawn of these; what changed is told in words.
    assert drawn == set(page_names()) - {"index", "tracking", "changes", "money", "drop_off"}
    for page in drawn:
        encoded = pictures[page].split("base64,")[1].rstrip(")")
        picture = base64.b64decode(encoded)
        assert picture in [
            path.read_bytes() for path in (night.root / "reports" / "latest" / "figures").glob(f"{page}-*.png")
        ]


def test_a_table_shows_some_of_its_rows_and_none_names_a_person(night) -> None:
    shown = night.made
    assert "| Store |" in shown["marts.attribution"]["sample"]
    assert [name for name in shown if name.startswith("identity.") and "sample" in shown[name]] == []
    everything = json.dumps([shown, [str(e.metadata) for e in night.checked.values()]], default=str)
    assert "generic 1" in everything
    for word in ("@example.com", "ann@", "bob@", "cy@"):
        assert word not in everything


def test_rows_that_break_a_rule_and_promises_that_only_warn_stop_nothing(night) -> None:
    found = night.checked
    broken = {
        key: (e.severity.value, next(iter(e.metadata.values())).value) for key, e in found.items() if not e.passed
    }
    assert broken == {
        ("staged.events", "occurred_at_is_given"): ("WARN", 1),
        ("staged.events", "values_are_readable"): ("WARN", 1),
        ("staged.orders", "ordered_at_is_given"): ("WARN", 1),
        ("staged.orders", "values_are_readable"): ("WARN", 1),
        ("core.orders", "nothing_is_ever_sold"): ("WARN", 2),
    }
    assert night.made["published.journeys"]["published"] is True
    assert found["ops.rejected_rows", "rejections_are_counted_twice_alike"].passed
    assert found["marts.attribution", "credited_revenue_equals_booked_revenue"].passed


def test_the_next_nights_do_only_what_new_files_ask_for(night, root, instance) -> None:
    with chosen(root), promising("warn"), undrawn():
        before = published(root).stat().st_mtime_ns
        unchanged = nightly(instance)
        assert unchanged.success
        assert published(root).stat().st_mtime_ns == before
        write_project(root, {"kiosk_late.csv": LATER.replace("4.50", "much")})
        changed = nightly(instance)
        assert changed.success, [event.message for event in changed.all_events if event.is_failure]

    shown = made(unchanged)
    assert shown["raw.generic"]["from_cache"] == 1
    assert {name for name, metadata in shown.items() if metadata.get("rebuilt")} == set()
    assert shown["ops.books"]["has_news"] is False
    assert shown["published.journeys"]["published"] is False
    assert {shown[f"reports.{page}"]["drawn"] for page in page_names()} == {False}

    # The second count of rejected rows is tonight's, not the one that last night left in the database.
    assert checked(changed)["staged.orders", "gross_is_given"].metadata["rows_that_fail"].value == 1
    assert checked(changed)["ops.rejected_rows", "rejections_are_counted_twice_alike"].passed
    assert made(changed)["raw.generic"]["from_cache"] == 1
    assert made(changed)["raw.generic"]["files"] == 2
    assert made(changed)["published.journeys"]["published"] is True
    assert asked(root, "select count(*) from core.orders") == [(2,)]
    assert asked(root, "select count(*) from ops.files") == [(2,)]
