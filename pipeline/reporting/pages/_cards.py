"""Decision cards: one a channel, each with what it cost, what it earns by all models, and one next step."""

from __future__ import annotations

from typing import Any

from pipeline.reporting import channels, text
from pipeline.reporting.facts import Facts, Numbers
from pipeline.reporting.tables import Column, Table

#: Next step -> the mark beside it: a step is told by word, shape and colour.
STEPS = {"keep": "✓", "test": "?", "cut": "✕", "measure": "…"}
_GRADES = {
    "A": "a hold-out",
    "B": "like people compared",
    "C": "credit alone",
    "D": "too little to go by",
}
_VERDICTS = {"agree": "models agree", "disagree": "models disagree", "not enough data": "models: not enough data"}


def cards(numbers: Numbers, facts: Facts) -> list[dict[str, Any]]:
    """Return the cards as the template places them: every number is written, and only said on enough cases."""
    top = max((_largest(row) for row in numbers), default=0)
    return [_card(row, facts, top) for row in numbers]


def _largest(row: dict[str, Any]) -> float:
    return max(float(row["most_revenue"] or 0), float(row["compared_spend"] or 0))


def _card(row: dict[str, Any], facts: Facts, top: float) -> dict[str, Any]:
    is_enough = text.enough(row["count_orders"], facts.guard_n)
    low, high = float(row["least_revenue"] or 0), float(row["most_revenue"] or 0)
    place = [
        f"{max(min(value / top, 1.0), 0.0) * 100:.1f}" if top else "0"
        for value in (low, high, float(row["compared_spend"]))
    ]
    return {
        "channel": row["channel"],
        "step": row["next_step"],
        "mark": STEPS[row["next_step"]],
        "grade": row["grade"],
        "grade_says": _GRADES[row["grade"]],
        "because": text.clean(row["rule_says"]),
        "rule": row["rule"],
        "facts": _facts(row, facts, is_enough),
        "is_enough": is_enough,
        "low": place[0],
        "high": place[1],
        "spend_at": place[2] if row["compared_spend"] > 0 else "",
        "range": f"{facts.money(row['least_revenue'])} to {facts.money(row['most_revenue'])}",
        "models": f"{text.model_name(row['least_model'])} to {text.model_name(row['most_model'])}",
        "n": text.plural(row["count_orders"], "order"),
        "verdict": _VERDICTS.get(row["verdict"] or "", "") if is_enough else "",
        "evidence": text.clean(row["evidence_says"] or ""),
    }


def _facts(row: dict[str, Any], facts: Facts, is_enough: bool) -> list[tuple[str, str]]:
    few = text.too_few(row["count_orders"])
    told = [("Spend", facts.money(row["spend"]) if row["spend"] else "none known")]
    if row["spend_state"] != "spent":
        return told
    returned = f"{_times(row['roas'])} ({_times(row['roas_low'])} to {_times(row['roas_high'])})" if is_enough else few
    told.append(("Returns per 1 spent", returned))
    if is_enough:
        told.append(("By all models, with chance", f"{_times(row['roas_least'])} to {_times(row['roas_most'])}"))
    if row["margin_return"] is None:
        told.append(("Margin per 1 spent", "costs of goods not known"))
    else:
        known = "" if row["costed_share"] >= 0.9995 else "at least "
        told.append(("Margin per 1 spent", f"{known}{_times(row['margin_return'])}" if is_enough else few))
    return told


def _times(value: float | None) -> str:
    return text.money(value, 2)


def cards_table(numbers: Numbers, facts: Facts) -> Table:
    """Return the cards as a table."""
    columns = (
        Column("channel", "Channel", "channel"),
        Column("next_step", "Next step", "words"),
        Column("grade", "Evidence"),
        Column("rule", "Rule"),
        Column("spend", f"Spend, {facts.currency}", "money"),
        Column("count_orders", "Orders touched", "count"),
        Column(
            "revenue",
            f"Credit, least to most, {facts.currency}",
            "range",
            low="least_revenue",
            high="most_revenue",
            n="count_orders",
        ),
        Column("roas", "Returns per 1 spent", "ratio", low="roas_low", high="roas_high", n="count_orders"),
        Column("verdict", "Models"),
        Column("evidence", "Comparison of people", "words"),
    )
    n = max((row["count_orders"] for row in numbers), default=0)
    return Table(
        "cards",
        "The decision cards as a table",
        columns,
        numbers,
        source="marts.decision_cards",
        shown=6,
        definition=facts.define(
            "Spend, credit of the same days by all models, and the first rule of the table below that fits. Grades: "
            + "; ".join(f"{grade} {says}" for grade, says in _GRADES.items()) + ".",
            n, "order of the largest channel", many="orders of the largest channel", money=True, model=facts.model(),
            lookback=True, interval=drawn(facts),
        ),
    )  # fmt: skip


def rules_table(numbers: Numbers) -> Table:
    """Return the rules, in the order in which they are tried."""
    columns = (
        Column("rule_order", "No.", "count"),
        Column("rule", "Rule"),
        Column("spend_state", "Spend", nothing="any"),
        Column("data_state", "Orders", nothing="any"),
        Column("return_state", "Worth its spend", nothing="any"),
        Column("evidence", "Comparison of people", nothing="any"),
        Column("evidence_basis", "By", nothing="any"),
        Column("pays", "Pays, by it", nothing="any"),
        Column("next_step", "Next step", "words"),
        Column("says", "Says", most=200),
    )
    return Table(
        "rules",
        "The rules: the first that fits a channel names its next step",
        columns,
        numbers,
        shown=20,
        note="Worth its spend is judged on margin where costs are given, else on money.break_even_roas; above and "
        "below hold by every model and with what chance could do.",
    )


def drawn(facts: Facts) -> str:
    """Say how the intervals of returns are made."""
    return f"95 %, bootstrap by person, {facts.settings['interval_draws']} draws; spend is taken as it is"


def card_sentence(numbers: Numbers) -> str:
    """Count the next steps."""
    counts = {step: sum(row["next_step"] == step for row in numbers) for step in STEPS}
    said = [f"{step} {', '.join(_named(numbers, step))}" for step in ("cut", "test", "measure", "keep") if counts[step]]
    return "; ".join(said)


def _named(numbers: Numbers, step: str) -> list[str]:
    names = [channels.label(row["channel"]) for row in numbers if row["next_step"] == step]
    return names if len(names) <= 3 else [*names[:2], f"{len(names) - 2} more"]
