from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.config import Settings
from pipeline.config.hosts import own_domain
from pipeline.config.tables import config_tables
from pipeline.errors import ConfigError


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("shop.example.com", "example.com"),
        ("example.com", "example.com"),
        ("WWW.Shop.Example.co.uk", "example.co.uk"),
        ("tea.myshopify.com", "tea.myshopify.com"),
        ("a.tea.myshopify.com", "tea.myshopify.com"),
        ("co.uk", "co.uk"),
        ("localhost", "localhost"),
    ],
)
def test_the_domain_a_host_is_registered_under(host: str, domain: str) -> None:
    assert own_domain(host) == domain


def hosts(**given: object) -> list[dict[str, str]]:
    return config_tables(Settings.model_validate(given), Path())["silent_hosts"].to_pylist()


def kinds_of(source: str, rows: list[dict[str, str]]) -> set[str]:
    return {row["kind"] for row in rows if re.fullmatch(row["host_regex"], source)}


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("www.paypal.com", "payment"),
        ("checkout.stripe.com", "payment"),
        ("accounts.google.com", "login"),
        ("mail.google.com", "webmail"),
        ("outlook.live.com", "webmail"),
        ("acs.somebank.example", "bank"),
    ],
)
def test_shipped_hosts(source: str, kind: str) -> None:
    assert kinds_of(source, hosts()) == {kind}


@pytest.mark.parametrize(
    "source", ["google.com", "www.google.com", "google", "stripe.com", "facebook.com", "mypaypal.com", "(direct)"]
)
def test_hosts_that_do_bring_people(source: str) -> None:
    assert kinds_of(source, hosts()) == set()


def test_own_hosts_with_their_domain_and_hosts_of_the_users_own() -> None:
    rows = hosts(
        business={"own_hosts": ["shop.example.com"]},
        referrers={
            "silent": [{"kind": "payment", "host_regex": "pay\\.till\\.example"}],
            "earning": ["(.+\\.)?paypal\\.com"],
        },
    )
    assert kinds_of("checkout.example.com", rows) == {"own"}
    assert kinds_of("pay.till.example", rows) == {"payment"}
    assert kinds_of("www.paypal.com", rows) == set()


def test_a_pattern_that_is_not_shipped_changes_nothing_and_is_refused() -> None:
    with pytest.raises(ConfigError) as caught:
        hosts(referrers={"earning": ["(.+\\.)?paypal\\.co"], "silent": [{"kind": "own", "host_regex": "("}]})
    said = " ".join(str(problem) for problem in caught.value.problems)
    assert "Did you mean" in said
    assert "paypal" in said
    assert "referrers.silent.0.host_regex" in said
