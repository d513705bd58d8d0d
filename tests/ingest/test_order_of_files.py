"""What does not matter: the order of rows, the names of files, how often one is there, and in how many parts it came."""

from __future__ import annotations

import os
import random
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.projects import HEADER, KIOSK, validated

#: Tickets are unique, as a natural key is; everything else may be equal.
ROWS = st.lists(
    st.tuples(st.integers(1, 5), st.integers(0, 2), st.sampled_from(["ann@example.com", "bob@example.com", ""]), st.sampled_from(["1.00", "2.50", "broken"])),
    min_size=1, max_size=8,
)  # fmt: skip


def text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in [HEADER, *lines])


def answers(files: dict[str, str], mtime: int = 0) -> list[list[tuple]]:
    """Return the used rows and the rejected ones, without the place they stood in."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name, content in files.items():
            path = root / "data" / "raw" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
            os.utime(path, (mtime, mtime))
        with validated(root, {}, KIOSK + "run: {threads: 4}\n") as night:
            counts = night.warehouse.rows(
                "select rows_read, rows_accepted + rows_rejected + rows_duplicate from ops.files where status = 'loaded'"
            )
            assert all(read == told for read, told in counts)
            without = "* exclude (file_id, line_number)"
            return [
                night.warehouse.rows(f"select {without} from validated.{shape} order by all")
                for shape in ("events", "orders")
            ] + [night.warehouse.rows("select distinct rule, reason, raw_text from ops.rejected_rows order by all")]


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True)
@given(ROWS, st.randoms(use_true_random=False))
def test_order_names_copies_and_parts_change_nothing(given_rows: list[tuple], draw: random.Random) -> None:
    lines = [
        f"{number},2026-09-{day:02} 1{hour}:00,{email},{amount},USD"
        for number, (day, hour, email, amount) in enumerate(given_rows, 1)
    ]
    shuffled = draw.sample(lines, len(lines))
    cut = draw.randint(0, len(lines))
    expected = answers({"kiosk.csv": text(lines)})
    assert answers({"kiosk_renamed.csv": text(shuffled)}, mtime=10**9) == expected
    parts = {"kiosk_b.csv": text(shuffled[:cut]), "kiosk_a.csv": text(shuffled[cut:]), "kiosk_copy.csv": text(lines)}
    assert answers(parts) == expected


def test_of_two_rows_with_one_key_the_later_one_wins_wherever_it_stands() -> None:
    rows = ["1,2026-09-01 10:00,ann@example.com,1.00,USD", "1,2026-09-02 10:00,ann@example.com,2.00,USD"]
    assert answers({"kiosk.csv": text(rows)}) == answers({"kiosk.csv": text(rows[::-1])})
    same_time = [rows[0], rows[0].replace("1.00", "3.00")]
    assert answers({"kiosk.csv": text(same_time)}) == answers({"kiosk.csv": text(same_time[::-1])})
