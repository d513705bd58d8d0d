"""What several pages do with channels: small ones pooled, what no channel earned last, the colour of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pipeline.reporting import text
from pipeline.reporting.facts import Numbers
from pipeline.reporting.style import UNTRACKED

#: Channels that a figure has room for; the smaller ones are drawn together.
MOST_CHANNELS = 12
POOLED = "(other channels)"
#: Orders rows of a SELECT so that what no channel earned comes last.
UNTRACKED_LAST = f"channel = '{UNTRACKED}'"


def is_untracked(row: dict[str, Any]) -> bool:
    """Tell whether a row holds what no tracked touchpoint led to."""
    return row.get("channel") == UNTRACKED


def label(channel: str) -> str:
    """Return what stands at a channel in a drawing."""
    return text.mask_email(text.clean(channel))


def pooled(rows: Numbers, sums: Sequence[str], most: int = MOST_CHANNELS) -> Numbers:
    """Return the rows with all behind the first `most` added up into one; what no channel earned stays last and whole.

    Args:
        rows: One row per channel, the largest first.
        sums: Columns that are added up.
        most: Channels that stay.
    """
    named = [row for row in rows if not is_untracked(row)]
    kept, small = (named, []) if len(named) <= most + 1 else (named[:most], named[most:])
    result = [row | {"count_channels": 1} for row in kept]
    if small:
        added = {key: sum((row[key] for row in small if row[key] is not None), start=0) for key in sums}
        result.append({"channel": f"{POOLED[:-1]}: {len(small)})", "count_channels": len(small)} | added)
    return result + [row | {"count_channels": 0} for row in rows if is_untracked(row)]
