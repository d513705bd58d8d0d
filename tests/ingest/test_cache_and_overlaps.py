"""The same file twice changes nothing, an unchanged file is never read again, and the newest export wins."""

from __future__ import annotations

import pytest

from pipeline.ingest import stage as staging
from tests.projects import HEADER, KIOSK, files_of, kiosk_rows, validated, write_project

ROW = "1,2026-09-01 10:00,ann@example.com,10.00,USD\n"


def test_an_unchanged_file_is_never_read_again(tmp_path, monkeypatch) -> None:
    with validated(tmp_path, {"kiosk.csv": f"{HEADER}\n{ROW}"}) as night:
        assert [v.was_cached for v in night.intake.loaded] == [False]
    monkeypatch.setattr(staging, "_write", lambda *_: pytest.fail("the file was read again"))
    with validated(tmp_path) as night:
        assert [v.was_cached for v in night.intake.loaded] == [True]
        assert len(kiosk_rows(night)) == 1


def test_another_reader_or_mapping_reads_the_file_again(tmp_path, monkeypatch) -> None:
    with validated(tmp_path, {"kiosk.csv": f"{HEADER}\n{ROW}"}):
        pass
    monkeypatch.setattr(staging, "READER_VERSION", staging.READER_VERSION + 1)
    with validated(tmp_path) as night:
        assert [v.was_cached for v in night.intake.loaded] == [False]


def test_the_same_content_under_two_names_counts_once(tmp_path) -> None:
    text = f"{HEADER}\n{ROW}"
    with validated(tmp_path, {"kiosk/a.csv": text, "kiosk/b.csv": text}) as night:
        files = files_of(night)
        assert files["kiosk/a.csv"]["status"] == "loaded"
        assert files["kiosk/b.csv"]["status"] == "same_content"
        assert files["kiosk/b.csv"]["problem"] == "It holds exactly what kiosk/a.csv holds."
        assert len(kiosk_rows(night)) == 1


def test_overlapping_exports_give_each_row_once_and_the_newer_one_wins(tmp_path) -> None:
    older = f"{HEADER}\n1,2026-09-01 10:00,ann@example.com,10.00,USD\n2,2026-09-02 10:00,ann@example.com,5.00,USD\n"
    newer = older.replace("10.00", "12.00") + "3,2026-09-03 10:00,ann@example.com,7.00,USD\n"
    settings = (
        KIOSK
        + "files: [{path: z.csv, system: generic, export: kiosk, exported_on: 2026-09-04}, {path: a.csv, system: generic, export: kiosk, exported_on: 2026-09-03}]\n"
    )
    with validated(tmp_path, {"a.csv": older, "z.csv": newer}, settings) as night:
        assert [(row[0], str(row[3])) for row in kiosk_rows(night)] == [
            ("1", "12.0000"),
            ("2", "5.0000"),
            ("3", "7.0000"),
        ]
        files = files_of(night)
        assert (files["a.csv"]["rows_accepted"], files["a.csv"]["rows_duplicate"]) == (0, 2)
        assert (files["z.csv"]["rows_accepted"], files["z.csv"]["rows_duplicate"]) == (3, 0)


def test_a_broken_row_of_the_newer_export_leaves_the_older_one_standing(tmp_path) -> None:
    older = f"{HEADER}\n1,2026-09-01 10:00,ann@example.com,10.00,USD\n"
    newer = older.replace("10.00", "ten") + "2,2026-09-03 10:00,ann@example.com,7.00,USD\n"
    with validated(tmp_path, {"kiosk/a.csv": older, "kiosk/b.csv": newer}) as night:
        assert [(row[0], str(row[3])) for row in kiosk_rows(night)] == [("1", "10.0000"), ("2", "7.0000")]


def test_without_a_key_identical_rows_of_one_file_are_two_things_and_of_two_files_one(tmp_path) -> None:
    settings = KIOSK.replace("    key: [Ticket]\n", "").replace(
        "order_ref: Ticket", 'order_ref: {sql: "row_key::varchar"}'
    )
    text = f"{HEADER}\n{ROW}{ROW}"
    with validated(tmp_path, {"kiosk/a.csv": text, "kiosk/b.csv": text + ROW}, settings) as night:
        assert len(kiosk_rows(night)) == 3


def test_the_sample_is_left_out_as_soon_as_there_is_a_file_of_the_users_own(tmp_path) -> None:
    text = f"{HEADER}\n{ROW}"
    with validated(tmp_path, {"sample/kiosk.csv": text}) as night:
        assert list(files_of(night)) == ["sample/kiosk.csv"]
        assert not night.intake.is_sample_left_out
    write_project(tmp_path, {"mine/kiosk.csv": text.replace("1,", "9,")})
    with validated(tmp_path) as night:
        assert list(files_of(night)) == ["mine/kiosk.csv"]
        assert night.intake.is_sample_left_out


def test_a_pin_decides_what_a_file_is(tmp_path) -> None:
    settings = KIOSK + "files: [{path: 'odd/*', system: generic, export: kiosk, zone: Europe/Berlin}]\n"
    with validated(tmp_path, {"odd/x.csv": f"{HEADER}\n{ROW}"}, settings) as night:
        assert files_of(night)["odd/x.csv"]["recognised_by"] == "pin"
        assert [str(row[1]) for row in kiosk_rows(night)] == ["2026-09-01 08:00:00"]
