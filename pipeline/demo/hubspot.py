"""The HubSpot exports: contacts twice, companies, deals, calls, and the events of marketing e-mail."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.demo.crm import KINDS, STATUSCHANGE, SUBJECTS, Mail
from pipeline.demo.draws import Ints
from pipeline.demo.names import COMPANY_FIRST, COMPANY_LAST, SALES_PEOPLE
from pipeline.demo.statements import statement
from pipeline.demo.tables import texts
from pipeline.demo.wholesale import CALL_OUTCOMES, LOST, PIPELINES, STAGES, WON, Wholesale, contacts_made_at
from pipeline.demo.world import CHANNELS, World
from pipeline.demo.write import Files
from pipeline.warehouse import Warehouse, literal

_CONTACTS = (
    "Record ID", "First Name", "Last Name", "Email", "Additional email addresses", "Phone Number", "Contact owner",
    "Primary Associated Company ID", "Associated Company", "Lifecycle Stage", "Lead Status", "Marketing contact status",
    "Unsubscribed from all email", "Create Date", "Original Source", "Original Source Drill-Down 1",
    "Original Source Drill-Down 2", "First Referring Site", "First Conversion", "First Conversion Date",
    "Merged vids with timestamps of a contact",
)  # fmt: skip
_DEALS = (
    "Record ID", "Deal Name", "Pipeline", "Deal Stage", "Amount", "Close Date", "Create Date", "Deal owner",
    "Deal Type", "Closed Lost Reason", "Original Traffic Source", "Associated Contact", "Associated Contact IDs",
    "Associated Company IDs",
)  # fmt: skip
_CALLS = (
    "Record ID", "Activity date", "Call title", "Call outcome", "Call direction", "Call duration",
    "Activity assigned to", "Associated Contact IDs", "Associated Deal IDs",
)  # fmt: skip
_COMPANIES = ("Record ID", "Company name", "Website URL", "Company owner", "Create Date", "Associated Contact IDs")


def write_hubspot(world: World, wholesale: Wholesale, mail: Mail, warehouse: Warehouse, files: Files) -> None:
    """Write the exports of the CRM."""
    _write_contacts(world, wholesale, mail, warehouse)
    _write_deals(wholesale, warehouse)
    end = world.calendar.date_of(world.days)
    halfway = world.calendar.date_of(world.days // 2)
    for day, known_until, is_newer in (
        (halfway, int(world.calendar.day_starts[world.days // 2]), "false"),
        (end, world.calendar.ends_at, "true"),
    ):
        select = statement("hubspot_contact_lines", known_until=str(known_until), is_newer=is_newer)
        name = f"data/raw/hubspot/hubspot-crm-exports-all-contacts-{day}.csv"
        files.lines(name, select, _header(_CONTACTS), bom=True)
    files.lines(
        f"data/raw/hubspot/hubspot-crm-exports-all-deals-{end}.csv",
        statement("hubspot_deal_lines", stage_cells=_stage_cells()),
        _header((*_DEALS, *_stage_columns())),
        bom=True,
    )
    for kind, labels in (("companies", _COMPANIES), ("calls", _CALLS)):
        name = f"data/raw/hubspot/hubspot-crm-exports-all-{kind}-{end}.csv"
        files.lines(name, statement(f"hubspot_{kind}_lines"), _header(labels), bom=True)
    _write_mail(mail, warehouse, files, f"{end:%Y-%m}")


def _header(labels: tuple[str, ...]) -> str:
    return ",".join('"' + label.replace('"', '""') + '"' for label in labels)


def _company_name(number: int) -> str:
    first, last = len(COMPANY_FIRST), len(COMPANY_LAST)
    turn, place = divmod(number, first * last)
    name = f"{COMPANY_FIRST[place * 31 % first]} {COMPANY_LAST[(place + place // first) % last]}"
    return f"{name} {turn + 1}" if turn else name


def _write_contacts(world: World, wholesale: Wholesale, mail: Mail, warehouse: Warehouse) -> None:
    number = np.arange(wholesale.count_companies)
    names = pa.array([_company_name(i) for i in number.tolist()], pa.string())
    warehouse.write("private.companies", pa.table({"company": number, "company_name": names}))
    contacts, deals = wholesale.contacts, wholesale.deals
    most = int(contacts.max(initial=0)) + 1
    created_at = contacts_made_at(world, wholesale)
    asked = np.zeros(most, np.int64)
    channel = np.full(most, -1, np.int64)
    # The earliest inquiry is the first conversion: written last, it stands.
    for deal in np.argsort(-deals.created_at, kind="stable"):
        if deals.by_web[deal]:
            asked[deals.contact[deal]] = deals.created_at[deal]
            channel[deals.contact[deal]] = deals.channel[deal]
    left = np.isin(contacts, mail.person[mail.kind == STATUSCHANGE])
    channels = (*(c.name for c in CHANNELS), "Offline")
    halfway = int(world.calendar.day_starts[world.days // 2])
    table = pa.table(
        {
            "person": contacts,
            "company": wholesale.company,
            "created_at": created_at,
            "asked_at": asked[contacts],
            "channel": texts(channels, channel[contacts]),
            "count_deals": np.bincount(deals.contact, minlength=most)[contacts],
            "count_won": np.bincount(deals.contact[deals.outcome == WON], minlength=most)[contacts],
            "unsubscribed": left,
            "is_known_halfway": created_at < halfway,
            "has_merged": (world.dice.uniform("merged", contacts) < 0.05) & (created_at < halfway),
        }
    )
    with warehouse.given(table, "given_contacts"):
        warehouse.create("private.contacts", statement("hubspot_contacts"))
    kinds = {"kind": texts(KINDS, mail.kind), "subject": texts(SUBJECTS, mail.campaign)}
    warehouse.write("private.mail", pa.table({**vars(mail), **kinds}))


def _write_deals(wholesale: Wholesale, warehouse: Warehouse) -> None:
    deals, calls = wholesale.deals, wholesale.calls
    entered = pa.FixedSizeListArray.from_arrays(pa.array(deals.entered_at.ravel()), len(STAGES))
    table = pa.table(
        {
            "deal": np.arange(len(deals)),
            "person": deals.contact,
            "pipeline": texts(PIPELINES, deals.pipeline),
            "cents": deals.cents,
            "created_at": deals.created_at,
            "entered_at": entered.cast(pa.list_(pa.int64())),
            "closed_at": deals.closed_at,
            "outcome": deals.outcome,
            "owner": texts(SALES_PEOPLE, deals.owner),
            "by_web": deals.by_web,
        }
    )
    stages = "[" + ", ".join(literal(stage) for stage in STAGES) + "]"
    with warehouse.given(table, "given_deals"):
        warehouse.create("private.deals", statement("hubspot_deals", stages=stages))
    ways: Ints = calls.is_outbound.astype(np.int64)
    rows = {
        "call": np.arange(len(calls)),
        "deal": calls.deal,
        "called_at": calls.at,
        "outcome": texts(CALL_OUTCOMES, calls.outcome),
        "seconds": calls.seconds,
        "direction": texts(("Inbound", "Outbound"), ways),
    }
    warehouse.write("private.calls", pa.table(rows))


def _stage_columns() -> tuple[str, ...]:
    stages = (*STAGES, "Closed won", "Closed lost")
    return tuple(f'Date entered "{stage} ({pipeline})"' for pipeline in PIPELINES for stage in stages)


def _stage_cells() -> str:
    """Return SQL for the dates of both pipelines; a deal has those of its own."""
    cells = []
    for pipeline in PIPELINES:
        moments = [f"entered_at[{place + 1}]" for place in range(len(STAGES))]
        moments += [f"case when outcome = {outcome} then closed_at else 0 end" for outcome in (WON, LOST)]
        cells += [
            f"quoted_cell(case when pipeline = '{pipeline}' and {moment} > 0 then to_minute(local_time({moment})) end)"
            for moment in moments
        ]
    return ",\n    ".join(cells)


def _write_mail(mail: Mail, warehouse: Warehouse, files: Files, month: str) -> None:
    """Write one page of the events, newest first, as the API gives them."""
    select = statement("hubspot_mail_lines")
    body = warehouse.value(f"select string_agg(line, ',' || chr(10) order by at_ms desc, person, kind) from ({select})")
    page = f'{{"hasMore":false,"offset":"page-1","events":[\n{body or ""}\n]}}\n'
    files.text(f"data/raw/hubspot/email_events_{month}.json", [page.encode()])
