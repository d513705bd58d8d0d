"""The same attribution by others: `python -m benchmarks.peers`, in an environment of its own in benchmarks/.work/peers.

Two questions, from one Parquet file of a row a touch. *Plain*: orders by channel by first, last and linear, by Markov
chains of order 1 and 2, and Shapley values; exact answers must agree, simulated ones cannot. *Whole*, told in
`credit.py`: what the nightly models leave behind, the credit of every touch by twelve models to the cent, rolled up and
written down; every number must agree.

An answer must be right for journeys of any length, ids that are any 64-bit number, and up to 255 channels. "duckdb
packed" is not, and stands beside for what SQL can do where more is known: at most twelve touches, fifteen channels, and
ids without gaps.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from benchmarks.towns import Town, town

HERE = Path(__file__).parent
ENVIRONMENT = HERE / ".work" / "peers"
PACKAGES = (
    "polars==2.1.0", "pandas>=3,<4", "pyarrow", "duckdb==2.0.0", "scipy", "chdb==4.4.0", "ChannelAttribution==2.2.5",
    "marketing-attribution-models==2.1.1", "retentioneering==5.2.4",
)  # fmt: skip
OURS = "the nightly models"
#: Script and contenders of each question; packages for attribution cannot answer the whole one.
QUESTIONS = {
    "plain": (
        "peer_scripts.py", ("duckdb", "duckdb packed", "polars", "chdb", "pandas", "ChannelAttribution", "mam"),
    ),
    "whole": ("credit_scripts.py", ("duckdb", "duckdb packed", "polars", "chdb", "pandas")),
}  # fmt: skip
#: Peers whose Markov chains are walked at random.
SIMULATED = {"ChannelAttribution"}
#: Touches that a peer is not asked for more than: it held 8.7 GiB for ten million.
_MOST_TOUCHES = {"mam": 15_000_000}
#: Seconds after which a peer is given up.
_MOST_SECONDS = 900


def environment() -> Path:
    """Return a Python that has the peers."""
    python = ENVIRONMENT / "bin" / "python"
    ready = ENVIRONMENT / ".ready"
    if not ready.exists() or ready.read_text(encoding="utf-8") != "\n".join(PACKAGES):
        subprocess.run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT], check=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES], check=True
        )
        # retentioneering reports to its makers by it, and runs without.
        subprocess.run([python, "-m", "pip", "uninstall", "--quiet", "--yes", "posthog"], check=True)
        ready.write_text("\n".join(PACKAGES), encoding="utf-8")
    return python


def write_touches(given: Town, path: Path) -> int:
    """Write one row a touch, in no order, and return how many there are.

    Everyone has one journey, which ends on one of ninety days, with an order or without; what is told of the order
    stands at every touch. Groups of people are those of `person_group`, so that everybody counts the same ones.
    """
    paths = given.paths
    journey, draw = paths.owners, np.random.default_rng(1)
    count, people = len(journey), len(paths.lengths)
    ended = np.datetime64("2026-06-01", "us") + draw.integers(0, 90 * 86_400_000_000, people)
    # Time from each touch to the next, or to the end, added up from the end of the journey.
    gaps = np.cumsum(draw.exponential(2 * 86_400e6, count).astype(np.int64)[::-1])[::-1]
    to_end = gaps - np.append(gaps, 0)[paths.offsets[1:]][journey]
    campaigns = pa.DictionaryArray.from_arrays(
        pa.array(draw.integers(0, 5, count), pa.int8()), [f"campaign {number}" for number in range(1, 6)]
    )
    rows = pa.table(
        {
            "journey": journey + 1,
            "place": (np.arange(count) - paths.offsets[journey]).astype(np.int32),
            "channel": paths.codes.astype(np.int32),
            "occurred_at": ended[journey] - to_end.astype("timedelta64[us]"),
            "campaign": campaigns.cast(pa.string()),
            "has_bought": given.has_bought[journey],
            "revenue": given.revenue[journey].round(2),
            "ended_at": ended[journey],
            "is_first_order": (given.has_bought & (draw.random(people) < 0.7))[journey],
        }
    ).take(pa.array(draw.permutation(count)))
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        connection.execute(
            "copy (select *, (hash(journey) % 256)::smallint as person_group from rows) "
            f"to '{path}' (format parquet, preserve_order true)"
        )
    return count


def answered(python: Path, name: str, path: Path, script: str = "peer_scripts.py") -> dict[str, Any] | str:
    """Return what a peer prints, or why it has no answer."""
    return _printed([python, HERE / script, name, path])


def _printed(command: list[Any]) -> dict[str, Any] | str:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=_MOST_SECONDS,
            env=os.environ | {"PYTHONPATH": str(HERE.parent)},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"given up after {_MOST_SECONDS} seconds"
    if done.returncode < 0:
        return "ended by the system, out of memory"
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["failed"])[-1][:100]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def check(question: str, name: str, answer: dict[str, list[float]], expected: dict[str, list[float]]) -> None:
    """Compare an answer with that of DuckDB: orders to the fourth digit (plain) or the sixth, revenue to the cent.

    Raises:
        SystemExit: they differ.
    """
    if question == "whole" and answer.keys() != expected.keys():
        raise SystemExit(f"{name} answers {sorted(answer)}, not {sorted(expected)}")
    for model in answer.keys() & expected.keys():
        is_comparable = not (model.startswith("markov") and name in SIMULATED) and not (
            model in ("shapley", "markov 1") and name == "mam"
        )
        within = 1e-4 if question == "plain" else 0.005 if model.startswith("revenue") else 1e-6
        if is_comparable and not np.allclose(answer[model], expected[model], rtol=0, atol=within):
            raise SystemExit(f"{name} has another answer for {model}: {answer[model]}, not {expected[model]}")


def _line(name: str, found: dict[str, Any] | str, said: str = "") -> None:
    if not isinstance(found, str):
        found = f"{found['cpu']:7.2f} ({found['wall']:.2f}) {found['peak_gib']:5.1f} GiB   {said}"
    print(f"    {name:<20} {found}", flush=True)


def ask(python: Path, path: Path, touches: int) -> None:
    """Print what all need for both questions of one file.

    Raises:
        SystemExit: two contenders differ.
    """
    for question, (script, names) in QUESTIONS.items():
        print(f"  {question} question")
        expected: dict[str, list[float]] = {}
        for name in (*names, OURS):
            if touches > _MOST_TOUCHES.get(name, touches):
                _line(name, "left out: it needs too much memory")
                continue
            if name == OURS:
                found = _printed([sys.executable, "-m", "benchmarks.ours", question, path])
            else:
                found = answered(python, name, path, script)
            said = ""
            if not isinstance(found, str):
                expected = expected or found["answer"]
                check(question, name, found["answer"], expected)
                said = ", ".join(found["answer"]) if question == "plain" else ""
                if name == OURS:
                    said = ", ".join(f"{part} {cpu:.2f}" for part, cpu in found["parts"].items())
            _line(name, found, said)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, nargs="*", default=[450_000, 4_500_000, 13_500_000])
    parser.add_argument("--python", type=Path, help="another Python that has the peers")
    asked = parser.parse_args()
    python = asked.python or environment()
    for people in asked.people:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "touches.parquet"
            touches = write_touches(town(6, people, channels=12, odds=-3.4), path)
            print(f"\n{touches:,} touches: processor seconds (wall), peak memory", flush=True)
            ask(python, path, touches)


if __name__ == "__main__":
    main()
