"""The nightly models asked what the peers are asked: `python -m benchmarks.ours QUESTION FILE`, a process of its own.

From one row a touch in Parquet, which the warehouse reads itself: journeys are cut, then the models that the question
needs run as they are and write their tables into a warehouse in a folder; that is what `journeys run --select` builds.
Touches and their steps are views of the file, and journeys of its cut, so that all that is read of them counts; they
have the columns that these models read. How a night cuts journeys, by silence and orders, is another question.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.attribution import timed
from benchmarks.credit import MODELS, NAMES, answer_of
from benchmarks.cut import BITS, DUCKDB_CUT, DUCKDB_LONGS, END, LONG, MOST, PATH
from benchmarks.peer_scripts import Answer, told
from pipeline.analysis.markov import chain_of, removal_effects
from pipeline.analysis.paths import read_paths
from pipeline.build import make
from pipeline.catalog import read_models
from pipeline.config import Settings
from pipeline.config.row import settings_row
from pipeline.empty import AS_OF
from pipeline.shape import define_functions
from pipeline.warehouse import Warehouse, literal

_PLAIN = ("core.model_channels", "core.path_counts", "core.channel_effects")
STEPS = {
    "plain": _PLAIN,
    "whole": (
        *_PLAIN, "core.credited_touches", "marts.attribution_touches", "marts.attribution", "marts.attribution_effects",
    ),
}  # fmt: skip
#: What a night has before its journeys are cut, read from the file when it is asked for. A touch is a row of the file.
_GIVEN = {
    "core.channel_codes": """select unnest(range(1, len({names}) + 1))::smallint as channel_code,
        unnest({names}) as channel""",
    "core.touches": """select file_row_number as touch_id, journey as customer_id, occurred_at,
        channel::smallint as channel_code, {names}[channel] as channel, '' as source, '' as medium, campaign,
        '' as content from read_parquet({file}, file_row_number = true)""",
    "core.journey_steps": """select journey as journey_id, journey as customer_id, place + 1 as step_index,
        file_row_number as touch_id, occurred_at, channel::smallint as channel_code,
        has_bought as is_creditable from read_parquet({file}, file_row_number = true)""",
}
_ORDERS = """select 'o' || journey as order_id, journey as customer_id, revenue::decimal(18, 4) as revenue,
    true as is_conversion, is_first_order, ended_at as ordered_at, ended_at as counted_until_at
    from read_parquet({file}) where has_bought and place = 0"""


def _listed() -> str:
    """Return SQL for the channels of a journey of few touches, from its number."""
    codes = [f"((number >> {BITS * place}) & 255)::smallint" for place in range(MOST)]
    cases = [
        f"when number & {PATH} < {1 << BITS * count} then [{', '.join(codes[:count])}]" for count in range(1, MOST)
    ]
    return f"case {' '.join(cases)} else [{', '.join(codes)}] end"


_CUT = f"""{DUCKDB_CUT}
create temp table longs as {DUCKDB_LONGS};
"""
#: Nobody is asked to keep journeys: they are a view of the cut, which makes lists of its numbers where they are read.
_JOURNEYS = f"""select journey as journey_id, journey as customer_id, codes as channel_codes,
    len(codes) as count_touches, if(is_won, 'converted', 'lost') as outcome{{columns}}
    from (
        select journey, {_listed()} as codes, number >> {END} = 1 as is_won from cut where number < {1 << LONG}
        union all from longs) {{joined}}"""
_OF_ORDERS = {
    "plain": {"columns": "", "joined": ""},
    "whole": {
        "columns": ", orders.order_id, orders.revenue, orders.is_first_order",
        "joined": "left join core.orders as orders on orders.customer_id = journey",
    },
}
#: Orders by channel, from paths alone.
_RULES = {
    "first": "select model_codes[1] as model_code, count_converted as orders from core.path_counts",
    "last": "select model_codes[-1] as model_code, count_converted as orders from core.path_counts",
    "linear": """select unnest(model_codes) as model_code, count_converted / len(model_codes) as orders
        from core.path_counts where count_converted > 0""",
}


def _plain(warehouse: Warehouse) -> Answer:
    """Return orders by channel of the models that peers are asked for."""
    found: dict[str, list[float]] = {}
    codes = [row[0] for row in warehouse.rows("select model_code from core.model_channels order by channel_code")]
    for model, sql in _RULES.items():
        orders = dict(warehouse.rows(f"select model_code, sum(orders) from ({sql}) group by model_code"))
        found[model] = [float(orders.get(code, 0)) for code in codes]
    effects, total = _effects(warehouse), sum(found["first"])
    removal = {int(effects["order"][0]): effects["removal"]}
    paths = read_paths(
        warehouse.arrow("select model_codes, person_group, count_converted, count_lost from core.path_counts"),
        len(codes),
    ).collapsed()
    # The night keeps one order of the chain; the other is worked out as it would be.
    for order in {1, 2} - set(removal):
        effect = removal_effects(chain_of(paths, order)).removal_effect[0]
        removal[order] = [float(effect[code - 1]) for code in codes]
    markov = {f"markov {order}": [value / sum(removal[order]) * total for value in removal[order]] for order in (1, 2)}
    return found | markov | {"shapley": effects["shapley"]}


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


ANSWERS = {"plain": _plain, "whole": _whole}


def measured(question: str, file: Path, folder: Path) -> dict[str, Any]:
    """Return what the models say, what it took, and the processor seconds of each table."""
    models = read_models()
    parts: dict[str, float] = {}
    texts = {"names": list(NAMES), "file": literal(str(file))}
    with Warehouse.open(folder, threads=2, staged=file.parent) as warehouse:
        define_functions(warehouse)
        warehouse.write("config.settings", settings_row(Settings(), AS_OF))
        for name, sql in _GIVEN.items():
            warehouse.create(name, sql.format(**texts), kind="view" if "{file}" in sql else "table")

        def part(name: str, work: Callable[[], Any]) -> Any:
            given, parts[name], _ = timed(work)
            return given

        def run() -> Answer:
            part("cut", lambda: warehouse.execute(_CUT.format(**texts)))
            if question == "whole":
                part("core.orders", lambda: warehouse.create("core.orders", _ORDERS.format(**texts)))
            warehouse.create("core.journeys", _JOURNEYS.format(**_OF_ORDERS[question]), kind="view")
            for name in STEPS[question]:
                part(name, lambda name=name: make(models[name], warehouse))
            part("written", warehouse.checkpoint)
            answer: Answer = part("answer", lambda: ANSWERS[question](warehouse))
            return answer

        return json.loads(told(run)) | {"parts": parts}


def main() -> None:
    """Print it as JSON."""
    question, file = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(measured(question, Path(file), Path(folder))))


if __name__ == "__main__":
    main()
