"""What Dagster knows of the project is what the folders hold: nothing is missing, nothing is undocumented."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
import typer

from assets import definitions as whole
from pipeline.catalog import grain_audits, read_audits, read_models
from pipeline.cli import running
from pipeline.contracts import contracts
from pipeline.ingest.spec import read_specs
from pipeline.reporting.render import page_names
from pipeline.validate.expectations import expectations_of, used_expectations
from tests.assets.nights import chosen
from tests.projects import KIOSK, write_project

ROOT = Path(__file__).parent.parent.parent
MODELS = read_models()


@pytest.fixture(scope="module")
def defs(tmp_path_factory):
    root = tmp_path_factory.mktemp("project")
    write_project(root, {}, KIOSK + "schedule: {cron: '30 4 * * 1', zone: Europe/Berlin}\n")
    with chosen(root):
        yield whole.definitions()


@pytest.fixture(scope="module")
def graph(defs):
    return defs.resolve_asset_graph()


def named(keys) -> set[str]:
    return {".".join(key.path) for key in keys}


def test_every_connector_shape_model_and_page_has_an_asset_and_nothing_else_has(graph) -> None:
    assert named(graph.get_all_asset_keys()) == {
        *(f"raw.{system}" for system in read_specs()),
        "raw.generic",
        *(f"staged.{shape}" for shape in contracts()),
        *(f"validated.{shape}" for shape in contracts()),
        *MODELS,
        *(f"reports.{page}" for page in page_names()),
        "config.rules",
        "config.settings",
        "ops.rejected_rows",
        "ops.books",
        "published.journeys",
    }


def test_a_project_without_mappings_has_no_generic_connector(tmp_path) -> None:
    write_project(tmp_path, {}, "{}\n")
    with chosen(tmp_path):
        keys = named(whole.definitions().resolve_asset_graph().get_all_asset_keys())
    assert "raw.generic" not in keys
    assert "raw.ga4" in keys


def test_groups_are_the_layers(graph) -> None:
    groups = {".".join(node.key.path): node.group_name for node in graph.asset_nodes}
    assert groups.pop("ops.rejected_rows") == "validated"
    assert {name: group for name, group in groups.items() if group != name.split(".")[0]} == {}


def test_no_asset_and_no_check_goes_without_a_description(graph) -> None:
    nodes = [*graph.asset_nodes, *graph.asset_check_nodes]
    assert len(nodes) > 100
    assert [str(node.key) for node in nodes if len(node.description or "") < 15] == []


@pytest.mark.parametrize("name", MODELS)
def test_a_model_shows_the_meaning_of_its_columns(name, graph) -> None:
    node = graph.get(dg.AssetKey(name.split(".")))
    columns = node.metadata["dagster/column_schema"].columns
    assert {column.name: column.description for column in columns} == MODELS[name].meanings
    assert all(column.description for column in columns)
    assert MODELS[name].description in node.description


@pytest.mark.parametrize("name", MODELS)
def test_the_assets_before_a_model_are_the_tables_its_sql_reads(name, graph) -> None:
    parents = named(graph.get(dg.AssetKey(name.split("."))).parent_keys)
    read = MODELS[name].inputs
    assert {parent for parent in parents if parent in MODELS} == {table for table in read if table in MODELS}
    assert {p for p in parents if p.startswith("validated.")} == {
        t for t in read if t.startswith("validated.") and t.split(".")[1] in contracts()
    }
    assert ("config.settings" in parents) == ("config.settings" in read)
    by_rules = {table for table in read if table.startswith("config.") or table == "identity.given_overrides"}
    assert ("config.rules" in parents) == bool(by_rules - {"config.settings", "config.clock"})


def test_every_promise_and_expectation_is_a_check_that_blocks_when_it_must(graph) -> None:
    blocking = {key.name: graph.get(key).blocking for key in graph.asset_check_keys}
    for audit in {**read_audits(), **grain_audits(MODELS)}.values():
        assert blocking[audit.name] == (audit.level == "block"), audit.name
    shown = {(".".join(key.asset_key.path), key.name) for key in graph.asset_check_keys}
    for expectation in [e for contract in contracts().values() for e in expectations_of(contract)]:
        assert (expectation.checked, expectation.rule) in shown
    for expectation in used_expectations(contracts()):
        assert (expectation.checked, expectation.rule) in shown
        assert blocking[expectation.rule]


def test_everything_published_waits_for_the_books_and_the_books_for_every_table(graph) -> None:
    books = graph.get(dg.AssetKey(["ops", "books"]))
    assert named(books.parent_keys) >= set(MODELS)
    for page in page_names():
        assert named(graph.get(dg.AssetKey(["reports", page])).parent_keys) == {"ops.books"}
    last = graph.get(dg.AssetKey(["published", "journeys"]))
    assert named(last.parent_keys) == {"ops.books", *(f"reports.{page}" for page in page_names())}


def test_one_job_takes_everything_in_one_process(defs, graph) -> None:
    job = defs.resolve_job_def("nightly")
    assert job.executor_def.name == "in_process"
    assert job.asset_layer.executable_asset_keys == graph.get_all_asset_keys()


def test_the_schedule_keeps_the_hour_and_zone_of_the_settings(defs, tmp_path) -> None:
    schedule = defs.resolve_schedule_def("nightly_schedule")
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("30 4 * * 1", "Europe/Berlin")
    assert schedule.job_name == "nightly"
    write_project(tmp_path, {})
    with chosen(tmp_path):
        unset = whole.definitions().resolve_schedule_def("nightly_schedule")
    assert (unset.cron_schedule, unset.execution_timezone) == ("0 3 * * *", "America/New_York")


def test_the_schedule_and_both_sensors_run_without_being_switched_on(defs) -> None:
    assert defs.resolve_schedule_def("nightly_schedule").default_status == dg.DefaultScheduleStatus.RUNNING
    for name in ("new_files", "night_failed"):
        assert defs.resolve_sensor_def(name).default_status == dg.DefaultSensorStatus.RUNNING


def test_dagster_reports_nothing_to_its_makers(tmp_path, monkeypatch) -> None:
    monkeypatch.delenv("DAGSTER_DISABLE_TELEMETRY", raising=False)
    enabled = []
    for name, settings in (("ours", (ROOT / "dagster.yaml").read_text()), ("dagsters own", "")):
        home = tmp_path / name
        home.mkdir()
        (home / "dagster.yaml").write_text(settings)
        monkeypatch.setenv("DAGSTER_HOME", str(home))
        with dg.DagsterInstance.from_config(str(home)) as instance:
            enabled.append(instance.telemetry_enabled)
    assert enabled == [False, True]


def test_the_web_interface_keeps_these_settings_and_listens_on_this_machine_only(tmp_path, monkeypatch) -> None:
    write_project(tmp_path, {})
    called: dict = {}

    def call(command: list[str], cwd: Path, env: dict[str, str]) -> int:
        called.update(command=command, env=env)
        return 0

    monkeypatch.setattr(running.subprocess, "call", call)
    with pytest.raises(typer.Exit):
        running.dev(project=tmp_path, port=3999)
    home = Path(called["env"]["DAGSTER_HOME"])
    assert home.is_relative_to(tmp_path)
    assert (home / "dagster.yaml").read_text() == (ROOT / "dagster.yaml").read_text()
    assert called["command"][called["command"].index("-h") + 1] == "127.0.0.1"
    assert called["env"]["JOURNEYS_PROJECT"] == str(tmp_path)
