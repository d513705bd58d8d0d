"""One night in a process of its own: the seconds of each step, and how many rows there were, as JSON."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pipeline.config import Project
from pipeline.night import Night
from pipeline.run import run


def main(root: Path, full: bool) -> None:
    """Run a night over the project in `root` and print what it took."""
    steps: dict[str, float] = {}
    with Night.open(Project.open(root), full=full) as night:
        outcome = run(night, on_step=lambda name, seconds: steps.update({name: seconds}) if seconds else None)
        ask = night.warehouse.rows
        rows = dict(ask("select source_system, sum(rows_read)::bigint from ops.files where rows_read > 0 group by 1"))
        tables = {
            name: night.warehouse.value(f"select count(*) from core.{name}") for name in ("touchpoints", "orders")
        }
    print(json.dumps({"steps": steps, "rows": rows, "tables": tables, "is_unchanged": outcome.is_unchanged}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--full" in sys.argv)
