from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _quick(no_expectations: None) -> None:
    """Hard cases are about what becomes of rows, not about the checks of exports."""
