"""Probable links: what finds them, what refuses them, and how they are undone."""

from __future__ import annotations

import itertools
import runpy
import socket
import sys
from datetime import date
from pathlib import Path

import networkx
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import pipeline
from pipeline.analysis.linkage import COMPARISONS, RECORD, probable_pairs
from pipeline.analysis.merging import joins_without_conflict
from pipeline.config import Settings
from pipeline.config.tables import config_tables
from pipeline.errors import ConfigError
from pipeline.night import Night
from pipeline.run import run
from tests.projects import write_project

ON = Settings.model_validate({"identity": {"linkage": {"enabled": True}}})


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_links_are_followed_by_weight_and_never_bring_two_of_a_kind_together(data: st.DataObject) -> None:
    """Against an oracle that asks networkx before every link."""
    count = data.draw(st.integers(1, 9))
    node = st.integers(0, count - 1)
    links = data.draw(st.lists(st.tuples(node, node), max_size=16))
    marks = np.array(
        data.draw(st.lists(st.lists(st.booleans(), min_size=count, max_size=count), min_size=2, max_size=2))
    )
    left, right = np.array([a for a, _ in links], np.int64), np.array([b for _, b in links], np.int64)
    followed = joins_without_conflict(left, right, marks)

    graph = networkx.empty_graph(count)
    for (one, other), is_followed in zip(links, followed, strict=True):
        together = networkx.node_connected_component(graph, one) | networkx.node_connected_component(graph, other)
        is_new = other not in networkx.node_connected_component(graph, one)
        may = not (is_new and (marks[:, sorted(together)].sum(axis=1) > 1).any())
        assert bool(is_followed) == may
        if may:
            graph.add_edge(one, other)
    assert all((marks[:, sorted(group)].sum(axis=1) <= 1).all() for group in networkx.connected_components(graph))


@pytest.mark.parametrize(
    ("installed", "says"),
    [
        (None, "need the package splink, which is not installed"),
        ("4.0.16", "need splink 5; another version is installed. Received '4.0.16'"),
    ],
)
def test_a_missing_package_is_named_before_anything_runs(monkeypatch, installed: str | None, says: str) -> None:
    """Together with whatever else is wrong."""
    monkeypatch.setattr("pipeline.config.extras.splink_version", lambda: installed)
    wrong = {"identity": {"linkage": {"enabled": True}}, "stage_rules": [{"interaction": "clik", "stage": "purchase"}]}
    with pytest.raises(ConfigError) as caught:
        config_tables(Settings.model_validate(wrong), Path())
    said = [str(problem) for problem in caught.value.problems]
    assert len(said) == 2
    assert any(says in text and "pip install '.[linkage]'" in text for text in said)
    assert config_tables(Settings(), Path())["linkage"].num_rows == 0


def test_nothing_imports_the_package_unless_there_is_somebody_to_compare(monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "splink", None)
    fresh = runpy.run_path(str(Path(pipeline.__file__).parent / "analysis" / "linkage.py"), run_name="linkage")
    assert fresh["probable_pairs"](RECORD.empty_table(), 0.99).num_rows == 0
    with pytest.raises(ImportError):
        fresh["probable_pairs"](pa.Table.from_pylist(crowd(2), schema=RECORD), 0.99)


def test_what_is_supposed_of_agreement_are_shares_that_speak_for_one_person() -> None:
    for comparison in COMPARISONS:
        levels = [level for level in comparison.settings(True)["comparison_levels"] if not level.get("is_null_level")]
        for share in ("m_probability", "u_probability"):
            assert sum(level[share] for level in levels) == pytest.approx(1)
        ratios = [level["m_probability"] / level["u_probability"] for level in levels]
        assert ratios[-1] < 1 < min(ratios[:-1])


def person(number: int, **parts: object) -> dict[str, object]:
    return {"record_id": number, "known_as": number, **parts}


ANN = {"first_name": "ann", "last_name": "brightwater", "birth_date": "1980-02-03"}
HOME = {"street": "12 mill lane", "city": "salem", "postcode": "01970", "phone": "+16175550100"}


NAMESAKES = [
    ("ann", "brightwater", "mill", "1980"),
    ("wilhelmina", "okafor", "harbor", "1951"),
    ("zoe", "lindqvist", "quarry", "1962"),
    ("temperance", "yarrow", "juniper", "1973"),
    ("umeko", "sandoval", "vine", "1994"),
    ("beatrix", "pemberton", "crescent", "1946"),
]


def crowd(count: int) -> list[dict[str, object]]:
    """Strangers, each with a name, a birth date and an address that few share."""
    first = [
        "ada",
        "abel",
        "cleo",
        "dov",
        "edda",
        "enzo",
        "faye",
        "gideon",
        "hugo",
        "ines",
        "jasper",
        "kaia",
        "luca",
        "magda",
        "nell",
        "otto",
        "petra",
        "quentin",
    ]
    last = [
        "abernethy",
        "bexley",
        "calloway",
        "danforth",
        "ellsworth",
        "fenwick",
        "garrick",
        "hollis",
        "ingersoll",
        "jessop",
        "kestrel",
    ]
    return [
        person(
            1000 + i,
            first_name=first[i % len(first)],
            last_name=last[i // len(first) % len(last)],
            birth_date=date(1950 + i * 7 % 50, 1 + i * 5 % 12, 1 + i * 3 % 28).isoformat(),
            street=f"{i * 37 % 211 + 1} {last[i % 11]} street",
            city=first[i % 7],
            postcode=f"{10000 + i * 13 % 97}",
        )
        for i in range(count)
    ]


def linked(*records: dict[str, object]) -> dict[tuple[int, int], str]:
    found = probable_pairs(pa.Table.from_pylist(list(records), schema=RECORD), 0.99)
    return {(row["record_id"], row["other_record_id"]): row["evidence"] for row in found.to_pylist()}


def replaced(text: str, changes: dict[str, str]) -> str:
    for old, new in changes.items():
        text = text.replace(old, new)
    return text


class TestPairs:
    """What Splink is asked, and what comes of it."""

    @pytest.fixture(autouse=True)
    def _offline(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pytest.importorskip("splink")

        def refuse(*_: object) -> None:
            raise AssertionError("no connection is opened to anything")

        monkeypatch.setattr(socket.socket, "connect", refuse)

    @pytest.mark.parametrize("strangers", [crowd(20), crowd(400)], ids=["too few to learn from", "learned"])
    def test_likeness_links_and_says_so_and_relatives_and_namesakes_stay_apart(self, strangers) -> None:
        pairs = {
            "herself": {**ANN, **HOME, "last_name": "brightwatr", "phone": None},
            "her husband": {**ANN, **HOME, "first_name": "george", "birth_date": None},
            "her husband, of known age": {**ANN, **HOME, "first_name": "george", "birth_date": "1982-07-21"},
            "a daughter of her name": {**ANN, **HOME, "birth_date": "2004-11-30"},
            "a namesake in her town": {**ANN, "birth_date": None, "city": "salem", "postcode": "01970"},
            "somebody at her address": HOME,
        }
        records = []
        for place, other in enumerate(pairs.values()):
            # Each pair is a family of its own: other names, another year, house and phone.
            own = dict(zip(("ann", "brightwater", "mill", "1980"), NAMESAKES[place], strict=True)) | {
                "0100": f"{place * 7919}"
            }
            for number, parts in ((2 * place, {**ANN, **HOME}), (2 * place + 1, other)):
                changed = {name: value and replaced(value, own) for name, value in parts.items()}
                records.append(person(number, **changed))
        assert linked(*records, *strangers) == {
            (
                0,
                1,
            ): "same first name, family names nearly the same, same birth date, same street and number, same postcode"
        }

    def test_a_frequent_name_needs_more_than_a_rare_one(self) -> None:
        parts = {"birth_date": None, "postcode": "01970", "street": "12 mill lane"}
        many = [person(100 + i, first_name="ann", last_name="brightwater", postcode=f"{i}") for i in range(150)]
        pair = [person(1, **ANN | parts), person(2, **ANN | parts)]

        def weight(*records: dict[str, object]) -> float:
            found = probable_pairs(pa.Table.from_pylist([*pair, *records], schema=RECORD), 0.5, ())
            return {(r["record_id"], r["other_record_id"]): r["match_weight"] for r in found.to_pylist()}[1, 2]

        assert weight(*crowd(550)) > weight(*many, *crowd(400)) + 5

    def test_who_is_known_already_is_no_link_and_teaches(self) -> None:
        """Where one person's records often differ in the street, a street that differs speaks less against a pair."""
        strangers = crowd(400)
        movers = [
            record | {"record_id": 5000 + 2 * i + home, "known_as": 5000 + i, "street": f"{i}{home} {'oak' * home} way"}
            for i, record in enumerate(strangers[300:])
            for home in (0, 1)
        ]
        pair = [person(1, **ANN | {"street": "1 elm road"}), person(2, **ANN | {"street": "99 long avenue"})]

        def found(known: list[dict[str, object]]) -> dict[tuple[int, int], float]:
            table = probable_pairs(pa.Table.from_pylist([*pair, *known, *strangers[:300]], schema=RECORD), 0.5, ())
            return {(r["record_id"], r["other_record_id"]): r["match_weight"] for r in table.to_pylist()}

        taught = found(movers)
        assert (5000, 5001) not in taught
        assert taught[1, 2] > found([])[1, 2]

    @pytest.mark.parametrize("count", [30, 350])
    def test_the_same_records_in_any_order_give_the_same_bytes(self, count: int) -> None:
        records = [
            *crowd(count),
            *(record | {"record_id": i, "known_as": i, "phone": "+1"} for i, record in enumerate(crowd(count)[::3])),
        ]
        first = probable_pairs(pa.Table.from_pylist(records, schema=RECORD), 0.9)
        assert first.num_rows >= count // 4
        assert first.equals(probable_pairs(pa.Table.from_pylist(records[::-1], schema=RECORD), 0.9))

    def test_records_that_say_nothing_or_almost_nothing_are_like_nobody(self) -> None:
        assert linked(*(person(i, first_name="ann") for i in range(5))) == {}
        assert linked(person(1, **ANN, **HOME), person(2, last_name="'; drop table records; --")) == {}


CRM = "id,first,last,born,street,town,zip,user\n"
BOTH = """
reporting: {zone: UTC, currency: USD}
identity: {linkage: {enabled: true}}
generic:
  - &list
    name: crm
    files: ["crm*"]
    zone: UTC
    key: [id]
    shapes:
      people:
        person_key: id
        first_name: first
        last_name: last
        birth_date: born
        street: street
        city: town
        postcode: zip
        user_ids: {sql: "[\\"user\\"]"}
  - {<<: *list, name: till, files: ["till*"]}
"""


def test_a_night_follows_probable_links_and_identity_csv_undoes_them(tmp_path: Path) -> None:
    pytest.importorskip("splink")

    files = {
        "crm.csv": f"{CRM}1,Ann,Brightwater,1980-02-03,12 Mill Lane,Salem,01970,U1\n2,Otto,Quill,1975-05-06,3 Elm Rd,Lowell,01850,U2\n",
        "till.csv": f"{CRM}7,Anne,Brightwater,1980-02-03,12 Mill Lane,Salem,01970,\n8,Otto,Quill,1975-05-06,3 Elm Rd,Lowell,01850,U3\n",
    }

    def customers() -> tuple[dict[str, int], list[tuple[object, ...]]]:
        with Night.open(write_project(tmp_path, files, BOTH)) as night:
            assert run(night).is_published
            keys = dict(
                night.warehouse.rows("select written, customer_id from identity.keys where kind = 'person_key'")
            )
            return keys, night.warehouse.rows(
                "select value, other_value, rule from identity.refused_links where other_kind = 'person_key'"
            )

    keys, refused = customers()
    assert keys["generic 1"] == keys["generic 7"]
    assert len(set(keys.values())) == 3
    assert [{one, other, rule} for one, other, rule in refused] == [
        {"generic 2", "generic 8", "conflict_of_strong_ids"}
    ]
    files["overrides/identity.csv"] = (
        "action,kind,value,other_kind,other_value,note\nsplit,person_key,generic 1,person_key,generic 7,mother and daughter\n"
    )
    keys, refused = customers()
    assert len(set(keys.values())) == 4
    assert "split_by_hand, line 2" in {rule for _, _, rule in refused}
    assert all(len({one, other}) == 2 for one, other in itertools.combinations(keys.values(), 2))
