"""Reports under the database's own roles, and what a spreadsheet makes of people's text."""

from __future__ import annotations

import csv
import io

import pytest

from boxoffice.core import csv_files, errors
from boxoffice.core.model import OCCUPANCY_BY, SALES_BY, Tender
from tests.conftest import PRICE, SHOW, import_plan, key, small_plan, staff

FORMULAS = ("=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "\uff0b1", "\uff0d1",
            "\uff201")  # fmt: skip
PLAIN = ("", "a=1", "1-1", "'=1", "é", "김철수", 'say "so", twice', "two\nlines")


@pytest.fixture
def sold(house):
    """A house in which a clerk sold one seat for cash."""
    admin = house.office("admin", role="admin")
    import_plan(admin, small_plan())
    concert = str(admin.create_concert("Concert", "Room", key=key()).id)
    performance = admin.create_performance(
        concert, SHOW, prices={"Standard": PRICE}, key=key()
    ).performance
    clerk, walking = house.office("clerk", role="clerk"), staff("0")
    held = clerk.reserve(performance, walking, seats=["A-1"], key=key()).reservation
    clerk.pay(held, walking, key=key(), tender=Tender(kind="cash", received=PRICE))
    return house


def test_the_role_of_readers_makes_every_report_and_export_and_writes_nothing(sold):
    reader = sold.office("reader", role="reader")
    before = sold.rows("SELECT count(*) FROM audit")
    for by in SALES_BY:
        assert sum(line.net.amount for line in reader.report_sales(by=by)) == PRICE
    for by in OCCUPANCY_BY:
        assert sum(line.sold for line in reader.report_occupancy(by=by)) == 1
    assert [line.drawer.amount for line in reader.report_cash_up()] == [PRICE]
    assert reader.report_audit()[0].action == "pay"
    with reader.export_reservations() as rows:
        assert len(list(rows)) == 1
    with reader.export_ledger() as rows:
        assert len(list(rows)) == 1
    assert reader.verify() == ()
    assert sold.rows("SELECT count(*) FROM audit") == before  # which this role cannot write


def test_an_export_by_an_admins_role_is_on_the_record(sold):
    with sold.office("admin", role="admin").export_ledger() as rows:
        assert len(list(rows)) == 1
    assert sold.rows("SELECT action FROM audit ORDER BY id DESC LIMIT 1") == [("export ledger",)]


def test_the_role_of_clerks_reports_what_a_counter_needs(sold):
    clerk = sold.office("clerk", role="clerk")
    assert len(clerk.report_sales(by="clerk")) == len(clerk.report_cash_up()) == 1
    assert clerk.report_occupancy()[0].sold == 1


def test_the_role_of_customers_reports_nothing_whatever_the_session_says(sold):
    intruder = sold.office("app", role="reader")
    for act in (
        lambda: intruder.report_sales(by="clerk"),
        intruder.report_cash_up,
        intruder.report_audit,
        lambda: intruder.export_ledger().__enter__(),
    ):
        with pytest.raises(errors.Forbidden, match="database role"):
            act()


def test_every_formula_is_neutralised_and_all_other_text_is_kept():
    for text in FORMULAS:
        assert csv_files.safe_cell(text) == f"'{text}"
    for text in PLAIN:
        assert csv_files.safe_cell(text) == text


def test_rows_are_written_as_the_standard_says_and_numbers_stay_numbers():
    file = io.BytesIO()
    rows = [(text, -5, None) for text in (*FORMULAS, *PLAIN)]
    csv_files.write_rows(file, ("text", "number", "nothing"), rows)
    text = file.getvalue().decode()
    assert text.startswith("text,number,nothing\r\n'=1+1,-5,\r\n")
    read = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert read == [[csv_files.safe_cell(cell), "-5", ""] for cell, _, _ in rows]
    marked = io.BytesIO()
    csv_files.write_rows(marked, ("a",), (), mark=True)
    assert marked.getvalue() == b"\xef\xbb\xbfa\r\n"


def test_what_was_written_is_read_back_line_by_line():
    file = io.BytesIO()
    cells = ("김철수", 'say "so", twice', "two\nlines", "0")
    csv_files.write_rows(file, ("name", "a", "b", "c"), [cells] * 3, mark=True)
    file.seek(0)
    read = [tuple(row.values()) for _, row in csv_files.read_rows(file, ("name", "a", "b", "c"))]
    assert read == [cells] * 3
