"""definitions.md 5.12: a click on an advertisement that was exported as organic, direct or nothing."""

from __future__ import annotations

from pathlib import Path

from tests.hard_cases.nights import SHOP, SITE, TOWN, credit, night_of

#: What was exported -> the channel without a click id, with one of Google Ads, Microsoft Advertising and Facebook.
GOOGLE = ("gclid", "gbraid", "wbraid", "gad_source")
MATRIX = {
    ("", "", ""): ("Direct", "Paid Search", "Paid Search", "Organic Social"),
    ("(direct)", "(none)", ""): ("Direct", "Paid Search", "Paid Search", "Organic Social"),
    ("(not set)", "(not set)", "(not set)"): ("Unassigned", "Paid Search", "Paid Search", "Organic Social"),
    ("google", "organic", "(organic)"): ("Organic Search", "Paid Search", "Paid Search", "Organic Search"),
    ("bing", "organic", ""): ("Organic Search", "Paid Search", "Paid Search", "Organic Search"),
    ("www.google.com", "referral", ""): ("Organic Search", "Paid Search", "Organic Search", "Organic Search"),
    ("l.facebook.com", "referral", ""): ("Organic Social", "Organic Social", "Organic Social", "Organic Social"),
    ("teaforum.example", "referral", ""): ("Referral", "Referral", "Referral", "Referral"),
    ("google", "cpc", "brand"): ("Paid Search", "Paid Search", "Paid Search", "Paid Search"),
    ("newsletter", "email", "May"): ("Email", "Email", "Email", "Email"),
    ("facebook", "paid_social", "reel"): ("Paid Social", "Paid Social", "Paid Social", "Paid Social"),
}


def _ids() -> dict[str, int]:
    return {"": 0, **dict.fromkeys(GOOGLE, 1), "msclkid": 2, "fbclid": 3}


def test_every_click_id_tag_and_referrer_has_one_channel(tmp_path: Path) -> None:
    lines, expected = [], {}
    for row, (tag, channels) in enumerate(MATRIX.items()):
        for name, column in _ids().items():
            session = f"s{row}{name}"
            query = f"?{name}=X{row}" if name else ""
            lines.append(
                f"e{session},2026-09-01 10:00,page_view,b{session},{session},,{','.join(tag)},https://shop.example.com/{query},"
            )
            expected[session] = channels[column]
    shop = f"{SHOP}1001,2026-09-01 10:30,paid,40.00,,bs0gclid\n1002,2026-09-01 10:30,paid,9.00,,bs9gclid\n"
    with night_of(tmp_path, {"site.csv": SITE + "\n".join(lines) + "\n", "shop.csv": shop}) as night:
        keys = dict(night.warehouse.rows("select distinct session_id, session_key from validated.events"))
        found = {keys[row[0]]: row[1] for row in night.warehouse.rows("select session_id, channel from core.sessions")}
        assert found == expected
        assert credit(night) == {"Paid Search": 40.0, "Email": 9.0}
        repaired = night.warehouse.rows(
            "select exported_source, exported_medium, source, medium, visits, count_orders, revenue "
            "from marts.click_id_repairs where click_id_kind = 'gclid' order by all"
        )
    assert repaired == [
        ("", "", "google", "cpc", 1, 1, 40),
        ("(direct)", "(none)", "google", "cpc", 1, 0, 0),
        ("(not set)", "(not set)", "google", "cpc", 1, 0, 0),
        ("bing", "organic", "google", "cpc", 1, 0, 0),
        ("google", "organic", "google", "cpc", 1, 0, 0),
        ("www.google.com", "referral", "google", "cpc", 1, 0, 0),
    ]


def test_the_list_is_the_users_to_change(tmp_path: Path) -> None:
    site = (
        f"{SITE}e1,2026-09-01 10:00,page_view,b1,s1,,newsletter,email,May,https://shop.example.com/?gclid=A,\n"
        "e2,2026-09-01 10:00,page_view,b2,s2,,,,,https://shop.example.com/?partner_click=B,\n"
        "e3,2026-09-01 10:00,page_view,b3,s3,,,,,https://shop.example.com/?fbclid=C,\n"
    )
    settings = f"""{TOWN}
click_ids:
  overwrite_tags: true
  ignored: [fbclid]
  own: [{{parameter: partner_click, source: partner, medium: affiliate}}]
"""
    with night_of(tmp_path, {"site.csv": site}, settings, only=("core.sessions",)) as night:
        found = night.warehouse.rows("select source, channel from core.sessions order by 1")
    assert found == [("(direct)", "Direct"), ("google", "Paid Search"), ("partner", "Affiliates")]
