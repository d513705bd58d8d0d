-- One row per period, platform, object and metric that holds no person; never part of anybody's path.
-- grain: row_key, object_kind, object_ref, breakdown, metric
select
    row_key,                                               -- Hash of the natural key of the line it comes from.
    source_system,                                         -- System it was exported from.
    platform,                                              -- Platform measured.
    starts_on,                                             -- First day of the period; null when the export does not say.
    ends_on,                                               -- Last day of the period.
    object_kind,                                           -- What is measured: post, page, campaign, channel group, …
    object_ref,                                            -- Id or name of the object within its kind.
    object_name,                                           -- Name people know it by.
    breakdown,                                             -- Segment or second dimension the number is split by.
    metric,                                                -- Name of the metric as the source writes it.
    value,                                                 -- The number.
    unit,                                                  -- What it counts; shares lie between 0 and 1.
    is_lifetime,                                           -- Counted since the object exists.
    file_id,                                               -- File it was read from; see ops.files.
    line_number                                            -- Line of that file.
from validated.engagement
