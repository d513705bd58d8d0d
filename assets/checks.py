"""Expectations and audits as asset checks; blocking ones stop what is downstream."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import dagster as dg

from assets.ingest import prepared
from assets.keys import REJECTED, table_key
from assets.models import PERSONAL, PERSONAL_LAYER
from assets.resources import NightResource
from pipeline.catalog import Audit, Model
from pipeline.contracts import contracts
from pipeline.validate.expectations import expectations_of, used_expectations

_SEVERITY = {
    "block": dg.AssetCheckSeverity.ERROR,
    "warn": dg.AssetCheckSeverity.WARN,
    "reject": dg.AssetCheckSeverity.WARN,
    "refuse": dg.AssetCheckSeverity.WARN,
}


def expectation_checks() -> dg.AssetChecksDefinition:
    """Return the checks of the contracts' expectations; rows that break a row rule are set aside, so it warns."""
    wanted = [e for contract in contracts().values() for e in expectations_of(contract)] + used_expectations(
        contracts()
    )
    specs = [
        dg.AssetCheckSpec(
            name=e.rule,
            asset=dg.AssetKey(e.checked.split(".")),
            description=f"{e.says} ({e.level})",
            blocking=e.level == "block",
            additional_deps=[REJECTED],
        )
        for e in wanted
    ]

    @dg.multi_asset_check(specs=specs, name="expectations", can_subset=False)
    def expectations(journeys: NightResource) -> Iterator[dg.AssetCheckResult]:
        night = prepared(journeys.night)
        found = {(row["checked"], row["rule"], row["says"]): row for row in night.expect().to_pylist()}
        for e in wanted:
            row = found.get((e.checked, e.rule, e.says))
            yield dg.AssetCheckResult(
                check_name=e.rule,
                asset_key=dg.AssetKey(e.checked.split(".")),
                passed=row is None or bool(row["is_met"]),
                severity=_SEVERITY[e.level],
                metadata={"rows_that_fail": row["count_unexpected"] if row else 0},
            )

    return expectations


def audit_check(audit: Audit, order: Sequence[str], models: Mapping[str, Model]) -> dg.AssetChecksDefinition:
    """Return the check of one promise, on the last of the tables it reads."""
    read = [name for name in audit.inputs if name in models]
    last = max(read, key=order.index) if read else None
    key = dg.AssetKey(last.split(".")) if last else REJECTED
    others = {k for name in audit.inputs if (k := table_key(name)) is not None and k != key}

    @dg.asset_check(
        asset=key,
        name=audit.name,
        description=audit.meaning,
        blocking=audit.level == "block",
        additional_deps=sorted(others),
    )
    def kept(journeys: NightResource) -> dg.AssetCheckResult:
        night = prepared(journeys.night)
        if "ops.validation_results" in audit.inputs:
            # What Great Expectations counted is no asset that a check can wait for; a second call finds it done.
            night.expect()
        result = night.audit(audit.name)
        return dg.AssetCheckResult(
            passed=result.is_kept,
            severity=_SEVERITY[audit.level],
            metadata={"rows_that_break_it": result.count_rows, "first_of_them": _shown(audit, result.examples)},
        )

    return kept


#: What is told of a row in words may name what its personal columns hold.
_UNSHOWN = {*PERSONAL, "finding"}


def _shown(audit: Audit, rows: Sequence[Mapping[str, object]]) -> str:
    if any(name.startswith(f"{PERSONAL_LAYER}.") for name in audit.inputs):
        return ""
    return str([{name: value for name, value in row.items() if name not in _UNSHOWN} for row in rows])[:2000]
