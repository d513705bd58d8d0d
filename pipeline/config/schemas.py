"""The columns and the meaning of every `config.*` table."""

from __future__ import annotations

import pyarrow as pa

#: Meaning of each config table, first sentence its grain; goes into COMMENT ON and the data dictionary.
MEANINGS = {
    "stages": "One row per stage of the journey, in order.",
    "interactions": "One row per interaction: its default stage, and whether it is a touch that can earn credit.",
    "stage_rules": "One row per rule that gives an event a stage other than its interaction's; the lowest order wins.",
    "channel_rules": "One row per condition of a channel rule; the lowest order that matches names the channel.",
    "source_categories": "One row per source name that channel rules know as search, social, shopping or video.",
    "silent_hosts": "One row per host pattern that is part of a visit and never what brought it.",
    "source_hosts": "One row per host pattern and the source name it stands for.",
    "staff_ids": "One row per log-in id of staff.",
    "internal_hosts": "One row per host pattern that only the business itself uses.",
    "click_ids": "One row per parameter that a platform adds to its links; of several the lowest priority decides.",
    "identifier_rules": "One row per value, local part or domain of identifiers that join nobody.",
    "identifier_limits": "One row per pair of identifier kinds: how many of the second one of the first may join.",
    "identifier_strengths": "One row per kind of identifier: how strong it is, and whether a person has but one.",
    "linkage": "One row when probable links are switched on: from what probability on, and what computes them.",
    "currencies": "One row per currency of ISO 4217, and the first day on which it can be converted.",
    "rates": "One row per day and currency: units of reporting currency for one unit.",
    "product_costs": "One row per product and day from which its unit cost holds.",
    "decision_rules": "One row per rule of the decision cards; the first that fits a channel names its next step.",
    "phone_regions": "One row per country: how its phone numbers are written.",
    "time_zone_names": "One row per display name of a time zone that an export writes.",
    "own_hosts": "One row per host of the business itself.",
    "funnels": "One row per funnel: who is counted in it, in which order and how long.",
    "funnel_steps": "One row per funnel and step: which events it takes; part numbers what a funnel looks for.",
    "funnel_exclusions": "One row per funnel and thing that takes somebody out between two of its steps.",
    "funnel_breakdowns": "One row per funnel and attribute that it is broken down by.",
    "event_names": "One row per event name of a source and the interaction it stands for.",
    "order_priority": "One row per system whose orders can be the same as another's; the lowest stands.",
    "details_priority": "One row per system that says where an order was made; the lowest that says it stands.",
    "main_sources": "One row per system that must cover a look-back whole; none when the data decides.",
    "experiments": "One row per experiment in the settings: its control, days, metric and, of a hold-out, channel.",
    "experiment_arms": "One row per experiment and arm named in the settings: its planned part of the people.",
    "source_priority": "One row per system: of touches of one time and stage, those of the lowest priority come first.",
    "page_groups": "One row per rule of journeys.yaml that names a group of pages; the lowest order that fits counts.",
    "path_anchors": "One row per step that flows are drawn from besides the usual ones.",
    "path_comparisons": "One row per pair of groups of journeys whose paths are compared.",
    "settings": "One row per run: the settings that models need.",
    "clock": "One row per run: the latest time that a row may carry.",
}

_MATCH = (
    ("interactions", pa.list_(pa.string())), ("page_regex", pa.string()), ("stage", pa.string()),
    ("condition", pa.string()),
)  # fmt: skip

#: The columns of every table; a table without rows still has them.
SCHEMAS: dict[str, pa.Schema] = {
    name: pa.schema(columns)
    for name, columns in {
        "stages": [("stage", pa.string()), ("stage_index", pa.int32()), ("meaning", pa.string())],
        "interactions": [
            ("interaction", pa.string()), ("stage", pa.string()), ("strength", pa.int32()), ("touch", pa.string()),
            ("lookback_days", pa.int32()), ("meaning", pa.string()),
        ],
        "stage_rules": [
            ("rule_order", pa.int32()), ("source_system", pa.string()), ("interaction", pa.string()),
            ("event_name_regex", pa.string()), ("page_regex", pa.string()), ("stage", pa.string()),
            ("meaning", pa.string()),
        ],
        "channel_rules": [
            ("rule_order", pa.int32()), ("rule", pa.string()), ("channel", pa.string()), ("origin", pa.string()),
            ("source_regex", pa.string()), ("source_category", pa.string()), ("medium_regex", pa.string()),
            ("campaign_regex", pa.string()), ("says", pa.string()),
        ],
        "source_categories": [("source", pa.string()), ("source_category", pa.string())],
        "source_hosts": [("host_regex", pa.string()), ("source", pa.string()), ("meaning", pa.string())],
        "silent_hosts": [("kind", pa.string()), ("host_regex", pa.string()), ("meaning", pa.string())],
        "staff_ids": [("user_id", pa.string())],
        "internal_hosts": [("host_regex", pa.string()), ("meaning", pa.string())],
        "click_ids": [
            ("parameter", pa.string()), ("source", pa.string()), ("medium", pa.string()), ("proves_paid", pa.bool_()),
            ("priority", pa.int32()), ("meaning", pa.string()),
        ],
        "identifier_rules": [
            ("kind", pa.string()), ("match", pa.string()), ("value", pa.string()), ("rule", pa.string()),
            ("meaning", pa.string()),
        ],
        "identifier_limits": [
            ("kind", pa.string()), ("joins_kind", pa.string()), ("most", pa.int32()), ("rule", pa.string()),
            ("meaning", pa.string()),
        ],
        "identifier_strengths": [
            ("kind", pa.string()), ("strength", pa.int32()), ("is_strong", pa.bool_()), ("meaning", pa.string()),
        ],
        "linkage": [("min_match_probability", pa.float64()), ("splink_version", pa.string())],
        "currencies": [
            ("currency", pa.string()), ("minor_digits", pa.int32()), ("symbol", pa.string()),
            ("is_convertible", pa.bool_()), ("first_rate_on", pa.date32()),
        ],
        "rates": [("currency", pa.string()), ("day", pa.date32()), ("rate", pa.decimal128(18, 8))],
        "product_costs": [("product", pa.string()), ("from_day", pa.date32()), ("unit_cost", pa.decimal128(18, 4))],
        "decision_rules": [
            ("rule_order", pa.int32()), ("rule", pa.string()), ("spend_state", pa.string()),
            ("data_state", pa.string()), ("return_state", pa.string()), ("evidence", pa.string()),
            ("evidence_basis", pa.string()), ("pays", pa.string()), ("next_step", pa.string()), ("says", pa.string()),
        ],
        "phone_regions": [
            ("country", pa.string()), ("calling_code", pa.string()), ("international_prefix", pa.string()),
            ("trunk_prefix", pa.string()), ("min_length", pa.int32()), ("max_length", pa.int32()),
            ("is_home", pa.bool_()),
        ],
        "time_zone_names": [("name", pa.string()), ("zone", pa.string())],
        "own_hosts": [("host", pa.string())],
        "event_names": [("source_system", pa.string()), ("event_name", pa.string()), ("interaction", pa.string())],
        "order_priority": [("source_system", pa.string()), ("priority", pa.int32())],
        "main_sources": [("source_system", pa.string())],
        "source_priority": [("source_system", pa.string()), ("priority", pa.int32())],
        "details_priority": [("source_system", pa.string()), ("priority", pa.int32())],
        "page_groups": [("rule_order", pa.int32()), ("page_regex", pa.string()), ("page_group", pa.string())],
        "path_anchors": [("path_kind", pa.string()), ("step", pa.string())],
        "path_comparisons": [
            ("comparison", pa.int32()), ("trait", pa.string()), ("first", pa.string()), ("second", pa.string()),
        ],
        "funnels": [
            ("funnel_index", pa.int32()), ("funnel", pa.string()), ("mode", pa.string()),
            ("window_days", pa.float64()), ("step_max_gap_days", pa.float64()),
            ("hold_constant", pa.list_(pa.string())), ("count_unit", pa.string()),
            ("attempt", pa.string()), ("entry", pa.string()),
            ("grace_seconds", pa.float64()), ("uses_orders", pa.bool_()),
        ],
        "funnel_steps": [
            ("funnel_index", pa.int32()), ("step_index", pa.int32()), ("step", pa.string()), ("part", pa.int32()),
            *_MATCH, ("is_optional", pa.bool_()),
        ],
        "funnel_exclusions": [
            ("funnel_index", pa.int32()), ("exclusion_index", pa.int32()), ("after_step", pa.int32()),
            ("before_step", pa.int32()), ("how", pa.string()), ("part", pa.int32()), *_MATCH,
        ],
        "funnel_breakdowns": [
            ("funnel_index", pa.int32()), ("breakdown_index", pa.int32()), ("breakdown", pa.string()),
            ("value_of", pa.string()), ("step_index", pa.int32()), ("first_value", pa.string()),
            ("second_value", pa.string()),
        ],
        "experiments": [
            ("experiment", pa.string()), ("control", pa.string()), ("window_days", pa.int32()),
            ("metric", pa.string()), ("channel", pa.string()),
        ],
        "experiment_arms": [
            ("experiment", pa.string()), ("variant", pa.string()), ("expected_share", pa.float64()),
        ],
        "settings": [
            ("as_of", pa.timestamp("us")), ("reporting_zone", pa.string()), ("reporting_currency", pa.string()),
            ("minor_digits", pa.int32()), ("guard_n", pa.int32()), ("session_timeout_minutes", pa.int32()),
            ("session_preset", pa.string()), ("session_splits_at_midnight", pa.bool_()),
            ("session_splits_on_campaign", pa.bool_()), ("session_splits_on_website", pa.bool_()),
            ("session_max_actions", pa.int32()),
            ("overwrite_tags", pa.bool_()), ("scanner_seconds", pa.int32()),
            ("page_view_minutes", pa.int32()),
            ("lookback_days", pa.int32()), ("first_order_lookback_days", pa.int32()), ("idle_days", pa.int32()),
            ("first_order_idle_days", pa.int32()), ("half_life_days", pa.float64()), ("position_first", pa.float64()),
            ("position_last", pa.float64()), ("j_last_of_two", pa.float64()), ("default_model", pa.string()),
            ("custom_first", pa.float64()), ("custom_middle", pa.float64()), ("custom_last", pa.float64()),
            ("exclude_direct", pa.bool_()), ("paid_channels", pa.list_(pa.string())), ("markov_order", pa.int32()),
            ("markov_most_order", pa.int32()), ("collapse_repeats", pa.bool_()), ("shapley_prior", pa.float64()),
            ("most_channels", pa.int32()), ("interval_draws", pa.int32()), ("agree_within", pa.float64()),
            ("drop_pause_hours", pa.int32()), ("drop_next_days", pa.int32()), ("recovery_days", pa.int32()),
            ("agree_within_share", pa.float64()), ("effect_days", pa.int32()),
            ("experiment_days", pa.int32()),
            ("revenue_includes_tax", pa.bool_()), ("revenue_includes_shipping", pa.bool_()),
            ("max_steps_drawn", pa.int32()),
            ("path_collapse_repeats", pa.bool_()), ("most_path_steps", pa.int32()),
            ("most_paths", pa.int32()), ("longest_path", pa.int32()),
            ("business_name", pa.string()), ("show_identifiers", pa.bool_()),
            ("identity_overrides", pa.string()), ("match_orders_by_number", pa.bool_()),
            ("match_orders_by_amount", pa.bool_()), ("order_amount_tolerance", pa.float64()),
            ("order_amount_tolerance_share", pa.float64()), ("order_minutes_apart", pa.int32()),
            ("list_suspect_orders", pa.bool_()),
            ("bridge_identifiers", pa.int32()), ("device_split_hours", pa.int32()),
            ("household_people", pa.int32()),
            ("provisional_from", pa.date32()), ("exclude_staff_orders", pa.bool_()),
            ("replacement_regex", pa.string()), ("replacement_days", pa.int32()),
            ("gift_cards_are_revenue", pa.bool_()), ("gift_card_regex", pa.string()),
            ("margin_share", pa.float64()), ("break_even_roas", pa.float64()), ("claim_days", pa.int32()),
        ],
        "clock": [("latest_plausible_at", pa.timestamp("us"))],
    }.items()
}  # fmt: skip
