"""The Mailchimp exports: the audience as an archive, what happened to each issue, and the campaigns report."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from pipeline.demo.events import mail_links, mail_tags
from pipeline.demo.newsletter import Mailing, joined_at
from pipeline.demo.people import People
from pipeline.demo.statements import statement
from pipeline.demo.world import MAIL_LINKS, TAGS, World
from pipeline.demo.write import Files
from pipeline.warehouse import Warehouse, literal

_ACCOUNT = "data/raw/mailchimp/25307411-5/reports"
_FRAME = (
    '"Email Address","First Name","Last Name","Phone Number","Tea interests",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,'
    "CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,{},LEID,EUID,NOTES,TAGS"
)
_STANDINGS = {
    "subscribed": "LAST_CHANGED",
    "unsubscribed": "UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER",
    "cleaned": "CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,CLEAN_CAMPAIGN_ID",
}
_CAMPAIGNS = (
    'Title,Subject,Audience,"Send Date","Send Weekday","Total Recipients","Successful Deliveries","Soft Bounces",'
    '"Hard Bounces","Total Bounces","Times Forwarded","Forwarded Opens","Unique Opens","Open Rate","Total Opens",'
    '"Unique Clicks","Click Rate","Total Clicks",Unsubscribes,"Abuse Complaints","Times Liked on Facebook",'
    '"Folder Id","Unique Id","Total Orders","Total Gross Sales","Total Revenue","Analytics ROI","Campaign Cost",'
    '"Revenue Created",Visits,"New Visits",Pages/Visit,"Bounce Rate","Time on Site","Goal Conversion Rate",'
    '"Per Visit Goal Value",Transactions,"Ecommerce Conversion Rate","Per Visit Value","Average Value"'
)


def write_mailchimp(world: World, people: People, mailing: Mailing, warehouse: Warehouse, files: Files) -> None:
    """Write the exports of the newsletter."""
    _write_tables(world, people, mailing, warehouse)
    export = f"members_export_{int(world.dice.bits('audience', 0)[0]) >> 24:010x}"
    members = {
        f"{export}/{standing}_{export}.csv": (
            _FRAME.format(columns),
            statement("mailchimp_audience", standing=literal(standing)),
        )
        for standing, columns in _STANDINGS.items()
    }
    files.archive(f"data/raw/mailchimp/{export}.zip", members)
    for place, campaign in enumerate(mailing.campaigns):
        name = f"{101001 + place}_{campaign.title.lower().replace(' ', '-')}.csv"
        _granular(files, name, str(place))
        if campaign.sent_at:
            _aggregate(files, name, str(place))
    files.lines("data/raw/mailchimp/campaigns.csv", statement("mailchimp_campaigns"), _CAMPAIGNS, newline="\r\n")


def _granular(files: Files, name: str, campaign: str) -> None:
    folder = f"{_ACCOUNT}/granular_activity"
    files.lines(f"{folder}/opens/{name}", statement("mailchimp_open_lines", campaign=campaign), "Timestamp,IP,Email")
    files.lines(
        f"{folder}/clicks/{name}", statement("mailchimp_click_lines", campaign=campaign), "Timestamp,IP,Email,Url"
    )


def _aggregate(files: Files, name: str, campaign: str) -> None:
    folder, people = f"{_ACCOUNT}/aggregate_activity", '"Email Address","First Name","Last Name"'
    left = statement("mailchimp_recipient_lines", campaign=campaign, happened="unsubscribed_at > 0", more="null")
    files.lines(f"{folder}/unsubscribes/{name}", left, people)
    bounced = statement("mailchimp_recipient_lines", campaign=campaign, happened="is_bounce", more="'hard'")
    files.lines(f"{folder}/bounces/{name}", bounced, f'{people},"Bounce Type"')


def _write_tables(world: World, people: People, mailing: Mailing, warehouse: Warehouse) -> None:
    place = np.arange(len(mailing.campaigns))
    tags = mail_tags(world, place)
    campaigns = [
        {"campaign": i, **vars(c), "source": TAGS[tags[i]].source, "medium": TAGS[tags[i]].medium}
        for i, c in enumerate(mailing.campaigns)
    ]
    warehouse.write("private.campaigns", pa.Table.from_pylist(campaigns))
    fields = {name: value for name, value in vars(mailing).items() if name != "campaigns"}
    link = mail_links(world, mailing.person, mailing.campaign)
    warehouse.write("private.messages", pa.table({**fields, "link": link}))
    with warehouse.given(_readers(world, people, mailing), "given_readers"):
        warehouse.create("private.readers", statement("mailchimp_readers"))
    paths = "[" + ", ".join(literal(path) for path in MAIL_LINKS) + "]"
    warehouse.create("private.clicks", statement("mailchimp_clicks", paths=paths))
    warehouse.create("private.opens", statement("mailchimp_opens"))


def _readers(world: World, people: People, mailing: Mailing) -> pa.Table:
    """Return when everybody joined, and when and through which issue they left."""
    readers = np.flatnonzero(people.is_subscriber)
    left, cleaned, last = (np.zeros(len(people), np.int64) for _ in range(3))
    gone = np.flatnonzero((mailing.unsubscribed_at > 0) | mailing.is_bounce)
    person = mailing.person[gone]
    left[person] = mailing.unsubscribed_at[gone]
    cleaned[person] = np.where(mailing.is_bounce[gone], mailing.delivered_at[gone] + 5, 0)
    last[person] = mailing.campaign[gone] + 1
    return pa.table(
        {
            "person": readers,
            "joined_at": joined_at(world, people)[readers],
            "left_at": left[readers],
            "cleaned_at": cleaned[readers],
            "last_campaign": last[readers] - 1,
        }
    )
