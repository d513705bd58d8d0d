"""The folder of a new connector, ready to be filled in."""

from __future__ import annotations

import re
from pathlib import Path

from pipeline.errors import Problem, UsageError

_SPEC = """\
system: {name}
title: {title}              # the product's name as people say it
vendor: FILL IN
vendor_page: FILL IN        # page of the vendor that describes the export
version: 1                  # raise it when files must be read again
# What the source's words for events mean in ours; users may change it in journeys.yaml.
event_names:
  viewed: page_view
exports:
  activity:
    title: FILL IN
    menu: FILL IN           # which menu gives the file, and what to tick
    file_names: ['{name}-activity-(?P<exported_on>\\d{{4}}-\\d{{2}}-\\d{{2}})']
    signature: [Time, Email, Action]        # columns that every such file has
    columns:
      Time: {{meaning: "When it happened."}}
      Email: {{aliases: [E-mail], meaning: "Whom it happened to."}}
      Action: {{meaning: "What happened."}}
      Page: {{meaning: "Where."}}
    key: [Time, Email, Action, Page]        # tells rows apart; the same row in two exports counts once
    time_column: Time                       # the newer export wins
    needs_zone: true                        # times are written without a zone
    quirks:
      - FILL IN what a reader has to know.
"""

_EVENTS = """\
-- One row per line of the activity export.
select
    row_key as event_id,
    file_id,
    line_number,
    row_key,
    utc_text("Time", file_zone) as occurred_at,
    'second' as time_precision,
    activity."Action" as event_name,
    coalesce(event_names.interaction, 'other') as interaction,
    "Email" as email,
    "Page" as page_url,
    '{name}' as source,
    extra as detail
from raw.{name}__activity as activity
left join config.event_names as event_names
    on event_names.source_system = '{name}' and event_names.event_name = activity."Action"
"""

_README = """\
# {title}

Which menu gives the export: FILL IN.

| export | what it holds | goes to |
|---|---|---|
| activity | FILL IN | events |

What it can tell, and what it cannot: FILL IN.

Settings it needs in journeys.yaml: `sources.{name}.zone`.

What is not verified about the format, and how both readings are accepted: FILL IN.
"""

_SAMPLE = """\
Time,Email,Action,Page
2026-09-01 10:00:00,ada@example.com,viewed,https://shop.example.com/tea
31/02/2026,ada@example.com,viewed,https://shop.example.com/tea
"""

_SETTINGS = """\
# Settings under which samples/ are read.
sources:
  {name}: {{zone: America/New_York}}
"""


def new_connector(name: str, folder: Path) -> list[Path]:
    """Write the files of a new connector and return their paths.

    Raises:
        UsageError: the name cannot be one, or there is such a connector.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise UsageError(
            Problem("A connector's name is lower-case letters, digits and _, beginning with a letter.", received=name)
        )
    home = folder / name
    if home.exists():
        raise UsageError(Problem("There is a connector of that name.", received=name))
    words = {"name": name, "title": name.replace("_", " ").capitalize()}
    texts = {
        "spec.yaml": _SPEC.format(**words),
        "events.sql": _EVENTS.format(**words),
        "README.md": _README.format(**words),
        "samples.yaml": _SETTINGS.format(**words),
        f"samples/{name}-activity-2026-09-02.csv": _SAMPLE,
    }
    written = []
    for path, text in texts.items():
        target = home / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        written.append(target)
    (home / "golden").mkdir()
    return written
