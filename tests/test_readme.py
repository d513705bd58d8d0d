"""The README's worked example is run as it stands."""

from __future__ import annotations

import re
from pathlib import Path

from tests.projects import files_of, validated

README = Path(__file__).parent.parent / "README.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)


def test_the_worked_example_of_a_mapped_file_works(tmp_path: Path) -> None:
    (rows,) = blocks("csv")
    (settings,) = [block for block in blocks("yaml") if block.startswith("generic:")]
    with validated(tmp_path, {"workshops/bookings.csv": rows}, settings) as night:
        file = files_of(night)["workshops/bookings.csv"]
        assert (file["status"], file["source_export"], file["rows_accepted"]) == ("loaded", "bookings", 2)
        assert night.warehouse.rows("select order_ref, gross, status from validated.orders order by 1") == [
            ("W-101", 45, "paid"),
            ("W-102", 45, "cancelled"),
        ]
        assert night.warehouse.rows("select source, interaction, email from validated.events order by email") == [
            ("newsletter", "appointment", "ada@example.com"),
            ("flyer", "appointment", "grace@example.com"),
        ]


def test_every_link_leads_to_a_file() -> None:
    links = re.findall(r"\]\(([^)#]+)", README.read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (README.parent / link).exists()] == []


def test_every_folder_it_names_is_there() -> None:
    named = re.findall(r"^\| `([^`]+)` \|", README.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert named
    assert [name for name in named if not (README.parent / name).exists()] == []
