"""Funnels in journeys.yaml: what is wrong in them is said before a night is spent."""

from __future__ import annotations

import pytest

from pipeline.config import Settings
from pipeline.config.load import load_settings
from pipeline.config.tables import config_tables
from pipeline.errors import ConfigError
from pipeline.funnels import TOUCHPOINT, define_conditions
from pipeline.warehouse import Warehouse

STEPS = "steps: [{name: look, interaction: page_view}, {name: buy, interaction: purchase}]"


def refused(text: str, tmp_path) -> str:
    path = tmp_path / "journeys.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught, Warehouse.open(threads=1) as warehouse:
        settings = load_settings(path)
        config_tables(settings, tmp_path)
        define_conditions(warehouse, settings.funnels)
    return str(caught.value)


@pytest.mark.parametrize(
    ("funnel", "says"),
    [
        ("steps: [{name: look, interaction: page_view}]", "funnels.0.steps: it takes at least 2; given: 1."),
        (
            STEPS + ", count: sessions, breakdown: [{column: landing_page}]",
            "asks for landing_page, which journeys of people have and visits have not. Count people or entries",
        ),
        (STEPS + ", window_days: 2, step_max_gap_days: 3", "step_max_gap_days is 3, more than window_days (2)"),
        (STEPS + ", mode: lose", "Received 'lose'. Allowed: loose, strict, any. Did you mean 'loose'?"),
        (STEPS + ", windows_days: 7", "windows_days is not a setting."),
        (
            "steps: [{name: look, interaction: page_veiw}, {name: buy, interaction: purchase}]",
            "funnels.0.steps.0.interaction: There is no interaction of that name. Received 'page_veiw'.",
        ),
        (
            "steps: [{name: look, interaction: page_view, stage: awareness}, {name: buy, stage: purchase}]",
            "it takes one of interaction, page_regex, stage, sql; given: interaction, stage",
        ),
        ("steps: [{name: a, page_regex: '/(x'}, {name: b, stage: purchase}]", "cannot be read (missing ): /(x)"),
        ("steps: [{name: a, interaction: chat}, {name: a, interaction: call}]", "given twice: a"),
        (STEPS + ", hold_constant: [device]", "hold_constant names 'device'"),
        (STEPS + ", breakdown: [{column: chanel}]", "Did you mean 'channel'?"),
        (STEPS + ", breakdown: [{column: channel, value_of: bui}]", "Did you mean 'buy'?"),
        (STEPS + ", exclude: [{interaction: u_turn, after: loook}]", "Did you mean 'look'?"),
        (STEPS + ", exclude: [{interaction: u_turn, after: buy, before: look}]", "nothing can lie between"),
        (STEPS + ", breakdown: [{column: customer_kind, value_of: last}]", "a trait of the whole journey"),
        (
            "steps: [{name: a, sql: \"device_categori = 'mobile'\"}, {name: b, stage: purchase}]",
            "core.touchpoints has no such column. Received 'device_categori'.",
        ),
        ("steps: [{name: a, sql: \"amount >\"}, {name: b, stage: purchase}]", "The SQL cannot be parsed"),
        ("steps: [{name: a, sql: \"nosuch(amount)\"}, {name: b, stage: purchase}]", "DuckDB cannot use the condition"),
        ("steps: [{name: a, sql: \"amount + 1\"}, {name: b, stage: purchase}]", "must be true or false for each row"),
        ("steps: [{name: a, sql: \"random() < 0.5\"}, {name: b, stage: purchase}]", "another answer each time"),
        (
            "steps: [{name: a, sql: \"(select count(*) from core.orders) > 1\"}, {name: b, stage: purchase}]",
            "no subquery, table, aggregate or window",
        ),
    ],
)  # fmt: skip
def test_a_funnel_that_cannot_be_counted_is_refused_with_what_would_be_right(funnel, says, tmp_path) -> None:
    said = refused(f"funnels:\n  - {{name: mine, {funnel}}}\n", tmp_path)
    assert says in said
    assert said.startswith("journeys.yaml")


def test_two_funnels_need_two_names(tmp_path) -> None:
    text = f"funnels:\n  - {{name: mine, {STEPS}}}\n  - {{name: mine, {STEPS}}}\n"
    assert "funnels need different names; given twice: mine" in refused(text, tmp_path)


def test_a_condition_reaches_nothing_outside_the_warehouse_and_never_stops_a_night(tmp_path) -> None:
    (tmp_path / "secret.txt").write_text("x")
    conditions = {
        "peek": f"len(read_text('{tmp_path / 'secret.txt'}')) > 0",
        "cast": "cast(content as integer) > 3",
    }
    with Warehouse.open(threads=1) as warehouse:
        for name, sql in conditions.items():
            steps = [{"name": name, "sql": sql}, {"name": "buy", "stage": "purchase"}]
            given = Settings.model_validate({"funnels": [{"name": name, "steps": steps}]}).funnels
            if name == "peek":
                with pytest.raises(ConfigError, match="DuckDB cannot use the condition"):
                    define_conditions(warehouse, given)
                continue
            define_conditions(warehouse, given)
            arguments = ", ".join("content" if column == "content" else "null" for column in TOUCHPOINT)
            found = warehouse.rows(
                f"select content, funnel_conditions(1, {arguments}) from (values ('7'), ('many'), (null)) as t(content) order by all"
            )
    assert found == [("7", 1), ("many", 0), (None, 0)]


def test_the_columns_that_conditions_may_name_are_those_of_the_table(empty) -> None:
    assert {name: kind.lower() for name, kind in empty.describe("select * from core.touchpoints")} == TOUCHPOINT
