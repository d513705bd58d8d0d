"""Where a project's settings come from, and how they reach the models: as rows of config tables."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.config import Project, Settings
from pipeline.config.load import load_settings, load_yaml, settings_path
from pipeline.config.raw import list_raw
from pipeline.config.row import settings_row, settings_values
from pipeline.config.schemas import MEANINGS, SCHEMAS
from pipeline.config.tables import config_tables, default_rows
from pipeline.ingest.spec import read_specs
from tests.projects import HEADER, KIOSK, validated

SAMPLE = "data/raw/sample/journeys.yaml"


def laid_out(root: Path, *names: str) -> Path:
    """Write files that hold their own name as the business's."""
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"business: {{name: '{name}'}}\n")
    return root


@pytest.mark.parametrize(
    ("names", "chosen"),
    [
        ((), None),
        (("journeys.yaml",), "journeys.yaml"),
        (("data/raw/sample/a.csv",), None),
        ((SAMPLE,), SAMPLE),
        ((SAMPLE, "data/raw/sample/a.csv"), SAMPLE),
        ((SAMPLE, "journeys.yaml"), "journeys.yaml"),
        ((SAMPLE, "data/raw/mine.csv"), None),
        ((SAMPLE, "data/raw/crm/mine.csv"), None),
        ((SAMPLE, "data/raw/mine.csv", "journeys.yaml"), "journeys.yaml"),
        ((SAMPLE, "data/raw/README.md", "data/raw/.gitkeep", "data/raw/.part/a.csv"), SAMPLE),
        ((SAMPLE, "data/raw/overrides/rates.csv"), SAMPLE),
        (("data/raw/journeys.yaml",), None),
    ],
)
def test_settings_come_from_the_project_or_from_the_sample_while_there_is_nothing_else(names, chosen, tmp_path) -> None:
    laid_out(tmp_path, *names)
    assert settings_path(tmp_path) == (tmp_path / chosen if chosen else None)
    assert Project.open(tmp_path).settings.business.name == (chosen or Settings().business.name)


def test_settings_are_never_taken_for_data(tmp_path) -> None:
    laid_out(tmp_path, SAMPLE, "data/raw/sample/ga4/a.csv", "data/raw/overrides/rates.csv")
    assert list_raw(tmp_path / "data" / "raw") == ([], [tmp_path / "data/raw/sample/ga4/a.csv"])


def test_the_sample_that_is_shipped_brings_settings_that_load() -> None:
    root = Path(__file__).parent.parent.parent
    assert load_settings(root / SAMPLE).business.name == "Fernhollow Tea"


@pytest.mark.parametrize("text", ["", "# nothing but a comment\n", "---\n", "{}", "\ufeff{}\n"])
def test_a_file_that_says_nothing_leaves_every_default(text, tmp_path) -> None:
    path = tmp_path / "journeys.yaml"
    path.write_text(text, encoding="utf-8")
    assert load_settings(path) == Settings()
    assert load_settings(tmp_path / "nowhere.yaml") == Settings()


def test_yes_and_no_stay_the_words_they_are() -> None:
    words = load_yaml("[yes, no, Yes, NO, on, off, y, n, true, False]")
    assert words == ["yes", "no", "Yes", "NO", "on", "off", "y", "n", True, False]


def test_columns_named_like_answers_can_be_mapped(tmp_path) -> None:
    settings = (
        "generic:\n  - {name: mine, files: [a.csv], zone: UTC, currency: NOK, key: [No],"
        " shapes: {orders: {order_ref: No, ordered_at: On, gross: Yes}}}\n"
        "reporting: {currency: NOK}\n"
    )
    files = {"a.csv": "No,On,Yes\n7,2026-09-01 10:00,12.50\n"}
    with validated(tmp_path, files, settings) as night:
        assert night.warehouse.rows("select order_ref, ordered_at, gross, currency from validated.orders") == [
            ("7", datetime(2026, 9, 1, 10), Decimal("12.5"), "NOK")
        ]


def test_times_with_and_without_a_zone_say_when_the_data_is_looked_at(tmp_path) -> None:
    for text, expected in [
        ("2026-09-30", datetime(2026, 9, 30)),
        ("2026-09-30T12:00:00+02:00", datetime(2026, 9, 30, 10)),
    ]:
        with validated(tmp_path / text[10:13], {}, f"reporting: {{as_of: '{text}'}}\n") as night:
            assert night.warehouse.value("select as_of from config.settings") == expected


OWN = """
business:
  name: Kiosk & Sons
  own_hosts: [Shop.Example.com]
  own_email_domains: [Kiosk.example]
  country: DE
reporting: {zone: Europe/Berlin, currency: EUR, guard_n: 12}
money: {rates_file: rates.csv, revenue_includes_tax: true, order_priority: [hubspot, square]}
sessions: {timeout_minutes: 45}
journeys: {lookback_days: 60, first_order_lookback_days: 20, idle_days: 75, max_steps_drawn: 4}
attribution: {half_life_days: 3.5, position_first: 0.3, position_last: 0.5, preset: amplitude, default_model: linear,
  custom_weights: [5, 2, 3], exclude_direct: true, paid_channels: [Display], markov_order: 2, most_channels: 9}
identity:
  blocked: [{kind: phone, value: "+4930123456", meaning: The switchboard}]
  limits: [{kind: phone, joins_kind: email, most: 9}]
channel_rules:
  - {channel: Affiliates, source_regex: "partner-.*"}
  - {channel: Podcast, medium_regex: audio, campaign_regex: "show.*"}
stage_rules: [{stage: decision, page_regex: "/prices"}]
interactions:
  page_view: {stage: none, touch: none}
  call: {lookback_days: 3}
event_names:
  ga4: {page_view: search, brand_new: call}
  square: {visit: store_visit}
privacy: {show_identifiers: true}
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    """Every config table of a night whose settings say a lot, as rows."""
    root = tmp_path_factory.mktemp("project")
    (root / "rates.csv").write_text("day,currency,rate\n2026-09-01,usd,0.85\n2026-09-02,USD,0.86\n")
    settings = OWN + KIOSK[KIOSK.index("generic:") :]
    files = {"kiosk.csv": f"{HEADER}\n1,2026-09-05 10:00,ann@example.com,10.00,USD\n"}
    with validated(root, files, settings) as night:
        yield {name: night.warehouse.records(f"select * from config.{name}") for name in SCHEMAS}


def shipped(name: str) -> list[dict]:
    return [dict(row) for row in default_rows(name)]


def test_what_is_set_once_stands_in_one_row(config) -> None:
    [row] = config["settings"]
    expected = {
        "as_of": datetime(2026, 9, 5, 14),
        "reporting_zone": "Europe/Berlin",
        "reporting_currency": "EUR",
        "minor_digits": 2,
        "guard_n": 12,
        "session_timeout_minutes": 45,
        "lookback_days": 60,
        "first_order_lookback_days": 20,
        "idle_days": 75,
        "first_order_idle_days": 75,
        "half_life_days": 3.5,
        "position_first": 0.3,
        "position_last": 0.5,
        "j_last_of_two": 0.7,
        "default_model": "linear",
        "custom_first": 5.0,
        "custom_middle": 2.0,
        "custom_last": 3.0,
        "exclude_direct": True,
        "paid_channels": ["Display"],
        "markov_order": 2,
        "most_channels": 9,
        "revenue_includes_tax": True,
        "revenue_includes_shipping": False,
        "max_steps_drawn": 4,
        "business_name": "Kiosk & Sons",
        "show_identifiers": True,
    }
    assert {name: row[name] for name in expected} == expected


@pytest.mark.parametrize(
    ("attribution", "expected"),
    [
        ({}, (0.75, 7)),
        ({"preset": "amplitude"}, (0.7, 7)),
        ({"preset": "posthog"}, (0.75, 22.5)),
        ({"preset": "posthog", "half_life_days": 3, "j_last_of_two": 0.6}, (0.6, 3)),
    ],
)
def test_a_vendors_numbers_stand_where_none_is_set(attribution, expected) -> None:
    [row] = settings_row(Settings.model_validate({"attribution": attribution}), datetime(2026, 9, 1)).to_pylist()
    assert (row["j_last_of_two"], row["half_life_days"]) == expected


@pytest.mark.parametrize(
    ("journeys", "expected"),
    [
        ({}, (90, 30)),
        ({"lookback_days": 60, "first_order_lookback_days": 45}, (60, 45)),
        ({"idle_days": 120}, (120, 120)),
    ],
)
def test_silence_loses_a_journey_after_the_look_back_that_applies_unless_it_is_set(journeys, expected) -> None:
    [row] = settings_row(Settings.model_validate({"journeys": journeys}), datetime(2026, 9, 1)).to_pylist()
    assert (row["idle_days"], row["first_order_idle_days"]) == expected


def test_own_channel_rules_come_before_the_shipped_ones_in_the_order_written(config) -> None:
    rules = sorted(config["channel_rules"], key=lambda row: row["rule_order"])
    own = [(r["channel"], r["source_regex"], r["medium_regex"], r["campaign_regex"], r["origin"]) for r in rules[:2]]
    assert own == [
        ("Affiliates", "partner-.*", None, None, "own"),
        ("Podcast", None, "audio", "show.*", "own"),
    ]
    assert [rule["channel"] for rule in rules[2:]] == [
        row["channel"] for row in sorted(shipped("channel_rules"), key=lambda row: int(row["rule_order"]))
    ]
    assert rules[1]["rule_order"] < rules[2]["rule_order"]


def test_however_many_rules_are_written_they_all_come_before_the_shipped_ones(tmp_path) -> None:
    rules = [{"channel": f"Channel {index}", "source_regex": f"source{index}"} for index in range(300)]
    rows = config_tables(Settings.model_validate({"channel_rules": rules}), tmp_path)["channel_rules"].to_pylist()
    orders = {
        origin: [r["rule_order"] for r in rows if (r["origin"] == "own") == (origin == "own")]
        for origin in ("own", "shipped")
    }
    assert len(orders["own"]) == 300
    assert max(orders["own"]) < min(orders["shipped"])


def test_own_stage_rules_come_before_the_shipped_ones(config) -> None:
    rules = sorted(config["stage_rules"], key=lambda row: row["rule_order"])
    assert (rules[0]["stage"], rules[0]["page_regex"], rules[0]["source_system"]) == ("decision", "/prices", None)
    assert len(rules) == 1 + len(shipped("stage_rules"))


def test_only_what_is_said_of_an_interaction_changes(config) -> None:
    rows = {row["interaction"]: row for row in config["interactions"]}
    before = {row["interaction"]: row for row in shipped("interactions")}
    assert (rows["page_view"]["stage"], rows["page_view"]["touch"]) == (None, "none")
    assert rows["page_view"]["meaning"] == before["page_view"]["meaning"]
    assert rows["call"]["lookback_days"] == 3
    assert rows["call"]["stage"] == before["call"]["stage"]
    assert rows.keys() == before.keys()
    changed = {name for name in rows if rows[name]["stage"] != before[name]["stage"]}
    assert changed == {"page_view"}


def test_event_names_are_the_connectors_with_the_users_on_top(config) -> None:
    names = {(row["source_system"], row["event_name"]): row["interaction"] for row in config["event_names"]}
    expected = {(s, name): kind for s, spec in read_specs().items() for name, kind in spec.event_names.items()}
    own = {("ga4", "page_view"): "search", ("ga4", "brand_new"): "call", ("square", "visit"): "store_visit"}
    assert names == expected | own


def test_addresses_and_hosts_of_the_business_are_compared_in_lower_case(config) -> None:
    assert config["own_hosts"] == [{"host": "shop.example.com"}]
    rules = {(row["kind"], row["match"], row["value"]): row["rule"] for row in config["identifier_rules"]}
    assert rules["email", "domain", "kiosk.example"] == "own_address"
    assert rules["phone", "value", "+4930123456"] == "blocked_in_settings"
    assert len(rules) == len(shipped("identifier_rules")) + 2


def test_an_own_limit_takes_the_place_of_the_shipped_one(config) -> None:
    limits = {(row["kind"], row["joins_kind"]): row["most"] for row in config["identifier_limits"]}
    before = {(row["kind"], row["joins_kind"]): int(row["most"]) for row in shipped("identifier_limits")}
    assert ("phone", "email") in before
    assert limits == before | {("phone", "email"): 9}


def test_rates_make_currencies_convertible(config) -> None:
    assert config["rates"] == [
        {"currency": "USD", "day": date(2026, 9, 1), "rate": Decimal("0.85")},
        {"currency": "USD", "day": date(2026, 9, 2), "rate": Decimal("0.86")},
    ]
    convertible = {row["currency"] for row in config["currencies"] if row["is_convertible"]}
    assert convertible == {"EUR", "USD"}
    assert {row["currency"]: row["minor_digits"] for row in config["currencies"]}["JPY"] == 0


def test_the_order_of_systems_is_the_one_written(config) -> None:
    assert sorted((row["priority"], row["source_system"]) for row in config["order_priority"]) == [
        (1, "hubspot"),
        (2, "square"),
    ]


def test_telephone_numbers_are_read_as_at_home(config) -> None:
    home = [row for row in config["phone_regions"] if row["is_home"]]
    assert [(row["country"], row["calling_code"], row["trunk_prefix"]) for row in home] == [("DE", "49", "0")]


def test_every_config_table_has_its_columns_and_says_what_it_means(tmp_path) -> None:
    with validated(tmp_path, {}, "{}\n") as night:
        columns = night.warehouse.rows(
            "select table_name, list(column_name order by column_index) from duckdb_columns() "
            "where schema_name = 'config' and database_name = 'pub' group by 1"
        )
        comments = night.warehouse.rows(
            "select table_name, comment from duckdb_tables() where schema_name = 'config' and database_name = 'pub'"
        )
    assert dict(columns) == {name: schema.names for name, schema in SCHEMAS.items()}
    assert dict(comments) == MEANINGS


def test_a_preset_of_visits_has_its_own_rules() -> None:
    assert Settings(sessions={"preset": "matomo"}).sessions.most_actions == 10_000
    own = Settings(sessions={"preset": "custom", "max_actions": 50, "new_on_website": True}).sessions
    assert (own.splits_at_midnight, own.splits_on_campaign, own.most_actions) == (False, False, 50)
    with pytest.raises(ValueError, match="max_actions can only be set with preset: custom; ga4 has its own"):
        Settings(sessions={"max_actions": 50})


def test_every_column_of_the_settings_is_given_by_one_section() -> None:
    """A column that no section gives would be null without a word."""
    of_the_night = {"as_of", "identity_overrides", "provisional_from"}
    assert {*settings_values(Settings()), *of_the_night} == set(SCHEMAS["settings"].names)
