"""What a reader should know before trusting the numbers: files left out, broken promises, values that moved."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.reporting import text
from pipeline.reporting.facts import Facts
from pipeline.reporting.numbers import changes, health
from pipeline.reporting.numbers.tracking import gap_numbers
from pipeline.reporting.pages.changes import sentence
from pipeline.warehouse import Warehouse

#: Share of rejected rows from which a reader is told.
_REJECTED_SHARE = 0.01
_MOST_PROBLEMS = 8


@dataclass(frozen=True)
class Item:
    """One thing to look at, and where it stands."""

    #: What kind of thing it is, in two or three words.
    kind: str
    says: str
    anchor: str
    fix: str = ""
    page: str = "health"


def items(warehouse: Warehouse, facts: Facts) -> list[Item]:
    """Return everything that needs a look, the gravest first."""
    return [
        *_promises(warehouse),
        *_files(warehouse),
        *_rows(warehouse),
        *_expectations(warehouse),
        *_moved(warehouse),
        *_unseen(warehouse, facts),
    ]


def _promises(warehouse: Warehouse) -> list[Item]:
    broken = [row for row in health.promises_numbers(warehouse) if not row["is_kept"]]
    return [
        Item("Promise broken", f"{row['meaning']} {text.plural(row['count_rows'], 'row')} against it.", "promises")
        for row in broken
    ]


def _files(warehouse: Warehouse) -> list[Item]:
    wrong = [row for row in health.problems_numbers(warehouse) if row["needs_a_look"]]
    found = []
    for row in wrong[:_MOST_PROBLEMS]:
        count = row["count_files"]
        first = text.shorten_path(text.clean(row["first_file"]), 60)
        which = first if count == 1 else f"{text.plural(count, 'file')} like {first}"
        says = f"{which} ({row['status'].replace('_', ' ')}). {row['problem'] or ''}"
        found.append(Item("File not used" if count == 1 else "Files not used", says, "problems", row["fix"] or ""))
    if len(wrong) > _MOST_PROBLEMS:
        more = text.plural(sum(row["count_files"] for row in wrong[_MOST_PROBLEMS:]), "more file")
        found.append(Item("Files not used", f"{more}.", "problems"))
    return found + _gaps(warehouse)


def _gaps(warehouse: Warehouse) -> list[Item]:
    gaps = [row["days_missing"] for row in health.files_numbers(warehouse) if row["is_daily"] and row["days_missing"]]
    if not gaps:
        return []
    says = f"{text.plural(sum(gaps), 'day')} without any row, in {text.plural(len(gaps), 'file')} of daily data."
    return [Item("Days missing", says, "figure-coverage")]


def _rows(warehouse: Warehouse) -> list[Item]:
    total = health.totals_numbers(warehouse)
    rejected, read = total["rows_rejected"], total["rows_read"]
    if not read or rejected / read < _REJECTED_SHARE:
        return []
    says = f"{text.count(rejected)} of {text.plural(read, 'row')}."
    return [Item("Rows rejected", says, "rejected")]


def _expectations(warehouse: Warehouse) -> list[Item]:
    # Rows that fail a rule of level reject are counted as rejected already.
    unmet = [row for row in health.expectations_numbers(warehouse) if not row["is_met"] and row["level"] != "reject"]
    return [
        Item(
            "Not as expected",
            f"{text.plural(row['count_unexpected'] or 0, 'row')} of {row['checked']}: {row['says']}.",
            "expectations",
        )
        for row in unmet
    ]


def _moved(warehouse: Warehouse) -> list[Item]:
    """Tell of closed months whose numbers moved; open ones move every night."""
    closed = [row for row in changes.last_numbers(warehouse) if not row["was_provisional"]]
    if not closed:
        return []
    says = sentence(closed[0])
    if len(closed) > 1:
        says += f" {text.plural(len(closed) - 1, 'more line')}."
    return [Item("Closed month moved", says, "last", page="changes")]


def _unseen(warehouse: Warehouse, facts: Facts) -> list[Item]:
    """Say when the tracking misses more of the last whole month's orders than of those before it."""
    last = next((row for row in reversed(gap_numbers(warehouse)) if facts.is_whole(row["month"])), None)
    if last is None or last["verdict"] != "above":
        return []
    says = (
        f"In {text.month(last['month'])} no visit was seen to make {text.share(last['untracked_share'])} of "
        f"{text.plural(last['count_orders'], 'web order')}; in the months before {text.share(last['share_before'])}."
    )
    fix = "Look for a change in the consent banner, the shop's theme or the thank-you page."
    return [Item("Tracking misses more", says, "figure-gap", fix, "tracking")]
