"""Reports and exports as people and pipes get them: tables, bars, tabs, JSON and CSV."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest

from tests.commands.test_output import cells, on_terminal
from tests.commands.test_streams import shell
from tests.conftest import PRICE, key

ACCEPTED = ("-2+3+cmd|' /C calc'!A0", "=1+1", "@SUM(A1)", "\uff1d1+1")


def sell(desk, *seats, user="0", tender="card"):
    """Sell seats at the counter."""
    from boxoffice.core.model import Tender
    from tests.conftest import staff

    office, who = desk.world.office, staff(user)
    held = office.reserve(1, who, seats=seats, key=key())
    given = {"cash": {"received": held.total.amount}}.get(tender, {"note": "T"})
    office.pay(held.reservation, who, key=key(), tender=Tender(kind=tender, **given))
    return held.reservation


def table(ran):
    """Read CSV back as the office does."""
    assert ran.code == 0, ran.err
    assert ran.out.count("\n") == ran.out.count("\r\n")
    return list(csv.DictReader(io.StringIO(ran.out, newline="")))


def test_sales_are_an_array_for_scripts_lines_for_pipes_and_numbers_in_csv(desk):
    sell(desk, "A-1", "A-2")
    desk.world.office.cancel(sell(desk, "A-3"), _walking(), key=key())
    (line,) = desk.json("report", "sales", "--by", "tender")
    assert line == {
        "group": "card", "currency": "KRW", "sold": 3, "returned": 1, "tickets": 2,
        "complimentary": 0,
        "gross": {"amount": 3 * PRICE, "currency": "KRW"},
        "refunds": {"amount": PRICE, "currency": "KRW"},
        "net": {"amount": 2 * PRICE, "currency": "KRW"},
        "waived": {"amount": 0, "currency": "KRW"},
    }  # fmt: skip
    piped = desk.run("report", "sales", "--by", "tender").out
    assert piped == f"card\tKRW\t3\t1\t2\t0\t{3 * PRICE}\t{PRICE}\t{2 * PRICE}\t0\n"
    (row,) = table(desk.run("report", "sales", "--csv", "--fields", "group,net"))
    assert row == {"group": "1", "net": str(2 * PRICE)}


def _walking():
    from tests.conftest import staff

    return staff("0")


def test_people_see_groups_by_name_in_columns_with_a_total(desk):
    office = desk.world.office
    concert = office.create_concert("김철수의 겨울 밤", "Room", key=key()).id
    prices = {"Standard": 1_000_000}
    date = office.show_concert("Concert").dates[0].date
    office.create_performance(str(concert), date, prices=prices, key=key())
    sell(desk, "A-1")
    shown, code = on_terminal(desk.box, "report", "occupancy")
    assert code == 0
    lines = shown.splitlines()
    assert "김철수의 겨울 밤" in shown
    starts = {cells(line[: line.index(" 0.0")]) for line in lines if " 0.0" in line}
    starts |= {cells(line[: line.index(" 2.0")]) for line in lines if " 2.0" in line}
    assert len(starts) == 1, shown  # wide characters push nothing aside
    assert max(map(cells, lines)) <= 80


def test_bars_show_shares_and_the_total_stands_below(desk):
    sell(desk, "A-1", "A-2", tender="cash")
    sell(desk, "A-3")
    out = desk.run("report", "sales", "--by", "tender", "--plot").out
    bars = {line.split()[0]: line.count("█") for line in out.splitlines() if "█" in line}
    assert bars == {"cash": 24, "card": 12}
    assert re.search(r"^total +3 +₩150,000", out, re.MULTILINE)
    drawn, _ = on_terminal(desk.box, "report", "sales", "--by", "day")
    assert "█" in drawn


def test_a_hall_is_drawn_with_marks_that_need_no_colour(desk):
    sell(desk, "A-1", "A-2")
    desk.world.office.reserve(1, _walking(), seats=["B-1"], key=key())
    desk.world.office.block_seats(1, seats=["C-1"], kind="technical", key=key())
    out = desk.run("report", "occupancy", "--performance", "1", "--plot").out
    assert out.splitlines()[:5] == ["##........", "h.........", "x.........", *[".........."] * 2]
    assert "\x1b" not in out
    shown, _ = on_terminal(
        desk.box, "report", "occupancy", "--performance", "1", "--plot", NO_COLOR="1"
    )
    assert "##........" in shown


def test_a_large_hall_is_drawn_no_wider_than_the_terminal(desk, theatre):
    from tests.conftest import SHOW, import_plan

    office = desk.world.office
    import_plan(office, theatre)
    concert = office.create_concert("Big", theatre.name, key=key()).id
    prices = dict.fromkeys(theatre.categories, 1)
    performance = office.create_performance(str(concert), SHOW, prices=prices, key=key())
    number = str(performance.performance)
    shown = desk.run("report", "occupancy", "--performance", number, "--plot", COLUMNS="60").out
    drawn = [line for line in shown.splitlines() if re.fullmatch(r"[.#hx+ ]+", line)]
    assert 5 < len(drawn) <= 20
    assert max(map(len, drawn)) <= 60


def test_cash_up_audit_and_queue_are_told_in_every_form(desk):
    sell(desk, "A-1", tender="cash")
    (line,) = desk.json("report", "cash-up")
    assert (line["tender"], line["sales"]) == ("cash", 1)
    assert line["drawer"] == {"amount": PRICE, "currency": "KRW"}
    assert desk.json("report", "cash-up", "--day", "2020-01-01") == []
    assert len(desk.json("report", "cash-up", "--day", "all")) == 1
    newest = desk.json("report", "audit", "--limit", "1")
    assert newest[0]["detail"]["seats"] == ["A-1"]
    (row,) = table(desk.run("report", "audit", "--action", "pay", "--csv"))
    assert json.loads(row["detail"])["seats"] == ["A-1"]
    assert desk.json("report", "queue", "1")["sold_seats"] == 1


@pytest.mark.parametrize(
    "wrong",
    [
        ("sales", "--by", "moon"),
        ("sales", "--csv"),
        ("sales", "--plot"),
        ("sales", "--bom"),
        ("sales", "--from", "yesterday"),
        ("sales", "--fields", "moon"),
        ("occupancy", "--concert", "1", "--performance", "1"),
        ("cash-up", "--day", "soon"),
        ("audit", "--limit", "0"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant_is_refused_before_anything_is_printed(desk, wrong):
    assert desk.refused("report", *wrong) == ("input_invalid", 2)


def test_a_hall_is_drawn_for_one_performance_alone(desk):
    ran = desk.run("report", "occupancy", "--plot")
    assert (ran.code, ran.out) == (2, "")


def test_an_export_is_csv_as_spreadsheets_read_it_or_an_object_a_line(desk):
    reference = sell(desk, "A-1", "A-2")
    (row,) = table(desk.run("export", "reservations"))
    assert (row["reservation"], row["seats"], row["total"]) == (reference, "A-1,A-2", "100000")
    told = json.loads(desk.run("export", "reservations", "--format", "jsonl").out)
    assert (told["seats"], told["tender"]) == (["A-1", "A-2"], "card")
    marked = desk.run("export", "ledger", "--bom").out
    assert marked.startswith("\ufeffentry,")
    assert not desk.run("export", "ledger").out.startswith("\ufeff")
    assert desk.run("export", "ledger", "--format", "xml").code == 2
    assert desk.run("export", "ledger", "--format", "jsonl", "--bom").code == 2


def test_no_name_becomes_a_formula_and_an_amount_below_zero_stays_a_number(desk):
    office = desk.world.office
    for number, name in enumerate(ACCEPTED, 1):
        office.add_user(name, key=key())
        sell(desk, f"B-{number}", user=name)
    assert [row["customer"] for row in table(desk.run("export", "reservations"))] != []
    written = {row["customer"] for row in table(desk.run("export", "reservations"))}
    assert written == {f"'{name}" for name in ACCEPTED}
    office.cancel(sell(desk, "A-1"), _walking(), key=key())
    effects = [row["effect"] for row in table(desk.run("export", "ledger"))]
    assert effects[-1] == str(-PRICE)


def test_a_reader_that_goes_is_quiet_and_a_full_disk_is_told(desk):
    sell(desk, *(f"A-{number}" for number in range(1, 5)))
    ran = shell(desk.box, "boxoffice export reservations | true; exit ${PIPESTATUS[0]}")
    assert (ran.returncode, ran.stderr) == (0, b"")
    ran = shell(desk.box, "boxoffice export ledger > /dev/full")
    assert (ran.returncode, b"[local_disk_failed]" in ran.stderr) == (6, True)


def test_a_reader_of_reports_exports_and_a_clerk_does_not(desk):
    sell(desk, "A-1")
    assert desk.run("export", "ledger", BOXOFFICE_ROLE="reader").out.count("\n") == 2
    assert desk.refused("report", "audit", BOXOFFICE_ROLE="clerk") == ("forbidden", 4)
    assert desk.run("export", "ledger", BOXOFFICE_ROLE="clerk").code == 4
    assert desk.refused("reserve", "1", "--best", "1", "--staff", "--user", "1",
                        BOXOFFICE_ROLE="reader") == ("forbidden", 4)  # fmt: skip


def test_bars_take_what_the_terminal_has_and_are_written_as_it_can(desk):
    sell(desk, "A-1", "A-2", tender="cash")
    sell(desk, "B-1", tender="complimentary")
    wide = ("report", "sales", "--by", "tender", "--plot")
    for columns, environment, bar in (
        (60, {}, "█" * 11),
        (80, {}, "█" * 24),
        (60, {"NO_COLOR": "1", "LC_ALL": "C"}, "█" * 11),
        (80, {"PYTHONIOENCODING": "ascii"}, "=" * 24),
    ):
        shown, _ = on_terminal(desk.box, *wide, columns=columns, **environment)
        assert bar in shown.split(), shown
        assert "ascii" in str(environment) or max(map(cells, shown.splitlines())) <= columns


def test_hours_of_the_same_name_are_told_apart(desk):
    sell(desk, "A-1")
    shown, _ = on_terminal(desk.box, "report", "sales", "--by", "hour")
    assert re.search(r"^20\d\d-\d\d-\d\d \d\d:00 \+09:00 ", shown, re.MULTILINE), shown


def test_people_read_in_their_language_where_money_came_from(desk):
    sell(desk, "A-1", tender="cash")
    desk.world.office.charge(5, "user1", key=key())
    for report in (("cash-up",), ("sales", "--by", "tender")):
        shown, _ = on_terminal(desk.box, "report", *report, LC_ALL="ko_KR.UTF-8")
        assert "현금" in shown
        assert not re.search("charge|cash", shown), shown
    assert "충전" in on_terminal(desk.box, "report", "cash-up", LC_ALL="ko_KR.UTF-8")[0]
    tenders = desk.run("report", "cash-up", "--fields", "tender").out.split()
    assert tenders == ["cash", "charge"]


def test_a_queue_is_told_by_the_fields_that_were_asked_for(desk):
    queue = ("report", "queue", "1", "--fields", "sold_seats,state")
    assert desk.run(*queue).out == "0\topen\n"
    assert desk.json(*queue) == {"sold_seats": 0, "state": "open"}
    assert table(desk.run(*queue, "--csv")) == [{"sold_seats": "0", "state": "open"}]


def test_yesterday_is_a_day(desk):
    sell(desk, "A-1", tender="cash")
    counts = [len(desk.json("report", "cash-up", "--day", day)) for day in ("today", "yesterday")]
    assert counts == [1, 0]


def test_who_paid_is_told_where_the_tickets_are(desk):
    office = desk.world.office
    office.charge(2 * PRICE, "user1", key=key())
    pay = ("pay", "--staff", "--user", "user1")
    first, second = (
        office.reserve(1, _user(), seats=[seat], key=key()).reservation for seat in ("A-1", "A-2")
    )
    shown, _ = on_terminal(desk.box, *pay, first)
    assert f"`boxoffice ticket show {first}` shows the tickets" in shown
    piped = desk.run(*pay, second)
    assert (piped.code, piped.err) == (0, "")


def _user():
    from tests.conftest import staff

    return staff("user1")
