"""A mistake in journeys.yaml is answered with its place, what was received, what is allowed and the nearest right name."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest
from dagster._utils.schedules import is_valid_cron_schedule

from pipeline.config import Settings
from pipeline.config.load import load_settings
from pipeline.config.tables import config_tables
from pipeline.errors import ConfigError
from pipeline.ingest.spec import read_specs
from tests.projects import HEADER, KIOSK, validated

SYSTEMS = {system: spec.event_names for system, spec in read_specs().items()}


def answer(tmp_path: Path, text: str) -> list[str]:
    """Return what is said about a journeys.yaml, one entry for each mistake."""
    path = tmp_path / "journeys.yaml"
    path.write_text(dedent(text), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param(
            "business:\n  name: Shop\n  contry: US",
            "journeys.yaml:3:3: business.contry is not a setting. Received 'contry'. "
            "Allowed: country, name, own_email_domains, own_hosts. Did you mean 'country'?",
            id="setting",
        ),
        pytest.param(
            "sources:\n  hubspot: {zon: UTC}",
            "journeys.yaml:2:13: sources.hubspot.zon is not a setting. Received 'zon'. "
            "Allowed: currency, decimal_mark, minor_units, provisional_days, zone. Did you mean 'zone'?",
            id="setting of a source",
        ),
        pytest.param(
            "files:\n  - {path: a.csv, system: ga4, exprt: events}",
            "journeys.yaml:2:32: files.0.exprt is not a setting. Received 'exprt'. "
            "Allowed: currency, decimal_mark, encoding, export, exported_on, minor_units, path, system, zone. Did you mean 'export'?",
            id="setting in a list",
        ),
        pytest.param(
            "generic:\n  - name: a\n    files: [a]\n    shapes:\n      orders: {gross: {vale: 3}}",
            "journeys.yaml:5:24: generic.0.shapes.orders.gross.vale is not a setting. Received 'vale'. "
            "Allowed: sql, value. Did you mean 'value'?",
            id="setting in a mapping",
        ),
        pytest.param(
            "experiments:\n  letter: {split: {held out: 1, letter: 9}, control: heldout}",
            "journeys.yaml:2:3: experiments.letter: control is 'heldout', which is no arm of split (held out, letter).",
            id="control of an experiment",
        ),
        pytest.param(
            "attribution: {default_model: lst}",
            "journeys.yaml:1:15: attribution.default_model is none of the words that may stand there. Received 'lst'. "
            "Allowed: first, last, last_non_direct, last_paid, linear, position, j_shaped, inverse_j, time_decay, "
            "custom, shapley_simple, markov_order and 1 more. "
            "Did you mean 'last'?",
            id="word",
        ),
        pytest.param(
            "stage_rules:\n- stage: awarenes\n  interaction: call",
            "journeys.yaml:2:3: stage_rules.0.stage is none of the words that may stand there. Received 'awarenes'. "
            "Allowed: awareness, consideration, decision, purchase, retention. Did you mean 'awareness'?",
            id="word in a list",
        ),
        pytest.param(
            "reporting:\n  zone: Amercia/New_York",
            "journeys.yaml:2:3: reporting.zone: it is not a time zone of the IANA list; "
            "the nearest is America/New_York. Received 'Amercia/New_York'.",
            id="zone",
        ),
        pytest.param(
            "schedule: {zone: Mars}",
            "journeys.yaml:1:12: schedule.zone: it is not a time zone of the IANA list; "
            "such are Europe/Berlin and America/New_York. Received 'Mars'.",
            id="zone like no other",
        ),
        pytest.param(
            "journeys:\n  lookback_days: 90\n  idle_days: 60",
            "journeys.yaml:1:1: journeys: idle_days is 60, shorter than the look-back of 90 days: a journey already "
            "counted as lost could still be credited with an order, and published numbers would change. "
            "Set idle_days to at least 90, or shorten the look-back.",
            id="idle days",
        ),
        pytest.param(
            "journeys: {first_order_lookback_days: 120, idle_days: 100}",
            "journeys.yaml:1:1: journeys: idle_days is 100, shorter than the look-back of 120 days: a journey already "
            "counted as lost could still be credited with an order, and published numbers would change. "
            "Set idle_days to at least 120, or shorten the look-back.",
            id="idle days of a first order",
        ),
        pytest.param(
            "attribution: {position_first: 0.7, position_last: 0.6}",
            "journeys.yaml:1:1: attribution: position_first and position_last add up to more than 1.",
            id="shares",
        ),
        pytest.param(
            "attribution: {custom_weights: [0.5, -0.1, 0.6]}",
            "journeys.yaml:1:1: attribution: custom_weights are [0.5, -0.1, 0.6]: none may be below 0, and one must be "
            "above; write for example [0.5, 0.2, 0.3].",
            id="weights below zero",
        ),
        pytest.param(
            "attribution: {default_model: custom}",
            "journeys.yaml:1:1: attribution: default_model is custom, but custom_weights are not set; "
            "write for example [0.5, 0.2, 0.3].",
            id="custom model without weights",
        ),
        pytest.param(
            "channel_rules:\n  - {channel: Affiliates}",
            "journeys.yaml:2:5: channel_rules.0: the rule has no condition, so it would take every touch.",
            id="rule that takes everything",
        ),
        pytest.param(
            "reporting:\n  guard_n: many",
            "journeys.yaml:2:3: reporting.guard_n: input should be a valid integer, "
            "unable to parse string as an integer. Received 'many'.",
            id="number",
        ),
        pytest.param(
            "run: {threads: 0}",
            "journeys.yaml:1:7: run.threads: input should be greater than or equal to 1. Received 0.",
            id="number too small",
        ),
        pytest.param(
            "reporting: {currency: usd}",
            "journeys.yaml:1:13: reporting.currency: string should match pattern '^[A-Z]{3}$'. Received 'usd'.",
            id="pattern",
        ),
        pytest.param(
            "notify: {webhook: hooks.example.com}",
            "journeys.yaml:1:10: notify.webhook: string should match pattern '^https?://'. "
            "Received 'hooks.example.com'.",
            id="webhook",
        ),
        pytest.param(
            "files: [{path: a.csv, system: ga4, encoding: utf9}]",
            "journeys.yaml:1:36: files.0.encoding: it is not a text encoding; such are utf-8, utf-16 and "
            "windows-1252. Received 'utf9'.",
            id="encoding",
        ),
        pytest.param(
            "business: {own_hosts: shop.example.com}",
            "journeys.yaml:1:12: business.own_hosts: it must be a list, such as [a, b]. Received 'shop.example.com'.",
            id="list",
        ),
        pytest.param(
            "reporting: UTC",
            "journeys.yaml:1:1: reporting: it must hold settings of its own, as in name: value. Received 'UTC'.",
            id="section that is a word",
        ),
        pytest.param(
            "files:\n  - path: a.csv",
            "journeys.yaml:2:5: files.0.system: it must be given.",
            id="missing",
        ),
        pytest.param(
            "generic:\n  - name: a\n    files: [a]\n    shapes: {orders: {order_ref: 1}}",
            "journeys.yaml:4:23: generic.0.shapes.orders.order_ref: it must be text. Received 1.",
            id="mapping to a number",
        ),
        pytest.param(
            "generic:\n  - name: a\n    files: [a]\n    shapes: {orders: {gross: {sql: a, value: b}}}",
            "journeys.yaml:4:23: generic.0.shapes.orders.gross: give either sql or value.",
            id="mapping to two things",
        ),
        pytest.param(
            "generic:\n- {name: My Export, files: [a], shapes: {orders: {order_ref: No}}}",
            "journeys.yaml:2:4: generic.0.name: string should match pattern '^[a-z][a-z0-9_]*$'. Received 'My Export'.",
            id="name of a mapping",
        ),
        pytest.param(
            "generic:\n- {name: a, files: [], shapes: {orders: {order_ref: No}}}",
            "journeys.yaml:2:13: generic.0.files: it must not be empty.",
            id="mapping without files",
        ),
        pytest.param(
            "generic:\n- &a {name: a, files: [a], shapes: {orders: {order_ref: No}}}\n- *a",
            "journeys.yaml:1:1: the file: generic exports need different names; given twice: a.",
            id="mapping twice",
        ),
        pytest.param(
            "reporting: {zone: UTC}\nbusiness: {name: Shop}\nreporting: {currency: EUR}",
            "journeys.yaml:3:1: reporting stands in line 1 already. Put both into one.",
            id="section twice",
        ),
        pytest.param(
            "sources:\n  ga4: {zone: UTC}\n  hubspot: {zone: UTC}\n  ga4: {currency: EUR}",
            "journeys.yaml:4:3: sources.ga4 stands in line 2 already. Put both into one.",
            id="source twice",
        ),
        pytest.param(
            "reporting:\n zone: UTC\n  currency: EUR",
            "journeys.yaml:3:11: The YAML cannot be read: mapping values are not allowed here. "
            "Check indentation and quotes.",
            id="indentation",
        ),
        pytest.param(
            "just words",
            "journeys.yaml: The file must hold sections such as business: and reporting:. Received 'just words'.",
            id="no sections",
        ),
    ],
)
def test_a_mistake_is_answered_with_all_that_helps(text, says, tmp_path) -> None:
    assert answer(tmp_path, text) == [says]


def test_an_unknown_section_is_answered_with_the_sections_there_are(tmp_path) -> None:
    [said] = answer(tmp_path, "business: {name: Shop}\nreportin: {zone: UTC}")
    assert said.startswith(
        "journeys.yaml:2:1: reportin is not a setting. Received 'reportin'. Allowed: attribution, business,"
    )
    assert said.endswith("Did you mean 'reporting'?")


def test_a_file_that_is_not_text_is_refused(tmp_path) -> None:
    path = tmp_path / "journeys.yaml"
    path.write_bytes("business: {name: Café}\n".encode("latin-1"))
    with pytest.raises(ConfigError, match=r"journeys\.yaml: The file is not UTF-8 text\. Save it as UTF-8\."):
        load_settings(path)


def test_all_mistakes_of_a_file_are_shown_at_once(tmp_path) -> None:
    said = answer(
        tmp_path,
        """\
        reporting: {zone: Nowhere/City}
        journeys:
          lookback_days: -1
          idle_day: 40
        files:
          - {path: a.csv, sytem: ga4}
        """,
    )
    assert [line.split(" ")[0] for line in said] == [
        "journeys.yaml:1:13:",
        "journeys.yaml:6:5:",
        "journeys.yaml:6:19:",
        "journeys.yaml:3:3:",
        "journeys.yaml:4:3:",
    ]


@pytest.mark.parametrize(
    ("cron", "says"),
    [
        ("every night", "a cron line has five parts: "),
        ("0 25 * * *", "its hour is '25'. Allowed: *, 0 to 23, ranges"),
        ("0 3 * * mo", "its day of the week is 'mo'. Allowed: *, 0 to 7, sun, mon"),
        ("*/0 3 * * *", "its minute is '*/0'."),
        ("0 3 0 * *", "its day of the month is '0'."),
    ],
)
def test_a_cron_line_that_would_never_run_is_refused(cron, says, tmp_path) -> None:
    (said,) = answer(tmp_path, f"schedule:\n  cron: '{cron}'")
    assert said.startswith(f"journeys.yaml:2:3: schedule.cron: {says}")


@pytest.mark.parametrize("cron", ["0 3 * * *", "*/15 1-5,22 1 jan-mar MON-FRI", "@daily", "30 4 L * 7"])
def test_cron_lines_that_the_scheduler_takes_are_taken(cron) -> None:
    assert Settings.model_validate({"schedule": {"cron": cron}}).schedule.cron == cron
    assert is_valid_cron_schedule(cron)


def test_regular_expressions_are_read_as_the_database_reads_them(tmp_path) -> None:
    rules = [{"channel": "Greek", "source_regex": r"\p{Greek}+"}]
    tables = config_tables(Settings.model_validate({"channel_rules": rules}), tmp_path, SYSTEMS)
    assert tables["channel_rules"].to_pylist()[0]["source_regex"] == r"\p{Greek}+"


def test_a_pin_that_names_no_connector_or_export_stops_the_night_before_it_reads(tmp_path) -> None:
    pins = "files:\n  - {path: a.csv, system: hubspt}\n  - {path: b.csv, system: ga4, export: evnts}\n"
    with pytest.raises(ConfigError) as caught, validated(tmp_path, {"kiosk.csv": f"{HEADER}\n"}, KIOSK + pins):
        pass
    first, second = map(str, caught.value.problems)
    line = len(KIOSK.splitlines()) + 2
    assert first.startswith(f"journeys.yaml:{line}:5: files.0: There is no connector of that name. Received 'hubspt'.")
    assert first.endswith("Did you mean 'hubspot'?")
    assert second.startswith(
        f"journeys.yaml:{line + 1}:5: files.1: There is no ga4 export of that name. Received 'evnts'."
    )
    assert second.endswith("Did you mean 'events'?")


def test_a_country_that_has_no_telephone_numbers_is_refused(tmp_path) -> None:
    with pytest.raises(ConfigError, match=r"journeys\.yaml: business\.country: .* Received 'XX'\. Allowed: "):
        config_tables(Settings.model_validate({"business": {"country": "XX"}}), tmp_path)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{anchors: [{path_kind: stage, step: decison}]}", "did you mean 'decision'"),
        ("{anchors: [{path_kind: chanel, step: Email}]}", "Did you mean 'channel'?"),
        ("{compare: [{trait: customer_kind, first: new, second: old}]}", "'old' is no customer_kind a path knows: new, returning"),
        ("{compare: [{trait: outcome, first: lost, second: lost}]}", "first and second are both 'lost'; name two groups"),
        ("{compare: [{trait: divice, first: a, second: b}]}", "Received 'divice'."),
        ("{most_steps: 1}", "paths.most_steps"),
    ],
)  # fmt: skip
def test_paths_name_steps_and_groups_there_can_be(text, says, tmp_path) -> None:
    assert says in "".join(answer(tmp_path, f"paths: {text}"))


def test_anchors_and_page_groups_are_read_before_the_night_begins(tmp_path) -> None:
    given = {
        "page_groups": [{"page_regex": "(a", "group": "A"}],
        "anchors": [{"path_kind": "interaction", "step": "add_to_crt"}],
    }
    with pytest.raises(ConfigError) as caught:
        config_tables(Settings.model_validate({"paths": given}), tmp_path, SYSTEMS)
    said = "".join(map(str, caught.value.problems))
    assert "paths.anchors.0.step: There is no interaction of that name. Received 'add_to_crt'." in said
    assert "Did you mean 'add_to_cart'?" in said
    assert "paths.page_groups.0.page_regex" in said


def test_a_hold_out_of_a_channel_that_no_rule_gives_is_a_mistake(tmp_path: Path) -> None:
    path = tmp_path / "journeys.yaml"
    path.write_text("experiments:\n  flyers: {channel: Emial}\n  letter: {channel: Direct}\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        config_tables(load_settings(path), tmp_path, SYSTEMS)
    (problem,) = map(str, caught.value.problems)
    assert problem.startswith("journeys.yaml: experiments.flyers.channel: There is no channel of that name.")
    assert "Received 'Emial'." in problem
    assert problem.endswith("Did you mean 'Email'?")


def test_a_hold_out_of_a_channel_of_ones_own_is_none(tmp_path: Path) -> None:
    given = {
        "channel_rules": [{"channel": "Postcards", "medium_regex": "postcard"}],
        "experiments": {"cards": {"channel": "Postcards", "metric": "revenue"}},
    }
    (row,) = config_tables(Settings.model_validate(given), tmp_path, SYSTEMS)["experiments"].to_pylist()
    assert (row["experiment"], row["channel"], row["metric"]) == ("cards", "Postcards", "revenue")
