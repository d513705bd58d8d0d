"""Books, one asset per report, and publishing."""

from __future__ import annotations

import base64
from pathlib import Path

import dagster as dg

from assets.ingest import prepared, retried
from assets.keys import BOOKS, PUBLISHED, REJECTED
from assets.resources import NightResource
from pipeline.catalog import Model
from pipeline.reporting.render import page_names, render_page
from pipeline.run import close_books, fresh_reports, stop_if_blocked, switch_over

_LARGEST_PREVIEW = 600_000


def books_asset(models: dict[str, Model]) -> dg.AssetsDefinition:
    """Return the asset that writes the ops tables once all models and checks are done."""

    @dg.asset(
        key=BOOKS,
        group_name="ops",
        deps=[dg.AssetKey([m.layer, m.table]) for m in models.values() if m.layer in ("core", "marts", "identity")]
        + [REJECTED],
        description="ops.files, ops.coverage, ops.audit_results, ops.runs and ops.restatements.",
    )
    def books(journeys: NightResource) -> dg.MaterializeResult:
        night = prepared(journeys.night)
        night.intake  # noqa: B018  looks at the files when this asset runs by itself
        night.keep_books()
        for name in night.audits:
            if name not in night.audit_results:
                night.audit(name)
        night.keep_books()
        stop_if_blocked(night)
        night.has_news = close_books(night)
        files = night.warehouse.value("select count(*) from ops.files")
        return dg.MaterializeResult(metadata={"files": files, "has_news": night.has_news})

    return books


def report_asset(page: str) -> dg.AssetsDefinition:
    """Return the asset that draws one page."""

    @dg.asset(
        key=["reports", page],
        group_name="reports",
        deps=[BOOKS],
        description=f"The page {page} of the report.",
        kinds={"matplotlib"},
    )
    def drawn(journeys: NightResource) -> dg.MaterializeResult:
        night = prepared(journeys.night)
        if not night.has_news:
            return dg.MaterializeResult(metadata={"drawn": False})
        rendered = retried(lambda: render_page(night.warehouse, page, fresh_reports(night)))
        return dg.MaterializeResult(metadata={"drawn": True, **_preview(rendered.main_png)})

    return drawn


def _preview(picture: Path | None) -> dict[str, dg.MetadataValue]:
    if picture is None or picture.stat().st_size > _LARGEST_PREVIEW:
        return {}
    encoded = base64.b64encode(picture.read_bytes()).decode()
    return {"preview": dg.MetadataValue.md(f"![{picture.stem}](data:image/png;base64,{encoded})")}


@dg.asset(
    key=PUBLISHED,
    group_name="published",
    deps=[BOOKS, *(dg.AssetKey(["reports", page]) for page in page_names())],
    description="The database, Parquet files and reports that everybody reads, switched over all at once.",
)
def published(journeys: NightResource) -> dg.MaterializeResult:
    """Switch over, unless nothing is new."""
    night = prepared(journeys.night)
    if night.has_news:
        retried(lambda: switch_over(night))
    return dg.MaterializeResult(
        metadata={
            "published": night.has_news,
            "database": dg.MetadataValue.path(str(night.project.published)),
            "report": dg.MetadataValue.path(str(night.project.reports / "latest" / "index.html")),
        }
    )
