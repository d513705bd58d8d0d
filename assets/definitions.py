"""The whole entry: everything Dagster knows of this project."""

from __future__ import annotations

import dagster as dg

from assets.checks import audit_check, expectation_checks
from assets.ingest import connector_asset, rules, settings, shape_assets, validated_assets
from assets.models import model_asset
from assets.reports import books_asset, published, report_asset
from assets.resources import NightResource, project_root
from assets.schedules import new_files, night_failed, nightly, nightly_schedule
from pipeline.catalog import grain_audits, in_order, read_audits, read_models
from pipeline.config import Project
from pipeline.generic import with_generic
from pipeline.ingest.spec import read_specs
from pipeline.reporting.render import page_names


def definitions() -> dg.Definitions:
    """Return the assets, checks, job, schedule and sensors of the project."""
    project = Project.open(project_root())
    specs = with_generic(read_specs(), project)
    models = read_models()
    order = [model.name for model in in_order(models)]
    audits = {**read_audits(), **grain_audits(models)}
    return dg.Definitions(
        assets=[
            rules,
            settings,
            *(connector_asset(spec) for spec in specs.values()),
            shape_assets(specs),
            validated_assets(),
            *(model_asset(models[name]) for name in order),
            books_asset(models),
            *(report_asset(page) for page in page_names()),
            published,
        ],
        asset_checks=[expectation_checks(), *(audit_check(audit, order, models) for audit in audits.values())],
        jobs=[nightly],
        schedules=[nightly_schedule(project)],
        sensors=[new_files, night_failed],
        resources={"journeys": NightResource()},
        executor=dg.in_process_executor,
    )


defs = definitions()
