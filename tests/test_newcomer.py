"""What somebody new can do: from a booked total to the line of a file, and from a wrong merge to what undoing it changed."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import main
from pipeline.night import Night
from pipeline.run import run
from tests.hard_cases.nights import SHOP, SITE, TOWN
from tests.projects import drawn, write_project
from tests.reporting.reading import Page, read

#: Ann and Bob share a tablet, so they are taken for one; an order row holds no amount.
FILES = {
    "site.csv": f"{SITE}e1,2026-09-01 10:00,page_view,tablet,s1,ann@example.com,google,cpc,,https://shop.example.com/,\n"
    "e2,2026-09-02 10:00,page_view,tablet,s2,bob@example.com,google,organic,,https://shop.example.com/,\n",
    "shop.csv": f"{SHOP}1001,2026-09-01 10:30,paid,40.00,ann@example.com,tablet\n"
    "1002,2026-09-02 10:30,paid,25.50,bob@example.com,tablet\n"
    "1003,2026-09-03 10:30,paid,twelve,cleo@example.com,phone\n",
}
PEOPLE = (
    "select count(*) as orders, count(distinct customer_id) as people, sum(revenue) as revenue "
    "from core.orders where is_conversion"
)
SPLIT = "action,kind,value,other_kind,other_value,note\nsplit,email,ann@example.com,email,bob@example.com,they share a tablet\n"


def night(root: Path, files: dict[str, str]) -> None:
    with Night.open(write_project(root, files, TOWN)) as opened, drawn():
        assert run(opened).is_published


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    root = tmp_path_factory.mktemp("newcomer")
    night(root, FILES)
    yield root


def page(root: Path, name: str) -> Page:
    return read(root / "reports" / "latest" / name)


def followed(root: Path, name: str, words: str) -> tuple[Page, str]:
    """Return the page and the id that the link with these words leads to."""
    html = (root / "reports" / "latest" / name).read_text(encoding="utf-8")
    before = html[: html.index(f">{words}</a>")]
    target, _, anchor = before[before.rindex('href="') + 6 :].rstrip('"').partition("#")
    return page(root, target), anchor


@pytest.fixture
def asked(project: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., list[dict[str, Any]]]:
    """Call `journeys` with words as they stand on a page, and read its answer."""

    def ask(*words: str) -> list[dict[str, Any]]:
        with pytest.raises(SystemExit) as left:
            main([*words, "--format", "json", "--project", str(project)])
        assert not left.value.code
        found: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
        return found

    return ask


def test_a_newcomer_gets_from_a_total_to_a_line_and_undoes_a_merge(
    project: Path, asked: Callable[..., list[dict[str, Any]]]
) -> None:
    # The booked total on the first page leads to the order book in the ledger, which has the same sum.
    ledger, anchor = followed(project, "index.html", "USD\u00a065.50")
    assert anchor in ledger.values("id")
    assert "65.50" in ledger.text

    # The ledger shows the rejected row, and the query that names its file and line can be called as it stands.
    assert "shop.csv" in ledger.text
    assert "cleo@example.com" not in ledger.text
    query = next(line for line in ledger.text.splitlines() if "journeys sql" in line)
    found = asked(*shlex.split(query[query.index("journeys sql") :])[1:])
    assert [(row["file_name"], row["line_number"], "twelve" in row["raw_text"]) for row in found] == [
        ("shop.csv", 4, True)
    ]

    # One line in a CSV parts the two; tomorrow's run says what that changed, and the money stays.
    assert asked("sql", PEOPLE) == [{"orders": 2, "people": 1, "revenue": "65.5000"}]
    night(project, {"overrides/identity.csv": SPLIT})
    assert asked("sql", PEOPLE) == [{"orders": 2, "people": 2, "revenue": "65.5000"}]
    moved = asked("sql", "select metric, value_before, value_after, settings_changed from ops.restatements")
    two = {"metric": "new_customers", "value_before": 1, "value_after": 2, "settings_changed": ["identity_overrides"]}
    assert two in moved
    assert not [row for row in moved if row["metric"] == "revenue"]
    assert "New customers" in page(project, "changes.html").text


def test_every_booked_total_of_a_page_leads_to_the_ledger(project: Path) -> None:
    for name in ("index.html", "overview.html", "attribution.html"):
        shown = page(project, name)
        links = [link for link in shown.values("href") if link.startswith("ledger.html#")]
        assert links, name
        assert {link.partition("#")[2] for link in links} <= set(page(project, "ledger.html").values("id"))
    for name, words in (("overview.html", "USD\u00a065.50"), ("overview.html", "2"), ("attribution.html", "All")):
        assert followed(project, name, words)[1] in ("book", "figure-credit")
