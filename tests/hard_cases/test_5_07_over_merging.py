"""definitions.md 5.7: a shared device, mailbox, office address or household never makes several people one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.night import Night
from tests.hard_cases.nights import TOWN, night_of

SETTINGS = f"""{TOWN}
  - name: accounts
    files: ["accounts*"]
    zone: UTC
    key: [event]
    shapes:
      events:
        occurred_at: at
        interaction: {{value: page_view}}
        client_id: browser
        user_id: account
  - name: crm
    files: ["crm*"]
    zone: UTC
    key: [record]
    shapes:
      people:
        person_key: record
        emails: {{sql: "[email]"}}
        phones: {{sql: "[phone]"}}
        loyalty_ids: {{sql: "case when card <> '' then [card] end"}}
        first_name: first
        last_name: last
        street: street
        postcode: postcode
"""
ACCOUNTS = "event,at,browser,account\n"
CRM = "record,email,phone,card,first,last,street,postcode\n"
GUESTS = 40


def files() -> dict[str, str]:
    # One tablet in the shop: every guest logs in on it, and looks around before and after without a name.
    tablet = [
        row
        for guest in range(GUESTS)
        for row in (
            f"g{guest}a,2026-09-01 {8 + guest // 4:02}:{guest % 4 * 15:02},tablet,",
            f"g{guest}b,2026-09-01 {8 + guest // 4:02}:{guest % 4 * 15 + 5:02},tablet,guest{guest}",
            f"g{guest}c,2026-09-01 {8 + guest // 4:02}:{guest % 4 * 15 + 9:02},tablet,",
        )
    ]
    # Long after closing time nobody is near.
    tablet.append("night,2026-09-05 03:00,tablet,")
    # At home two people log in on one computer.
    home = ["h1,2026-09-01 10:00,pc,kim", "h2,2026-09-01 20:00,pc,lee", "h3,2026-09-01 11:00,pc,"]
    office = [f"r{n},info@shop.example.com,,,P{n},Person,{n} Side Street,1000{n}" for n in range(300)]
    family = [
        "bob,family@example.com,,C-1,Bob,Ray,5 Elm Road,20001",
        "ann,family@example.com,,C-2,Ann,Ray,5 Elm Road,20001",
        # One person whose record holds an e-mail address twice.
        "cid,cid@example.com,+12125550101,C-3,Cid,Roe,9 Oak Road,20002",
        "cid2,cid@example.com,,,Cid,Roe,9 Oak Road,20002",
    ]
    return {
        "accounts.csv": ACCOUNTS + "\n".join([*tablet, *home]) + "\n",
        "crm.csv": CRM + "\n".join([*office, *family]) + "\n",
    }


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    with night_of(tmp_path_factory.mktemp("town"), files(), SETTINGS) as opened:
        yield opened


def customers(night: Night, kind: str, like: str) -> dict[str, int]:
    return dict(
        night.warehouse.rows(
            "select written, customer_id from identity.keys where kind = $1 and written like $2", [kind, like]
        )
    )


def test_one_tablet_and_forty_guests_are_forty_people(night: Night) -> None:
    found = customers(night, "user_id", "guest%")
    assert len(set(found.values())) == GUESTS
    assert night.warehouse.rows(
        "select joins_kind, count_joined, rule from identity.shared_identifiers where value = 'tablet'"
    ) == [("user_id", GUESTS, "shared_device")]


def test_what_is_done_on_the_tablet_without_a_name_is_the_nearest_persons(night: Night) -> None:
    named = customers(night, "user_id", "guest%")
    device = customers(night, "client_id", "tablet")["tablet"]
    wrong, at_night = [], []
    for moment, customer in night.warehouse.rows(
        "select t.occurred_at, t.customer_id from core.touchpoints as t join validated.events as e "
        "on e.event_id = t.touchpoint_id where e.client_id = 'tablet'"
    ):
        guest = (moment.hour - 8) * 4 + moment.minute // 15
        if moment.day == 5:
            at_night.append(customer)
        elif customer != named[f"guest{guest}"]:
            wrong.append((moment, customer))
    assert wrong == []
    assert at_night == [device]
    assert device not in named.values()


def test_the_device_is_one_warning(night: Night) -> None:
    warned = night.warehouse.rows(
        "select audit, count_rows from ops.audit_results where level = 'warn' and count_rows > 0"
    )
    assert warned == [("no_device_is_used_by_a_crowd", 1)]


def test_two_people_at_one_computer_are_a_household_of_two(night: Night) -> None:
    found = customers(night, "user_id", "kim") | customers(night, "user_id", "lee")
    assert found["kim"] != found["lee"]
    households = night.warehouse.rows(
        "select distinct household_id, shares, count_customers from identity.households "
        f"where customer_id in ({found['kim']}, {found['lee']})"
    )
    assert households == [(min(found.values()), ["device"], 2)]
    # An hour after Kim, nine before Lee.
    touch = "select customer_id from core.touchpoints where occurred_at = '2026-09-01 11:00'"
    assert (found["kim"],) in night.warehouse.rows(touch)


def test_an_office_address_joins_nobody(night: Night) -> None:
    assert len(set(customers(night, "person_key", "generic r%").values())) == 300
    assert night.warehouse.rows("select rule from identity.refused_links where value = 'info@shop.example.com'") == [
        ("role_address",)
    ]
    assert night.warehouse.value("select count(*) from identity.households where customer_id > 0") == 4


def test_bob_and_ann_on_a_family_address_with_a_card_each_stay_two(night: Night) -> None:
    found = customers(night, "person_key", "generic bob") | customers(night, "person_key", "generic ann")
    cards = customers(night, "loyalty_id", "C-%")
    assert found["generic bob"] == cards["C-1"] != cards["C-2"] == found["generic ann"]
    assert night.warehouse.rows(
        "select kind, value, other_kind, other_value from identity.refused_links where rule = 'conflict_of_strong_ids'"
    ) == [("person_key", "generic bob", "email", "family@example.com")]
    assert night.warehouse.rows(
        f"select distinct shares from identity.households where household_id = {min(found.values())}"
    ) == [(["address", "email"],)]


def test_two_records_of_one_person_are_one(night: Night) -> None:
    found = customers(night, "person_key", "generic cid%") | customers(night, "email", "cid@%")
    assert len(found) == 3
    assert len(set(found.values())) == 1


def test_joining_bob_and_ann_by_hand_makes_them_one_and_taking_it_back_two(tmp_path: Path) -> None:
    given = {"crm.csv": files()["crm.csv"]}
    join = "action,kind,value,other_kind,other_value,note\njoin,loyalty_id,C-1,loyalty_id,C-2,married\n"
    with night_of(tmp_path, given, SETTINGS) as night:
        before = customers(night, "loyalty_id", "C-%")
        assert night.warehouse.rows("select * from core.customer_aliases") == []
    with night_of(tmp_path, given | {"overrides/identity.csv": join}, SETTINGS) as night:
        joined = customers(night, "loyalty_id", "C-%")
        aliases = night.warehouse.rows("select customer_id_before, customer_id, reason from core.customer_aliases")
        refused = night.warehouse.rows("select 1 from identity.refused_links where rule = 'conflict_of_strong_ids'")
    one, gone = sorted({before["C-1"], before["C-2"]})
    assert joined == before | {"C-1": one, "C-2": one}
    assert aliases == [(gone, one, "merged")]
    assert refused == []
    (tmp_path / "data" / "raw" / "overrides" / "identity.csv").unlink()
    with night_of(tmp_path, given, SETTINGS) as night:
        assert customers(night, "loyalty_id", "C-%") == before
        aliases = night.warehouse.rows("select customer_id_before, customer_id, reason from core.customer_aliases")
    assert aliases == [(one, gone, "split")]
