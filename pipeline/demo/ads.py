"""Two advertising platforms: what they cost by day and campaign, and which orders each of them claims as its own.

A platform sees its own clicks and the pixel on the thank-you page, and knows nothing of the other one: an order that
followed clicks of both is claimed twice. All dice have purposes of their own, so nothing else in the world moves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from pipeline.demo.draws import Bools, Ints
from pipeline.demo.events import Site
from pipeline.demo.orders import STORE
from pipeline.demo.statements import statement
from pipeline.demo.world import CHANNEL_INDEX, TAGS
from pipeline.demo.write import Files
from pipeline.warehouse import Warehouse

_DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Campaign:
    """A campaign that is paid by the click."""

    platform: str
    number: str
    name: str
    channel: str
    cents: int
    """What a click costs, about."""
    weight: float
    """Share of the channel's clicks whose address does not name their campaign."""


CAMPAIGNS: tuple[Campaign, ...] = (
    Campaign("AdNorth", "310001", "Search - Brand", "Paid Search", 62, 0.45),
    Campaign("AdNorth", "310002", "Search - Tea Gifts", "Paid Search", 148, 0.35),
    Campaign("AdNorth", "310003", "Autumn Sale", "Paid Search", 117, 0.20),
    Campaign("AdNorth", "310004", "Retargeting 30d", "Display", 54, 0.7),
    Campaign("AdNorth", "310005", "Retargeting 7d", "Display", 47, 0.3),
    Campaign("Circle", "77201", "Autumn Sale", "Paid Social", 131, 0.6),
    Campaign("Circle", "77202", "Matcha Moments", "Paid Social", 96, 0.4),
    # Paid for, and nobody ever came by it: its links lead to a page that no longer exists.
    Campaign("Circle", "77203", "Story Test", "Paid Social", 210, 0.0),
)
_STORY_TEST = len(CAMPAIGNS) - 1
#: Platform -> days before an order in which a click claims it, and the share of other web orders it claims as seen.
_CLAIMS = {"AdNorth": (30, 0.0), "Circle": (7, 0.12)}
#: Clicks that are paid for and never reach the shop.
_LOST_SHARE = 0.08


@dataclass
class Clicks:
    """Visits that came by an advertisement, ordered by person and time."""

    person: Ints
    clicked_at: Ints
    campaign: Ints


@dataclass
class Claims:
    """Orders that a platform claims."""

    order: Ints
    """Place of the order."""
    campaign: Ints
    claimed_day: Ints
    is_view: Bools
    """The advertisement was seen, or so the platform says, and not clicked."""


def write_ads(site: Site, warehouse: Warehouse, files: Files) -> None:
    """Write one export a platform, and the truth about spend and claims; retail orders must be written."""
    world, clicks = site.world, make_clicks(site)
    parts = [_platform_claims(site, clicks, platform) for platform in _CLAIMS]
    claims = Claims(*(np.concatenate([getattr(part, name) for part in parts]) for name in Claims.__annotations__))
    warehouse.write("private.ad_days", _days(site, clicks))
    value = site.bought.baskets.total(
        site.bought.baskets.gross - site.bought.baskets.discount + site.bought.baskets.tax
    )
    table = {
        "order_place": claims.order,
        "campaign": claims.campaign,
        "day": claims.claimed_day,
        "is_view": claims.is_view,
        "cents": value[claims.order] if len(claims.order) else claims.order,
    }
    warehouse.write("private.ad_claims", pa.table(table))
    names = {
        name: [getattr(campaign, name) for campaign in CAMPAIGNS] for name in ("platform", "number", "name", "channel")
    }
    warehouse.write("private.ad_campaigns", pa.table({"campaign": np.arange(len(CAMPAIGNS)), **names}))
    start, end = world.calendar.start, world.calendar.date_of(world.days - 1)
    warehouse.create("private.ad_report", statement("ads_report", start=f"date '{start}'"))
    files.lines(
        f"data/raw/ads/AdNorth campaign report {start} {end}.csv",
        statement("ads_adnorth_lines"),
        "Day,Campaign ID,Campaign,Network,Currency,Cost,Impressions,Clicks,Conversions,Conversion value",
    )
    files.lines(
        f"data/raw/ads/circle-ads-{start:%Y%m%d}-{end:%Y%m%d}.csv",
        statement("ads_circle_lines"),
        '"Reporting starts","Reporting ends","Campaign name","Amount spent (USD)","Impressions",'
        '"Link clicks","Results","Results value"',
    )
    files.table("truth/spend.parquet", statement("truth_spend"))
    files.table("truth/claims.parquet", statement("truth_claims", start=f"date '{start}'"))


def make_clicks(site: Site) -> Clicks:
    """Return every visit that came by an advertisement, and which campaign it was."""
    visits, dice = site.bought.visits, site.world.dice
    paid = np.isin(visits.channel, [CHANNEL_INDEX[c.channel] for c in CAMPAIGNS])
    chosen = np.flatnonzero(paid)
    campaign = np.full(len(chosen), -1, np.int64)
    for channel in dict.fromkeys(c.channel for c in CAMPAIGNS):
        own = [i for i, c in enumerate(CAMPAIGNS) if c.channel == channel]
        named = {campaign_key(CAMPAIGNS[i].name): i for i in own}
        mine = np.flatnonzero(visits.channel[chosen] == CHANNEL_INDEX[channel])
        by_tag = np.array([named.get(campaign_key(tag.campaign), -1) for tag in TAGS], np.int64)
        weights = np.array([CAMPAIGNS[i].weight for i in own])
        place = chosen[mine]
        drawn = np.array(own)[dice.among("ad campaign", weights, visits.person[place], visits.started_at[place])]
        told = by_tag[site.tag[place]]
        campaign[mine] = np.where(told >= 0, told, drawn)
    return Clicks(visits.person[chosen], visits.started_at[chosen], campaign)


def campaign_key(name: str) -> str:
    """Return a campaign's name without capitals and what stands between its words."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def _platform_claims(site: Site, clicks: Clicks, platform: str) -> Claims:
    """Return the orders that a platform claims: by its last click in the window, or as seen."""
    world, orders = site.world, site.bought.orders
    window, view_share = _CLAIMS[platform]
    own = [number for number, campaign in enumerate(CAMPAIGNS) if campaign.platform == platform]
    mine = np.flatnonzero(np.isin(clicks.campaign, own))
    place = np.flatnonzero((orders.place != STORE) & ~orders.is_test & ~site.people.is_blocker[orders.person])
    person, at = orders.person[place], orders.ordered_us[place] // 1_000_000
    shift = 1 << 33
    keys = clicks.person[mine] * shift + clicks.clicked_at[mine]
    found = np.searchsorted(keys, person * shift + at, side="right") - 1
    last = mine[np.maximum(found, 0)] if len(mine) else np.zeros(len(place), np.int64)
    is_click = (found >= 0) & (len(mine) > 0)
    if len(mine):
        is_click &= (clicks.person[last] == person) & (clicks.clicked_at[last] >= at - window * _DAY_SECONDS)
    is_view = ~is_click & (world.dice.uniform(f"{platform} view", person, orders.day[place]) < view_share)
    weights = np.array([CAMPAIGNS[number].weight for number in own])
    seen = np.array(own)[world.dice.among(f"{platform} seen", weights, person, orders.day[place])]
    clicked = clicks.campaign[last] if len(mine) else seen
    # AdNorth dates a claim by its click, Circle by the order.
    click_day = world.calendar.day_of(clicks.clicked_at[last]) if len(mine) else orders.day[place]
    day = np.where(is_click & (platform == "AdNorth"), click_day, orders.day[place])
    inside = (is_click | is_view) & (day >= 0) & (day < world.days)
    return Claims(place[inside], np.where(is_click, clicked, seen)[inside], day[inside], is_view[inside])


def _days(site: Site, clicks: Clicks) -> pa.Table:
    """Return clicks, impressions and cost in cents by day and campaign."""
    world, count = site.world, len(CAMPAIGNS)
    day = world.calendar.day_of(clicks.clicked_at)
    inside = (day >= 0) & (day < world.days)
    came = np.zeros((world.days, count), np.int64)
    np.add.at(came, (day[inside], clicks.campaign[inside]), 1)
    days, campaigns = (part.ravel() for part in np.indices((world.days, count)))
    uniform = world.dice.uniform
    paid = came.ravel() + np.floor(came.ravel() * _LOST_SHARE + uniform("lost clicks", days, campaigns)).astype(
        np.int64
    )
    # The story test ran for twelve days in the middle.
    is_test = campaigns == _STORY_TEST
    runs = (days >= world.days // 3) & (days < world.days // 3 + 12)
    paid = np.where(is_test, np.where(runs, 1 + world.dice.below("story clicks", 3, days), 0), paid)
    price = np.array([campaign.cents for campaign in CAMPAIGNS])[campaigns]
    cents = np.floor(paid * price * (0.8 + 0.4 * uniform("click price", days, campaigns)) + 0.5).astype(np.int64)
    shown = paid * (24 + world.dice.below("shown per click", 40, days, campaigns))
    shown += np.where(is_test & ~runs, 0, world.dice.below("shown besides", 60, days, campaigns))
    return pa.table({"day": days, "campaign": campaigns, "clicks": paid, "impressions": shown, "cents": cents})
