"""Contenders for the whole question of attribution (`credit.py`), by their own Python: `credit_scripts.py NAME FILE`.

Packages are brought in before the clock runs.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks import credit_frames, credit_sql
from benchmarks.peer_scripts import Answer, told

CONTENDERS: dict[str, Callable[[str, Path], Answer]] = {
    "duckdb": credit_sql.duckdb, "polars": credit_frames.polars, "chdb": credit_sql.chdb,
    "pandas": credit_frames.pandas,
}  # fmt: skip


def main() -> None:
    """Run one contender and print its answer."""
    os.environ["POLARS_MAX_THREADS"] = "2"
    name, file = sys.argv[1:]
    importlib.import_module(name)
    with tempfile.TemporaryDirectory() as folder:
        print(told(lambda: CONTENDERS[name](file, Path(folder))))


if __name__ == "__main__":
    main()
