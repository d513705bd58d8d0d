"""What settings ask for that only an optional extra brings."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from pipeline.config.settings import Settings
from pipeline.errors import Problem

_WHERE = "journeys.yaml: identity.linkage.enabled"
_FIX = "Install it with: pip install '.[linkage]' (or set enabled: false)."


def splink_version() -> str | None:
    """Return the version of Splink that is installed, without importing it."""
    try:
        return version("splink")
    except PackageNotFoundError:
        return None


def extra_problems(settings: Settings) -> list[Problem]:
    """Return what is switched on and cannot run as things are installed."""
    if not settings.identity.linkage.enabled:
        return []
    installed = splink_version()
    if installed is None:
        return [Problem("Probable links need the package splink, which is not installed.", _WHERE, fix=_FIX)]
    if installed.split(".")[0] != "5":
        return [Problem("Probable links need splink 5; another version is installed.", _WHERE, installed, fix=_FIX)]
    return []


def linkage_rows(settings: Settings) -> list[dict[str, object]]:
    """Return the rows of `config.linkage`; another version of Splink builds the links anew."""
    linkage = settings.identity.linkage
    if not linkage.enabled:
        return []
    return [{"min_match_probability": linkage.min_match_probability, "splink_version": splink_version()}]
