"""The SQL of the writers, which lies in files of its own."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from pipeline.warehouse import Warehouse

_FOLDER = Path(__file__).parent / "sql"


def statement(name: str, **values: str) -> str:
    """Return the text of sql/<name>.sql with SQL put in for each $value; every value of the file must be given."""
    text = _text(name)
    missing = set(re.findall(r"\$([a-z_]+)", text)) ^ set(values)
    assert not missing, f"{name}.sql and its caller disagree about {sorted(missing)}"
    return re.sub(r"\$([a-z_]+)", lambda found: values[found[1]], text)


@cache
def _text(name: str) -> str:
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def define_functions(warehouse: Warehouse) -> None:
    """Make the functions that the statements use."""
    for name in ("functions", "ga4_functions"):
        for text in _text(name).split(";\n"):
            if text.strip():
                warehouse.execute(text)
