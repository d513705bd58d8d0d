"""The sections of journeys.yaml, typed: one file per subject."""
