"""Settings of a project: journeys.yaml in, typed settings and `config.*` tables out."""

from pipeline.config.load import Project, lines_named, load_settings, places_of
from pipeline.config.row import settings_row
from pipeline.config.settings import Settings
from pipeline.config.tables import config_tables

__all__ = ["Project", "Settings", "config_tables", "lines_named", "load_settings", "places_of", "settings_row"]
