"""The same attribution by others: `python -m benchmarks.peers`, in an environment of its own in benchmarks/.work/peers.

Asked of all: orders by channel by first, last and linear, by Markov chains of order 1 and 2, and Shapley values, from
one Parquet file of a row a touch. Rule models must agree, and exact Markov and Shapley as well; simulated ones cannot.
What the nightly models need stands beside them (`benchmarks.attribution` tells its parts): they also write the credit
of every touch by twelve models to the cent, roll it up to five levels, and choose the order of the chain.
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

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.towns import Town, town

HERE = Path(__file__).parent
ENVIRONMENT = HERE / ".work" / "peers"
PACKAGES = (
    "polars==2.1.0", "pandas>=3,<4", "pyarrow", "duckdb==2.0.0", "scipy", "chdb==4.4.0", "ChannelAttribution==2.2.5",
    "marketing-attribution-models==2.1.1", "retentioneering==5.2.4",
)  # fmt: skip
OURS = "the nightly models"
NAMES = ("duckdb", "polars", "chdb", "pandas", "ChannelAttribution", "mam")
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
    """Write one row a touch, in no order, and return how many there are."""
    paths = given.paths
    journey = paths.owners
    shuffled = np.random.default_rng(1).permutation(len(journey))
    rows = {
        "journey": journey + 1,
        "place": (np.arange(len(journey)) - paths.offsets[journey]).astype(np.int32),
        "channel": paths.codes.astype(np.int32),
        "has_bought": given.has_bought[journey],
        "revenue": given.revenue[journey],
    }
    pq.write_table(pa.table({name: values[shuffled] for name, values in rows.items()}), path)
    return len(journey)


def answered(
    python: Path, name: str, path: Path, script: str = "peer_scripts.py", most: int = _MOST_SECONDS
) -> dict[str, Any] | str:
    """Return what a peer prints, or why it has no answer."""
    own = [python, HERE / script, name, path]
    try:
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.ours", path] if name == OURS else own, capture_output=True, text=True,
            check=False, timeout=most, env=os.environ | {"PYTHONPATH": str(HERE.parent)},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"given up after {most} seconds"
    if done.returncode < 0:
        return "ended by the system, out of memory"
    if done.returncode:
        return (done.stderr.strip().splitlines() or ["failed"])[-1][:100]
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def check(name: str, answer: dict[str, list[float]], expected: dict[str, list[float]]) -> None:
    """Compare an answer with that of DuckDB.

    Raises:
        SystemExit: they differ.
    """
    for model in answer.keys() & expected.keys():
        is_comparable = not (model.startswith("markov") and name in SIMULATED) and not (
            model in ("shapley", "markov 1") and name == "mam"
        )
        if is_comparable and not np.allclose(answer[model], expected[model], atol=1e-4):
            raise SystemExit(f"{name} has another answer for {model}: {answer[model]}, not {expected[model]}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, nargs="*", default=[450_000, 4_500_000, 13_500_000])
    python = environment()
    for people in parser.parse_args().people:
        given = town(6, people, channels=12, odds=-3.4)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "touches.parquet"
            touches = write_touches(given, path)
            print(f"\n{touches:,} touches: processor seconds (wall), peak memory")
            expected: dict[str, list[float]] = {}
            for name in (*NAMES, OURS):
                if touches > _MOST_TOUCHES.get(name, touches):
                    print(f"  {name:<20} left out: it needs too much memory", flush=True)
                    continue
                found = answered(python, name, path)
                if isinstance(found, str):
                    print(f"  {name:<20} {found}", flush=True)
                    continue
                expected = expected or found["answer"]
                check(name, found["answer"], expected)
                said = f"{found['cpu']:7.2f} ({found['wall']:.2f}) {found['peak_gib']:5.1f} GiB"
                cut = f"   journeys cut after {found['cut']:.2f}" if "cut" in found else ""
                print(f"  {name:<20} {said}   {', '.join(found['answer'])}{cut}", flush=True)


if __name__ == "__main__":
    main()
