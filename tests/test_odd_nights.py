"""Whole nights over businesses that no demo shows: every analysis has an answer or says why not, and every page is drawn."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.cli.app import main
from pipeline.reporting.render import page_names
from tests.hard_cases.nights import SHOP, SITE, TOWN, night_of

#: A funnel with a window longer than the data, and one with a step that nothing fits.
FUNNEL = """
funnels:
  - name: "Tea > \\"checkout\\" 🍵"
    steps: [{name: view, interaction: page_view}, {name: sign, page_regex: /sign-up}, {name: buy, interaction: purchase}]
    window_days: 400
  - name: "Sign\\e[2Jup"
    steps:
      - {name: view, interaction: page_view}
      - {name: sign, page_regex: /sing-up}
      - {name: buy, interaction: purchase}
attribution: {most_channels: 6}
"""
NAMES = ("A > B", "=1+1", "o'hara", 'say "hi"', "🍵", "<script>alert(1)</script>", "(direct)", "x" * 300)


def crowd() -> dict[str, str]:
    """Return sixty sources with hostile names, and one browser that is seen 3,000 times within one second."""
    site, shop = SITE, SHOP
    for number in range(60):
        source = NAMES[number] if number < len(NAMES) else f"source-{number}"
        quoted = '"' + source.replace('"', '""') + '"'
        site += f"v{number},2026-09-01 10:{number:02d}:00,page_view,b{number},s{number},,{quoted},m{number},,https://shop.example.com/sign-up,\n"
        if number % 3 == 0:
            shop += f"{1000 + number},2026-09-02 10:{number:02d},paid,{number}.10,p{number}@example.com,b{number}\n"
    for number in range(3000):
        site += f"w{number},2026-09-03 12:00:00,page_view,robot,r{number},,news,email,,https://shop.example.com/,\n"
    return {"site.csv": site, "shop.csv": shop + "9,2026-09-03 12:00:00,paid,5.00,robot@example.com,robot\n"}


@pytest.mark.draws_reports
def test_hostile_names_a_crowd_of_channels_and_three_thousand_touches_in_a_second(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rules = "channel_rules:\n" + "".join(
        f"  - {{channel: channel {number}, medium_regex: 'm{number}'}}\n" for number in range(20)
    )
    with night_of(tmp_path, crowd(), TOWN + FUNNEL + rules) as night:
        booked = night.warehouse.value("select sum(revenue) from core.orders where is_conversion")
        credited = night.warehouse.rows(
            "select distinct sum(credited_revenue) from marts.attribution where level = 'channel' "
            "and model <> 'participation' group by model"
        )
        assert credited == [(booked,)]
        # The channels beyond the limit are one, and say so.
        assert night.warehouse.value("select count(*) from core.model_channels where is_pooled") > 0
        assert night.warehouse.value("select max(count_touches) from core.journeys") == 3000
        # Everybody may still go on in a window that is not over; a funnel with a step that nothing fits is refused.
        outcomes = night.warehouse.rows("select distinct funnel_index, outcome from core.funnel_entries")
        assert outcomes == [(1, "open")]
        assert night.warehouse.rows("select funnel_index, count_entries > 0 from marts.funnels order by 1") == [
            (1, True),
            (2, None),
        ]
        steps = "select distinct funnel_index from marts.funnel_steps"
        assert night.warehouse.rows(steps) == [(1,)]
    pages = {path.stem for path in (tmp_path / "reports" / "latest").glob("*.html")}
    assert pages == set(page_names())
    words = "".join(path.read_text("utf-8") for path in (tmp_path / "reports" / "latest").glob("*.html"))
    assert "<script>alert(1)" not in words
    refused_as_told(tmp_path, capsys)


def refused_as_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The terminal names funnel, step, line and the nearest page, in eighty columns and without a command of hers."""
    yaml = (project / "journeys.yaml").read_text("utf-8").splitlines()
    line = next(number for number, text in enumerate(yaml, 1) if "sing-up" in text)
    with pytest.raises(SystemExit) as left:
        main(["findings", "--project", str(project)])
    said = capsys.readouterr().out
    assert left.value.code == 0
    assert "\x1b[2J" not in said
    assert max(map(len, said.splitlines())) <= 80
    told = " ".join(said.split())
    assert (
        f"Error in journeys.yaml:{line}:9: funnel Sign [2Jup, step sign: nothing in the data fits page /sing-up; "
        "the nearest there is: /sign-up." in told
    )
    assert "set optional: true at the step" in told
    page = (project / "reports" / "latest" / "funnels.html").read_text("utf-8")
    assert "not found; the nearest there is: /sign-up" in page
    with pytest.raises(SystemExit) as wrong:
        main(["findings", "every_funnel_step_is_fond", "--project", str(project)])
    assert wrong.value.code == 2
    assert "Did you mean 'every_funnel_step_is_found'?" in " ".join(capsys.readouterr().err.split())


def test_one_visitor_one_channel_and_no_order(tmp_path: Path) -> None:
    site = f"{SITE}e1,2026-09-01 10:00:00,page_view,b1,s1,,google,cpc,,https://shop.example.com/,\n"
    with night_of(tmp_path, {"site.csv": site}) as night:
        assert night.warehouse.value("select count(*) from core.journeys") == 1
        assert night.warehouse.value("select count(*) from marts.lost_revenue where lost_revenue > 0") == 0
        assert (
            night.warehouse.value("select count(*) from marts.decision_cards where next_step in ('keep', 'cut')") == 0
        )
