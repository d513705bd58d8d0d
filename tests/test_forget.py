"""A person who asks is gone from the cache and everything published, stays gone, and orders stay in the books."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipeline.config import Project
from pipeline.errors import UsageError
from pipeline.forget import find, forget
from pipeline.ingest.spec import read_specs
from pipeline.night import Night
from pipeline.privacy import FORGOTTEN, Suppressions, form_of
from pipeline.run import run
from pipeline.warehouse import Published
from tests.projects import HEADER, KIOSK, copied, write_project

PEOPLE = """
  - name: crm
    files: [crm.csv]
    key: [Id]
    shapes:
      people: {person_key: Id, emails: Mail, phones: Tel, first_name: Name}
"""
FILES = {
    "kiosk.csv": f"{HEADER}\n1,2026-09-01 10:00,Ann.Lee@example.com,10.00,USD\n2,2026-09-02 10:00,bob@example.com,5.00,USD\n",
    "crm.csv": "Id,Mail,Tel,Name\n77451,ann.lee@example.com,(617) 555-0142,Annabel\n77452,bob@example.com,(617) 555-0143,Bob\n",
}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    opened = write_project(tmp_path_factory.mktemp("published"), FILES, KIOSK + PEOPLE)
    with Night.open(opened) as night:
        run(night)
    return opened.root


@pytest.fixture
def project(published: Path, tmp_path: Path, no_expectations: None) -> Project:
    return Project.open(copied(published, tmp_path))


def everything_published(project: Project) -> str:
    text = ""
    with Published.open(project.published) as published:
        for (name,) in published.ask("select schema_name || '.' || table_name from duckdb_tables()")[1]:
            text += str(published.ask(f"select * from {name}")[1])
    for path in sorted(project.warehouse.rglob("*.parquet")):
        text += str(duckdb.sql(f"select * from '{path}'").fetchall())
    return text.lower()


def test_a_person_is_found_by_any_spelling_of_any_identifier(project) -> None:
    people = {find(project, name) for name in ("ANN.LEE@example.com", "(617) 555-0142", "+16175550142")}
    assert len(people) == 1
    assert ("email", "ann.lee@example.com") in people.pop().identifiers
    with pytest.raises(UsageError, match="No customer has that identifier"):
        find(project, "nobody@example.com")


def test_forgetting_leaves_nothing_and_keeps_the_books(project) -> None:
    assert "ann.lee" in everything_published(project)
    proof = forget(project, find(project, "ann.lee@example.com"))
    assert proof.found == {}
    assert sum(proof.searched.values()) > 50
    assert proof.raw_files == ["crm.csv"]
    left = everything_published(project)
    for trace in ("ann.lee", "annabel", "5550142", "77451"):
        assert trace not in left, trace
    assert "bob@example.com" in left
    with Published.open(project.published) as published:
        assert published.ask("select sum(revenue)::varchar from core.orders where is_conversion")[1] == [("15.0000",)]
        assert published.ask(
            "select rows_read, rows_accepted, rows_rejected from ops.files where file_name = 'crm.csv'"
        )[1] == [(2, 1, 1)]
        assert published.ask("select reason, raw_text from ops.rejected_rows")[1] == [(FORGOTTEN, None)]


def test_the_next_export_does_not_bring_the_person_back(project) -> None:
    forget(project, find(project, "ann.lee@example.com"))
    write_project(
        project.root,
        {
            "kiosk_next.csv": f"{HEADER}\n3,2026-09-03 10:00,ANN.LEE@example.com,4.00,USD\n",
            "crm.csv": FILES["crm.csv"].replace("77451", "88888"),
        },
        KIOSK + PEOPLE,
    )
    with Night.open(Project.open(project.root)) as night:
        run(night)
    left = everything_published(project)
    assert "ann.lee" not in left
    assert "88888" not in left
    with Published.open(project.published) as published:
        assert published.ask("select sum(revenue)::varchar from core.orders where is_conversion")[1] == [("19.0000",)]


def test_what_was_written_by_hand_about_the_person_is_left_out_and_named(project) -> None:
    head = "action,kind,value,other_kind,other_value,note\n"
    lines = (
        "join,email,bob@example.com,phone,617 555 0143,\nsplit,email, ANN.Lee@example.com ,person_key,generic 77452,\n"
    )
    write_project(project.root, {"overrides/identity.csv": head + lines})
    with Night.open(project) as night:
        run(night)
        assert night.warehouse.value("select count(*) from identity.overrides") == 2
    proof = forget(project, find(project, "ann.lee@example.com"))
    assert "overrides/identity.csv" in proof.raw_files
    assert not proof.found
    with Night.open(project) as night:
        assert night.warehouse.rows("select value from identity.overrides") == [("bob@example.com",)]


def test_suppressions_hold_no_identifier(project) -> None:
    forget(project, find(project, "ann.lee@example.com"))
    text = (project.raw / "overrides" / "suppressed.csv").read_text()
    assert text.startswith("kind,sha256,asked_on\n")
    assert "ann" not in text
    assert (project.raw / "overrides" / "suppressed.salt").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("kind", "value", "form"), [("phone", "+16175550142", "175550142"), ("email", "Ann@Example.com", "ann@example.com")]
)
def test_forms(kind, value, form) -> None:
    assert form_of(kind, value) == form


def test_hashes_depend_on_the_salt() -> None:
    assert Suppressions("a").hash_of("email", "x@example.com") != Suppressions("b").hash_of("email", "x@example.com")


@pytest.mark.parametrize("spec", read_specs().values(), ids=lambda spec: spec.system)
def test_every_export_that_names_persons_says_where(spec) -> None:
    """An export whose columns look like identifiers must say how its persons are forgotten."""
    telling = ("email", "e-mail", "phone", "customer id", "user_id", "contact_ids", "user_pseudo_id")
    for name, export in spec.exports.items():
        if export.advice or export.is_reference:
            continue
        holds = [c for c in export.read_columns if any(word in c.lower() for word in telling) or c == "recipient"]
        assert not holds or export.persons is not None, f"{spec.system} {name}: {holds}"
