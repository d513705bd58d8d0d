"""The parameters of the simulated business: what it sells, who comes, how they come and what that causes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from pipeline.demo.calendar import Calendar
from pipeline.demo.draws import Dice

BUSINESS = "Fernhollow Tea"
HOST = "shop.example.com"


@dataclass(frozen=True)
class Kind:
    """A kind of person: how many there are and what they tend to do in 90 days."""

    name: str
    share: float
    orders: float = 0.0
    """Retail orders before what is done to win them; 0 for those who never buy."""
    store_share: float = 0.0
    """Share of those orders made in a store."""
    web_share: float = 0.0
    """Share of these people who use the web site at all."""
    account_share: float = 0.0
    """Share of the web users who have an account with the shop."""
    subscriber_share: float = 0.0
    episodes: float = 0.0
    """Spells in which the person is looking for tea."""
    visits: float = 0.0
    """Visits outside of such spells."""


KINDS: tuple[Kind, ...] = (
    Kind("browser", 0.310, web_share=1.0, subscriber_share=0.02, episodes=1.1, visits=0.8),
    Kind("guest", 0.250, orders=0.26, web_share=1.0, subscriber_share=0.20, episodes=1.2, visits=0.7),
    Kind(
        "account", 0.180, orders=0.85, store_share=0.12, web_share=1.0, account_share=1.0, subscriber_share=0.55,
        episodes=1.6, visits=1.2,
    ),
    Kind(
        "member", 0.070, orders=1.70, store_share=0.80, web_share=0.45, account_share=0.9, subscriber_share=0.40,
        episodes=1.2, visits=0.8,
    ),
    Kind("card", 0.050, orders=1.40, store_share=1.0, web_share=0.25, episodes=1.4, visits=0.5),
    Kind("walk_in", 0.050, orders=1.40, store_share=1.0, episodes=1.6),
    Kind("reader", 0.065, web_share=1.0, subscriber_share=1.0, episodes=0.3, visits=0.2),
    Kind("wholesale", 0.025, web_share=0.6, account_share=0.25, subscriber_share=0.10, episodes=0.6, visits=0.6),
)  # fmt: skip
KIND_INDEX = {kind.name: index for index, kind in enumerate(KINDS)}
#: Kind of the business's own people, who place test orders; they come after the customers.
STAFF = len(KINDS)


@dataclass(frozen=True)
class Channel:
    """A way of reaching people, and what one contact does to their appetite for tea."""

    name: str
    effect: float
    """How much one contact adds to the logarithm of the chance to buy, on the day itself."""
    half_life_days: float
    first: float
    """Weight as the first visit of a spell."""
    later: float
    """Weight as a later visit of a spell."""
    buying: float = 0.0
    """Weight as the way back to the shop of somebody who has already decided to buy."""


CHANNELS: tuple[Channel, ...] = (
    Channel("Direct", 0.25, 2.0, first=0.17, later=0.34, buying=0.52),
    Channel("Organic Search", 0.55, 4.0, first=0.30, later=0.19, buying=0.18),
    Channel("Paid Search", 0.85, 4.0, first=0.19, later=0.13, buying=0.08),
    Channel("Paid Social", 0.65, 5.0, first=0.14, later=0.06),
    Channel("Organic Social", 0.40, 4.0, first=0.08, later=0.03),
    Channel("Email", 0.75, 4.0, first=0.0, later=0.0),
    Channel("Referral", 0.60, 4.0, first=0.09, later=0.04, buying=0.04),
    # Retargeting shows to people who have been here and are about to buy: much seen before orders, the cause of none.
    Channel("Display", 0.0, 4.0, first=0.0, later=0.18, buying=0.18),
    Channel("AI Assistant", 0.70, 4.0, first=0.03, later=0.03),
)
CHANNEL_INDEX = {channel.name: index for index, channel in enumerate(CHANNELS)}
DIRECT, EMAIL, DISPLAY = CHANNEL_INDEX["Direct"], CHANNEL_INDEX["Email"], CHANNEL_INDEX["Display"]


@dataclass(frozen=True)
class Tag:
    """One way in which a visit of a channel appears in the Google Analytics export."""

    channel: str
    weight: float
    source: str = ""
    medium: str = ""
    campaign: str = ""
    form: str = "utm"
    """utm, referrer, direct (sentinels), none, ads (linked account), gclid_organic or gclid_only."""
    referrer: str = ""


TAGS: tuple[Tag, ...] = (
    Tag("Direct", 0.885, form="none"),
    Tag("Direct", 0.10, "(direct)", "(none)", "(direct)", "direct"),
    Tag("Direct", 0.015, HOST, "referral", "", "referrer", f"https://{HOST}/"),
    Tag("Organic Search", 0.75, "google", "organic", "(organic)", "referrer", "https://www.google.com/"),
    Tag("Organic Search", 0.13, "bing", "organic", "(organic)", "referrer", "https://www.bing.com/"),
    Tag("Organic Search", 0.12, "duckduckgo", "organic", "(organic)", "referrer", "https://duckduckgo.com/"),
    Tag("Paid Search", 0.24, "google", "cpc", "Search - Brand", "ads"),
    Tag("Paid Search", 0.20, "google", "cpc", "Search - Tea Gifts", "ads"),
    Tag("Paid Search", 0.22, "google", "organic", "", "gclid_organic"),
    Tag("Paid Search", 0.10, form="gclid_only"),
    Tag("Paid Search", 0.08, "google", "cpc", "Autumn Sale"),
    Tag("Paid Search", 0.06, "google", "cpc", "autumn_sale"),
    Tag("Paid Search", 0.04, "Google", "CPC", "AUTUMN SALE"),
    Tag("Paid Search", 0.06, "bing", "cpc", "search - brand"),
    Tag("Paid Social", 0.34, "facebook", "paid_social", "Autumn Sale"),
    Tag("Paid Social", 0.14, "facebook", "paid_social", "autumn_sale"),
    Tag("Paid Social", 0.10, "Facebook", "Paid_Social", "Autumn Sale"),
    Tag("Paid Social", 0.18, "instagram", "paid_social", "Matcha Moments"),
    Tag("Paid Social", 0.12, "facebook", "cpc", "matcha-moments"),
    Tag("Paid Social", 0.08, "fb", "paid-social", "Matcha Moments"),
    Tag("Paid Social", 0.04, "facebook", "", "Autumn Sale"),
    Tag("Organic Social", 0.50, "instagram", "social", "profile link"),
    Tag("Organic Social", 0.30, "m.facebook.com", "referral", "(referral)", "referrer", "https://m.facebook.com/"),
    Tag("Organic Social", 0.20, "pinterest.com", "referral", "(referral)", "referrer", "https://www.pinterest.com/"),
    Tag("Referral", 0.60, "teatable.example.org", "referral", "(referral)", "referrer", "https://teatable.example.org/best-green-teas"),
    Tag("Referral", 0.40, "townguide.example.net", "referral", "(referral)", "referrer", "https://townguide.example.net/stores"),
    Tag("Display", 0.55, "adnet.example.net", "display", "Retargeting 30d"),
    Tag("Display", 0.20, "AdNet.example.net", "Display", "retargeting 30d"),
    Tag("Display", 0.15, "adnet.example.net", "banner", "Retargeting 7d"),
    Tag("Display", 0.10, "adnet.example.net", "cpm", "Retargeting 7d"),
    Tag("AI Assistant", 0.55, "chatgpt.com", "ai-assistant", "(ai-assistant)", "referrer", "https://chatgpt.com/"),
    Tag("AI Assistant", 0.33, "perplexity.ai", "ai-assistant", "(ai-assistant)", "referrer", "https://www.perplexity.ai/"),
    Tag("AI Assistant", 0.12, "chatgpt.com", "referral", "(referral)", "referrer", "https://chatgpt.com/"),
    # The campaign of a newsletter visit is the newsletter it came from.
    Tag("Email", 0.62, "newsletter", "email"),
    Tag("Email", 0.16, "newsletter", "Email"),
    Tag("Email", 0.12, "Newsletter", "email"),
    Tag("Email", 0.07, "newsletter", "e-mail"),
    Tag("Email", 0.03, "newsletter", ""),
)  # fmt: skip


@dataclass(frozen=True)
class Product:
    """Something on the shelf."""

    sku: str
    name: str
    slug: str
    category: str
    cents: int
    weight: float


PRODUCTS: tuple[Product, ...] = (
    Product("TEA-SEN-100", "Sencha Morning", "sencha-morning", "Green tea", 1450, 10),
    Product("TEA-MAT-030", "Ceremonial Matcha", "ceremonial-matcha", "Green tea", 3200, 7),
    Product("TEA-JAS-100", "Jasmine Pearls", "jasmine-pearls", "Green tea", 1895, 7),
    Product("TEA-ASM-100", "Assam Second Flush", "assam-second-flush", "Black tea", 1275, 9),
    Product("TEA-EGR-100", "Earl Grey No. 9", "earl-grey-no-9", "Black tea", 1150, 11),
    Product("TEA-DAR-050", "Darjeeling First Flush", "darjeeling-first-flush", "Black tea", 2150, 5),
    Product("TEA-OOL-050", "Mountain Oolong", "mountain-oolong", "Oolong", 2475, 6),
    Product("TEA-PUE-100", "Pu-erh Cake, aged", "pu-erh-cake", "Oolong", 3850, 3),
    Product("TEA-CHA-150", "Chamomile & Honeybush", "chamomile-honeybush", "Herbal", 995, 9),
    Product("TEA-MIN-150", "Garden Mint", "garden-mint", "Herbal", 895, 9),
    Product("TEA-ROO-150", "Rooibos Vanilla", "rooibos-vanilla", "Herbal", 1050, 7),
    Product("ACC-POT-001", "Glass Teapot", "glass-teapot", "Teaware", 4200, 3),
    Product("ACC-CUP-002", "Stoneware Cup", "stoneware-cup", "Teaware", 1800, 5),
    Product("ACC-WHI-001", 'Bamboo Whisk "Chasen"', "bamboo-whisk", "Teaware", 1650, 2),
    Product("GFT-BOX-001", "Tasting Box, 8 teas", "tasting-box", "Gifts", 3600, 5),
    Product("GFT-BOX-002", "Afternoon Gift Set", "afternoon-gift-set", "Gifts", 6400, 3),
)

#: Links that every issue of the newsletter has.
MAIL_LINKS = ("/collections/green-tea", "/collections/gifts", "/pages/brewing-guide")

TAX_RATE = 0.0625

#: Multiplier on everybody's chance to buy.
APPETITE = 0.95


class World:
    """A simulated business: its size, its days and its dice."""

    def __init__(self, people: int, days: int, seed: int, start: date) -> None:
        self.count_people = people
        self.days = days
        self.seed = seed
        self.calendar = Calendar(start, days)
        self.dice = Dice(seed)

    @property
    def count_staff(self) -> int:
        """How many of the people are the business's own."""
        return max(1, min(4, self.count_people // 100))

    def scaled(self, share: float, least: int = 1) -> int:
        """Return a share of all people as a count, at least `least`."""
        return max(least, round(share * self.count_people))


def choice_of_tags() -> dict[int, tuple[np.ndarray, np.ndarray]]:
    """Return, per channel, the numbers of its tags and their weights."""
    found = {}
    for name, index in CHANNEL_INDEX.items():
        numbers = np.array([i for i, tag in enumerate(TAGS) if tag.channel == name], np.int64)
        found[index] = (numbers, np.array([TAGS[i].weight for i in numbers]))
    return found
