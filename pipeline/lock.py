"""One run at a time: a lock file that names its owner and that the system frees when the owner dies."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pipeline.errors import LockedError, Problem


@contextmanager
def run_lock(folder: Path, wait_seconds: float = 0.0) -> Iterator[None]:
    """Hold the lock of a warehouse folder for the time of the block.

    Args:
        folder: The warehouse folder.
        wait_seconds: How long to wait for another run to end.

    Raises:
        LockedError: another run still holds the lock; the error names its process.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "run.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take(descriptor, path, time.monotonic() + wait_seconds)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC".encode())
        yield
        os.ftruncate(descriptor, 0)
    finally:
        os.close(descriptor)


def _take(descriptor: int, path: Path, until: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() < until:
                time.sleep(0.2)
                continue
            owner = path.read_text(encoding="utf-8", errors="replace").strip() or "unknown"
            raise LockedError(
                Problem(
                    f"Another run holds the lock (process {owner}).",
                    path.name,
                    fix="Wait for it to end, or run with --wait SECONDS. The lock frees itself when that process ends.",
                )
            ) from None
        return
