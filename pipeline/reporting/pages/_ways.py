"""Tables of paths, of their parts, and of where two groups of journeys differ."""

from __future__ import annotations

from typing import Any

from pipeline.reporting import text
from pipeline.reporting.facts import FOUND, NOT_PEOPLE, SHARES, Facts
from pipeline.reporting.numbers.paths import (
    MOST_PATHS,
    anchors_numbers,
    comparisons_numbers,
    differences_numbers,
    effects_numbers,
    paths_numbers,
    sub_paths_numbers,
    waits_numbers,
)
from pipeline.reporting.tables import Column, Table
from pipeline.warehouse import Warehouse

#: What the steps of each kind are.
STEPS = {
    "channel": "the channels of the touches",
    "stage": "the stages that what was done is evidence of",
    "page_group": "groups of pages of the site",
    "interaction": "what people did",
}
_BY = {"channel": "channel", "stage": "stage", "page_group": "group of pages", "interaction": "interaction"}
_CONCLUSIONS = {
    "path_to_order": "Most common path to an order",
    "path_to_drop_off": "Most common path to a drop-off",
    "passage": "Most common passage from a step to the next",
    "several_steps": "Orders after more than one step",
}
_FORMS = {"rate": "Ordered in time", "passage": "From a step to the next", "path": "Whole path"}
_TRAITS = {"customer_kind": "customers", "device_category": "device", "outcome": "journeys"}
_NO_RATE = dict.fromkeys(("conversion_rate", "conversion_rate_low", "conversion_rate_high", "count_ended", "verdict"))
_MEASURES = {
    "touches": "Touches",
    "first_touch_days": "First touch to order",
    "last_touch_days": "Last touch to order",
}


def rate(key: str, heading: str, n: str) -> Column:
    """Return the column of a rate with its interval."""
    return Column(key, heading, "rate", low=f"{key}_low", high=f"{key}_high", n=n)


def repeats(facts: Facts) -> str:
    """Say what becomes of equal steps in a row."""
    return (
        "equal steps in a row count as one"
        if facts.settings.get("path_collapse_repeats", True)
        else "every step counts, also equal ones in a row"
    )


def paths(warehouse: Warehouse, facts: Facts, kind: str, outcome: str) -> Table:
    """Return the most common paths to an order or to a drop-off, and all others as one row."""
    # Of orders that nothing was seen before there is no rate: without the order there would be no journey.
    rows = [row | _NO_RATE if row["count_steps"] == 0 else row for row in paths_numbers(warehouse, kind, outcome)]
    is_order = outcome == "converted"
    end, ends = ("order", "orders") if is_order else ("drop-off", "lost journeys")
    columns = (
        Column("path", "Path", "path"),
        Column(f"count_{outcome}", "Orders" if is_order else "Lost", "count", bar=True),
        rate("outcome_share", f"Share of all {ends}", "count_outcome"),
        rate("conversion_rate", "Conversion rate", "count_ended"),
        Column("verdict", "Against other paths", nothing=""),
        *(() if is_order else (Column("count_open", "Still open", "count"),)),
        *((Column("revenue", f"Revenue, {facts.currency}", "money"),) if is_order else ()),
        *((Column("median_days", "Median time", "days", n="count_converted"),) if is_order else ()),
    )
    summed = {
        key: sum(row[key] for row in rows) for key in (f"count_{outcome}", "revenue" if is_order else "count_open")
    }
    return Table(
        f"paths-{kind.replace('_', '-')}-{end}",
        f"Paths by {_BY[kind]} that end in {'an' if is_order else 'a'} {end}",
        columns,
        rows,
        totals={"path": f"All that end in {'an' if is_order else 'a'} {end}"} | summed if rows else None,
        shown=10,
        apart=lambda row: row["count_steps"] in (None, 0),
        note=f"The {MOST_PATHS} most common; the rest are one row, so that the sum is whole. "
        f"Lost is known only after {facts.idle()}: while much is still open, conversion rates come out high.",
        definition=facts.define(
            f"Journeys by {STEPS[kind]} up to the order; {repeats(facts)}. "
            f"The conversion rate is among ended journeys. {FOUND}",
            sum(row["count_journeys"] for row in rows), "journey", money=is_order, lookback=True, interval=SHARES,
            without=NOT_PEOPLE,
        ),
    )  # fmt: skip


def sub_paths(warehouse: Warehouse, facts: Facts, kind: str) -> Table:
    """Return the parts of paths with which journeys end in an order more or less often than without."""
    rows = sub_paths_numbers(warehouse, kind)
    longest = facts.settings.get("longest_path")
    columns = (
        Column("path", "Part of the path", "path"),
        Column("form", "Steps come"),
        Column("count_journeys", "Journeys with it", "count", bar=True),
        rate("conversion_rate", "Conversion rate with it", "count_ended"),
        rate("other_rate", "Without it", "other_ended"),
        Column("verdict", "Against those without", nothing=""),
    )
    return Table(
        f"parts-{kind.replace('_', '-')}",
        f"Parts of paths by {_BY[kind]} that make a difference",
        columns,
        rows,
        shown=8,
        source="marts.sub_paths",
        note="The clearest differences first. Parts near the order are followed by it more often for that alone: they "
        "say where people stand, not what made them buy.",
        definition=facts.define(
            f"Runs of two to four steps, and pairs with others between, among the first {longest} steps of a journey; "
            f"the rate without is of ended journeys that are as long at least. {FOUND}",
            max((row["count_ended"] + row["other_ended"] for row in rows), default=0), "ended journey",
            interval=SHARES, without=NOT_PEOPLE,
        ),
    )  # fmt: skip


def differences(warehouse: Warehouse, facts: Facts) -> list[tuple[str, Table]]:
    """Return, for each pair of groups, its name and where the paths of its two groups differ."""
    found = []
    for pair in comparisons_numbers(warehouse):
        first, second = (text.shorten(text.clean(pair[f"{side}_value"]), 30) for side in ("first", "second"))
        what = _TRAITS.get(pair["trait"], text.words(pair["trait"]).lower())
        rows: list[dict[str, Any]] = [
            row | {"what": _FORMS[row["form"]], "kind": _BY[row["path_kind"]] if row["form"] != "rate" else ""}
            for row in differences_numbers(warehouse, pair["comparison"])
        ]
        columns = (
            Column("what", "What"),
            Column("kind", "By", nothing=""),
            Column("path", "Steps", "path", nothing=""),
            Column("first_share", first, "share", n="first_cases"),
            Column("second_share", second, "share", n="second_cases"),
            Column(
                "difference", "Difference", "difference", low="difference_low", high="difference_high", n="least_cases"
            ),
            Column("verdict", f"{text.shorten(first, 16)} against {text.shorten(second, 16)}"),
        )  # fmt: skip
        days = facts.settings.get("first_order_lookback_days")
        unseen = " or ".join(
            value for value, cases in ((first, pair["first_cases"]), (second, pair["second_cases"])) if not cases
        )
        table = Table(
            f"compare-{pair['comparison']}",
            f"{text.words(first)} against {second} ({what})",
            columns,
            [] if unseen else rows,
            shown=12,
            source="marts.path_differences",
            note=f"No journey has {text.words(pair['trait']).lower()} {unseen}: see Data health for the nearest name "
            "there is, and paths.compare in journeys.yaml."
            if unseen
            else f"Of all passages and paths compared, {text.count(pair['count_found'])} differ, "
            f"{text.count(pair['count_alike'])} show no difference and {text.count(pair['count_few'])} are too few to "
            "say; the largest differences stand first.",
            definition=facts.define(
                "Shares of all journeys of a group that pass from a step to the next at least once, or take the whole "
                f"path; {repeats(facts)}. Passages into silence are left out: they depend on how old journeys are. "
                f"“Ordered in time” is an order within {days} days, of journeys that began so long before the end of "
                f"the data. {FOUND}",
                [(pair["first_cases"], f"journey: {first}", f"journeys: {first}"),
                 (pair["second_cases"], f"journey: {second}", f"journeys: {second}")],
                interval="95 %, Newcombe's for a difference of shares", without=NOT_PEOPLE,
            ),
        )  # fmt: skip
        found.append((f"{text.words(first)} · {second}", table))
    return found


def waits(warehouse: Warehouse, facts: Facts) -> tuple[Table, Table]:
    """Return how many touches and how many days orders take, with how far open journeys are."""
    rows = [
        row | {"what": _MEASURES[row["measure"]], "who": text.words(row["customer_kind"])}
        for row in waits_numbers(warehouse)
    ]
    made = []
    for name, title, kind, is_touches in (
        ("touches", "How many touches an order takes", "minutes", True),
        ("days", "How long an order takes", "days", False),
    ):
        mine = [row for row in rows if (row["measure"] == "touches") == is_touches]
        n = next((row["count_orders"] for row in mine if row["customer_kind"] == "all"), 0)
        columns = (
            *(() if is_touches else (Column("what", "From"),)),
            Column("who", "Customers"),
            Column("count_orders", "Orders", "count"),
            *(
                Column(key, heading, kind, n="count_orders")
                for key, heading in (
                    ("lower_quarter", "A quarter within"), ("median", "Half within"), ("median_low", "Half: from"),
                    ("median_high", "to"), ("upper_quarter", "Three quarters within"),
                    ("ninth_tenth", "Nine of ten within"),
                )
            ),
            Column("count_open", "Still open", "count"),
            Column("open_median", "Half of them past", kind, n="count_open"),
        )  # fmt: skip
        definition = facts.define(
            "Quantiles of what journeys with an order took; the range of the half is its 95 % interval, by ranks. Open "
            "journeys stand beside them: their order may still come, and would be a late one.",
            n, "order", lookback=True, interval="95 %, ranks (distribution-free)", without=NOT_PEOPLE,
        )  # fmt: skip
        made.append(Table(f"waits-{name}", title, columns, mine, source="marts.path_waits", definition=definition))
    return made[0], made[1]


def effects(warehouse: Warehouse, facts: Facts) -> Table:
    """Return which conclusions hold whether repeats count or not."""
    rows = [
        row | {"what": _CONCLUSIONS[row["conclusion"]], "kind": _BY[row["path_kind"]]}
        for row in effects_numbers(warehouse)
    ]
    columns = (
        Column("kind", "By"),
        Column("what", "Conclusion"),
        Column("path", "A run counts once", "path", nothing=""),
        rate("hits_share", "Share", "count_cases"),
        Column("kept_path", "Repeats count", "path", nothing=""),
        rate("kept_share", "Share", "count_cases"),
        Column("verdict", "It"),
    )
    return Table(
        "effects",
        "What counting repeats changes",
        columns,
        rows,
        shown=16,
        source="marts.path_effects",
        note="Equal steps in a row can count once (collapse_repeats) or each. What “holds” is the same either way; "
        "what “changes” depends on that choice, and should not be told without it.",
        definition=facts.define(
            "Shares of ended journeys of the kind: with an order, lost, or both. Orders after more than one step hold "
            "when their share is on the same side of one half both ways, interval and all.",
            max((row["count_cases"] for row in rows), default=0), "ended journey", interval=SHARES, without=NOT_PEOPLE,
        ),
    )  # fmt: skip


def anchors(warehouse: Warehouse) -> Table:
    """Return the steps that flows begin at."""
    columns = (
        Column("path_kind", "Kind of step", "words"),
        Column("anchor", "Step"),
        Column("count_journeys", "Journeys that pass it", "count"),
        Column("is_most_common", "Most common", "flag"),
        Column("nearest_step", "Meant was perhaps", nothing=""),
    )
    return Table(
        "anchors",
        "Steps that flows begin at",
        columns,
        anchors_numbers(warehouse),
        source="marts.path_anchors",
        note="Flows from the start, the order, the drop-off and these steps, forward and backward, are in "
        "marts.path_transitions; name others under paths.anchors in journeys.yaml.",
    )
