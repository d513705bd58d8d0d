"""Read journeys.yaml; a mistake in it is answered with line, column, what was allowed and the nearest right name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

import yaml
from pydantic import BaseModel, ValidationError

from pipeline.config.raw import SAMPLE_SETTINGS, list_raw
from pipeline.config.settings import Settings
from pipeline.errors import ConfigError, Problem

FILE_NAME = "journeys.yaml"


class _Loader(yaml.SafeLoader):
    """Reads yes, no, on and off as the words they are: `order_ref: No` names a column."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|True|false|False)$"), list("tTfF"))


def load_yaml(text: str) -> Any:
    """Read a YAML document safely; only true and false are booleans."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506  a SafeLoader with one rule less


@dataclass(frozen=True)
class Project:
    """A project's folders and settings."""

    root: Path
    settings: Settings
    scratch: Path | None = None
    """Stands in for data/warehouse when nothing may be left behind."""

    @property
    def raw(self) -> Path:
        """Folder of the exports as delivered."""
        return self.root / "data" / "raw"

    @property
    def warehouse(self) -> Path:
        """Folder of the staged cache, the private and the published database."""
        return self.scratch or self.root / "data" / "warehouse"

    @property
    def settings_file(self) -> Path | None:
        """The file that the settings come from; None when all are the defaults."""
        return settings_path(self.root)

    @property
    def published(self) -> Path:
        """The database that analysts read."""
        return self.warehouse / "journeys.duckdb"

    @property
    def reports(self) -> Path:
        """Folder of the published reports."""
        return self.root / "reports"

    @classmethod
    def open(cls, root: Path) -> Project:
        """Read the project in `root`.

        Raises:
            ConfigError: journeys.yaml cannot be read or holds something that is not allowed.
        """
        root = root.resolve()
        path = settings_path(root)
        return cls(root, load_settings(path) if path else Settings())


def settings_path(root: Path) -> Path | None:
    """Return the file that a project's settings come from; without journeys.yaml the sample brings its own."""
    raw = root / "data" / "raw"
    if (root / FILE_NAME).exists():
        return root / FILE_NAME
    is_sample = (raw / SAMPLE_SETTINGS).exists() and not list_raw(raw)[0]
    return raw / SAMPLE_SETTINGS if is_sample else None


def load_settings(path: Path) -> Settings:
    """Return the settings in `path`; every default when there is no such file.

    Raises:
        ConfigError: with all problems of the file, each with its line and column.
    """
    if not path.exists():
        return Settings()
    try:
        text = path.read_text(encoding="utf-8-sig")
        given = load_yaml(text)
        places = _Places(yaml.compose(text, Loader=_Loader))
    except UnicodeDecodeError as error:
        raise ConfigError(Problem("The file is not UTF-8 text.", path.name, fix="Save it as UTF-8.")) from error
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{path.name}:{mark.line + 1}:{mark.column + 1}" if mark else path.name
        what = getattr(error, "problem", None) or str(error)
        raise ConfigError(
            Problem(f"The YAML cannot be read: {what}.", where, fix="Check indentation and quotes.")
        ) from error
    if places.repeated:
        raise ConfigError(*(_repeated(path.name, *found) for found in places.repeated))
    if given is None:
        return Settings()
    if not isinstance(given, dict):
        raise ConfigError(Problem("The file must hold sections such as business: and reporting:.", path.name, given))
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        found = error.errors()
        told = [detail for detail in found if not _is_other_branch(detail) and not _is_echo(detail, found)]
        raise ConfigError(*(_problem(path.name, detail, places) for detail in told)) from error


@contextmanager
def lines_named(path: Path | None) -> Iterator[None]:
    """Give each problem of a ConfigError raised within, whose place is told by name, its line and column.

    Args:
        path: The settings file; None when every setting is the default.
    """
    try:
        yield
    except ConfigError as error:
        if path is None:
            raise
        places = _Places(yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=_Loader))
        raise ConfigError(*(_placed(problem, path.name, places) for problem in error.problems)) from error


def places_of(path: Path | None, dotted: Sequence[str]) -> list[str]:
    """Return file, line and column of settings told by name, such as funnels.0.steps.2; empty where it has none.

    Args:
        path: The settings file; None when every setting is the default.
        dotted: Names of settings; empty ones have no place.
    """
    if path is None or not any(dotted):
        return ["" for _ in dotted]
    places = _Places(yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=_Loader))
    return [f"{path.name}{line}" if name and (line := places.of_words(name)) else "" for name in dotted]


def _placed(problem: Problem, file_name: str, places: _Places) -> Problem:
    told, _, rest = problem.where.partition(": ")
    line = places.of_words(rest.partition(" (")[0]) if told == FILE_NAME else ""
    return replace(problem, where=f"{file_name}{line}: {rest}") if line else problem


class _Places:
    """Line and column of every key and item of a YAML document."""

    def __init__(self, root: yaml.Node | None) -> None:
        self._marks: dict[tuple[object, ...], tuple[int, int]] = {}
        self._names: dict[tuple[object, ...], str] = {}
        #: What is given twice, with the line of the first; YAML would let the last one count and say nothing.
        self.repeated: list[tuple[str, yaml.Mark, int]] = []
        if root is not None:
            self._walk(root, ())

    def _walk(self, node: yaml.Node, path: tuple[object, ...]) -> None:
        self._marks.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
        if isinstance(node, yaml.MappingNode):
            seen: dict[object, int] = {}
            for key, value in node.value:
                if key.value in seen:
                    dotted = ".".join(map(str, (*path, key.value)))
                    self.repeated.append((dotted, key.start_mark, seen[key.value]))
                seen.setdefault(key.value, key.start_mark.line + 1)
                self._marks[(*path, key.value)] = (key.start_mark.line + 1, key.start_mark.column + 1)
                self._walk(value, (*path, key.value))
        elif isinstance(node, yaml.SequenceNode):
            for index, value in enumerate(node.value):
                self._walk(value, (*path, index))
                if (name := _name_of(value)) is not None:
                    self._names[(*path, index)] = name

    def of_words(self, dotted: str) -> str:
        """Return ":line:column" of the deepest known part of a place told in words, such as funnels.0.steps.2.sql.

        An item of a list is told by its number or by its name.
        """
        known: dict[str, tuple[int, int]] = {}
        for path, mark in self._marks.items():
            named = [self._names.get(path[: place + 1], part) for place, part in enumerate(path)]
            known[".".join(map(str, path))] = known[".".join(map(str, named))] = mark
        while dotted and dotted not in known:
            dotted = dotted.rpartition(".")[0]
        return ":{}:{}".format(*known[dotted]) if dotted else ""

    def of(self, path: Sequence[object]) -> str:
        """Return ":line:column" of the deepest known part of `path`."""
        for length in range(len(path), -1, -1):
            mark = self._marks.get(tuple(path[:length]))
            if mark:
                return f":{mark[0]}:{mark[1]}"
        return ""


def _name_of(node: yaml.Node) -> str | None:
    """Return what an item of a list calls itself."""
    if not isinstance(node, yaml.MappingNode):
        return None
    return next((str(value.value) for key, value in node.value if key.value == "name"), None)


#: How pydantic calls what is not as it should be -> words for somebody who writes YAML and no Python.
_WORDS = {
    "missing": "it must be given",
    "string_type": "it must be text",
    "tuple_type": "it must be a list, such as [a, b]",
    "model_type": "it must hold settings of its own, as in name: value",
    "dict_type": "it must hold names and what they stand for, as in name: value",
}


def _repeated(file_name: str, dotted: str, mark: yaml.Mark, first: int) -> Problem:
    where = f"{file_name}:{mark.line + 1}:{mark.column + 1}"
    return Problem(f"{dotted} stands in line {first} already.", where, fix="Put both into one.")


def _is_other_branch(detail: Any) -> bool:
    """Tell whether a complaint is about what the value was not meant as, where text or a map may stand."""
    if not detail["loc"] or not _is_union_tag(detail["loc"][-1]):
        return False
    return detail["type"] == ("string_type" if isinstance(detail["input"], dict) else "model_type")


def _problem(file_name: str, detail: Any, places: _Places) -> Problem:
    location = [part for part in detail["loc"] if not _is_union_tag(part)]
    where = f"{file_name}{places.of(location)}"
    dotted = ".".join(str(part) for part in location) or "the file"
    if detail["type"] == "extra_forbidden":
        allowed = sorted(_fields_at(location[:-1]))
        return Problem(f"{dotted} is not a setting.", where, str(location[-1]), allowed)
    received = None if isinstance(detail["input"], dict | list) else detail["input"]
    if detail["type"] == "literal_error" and len(words := re.findall(r"'(\w+)'", detail["ctx"]["expected"])) > 1:
        return Problem(f"{dotted} is none of the words that may stand there.", where, received, words)
    message = _WORDS.get(detail["type"], detail["msg"].removeprefix("Value error, "))
    if detail["type"] == "too_short":
        least = detail["ctx"]["min_length"]
        message = "it must not be empty" if least == 1 else f"it takes at least {least}; given: {len(detail['input'])}"
    end = "" if message.endswith(("?", ".")) else "."
    return Problem(f"{dotted}: {message[:1].lower()}{message[1:]}{end}", where, received)


def _is_echo(detail: Any, found: Sequence[Any]) -> bool:
    """Tell whether a list is called too short only because an item of it is wrong."""
    inside = (other["loc"][: len(detail["loc"])] == detail["loc"] for other in found if other is not detail)
    return detail["type"] == "too_short" and any(inside)


def _is_union_tag(part: object) -> bool:
    return part in ("str", "Mapped") or str(part).startswith("function-")


def _fields_at(location: Sequence[object]) -> list[str]:
    """Return the setting names that are allowed at a place of the settings tree."""
    model: Any = Settings
    for part in location:
        if isinstance(model, type) and issubclass(model, BaseModel) and part in model.model_fields:
            model = model.model_fields[str(part)].annotation
        else:
            arguments = [a for a in get_args(model) if a is not Ellipsis]
            model = arguments[-1] if arguments else None
    while not (isinstance(model, type) and issubclass(model, BaseModel)):
        arguments = [a for a in get_args(model) if a is not Ellipsis and a is not type(None)]
        if not arguments:
            return []
        model = arguments[-1]
    return list(model.model_fields)
