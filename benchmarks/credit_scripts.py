"""Contenders for the whole question of attribution (`credit.py`), by their own Python: `credit_scripts.py NAME FILE`.

Packages are brought in before the clock runs.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks import credit_frames, credit_sql
from benchmarks.peer_scripts import Answer, bring_in, told

CONTENDERS: dict[str, Callable[[str, Path], Answer]] = {
    "duckdb": credit_sql.duckdb,
    "duckdb packed": partial(credit_sql.duckdb, packed=True),
    "polars": credit_frames.polars,
    "chdb": credit_sql.chdb,
    "pandas": credit_frames.pandas,
}


def main() -> None:
    """Run one contender and print its answer."""
    os.environ["POLARS_MAX_THREADS"] = "2"
    name, file = sys.argv[1:]
    bring_in(name)
    with tempfile.TemporaryDirectory() as folder:
        print(told(lambda: CONTENDERS[name](file, Path(folder))))


if __name__ == "__main__":
    main()
