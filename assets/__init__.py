"""Dagster: one asset per connector, model and report, and one for publishing. Thin; all logic is in `pipeline`."""
