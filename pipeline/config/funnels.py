"""The `config.funnel*` tables: declared funnels as rows that models join."""

from __future__ import annotations

from pipeline.config.sections.funnels import MOST_STEPS, TRAITS, Funnel, Match
from pipeline.config.settings import Settings


def uses_orders(funnel: Funnel) -> bool:
    """Tell whether its purchases are those of the order books: who bought and when, but not in which visit."""
    return funnel.count != "sessions" and not funnel.hold_constant


def funnel_rows(settings: Settings) -> dict[str, list[dict[str, object]]]:
    """Return the rows of the four tables of funnels."""
    rows: dict[str, list[dict[str, object]]] = {
        name: [] for name in ("funnels", "funnel_steps", "funnel_exclusions", "funnel_breakdowns")
    }
    for index, funnel in enumerate(settings.funnels, 1):
        kept = funnel.model_dump(exclude={"steps", "exclude", "breakdown", "name", "count", "hold_constant"})
        rows["funnels"].append(
            {"funnel_index": index, "funnel": funnel.name, "count_unit": funnel.count} | kept
            | {"hold_constant": list(funnel.hold_constant), "uses_orders": uses_orders(funnel)}
        )  # fmt: skip
        for place, step in enumerate(funnel.steps, 1):
            rows["funnel_steps"].append(
                {"funnel_index": index, "step_index": place, "step": step.name, "is_optional": step.optional}
                | _match(step, place - 1)
            )
        for place, exclusion in enumerate(funnel.exclude, 1):
            first, last = funnel.between(exclusion)
            rows["funnel_exclusions"].append(
                {"funnel_index": index, "exclusion_index": place, "after_step": first, "before_step": last}
                | {"how": exclusion.how} | _match(exclusion, MOST_STEPS + place - 1)
            )  # fmt: skip
        for place, breakdown in enumerate(funnel.breakdown, 1):
            names = [step.name for step in funnel.steps]
            at = breakdown.value_of
            first_value, second_value = breakdown.compare or (None, None)
            rows["funnel_breakdowns"].append(
                {
                    "funnel_index": index, "breakdown_index": place, "breakdown": breakdown.column,
                    "value_of": "journey" if breakdown.column in TRAITS else "step" if at in names else at,
                    "step_index": names.index(at) + 1 if at in names else None,
                    "first_value": first_value, "second_value": second_value,
                }
            )  # fmt: skip
    return rows


def _match(match: Match, bit: int) -> dict[str, object]:
    return {
        "part": bit, "interactions": list(match.interactions), "page_regex": match.page_regex, "stage": match.stage,
        "condition": match.sql,
    }  # fmt: skip
