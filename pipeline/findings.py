"""What breaks promises and expectations that do not block a night, in words: what, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline.config import places_of
from pipeline.reporting.text import clean, plural, shorten

#: Findings of one promise that are kept; all are counted.
MOST = 1000
_MOST_LETTERS = 400


@dataclass(frozen=True)
class AuditResult:
    """Whether one promise was kept."""

    name: str
    level: str
    meaning: str
    count_rows: int
    examples: list[dict[str, Any]] = field(default_factory=list)
    fix: str = ""

    @property
    def is_kept(self) -> bool:
        """No row breaks it."""
        return self.count_rows == 0

    @property
    def said(self) -> list[str]:
        """The first rows that break it, each in words."""
        return [_worded(row) for row in self.examples]


@dataclass(frozen=True)
class Finding:
    """One thing that breaks a promise; a row of `ops.findings`."""

    promise: str
    level: str
    meaning: str
    count_rows: int
    place: str
    finding: str
    to_do: str


def findings(
    results: Iterable[AuditResult], unmet: Iterable[dict[str, Any]], settings_file: Path | None
) -> list[Finding]:
    """Return what breaks promises, refusals first.

    Args:
        results: The promises of a night.
        unmet: Rows of `ops.validation_results` that only warn and are not met.
        settings_file: Where settings stand that a finding is about; None when all are the defaults.
    """
    found = []
    for result in sorted(results, key=lambda result: (result.level, result.name)):
        if result.is_kept or result.level == "block":
            continue
        places = places_of(settings_file, [row.get("place") or "" for row in result.examples])
        found += [
            Finding(result.name, result.level, result.meaning, result.count_rows, place, says, result.fix)
            for place, says in zip(places, result.said, strict=True)
        ]
    for row in unmet:
        count = f"{row['count_unexpected']:,}"
        of = count if row["count_rows"] is None else f"{count} of {row['count_rows']:,}"
        says = f"{of} {'row' if count == '1' else 'rows'} of {row['checked']}: {row['says']}"
        meaning = f"What {row['checked'].removeprefix('raw.').replace('__', ' ')} is expected to hold."
        found.append(
            Finding(
                row["rule"], "warn", meaning, 1, "", _short(says), "See What was expected, on the page Data health."
            )
        )
    return found


def lines_of(found: Sequence[Finding], most: int) -> list[tuple[str, str]]:
    """Return what to print of the findings of one promise: lines, each with its style.

    Args:
        found: At least one; those of one promise.
        most: Findings that are told; of more the last line says where they are.
    """
    first = found[0]
    is_refused = first.level == "refuse"
    lines = []
    if is_refused:
        lines += [(f"Error{f' in {one.place}' if one.place else ''}: {one.finding}.", "red") for one in found[:most]]
    else:
        told = [f"{one.place}: {one.finding}" if one.place else one.finding for one in found[:most]]
        lines.append((f"Warning, {plural(first.count_rows, 'finding')}: {told[0]}", "yellow"))
        lines += [(f"  {says}", "yellow") for says in told[1:]]
    lines.append((f"  Why: {first.meaning}", ""))
    if first.to_do:
        lines.append((f"  To do: {first.to_do}", ""))
    if first.count_rows > most:
        lines.append((f"  All {first.count_rows:,}: journeys findings {first.promise}", ""))
    return lines


def _worded(row: dict[str, Any]) -> str:
    return _short(row.get("finding") or ", ".join(f"{key} {value}" for key, value in row.items() if value is not None))


def _short(says: str) -> str:
    """Return one line without what a terminal would take for a command; values come from exports."""
    return shorten(clean(says), _MOST_LETTERS)
