"""Every model has cases, and every case holds."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

import pytest

from pipeline.catalog import read_models
from tests.cases import FOLDER, comparable, computed, given, read_cases

MODELS = read_models()
CASES = list(read_cases(FOLDER / "models"))


def test_every_model_has_a_case() -> None:
    covered = {name for name, _ in CASES}
    assert sorted(set(MODELS) - covered) == []
    assert sorted(covered - set(MODELS)) == [], "cases of models that do not exist"


def groups(rows: list[dict[str, Any]], column: str, by: str, members: list[list[str]]) -> list[list[str]]:
    """Return which members share a value of `column`, for ids that mean nothing by themselves."""
    names = {uuid.UUID(hashlib.md5(name.encode()).hexdigest()): name for group in members for name in group}
    found: dict[Any, list[str]] = {}
    for row in rows:
        found.setdefault(row[column], []).append(names[row[by]])
    return sorted(sorted(group) for group in found.values())


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}: {case['case']}" for name, case in CASES])
def test_case(name, case, empty) -> None:
    with given(empty, case):
        found = computed(empty, MODELS[name])
    for column, value in case.get("where", {}).items():
        found = [row for row in found if row[column] == value]
    if "count" in case:
        assert len(found) == case["count"]
        return
    if "expect_groups" in case:
        assert groups(found, **case["expect_groups"]) == sorted(case["expect_groups"]["members"])
        return
    columns = sorted({column for row in case["expect"] for column in row})
    if not columns:
        assert found == []
        return
    assert comparable(found, columns) == comparable(case["expect"], columns), columns
