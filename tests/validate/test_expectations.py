"""Great Expectations counts a second time what quarantine counted, and what it cannot count is our mistake."""

from __future__ import annotations

import gc
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import JourneysError
from pipeline.ingest.spec import Expected
from pipeline.night import Night
from pipeline.run import run
from pipeline.validate import expectations
from pipeline.validate.expectations import Expectation, ExpectationError
from tests.projects import HEADER, KIOSK, validated, write_project

ROOT = Path(__file__).parent.parent.parent
GOOD = f"{HEADER}\n1,2026-09-01 10:00,ann@example.com,10.00,USD\n2,2026-09-02 10:00,ann@example.com,11.00,USD\n"

#: The kiosk with two columns more, one for each shape.
SETTINGS = KIOSK.replace("interaction: {value: store_visit}", "interaction: Kind").replace(
    "        order_ref: Ticket\n", "        order_ref: Ticket\n        sale_channel: Channel\n"
)
MIXED = (
    f"{HEADER},Kind,Channel\n"
    "1,2026-09-01 10:00,ann@example.com,10.00,USD,store_visit,store\n"
    "2,31/02/2026,ann@example.com,10.00,USD,store_visit,store\n"
    "3,,ann@example.com,10.00,USD,store_visit,store\n"
    "4,2026-09-01 10:00,ann@example.com,-10.00,USD,store_visit,store\n"
    "5,2026-09-01 10:00,ann@example.com,ten,USD,store_visit,store\n"
    "6,2026-09-01 10:00,ann@example.com,10.00,XXQ,store_visit,store\n"
    "7,2026-09-01 10:00,ann@example.com,10.00,EUR,store_visit,store\n"
    "8,2999-01-01 10:00,ann@example.com,10.00,USD,store_visit,store\n"
    "9,1066-01-01 10:00,ann@example.com,10.00,USD,store_visit,store\n"
    ",2026-09-01 10:00,ann@example.com,10.00,USD,store_visit,store\n"
    "11,2026-09-01 10:00,ann@example.com,10.00,USD,teleport,moon\n"
    "12,2026-09-01 10:00,ann@example.com,10.00,USD,,\n"
)
BROKEN_RULES = {
    ("staged.events", "interaction_is_allowed"): 1,
    ("staged.events", "interaction_is_given"): 1,
    ("staged.events", "occurred_at_is_given"): 2,
    ("staged.events", "time_is_plausible"): 2,
    ("staged.events", "values_are_readable"): 1,
    ("staged.orders", "currency_can_be_converted"): 1,
    ("staged.orders", "currency_is_known"): 1,
    ("staged.orders", "discount_is_plausible"): 1,
    ("staged.orders", "gross_is_given"): 1,
    ("staged.orders", "gross_is_plausible"): 1,
    ("staged.orders", "order_ref_is_given"): 1,
    ("staged.orders", "ordered_at_is_given"): 2,
    ("staged.orders", "sale_channel_is_allowed"): 1,
    ("staged.orders", "time_is_plausible"): 2,
    ("staged.orders", "values_are_readable"): 2,
}


def expecting(night: Night, check: str) -> None:
    """Let the kiosk's connector expect something of its export."""
    spec = night.specs["generic"]
    export = spec.exports["kiosk"].model_copy(
        update={"expectations": {"a_rule": Expected(check=check, says="it is odd")}}
    )
    night.specs = {**night.specs, "generic": spec.model_copy(update={"exports": {"kiosk": export}})}


def row_rule(check: str, rule: str = "a_rule", checked: str = "validated.orders") -> Expectation:
    return Expectation(checked, rule, "block", "it is odd", "rows", check=check)


def test_both_counts_agree_rule_by_rule(tmp_path) -> None:
    with validated(tmp_path, {"kiosk.csv": MIXED}, SETTINGS) as night:
        results = night.expect().to_pylist()
        quarantined = night.warehouse.rows(
            "select 'staged.' || shape, rule, count(distinct line_number) from validated.rejects group by all"
        )
    counted = {(row["checked"], row["rule"]): row["count_unexpected"] for row in results if not row["is_met"]}
    assert counted == BROKEN_RULES
    assert {(checked, rule): count for checked, rule, count in quarantined} == BROKEN_RULES
    assert {row["level"] for row in results if not row["is_met"]} == {"reject"}
    assert {row["count_rows"] for row in results if row["rule"].endswith("_is_given")} == {12}


def test_every_rule_of_the_shapes_that_came_is_looked_at(tmp_path) -> None:
    with validated(tmp_path, {"kiosk.csv": GOOD}) as night:
        results = night.expect().to_pylist()
        wanted = expectations.all_expectations(night.specs, night.intake.delivered, ["events", "orders"])
    assert {(row["checked"], row["rule"]) for row in results} == {(e.checked, e.rule) for e in wanted}
    assert len(results) == len(wanted) > 20
    assert [row for row in results if not row["is_met"] or row["count_unexpected"]] == []


def test_an_expectation_that_raises_is_our_mistake_and_is_told_with_its_reason(tmp_path) -> None:
    with validated(tmp_path, {"kiosk.csv": GOOD}) as night:
        wanted = [
            row_rule("no_such_column > 1", "is_raised"),
            row_rule("gross > 0", "is_answered"),
            Expectation("validated.orders", "is_raised_too", "block", "it is odd", "not_null", column="nowhere"),
        ]
        with pytest.raises(ExpectationError) as caught:
            expectations.run(night.warehouse, wanted)
        told = {problem.what for problem in caught.value.problems}
        assert len(told) == 2
        assert any("is_raised could" in text and 'column "no_such_column" not found' in text for text in told)
        assert any("is_raised_too could" in text and '"nowhere"' in text for text in told)
        assert {problem.where for problem in caught.value.problems} == {"validated.orders"}

        [answered] = expectations.run(night.warehouse, wanted[1:2]).to_pylist()
        assert (answered["is_met"], answered["count_unexpected"]) == (True, 0)


def test_a_night_whose_expectation_raises_notes_nothing_about_the_data_and_publishes_nothing(tmp_path) -> None:
    with Night.open(write_project(tmp_path, {"kiosk.csv": GOOD})) as night:
        expecting(night, "no_such_column > 1")
        with pytest.raises(ExpectationError, match="a_rule could not be checked"):
            run(night)
        assert not night.warehouse.exists("ops.validation_results")
    assert not (tmp_path / "data" / "warehouse" / "journeys.duckdb").exists()
    assert issubclass(ExpectationError, JourneysError)


def test_what_a_connector_expects_in_vain_is_a_warning_and_stops_nothing(tmp_path) -> None:
    contacts = (
        "Record ID,First Name,Last Name,Email,Phone Number,Create Date\n"
        "101,Ann,Ash,ann@example.com,,2026-09-01 10:00\n"
        "102,Bob,Birch,,,2026-09-02 10:00\n"
        "103,Cy,Cedar,,,2026-09-03 10:00\n"
    )
    settings = "sources: {hubspot: {zone: America/New_York, currency: USD}}\n"
    files = {"hubspot-crm-exports-all-contacts-2026-09-15.csv": contacts}
    with Night.open(write_project(tmp_path, files, settings)) as night:
        outcome = run(night)
        found = night.warehouse.records("select * from ops.validation_results where not is_met")
        used = night.warehouse.value("select count(*) from validated.people")
    assert outcome.is_published
    assert used == 3
    [broken] = found
    assert broken["checked"] == "raw.hubspot__contacts"
    assert broken["rule"] == "has_a_way_to_find_the_person"
    assert (broken["level"], broken["count_unexpected"]) == ("warn", 2)


def test_what_was_checked_is_checked_again_only_when_the_rows_or_the_rules_changed(tmp_path, monkeypatch) -> None:
    calls = []
    real = expectations.run

    def counted(warehouse, wanted):
        calls.append(len(wanted))
        return real(warehouse, wanted)

    monkeypatch.setattr(expectations, "run", counted)
    first = []
    for _ in range(2):
        with validated(tmp_path, {"kiosk.csv": GOOD}) as night:
            first.append(night.expect())
            first.append(night.expect())
    assert len(calls) == 1
    assert all(table.equals(first[0]) for table in first)
    with validated(tmp_path, {"late.csv": "", "kiosk_late.csv": GOOD.replace("1,2026", "7,2026")}) as night:
        night.expect()
    assert len(calls) == 2
    with validated(tmp_path) as night:
        expecting(night, "Amount <> '10.00'")
        results = night.expect().to_pylist()
    assert len(calls) == 3
    [of_connector] = [row for row in results if row["level"] == "warn"]
    assert (of_connector["is_met"], of_connector["count_unexpected"]) == (False, 2)


_WHAT_WAS_IMPORTED = """
import sys
from pathlib import Path
from pipeline.config import Project
from pipeline.night import Night
for root in sys.argv[1:]:
    with Night.open(Project.open(Path(root))) as night:
        night.configure(); night.define_raw(); night.shape(); night.quarantine()
        print(night.expect().num_rows > 0, "great_expectations" in sys.modules)
"""


def test_a_night_without_anything_to_check_does_not_even_load_great_expectations(tmp_path) -> None:
    write_project(tmp_path / "empty", {"kiosk.csv": f"{HEADER}\n"})
    with validated(tmp_path / "unchanged", {"kiosk.csv": GOOD}) as night:
        assert night.expect().num_rows > 0
    roots = [str(tmp_path / name) for name in ("empty", "unchanged")]
    done = subprocess.run(
        [sys.executable, "-c", _WHAT_WAS_IMPORTED, *roots], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines() == ["False False", "True False"]


def test_nothing_is_sent_anywhere(tmp_path, monkeypatch) -> None:
    reached = []
    monkeypatch.setattr(socket.socket, "connect", lambda _socket, address: reached.append(address))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *names, **_more: reached.append(names) or [])
    with validated(tmp_path, {"kiosk.csv": GOOD}) as night:
        assert expectations.run(night.warehouse, [row_rule("gross > 0")]).num_rows == 1
        from pipeline.validate.gx_duckdb import source_on

        with source_on(night.warehouse) as source:
            settings = source.data_context.config
            assert settings.analytics_enabled is False
    assert os.environ["GX_ANALYTICS_ENABLED"] == "False"
    assert reached == []


def test_checking_leaves_no_transaction_open_and_no_complaint_in_the_log(tmp_path, caplog) -> None:
    with validated(tmp_path, {"kiosk.csv": GOOD}) as night:
        for _ in range(2):
            assert expectations.run(night.warehouse, [row_rule("gross > 0")]).num_rows == 1
            gc.collect()
        with night.warehouse.closed_twin() as path:
            assert path.stat().st_size > 0
    assert [record.getMessage() for record in caplog.records if record.levelname in ("ERROR", "CRITICAL")] == []


def test_columns_without_any_value_can_be_checked(tmp_path) -> None:
    """DuckDB cannot fold some comparisons once its statistics say that a column holds nothing but null."""
    empty = f"{HEADER},Channel\n1,2026-09-01 10:00,,10.00,,\n2,2026-09-02 10:00,,11.00,,\n"
    settings = SETTINGS.replace("interaction: Kind", "interaction: {value: store_visit}")
    with validated(tmp_path, {"kiosk.csv": empty}, settings) as night:
        results = night.expect().to_pylist()
        night.warehouse.create("validated.nothing", "select null::varchar as a from range(3)")
        wanted = [
            row_rule("case when a is not null then 'x' end = 'y'", checked="validated.nothing"),
            Expectation("validated.nothing", "in_set", "block", "", "in_set", column="a", values=("x", "y")),
            Expectation("validated.nothing", "not_null", "block", "", "not_null", column="a"),
        ]
        folded = {row["rule"]: row for row in expectations.run(night.warehouse, wanted).to_pylist()}
    assert [row for row in results if not row["is_met"]] == []
    assert {rule: (row["is_met"], row["count_unexpected"]) for rule, row in folded.items()} == {
        "a_rule": (True, 0),
        "in_set": (True, 0),
        "not_null": (False, 3),
    }


def test_shapes_of_which_no_row_is_left_can_be_checked(tmp_path) -> None:
    with validated(tmp_path, {"kiosk.csv": f"{HEADER}\nx,x,x,x,x\n"}) as night:
        results = night.expect().to_pylist()
        assert night.warehouse.value("select count(*) from validated.orders") == 0
    levels = {row["level"]: [r["is_met"] for r in results if r["level"] == row["level"]] for row in results}
    assert all(levels["block"])
    assert not all(levels["reject"])


def test_a_project_without_files_expects_nothing(tmp_path) -> None:
    with validated(tmp_path, {}, "{}\n") as night:
        assert night.expect().to_pylist() == []
        assert night.expect().schema == expectations.RESULTS
