"""The generic connector: mappings are checked before anything runs, with the nearest right name."""

from __future__ import annotations

import pytest

from pipeline.errors import JourneysError
from tests.projects import HEADER, KIOSK, files_of, validated

ROW = "1,2026-09-01 10:00,ann@example.com,10.00,USD\n"
FILE = {"kiosk.csv": f"{HEADER}\n{ROW}"}


def refused(tmp_path, settings: str, files=FILE) -> str:
    with pytest.raises(JourneysError) as caught, validated(tmp_path, files, settings):
        pass
    return str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "email: Email",
            "email: Emial",
            "kiosk.csv has no such column. Received 'Emial'. Allowed: Ticket, When, Email, Amount, Currency. Did you mean 'Email'?",
        ),
        ("email: Email", "emial: Email", "Did you mean 'email'?"),
        ("events:", "evnts:", "Did you mean 'events'?"),
        ("        gross: Amount\n", "", "Required and not mapped: gross."),
        ("coalesce(Currency, file_currency)", "coalesce(Currncy, file_currency)", "Did you mean 'Currency'?"),
        ("coalesce(Currency, file_currency)", "(select 1)", "no subquery"),
        ("coalesce(Currency, file_currency)", "sum(1)", "no subquery, table, aggregate or window"),
        ("coalesce(Currency, file_currency)", "coalesce(Currency,", "cannot be parsed"),
        ("key: [Ticket]", "key: [Tickt]", "generic.kiosk.key: kiosk.csv has no such column. Received 'Tickt'"),
        ("{value: store_visit}", "{valu: store_visit}", "Did you mean 'value'?"),
    ],
)
def test_a_wrong_mapping_is_answered_with_the_place_and_the_nearest_name(old, new, says, tmp_path) -> None:
    assert old in KIOSK
    message = refused(tmp_path, KIOSK.replace(old, new))
    assert says in message
    assert "journeys.yaml" in message


def test_sql_that_does_not_run_is_refused_with_the_databases_words(tmp_path) -> None:
    message = refused(tmp_path, KIOSK.replace("coalesce(Currency, file_currency)", "no_such_function(Currency)"))
    assert "no_such_function" in message


def test_all_mistakes_are_shown_at_once(tmp_path) -> None:
    message = refused(tmp_path, KIOSK.replace("email: Email", "email: Emial"))
    assert message.count("Emial") == 2


def test_one_file_that_lacks_a_column_is_set_aside_and_the_others_are_read(tmp_path) -> None:
    with validated(
        tmp_path,
        {"kiosk/a.csv": f"{HEADER}\n{ROW}", "kiosk/b.csv": "Ticket,When,Amount,Currency\n2,2026-09-01,1,USD\n"},
    ) as night:
        files = files_of(night)
        assert files["kiosk/a.csv"]["status"] == "loaded"
        assert files["kiosk/b.csv"]["status"] == "unknown"
        assert files["kiosk/b.csv"]["problem"] == "It lacks 'Email', 'Email', which generic.kiosk maps."


@pytest.mark.parametrize(
    ("shape", "mapping", "header", "row"),
    [
        ("people", "person_key: Id, emails: Mail, created_at: Since", "Id,Mail,Since", "7,a@example.com,2026-01-01"),
        ("order_lines", "order_ref: Order, product_name: What, unit_price: Price", "Order,What,Price", "1,Tea,3.50"),
        ("spend", "starts_on: Day, cost: Cost, campaign: Name", "Day,Cost,Name", "2026-09-01,12.50,Autumn"),
        (
            "engagement",
            "object_kind: {value: post}, object_ref: Post, metric: {value: likes}, value: Likes",
            "Post,Likes",
            "p1,12",
        ),
        ("responses", "answered_at: At, score: Score, score_kind: {value: nps}", "At,Score", "2026-09-01 10:00,9"),
        ("orders", "order_ref: No, ordered_at: At, gross: Sum", "No,At,Sum", "1,1788255131,12"),
        ("events", "occurred_at: At, interaction: What", "At,What", "2026-09-01T10:00:00Z,call"),
        ("refunds", "order_ref: No, amount: Back", "No,Back", "1,2.50"),
    ],
)
def test_every_shape_can_be_mapped(shape, mapping, header, row, tmp_path) -> None:
    settings = (
        "sources: {}\ngeneric:\n  - name: mine\n    files: [mine.csv]\n    zone: America/New_York\n    currency: USD\n"
        f"    shapes: {{{shape}: {{{mapping}}}}}\n"
    )
    with validated(tmp_path, {"mine.csv": f"{header}\n{row}\n"}, settings) as night:
        assert files_of(night)["mine.csv"]["rows_accepted"] == 1, night.warehouse.records(
            "select * from ops.rejected_rows"
        )
        assert night.warehouse.value(f"select count(*) from validated.{shape}") == 1


def test_a_credit_note_is_spend_below_zero_and_a_currency_without_a_rate_is_refused(tmp_path) -> None:
    settings = (
        "generic:\n  - name: ads\n    files: [ads.csv]\n    zone: UTC\n    shapes:\n      spend:\n"
        "        starts_on: Day\n        cost: Cost\n        currency: Currency\n"
    )
    file = "Day,Cost,Currency\n2026-09-01,12.50,USD\n2026-09-02,-4.50,USD\n2026-09-03,0.00,USD\n2026-09-04,7.00,EUR\n"
    with validated(tmp_path, {"ads.csv": file}, settings) as night:
        query = night.warehouse.rows
        assert query("select cost::double from validated.spend order by starts_on") == [(12.5,), (-4.5,), (0.0,)]
        ((line, reason),) = query("select line_number, reason from ops.rejected_rows")
        assert line == 5
        assert "has no exchange rate" in reason
        assert "money.rates_file" in reason
