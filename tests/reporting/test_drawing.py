"""What every drawing keeps to: text is text, ids are its own, axes begin at zero, colours can be told apart."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest

from pipeline.reporting import style
from pipeline.reporting.charts.bars import Row, bars, plain
from pipeline.reporting.charts.columns import Column, columns
from pipeline.reporting.charts.dots import Rate, dots
from pipeline.reporting.charts.dots import Row as DotRow
from pipeline.reporting.sheet import Scale, Sheet, nice_ticks


def drawn(label: str, prefix: str = "p") -> str:
    sheet = Sheet(200, 50)
    sheet.text(10, 20, label, most=40)
    return sheet.svg(prefix, "Title")


@pytest.mark.parametrize("label", ["$\\frac{1}{2}$", "_hidden", "100 % of $5", "שלום", "🍵 tea", "a & b"])
def test_text_is_drawn_as_it_is_written(label: str) -> None:
    assert f">{label.replace('&', '&amp;')}</text>" in drawn(label)


def test_hostile_text_stays_text() -> None:
    svg = drawn("</text><script>alert(1)</script>")
    assert "<script" not in svg
    assert "&lt;script&gt;" in svg


def test_cut_text_is_whole_in_its_tip() -> None:
    svg = drawn("y" * 300)
    assert f"<title>{'y' * 300}</title>" in svg
    assert f">{'y' * 39}…</text>" in svg


def test_ids_carry_the_name_of_their_figure_and_nothing_lies_outside() -> None:
    sheet = Sheet(100, 50)
    sheet.rect(10, 10, 50, 20, "accent", hatched=True)
    svg = sheet.svg("page-figure", "Title")
    ids, used = re.findall(r'id="([^"]*)"', svg), re.findall(r"url\(#([^)]*)\)", svg)
    assert ids == used == [ids[0]]
    assert ids[0].startswith("page-figure-")
    for word in ("xlink", "metadata", "<style", "http:", "font-family", "#2459a8"):
        assert word not in svg.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "var(--accent)" in svg


def test_pictures_of_letters_without_a_glyph_are_drawn_in_silence(recwarn: pytest.WarningsRecorder) -> None:
    sheet = Sheet(100, 30)
    sheet.text(5, 10, "🍵")
    assert sheet.png().startswith(b"\x89PNG")
    assert not recwarn.list


@pytest.mark.parametrize("top", [0, 0.003, 0.4, 1, 7, 99, 1234, 5e6])
def test_axes_begin_at_zero_and_hold_every_value(top: float) -> None:
    ticks = nice_ticks(top)
    assert ticks[0] == 0
    assert ticks[-1] >= top
    assert all(a < b for a, b in pairwise(ticks))
    assert Scale(top, 10, 110)(0) == 10


def test_shares_end_at_one() -> None:
    assert nice_ticks(0.97, most=1.0)[-1] == 1.0


def test_bars_are_as_long_as_their_values() -> None:
    sheet = bars([Row("a", (plain(10, "accent", "10"),)), Row("b", (plain(5, "accent", "5"),))], ["n"])
    found = re.findall(r'd="M ([\d.]+) [\d.]+ L ([\d.]+) [\d.]+ L', sheet.svg("x", "t"))
    long, short = (float(end) - float(begin) for begin, end in found if end != begin and float(end) > float(begin))
    assert long == pytest.approx(2 * short, rel=1e-4)


def test_a_month_that_is_not_whole_is_hatched_and_says_so() -> None:
    svg = columns([Column("Aug", ((5, "accent"),), "5", "tip", "so far")]).svg("x", "t")
    assert "url(#x-" in svg
    assert ">so far<" in svg
    assert "url(#" not in columns([Column("Aug", ((5, "accent"),), "5", "tip")]).svg("x", "t")


def test_a_rate_on_few_cases_is_hollow_and_grey_without_a_number() -> None:
    few = dots([DotRow("a", (Rate(0.5, 0.1, 0.9, 7),))], ["rate"], 30).svg("x", "t")
    enough = dots([DotRow("a", (Rate(0.5, 0.4, 0.6, 70),))], ["rate"], 30).svg("x", "t")
    assert "too few (n = 7)" in few
    assert "50.0" not in few
    assert "fill: var(--card); stroke: var(--faint)" in few
    assert "fill: var(--accent); stroke: var(--card)" in enough


def _light(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    dark, light = sorted((_light(one), _light(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", [name for name in style.VARIABLES if name not in ("card", "page", "grid")])
def test_colours_stand_out_from_their_card_in_light_and_dark(name: str) -> None:
    least = 4.5 if name in ("ink", "muted", "warn") else 3.0
    for colour, card in zip(style.VARIABLES[name], style.VARIABLES["card"], strict=True):
        assert _contrast(colour, card) >= least


def test_a_channel_keeps_its_colour_and_unknown_ones_get_one_by_their_name() -> None:
    assert style.channel_variable("Email") == style.channel_variable("Email") != style.channel_variable("Direct")
    assert style.channel_variable("My fairs") == style.channel_variable("My fairs")
    assert style.channel_variable("My fairs") in style.VARIABLES
    assert style.channel_variable("(conversion)") == "converted"


def test_colours_of_the_style_sheet_are_dark_on_dark_screens_only() -> None:
    light, dark = style.css_variables().split("@media screen and (prefers-color-scheme: dark)")
    assert "--ink:#1c2430" in light
    assert "--ink:#e8ecf2" in dark
