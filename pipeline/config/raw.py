"""What lies in data/raw: the user's own files, or else the sample."""

from __future__ import annotations

from pathlib import Path

SAMPLE = "sample"
OVERRIDES = "overrides"
#: The sample's own settings, in force while there is no journeys.yaml and no file of the user's own.
SAMPLE_SETTINGS = f"{SAMPLE}/journeys.yaml"

IGNORED_NAMES = {"readme.md", "readme.txt", ".gitkeep", ".ds_store", "thumbs.db", "desktop.ini"}


def list_raw(raw: Path) -> tuple[list[Path], list[Path]]:
    """Return the files meant as data below `raw`: the user's own, and those of the sample."""
    own: list[Path] = []
    sample: list[Path] = []
    for path in sorted(raw.rglob("*")):
        relative = path.relative_to(raw)
        if not path.is_file() or path.name.lower() in IGNORED_NAMES or any(p.startswith(".") for p in relative.parts):
            continue
        if relative.parts[0] == OVERRIDES or relative.as_posix() == SAMPLE_SETTINGS:
            continue
        (sample if relative.parts[0] == SAMPLE else own).append(path)
    return own, sample
