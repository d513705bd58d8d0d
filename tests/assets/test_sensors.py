"""A run starts once files have come to rest, and a failed one is told to whoever wants to know."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import pytest

from assets import definitions as whole
from assets import schedules
from pipeline.lock import run_lock
from tests.assets.nights import chosen, nightly
from tests.projects import HEADER, KIOSK, write_project

SETTLE_SECONDS = 40


class Sensor:
    """The sensor as Dagster's daemon looks at it, time after time, by a clock that the test sets."""

    def __init__(self, root: Path, instance: dg.DagsterInstance) -> None:
        self.root = root
        self.requests: list[dg.RunRequest] = []
        self._instance = instance
        self._cursor: str | None = None

    def look(self, seconds_later: float) -> int:
        """Return how many runs the sensor asks for when it looks so long after the last change."""
        changed = [path.stat().st_ctime for path in (self.root / "data" / "raw").rglob("*")]
        with pytest.MonkeyPatch.context() as patch, chosen(self.root):
            patch.setattr(schedules, "time", SimpleNamespace(time=lambda: max(changed, default=0.0) + seconds_later))
            with dg.build_sensor_context(instance=self._instance, cursor=self._cursor) as context:
                answer = schedules.new_files.evaluate_tick(context)
        self._cursor = answer.cursor
        self.requests += answer.run_requests or []
        return len(answer.run_requests or [])

    def write(self, name: str, text: str) -> Path:
        """Write one raw file."""
        path = self.root / "data" / "raw" / name
        path.write_text(text)
        return path


@pytest.fixture
def sensor(tmp_path, instance) -> Sensor:
    write_project(tmp_path, {"kiosk.csv": HEADER}, KIOSK + f"schedule: {{settle_seconds: {SETTLE_SECONDS}}}\n")
    return Sensor(tmp_path, instance)


def settled(sensor: Sensor) -> int:
    """Look twice after everything has come to rest."""
    return sensor.look(SETTLE_SECONDS + 1) + sensor.look(SETTLE_SECONDS + 31)


def test_files_that_still_grow_start_nothing(sensor) -> None:
    text = HEADER
    for _ in range(4):
        text += "\n1,2026-09-01 10:00,ann@example.com,10.00,USD"
        sensor.write("kiosk.csv", text)
        assert sensor.look(SETTLE_SECONDS + 1) == 0


def test_files_that_have_come_to_rest_start_one_run_and_only_one(sensor) -> None:
    assert sensor.look(1) == 0
    assert sensor.look(SETTLE_SECONDS - 1) == 0
    assert sensor.look(SETTLE_SECONDS + 1) == 1
    assert sensor.look(SETTLE_SECONDS + 30) == 0
    assert sensor.look(SETTLE_SECONDS + 9999) == 0


def test_a_new_a_changed_and_a_removed_file_each_start_a_run(sensor) -> None:
    assert settled(sensor) == 1
    late = sensor.write("late.csv", HEADER)
    assert settled(sensor) == 1
    late.write_text(f"{HEADER}\n1,2026-09-01,ann@example.com,10.00,USD")
    assert settled(sensor) == 1
    late.unlink()
    assert settled(sensor) == 1
    assert settled(sensor) == 0


def test_files_that_are_again_as_they_once_were_start_a_run_again(sensor) -> None:
    """Dagster never starts a second run for a run key that it has seen, so no two requests may share one."""
    aside = sensor.root / "aside.csv"
    late = sensor.write("late.csv", HEADER)
    counts = [settled(sensor)]
    for _ in range(2):
        late.rename(aside)
        counts.append(settled(sensor))
        aside.rename(late)
        counts.append(settled(sensor))
    assert counts == [1, 1, 1, 1, 1]
    keys = [request.run_key for request in sensor.requests if request.run_key is not None]
    assert len(set(keys)) == len(keys)


def test_a_file_that_says_it_was_written_in_the_future_is_not_waited_for(sensor) -> None:
    assert settled(sensor) == 1
    path = sensor.write("late.csv", HEADER)
    tomorrow = path.stat().st_mtime + 86_400
    os.utime(path, (tomorrow, tomorrow))
    assert settled(sensor) == 1


def test_hidden_files_start_nothing(sensor) -> None:
    assert settled(sensor) == 1
    sensor.write(".kiosk.csv.part", HEADER)
    assert settled(sensor) == 0


class FailedNight:
    """The sensor for failed nights, over a job that another run's lock keeps from beginning."""

    def __init__(self, root: Path, instance: dg.DagsterInstance) -> None:
        self._root = root
        self._instance = instance
        self._books = whole.definitions().get_repository_def()

    def tick(self, cursor: str | None):
        with dg.build_sensor_context(
            instance=self._instance, cursor=cursor, repository_def=self._books, sensor_name="night_failed"
        ) as context:
            return schedules.night_failed.evaluate_tick(context)

    def run(self):
        """Fail a night, and return it with what the sensor then did."""
        before = self.tick(None).cursor
        with run_lock(self._root / "data" / "warehouse"):
            failed = nightly(self._instance)
        assert not failed.success
        return failed.dagster_run, self.tick(before).dagster_run_reactions


@pytest.fixture
def refusing_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return unused.getsockname()[1]


def test_a_failed_night_is_told_once_by_the_settings_of_the_project(tmp_path, monkeypatch) -> None:
    told = []
    monkeypatch.setattr(
        schedules, "notify", lambda settings, subject, text: told.append((settings, subject, text)) or []
    )
    project = write_project(tmp_path, {"kiosk.csv": HEADER}, KIOSK + "notify: {webhook: 'https://hooks.example.com'}\n")
    with dg.DagsterInstance.ephemeral() as instance, chosen(tmp_path):
        _, reactions = FailedNight(tmp_path, instance).run()
    assert [reaction.error for reaction in reactions] == [None]
    [(settings, subject, text)] = told
    assert settings == project.settings
    assert subject == "the nightly run failed"
    assert 'run for "nightly" failed' in text


def test_a_webhook_that_fails_hides_nothing_of_the_night_itself(tmp_path, refusing_port) -> None:
    write_project(tmp_path, {"kiosk.csv": HEADER}, KIOSK + f"notify: {{webhook: 'http://127.0.0.1:{refusing_port}'}}\n")
    with dg.DagsterInstance.ephemeral() as instance, chosen(tmp_path):
        run, [reaction] = FailedNight(tmp_path, instance).run()
        stored = instance.get_run_by_id(run.run_id)
        failures = [
            entry.dagster_event.event_specific_data.error.to_string()
            for entry in instance.all_logs(run.run_id)
            if entry.is_dagster_event and entry.dagster_event.is_failure
        ]
    assert "journeys.yaml: notify.webhook: The message was not delivered" in reaction.error.to_string()
    assert stored.status == dg.DagsterRunStatus.FAILURE
    assert len(failures) == 1
    assert "Another run holds the lock" in failures[0]
