"""How numbers and texts are written in reports: separators, units, intervals, shortened and masked texts."""

from __future__ import annotations

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any

#: Between a number and its unit; keeps them on one line.
GAP = "\u00a0"
NOTHING = "–"

_MODELS = {
    "first": "First touch",
    "last": "Last touch",
    "last_non_direct": "Last touch that is not Direct",
    "last_paid": "Last paid touch",
    "linear": "Linear",
    "position": "Position",
    "time_decay": "Time decay",
    "j_shaped": "J shape",
    "inverse_j": "Inverse J",
    "custom": "Own weights",
    "shapley_simple": "Equal split by distinct channel",
    "markov_order": "Markov, by order",
    "markov_global": "Markov",
    "shapley_order": "Shapley, by order",
    "shapley_rate": "Shapley",
    "participation": "Participation (does not add up)",
}

#: An address is masked whole, with its local part, also where a URL has encoded it.
_EMAIL = re.compile(
    r"""[^\s"',;:<>()\[\]{}|=?&/\\]{1,80}(?:@|＠|%40)[^\s"',;:<>()\[\]{}|=?&/\\]{1,80}""", re.IGNORECASE
)
_PHONE = re.compile(
    r"(?P<keep>\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}\b"
    r"|(?<![\d.,])\d{1,8}[.,]\d{1,2}(?![\d.,]))"
    r"|(?<![\w.])(?P<phone>\+?\(?\d[\d ().\-/]{5,25}\d)(?!\w)"
)
#: Marks that turn the direction of the text after them, also of text that is not theirs.
_TURNING = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"))


def count(value: float | None) -> str:
    """Write a whole number: 12,345."""
    return NOTHING if value is None else f"{value:,.0f}"


def decimal(value: float | Decimal | None, places: int = 1) -> str:
    """Write a number with decimals: 1,234.5."""
    # z: what rounds to zero has no sign.
    return NOTHING if value is None or not isfinite(value) else f"{value:z,.{places}f}"


def exact(value: float | None) -> str:
    """Write a number with two decimals, or none when it is whole."""
    if value is None:
        return NOTHING
    return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"


def money(value: float | Decimal | None, digits: int = 2) -> str:
    """Write an amount without its currency: 1,234.50. Only a true zero is written 0."""
    if value is None:
        return NOTHING
    text = f"{value:,.{digits}f}"
    return text.removeprefix("-") if not text.strip("-0.,") else text


def share(value: float | None) -> str:
    """Write a share in percent: 12.3 %."""
    return NOTHING if value is None else f"{value * 100:.1f}{GAP}%"


def interval(low: float | None, high: float | None) -> str:
    """Write the ends of an interval of shares: 9.1–16.4 %."""
    return "" if low is None or high is None else f"{low * 100:.1f}–{high * 100:.1f}{GAP}%"


def enough(n: float | None, guard_n: int) -> bool:
    """Tell whether there are cases enough to say a share, a mean, a median or an interval.

    Everything a report shows asks here: tables, drawings, tips and headlines.
    """
    return n is not None and n >= guard_n


def too_few(n: float | None) -> str:
    """Say why there is no number."""
    return f"too few to say (n{GAP}={GAP}{count(n or 0)})"


def rate(value: float | None, low: float | None, high: float | None, n: float | None, guard_n: int) -> str:
    """Write a rate with its 95 % interval, or that there are too few cases for one."""
    if value is None or not enough(n, guard_n):
        return too_few(n)
    return f"{share(value)} ({interval(low, high)})"


def difference(value: float | None, low: float | None, high: float | None) -> str:
    """Write a difference of two shares with its 95 % interval, in points of percent: +2.1 points (0.4 to 3.8)."""
    if value is None or low is None or high is None:
        return NOTHING
    return f"{value * 100:+z.1f}{GAP}points ({low * 100:z.1f} to {high * 100:z.1f})"


def with_share(size: float, value: float | None, n: float | None, guard_n: int, form: str = "{} · {}") -> str:
    """Write a count and the share it is; the share only when it stands on enough cases."""
    if value is None or not enough(n, guard_n):
        return count(size)
    return form.format(count(size), share(value))


def days(value: float | None) -> str:
    """Write a duration in days; shorter ones in hours and minutes."""
    if value is None:
        return NOTHING
    if value >= 1:
        return f"{value:,.1f} days"
    hours = value * 24
    return f"{hours:.1f} hours" if hours >= 1 else f"{hours * 60:.0f} min"


def day(value: date | None) -> str:
    """Write a day: 1 Sep 2026."""
    return NOTHING if value is None else f"{value.day} {value:%b %Y}"


def month(value: date | None) -> str:
    """Write a month: Sep 2026."""
    return NOTHING if value is None else f"{value:%b %Y}"


def moment(value: datetime | None) -> str:
    """Write a time: 1 Sep 2026 03:15."""
    return NOTHING if value is None else f"{day(value)} {value:%H:%M}"


def period(first: date | None, last: date | None) -> str:
    """Write a period: 3 Jun – 31 Aug 2026."""
    if first is None or last is None:
        return day(first or last)
    if first == last:
        return day(first)
    begin = f"{first.day} {first:%b}" if first.year == last.year else day(first)
    return f"{begin} – {day(last)}"


def compact(value: float) -> str:
    """Write a number for an axis: 950, 12.5k, 3M."""
    for size, unit in ((1e9, "bn"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            scaled = value / (1e3 if unit == "k" else size)
            return f"{scaled:,.1f}".removesuffix(".0") + unit
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def plural(n: float, one: str, many: str = "") -> str:
    """Write a number with its noun: 1 order, 2 orders."""
    return f"{count(n)} {one if n == 1 else many or one + 's'}"


def words(name: str) -> str:
    """Write one of our own names for people: last_interaction becomes Last interaction."""
    return name.replace("_", " ").strip().capitalize()


def model_name(model: str) -> str:
    """Write the name of a credit model."""
    return _MODELS.get(model, words(model))


def model_order(model: str) -> tuple[int, str]:
    """Sort known models in the order people know them, others behind."""
    known = list(_MODELS)
    return (known.index(model) if model in known else len(known), model)


def clean(value: Any) -> str:
    """Return text for people: one line, without control characters and without marks that turn its direction."""
    text = str(value).translate(_TURNING)
    text = "".join(" " if unicodedata.category(c) in ("Cc", "Zl", "Zp", "Cs") else c for c in text)
    return " ".join(text.split())


def shorten(text: str, most: int) -> str:
    """Cut a text that is too long, never inside a joined character."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    while cut and (cut[-1] == "\u200d" or unicodedata.combining(text[len(cut)]) or text[len(cut)] == "\u200d"):
        cut = cut[:-1]
    return cut.rstrip() + "…"


def shorten_path(path: str, most: int) -> str:
    """Cut the beginning of a path that is too long: its end tells files apart."""
    return path if len(path) <= most else "…" + path[len(path) - most + 1 :]


def mask_email(text: str) -> str:
    """Put [e-mail] in the place of every address."""
    return _EMAIL.sub("[e-mail]", text) if any(mark in text for mark in ("@", "＠", "%40")) else text


def mask_personal(text: str) -> str:
    """Put [e-mail] and [phone] in the place of addresses and numbers; dates and amounts stay."""
    return _PHONE.sub(_phone_masked, mask_email(text))


def _phone_masked(found: re.Match[str]) -> str:
    text = found.group()
    if found.group("keep"):
        return text
    digits = re.sub(r"\D", "", text)
    is_marked = text[0] in "+(0" or len(digits) != len(text)
    return "[phone]" if len(digits) >= (7 if is_marked else 9) else text
