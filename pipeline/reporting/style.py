"""Colours: one name each, with a light and a dark value; a channel keeps its colour on every page."""

from __future__ import annotations

import hashlib

UNTRACKED = "No tracked touchpoint"

#: Colour name -> light and dark value. Figures are drawn in the light ones; in the page each becomes a CSS variable, so
#: that it follows the reader's colour scheme. No two light values may be equal. All are at least 3:1 on their card.
PALETTE: dict[str, tuple[str, str]] = {
    "ink": ("#1c2430", "#e8ecf2"),
    "muted": ("#566173", "#a7b1c0"),
    "faint": ("#8a94a3", "#79849a"),
    "grid": ("#e2e6ec", "#2e3746"),
    "page": ("#f4f6f9", "#10141c"),
    "card": ("#ffffff", "#181e29"),
    "accent": ("#2459a8", "#7db0f5"),
    "converted": ("#006b62", "#3fc0ae"),
    "lost": ("#8c2f1c", "#e0735a"),
    "open": ("#b08d10", "#ecd885"),
    "start": ("#3d4757", "#c3cbd8"),
    "more": ("#77808f", "#8d97a8"),
    "warn": ("#a15c00", "#f0b35c"),
    "model-first": ("#2f6fb0", "#82b8f0"),
    "model-last": ("#c0561f", "#f19a66"),
    "model-last_non_direct": ("#11161f", "#f7f9fc"),
    "model-last_paid": ("#96690b", "#e5b94f"),
    "model-linear": ("#0f7c75", "#53c7bd"),
    "model-position": ("#7a4aa8", "#c09aec"),
    "model-time_decay": ("#a8851a", "#e0c25f"),
    "model-j_shaped": ("#b13a6b", "#f08bb5"),
    "model-inverse_j": ("#5a7a26", "#a9cc72"),
    "model-custom": ("#3f6f4f", "#8fcfa4"),
    "model-markov_order": ("#0d6b8c", "#63c3e6"),
    "model-markov_global": ("#4a5a9e", "#9fb0f0"),
    "model-shapley_order": ("#a33c2a", "#f2a08e"),
    "model-shapley_rate": ("#8c2f2f", "#ee9a9a"),
    "model-shapley_simple": ("#5c5c5c", "#b5b5b5"),
    "model-other": ("#6b7686", "#a0abbb"),
}

#: Families share a hue; within one, paid is the darker. Names always stand beside the colour, which only helps the eye.
_CHANNELS: dict[str, tuple[str, str]] = {
    "Paid Search": ("#1a3fae", "#6d93f5"),
    "Organic Search": ("#2b83ee", "#a4cdfb"),
    "AI Assistant": ("#1b6c80", "#5fbfd2"),
    "Paid Social": ("#6b1a7d", "#bd7fd0"),
    "Organic Social": ("#cf6cc6", "#f3bdec"),
    "Email": ("#d46f0c", "#f2a24c"),
    "SMS": ("#a8761a", "#e3bd6b"),
    "Mobile Push Notifications": ("#8a6d2f", "#cbb07a"),
    "Direct": ("#8a9199", "#aab3be"),
    "Referral": ("#35996a", "#82cfa6"),
    "Affiliates": ("#5f7d39", "#a6c67e"),
    "Display": ("#861f4a", "#e0809f"),
    "Paid Video": ("#6a45ad", "#b597f0"),
    "Organic Video": ("#9a80d3", "#d6c9f7"),
    "Paid Shopping": ("#14708a", "#5cb9d4"),
    "Organic Shopping": ("#4b96ac", "#a3dcee"),
    "Paid Other": ("#4d5f8f", "#97a9dc"),
    "Cross-network": ("#34507c", "#8ba9da"),
    "Audio": ("#8b5a62", "#d8a3ac"),
    "Store": ("#94451d", "#d98a5c"),
    "Phone": ("#7a6a45", "#c4b184"),
    "Chat": ("#2d8a5e", "#77d1a5"),
    "Support": ("#5d6b5a", "#a8b8a4"),
    "Sales": ("#a04a4a", "#e79a9a"),
    "Survey": ("#76608f", "#bda8d8"),
    "Offline": ("#6e5b4b", "#bda693"),
    "Unassigned": ("#7f8894", "#97a1ae"),
    UNTRACKED: ("#8b8f97", "#8f959e"),
}

#: For channels of the business's own rules; the name decides, so that it keeps its colour.
_SPARE: tuple[tuple[str, str], ...] = (
    ("#9b2f4f", "#ee8fab"),
    ("#2b7f94", "#7acbdd"),
    ("#8c7a10", "#d6c65c"),
    ("#4f4fae", "#a9a9f5"),
    ("#2f7d32", "#86d189"),
    ("#a3561f", "#eda271"),
    ("#8a3fa0", "#d79aea"),
    ("#476a7d", "#9fc0d2"),
    ("#b0455f", "#f2a3b4"),
    ("#1f7a66", "#70cdb8"),
    ("#7d5a9c", "#c4a6df"),
    ("#66702a", "#b9c273"),
)


def _variables() -> dict[str, tuple[str, str]]:
    named = dict(PALETTE)
    named |= {f"ch{index}": pair for index, pair in enumerate((*_CHANNELS.values(), *_SPARE))}
    assert len({light for light, _ in named.values()}) == len(named), "two colours share their light value"
    return named


VARIABLES = _variables()

#: Light value -> CSS variable that stands for it in a page.
CSS_NAMES = {light: f"var(--{name})" for name, (light, _) in VARIABLES.items()}


def colour(name: str) -> str:
    """Return the light value of a named colour."""
    return VARIABLES[name][0]


def channel_variable(channel: str) -> str:
    """Return the name of a channel's colour."""
    if channel in _CHANNELS:
        return f"ch{list(_CHANNELS).index(channel)}"
    if channel.startswith("("):
        return {"(conversion)": "converted", "(drop-off)": "lost", "(still open)": "open", "(start)": "start"}.get(
            channel, "more"
        )
    place = int(hashlib.sha256(channel.encode("utf-8", "surrogatepass")).hexdigest(), 16) % len(_SPARE)
    return f"ch{len(_CHANNELS) + place}"


def model_variable(model: str) -> str:
    """Return the name of a credit model's colour."""
    name = f"model-{model}"
    return name if name in PALETTE else "model-other"


def css_variables() -> str:
    """Return the lines of the style sheet that give colours their values: dark only on screens that ask for it."""
    light = "".join(f"--{name}:{pair[0]};" for name, pair in VARIABLES.items())
    dark = "".join(f"--{name}:{pair[1]};" for name, pair in VARIABLES.items())
    return f":root{{{light}}}\n@media screen and (prefers-color-scheme: dark){{:root{{{dark}}}}}\n"
