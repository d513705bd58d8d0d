"""Every query of the README runs, and what a manager asks in it has an answer: one SELECT each, and a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlglot import exp, parse

from pipeline.reporting.page import discover
from pipeline.warehouse import Warehouse

README = Path(__file__).parent.parent.parent / "README.md"
_WHOLE = README.read_text(encoding="utf-8")
_SECTION = _WHOLE.split("### Questions of a manager")[1].split("\n### ")[0]
QUESTIONS = re.findall(r"^-- (.+?) \[([^\]]+)\].*?\n(select.*?);", _SECTION, flags=re.DOTALL | re.MULTILINE)
_SHELL = re.findall(r'journeys sql "(select.*?)"', _WHOLE, flags=re.DOTALL)
_TEXTS = [*_SHELL, *re.findall(r"```sql\n(.*?)```", _WHOLE, flags=re.DOTALL)]
QUERIES = [query for given in _TEXTS for query in re.sub(r"--.*", "", given).split(";") if query.strip()]


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: " ".join(query.split())[:60])
def test_every_query_runs_on_what_is_published(query: str, tea: Warehouse) -> None:
    (statement,) = parse(query, dialect="duckdb")
    assert {table.db for table in statement.find_all(exp.Table)} <= {"marts", "core", "ops", "config"}
    tea.rows(query)


def test_all_are_asked() -> None:
    asked = " ".join(question for question, _, _ in QUESTIONS).lower()
    wanted = ("roas by campaign", "on mobile", "abandoning a cart", "channel to cut", "how sure", "cac of new", "claim")
    assert [name for name in wanted if name not in asked] == []


@pytest.mark.parametrize(("question", "pages", "query"), QUESTIONS, ids=[question for question, _, _ in QUESTIONS])
def test_a_question_has_an_answer_and_a_page(question: str, pages: str, query: str, tea: Warehouse) -> None:
    answers = tea.records(query)
    assert answers
    assert [name for name in answers[0] if all(row[name] is None for row in answers)] == []
    assert set(pages.split(", ")) <= {page.TITLE for page in discover().values()}
