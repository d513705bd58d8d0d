"""The command: its words, its errors, its exit codes, and what it prints in a terminal of 80 columns."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.ingest.spec import read_specs
from tests.projects import HEADER, write_project

ROWS = f"{HEADER}\n1,2026-09-01 10:00,ann@example.com,10.00,USD\n2,bad,bob@example.com,5.50,USD\n"
COMMANDS = ("run", "check", "sql", "report", "connectors", "new-connector", "docs", "demo", "dev", "forget")


def call(*words: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(list(words))
    return left.value.code or 0


@pytest.fixture
def project(tmp_path) -> Path:
    write_project(tmp_path, {"kiosk.csv": ROWS, "odd.csv": "a,b\n1,2\n"})
    return tmp_path


def test_run_publishes_and_says_where(project, capsys) -> None:
    assert call("run", "-p", str(project)) == 0
    said = capsys.readouterr().out
    assert "2 read = 1 accepted + 1 rejected + 0 duplicate" in said
    assert "1 worth 10.00 USD" in said
    assert "1 need attention: journeys check" in said
    assert "journeys.duckdb" in said
    assert "index.html" in said
    assert call("run", "-p", str(project)) == 0
    assert "Nothing is new" in capsys.readouterr().out


def test_quiet_prints_nothing_when_all_is_well(project, capsys) -> None:
    assert call("run", "-q", "-p", str(project)) == 0
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", "")


def test_select_builds_and_publishes_nothing(project, capsys) -> None:
    assert call("run", "--select", "marts.attribution", "-p", str(project)) == 0
    assert "Models built" in capsys.readouterr().out
    assert not (project / "data" / "warehouse" / "journeys.duckdb").exists()
    assert call("run", "--select", "marts.atribution", "-p", str(project)) == 2
    assert "Did you mean 'marts.attribution'?" in capsys.readouterr().err


def test_check_gives_verdicts_and_leaves_nothing_behind(project, capsys) -> None:
    assert call("check", "-p", str(project)) == 1
    said = capsys.readouterr().out
    assert "1 rejected" in said
    assert 'occurred_at "bad (form not known)" is not a timestamp' in said.replace("\n", " ")
    assert "No connector knows such a file. Its columns: a, b." in said.replace("\n", " ")
    assert not (project / "data" / "warehouse").exists()


def test_check_fits_eighty_columns(project) -> None:
    environment = {**os.environ, "COLUMNS": "80", "TERM": "dumb"}
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "check", "-p", str(project)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 1
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("rnu",), "Did you mean 'run'?"),
        (("run", "--ful"), "--full"),
        (("sql", "select 1", "-p", "{}"), "Nothing has been published yet"),
        (("report", "-p", "{}"), "No report has been published yet"),
        (("connectors", "hubspt"), "Did you mean 'hubspot'?"),
        (("run", "-p", "{}/nowhere"), "There is no such folder"),
        (("new-connector", "My CRM"), "lower-case letters"),
        (("new-connector", "ga4"), "There is a connector of that name"),
    ],
)
def test_a_wrong_call_is_answered_with_what_would_be_right(words, says, tmp_path, capsys) -> None:
    assert call(*(word.format(tmp_path) for word in words)) == 2
    assert says in capsys.readouterr().err.replace("\n", " ")


def test_a_wrong_setting_names_file_line_and_column(tmp_path, capsys) -> None:
    write_project(tmp_path, {})
    (tmp_path / "journeys.yaml").write_text("reporting:\n  zon: UTC\n")
    assert call("run", "-p", str(tmp_path)) == 2
    assert "journeys.yaml:2:3: reporting.zon is not a setting." in capsys.readouterr().err


def test_a_blocked_run_and_a_held_lock_have_codes_of_their_own(project, monkeypatch, capsys) -> None:
    from pipeline.lock import run_lock

    with run_lock(project / "data" / "warehouse"):
        done = subprocess.run(
            [sys.executable, "-m", "pipeline", "run", "-p", str(project)], capture_output=True, text=True, check=False
        )
    assert done.returncode == 3
    assert "Another run holds the lock" in done.stderr
    from pipeline.errors import BlockedError

    monkeypatch.setattr(
        "pipeline.run.stop_if_blocked", lambda _night: (_ for _ in ()).throw(BlockedError("nothing holds"))
    )
    assert call("run", "-p", str(project)) == 1
    assert "Nothing was published" in capsys.readouterr().err


def test_sql_answers_as_table_csv_and_json(project, capsys) -> None:
    call("run", "-q", "-p", str(project))
    query = "select channel, sum(credited_revenue) as revenue from marts.attribution where model = 'linear' and level = 'channel' group by 1"
    assert call("sql", query, "-p", str(project)) == 0
    assert "Store" in capsys.readouterr().out
    assert call("sql", query, "-f", "csv", "-p", str(project)) == 0
    assert capsys.readouterr().out == "channel,revenue\nStore,10.000000\n"
    assert call("sql", query, "-f", "json", "-p", str(project)) == 0
    assert json.loads(capsys.readouterr().out) == [{"channel": "Store", "revenue": "10.000000"}]
    assert call("sql", f"select {', '.join(f'{n} as column_{n}' for n in range(20))}", "-p", str(project)) == 0
    assert "column_19  19" in " ".join(capsys.readouterr().out.split("\n")).replace("   ", " "), "a line a column"
    assert call("sql", "selct 1", "-p", str(project)) == 2
    assert "syntax error" in capsys.readouterr().err


def test_the_shell_reads_queries_and_dot_commands(project) -> None:
    call("run", "-q", "-p", str(project))
    typed = ".tables\n.columns core.orders\nselect count(*)\nfrom core.orders;\nselect nonsense;\n.quit\n"
    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "sql", "-p", str(project)],
        input=typed,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0
    assert "marts.attribution" in done.stdout
    assert "count_star()" in done.stdout
    assert "nonsense" in done.stdout


def test_report_says_where_it_is(project, capsys) -> None:
    call("run", "-q", "-p", str(project))
    assert call("report", "-p", str(project)) == 0
    assert "latest" in capsys.readouterr().out


def test_the_project_is_found_from_a_folder_inside_it(project, monkeypatch, capsys) -> None:
    monkeypatch.chdir(project / "data" / "raw")
    assert call("run", "--select", "core.orders") == 0


def test_every_command_has_help_worth_reading(capsys) -> None:
    for command in COMMANDS:
        assert call(command, "--help") == 0
        said = capsys.readouterr().out
        assert "Usage:" in said
        assert len(said) > 200


def test_connectors_lists_systems_and_their_menus(capsys) -> None:
    assert call("connectors") == 0
    said = capsys.readouterr().out
    assert all(system in said for system in read_specs())
    assert call("connectors", "square") == 0
    assert "Menu:" in capsys.readouterr().out


def test_a_scaffolded_connector_is_whole_once_filled_in(tmp_path, monkeypatch, capsys) -> None:
    """What new-connector writes reads its own sample and gives golden results; only the words FILL IN remain."""
    from pipeline import golden
    from pipeline.ingest import spec as specs

    assert call("new-connector", "shop_radar", "--in", str(tmp_path)) == 0
    made = specs.read_spec(tmp_path / "shop_radar")
    monkeypatch.setattr("pipeline.night.read_specs", lambda: {"shop_radar": made})
    assert golden.write_golden(made) == ["events.csv", "files.csv", "rejected.csv"]
    assert golden.differences(made) == {}
    assert "page_view" in (tmp_path / "shop_radar" / "golden" / "events.csv").read_text()
    text = (tmp_path / "shop_radar" / "README.md").read_text()
    assert len(text.replace("FILL IN", "x" * 40)) > 400
    assert text.count("FILL IN") == 4
