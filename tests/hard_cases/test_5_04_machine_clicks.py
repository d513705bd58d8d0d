"""definitions.md 5.4: opens earn nothing, and a scanner's clicks are told from those of a quick person."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from tests.hard_cases.nights import SHOP, SITE, TOWN, credit, night_of

MAIL = """  - name: mail
    files: ["mail*"]
    zone: UTC
    key: [event]
    shapes:
      events:
        occurred_at: at
        interaction: what
        email: email
        source: {value: newsletter}
        medium: {value: email}
        campaign: {value: June}
        campaign_id: {value: "7"}
        page_url: link
"""
SENT = datetime(2026, 9, 1, 10)
SCANNERS, PEOPLE, QUICK = range(20), range(20, 50), 50


def _files() -> dict[str, str]:
    """Return 100 recipients: 20 behind scanners, 30 who click later, one who clicks at once and reads, 49 who do not."""
    mail, site, shop = ["event,at,what,email,link"], [SITE.strip()], [SHOP.strip()]
    for who in range(100):
        address = f"p{who}@example.com"
        mail.append(f"s{who},{SENT},email_sent,{address},")
        mail.append(f"o{who},{SENT + timedelta(minutes=1)},email_open,{address},")
        for link in range(5 if who in SCANNERS else 0):
            at = SENT + timedelta(seconds=1, milliseconds=500 * link)
            mail.append(f"c{who}-{link},{at},email_click,{address},https://shop.example.com/{link}")
        if who in PEOPLE or who == QUICK:
            at = SENT + timedelta(seconds=3) if who == QUICK else SENT + timedelta(hours=1, minutes=who)
            mail.append(f"c{who},{at},email_click,{address},https://shop.example.com/tea")
            page = at + timedelta(seconds=4)
            site.append(f"v{who},{page},page_view,b{who},v{who},{address},,,,https://shop.example.com/tea,")
        if who in (0, 99):
            shop.append(f"10{who:02},2026-09-02 09:00,paid,10.00,{address},")
    return {"mail.csv": "\n".join(mail), "site.csv": "\n".join(site), "shop.csv": "\n".join(shop)}


def test_the_click_rate_is_that_of_people(tmp_path: Path) -> None:
    with night_of(tmp_path, _files(), TOWN + MAIL) as night:
        labels = night.warehouse.rows(
            "select email, is_machine, machine_reason from core.touchpoints join core.customers using (customer_id) "
            "where interaction = 'email_click'"
        )
        assert {email for email, is_machine, _ in labels if is_machine} == {f"p{who}@example.com" for who in SCANNERS}
        for _, is_machine, reason in labels:
            assert ("several links of the message within a second" in (reason or "")) == is_machine
        rates = night.warehouse.rows(
            "select count_delivered, count_openers, count_clickers_vendor, count_clickers, click_rate_vendor, click_rate "
            "from marts.email_engagement"
        )
        assert rates == [(100, 100, 51, 31, 0.51, 0.31)]
        # Neither a scanner's clicks nor an open earn anything.
        assert credit(night) == {"No tracked touchpoint": 20.0}
        left_out = night.warehouse.rows("select kind, count_events, people from marts.excluded_traffic")
    assert left_out == [("scanner", 100, 20)]
