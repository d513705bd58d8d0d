"""A run publishes all or nothing; readers see the old or the new, never half."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pyarrow.parquet as pq
import pytest

from pipeline import publish
from pipeline.catalog import Audit
from pipeline.config import Project
from pipeline.errors import BlockedError, LockedError
from pipeline.lock import run_lock
from pipeline.night import Night
from pipeline.run import run
from pipeline.warehouse import Published, WarehouseError
from tests.projects import HEADER, KIOSK, copied, write_project

ROWS = f"{HEADER}\n1,2026-09-01 10:00,ann@example.com,10.00,USD\n2,2026-09-05 10:00,bob@example.com,5.50,USD\n"
LATE = {"kiosk_late.csv": f"{HEADER}\n3,2026-09-07 10:00,cy@example.com,4.50,USD\n"}
CREDIT = "select * from marts.attribution order by all"
MOVED = "select metric, value_before, value_after, files, because, also_moved, was_provisional from ops.restatements"


def publish_once(root: Path, **options):
    with Night.open(Project.open(root), **options) as night:
        return run(night), dict(night.built)


def asked(root: Path, query: str) -> list[tuple]:
    with Published.open(root / "data" / "warehouse" / "journeys.duckdb") as published:
        return published.ask(query)[1]


@pytest.fixture
def project(tmp_path) -> Path:
    write_project(tmp_path, {"kiosk.csv": ROWS})
    return tmp_path


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project after one night, for tests that only look at it."""
    root = tmp_path_factory.mktemp("published")
    write_project(root, {"kiosk.csv": ROWS})
    publish_once(root)
    return root


@pytest.fixture
def later(tmp_path: Path, published: Path, no_expectations: None) -> Path:
    """A project after one night, for tests of what comes next."""
    return copied(published, tmp_path)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory, published: Path) -> SimpleNamespace:
    """What three nights left: one, one with a file more that somebody reads through, and one without that file again."""
    root = copied(published, tmp_path_factory.mktemp("nights"))
    first = asked(root, CREDIT)
    with Published.open(root / "data" / "warehouse" / "journeys.duckdb") as reader:
        write_project(root, LATE)
        publish_once(root)
        read_through = reader.ask("select count(*) from core.orders")[1]
    second, moved = asked(root, "select count(*) from core.orders"), asked(root, MOVED)
    (root / "data" / "raw" / "kiosk_late.csv").unlink()
    publish_once(root)
    return SimpleNamespace(
        first=first, read_through=read_through, second=second, moved=moved, third=asked(root, CREDIT)
    )


@pytest.mark.draws_reports
def test_a_run_publishes_database_parquet_and_reports(project) -> None:
    outcome, _ = publish_once(project)
    assert outcome.is_published
    assert not outcome.is_unchanged
    assert asked(project, "select sum(revenue)::varchar from core.orders where is_conversion") == [("15.5000",)]
    table = pq.read_table(project / "data" / "warehouse" / "marts" / "attribution.parquet")
    assert table.num_rows == asked(project, "select count(*) from marts.attribution")[0][0]
    assert (project / "reports" / "latest" / "index.html").exists()
    assert (project / "reports" / "latest").readlink() == Path("2026-09-05")


def test_each_model_and_untracked_equal_the_books_to_the_cent(published) -> None:
    rows = asked(published, "select model, level, sum(credited_revenue) from marts.attribution group by all")
    assert len(rows) == 48
    assert {str(row[2]) for row in rows} == {"15.500000"}


def test_a_night_without_new_files_does_nothing_but_say_so(later) -> None:
    before = {path: path.stat().st_mtime_ns for path in (later / "data" / "warehouse").glob("*.duckdb")}
    outcome, built = publish_once(later)
    assert outcome.is_unchanged
    assert not any(part.is_new for part in built.values())
    published = later / "data" / "warehouse" / "journeys.duckdb"
    assert published.stat().st_mtime_ns == before[published]


def test_only_what_a_new_file_touches_is_built_again(later) -> None:
    settings = KIOSK + (
        "  - name: posts\n    files: [posts.csv]\n"
        "    shapes: {engagement: {starts_on: Day, object_kind: {value: post}, object_ref: Post, metric: {value: likes}, value: Likes}}\n"
    )
    write_project(later, {"posts.csv": "Day,Post,Likes\n2026-09-01,p1,3\n"}, settings)
    outcome, built = publish_once(later)
    assert not outcome.is_unchanged
    assert built["core.engagement"].is_new
    assert not built["core.touchpoints"].is_new
    assert not built["marts.journey_paths"].is_new


def test_a_project_that_moved_to_another_folder_is_not_built_again(later) -> None:
    outcome, built = publish_once(later)
    assert outcome.is_unchanged
    assert not any(part.is_new for part in built.values())


def test_an_upgrade_of_the_code_under_all_tables_builds_them_anew(later, tmp_path, monkeypatch) -> None:
    changed = tmp_path / "functions.sql"
    changed.write_text("-- another way to read money")
    monkeypatch.setattr("pipeline.night.CODE", (changed,))
    _, built = publish_once(later)
    assert all(part.is_new for part in built.values())


def test_the_same_inputs_give_the_same_bytes(tmp_path) -> None:
    contents = []
    for name in ("a", "b"):
        write_project(tmp_path / name, {"kiosk.csv": ROWS}, KIOSK + "run: {threads: 4}\n")
        publish_once(tmp_path / name)
        folder = tmp_path / name / "data" / "warehouse" / "marts"
        contents.append({path.name: path.read_bytes() for path in sorted(folder.glob("*.parquet"))})
    assert contents[0] == contents[1]


def test_customer_numbers_stay_when_older_rows_arrive_and_after_a_full_rebuild(later) -> None:
    numbers = dict(asked(later, "select email, customer_id from core.customers where email is not null"))
    write_project(later, {"kiosk2.csv": f"{HEADER}\n9,2026-08-01 10:00,zoe@example.com,1.00,USD\n"})
    publish_once(later)
    publish_once(later, full=True)
    after = dict(asked(later, "select email, customer_id from core.customers where email is not null"))
    assert {email: after[email] for email in numbers} == numbers
    assert after["zoe@example.com"] not in numbers.values()


def test_what_moved_is_written_down_with_the_file_that_moved_it(nights) -> None:
    also = ["orders 2 → 3", "new customers 2 → 3", "new people 2 → 3"]
    assert nights.moved == [("revenue", 15.5, 20.0, ["kiosk_late.csv"], "kiosk_late.csv is new", also, True)]


def test_removing_a_file_restores_what_was_before(nights) -> None:
    assert nights.third == nights.first


def test_readers_keep_their_view_while_a_run_publishes(nights) -> None:
    assert nights.read_through == [(2,)]
    assert nights.second == [(3,)]


def test_a_broken_promise_publishes_nothing_and_leaves_what_was(later) -> None:
    before = (later / "data" / "warehouse" / "journeys.duckdb").read_bytes()
    write_project(later, LATE)
    never = Audit(
        "nothing_is_ever_sold",
        "select order_id from core.orders",
        "Nothing is ever sold.",
        "block",
        frozenset({"core.orders"}),
    )
    with Night.open(Project.open(later)) as night:
        night.audits = {**night.audits, never.name: never}
        with pytest.raises(BlockedError, match=r"Nothing is ever sold\. 3 rows break this"):
            run(night)
    assert (later / "data" / "warehouse" / "journeys.duckdb").read_bytes() == before
    outcome, _ = publish_once(later)
    assert outcome.is_published
    assert asked(later, "select count(*) from core.orders") == [(3,)]


def test_the_published_file_holds_nothing_private_and_cannot_reach_the_machine(published) -> None:
    schemas = {row[0] for row in asked(published, "select distinct schema_name from duckdb_tables()")}
    assert schemas == {"core", "marts", "ops", "config"}
    for query in (
        "select * from read_csv('/etc/hostname')",
        "copy (select 1) to 'x.csv'",
        "create table core.x as select 1",
        "install httpfs",
    ):
        with pytest.raises(WarehouseError):
            asked(published, query)


def test_the_published_file_can_be_opened_by_older_clients(published) -> None:
    with duckdb.connect(str(published / "data" / "warehouse" / "journeys.duckdb"), read_only=True) as connection:
        tags = connection.execute("select tags from duckdb_databases() where not internal").fetchall()
    assert "v1.5" in str(tags)


def test_tables_and_columns_carry_their_meaning(published) -> None:
    missing = asked(
        published,
        "select schema_name, table_name, column_name from duckdb_columns() "
        "where schema_name in ('core', 'marts') and comment is null",
    )
    assert missing == []
    assert asked(published, "select comment from duckdb_tables() where table_name = 'journeys'")[0][0].startswith(
        "One row per journey"
    )


def test_files_with_personal_data_are_for_their_owner_only(published) -> None:
    folder = published / "data" / "warehouse"
    for path in [*folder.glob("*.duckdb"), folder / "identity_registry.parquet", *folder.glob("staged/**/*.parquet")]:
        assert path.stat().st_mode & 0o077 == 0, path.name


def test_a_second_run_fails_clearly_and_names_the_first(tmp_path) -> None:
    script = "import sys, time, pathlib; from pipeline.lock import run_lock\nwith run_lock(pathlib.Path(sys.argv[1])): print('held', flush=True); time.sleep(30)"
    other = subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(LockedError, match=str(other.pid)), run_lock(tmp_path):
            pass
    finally:
        other.kill()
        other.wait()
    with run_lock(tmp_path, wait_seconds=5):
        pass


def test_a_publish_that_died_between_renames_is_finished_by_the_next_run(later, tmp_path, monkeypatch) -> None:
    write_project(later, LATE)
    move = publish._move

    def dies(_new: Path, _old: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(publish, "_move", dies)
    with pytest.raises(KeyboardInterrupt):
        publish_once(later)
    monkeypatch.setattr(publish, "_move", move)
    moves = json.loads((later / "data" / "warehouse" / "publish.json").read_text())["moves"]
    assert len(moves) == 4
    for done in range(5):
        # Death after so many renames; after the last of them `latest` still points to the reports of the night before.
        root = copied(later, tmp_path / str(done))
        for new, old in moves[:done]:
            move(root / new, root / old)
        assert (root / "reports" / "latest").readlink() == Path("2026-09-05")
        publish_once(root)
        assert asked(root, "select count(*) from core.orders") == [(3,)]
        totals = pq.read_table(root / "data" / "warehouse" / "marts" / "monthly_totals.parquet")
        assert totals.column("orders").to_pylist() == [3]
        assert (root / "reports" / "latest").readlink() == Path("2026-09-07")
        assert not (root / "data" / "warehouse" / "publish.json").exists()


def test_a_run_killed_at_any_time_leaves_what_was_published(later) -> None:
    write_project(later, LATE)
    for seconds in (0.5, 2.0, 4.0):
        process = subprocess.Popen([sys.executable, "-m", "pipeline", "run", "-q", "-p", str(later)])
        time.sleep(seconds)
        process.kill()
        process.wait()
        assert asked(later, "select count(*) from core.orders")[0][0] in (2, 3)
    publish_once(later)
    assert asked(later, "select count(*) from core.orders") == [(3,)]


def test_a_small_memory_limit_is_enough(tmp_path) -> None:
    write_project(tmp_path, {"kiosk.csv": ROWS}, KIOSK + "run: {memory_limit: 200MB, threads: 1}\n")
    assert publish_once(tmp_path)[0].is_published


def test_old_reports_are_thrown_away_and_the_latest_stays(tmp_path) -> None:
    write_project(tmp_path, {"kiosk.csv": ROWS}, KIOSK + "run: {keep_reports: 1}\n")
    for day in range(10, 12):
        write_project(
            tmp_path,
            {f"kiosk{day}.csv": f"{HEADER}\n{day},2026-09-{day} 10:00,a@example.com,1.00,USD\n"},
            KIOSK + "run: {keep_reports: 1}\n",
        )
        publish_once(tmp_path)
    folders = sorted(path.name for path in (tmp_path / "reports").iterdir() if path.is_dir() and not path.is_symlink())
    assert folders == ["2026-09-11"]


def test_no_files_at_all_still_publishes_empty_answers(tmp_path) -> None:
    write_project(tmp_path, {}, "{}\n")
    assert publish_once(tmp_path)[0].is_published
    assert asked(tmp_path, "select count(*) from core.touchpoints") == [(0,)]


def test_a_folder_with_a_space_and_a_quote_in_its_name(tmp_path) -> None:
    root = tmp_path / "Ann's tea shop"
    write_project(root, {"kiosk.csv": ROWS})
    assert publish_once(root)[0].is_published
    assert (root / "reports" / "latest" / "index.html").exists()


def test_something_else_in_the_place_of_the_published_file_is_replaced(project) -> None:
    (project / "data" / "warehouse").mkdir(parents=True)
    (project / "data" / "warehouse" / "journeys.duckdb").write_text("not a database")
    assert publish_once(project)[0].is_published
    assert asked(project, "select count(*) from core.orders") == [(2,)]
