"""Every promise has a case that breaks it and a case that keeps it."""

from __future__ import annotations

import pytest

from pipeline.build import failing_rows
from pipeline.catalog import Audit, grain_audits, read_audits, read_models
from tests.cases import FOLDER, given, read_cases

AUDITS = read_audits()
CASES = list(read_cases(FOLDER / "audits"))


def test_every_audit_is_shown_to_fire_and_to_hold() -> None:
    fires = {name for name, case in CASES if case["breaks"]}
    holds = {name for name, case in CASES if not case["breaks"]}
    assert sorted(set(AUDITS) - fires) == [], "no case makes these fire"
    assert sorted(set(AUDITS) - holds) == [], "no case with rows keeps these"


def test_every_audit_says_what_it_promises() -> None:
    for audit in AUDITS.values():
        assert audit.meaning.endswith("."), audit.name
        assert audit.level in ("block", "warn", "refuse"), audit.name
        assert (audit.level == "block") != audit.fix.endswith("."), f"{audit.name}: who is warned is told what to do"


def test_every_warning_has_a_case_that_shows_its_words() -> None:
    worded = {name for name, case in CASES if case.get("says")}
    assert {name for name, audit in AUDITS.items() if audit.level != "block"} == worded


@pytest.mark.parametrize(
    ("name", "case"), CASES, ids=[f"{n}: {'breaks' if c['breaks'] else 'holds'}" for n, c in CASES]
)
def test_case(name, case, empty) -> None:
    with given(empty, case):
        count, rows = failing_rows(AUDITS[name], empty)
    assert count == case["breaks"]
    if "says" in case:
        assert [row["finding"] for row in rows] == case["says"]


@pytest.mark.parametrize(
    "rows", [[{"order_id": "A"}, {"order_id": "A"}], [{"source_system": "square"}]], ids=["twice", "null"]
)
def test_the_generated_grain_audit_fires(rows, empty) -> None:
    audit: Audit = grain_audits(read_models())["core_order_survivors_has_one_row_per_grain"]
    with given(empty, {"given": {"core.order_survivors": rows}}):
        count, _ = failing_rows(audit, empty)
    assert count == 1


def test_no_audit_fires_on_an_empty_warehouse(empty) -> None:
    broken = [
        name
        for name, audit in AUDITS.items()
        if "private" not in "".join(audit.inputs) and failing_rows(audit, empty)[0]
    ]
    assert broken == []
