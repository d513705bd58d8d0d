"""definitions.md 5.2: payment providers, banks, log-ins and webmail bring nobody, whatever the source."""

from __future__ import annotations

from pathlib import Path

from tests.hard_cases.nights import SHOP, SITE, credit, night_of

AD = "a{n},2026-09-01 10:00,page_view,b{n},{ad},,google,cpc,,https://shop.example.com/,\n"
BACK = (
    "p{n},{at},page_view,b{n},{back},,{host},referral,,https://shop.example.com/thanks,\n"
    "q{n},2026-09-01 10:20,purchase,b{n},{back},,{host},referral,,https://shop.example.com/thanks,{n}\n"
)
HOSTS = ("paypal.com", "pay.klarna.com", "acs.somebank.example", "accounts.google.com", "outlook.live.com")
#: Session of the advertisement and of the way back, and when that was; the clock of one payment page is behind.
WAYS = {
    "same visit": ("s{n}", "s{n}", "2026-09-01 10:04"),
    "a visit of its own": ("s{n}", "t{n}", "2026-09-01 10:04"),
    "first by clock skew": ("s{n}", "t{n}", "2026-09-01 09:59:58"),
    "no session ids": ("", "", "2026-09-01 10:04"),
}


def test_the_ad_keeps_the_order(tmp_path: Path) -> None:
    site, shop, said = SITE, SHOP, {}
    for way, (ad, back, at) in WAYS.items():
        for host in HOSTS:
            n = 1000 + len(said)
            said[f"p{n}@example.com"] = f"{way}, {host}"
            lines = [AD.format(n=n, ad=ad.format(n=n)), BACK.format(n=n, at=at, back=back.format(n=n), host=host)]
            site += "".join(lines if at >= "2026-09-01 10:00" else reversed(lines))
            shop += f"{n},2026-09-01 10:25,paid,10.00,p{n}@example.com,b{n}\n"
    with night_of(tmp_path, {"site.csv": site, "shop.csv": shop}) as night:
        touches = night.warehouse.rows(
            "select email, list(channel order by touches.occurred_at) from core.customers "
            "join core.touches as touches using (customer_id) group by email"
        )
        assert {said[email]: channels for email, channels in touches} == {
            case: ["Paid Search"] for case in said.values()
        }
        for model in ("first", "last", "last_non_direct"):
            assert credit(night, model) == {"Paid Search": 200.0}
