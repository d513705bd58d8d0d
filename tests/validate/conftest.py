from __future__ import annotations

from functools import cache

import pytest

from pipeline.catalog import read_models
from pipeline.ingest.spec import read_specs

_models, _specs = cache(read_models), cache(read_specs)


@pytest.fixture(autouse=True)
def folders_read_once(monkeypatch) -> None:
    """Read models and connectors once for all nights of these tests; nights do not change what they are given."""
    monkeypatch.setattr("pipeline.night.read_models", _models)
    monkeypatch.setattr("pipeline.night.read_specs", _specs)
