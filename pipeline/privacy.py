"""Forgetting a person: what is suppressed, and how it is kept out of everything that is read from then on.

`data/raw/overrides/suppressed.csv` holds salted hashes, never the identifiers themselves. They are part of what a file
is read as, so a new suppression reads the files anew that can hold persons.
"""

from __future__ import annotations

import csv
import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.warehouse import literal, quoted

if TYPE_CHECKING:
    from pipeline.ingest.spec import ExportSpec

#: What stands in ops.rejected_rows for a line that was left out because its person asked.
FORGOTTEN = "forgotten on request"

_EMAIL = r"[^@\s,;<>()\"'']+@[^@\s,;<>()\"'']+\.[a-z0-9-]{2,}"
_PHONE_DIGITS = 9


@dataclass(frozen=True)
class Suppressions:
    """The salted hashes of identifiers that must not come back."""

    salt: str = ""
    hashes: frozenset[str] = frozenset()

    @classmethod
    def read(cls, raw: Path) -> Suppressions:
        """Read what was suppressed in a project, if anything was."""
        path = _path(raw)
        if not path.exists():
            return cls()
        with path.open(encoding="utf-8", newline="") as file:
            hashes = frozenset(row["sha256"] for row in csv.DictReader(file))
        return cls(_salt_path(raw).read_text(encoding="utf-8").strip(), hashes)

    @property
    def mark(self) -> str:
        """Short hash of all suppressions; empty when there are none."""
        return hashlib.sha256("".join(sorted(self.hashes)).encode()).hexdigest()[:12] if self.hashes else ""

    def hash_of(self, kind: str, form: str) -> str:
        """Return the hash of one identifier in the form it is compared in."""
        return hashlib.sha256(f"{self.salt}\x1f{kind}\x1f{form}".encode()).hexdigest()

    def matching_sql(self, system: str, export: ExportSpec) -> str:
        """Return SQL that tells whether a row of an export holds a suppressed identifier."""
        assert export.persons is not None
        checks = [
            f"len(list_filter({_forms_sql(kind, quoted(column), system)}, lambda f: {self._is_suppressed(kind)})) > 0"
            for kind, columns in export.persons.identifiers.items()
            for column in columns
            if column in export.read_columns
        ]
        return f"coalesce({' or '.join(checks)}, false)" if checks else "false"

    def node_sql(self, kind: str, value: str) -> str:
        """Return SQL that tells whether an identifier of the identity graph is suppressed."""
        forms = f"case {kind} when 'phone' then {_phone_sql(value)} else lower({value}) end"
        return f"sha256({literal(self.salt)} || chr(31) || {kind} || chr(31) || {forms}) in ({self._listed()})"

    def written_sql(self, kind: str, value: str) -> str:
        """Return SQL that tells whether an identifier as somebody wrote it is suppressed."""
        forms = (
            f"case {kind} when 'email' then {_forms_sql('email', value, '')} "
            f"when 'phone' then {_forms_sql('phone', value, '')} else [lower(trim({value}))] end"
        )
        mark = f"sha256({literal(self.salt)} || chr(31) || {kind} || chr(31) || f)"
        return f"len(list_filter({forms}, lambda f: {mark} in ({self._listed()}))) > 0"

    def _is_suppressed(self, kind: str) -> str:
        return f"sha256({literal(self.salt + chr(31) + kind + chr(31))} || f) in ({self._listed()})"

    def _listed(self) -> str:
        return ", ".join(literal(value) for value in sorted(self.hashes)) or "''"


def _forms_sql(kind: str, column: str, system: str) -> str:
    """Return SQL for the forms of the identifiers that a cell holds; a cell may hold a list of them."""
    if kind == "email":
        found = f"regexp_extract_all(lower({column}), {literal(_EMAIL)})"
        return f"list_transform({found}, lambda e: {_email_sql('e')})"
    if kind == "phone":
        return f"[{_phone_sql(column)}]"
    parts = f"list_transform(regexp_split_to_array({column}, '[;,]'), lambda p: lower(trim(p)))"
    return f"list_transform({parts}, lambda p: {literal(system + ' ')} || p)" if kind == "person_key" else parts


def _email_sql(value: str) -> str:
    gmail = f"split_part({value}, '@', 2) in ('gmail.com', 'googlemail.com')"
    local = f"replace(split_part(split_part({value}, '@', 1), '+', 1), '.', '')"
    return f"case when {gmail} then {local} || '@gmail.com' else {value} end"


def _phone_sql(value: str) -> str:
    return f"right(regexp_replace({value}, '[^0-9]', '', 'g'), {_PHONE_DIGITS})"


def form_of(kind: str, value: str) -> str:
    """Return an identifier, as the identity graph has it, in the form that suppressions compare."""
    return re.sub(r"\D", "", value)[-_PHONE_DIGITS:] if kind == "phone" else value.lower()


def redacted(select: str, system: str, export: ExportSpec, suppressions: Suppressions) -> str:
    """Wrap the SELECT that stages a file so that suppressed persons are left out or made nobody."""
    if not suppressions.hashes or export.persons is None:
        return select
    hit = suppressions.matching_sql(system, export)
    blank = {
        *(c for columns in export.persons.identifiers.values() for c in columns),
        *export.persons.personal,
        "extra",
    }
    is_dropped = export.persons.on_forget == "drop"
    columns = [
        f"case when is_forgotten then null else {quoted(c)} end as {quoted(c)}"
        if is_dropped or c in blank
        else quoted(c)
        for c in (*export.read_columns, "extra")
    ]
    problem = "read_problem"
    if is_dropped:
        problem = f"coalesce(read_problem, case when is_forgotten then {literal(FORGOTTEN)} end) as read_problem"
    return (
        f"select {', '.join(columns)}, line_number, {problem}, read_text "
        f"from (select *, {hit} as is_forgotten from ({select}))"
    )


def suppress(raw: Path, identifiers: Iterable[tuple[str, str]], asked_on: str) -> int:
    """Add identifiers of the identity graph to the suppressions and return how many are new.

    Args:
        raw: The project's folder of raw files.
        identifiers: (kind, value) as identity.identifiers has them.
        asked_on: Day of the request.
    """
    path, salt_path = _path(raw), _salt_path(raw)
    path.parent.mkdir(parents=True, exist_ok=True)
    if not salt_path.exists():
        salt_path.touch(mode=0o600)
        salt_path.write_text(secrets.token_hex(16), encoding="utf-8")
    known = Suppressions.read(raw)
    book = Suppressions(salt_path.read_text(encoding="utf-8").strip(), known.hashes)
    fresh: Mapping[str, str] = {book.hash_of(kind, form_of(kind, value)): kind for kind, value in identifiers}
    added = {mark: kind for mark, kind in fresh.items() if mark not in known.hashes}
    is_new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if is_new:
            writer.writerow(["kind", "sha256", "asked_on"])
        writer.writerows((kind, mark, asked_on) for mark, kind in sorted(added.items()))
    return len(added)


def _path(raw: Path) -> Path:
    return raw / "overrides" / "suppressed.csv"


def _salt_path(raw: Path) -> Path:
    return raw / "overrides" / "suppressed.salt"
