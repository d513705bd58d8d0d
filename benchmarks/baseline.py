"""The measure that ratios are told in: one scan and one sort of the touchpoints, in a process of its own, as JSON."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import duckdb


def main(published: Path) -> None:
    """Time a scan of customer, time and channel code, and a sort of them into a table, from Parquet."""
    with tempfile.TemporaryDirectory() as folder:
        connection = duckdb.connect(f"{folder}/sorted.duckdb", config={"threads": 2, "preserve_insertion_order": False})
        connection.execute(f"attach '{published}' as published (read_only)")
        connection.execute(
            f"""copy (
                select customer_id, occurred_at, channel_code from published.core.touchpoints
                join published.core.channel_codes using (channel)
            ) to '{folder}/touchpoints.parquet' (format parquet, compression zstd)"""
        )
        scan = _seconds(
            connection,
            # A hash of every value: a maximum would be read from the file's statistics.
            f"select bit_xor(hash(customer_id, occurred_at, channel_code)) from '{folder}/touchpoints.parquet'",
        )
        sort = _seconds(
            connection,
            f"create or replace table sorted as from '{folder}/touchpoints.parquet' order by customer_id, occurred_at",
        )
        rows = connection.execute("select count(*) from sorted").fetchall()[0][0]
    print(json.dumps({"scan": scan, "sort": sort, "rows": rows}))


def _seconds(connection: duckdb.DuckDBPyConnection, sql: str, times: int = 3) -> float:
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        connection.execute(sql).fetchall()
        taken.append(time.perf_counter() - begun)
    return sorted(taken)[times // 2]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
