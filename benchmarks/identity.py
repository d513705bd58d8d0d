"""Identity of five million identifiers and ten million links beside one grouping and sort of these rows, as JSON."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from pipeline.build import _make
from pipeline.catalog import in_order, read_models
from pipeline.config import Settings
from pipeline.empty import write_inputs
from pipeline.warehouse import Warehouse

#: The layer from the links on, without what reads more than links and identifiers.
LAYER = (
    "identity.nodes",
    "identity.shared_identifiers",
    "identity.accepted_links",
    "identity.cut_links",
    "identity.groups",
    "identity.conflict_links",
    "identity.bridges",
    "identity.unfollowed_links",
    "identity.components",
    "identity.identifiers",
)

#: People with an account, an address, a phone number and two browsers, whose rows link the account to all others and
#: the address to the browsers; one in a thousand logs in on a device of another, one in five hundred shares a mailbox.
_WRITTEN = """
    select kind, kind || ' ' || person || suffix as written, kind || ' ' || person || suffix as value,
        null::varchar as rule, timestamp '2026-01-01' + to_seconds(person % 7776000) as first_seen_at
    from range({people}) as people(person),
        (values ('user_id', ''), ('email', ''), ('phone', ''), ('client_id', ' a'), ('client_id', ' b'))
            as kinds(kind, suffix)"""
_LINKS = """
    with carried as (
        select unnest([
            {{'a': 'user_id', 'b': 'email', 'other': person, 's': '', 't': '', 'n': 3}},
            {{'a': 'user_id', 'b': 'phone', 'other': person, 's': '', 't': '', 'n': 1}},
            {{'a': 'user_id', 'b': 'client_id', 'other': person, 's': '', 't': ' a', 'n': 9}},
            {{'a': 'user_id', 'b': 'client_id', 'other': person, 's': '', 't': ' b', 'n': 2}},
            {{'a': 'email', 'b': 'phone', 'other': person, 's': '', 't': '', 'n': 1}},
            {{'a': 'email', 'b': 'client_id', 'other': person, 's': '', 't': ' a', 'n': 4}},
            {{'a': 'email', 'b': 'client_id', 'other': person, 's': '', 't': ' b', 'n': 1}},
            {{'a': 'phone', 'b': 'client_id', 'other': person, 's': '', 't': ' a', 'n': 1}},
            {{'a': 'phone', 'b': 'client_id', 'other': person, 's': '', 't': ' b', 'n': 1}},
            case
                when person % 1000 = 0
                    then {{'a': 'user_id', 'b': 'client_id', 'other': person + 1, 's': '', 't': ' a', 'n': 1}}
                when person % 500 = 0
                    then {{'a': 'user_id', 'b': 'email', 'other': person + 1, 's': '', 't': '', 'n': 1}}
                else {{'a': 'user_id', 'b': 'order', 'other': person, 's': '', 't': '', 'n': 1}}
            end
        ]) as link, person
        from range({people}) as people(person)
    )
    select link.a as kind, link.a || ' ' || person || link.s as value, link.b as other_kind,
        link.b || ' ' || link.other || link.t as other_value, 'site' as source_systems,
        'carried by one row of events' as evidence,
        timestamp '2026-01-01' + to_seconds(person % 7776000) as first_seen_at,
        timestamp '2026-03-31' as last_seen_at, link.n::bigint as count_rows
    from carried order by hash(link.a, person, link.b, link.t)"""


def main(people: int, memory_limit: str | None) -> None:
    """Make the links, time the layer on them, and time one grouping and sorting of the same rows.

    Seconds are those of the processor, so that other work on the machine does not count.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        Warehouse.open(Path(folder), threads=2, memory_limit=memory_limit) as warehouse,
    ):
        write_inputs(warehouse, Settings(), {})
        models = read_models()
        steps = {}
        for model in in_order(models):
            if model.name == "identity.links":
                warehouse.create(model.name, _LINKS.format(people=people))
            elif model.name == "identity.written_identifiers":
                warehouse.create(model.name, _WRITTEN.format(people=people))
            elif model.name in LAYER:
                steps[model.name] = _seconds(lambda model=model: _make(model, warehouse))
            elif model.name in ("identity.seen_together", "identity.overrides", "identity.phone_numbers"):
                _make(model, warehouse)
        unit = _seconds(lambda: warehouse.create("private.sorted", _SORTED))
        tables = ("nodes", "links", "conflict_links")
        counts = {name: warehouse.value(f"select count(*) from identity.{name}") for name in tables}
    print(json.dumps({"steps": steps, "unit": unit, **counts}))


#: The unit: each pair of identifiers once, in order.
_SORTED = """
    select kind, value, other_kind, other_value, min(first_seen_at) as first_seen_at, sum(count_rows) as count_rows
    from identity.links group by all order by kind, value, other_kind, other_value"""


def _seconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
