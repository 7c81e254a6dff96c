import copy
import dataclasses
import io
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from boxoffice.core.errors import InputInvalid
from boxoffice.core.examples import EXAMPLES
from boxoffice.core.plans import PLAN_BYTES_MAX, SEATS_MAX, open_plan, read_plan, write_plan
from tests.fuzz.seeds import share

DOCS = Path(__file__).parents[2] / "docs"
LITTLE = {
    "format": "boxoffice-plan-1",
    "name": "Little Hall",
    "time_zone": "Asia/Seoul",
    "focal": {"x": 0, "y": -1.5},
    "categories": ["R", "S"],
    "sections": [
        {
            "name": "Floor",
            "rows": [
                {
                    "name": "A",
                    "seats": [
                        {"number": "1", "category": "R", "x": 0, "y": 0, "wheelchair": True},
                        {"number": 2, "category": "S", "x": 1.25, "y": 0, "companion": True},
                    ],
                }
            ],
        }
    ],
}


def changed(**values):
    """A copy of the little plan; a key is a path such as sections__0__name."""
    plan = copy.deepcopy(LITTLE)
    for key, value in values.items():
        *path, last = [int(part) if part.isdigit() else part for part in key.split("__")]
        target = plan
        for part in path:
            target = target[part]
        if value is Ellipsis:
            del target[last]
        else:
            target[last] = value
    return plan


def seat(number, **more):
    return {"number": number, "category": "R", "x": 0, "y": 0} | more


def hall(*sections, **more):
    """A plan of sections given as (name, (row name, numbers...), ...)."""
    return changed(
        sections=[
            {
                "name": name,
                "rows": [
                    {"name": row, "seats": [seat(number) for number in numbers]}
                    for row, *numbers in rows
                ],
            }
            for name, *rows in sections
        ],
        **more,
    )


def read(plan, **options):
    text = plan if isinstance(plan, bytes) else json.dumps(plan).encode()
    return read_plan(io.BytesIO(text), **options)


def refusal(plan, **options):
    with pytest.raises(InputInvalid) as refused:
        read(plan, **options)
    message = refused.value.message
    assert len(message.splitlines()) == 1
    assert len(message) < 200
    assert message.isprintable()
    assert "venue example" in refused.value.advice or options
    return message


def labels(plan):
    return [each.label for each in plan.seats]


# --- what is read ---


def test_a_plan_is_read_whole_and_in_order():
    plan = read(LITTLE)
    assert (plan.name, plan.time_zone, plan.focal) == ("Little Hall", "Asia/Seoul", (0.0, -1.5))
    assert (plan.categories, plan.sections, plan.skipped) == (("R", "S"), ("Floor",), ())
    assert [(row.section, row.name) for row in plan.rows] == [(0, "A")]
    first, second = plan.seats
    assert (first.label, first.number, first.category, first.x) == ("A-1", "1", 0, 0.0)
    assert (first.wheelchair, first.companion, first.obstructed) == (True, False, False)
    assert (second.label, second.number, second.category, second.x) == ("A-2", "2", 1, 1.25)
    assert (second.wheelchair, second.companion, second.obstructed) == (False, True, False)


def test_a_name_given_by_the_caller_replaces_the_one_in_the_file():
    assert read(LITTLE, name="Other Hall").name == "Other Hall"
    assert read(changed(name=...), name="Other Hall").name == "Other Hall"
    assert refusal(changed(name=...)) == "the plan has no 'name'"
    assert refusal(LITTLE, name="a\x1bb") == "the venue name has a control character (U+001B)"


def test_the_keys_may_come_in_any_order():
    backwards = {key: LITTLE[key] for key in reversed(LITTLE)}
    backwards["sections"] = [{"rows": LITTLE["sections"][0]["rows"], "name": "Floor"}]
    assert read(backwards) == read(LITTLE)


def test_without_a_focal_point_the_middle_of_the_front_counts():
    assert read(changed(focal=...)).focal == (0.625, 0.0)


def test_without_a_time_zone_there_is_none():
    assert read(changed(time_zone=...)).time_zone is None


def test_names_are_stripped_and_may_be_of_any_script_or_look_like_markup():
    plan = read(
        changed(
            name=" 예술의전당 🎸 ",
            sections__0__name="[red]",
            sections__0__rows__0__name="가",
            sections__0__rows__0__seats__0__number=" 1 ",
        )
    )
    assert (plan.name, plan.sections) == ("예술의전당 🎸", ("[red]",))
    assert labels(plan) == ["가-1", "가-2"]


# --- labels, and what real plans do to them ---


def test_rows_of_one_section_alone_are_labelled_row_and_number():
    assert labels(read(hall(("Floor", ("A", "1"), ("B", "1"))))) == ["A-1", "B-1"]


def test_rows_that_repeat_across_sections_carry_the_section_in_all_their_seats():
    plan = read(hall(("Floor", ("A", "1", "2"), ("B", "1")), ("Circle", ("A", "9"), ("C", "1"))))
    assert labels(plan) == ["Floor/A-1", "Floor/A-2", "B-1", "Circle/A-9", "C-1"]
    assert plan.skipped == ()


def test_a_repeated_seat_is_kept_with_a_suffix_and_reported_by_its_path():
    plan = read(hall(("Floor", ("A", "1", "1", "2", "1"))))
    assert labels(plan) == ["A-1", "A-1:2", "A-2", "A-1:3"]
    assert plan.skipped == (
        "sections[0].rows[0].seats[1]: 'A-1' repeats; labelled 'A-1:2'",
        "sections[0].rows[0].seats[3]: 'A-1' repeats; labelled 'A-1:3'",
    )


def test_a_row_repeated_inside_a_section_keeps_both_rows():
    plan = read(hall(("Floor", ("A", "1"), ("A", "1", "2"))))
    assert labels(plan) == ["A-1", "A-1:2", "A-2"]
    assert [row.name for row in plan.rows] == ["A", "A"]


def test_a_suffix_never_takes_the_label_of_another_seat():
    assert labels(read(hall(("F", ("A", "1", "1", "1:2"))))) == ["A-1", "A-1:3", "A-1:2"]


def test_different_rows_that_spell_the_same_label_are_told_apart():
    assert labels(read(hall(("F", ("A-1", "2"), ("A", "1-2"))))) == ["A-1-2", "A-1-2:2"]


def test_a_repeated_section_is_renamed_and_reported():
    plan = read(hall(("Floor", ("A", "1")), ("Floor", ("A", "1"))))
    assert plan.sections == ("Floor", "Floor:2")
    assert labels(plan) == ["Floor/A-1", "Floor:2/A-1"]
    assert plan.skipped == ("sections[1].name: 'Floor' repeats; named 'Floor:2'",)


def test_a_category_that_is_not_listed_is_added_and_reported_once():
    plan = read(
        changed(
            categories=["S"],
            sections__0__rows__0__seats=[seat("1"), seat("2"), seat("3", category="S")],
        )
    )
    assert plan.categories == ("S", "R")
    assert [each.category for each in plan.seats] == [1, 1, 0]
    assert plan.skipped == ("sections[0].rows[0].seats[0].category: 'R' is not listed; added",)


def test_a_category_listed_twice_is_one_and_reported():
    plan = read(changed(categories=["R", "S", "R"]))
    assert plan.categories == ("R", "S")
    assert plan.skipped == ("categories[2]: 'R' repeats",)


def test_too_many_findings_are_counted_instead_of_listed():
    plan = read(hall(("Floor", ("A", *["1"] * 301))))
    assert len(plan.skipped) == 101
    assert plan.skipped[-1] == "and 200 more findings"
    assert len(set(labels(plan))) == len(plan.seats) == 301


def test_strict_refuses_what_would_be_mended():
    with pytest.raises(InputInvalid, match=r"^sections\[0\]\.rows\[0\]\.seats\[1\]: 'A-1' repeats"):
        read(hall(("Floor", ("A", "1", "1"))), strict=True)
    assert read(LITTLE, strict=True) == read(LITTLE)


# --- what is refused, by its path ---

SEAT = "sections__0__rows__0__seats__1"
AT = "sections[0].rows[0].seats[1]"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": ...}, "the plan: has no 'format'"),
        ({"format": "boxoffice-plan-2"}, "format: must be 'boxoffice-plan-1'"),
        ({"format": 1}, "format: must be 'boxoffice-plan-1'"),
        ({"sections": ...}, "the plan: has no 'sections'"),
        ({"sections": []}, "the plan has no seat"),
        ({"sections__0__rows": []}, "the plan has no seat"),
        ({"sections": {}}, "sections: must be a list"),
        ({"sections__0": []}, "sections[0]: must be an object"),
        ({"sections__0__name": ...}, "sections[0]: has no 'name'"),
        ({"sections__0__name": None}, "sections[0].name: must be text"),
        ({"sections__0__rows__0__name": 1}, "sections[0].rows[0].name: must be text"),
        ({"sections__0__rows__0__name": ""}, "sections[0].rows[0].name: the row name is empty"),
        (
            {"sections__0__rows__0__name": "x" * 21},
            "sections[0].rows[0].name: the row name is wider than 20 cells",
        ),
        ({"categories": ["R", ["S"]]}, "categories[1]: must be text"),
        ({"name": "123"}, "name: the venue name is a number alone: it would be taken for an id"),
        ({"time_zone": "Mars/Base"}, "time_zone: is not the name of a time zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone: is not the name of a time zone"),
        ({"time_zone": "Asia"}, "time_zone: is not the name of a time zone"),
        ({"time_zone": ""}, "time_zone: is not the name of a time zone"),
        ({"focal": [0, 0]}, "focal: must be an object"),
        ({"focal__y": ...}, "focal: has no 'y'"),
        ({"focal__z": 1}, "focal.z: is no known key"),
        ({SEAT: 5}, f"{AT}: must be an object"),
        ({f"{SEAT}__number": True}, f"{AT}.number: must be text or a whole number"),
        ({f"{SEAT}__number": 1.5}, f"{AT}.number: must be text or a whole number"),
        ({f"{SEAT}__number": 10**30}, f"{AT}.number: the seat number is wider than 20 cells"),
        ({f"{SEAT}__number": "1\x1f2"}, f"{AT}.number: the seat number has a control char"),
        ({f"{SEAT}__number": ...}, f"{AT}: has no 'number'"),
        ({f"{SEAT}__x": True}, f"{AT}.x: must be a number"),
        ({f"{SEAT}__x": "1"}, f"{AT}.x: must be a number"),
        ({f"{SEAT}__x": None}, f"{AT}.x: must be a number"),
        ({f"{SEAT}__x": 10**30}, f"{AT}.x: must be from -1,000,000 to 1,000,000"),
        ({f"{SEAT}__y": -1000000.5}, f"{AT}.y: must be from -1,000,000 to 1,000,000"),
        ({f"{SEAT}__wheelchair": 1}, f"{AT}.wheelchair: must be true or false"),
        ({f"{SEAT}__category": "a\x1b[31m"}, f"{AT}.category: the category has a control char"),
        ({f"{SEAT}__category": "a\x00b"}, f"{AT}.category: the category has a control char"),
        ({f"{SEAT}__category": "a\u202eb"}, f"{AT}.category: the category has an invisible"),
        ({f"{SEAT}__colour": "red"}, f"{AT}.colour: is no known key"),
        ({f"{SEAT}__numbr": "1"}, f"{AT}.numbr: is no known key; did you mean 'number'?"),
        ({"zones": []}, "zones: is no known key"),
        ({"section": []}, "section: is no known key; did you mean 'sections'?"),
        ({"\x1b[31m": []}, "\ufffd[31m: is no known key"),
        ({"k" * 5000: []}, f"{'k' * 40}...: is no known key"),
    ],
)
def test_a_wrong_value_is_named_by_its_path(change, message):
    assert refusal(changed(**change)).startswith(message)


def test_a_wrong_value_is_named_by_its_line_too():
    text = json.dumps(changed(sections__0__rows__0__seats__1__x="1"), indent=1)
    line = 1 + text[: text.index('"x": "1"')].count("\n")
    assert refusal(text.encode()).endswith(f"must be a number (line {line})")


def test_a_key_given_twice_is_refused():
    text = json.dumps(LITTLE).replace('"number": 2', '"number": 2, "number": 2')
    assert refusal(text.encode()) == f"{AT}.number: is given twice (line 1)"
    assert refusal(b'{"name": "a", "name": "a"}') == "name: is given twice (line 1)"


@pytest.mark.parametrize("number", ["1e400", "-1e400", "1e999999", "1" * 400])
def test_a_number_too_large_is_refused_by_its_path(number):
    text = json.dumps(LITTLE).replace('"x": 1.25', f'"x": {number}').encode()
    assert refusal(text) == f"{AT}.x: must be from -1,000,000 to 1,000,000 (line 1)"


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "1e99999999999999999999", "1" * 6000, "01", "+1"]
)
def test_a_number_that_json_or_the_reader_cannot_hold_is_refused_by_its_line(number):
    text = json.dumps(LITTLE, indent=1).replace('"x": 1.25', f'"x": {number}')
    line = 1 + text[: text.index(f'"x": {number}')].count("\n")
    assert refusal(text.encode()) == f"line {line}: not valid JSON"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "line 1: the JSON ends too early"),
        (b" \n\n ", "line 3: the JSON ends too early"),
        (b"{\n", "line 1: the JSON ends too early"),
        (b'{\n"name": "x', "line 2: the JSON ends too early"),
        (b"hello", "line 1: not valid JSON"),
        (b"%PDF-1.4", "line 1: not valid JSON"),
        (b"[]", "the plan: must be an object (line 1)"),
        (b"3", "the plan: must be an object (line 1)"),
        (b"null", "the plan: must be an object (line 1)"),
        (b"[" * 10_000, "the plan: must be an object (line 1)"),
        (b'{"a":' * 10_000, "a: is no known key (line 1)"),
        (b'{\n"name": "x",\n}', "line 3: not valid JSON"),
        (b'{\n"name": "x"\n"focal"', "line 3: not valid JSON"),
        (b"{\n// words\n}", "line 2: not valid JSON"),
        (b'{\n"name": "a\tb"}', "line 2: not valid JSON"),
        (b'{\n"name": "a\nb"}', "line 2: not valid JSON"),
        (b'{\n"name": "\xff"}', "line 2: not valid UTF-8"),
        (b'{\n"name": "\xed\xa0\x80"}', "line 2: not valid UTF-8"),
        (b'{\n"name": "\\ud800"}', "line 2: half of a surrogate pair"),
        (b'{\n"name": "\\udc00x"}', "line 2: half of a surrogate pair"),
        (b'{\n"name": "\\ud83c\\udfb8\\ud83c"}', "line 2: half of a surrogate pair"),
        (b"\xef\xbb\xbf{}", "line 1: a byte order mark; save the file as UTF-8 without it"),
        ('{"name": "x"}'.encode("utf-16"), "line 1: not valid JSON"),
        (b"\x00" * 100, "line 1: not valid JSON"),
        (b'{"name": "' + b"x" * 200_000, "line 1: 65,536 bytes without a comma"),
    ],
)
def test_broken_json_is_named_by_its_line(text, message):
    assert refusal(text) == message


def test_something_behind_the_plan_is_refused():
    text = json.dumps(LITTLE).encode()
    assert refusal(text + b"\n{}") == "line 2: not valid JSON"
    assert read(text + b"\n \n") == read(LITTLE)


def test_escaped_emoji_and_escaped_backslashes_are_no_half_pairs():
    for name in ("🎸🎸", "\\ud800", "\\\\udc00", "\\🎸"):
        assert read(changed(name=name)).name == name


def test_a_plan_cut_off_anywhere_is_refused():
    text = json.dumps(LITTLE, indent=1).encode()
    for length in range(len(text)):
        assert refusal(text[:length]).endswith("the JSON ends too early")


@settings(deadline=None, max_examples=share(100, 3_000))
@given(st.data())
def test_whatever_bytes_are_damaged_gives_a_plan_or_one_clear_line(data):
    text = bytearray(json.dumps(LITTLE, indent=1).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.integers(0, 255))
    try:
        read(bytes(text))
    except InputInvalid:
        refusal(bytes(text))


def test_a_plan_on_one_line_longer_than_a_piece_is_read_the_same():
    plan = hall(*[(f"부문 🎸 {n}", ("A", *map(str, range(200)))) for n in range(40)])
    compact, lines = json.dumps(plan).encode(), json.dumps(plan, indent=1).encode()
    assert len(compact) > 4 * 65_536
    assert compact.count(b"\n") == 0
    assert read(compact) == read(lines)


# --- limits ---


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (
            lambda: hall(*[(f"S{n}", ("A", "1")) for n in range(1_001)]),
            "sections[1000]: is one too many: at most 1,000 sections",
        ),
        (
            lambda: changed(categories=[f"C{n}" for n in range(101)]),
            "categories[100]: is one too many: at most 100 categories",
        ),
        (
            lambda: hall(*[(f"S{s}", *[(f"R{n}",) for n in range(10_001)]) for s in range(2)]),
            "sections[1].rows[9999]: is one too many: at most 20,000 rows",
        ),
        (
            lambda: hall(*[("S", *[(f"{n}", *range(1_000)) for n in range(101)])]),
            "sections[0].rows[100].seats[0]: is one too many: at most 100,000 seats",
        ),
        (
            lambda: changed(
                sections__0__rows__0__seats=[seat(n, category=f"C{n}") for n in range(101)]
            ),
            "sections[0].rows[0].seats[98].category: one too many: at most 100 categories",
        ),
    ],
)
def test_one_more_than_the_limit_is_refused_by_its_path(plan, message):
    assert refusal(plan()).startswith(message)


def test_as_many_seats_as_the_limit_are_read():
    plan = read(hall(("S", *[(f"{n}", *range(1_000)) for n in range(SEATS_MAX // 1_000)])))
    assert len(plan.seats) == SEATS_MAX


class Endless(io.RawIOBase):
    """Gives the same piece for ever and counts what was taken."""

    def __init__(self, piece):
        self.piece, self.given = piece, 0

    def readline(self, _size=-1):
        self.given += len(self.piece)
        return self.piece


@pytest.mark.parametrize(
    ("piece", "message"),
    [
        (b" " * 65_000 + b"\n", f"the file is larger than {PLAN_BYTES_MAX:,} bytes"),
        (b"\n", "the file has more than 2,000,000 lines"),
    ],
)
def test_an_endless_file_is_refused_at_the_limit(piece, message):
    endless = Endless(piece)
    with pytest.raises(InputInvalid, match=message):
        read_plan(endless)
    assert endless.given <= PLAN_BYTES_MAX + len(piece)


def test_a_file_of_two_gigabytes_is_refused_unread(tmp_path):
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(2 * 1024**3)
    started = time.process_time()
    with pytest.raises(InputInvalid, match="larger than 67,108,864 bytes"), open_plan(path):
        pass
    with path.open("rb") as file, pytest.raises(InputInvalid, match="line 1: 65,536 bytes"):
        read_plan(file)
    assert time.process_time() - started < 1


def test_only_a_regular_file_is_opened(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, words in (
        (tmp_path, "not a regular file"),
        (pipe, "not a regular file"),
        ("/dev/zero", "not a regular file"),
        (tmp_path / "missing", "No such file or directory"),
        ("a\0b", "not a file name"),
    ):
        with pytest.raises(InputInvalid, match=f"cannot read the plan: .*{words}"), open_plan(path):
            pass


def test_a_plan_is_opened_and_read(tmp_path):
    path = tmp_path / "plan with spaces.json"
    path.write_text(json.dumps(LITTLE))
    with open_plan(path) as file:
        assert read_plan(file) == read(LITTLE)
    assert file.closed


def test_sixty_thousand_seats_are_read_in_seconds_and_little_memory():
    text = written(EXAMPLES["stadium"]())
    program = (
        "import re, sys; from boxoffice.core.plans import read_plan;"
        "print(len(read_plan(sys.stdin.buffer).seats));"
        # Not ru_maxrss: that begins with the memory of the process that forked this one.
        "print(re.search(r'VmHWM:\\s+([0-9]+)', open('/proc/self/status').read())[1])"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-c", program], input=text, capture_output=True, check=True, timeout=120
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seats, kilobytes = map(int, done.stdout.split())
    assert seats == 60_000
    assert kilobytes < 300 * 1024
    assert after.ru_utime - before.ru_utime < 10  # 1 to 2 s where nobody else works


# --- writing ---

names = st.text("AB가🎸[]/-: '\"\\12", min_size=1, max_size=6).filter(str.strip)
coordinates = st.floats(-1_000_000, 1_000_000) | st.integers(-50, 50)
flags = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(["wheelchair", "companion", "obstructed"], st.booleans())
)
seats = st.builds(
    dict.__or__,
    st.fixed_dictionaries(
        {"number": names | st.integers(0, 10**9), "category": names}
        | dict.fromkeys(["x", "y"], coordinates)
    ),
    flags,
)
rows = st.fixed_dictionaries({"name": names, "seats": st.lists(seats, max_size=5)})
plans = st.fixed_dictionaries(
    {
        "format": st.just("boxoffice-plan-1"),
        "name": names.map("Hall {}".format),
        "categories": st.lists(names, max_size=3),
        "sections": st.lists(
            st.fixed_dictionaries({"name": names, "rows": st.lists(rows, max_size=4)}), max_size=4
        ),
    },
    optional={
        "time_zone": st.sampled_from(["Asia/Seoul", "UTC"]),
        "focal": st.fixed_dictionaries({"x": coordinates, "y": coordinates}),
    },
).filter(lambda plan: any(row["seats"] for part in plan["sections"] for row in part["rows"]))


def written(plan):
    file = io.BytesIO()
    write_plan(plan, file)
    return file.getvalue()


@settings(deadline=None)  # the machine may be busy
@given(plans)
def test_a_written_plan_reads_as_the_same_plan(source):
    plan = read(source)
    again = read(written(plan))
    assert dataclasses.replace(again, skipped=()) == dataclasses.replace(plan, skipped=())
    assert written(again) == written(plan)


def test_a_written_plan_can_be_read_by_people_of_every_script():
    assert "예술의전당 🎸".encode() in written(read(changed(name="예술의전당 🎸")))


@settings(deadline=None)  # the machine may be busy
@given(plans)
def test_no_seat_is_lost_and_every_label_is_different(source):
    plan = read(source)
    given_seats = [
        each for part in source["sections"] for row in part["rows"] for each in row["seats"]
    ]
    assert [each.number for each in plan.seats] == [
        str(each["number"]).strip() for each in given_seats
    ]
    assert [plan.categories[each.category] for each in plan.seats] == [
        each["category"].strip() for each in given_seats
    ]
    assert len(set(labels(plan))) == len(plan.seats)
    assert len(set(plan.sections)) == len(plan.sections)
    assert all(plan.rows[each.row].section == each.section for each in plan.seats)


# --- the examples and the document ---


@pytest.mark.parametrize(
    ("name", "count", "categories"),
    [("club", 50, 2), ("theatre", 2_000, 4), ("stadium", 60_000, 5)],
)
def test_an_example_has_its_seats_and_survives_its_own_file(name, count, categories):
    plan = EXAMPLES[name]()
    assert len(plan.seats) == len(set(labels(plan))) == count
    assert len(plan.categories) == categories
    assert {each.category for each in plan.seats} == set(range(categories))
    assert len({(each.x, each.y) for each in plan.seats}) == count
    assert plan.skipped == ()
    assert read(written(plan), strict=True) == plan


@pytest.mark.parametrize("name", ["theatre", "stadium"])
def test_the_larger_examples_have_places_for_wheelchairs_and_bad_views(name):
    plan = EXAMPLES[name]()
    wheelchair = sum(each.wheelchair for each in plan.seats)
    assert wheelchair == sum(each.companion for each in plan.seats) > 0
    assert any(each.obstructed for each in plan.seats)
    assert "/" in plan.seats[0].label


@pytest.mark.parametrize("name", ["club", "theatre"])
def test_the_example_files_are_what_the_generators_make(name):
    assert (DOCS / "plans" / f"{name}.json").read_bytes() == written(EXAMPLES[name]())


def test_the_example_of_the_document_is_read():
    document = (DOCS / "plans.md").read_text()
    example = document.split("```json\n")[1].split("```")[0]
    plan = read(example.encode(), strict=True)
    assert labels(plan) == ["Floor/A-1", "Floor/A-2", "Circle/A-1", "B-1"]
