"""The samples of every connector become what its golden folder says, and no line is lost on the way."""

from __future__ import annotations

import csv

import pytest

from pipeline.golden import differences
from pipeline.ingest.spec import CONNECTORS, read_specs


@pytest.mark.parametrize("spec", read_specs().values(), ids=lambda spec: spec.system)
def test_samples_become_what_golden_says(spec) -> None:
    found = differences(spec)
    assert found == {}, f"review, then: journeys connectors {spec.system} --golden --write"


@pytest.mark.parametrize("spec", read_specs().values(), ids=lambda spec: spec.system)
def test_every_row_of_every_sample_is_accounted_for(spec) -> None:
    with (CONNECTORS / spec.system / "golden" / "files.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["status"] == "loaded":
                parts = [int(row.get(name) or 0) for name in ("rows_accepted", "rows_rejected", "rows_duplicate")]
                assert int(row["rows_read"]) == sum(parts), row["file_name"]
