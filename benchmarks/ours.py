"""The nightly models asked what the peers are asked: `python -m benchmarks.ours FILE`, a process of its own.

From one row a touch in Parquet, which the warehouse reads itself: journeys are cut as the night cuts them, then every
model runs as it is and writes its table into a warehouse in a folder. Touches and their steps are views of the file,
so that all that is read of them counts. There is no shorter way for a question that asks for less.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.attribution import timed
from benchmarks.credit import MODELS, NAMES, answer_of
from benchmarks.peer_scripts import Answer, told
from pipeline.build import make
from pipeline.catalog import read_models
from pipeline.config import Settings
from pipeline.config.row import settings_row
from pipeline.empty import AS_OF
from pipeline.shape import define_functions
from pipeline.warehouse import Warehouse, literal

STEPS = (
    "core.model_channels", "core.path_counts", "core.channel_effects", "core.credited_touches",
    "marts.attribution_touches", "marts.attribution", "marts.attribution_effects",
)  # fmt: skip
#: What a night has before its journeys are cut, read from the file when it is asked for.
_GIVEN = {
    "core.channel_codes": """select unnest(range(1, len({names}) + 1))::smallint as channel_code,
        unnest({names}) as channel""",
    "core.touches": """select journey * 100000 + place as touch_id, journey as customer_id, occurred_at,
        channel::smallint as channel_code, {names}[channel] as channel, '' as source, '' as medium, campaign,
        '' as content from read_parquet({file})""",
    "core.journey_steps": """select journey as journey_id, journey as customer_id, place + 1 as step_index,
        journey * 100000 + place as touch_id, occurred_at, channel::smallint as channel_code,
        has_bought as is_creditable from read_parquet({file})""",
}
#: Orders, and journeys cut from the file: journey, place, channel and whether it bought in one number, sorted once,
#: because lists of rows that lie together are gathered faster; `list_sort` then only makes sure of their order.
_CUT = {
    "core.orders": """select 'o' || journey as order_id, journey as customer_id, revenue::decimal(18, 4) as revenue,
        true as is_conversion, is_first_order, ended_at as ordered_at, ended_at as counted_until_at
        from read_parquet({file}) where has_bought and place = 0""",
    "sorted": """create temp table sorted as select
        (journey << 24) | (place << 8) | (channel << 1) | has_bought::int as step
        from read_parquet({file}) order by step""",
    "core.journeys": """select journey_id, journey_id as customer_id,
        list_transform(steps, lambda step: ((step >> 1) & 127)::smallint) as channel_codes,
        case when orders.order_id is null then 'lost' else 'converted' end as outcome, orders.order_id,
        coalesce(orders.revenue, 0) as revenue, len(steps) as count_touches,
        coalesce(orders.is_first_order, false) as is_first_order
        from (
            select step >> 24 as journey_id, list_sort(list((step & 16777215)::int)) as steps from sorted group by all)
        left join core.orders as orders on orders.customer_id = journey_id""",
}


def _plain(warehouse: Warehouse) -> Answer:
    """Return orders by channel of the models that peers are asked for; Markov of the order that was chosen."""
    found: dict[str, list[float]] = {}
    for model, share in warehouse.rows(
        """select model, list(conversions order by channel_code) from (
            select model, channel_code, sum(conversions) as conversions
            from marts.attribution join core.channel_codes using (channel)
            where level = 'channel' and model in ('first', 'last', 'linear') group by all)
        group by model"""
    ):
        found[model] = [float(value) for value in share]
    effects = _effects(warehouse)
    orders, removal = sum(found["first"]), effects["removal"]
    found[f"markov {effects['order'][0]}"] = [value / sum(removal) * orders for value in removal]
    return found | {"shapley": effects["shapley"]}


def _effects(warehouse: Warehouse) -> dict[str, list[float]]:
    sql = """select [max(markov_order)], list(removal_effect order by channel_code),
        list(shapley_value order by channel_code)
        from core.channel_effects join core.model_channels using (model_code)"""
    return dict(zip(("order", "removal", "shapley"), warehouse.rows(sql)[0], strict=True))


def _whole(warehouse: Warehouse) -> Answer:
    """Return what is compared of the whole question."""
    cells = warehouse.rows(
        """select model, channel_code, sum(conversions), sum(credited_revenue)::double
        from marts.attribution join core.channel_codes using (channel)
        where level = 'channel' and model in $1 group by all""",
        [list(MODELS)],
    )
    rows = {
        "credit": "marts.attribution_touches",
        "rollup": "marts.attribution where level in ('channel', 'campaign')",
        "paths": "core.path_counts",
    }
    counts = {name: warehouse.value(f"select count(*) from {table}") for name, table in rows.items()}
    return answer_of(cells, counts, _effects(warehouse))


def _make(warehouse: Warehouse, name: str, sql: str) -> None:
    if "." in name:
        warehouse.create(name, sql)
    else:
        warehouse.execute(sql)


def measured(file: Path, folder: Path) -> dict[str, Any]:
    """Return what the models say to both questions, what they took in all, and the processor seconds of each table."""
    models = read_models()
    parts: dict[str, float] = {}
    texts = {"names": list(NAMES), "file": literal(str(file))}
    with Warehouse.open(folder, threads=2, staged=file.parent) as warehouse:
        define_functions(warehouse)
        warehouse.write("config.settings", settings_row(Settings(), AS_OF))
        for name, sql in _GIVEN.items():
            warehouse.create(name, sql.format(**texts), kind="view" if "{file}" in sql else "table")

        def run() -> None:
            for name, sql in _CUT.items():
                parts[name] = timed(lambda name=name, sql=sql: _make(warehouse, name, sql.format(**texts)))[1]
            for name in STEPS:
                parts[name] = timed(lambda name=name: make(models[name], warehouse))[1]
            parts["written"] = timed(warehouse.checkpoint)[1]

        spent = json.loads(told(run))
        return spent | {"plain": _plain(warehouse), "whole": _whole(warehouse), "parts": parts}


def main() -> None:
    """Print it as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measured(Path(sys.argv[1]), Path(folder))))


if __name__ == "__main__":
    main()
