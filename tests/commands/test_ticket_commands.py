"""The commands of tickets: what they print where, and what they let a script do."""

from __future__ import annotations

import io
import json
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pypdf
import pytest
import zxingcpp
from PIL import Image

from boxoffice.core.tickets import codes, pictures
from tests.commands.test_output import on_terminal
from tests.commands.test_rehearsals import everything
from tests.conftest import PRICE, key, staff

CUSTOMER = {"BOXOFFICE_ROLE": "customer", "BOXOFFICE_USER": "user1"}
CLERK = {"BOXOFFICE_ROLE": "clerk"}


@pytest.fixture
def sold(desk):
    """A reservation of A-1 and A-2 that user1 paid, and its codes."""
    office = desk.world.office
    office.charge(2 * PRICE, "user1", key=key())
    held = office.reserve(1, staff("user1"), seats=["A-1", "A-2"], key=key())
    office.pay(held.reservation, staff("user1"), key=key())
    made = office.show_tickets(held.reservation, user="user1")
    return held.reservation, [ticket.code for ticket in made]


def test_an_owner_is_shown_the_tickets_in_every_form(desk, sold):
    reservation, known = sold
    told = desk.json("ticket", "show", reservation, **CUSTOMER)
    assert [one["code"] for one in told] == known
    assert told[0]["price"] == {"amount": PRICE, "currency": "KRW"}
    assert told[0]["date"] == "2099-12-24T19:30:00+09:00"
    assert told[0]["reservation"] == reservation
    quiet = desk.run("ticket", "show", reservation, "-q", **CUSTOMER)
    assert quiet.out.split() == known
    piped = desk.run("ticket", "show", reservation, "--fields", "seat,code", **CUSTOMER)
    assert piped.out == f"A-1\t{known[0]}\nA-2\t{known[1]}\n"
    assert "█" not in desk.run("ticket", "show", reservation, **CUSTOMER).out


def test_only_the_owner_or_staff_are_shown_tickets(desk, sold):
    reservation, known = sold
    for whose in ({"BOXOFFICE_USER": "user2"}, {"BOXOFFICE_TOKEN": desk.admitted("user2")}):
        environment = {"BOXOFFICE_ROLE": "customer"} | whose
        show = ("ticket", "show", reservation)
        assert desk.refused(*show, **environment) == ("reservation_not_found", 3)
    mine = {"BOXOFFICE_ROLE": "customer", "BOXOFFICE_TOKEN": desk.admitted("user1")}
    assert len(desk.json("ticket", "show", reservation, **mine)) == 2
    for options in (("--staff",), ("--user", "user1"), ("--staff", "--user", "user1")):
        shown = desk.run("ticket", "show", reservation, "-q", *options, **CLERK)
        assert shown.out.split() == known
    refused = desk.refused("ticket", "show", reservation, "--staff", **CUSTOMER)
    assert refused == ("forbidden", 4)
    other = ("ticket", "show", reservation, "--staff", "--user", "user2")
    assert desk.refused(*other, **CLERK) == ("reservation_not_found", 3)


def read_from(screen):
    """Scan the codes that a terminal shows."""
    halves = {picture: pair for pair, picture in pictures.HALVES.items()}
    drawn = [line for line in screen.split("\n") if len(line) > 30 and halves.keys() >= {*line}]
    rows = [[halves[c][half] for c in line] for line in drawn for half in (0, 1)]
    image = Image.new("L", (len(rows[0]), len(rows)), 255)
    image.putdata([0 if dark else 255 for row in rows for dark in row])
    large = image.resize((image.width * 5, image.height * 5), Image.Resampling.NEAREST)
    return {codes.parse(found.text).code for found in zxingcpp.read_barcodes(large)}


def test_a_terminal_shows_codes_to_be_scanned_unless_it_cannot(desk, sold):
    reservation, known = sold
    show = ("ticket", "show", reservation, "--staff")
    screen, _ = on_terminal(desk.box, *show, columns=120, TERM="xterm-256color")
    assert read_from(screen) == set(known)
    assert "Concert" in screen
    assert f"\nA-1  {known[0]}\n" in screen
    for environment, columns in (({"TERM": "dumb"}, 120), ({"TERM": "xterm"}, 30)):
        screen, _ = on_terminal(desk.box, *show, columns=columns, **environment)
        assert "█" not in screen
        assert all(code in screen for code in known)


def test_a_pdf_has_a_page_a_ticket_and_is_its_owners_alone(desk, sold, tmp_path):
    reservation, known = sold
    file = tmp_path / "t.pdf"
    file.write_text("what was there before")
    file.chmod(0o644)
    make = ("ticket", "pdf", reservation, "--staff", "--output")
    before = os.umask(0)
    try:
        assert desk.run(*make, str(file)).code == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    pages = [page.extract_text() for page in pypdf.PdfReader(file).pages]
    assert [code in text for code, text in zip(known, pages, strict=True)] == [True, True]
    piped = subprocess.run(
        [sys.executable, "-m", "boxoffice", *make, "-"],
        env=desk.box.environment,
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert len(pypdf.PdfReader(io.BytesIO(piped.stdout)).pages) == 2
    assert "no text for a terminal" in on_terminal(desk.box, *make, "-")[0]
    nowhere = desk.run(*make, str(tmp_path / "none" / "t.pdf"))
    assert (nowhere.code, nowhere.err.splitlines()[0][-19:]) == (6, "[local_disk_failed]")
    assert [path.name for path in tmp_path.glob(".t.pdf*")] == []


def test_what_is_no_file_stays_what_it_is(desk, sold, tmp_path):
    link, pipe = tmp_path / "link", tmp_path / "pipe"
    link.symlink_to(tmp_path / "t.pdf")
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", pipe], stdout=subprocess.PIPE) as reader:
        for path in (link, pipe):
            ran = desk.run("ticket", "pdf", sold[0], "--staff", "--output", str(path))
            assert (ran.code, ran.err) == (0, "")
        assert reader.stdout.read()[:5] == b"%PDF-"
    assert (link.is_symlink(), pipe.is_fifo()) == (True, True)
    assert (tmp_path / "t.pdf").read_bytes()[:5] == b"%PDF-"


def test_a_check_in_is_told_and_a_second_one_says_when_and_where(desk, sold):
    _, known = sold
    check = ("ticket", "check-in", known[0], "--gate", "West")
    rehearsed = desk.run(*check, "--dry-run")
    assert rehearsed.err == "would ticket check-in: nothing was changed\n"
    came = desk.json(*check, "--key", "k", **CLERK)
    assert (came["seat"], came["gate"]) == ("A-1", "West")
    assert desk.json(*check, "--key", "k", **CLERK)["replayed"]
    assert desk.refused(*check, **CLERK) == ("ticket_used", 5)
    again = desk.run(*check, **CLERK)
    assert again.err.startswith("boxoffice: somebody came in with this ticket at 20")
    assert "at West. [ticket_used]" in again.err
    assert desk.refused("ticket", "check-in", "T-1", **CLERK) == ("ticket_not_found", 3)
    other = ("ticket", "check-in", known[1], "--performance", "2")
    assert desk.refused(*other, **CLERK) == ("wrong_performance", 4)
    assert desk.refused("ticket", "check-in", known[1], **CUSTOMER) == ("forbidden", 4)
    assert desk.run("ticket", "check-in", known[1], "-q", **CLERK).out == "A-2\n"


def test_a_scanner_that_types_gets_a_line_for_each_line(desk, sold):
    _, known = sold
    lines = f"{known[0]}\n\n{known[0].lower()}\r\nT-1\n{'9' * 3000}\n\xff\n{known[1]}".encode()
    ran = desk.run("ticket", "check-in", "-", "--gate", "West", stdin=lines, **CLERK)
    assert [line.split("\t")[0] for line in ran.out.splitlines()] == [
        *("admitted", "ticket_used", "ticket_not_found", "input_invalid", "input_invalid"),
        "admitted",
    ]
    assert ran.out.splitlines()[-1] == "admitted\tA-2\tFloor\tA\tadult"
    assert ran.code == 5
    assert desk.box.one("SELECT count(*) FROM check_ins") == 2
    assert list(desk.box.settings.journal_dir.glob("*.json")) == []


def test_the_same_lines_under_the_same_key_get_the_same_answers(desk, sold):
    lines = "\n".join(sold[1]).encode()
    stream = ("ticket", "check-in", "-", "--json", "--key", "evening")
    first = desk.run(*stream, stdin=lines)
    again = desk.run(*stream, stdin=lines)
    told, repeated = ([json.loads(line) for line in ran.out.splitlines()] for ran in (first, again))
    assert [one["result"].pop("replayed") for one in repeated] == [True, True]
    assert (told, first.code, again.code) == (repeated, 0, 0)
    assert [one["line"] for one in told] == [1, 2]
    long = desk.run("ticket", "check-in", "-", "--key", "k" * 200, stdin=lines)
    assert (long.code, long.out) == (2, "")


def test_the_list_is_filtered_and_shows_codes_to_admins_who_ask(desk, sold):
    _, known = sold
    of_performance = ("ticket", "list", "--performance", "1")
    desk.world.office.check_in(known[0], gate="West", key=key())
    for options, seats in (((), "A-1 A-2"), (("--checked-in",), "A-1"), (("--open",), "A-2")):
        assert desk.run(*of_performance, *options, "-q").out.split() == seats.split()
    told = desk.json(*of_performance, "--fields", "seat,gate,code", **CLERK)
    assert told[0] == {"seat": "A-1", "gate": "West", "code": None}
    shown = desk.run(*of_performance, "--codes", "--fields", "code")
    assert shown.out.split() == known
    assert desk.refused(*of_performance, "--codes", **CLERK) == ("forbidden", 4)
    assert desk.refused(*of_performance, "--open", "--checked-in") == ("input_invalid", 2)
    assert desk.refused("ticket", "list", "--performance", "9") == ("performance_not_found", 3)


def at_door(folder: Path, *arguments: str, stdin: str):
    """Keep a door as a process that knows of no server, and could reach none."""
    return subprocess.run(
        [sys.executable, "-m", "boxoffice", "ticket", "door", *arguments],
        input=stdin.encode(),
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "LANG": "C.UTF-8",
             "BOXOFFICE_DATABASE_URL": "postgresql://127.0.0.1:1/none"},
        capture_output=True,
        timeout=60,
        check=False,
    )  # fmt: skip


def test_a_door_without_network_lets_in_and_is_uploaded(desk, sold, tmp_path):
    _, known = sold
    path = tmp_path / "door.list"
    assert desk.run("ticket", "export", "--performance", "1", "--output", str(path)).code == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    public = desk.run("ticket", "key", **CLERK).out.strip()
    assert desk.json("ticket", "key") == {"public_key": public}
    with tempfile.TemporaryDirectory() as home:
        mine = (str(path), "--public-key", public, "--gate", "East")
        ran = at_door(Path(home), *mine, stdin=f"{known[0]}\n{known[0]}\n")
        assert (ran.returncode, ran.stderr) == (5, b"")
        assert [line.split(b"\t")[0] for line in ran.stdout.splitlines()] == [
            b"admitted",
            b"ticket_used",
        ]
        unnamed = at_door(Path(home), str(path), stdin=f"{known[0]}\n")
        assert (unnamed.returncode, unnamed.stdout[:11]) == (5, b"ticket_used")
        assert public.encode() in unnamed.stderr
        foreign = at_door(Path(home), str(path), "--public-key", "0" * 64, stdin=known[1])
        assert (foreign.returncode, foreign.stdout) == (2, b"")
        assert [*Path(home).iterdir()] == []
    journal = f"{path}.journal"
    rehearsed = desk.run("ticket", "upload", journal, "--dry-run", "--fields", "state")
    assert (rehearsed.out, desk.box.one("SELECT count(*) FROM check_ins")) == ("recorded\n", 0)
    told = desk.json("ticket", "upload", journal, **CLERK)
    assert [(one["seat"], one["state"], one["gate"]) for one in told] == [
        ("A-1", "recorded", "East")
    ]
    assert desk.json("ticket", "upload", journal, **CLERK)[0]["state"] == "known"
    assert desk.refused("ticket", "check-in", known[0], **CLERK) == ("ticket_used", 5)
    for wrong in (str(path), str(tmp_path), str(tmp_path / "none")):
        assert desk.refused("ticket", "upload", wrong) == ("input_invalid", 2)


def exported(desk, path):
    ran = desk.run("ticket", "export", "--performance", "1", "--output", str(path))
    assert ran.code == 0, ran.err
    return path


def test_a_door_on_a_terminal_speaks_to_people_in_their_language(desk, sold, tmp_path):
    path = exported(desk, tmp_path / "door.list")
    typed = f"{sold[1][0]}\n{sold[1][0]}\n\x04".encode()
    for language, words in (
        ("C.UTF-8", ("as of", "admitted  seat A-1  section Floor, row A  adult", "[ticket_used]")),
        ("ko_KR.UTF-8", ("Concert, Room, 2099-12-24 19:30", "입장", "[ticket_used]")),
    ):
        screen, code = on_terminal(
            *(desk.box, "ticket", "door", str(path), "--gate", "East"),
            *("--journal", str(tmp_path / language)),
            typed=typed,
            columns=120,
            LC_ALL=language,
        )
        assert (code, [word for word in words if word not in screen]) == (5, []), screen
        assert "\t" not in screen


def test_times_of_a_door_are_by_the_clock_of_the_venue(desk, sold, tmp_path):
    path = exported(desk, tmp_path / "door.list")
    with tempfile.TemporaryDirectory() as home:
        ran = at_door(Path(home), str(path), "--json", stdin=f"{sold[1][0]}\n")
    came = json.loads(ran.stdout)["result"]
    told = desk.json("ticket", "upload", f"{path}.journal")[0]
    assert came["checked_in_at"] == told["at"]
    assert told["at"].endswith("+09:00")


def test_what_is_missing_at_a_door_is_told_with_what_makes_it(desk, tmp_path):
    nowhere = str(tmp_path / "none")
    listed, journal = (desk.run("ticket", what, nowhere).err for what in ("door", "upload"))
    assert "hint: `boxoffice ticket export` makes one" in listed
    assert "hint: `boxoffice ticket door FILE` writes one" in journal
    assert not (tmp_path / "none.journal").exists()


def test_a_rehearsed_stream_says_that_it_let_nobody_in(desk, sold):
    lines = "\n".join(sold[1]).encode()
    ran = desk.run("ticket", "check-in", "-", "--dry-run", stdin=lines)
    assert ran.err == "would ticket check-in: nothing was changed\n"
    assert (ran.out.count("admitted"), desk.box.one("SELECT count(*) FROM check_ins")) == (2, 0)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lays links for others")
def test_a_link_that_somebody_else_laid_where_anybody_may_is_not_followed(desk, sold, tmp_path):
    common, target = tmp_path / "common", tmp_path / "precious"
    common.mkdir()
    common.chmod(0o1777)
    target.write_text("precious")
    link, own = common / "t.pdf", tmp_path / "own"
    link.symlink_to(target)
    own.symlink_to(link)
    os.lchown(link, 65_534, 65_534)
    for path in (link, own):
        ran = desk.run("ticket", "pdf", sold[0], "--staff", "--output", str(path))
        assert (ran.code, "somebody else laid" in ran.err) == (2, True)
    assert target.read_text() == "precious"
    os.lchown(link, os.geteuid(), -1)
    assert desk.run("ticket", "pdf", sold[0], "--staff", "--output", str(own)).code == 0
    assert target.read_bytes()[:5] == b"%PDF-"
    assert link.is_symlink()
    assert own.is_symlink()


def test_a_file_may_be_named_by_a_number_as_shells_do(desk, sold):
    reader, writer = os.pipe()
    with os.fdopen(reader, "rb") as pipe:
        path = f"/dev/fd/{writer}"
        assert desk.run("ticket", "pdf", sold[0], "--staff", "--output", path).code == 0
        os.close(writer)
        assert pipe.read()[:5] == b"%PDF-"


def test_a_rehearsal_with_tickets_leaves_everything_as_it_was(desk, sold, tmp_path):
    path = exported(desk, tmp_path / "door.list")
    with tempfile.TemporaryDirectory() as home:
        assert at_door(Path(home), str(path), stdin=sold[1][0]).returncode == 0
    desk.world.office.queue_status("Concert")  # begins it
    before = everything(desk)
    for command, stdin in (
        (("check-in", sold[1][0], "--key", "k"), b""),
        (("check-in", "-", "--key", "k"), "\n".join(sold[1]).encode()),
        (("upload", f"{path}.journal"), b""),
    ):
        ran = desk.run("ticket", *command, "--dry-run", "--json", stdin=stdin)
        assert (ran.code, "nothing was changed" in ran.err) == (0, True), ran
    assert everything(desk) == before
