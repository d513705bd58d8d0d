"""Exchange rates that cannot be used are refused, all at once."""

from __future__ import annotations

import pytest

from pipeline.config import Settings
from pipeline.config.tables import config_tables
from pipeline.errors import ConfigError
from pipeline.ingest.spec import read_specs

SYSTEMS = {system: spec.event_names for system, spec in read_specs().items()}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "journeys.yaml: money.rates_file: The file of exchange rates does not exist. Received 'rates.csv'."),
        ("day,rate\n", "rates.csv:1: Columns are missing: currency. Received 'day,rate'."),
    ],
)
def test_exchange_rates_that_cannot_be_used_are_refused(content, says, tmp_path) -> None:
    assert rates_refused(content, tmp_path).startswith(says)


def rates_refused(content: str | None, folder) -> str:
    if content:
        (folder / "rates.csv").write_text(content)
    settings = Settings.model_validate({"money": {"rates_file": "rates.csv"}, "reporting": {"currency": "USD"}})
    with pytest.raises(ConfigError) as caught:
        config_tables(settings, folder)
    return str(caught.value)


def test_everything_wrong_with_the_rates_is_said_at_once_with_line_and_column(tmp_path) -> None:
    lines = [
        "2026-09-01,EUR,1.1",
        "1/9/2026,EUR,1.1",
        "2026-09-01,EURO,1",
        "2026-09-01,GBP,0",
        '2026-09-01,GBP,"1,27"',
        "2026-09-01,EUR,1.2",
        "2026-09-01,USD,1.1",
        "2026-09-02,,",
        "",
        ",,",
        "2026-09-01,EUR,1.10",
    ]
    said = rates_refused("\n".join([" day , currency,rate", *lines]) + "\n", tmp_path).splitlines()
    starts = [
        "rates.csv:3: day: The day cannot be read. Received '1/9/2026'. Write it as 2026-09-01.",
        "rates.csv:4: currency: There is no currency of that name. Received 'EURO'.",
        "rates.csv:5: rate: The rate is not above zero. Received '0'.",
        "rates.csv:6: rate: The rate cannot be read. Received '1,27'. Write it with a decimal point",
        "rates.csv:7: rate: Line 2 gives another rate for the same day. Received '1.2'. Leave one of the two.",
        "rates.csv:8: rate: USD is the reporting currency, of which one unit is worth one. Received '1.1'.",
        "rates.csv:9: currency: There is no currency of that name.",
        "rates.csv:9: rate: The rate cannot be read.",
    ]
    assert len(said) == len(starts)
    for line, start in zip(said, starts, strict=True):
        assert line.startswith(start), line
    assert "Did you mean 'EUR'?" in said[1]
