"""The night as a resource: opened once a run, shared by all its steps, closed at the end."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from pydantic import PrivateAttr

from pipeline.config import Project
from pipeline.night import Night

_LOCK_WAIT_SECONDS = 600.0


def project_root() -> Path:
    """Return the project's folder: JOURNEYS_PROJECT, or the folder that holds this package."""
    return Path(os.environ.get("JOURNEYS_PROJECT") or Path(__file__).parent.parent)


class NightResource(dg.ConfigurableResource):
    """Gives steps the open night of their run."""

    project: str = ""
    full: bool = False

    _night: Night = PrivateAttr()

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator[NightResource]:
        """Hold the lock and the database for the time of the run."""
        root = Path(self.project) if self.project else project_root()
        with Night.open(Project.open(root), full=self.full, wait_seconds=_LOCK_WAIT_SECONDS) as night:
            self._night = night
            yield self

    @property
    def night(self) -> Night:
        """The open night."""
        return self._night
