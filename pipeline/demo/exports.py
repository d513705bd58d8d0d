"""Simulate the business and write its exports and the truth."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date
from importlib import resources
from pathlib import Path

from pipeline.config.load import FILE_NAME
from pipeline.demo import ga4, hubspot, mailchimp, square, tables
from pipeline.demo.ads import write_ads
from pipeline.demo.events import Site, make_site
from pipeline.demo.holdout import write_holdout
from pipeline.demo.life import START, Life, live
from pipeline.demo.profiles import make_profiles
from pipeline.demo.statements import define_functions
from pipeline.demo.truth import write_truth
from pipeline.demo.ui_report import write_report
from pipeline.demo.wholesale import WON
from pipeline.demo.write import Files
from pipeline.errors import Problem, UsageError
from pipeline.warehouse import Warehouse

#: Below these there would be systems without anybody in them.
_LEAST_PEOPLE, _LEAST_DAYS, _MOST_DAYS = 200, 14, 730


@dataclass(frozen=True)
class Summary:
    """What was simulated and written."""

    people: int
    events: int
    orders: int
    files: int
    bytes: int


def simulate(people: int, days: int, seed: int, out: Path, start: date = START) -> Summary:
    """Write a project whose exports are those of a simulated business, and the truth about it to out/truth.

    Args:
        people: How many people ever touch the business.
        days: How many days are simulated.
        seed: The same seed gives the same files to the byte.
        out: Folder to write to.
        start: First day.

    Returns:
        Counts of what was written.

    Raises:
        UsageError: too few people or days, or the folder holds a simulation already.
    """
    _refuse_nonsense(people, days, seed, out)
    life = live(people, days, seed, start)
    site = make_site(life.world, life.people, life.bought, life.clients, life.trails, life.mailing)
    # A small world is kept, a large one is measured: packing it tightly would take most of the time.
    level = 6 if people <= 20_000 else 3
    out.mkdir(parents=True, exist_ok=True)
    spill = out / ".spill"
    try:
        with Warehouse.open(None, staged=out, spill=spill) as warehouse, Files(out, warehouse, level) as files:
            define_functions(warehouse)
            files.text(FILE_NAME, [resources.files("pipeline.demo").joinpath(FILE_NAME).read_bytes()])
            count_events = _write(life, site, warehouse, files)
    finally:
        shutil.rmtree(spill, ignore_errors=True)
    size = sum(path.stat().st_size for path in files.written)
    orders = int((~life.bought.orders.is_test).sum()) + int((life.wholesale.deals.outcome == WON).sum())
    return Summary(people, count_events, orders, len(files.written), size)


def _refuse_nonsense(people: int, days: int, seed: int, out: Path) -> None:
    problems = []
    if people < _LEAST_PEOPLE:
        allowed = (f"{_LEAST_PEOPLE} or more",)
        problems.append(Problem("A business needs more people to be one.", "--people", people, allowed))
    if not _LEAST_DAYS <= days <= _MOST_DAYS:
        allowed = (f"{_LEAST_DAYS} to {_MOST_DAYS}",)
        problems.append(Problem("So many days cannot be simulated.", "--days", days, allowed))
    if seed < 0:
        problems.append(Problem("A seed is a whole number, not below zero.", "--seed", seed))
    if any((out / name).exists() for name in ("data/raw", "truth", FILE_NAME)):
        fix = "Choose an empty folder, or remove data/raw, truth and journeys.yaml from it."
        problems.append(Problem("The folder holds a project already.", "--out", str(out), fix=fix))
    if problems:
        raise UsageError(*problems)


def _write(life: Life, site: Site, warehouse: Warehouse, files: Files) -> int:
    tables.write_products(warehouse)
    tables.write_people(life.world, life.people, warehouse)
    tables.write_orders(life.world, life.bought, warehouse)
    square.write_profiles(make_profiles(life.world, life.people, life.bought), warehouse)
    square.write_square(life.world, warehouse, files)
    hubspot.write_hubspot(life.world, life.wholesale, life.mail, warehouse, files)
    mailchimp.write_mailchimp(life.world, life.people, life.mailing, warehouse, files)
    write_report(site, files)
    write_ads(site, warehouse, files)
    write_holdout(life, site, warehouse, files)
    count, latest_us = ga4.write_events(site, warehouse, files)
    write_truth(life, site, latest_us, warehouse, files)
    return count
