"""All pages: what is written, that it asks nobody for anything, and that the same numbers give the same bytes."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.reporting.html import POLICY
from pipeline.reporting.render import page_names, render_page, render_reports
from pipeline.warehouse import Warehouse
from tests.reporting import shop
from tests.reporting.reading import read

PAGES = [
    "index", "overview", "paths", "stages", "funnels", "drop_off", "attribution", "money", "sensitivity", "evidence",
    "ledger", "tracking", "identity", "changes", "health",
]  # fmt: skip
FOLDERS = ["tea_pages", "hostile_pages", "bare_pages"]


def test_the_index_comes_first_and_every_page_is_listed() -> None:
    assert page_names() == PAGES


def test_rendering_one_page_writes_what_rendering_all_writes(tea: Warehouse, tea_pages: Path, tmp_path: Path) -> None:
    for name in ("index", "overview", "money", "ledger", "health"):
        rendered = render_page(tea, name, tmp_path)
        assert rendered.html.read_bytes() == (tea_pages / f"{name}.html").read_bytes()
        for path in (*rendered.figures, *rendered.tables):
            assert path.read_bytes() == (tea_pages / path.relative_to(tmp_path)).read_bytes()


def test_the_same_numbers_give_the_same_bytes(tea: Warehouse, tea_pages: Path, tmp_path: Path) -> None:
    render_reports(tea, tmp_path)
    first = {path.relative_to(tea_pages): path.read_bytes() for path in tea_pages.rglob("*.*")}
    again = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*.*")}
    assert first == again


def test_a_page_hands_back_its_main_picture(tea: Warehouse, tmp_path: Path) -> None:
    paths = render_page(tea, "paths", tmp_path)
    assert paths.main_png == tmp_path / "figures" / "paths-forward.png"
    assert paths.main_png.read_bytes().startswith(b"\x89PNG")
    assert render_page(tea, "index", tmp_path).main_png is None


def test_an_unknown_page_is_named_with_the_nearest(tea: Warehouse, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Did you mean 'stages'"):
        render_page(tea, "stagse", tmp_path)


def test_reports_can_be_read_by_those_who_may_see_the_folder(tea_pages: Path) -> None:
    assert {path.stat().st_mode & 0o777 for path in tea_pages.rglob("*.*")} == {0o644}
    assert tea_pages.joinpath("figures").stat().st_mode & 0o777 == 0o755


@pytest.fixture(params=[f"{folder}/{name}" for folder in FOLDERS for name in PAGES])
def path(request: pytest.FixtureRequest) -> Path:
    folder, name = request.param.split("/")
    found: Path = request.getfixturevalue(folder)
    return found / f"{name}.html"


def test_a_page_carries_its_policy_and_no_script(path: Path) -> None:
    page = read(path)
    metas = [attrs for tag, attrs in page.tags if tag == "meta"]
    assert {"http-equiv": "Content-Security-Policy", "content": POLICY} in metas
    assert "default-src 'none'" in POLICY
    assert not {tag for tag, _ in page.tags} & {"script", "iframe", "object", "embed", "link", "img", "form", "base"}
    assert not [name for _, attrs in page.tags for name in attrs if name.startswith("on")]


def test_a_page_refers_to_nothing_outside_its_folder(path: Path) -> None:
    page = read(path)
    assert not page.values("src") + page.values("xlink:href")
    for link in page.values("href"):
        file, _, anchor = link.partition("#")
        target = path.parent / file if file else path
        assert target.is_file(), link
        assert not anchor or anchor in read(target).values("id"), link
    text = path.read_text(encoding="utf-8")
    assert all(found.startswith("#") for found in re.findall(r"url\(([^)]*)\)", text))
    assert not re.search(r"@import|//[\w.]+\.\w+/", re.sub(r'xmlns="[^"]*"', "", text))


def test_a_page_is_well_formed_and_its_ids_are_its_own(path: Path) -> None:
    page = read(path)
    assert not page.unbalanced
    assert not page.open_tags
    ids = page.values("id")
    assert len(ids) == len(set(ids))


def test_every_figure_says_what_it_counts(tea_pages: Path) -> None:
    for name in PAGES[1:]:
        text = (tea_pages / f"{name}.html").read_text(encoding="utf-8")
        for figure in re.findall(r"<figure.*?</figure>", text, re.DOTALL):
            for term in ("<dt>Period</dt>", "<dt>Time zone</dt> <dd>Europe/Berlin</dd>", "<dt>n</dt>"):
                assert term in figure
            assert "CSV</a>" in figure
            assert "PNG</a>" in figure


def test_what_shows_an_interval_says_how_it_is_made(tea: Warehouse, tea_pages: Path) -> None:
    for name in PAGES[1:]:
        text = (tea_pages / f"{name}.html").read_text(encoding="utf-8")
        for part in re.findall(r"<figure.*?</figure>|<section.*?</section>", text, re.DOTALL):
            if '<span class="band"' in part or "Range of chance" in part:
                assert "<dt>Interval</dt>" in part, re.findall(r"<h3>(.*?)<", part)


def test_pages_without_data_say_so(bare_pages: Path) -> None:
    said = {name: read(bare_pages / f"{name}.html").text for name in PAGES}
    assert "Published, but there is no data yet." in said["index"]
    assert "No orders yet." in said["overview"]
    assert "No journeys yet." in said["paths"]
    assert "Nobody was seen at any stage yet." in said["stages"]
    assert "Nobody has stopped on the way to an order yet." in said["drop_off"]
    assert "No orders yet." in said["attribution"]
    assert "No spend is known" in said["money"]
    assert "Nobody was seen yet." in said["identity"]
    assert "No file with dated rows yet." in said["health"]


def test_a_shop_without_orders_has_pages(tmp_path: Path) -> None:
    with shop.empty_marts() as warehouse:
        given = shop.simulate(people=80)
        given.orders = []
        shop.fill(warehouse, given)
        render_reports(warehouse, tmp_path)
    assert "No orders yet." in read(tmp_path / "overview.html").text
    assert "0 orders" in read(tmp_path / "attribution.html").text


def test_a_shop_with_one_channel_and_one_month_has_pages(tmp_path: Path) -> None:
    with shop.empty_marts() as warehouse:
        given = shop.simulate(people=60, names=dict.fromkeys(shop.CHANNELS, "Store"))
        shop.fill(warehouse, given, as_of=datetime(2026, 5, 31, 21))
        render_reports(warehouse, tmp_path)
    assert "Store" in read(tmp_path / "attribution.html").text
