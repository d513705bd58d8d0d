"""Referrers that bring nobody: the business's own hosts, payment pages, log-ins and webmail."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.config.settings import Settings
from pipeline.errors import Problem, unknown_name

#: Domains on which everybody has a shop or a site of their own: what stands before them belongs to one business.
_SHARED = frozenset(
    [
        "myshopify.com",
        "wixsite.com",
        "squarespace.com",
        "webflow.io",
        "wordpress.com",
        "blogspot.com",
        "github.io",
        "netlify.app",
        "vercel.app",
        "square.site",
        "bigcartel.com",
        "weebly.com",
        "godaddysites.com",
        "web.app",
        "firebaseapp.com",
        "herokuapp.com",
        "pages.dev",
    ]
)
_SECOND_LEVEL = frozenset(["co", "com", "org", "net", "gov", "edu", "ac", "gob", "or", "ne", "go"])


def silent_hosts(settings: Settings, shipped: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    """Return the rows of `config.silent_hosts`: own hosts with their whole domain, the user's, and the shipped ones."""
    earning = set(settings.referrers.earning)
    rows: list[dict[str, object]] = [
        {"kind": "own", "host_regex": rf"(.+\.)?{re.escape(domain)}", "meaning": "The business itself"}
        for domain in sorted({own_domain(host) for host in settings.business.own_hosts})
    ]
    rows += [
        {"kind": host.kind, "host_regex": host.host_regex, "meaning": "Named in journeys.yaml"}
        for host in settings.referrers.silent
    ]
    return rows + [dict(row) for row in shipped if row["host_regex"] not in earning]


def earning_problems(settings: Settings, shipped: Iterable[dict[str, object]]) -> list[Problem]:
    """Return which of `referrers.earning` is no pattern of the shipped list, and so would change nothing."""
    known = [str(row["host_regex"]) for row in shipped]
    return [
        unknown_name("pattern of the shipped list", pattern, known, "journeys.yaml: referrers.earning")
        for pattern in settings.referrers.earning
        if pattern not in known
    ]


def internal_hosts(settings: Settings, shipped: Iterable[dict[str, object]]) -> list[dict[str, object]]:
    """Return the rows of `config.internal_hosts`: the user's and the shipped ones."""
    public = set(settings.internal.public_hosts)
    rows: list[dict[str, object]] = [
        {"host_regex": host.host_regex, "meaning": "Named in journeys.yaml"} for host in settings.internal.hosts
    ]
    return rows + [dict(row) for row in shipped if row["host_regex"] not in public]


def public_problems(settings: Settings, shipped: Iterable[dict[str, object]]) -> list[Problem]:
    """Return which of `internal.public_hosts` is no pattern of the shipped list, and so would change nothing."""
    known = [str(row["host_regex"]) for row in shipped]
    return [
        unknown_name("pattern of the shipped list", pattern, known, "journeys.yaml: internal.public_hosts")
        for pattern in settings.internal.public_hosts
        if pattern not in known
    ]


def own_domain(host: str) -> str:
    """Return the domain a host is registered under: `shop.example.com` is part of `example.com`."""
    labels = host.lower().strip(".").split(".")
    for count in range(2, len(labels)):
        if ".".join(labels[-count:]) in _SHARED:
            return ".".join(labels[-count - 1 :])
    is_country = len(labels[-1]) == 2 and len(labels) > 2 and labels[-2] in _SECOND_LEVEL
    return ".".join(labels[-3 if is_country else -2 :])
