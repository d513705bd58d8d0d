"""What must stop a night stops it before anything is published, and says why."""

from __future__ import annotations

import dataclasses
import errno
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import pytest

from assets import schedules
from assets.checks import audit_check
from assets.ingest import retried
from assets.keys import BOOKS, PUBLISHED
from pipeline.catalog import Audit
from pipeline.findings import AuditResult
from pipeline.lock import run_lock
from pipeline.validate import expectations
from tests.assets.nights import ROWS, asked, checked, chosen, failed_steps, made, nightly, promising, published, undrawn
from tests.projects import write_project

OLD = b"what was published the night before"


@pytest.fixture
def root(tmp_path) -> Path:
    """A project whose last night published something."""
    write_project(tmp_path, {"kiosk.csv": ROWS})
    published(tmp_path).parent.mkdir(parents=True)
    published(tmp_path).write_bytes(OLD)
    return tmp_path


def left_out(shown: dict[str, dict]) -> bool:
    return not any(name.startswith(("ops.books", "reports.", "published.")) for name in shown)


def messages(result: dg.ExecuteInProcessResult, instance: dg.DagsterInstance) -> list[str]:
    """Return what the sensor for failed nights sends of one."""
    told: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schedules, "notify", lambda _settings, _subject, text: told.append(text) or [])
        context = dg.build_run_status_sensor_context(
            sensor_name="night_failed",
            dagster_instance=instance,
            dagster_run=result.dagster_run,
            dagster_event=result.all_events[-1],
        )
        schedules.night_failed(context.for_run_failure())
    return told


def test_a_broken_promise_stops_what_lies_behind_it_until_it_is_kept_again(root, instance) -> None:
    with chosen(root), undrawn():
        with promising("block"):
            result = nightly(instance)
        assert not result.success
        assert failed_steps(result) == ["core__orders_nothing_is_ever_sold"]
        found = checked(result)["core.orders", "nothing_is_ever_sold"]
        assert (found.passed, found.blocking, found.severity.value) == (False, True, "ERROR")
        assert found.metadata["rows_that_break_it"].value == 2
        first = str(found.metadata["first_of_them"].value)
        assert "generic 1" in first
        assert "ann@example.com" not in first
        shown = made(result)
        assert "core.orders" in shown
        assert "marts.attribution" not in shown
        assert left_out(shown)
        assert published(root).read_bytes() == OLD
        assert not (root / "reports" / "latest").exists()
        [told] = messages(result, instance)
        assert "core__orders_nothing_is_ever_sold" in told
        assert "ann@example.com" not in told

        published(root).unlink()
        mended = nightly(instance)
        assert mended.success
        assert made(mended)["core.orders"]["rebuilt"] is False
        assert asked(root, "select count(*) from core.orders") == [(2,)]

        before = published(root).read_bytes()
        with promising("block"):
            by_hand = nightly(instance, only=[BOOKS, PUBLISHED])
    assert failed_steps(by_hand) == ["ops__books"]
    [error] = [event.event_specific_data.error.to_string() for event in by_hand.all_events if event.is_step_failure]
    assert "audits/nothing_is_ever_sold: Nothing is ever sold. 2 rows break this" in error
    assert published(root).read_bytes() == before


def test_a_broken_expectation_of_the_rows_used_stops_every_model(root, instance, monkeypatch) -> None:
    def never(shapes):
        return [
            dataclasses.replace(e, check="line_number < 0") if e.checked == "validated.orders" else e
            for e in expectations_of_used(shapes)
        ]

    expectations_of_used = expectations.used_expectations
    for place in ("assets.checks.used_expectations", "pipeline.validate.expectations.used_expectations"):
        monkeypatch.setattr(place, never)
    with chosen(root), undrawn():
        result = nightly(instance)
    assert not result.success
    assert "expectations" in failed_steps(result)
    broken = [key for key, e in checked(result).items() if not e.passed and e.severity.value == "ERROR"]
    assert broken == [("validated.orders", "every_row_can_be_followed_to_its_line")]
    assert checked(result)[broken[0]].metadata["rows_that_fail"].value == 2
    shown = made(result)
    assert "validated.orders" in shown
    assert "core.orders" not in shown
    assert "marts.attribution" not in shown
    assert left_out(shown)
    assert published(root).read_bytes() == OLD


def test_a_run_beside_another_one_fails_and_names_it(root, instance) -> None:
    with chosen(root), run_lock(root / "data" / "warehouse"):
        result = nightly(instance)
    assert not result.success
    [failure] = [event for event in result.all_events if event.is_failure]
    told = failure.event_specific_data.error.to_string()
    assert "Another run holds the lock (process " in told
    assert "Wait for it to end" in told
    assert made(result) == {}
    assert published(root).read_bytes() == OLD


def test_a_broken_promise_about_who_is_who_shows_how_many_rows_and_no_names() -> None:
    audit = Audit("x_y_z", "", "Nobody is two people.", "block", frozenset({"identity.identifiers"}))
    broken = AuditResult("x_y_z", "block", audit.meaning, 1, [{"kind": "email", "value": "ann@example.com"}])
    night = SimpleNamespace(warehouse=SimpleNamespace(exists=lambda _name: True), audit=lambda _name: broken)
    told = audit_check(audit, [], {})(journeys=SimpleNamespace(night=night))
    assert not told.passed
    assert told.metadata["rows_that_break_it"].value == 1
    assert "ann@" not in str(told.metadata)


def test_only_what_the_machine_may_get_over_is_tried_again() -> None:
    def fails(error: Exception):
        def step():
            raise error

        return step

    busy = OSError(errno.EBUSY, "busy")
    with pytest.raises(dg.RetryRequested) as asked_for:
        retried(fails(busy))
    assert (asked_for.value.max_retries, asked_for.value.seconds_to_wait) == (2, 30)
    for error in (OSError(errno.ENOSPC, "full"), ValueError("wrong")):
        with pytest.raises(type(error), match=str(error.args[-1])):
            retried(fails(error))
    assert retried(lambda: 7) == 7
