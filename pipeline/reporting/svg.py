"""Makes matplotlib's SVG fit to stand inside a page: no outside reference, no style of its own, ids of its own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree as ET

from pipeline.reporting.style import CSS_NAMES

#: Begin of the ids of texts that get an outline in the colour of the card.
HALO = "halo"

_SVG = "http://www.w3.org/2000/svg"
_HREF = "{http://www.w3.org/1999/xlink}href"
_DROPPED = {"metadata", "style", "script", "foreignObject", "image", "a"}
_URL = re.compile(r"url\(#([\w-]+)\)")
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")
_DECIMALS = re.compile(r"-?\d+\.\d{3,}")
_FONT = re.compile(r"font-family:[^;]*(?:;|$)")

ET.register_namespace("", _SVG)


def inline(written: bytes, prefix: str, title: str, tips: Mapping[str, str]) -> str:
    """Return the SVG as one element for a page.

    Args:
        written: What matplotlib wrote.
        prefix: Put before every id, so that two figures of a page never share one.
        title: What a screen reader says.
        tips: Id of an element -> text that appears when the pointer rests on it.
    """
    # What is parsed here was written by matplotlib a moment ago, with all text in it escaped.
    root = ET.fromstring(written)  # noqa: S314
    _drop(root)
    for element in root.iter():
        if element.get("id", "").startswith(HALO):
            element.set("class", HALO)
        _localise(element, prefix)
        tip = tips.get(element.get("id", "").removeprefix(f"{prefix}-"))
        if tip:
            label = ET.Element(f"{{{_SVG}}}title")
            label.text = tip
            element.insert(0, label)
    _keep_used_ids(root)
    for name in ("width", "height", "version"):
        root.attrib.pop(name, None)
    root.set("role", "img")
    root.set("aria-label", title)
    return ET.tostring(root, encoding="unicode").replace(" \n", "\n").replace("\n", " ")


def _drop(root: ET.Element) -> None:
    for parent in root.iter():
        for child in list(parent):
            if child.tag.rsplit("}", 1)[-1] in _DROPPED:
                parent.remove(child)


def _localise(element: ET.Element, prefix: str) -> None:
    for name, value in list(element.attrib.items()):
        if name == "id":
            element.set(name, f"{prefix}-{value}")
        elif name == _HREF:
            del element.attrib[name]
            if value.startswith("#"):
                element.set("href", f"#{prefix}-{value[1:]}")
        elif name.lower().startswith("on"):
            del element.attrib[name]
        elif name == "d":
            element.set(name, " ".join(_DECIMALS.sub(_rounded, value).split()))
        else:
            styled = _styled(value, prefix)
            if name in ("fill", "stroke") and styled.startswith("var("):
                # A variable is not sure to work in an attribute; in a style it is.
                del element.attrib[name]
                name, styled = "style", f"{element.get('style', '')};{name}:{styled}".lstrip(";")
            element.set(name, styled)


def _rounded(found: re.Match[str]) -> str:
    return f"{float(found.group()):.2f}".rstrip("0").rstrip(".")


def _styled(value: str, prefix: str) -> str:
    value = _URL.sub(rf"url(#{prefix}-\1)", value)
    value = _FONT.sub("", value)
    return _COLOUR.sub(lambda found: CSS_NAMES.get(found.group(), found.group()), value)


def _keep_used_ids(root: ET.Element) -> None:
    used = set()
    for element in root.iter():
        for name, value in element.attrib.items():
            if name == "href":
                used.add(value[1:])
            elif "url(#" in value:
                used |= {found.group(1) for found in _URL.finditer(value)}
    for element in root.iter():
        if element.get("id") not in used:
            element.attrib.pop("id", None)
