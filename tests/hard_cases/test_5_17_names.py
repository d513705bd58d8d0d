"""definitions.md 5.17: names of channels that break paths, pages and spreadsheets elsewhere."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

from pipeline.reporting.render import render_reports
from tests.hard_cases.nights import SHOP, SITE, TOWN, credit, night_of

LONG = "ü" * 300
NAMES = ["A > B", "(direct)", "🫖 tea", LONG, 'it\'s "quoted" <b>bold</b>', '=HYPERLINK("x")', "A", "B › C"]


def test_channels_of_any_name_stay_whole(tmp_path: Path) -> None:
    rules = "".join(
        f"  - {{channel: {json.dumps(name, ensure_ascii=False)}, source_regex: source{number}}}\n"
        for number, name in enumerate(NAMES)
    )
    site = SITE + "".join(
        f"e{n},2026-09-0{n + 1} 10:00,page_view,b1,s{n},,source{n},x,,https://shop.example.com/,\n"
        for n in range(len(NAMES))
    )
    site += "f1,2026-09-01 10:00,page_view,b2,t1,,source6,x,,https://shop.example.com/,\n"
    site += "f2,2026-09-02 10:00,page_view,b2,t2,,source0,x,,https://shop.example.com/,\n"
    shop = (
        f"{SHOP}1001,2026-09-10 10:30,paid,80.00,a@example.com,b1\n1002,2026-09-10 10:30,paid,5.00,b@example.com,b2\n"
    )
    with night_of(tmp_path, {"site.csv": site, "shop.csv": shop}, f"{TOWN}channel_rules:\n{rules}") as night:
        found = credit(night, "linear")
        assert found == {**dict.fromkeys(NAMES, 10.0), "A": 12.5, "A > B": 12.5}
        paths = {
            tuple(path)
            for (path,) in night.warehouse.rows("select path from marts.journey_paths where path_kind = 'channel'")
        }
        assert paths == {tuple(NAMES), ("A", "A > B")}
        render_reports(night.warehouse, tmp_path / "pages")
    page = (tmp_path / "pages" / "attribution.html").read_text(encoding="utf-8")
    assert "<b>bold</b>" not in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "🫖 tea" in page
    sheet = (tmp_path / "pages" / "tables" / "attribution-revenue.csv").read_text(encoding="utf-8-sig")
    cells = {row[0] for row in csv.reader(io.StringIO(sheet))}
    assert cells >= {'\'=HYPERLINK("x")', "A > B", "(direct)", LONG}
