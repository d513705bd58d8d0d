"""`make bench`: the sample, a business of 200,000 people beside one scan and one sort, and peers beside the models."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.peers import environment

HERE = Path(__file__).parent
WORK = HERE / ".work"


@dataclass(frozen=True)
class Measured:
    """What a process printed, how long it took and how much memory it needed."""

    said: dict[str, Any]
    seconds: float
    peak_gib: float


def measured(*command: str) -> Measured:
    """Run a Python module in a process of its own.

    Raises:
        SystemExit: it failed; what it said stands on the screen.
    """
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", *command], stdout=subprocess.PIPE, cwd=HERE.parent, text=True)
    assert process.stdout is not None
    printed = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    lines = [line for line in printed.splitlines() if line.startswith("{")]
    unit = 1 if sys.platform == "darwin" else 1024
    return Measured(json.loads(lines[-1]) if lines else {}, time.perf_counter() - begun, usage.ru_maxrss * unit / 2**30)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--people", type=int, default=200_000)
    people = parser.parse_args().people
    shutil.rmtree(WORK, ignore_errors=True)
    print(f"{os.cpu_count()} cores, {os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB\n")
    _sample()
    _large(people)
    _identity()
    _peers()


def _peers() -> None:
    """Let others answer the questions of the analysis beside the models, in an environment of their own."""
    python = str(environment())
    for title, command in (
        ("Attribution", ("benchmarks.peers", "--python", python)),
        ("Funnels", ("benchmarks.funnels", "--peers", python)),
        ("Paths", ("benchmarks.paths", "--python", python)),
    ):
        print(f"\n{title}", flush=True)
        subprocess.run([sys.executable, "-m", *command], cwd=HERE.parent, check=True)


def _identity(people: int = 1_000_000) -> None:
    for limit in ((), ("2GB",)):
        run = measured("benchmarks.identity", str(people), *limit)
        steps, unit = run.said["steps"], run.said["unit"]
        graph = sum(steps[f"identity.{name}"] for name in ("groups", "conflict_links", "bridges", "components"))
        print(f"\nIdentity, {run.said['nodes']:,} identifiers and {run.said['links']:,} links {' '.join(limit)}")
        print(f"  grouped and sorted once          {unit:8.1f} s of processor time")
        print(f"  components, conflicts, bridges   {graph / unit:8.2f} times")
        print(f"  the layer from the links on      {sum(steps.values()) / unit:8.2f} times   (goal: 3)")
        print(f"  memory                           {run.peak_gib:8.2f} GiB at most")


def _sample() -> None:
    root = WORK / "sample"
    shutil.copytree(HERE.parent / "data" / "raw" / "sample", root / "data" / "raw" / "sample")
    first, second = (measured("benchmarks.night", str(root)) for _ in range(2))
    assert second.said["is_unchanged"]
    print("The committed sample")
    print(f"  first run                        {first.seconds:8.1f} s   (goal: 60)")
    print(f"  second run, nothing new          {second.seconds:8.1f} s   (goal: 15)")


def _large(people: int) -> None:
    root = WORK / "town"
    made = measured("pipeline", "demo", "--people", str(people), "--out", str(root))
    night = measured("benchmarks.night", str(root))
    with (root / "journeys.yaml").open("a", encoding="utf-8") as settings:
        settings.write("\nrun: {memory_limit: 2GB}\n")
    tight = measured("benchmarks.night", str(root), "--full")
    baseline = measured("benchmarks.baseline", str(root / "data" / "warehouse" / "journeys.duckdb")).said
    steps, rows = night.said["steps"], night.said["rows"]
    print(f"\n{people:,} people, {night.said['tables']['touchpoints']:,} touchpoints")
    print(f"  demo                             {made.seconds:8.1f} s   {made.peak_gib:5.2f} GiB at most")
    print(f"  first run                        {night.seconds:8.1f} s   {night.peak_gib:5.2f} GiB at most (goal: 4)")
    print(f"  full run with memory_limit: 2GB  {tight.seconds:8.1f} s   {tight.peak_gib:5.2f} GiB at most")
    print("\nSteps of the first run")
    for name, seconds in steps.items():
        system = name.removeprefix("stage ")
        speed = f"{rows[system] / seconds:12,.0f} rows/s" if name.startswith("stage ") and system in rows else ""
        if seconds >= 0.05:
            print(f"  {name:<32} {seconds:8.2f} s {speed}")
    _ratios(steps, baseline)


def _ratios(steps: dict[str, float], baseline: dict[str, float]) -> None:
    unit = baseline["scan"] + baseline["sort"]
    marts = {name: seconds for name, seconds in steps.items() if name.startswith("marts.")}
    way = sum(seconds for name, seconds in steps.items() if name != "recognise" and not name.startswith("stage "))
    print(f"\nOne scan and one sort of the touchpoints: {baseline['scan']:.2f} + {baseline['sort']:.2f} = {unit:.2f} s")
    for name, seconds in marts.items():
        print(f"  {name:<32} {seconds / unit:8.2f} times")
    print(f"  all marts                        {sum(marts.values()) / unit:8.2f} times   (goal: 6)")
    print(f"  staged Parquet to published      {way / unit:8.2f} times   (goal: 15)")


if __name__ == "__main__":
    main()
