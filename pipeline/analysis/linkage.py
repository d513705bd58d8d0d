"""Probable pairs of person records after Fellegi and Sunter (1969), scored by Splink in a database of its own."""

from __future__ import annotations

import logging
import tempfile
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

#: What `probable_pairs` wants of each record; all but the ids are text or null.
RECORD = pa.schema(
    [("record_id", pa.int64()), ("known_as", pa.int64())]
    + [(name, pa.string()) for name in ("first_name", "last_name", "birth_date", "street", "city", "postcode", "phone")]
)

#: What it gives of each pair.
PAIR = pa.schema(
    {
        "record_id": pa.int64(),
        "other_record_id": pa.int64(),
        "match_weight": pa.float64(),
        "match_probability": pa.float64(),
        "evidence": pa.string(),
    }
)

_SEED = 5


@dataclass(frozen=True)
class Level:
    """One way in which two values may agree."""

    words: str
    condition: str
    m: float
    """Share of pairs of one person that agree so: what is assumed before anything was learned."""
    u: float
    """The same of pairs of two people."""
    frequent: str | None = None
    """Column whose frequent values count for less."""


@dataclass(frozen=True)
class Comparison:
    """How one thing is compared: the first level that holds counts; values that are missing say nothing."""

    name: str
    differs: str
    missing: str
    levels: tuple[Level, ...]
    least_u: float = 0.0
    """A value is never taken for rarer than this: names run in families and peoples."""

    def settings(self, weighs_frequency: bool) -> dict[str, Any]:
        """Return the comparison as Splink's settings have it; what no level covers differs."""
        other_m, other_u = 1 - sum(level.m for level in self.levels), 1 - sum(level.u for level in self.levels)
        levels: list[dict[str, Any]] = [{"sql_condition": self.missing, "is_null_level": True}]
        for level in self.levels:
            levels.append({"sql_condition": level.condition, "m_probability": level.m, "u_probability": level.u})
            if level.frequent and weighs_frequency:
                levels[-1] |= {"tf_adjustment_column": level.frequent, "tf_adjustment_weight": 1.0}
                levels[-1] |= {"tf_minimum_u_value": self.least_u}
        levels.append({"sql_condition": "ELSE", "m_probability": other_m, "u_probability": other_u})
        for level_settings in levels:
            level_settings.setdefault("label_for_charts", level_settings["sql_condition"])
        return {"output_column_name": self.name, "comparison_levels": levels}

    def words_sql(self) -> str:
        """Return SQL that says how the two of a scored pair agree; null where they do not."""
        count = len(self.levels)
        cases = " ".join(f"when {count - place} then '{level.words}'" for place, level in enumerate(self.levels))
        return f"case gamma_{self.name} {cases} end"


def _close(column: str, least: float = 0.85) -> str:
    return f"jaro_winkler_similarity({column}_l, {column}_r) >= {least}"


_ALIKE = (
    "(birth_date_l[:4] = birth_date_r[:4])::int + (birth_date_l[6:7] = birth_date_r[6:7])::int "
    "+ (birth_date_l[9:] = birth_date_r[9:])::int = 2 or (birth_date_l[:4] = birth_date_r[:4] "
    "and birth_date_l[6:7] = birth_date_r[9:] and birth_date_l[9:] = birth_date_r[6:7])"
)
_SWAPPED = "first_name_l = last_name_r and last_name_l = first_name_r"

COMPARISONS = (
    Comparison(
        "first_name",
        "first name",
        "first_name_l is null or first_name_r is null",
        (
            Level("same first name", "first_name_l = first_name_r", 0.80, 0.005, "first_name"),
            Level("first and family name swapped", _SWAPPED, 0.02, 0.0001),
            Level("first names nearly the same", _close("first_name"), 0.10, 0.01),
        ),
        least_u=0.0001,
    ),
    Comparison(
        "last_name",
        "family name",
        f"last_name_l is null or last_name_r is null or ({_SWAPPED})",
        (
            Level("same family name", "last_name_l = last_name_r", 0.82, 0.003, "last_name"),
            Level("family names nearly the same", _close("last_name"), 0.10, 0.005),
        ),
        least_u=0.0001,
    ),
    Comparison(
        "birth_date",
        "birth date",
        "birth_date_l is null or birth_date_r is null",
        (
            Level("same birth date", "birth_date_l = birth_date_r", 0.90, 0.0001, "birth_date"),
            Level("birth dates alike but for the day, the month or the year, or both swapped", _ALIKE, 0.06, 0.004),
        ),
    ),
    Comparison(
        "street",
        "street",
        "street_l is null or street_r is null",
        (
            Level("same street and number", "street_l = street_r", 0.60, 0.0005, "street"),
            Level("streets nearly the same", _close("street"), 0.20, 0.005),
        ),
    ),
    Comparison(
        "place",
        "town",
        "(postcode_l is null or postcode_r is null) and (city_l is null or city_r is null)",
        (
            Level("same postcode", "postcode_l = postcode_r", 0.75, 0.005, "postcode"),
            Level("same town", "city_l = city_r", 0.12, 0.02, "city"),
        ),
    ),
    Comparison(
        "phone",
        "phone",
        "phone_l is null or phone_r is null",
        (
            Level("same phone", "phone_l = phone_r", 0.65, 0.0001, "phone"),
            Level("phones one digit apart", "damerau_levenshtein(phone_l, phone_r) = 1", 0.05, 0.001),
        ),
    ),
)

#: Pairs are only looked at that have one of these in common.
_KEYS = {
    "name": "first_name || ' ' || last_name",
    "birth": "birth_date",
    "street": "street",
    "first_place": "first_name || ' ' || postcode",
    "last_place": "last_name || ' ' || postcode",
    "phone": "phone",
}
#: What more records than this have in common tells nobody from anybody, and would cost a pair for every two of them.
_MOST_WITH_KEY = 200
#: Fewer records than this are too few to learn from how often strangers agree, and which values are frequent.
_FEW = 300
#: As many invented pairs, spread as `Level.m` says, stand beside the pairs that are learned from.
_INVENTED = 100
#: More records than this known to be one person (an office, a wrongly shared address) teach nothing.
_MOST_KNOWN = 20

#: What no weight makes up for: relatives share family name, address and phone; namesakes share a name.
PROTECTIONS = (
    "(gamma_first_name > 0 or gamma_last_name > 0)",
    "((gamma_first_name <> 0 and gamma_last_name <> 0) or gamma_birth_date = 2)",
    "gamma_birth_date <> 0",
    "(gamma_birth_date > 0 or gamma_street > 0 or gamma_phone > 0)",
)


def probable_pairs(
    records: pa.Table, min_match_probability: float, protections: tuple[str, ...] = PROTECTIONS
) -> pa.Table:
    """Return the pairs of records that are probably one person and not known to be.

    The weight of a pair is the sum of log2(m / u) over what is compared, corrected for frequent values, plus the log2
    odds that any two records are one person. u is learned from a random sample of pairs, m from records that are known
    to be one person (`known_as`), with invented pairs beside them; both stand as supposed when there is too little to
    learn from.

    Args:
        records: Columns as in `RECORD`; records with the same `known_as` are one person already.
        min_match_probability: Pairs below it are left out.
        protections: Conditions over the levels of agreement that a pair must fulfil whatever its weight.

    Returns:
        Columns as in `PAIR`, record_id < other_record_id, in their order; the same bytes for the same records.
    """
    if records.num_rows < 2:
        return PAIR.empty_table()
    from splink import DuckDBAPI

    logging.getLogger("splink").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory(prefix="linkage-") as folder:
        database = DuckDBAPI(":memory:")
        connection = database.duckdb_con
        try:
            # One thread: sums of several come in the order in which they finish.
            connection.execute(f"set threads = 1; set memory_limit = '2GB'; set temp_directory = '{folder}'")
            connection.execute("set enable_progress_bar = false; set enable_external_access = false")
            connection.register("given", records.select(RECORD.names).cast(RECORD).sort_by("record_id"))
            connection.execute(f"create table records as {_keyed_sql()}")
            connection.unregister("given")
            model = _learned(database, records.num_rows)
            return _scored(database, model, min_match_probability, protections)
        finally:
            connection.close()


def _keyed_sql() -> str:
    """Return SQL of the records with the keys they may be paired by."""
    keys = ", ".join(
        f"case when count(*) over (partition by {key}) <= {_MOST_WITH_KEY} then {key} end as key_{name}"
        for name, key in _KEYS.items()
    )
    known = f"case when count(*) over (partition by known_as) <= {_MOST_KNOWN} then known_as end as taught_as"
    return f"select *, {keys}, {known} from given order by record_id"


def _settings(prior: float, weighs_frequency: bool) -> dict[str, Any]:
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "record_id",
        "linker_uid": "linkage",
        "probability_two_random_records_match": prior,
        "comparisons": [comparison.settings(weighs_frequency) for comparison in COMPARISONS],
        "blocking_rules_to_generate_predictions": _rules("l.taught_as = r.taught_as"),
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": False,
    }


def _rules(*conditions: str) -> list[dict[str, str]]:
    return [{"blocking_rule": condition, "sql_dialect": "duckdb"} for condition in conditions]


def _linker(database: Any, settings: dict[str, Any]) -> Any:
    from splink import Linker

    return Linker(database.register("records"), settings, log_level=None)


def _learned(database: Any, count: int) -> dict[str, Any]:
    """Return the settings with what the records teach about m, u and the odds of a pair."""
    pairs = count * (count - 1) / 2
    sure = database.duckdb_con.execute(
        "select count(*) from (select distinct a.record_id, b.record_id from records as a join records as b "
        "on a.record_id < b.record_id and a.known_as <> b.known_as and a.key_name = b.key_name "
        "and (a.birth_date = b.birth_date or a.phone = b.phone or a.postcode = b.postcode))"
    ).fetchall()[0][0]
    # About seven of ten pairs that nobody knows of agree so plainly; one more is supposed than is seen.
    prior = min((sure + 1) / 0.7 / pairs, 0.005)
    is_enough = count >= _FEW
    settings = _settings(prior, is_enough)
    linker = _linker(database, settings)
    if is_enough:
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=_SEED, num_chunks=1)
        settings = linker.misc.save_model_to_json()
    known = linker.inference.predict(warning_mode="never").physical_name
    for comparison, taught in zip(COMPARISONS, settings["comparisons"], strict=True):
        counted = dict(
            database.duckdb_con.execute(
                f"select gamma_{comparison.name}, count(*) from {known} where gamma_{comparison.name} >= 0 group by all"
            ).fetchall()
        )
        levels = [level for level in taught["comparison_levels"] if not level.get("is_null_level")]
        supposed = [
            level for level in comparison.settings(is_enough)["comparison_levels"] if not level.get("is_null_level")
        ]
        for place, (level, start) in enumerate(zip(levels, supposed, strict=True)):
            seen = counted.get(len(levels) - 1 - place, 0)
            level["m_probability"] = (seen + _INVENTED * start["m_probability"]) / (sum(counted.values()) + _INVENTED)
            if not isinstance(level.get("u_probability"), float) or level["u_probability"] <= 0:
                level["u_probability"] = start["u_probability"]
    return settings


def _scored(database: Any, model: dict[str, Any], least: float, protections: tuple[str, ...]) -> pa.Table:
    rules = _rules(*(f"l.key_{name} = r.key_{name} and l.known_as <> r.known_as" for name in _KEYS))
    model["blocking_rules_to_generate_predictions"] = rules
    scored = _linker(database, model).inference.predict(threshold_match_probability=least, warning_mode="never")
    agrees = ", ".join(comparison.words_sql() for comparison in COMPARISONS)
    differs = ", ".join(f"case when gamma_{c.name} = 0 then '{c.differs}' end" for c in COMPARISONS)
    # What is rounded away differs between machines, not between nights.
    found = database.duckdb_con.sql(
        "select least(record_id_l, record_id_r) as record_id, greatest(record_id_l, record_id_r) as other_record_id, "
        "round(match_weight, 3) as match_weight, round(match_probability, 6) as match_probability, "
        f"concat_ws(', ', {agrees}) || coalesce('; differs: ' || nullif(concat_ws(', ', {differs}), ''), '') "
        f"as evidence from {scored.physical_name} where {' and '.join(protections) or 'true'} order by 1, 2"
    )
    return found.to_arrow_table().cast(PAIR)
