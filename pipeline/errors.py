"""Every error a user can meet: what, where, what was received, what was allowed, and what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

EXIT_PUBLISHED = 0
EXIT_BLOCKED = 1
EXIT_USAGE = 2
EXIT_LOCKED = 3

_MOST_NAMES_SHOWN = 12


def nearest_name(received: str, allowed: Iterable[str]) -> str | None:
    """Return the allowed name that `received` most probably meant, or None when nothing is close."""
    by_folded = {name.casefold(): name for name in allowed}
    begun = [name for name in by_folded if name.startswith(f"{received.casefold()}_")]
    if len(begun) == 1:
        return by_folded[begun[0]]
    found = get_close_matches(received.casefold(), list(by_folded), n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, in parts; `str()` words it."""

    what: str
    where: str = ""
    received: object = None
    allowed: Sequence[str] = ()
    fix: str = ""

    def __str__(self) -> str:
        text = f"{self.where}: {self.what}" if self.where else self.what
        if self.received is not None:
            text += f" Received {_shown(self.received)}."
        if self.allowed:
            text += f" Allowed: {_listed(self.allowed)}."
            near = nearest_name(str(self.received), self.allowed) if self.received is not None else None
            if near and near != self.received:
                text += f" Did you mean {near!r}?"
        if self.fix:
            text += f" {self.fix}"
        return text


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 200 else f"{text[:200]}… ({len(text)} characters)"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(map(str, names[:_MOST_NAMES_SHOWN]))
    rest = len(names) - _MOST_NAMES_SHOWN
    return f"{shown} and {rest} more" if rest > 0 else shown


class JourneysError(Exception):
    """Base of every error this project raises on purpose; carries all problems found, not just the first."""

    exit_code = EXIT_USAGE
    heading = "Something is wrong"

    def __init__(self, *problems: Problem | str) -> None:
        self.problems = [p if isinstance(p, Problem) else Problem(p) for p in problems]
        super().__init__("\n".join(str(p) for p in self.problems))


class ConfigError(JourneysError):
    """The settings cannot be used as they are."""

    heading = "The settings in journeys.yaml need a correction"


class ConnectorError(JourneysError):
    """A connector's folder breaks the rules that every connector keeps."""

    heading = "A connector is not complete"


class ModelError(JourneysError):
    """A model file breaks the rules that every model keeps, or its SQL does not run."""

    heading = "A model is wrong"


class UnreadableFileError(JourneysError):
    """One raw file cannot be read; the night goes on without it."""

    heading = "A file cannot be read"


class UsageError(JourneysError):
    """A command was called with words it does not know."""

    heading = "That call cannot be carried out"


class BlockedError(JourneysError):
    """A blocking check failed, so nothing was published."""

    exit_code = EXIT_BLOCKED
    heading = "Nothing was published: a blocking check failed"


class LockedError(JourneysError):
    """Another run holds the lock."""

    exit_code = EXIT_LOCKED
    heading = "Another run is under way"


def unknown_name(kind: str, received: str, allowed: Iterable[str], where: str = "", fix: str = "") -> Problem:
    """Word an unknown name so that the right one is in the sentence."""
    return Problem(f"There is no {kind} of that name.", where, received, sorted(allowed), fix)
