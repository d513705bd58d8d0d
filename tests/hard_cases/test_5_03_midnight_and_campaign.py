"""definitions.md 5.3: visits over midnight, over a change of campaign, and in the nights when clocks change."""

from __future__ import annotations

from pathlib import Path

from tests.hard_cases.nights import SHOP, SITE, TOWN, credit, night_of

#: Over midnight with and without sessions of the export, another campaign, and the hour that comes twice (05:00 to 07:00 UTC).
LINES = (
    ("b1", "", "2026-09-02 03:50", "google,cpc"),
    ("b1", "", "2026-09-02 04:10", "google,cpc"),
    ("b2", "s2", "2026-09-02 03:50", "google,cpc"),
    ("b2", "s2", "2026-09-02 04:10", ","),
    ("b3", "s3", "2026-09-02 15:00", "google,cpc"),
    ("b3", "s3", "2026-09-02 15:10", "newsletter,email"),
    ("b4", "s4", "2026-11-01 05:50", "google,cpc"),
    ("b4", "s4", "2026-11-01 06:10", "google,cpc"),
    ("b4", "s4", "2026-11-01 06:30", "google,cpc"),
)
SITE_LINES = SITE + "".join(
    f"e{n},{at},page_view,{browser},{session},,{tag},,https://shop.example.com/,\n"
    for n, (browser, session, at, tag) in enumerate(LINES)
)
ORDERS = (
    f"{SHOP}1001,2026-09-02 15:20,paid,40.00,ann@example.com,b3\n"
    "1002,2026-09-02 05:00,paid,10.00,bob@example.com,b1\n1003,2026-09-02 05:00,paid,6.00,cy@example.com,b2\n"
)
NEW_YORK = TOWN.replace("zone: UTC, currency", "zone: America/New_York, currency") + (
    "attribution: {default_model: linear}\n"
)
FILES = {"site.csv": SITE_LINES, "shop.csv": ORDERS}
VISITS = """
    select client_id, count(distinct sessions.session_id), bool_and(ended_at >= started_at)
    from core.sessions as sessions join core.touchpoints as points using (session_id)
    join validated.events as events on events.event_id = points.touchpoint_id group by client_id order by client_id"""


OTHER_RULE = """
    select channel, credited_revenue::double from marts.sensitivity
    where lookback = 'as set' and direct = 'with' and linking = 'default' and session_rule = $1 and credited_revenue > 0"""


def test_both_presets_on_the_same_file(tmp_path: Path) -> None:
    with night_of(tmp_path / "ga4", FILES, NEW_YORK) as night:
        assert night.warehouse.rows(VISITS) == [("b1", 1, True), ("b2", 1, True), ("b3", 1, True), ("b4", 1, True)]
        ga4 = credit(night, "linear")
        assert ga4 == {"Paid Search": 36.0, "Email": 20.0}
        as_matomo = dict(night.warehouse.rows(OTHER_RULE, ["matomo"]))
        days = night.warehouse.rows("select day, visits from marts.daily_totals where visits > 0 order by day")
        assert [(str(day), visits) for day, visits in days] == [("2026-09-01", 2), ("2026-09-02", 1), ("2026-11-01", 1)]
    with night_of(tmp_path / "matomo", FILES, f"{NEW_YORK}sessions: {{preset: matomo}}\n") as night:
        assert night.warehouse.rows(VISITS) == [("b1", 2, True), ("b2", 2, True), ("b3", 2, True), ("b4", 1, True)]
        matomo = credit(night, "linear")
        assert matomo == {"Paid Search": 33.0, "Email": 20.0, "Direct": 3.0}
        as_ga4 = dict(night.warehouse.rows(OTHER_RULE, ["ga4"]))
    # What each night foretells of the other rule is what the other night says.
    assert (as_matomo, as_ga4) == (matomo, ga4)
