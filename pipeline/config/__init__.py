"""Settings of a project: journeys.yaml in, typed settings and `config.*` tables (`tables`, `row`) out."""

from pipeline.config.load import Project, lines_named, load_settings, places_of
from pipeline.config.settings import Settings

__all__ = ["Project", "Settings", "lines_named", "load_settings", "places_of"]
