"""Names in the settings that nothing has: found after the file was read, and told with line and column."""

from __future__ import annotations

import pytest

from pipeline.config.load import load_settings
from pipeline.config.tables import config_tables
from pipeline.errors import ConfigError, nearest_name
from pipeline.ingest.spec import read_specs
from tests.projects import validated

SYSTEMS = {system: spec.event_names for system, spec in read_specs().items()}


NAMES = """\
sources: {hubspt: {zone: UTC}}
interactions: {page_vew: {stage: none}}
event_names: {ga: {my_event: page_view}, ga4: {my_event: page_vew}}
stage_rules:
  - {stage: awareness, interaction: cal}
  - {stage: awareness, source_system: mailchmp, page_regex: "(a"}
channel_rules: [{channel: Affiliates, source_regex: "partner-(?=x)"}]
money: {order_priority: [squar, ga4]}
"""
MEANT = {
    "interactions": "Received 'page_vew'. Did you mean 'page_view'?",
    "event_names.ga4.my_event": "Received 'page_vew'. Did you mean 'page_view'?",
    "stage_rules.0.interaction": "Received 'cal'. Did you mean 'call'?",
    "sources": "Received 'hubspt'. Did you mean 'hubspot'?",
    "event_names": "Received 'ga'. Did you mean 'ga4'?",
    "money.order_priority": "Received 'squar'. Did you mean 'square'?",
    "stage_rules.1.source_system": "Received 'mailchmp'. Did you mean 'mailchimp'?",
    "stage_rules.1.page_regex": "Received '(a'.",
    "channel_rules.0.source_regex": "Received 'partner-(?=x)'.",
}


def test_names_that_nothing_has_are_refused_together_with_the_nearest_ones(tmp_path) -> None:
    path = tmp_path / "journeys.yaml"
    path.write_text(NAMES)
    with pytest.raises(ConfigError) as caught:
        config_tables(load_settings(path), tmp_path, SYSTEMS)
    said = {problem.where.removeprefix("journeys.yaml: "): str(problem) for problem in caught.value.problems}
    assert said.keys() == MEANT.keys()
    for where, words in MEANT.items():
        received, _, meant = words.partition(" Did")
        assert received in said[where]
        assert meant in said[where]
        assert ("Allowed: " in said[where]) == bool(meant)


LATE = """\
reporting: {currency: EUX}
sources:
  hubspot: {currency: JPX}
attribution:
  paid_channels: [Display, Paid Serch]
paths:
  anchors:
    - {path_kind: channel, step: Emial}
  compare:
    - {trait: first_channel, first: Email, second: Organic Serch}
funnels:
  - name: my way
    steps:
      - {name: look, interaction: page_veiw}
      - name: buy
        interaction: purchase
    breakdown: [{column: channel, compare: [Email, Dirct]}]
experiments:
  a.b: {channel: Displai}
"""
SAID_LATE = [
    ("14:22: funnels.0.steps.0.interaction", "'page_view'"),
    ("1:13: reporting.currency", ""),
    ("3:13: sources.hubspot.currency", ""),
    ("19:9: experiments.a.b.channel", "'Display'"),
    ("5:28: attribution.paid_channels.1", "'Paid Search'"),
    ("8:28: paths.anchors.0.step", "'Email'"),
    ("10:44: paths.compare.0.second", "'Organic Search'"),
    ("17:35: funnels.0.breakdown.0.compare", "'Direct'"),
]


def test_names_found_wrong_after_reading_have_line_and_column_too(tmp_path) -> None:
    with pytest.raises(ConfigError) as caught, validated(tmp_path, {}, LATE):
        pass
    said = list(map(str, caught.value.problems))
    for problem, (place, meant) in zip(said, SAID_LATE, strict=True):
        assert problem.startswith(f"journeys.yaml:{place}: There is no ")
        assert problem.endswith(f"Did you mean {meant}?" if meant else "'?")


def test_a_condition_that_does_not_read_has_its_line_too(tmp_path) -> None:
    funnel = "funnels:\n  - name: a\n    steps:\n      - {name: x, sql: chanel = 'Email'}\n      - {name: y, stage: purchase}\n"
    with pytest.raises(ConfigError) as caught, validated(tmp_path, {}, funnel):
        pass
    assert str(caught.value).startswith("journeys.yaml:4:19: funnels.0.steps.0.sql (a, x): ")
    assert str(caught.value).endswith("Did you mean 'channel'?")


def test_the_only_name_that_goes_on_from_what_was_written_is_meant() -> None:
    allowed = ("stage", "page_regex", "interaction", "own_hosts", "own_email_domains")
    assert nearest_name("Page", allowed) == "page_regex"
    assert nearest_name("own", allowed) is None
    assert nearest_name("stag", allowed) == "stage"
