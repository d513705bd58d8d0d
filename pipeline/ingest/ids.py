"""Ids that a spreadsheet has shortened to scientific notation: their digits are gone, so their rows are refused."""

from __future__ import annotations

from pipeline.ingest.spec import ExportSpec
from pipeline.warehouse import literal, quoted

RULE = "id_is_not_scientific_notation"

#: 1.23E+12 and 1,23E+12. Without the plus sign it may be an id: 12E5.
_SHORTENED = r"\d+([.,]\d*)?[eE]\+\d+"
_REASON = (
    " was shortened to scientific notation, which loses digits: the file was opened and saved in a spreadsheet; "
    "export it again, or format the column as text before saving"
)


def problem_sql(export: ExportSpec) -> str:
    """Return SQL that says which id of a row was shortened; null when none was, or the file is JSON."""
    if export.format != "table" or not export.id_columns:
        return "null::varchar"
    cases = " ".join(
        f"when regexp_full_match({quoted(c)}, {literal(_SHORTENED)}) "
        f"then {literal(c + ' ')} || '\"' || {quoted(c)} || '\"' || {literal(_REASON)}"
        for c in export.id_columns
    )
    return f"case {cases} end"
