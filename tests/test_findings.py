"""What a night warns of is said in words: how much, which, where it stands and what to do."""

from __future__ import annotations

from pathlib import Path

from pipeline.cli.app import print_findings
from pipeline.findings import AuditResult, Finding, findings, lines_of

CROWD = AuditResult(
    "no_crowd", "warn", "No device is used by a crowd.", 3,
    [{"finding": f"on browser {name} 12 accounts are logged in"} for name in ("a", "b\x1b[31m\x07\u202e", "c")],
    "Look into it.",
)  # fmt: skip
REFUSED = AuditResult(
    "steps_are_found", "refuse", "Every step is found.", 1,
    [{"place": "funnels.0.steps.1", "finding": "funnel f, step buy: nothing fits"}], "Write what the data has.",
)  # fmt: skip
KEPT = AuditResult("kept", "warn", "It is kept.", 0)
BLOCKED = AuditResult("blocked", "block", "It adds up.", 2, [{"order_id": "A", "revenue": 3, "note": None}])
UNMET = {
    "checked": "raw.hubspot__contacts", "rule": "has_an_address", "level": "warn", "says": "nothing leads to it",
    "count_rows": 3, "count_unexpected": 2,
}  # fmt: skip
YAML = """funnels:
  - name: f
    steps:
      - {name: look, interaction: page_view}
      - {name: buy, interaction: purchse}
"""


def said(found: list[Finding], most: int = 2) -> list[str]:
    return [line for line, _ in lines_of(found, most)]


def test_refusals_come_first_with_their_line_and_what_blocks_or_is_kept_is_not_among_them(tmp_path: Path) -> None:
    path = tmp_path / "journeys.yaml"
    path.write_text(YAML)
    found = findings([KEPT, BLOCKED, CROWD, REFUSED], [UNMET], path)
    assert [one.promise for one in found] == ["steps_are_found", *["no_crowd"] * 3, "has_an_address"]
    assert said(found[:1]) == [
        "Error in journeys.yaml:5:9: funnel f, step buy: nothing fits.",
        "  Why: Every step is found.",
        "  To do: Write what the data has.",
    ]
    assert said(findings([REFUSED], [], None))[0] == "Error: funnel f, step buy: nothing fits."


def test_a_warning_says_how_many_the_first_and_where_all_are() -> None:
    found = findings([CROWD], [], None)
    assert said(found) == [
        "Warning, 3 findings: on browser a 12 accounts are logged in",
        "  on browser b [31m 12 accounts are logged in",
        "  Why: No device is used by a crowd.",
        "  To do: Look into it.",
        "  All 3: journeys findings no_crowd",
    ]
    assert len(said(found, 3)) == 5
    assert "journeys findings" not in said(found, 3)[-1]


def test_an_expectation_that_is_not_met_says_of_how_many_rows() -> None:
    [first, *_] = said(findings([], [UNMET], None))
    assert first == "Warning, 1 finding: 2 of 3 rows of raw.hubspot__contacts: nothing leads to it"
    [first, *_] = said(findings([], [UNMET | {"count_rows": None, "count_unexpected": 1}], None))
    assert first == "Warning, 1 finding: 1 row of raw.hubspot__contacts: nothing leads to it"


def test_what_is_printed_is_grouped_and_fits_eighty_columns(capsys) -> None:
    long = AuditResult("long", "warn", "It is short.", 1, [{"finding": "x" * 5000}], "Cut it.")
    print_findings(findings([CROWD, long, REFUSED], [], None))
    lines = capsys.readouterr().out.splitlines()
    assert sum(line.startswith(("Error", "Warning")) for line in lines) == 3
    assert max(map(len, lines)) <= 80
    assert len(lines) < 25
    # What goes on is set back, so that each finding is seen to begin.
    assert all(line.startswith(("Error", "Warning", "  ", "All")) for line in lines), lines


def test_rows_without_words_are_told_by_their_columns() -> None:
    assert BLOCKED.said == ["order_id A, revenue 3"]
