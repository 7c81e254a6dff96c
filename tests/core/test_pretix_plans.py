import copy
import io
import json
import math

import pytest

from boxoffice.core.errors import InputInvalid
from boxoffice.core.examples import EXAMPLES
from boxoffice.core.plans import read_plan, write_plan
from boxoffice.core.pretix_writing import write_pretix
from tests.conftest import key

HALL = {
    "name": "Kleines Haus",
    "size": {"width": 800, "height": 600},
    "categories": [{"name": "Parkett", "color": "#7f4a91"}, {"name": "Rang"}],
    "zones": [
        {
            "name": "Bühnenraum",
            "position": {"x": 100, "y": 0},
            "rows": [],
            "areas": [
                {
                    "shape": "rectangle",
                    "color": "#cccccc",
                    "border_color": "#000000",
                    "rotation": 12.5,
                    "position": {"x": 10, "y": 20},
                    "rectangle": {"width": 200, "height": 40},
                    "text": {"position": {"x": 5, "y": 5}, "color": "#333", "text": "Bühne"},
                },
                {
                    "shape": "polygon",
                    "position": {"x": 0, "y": 0},
                    "polygon": {"points": [{"x": 0, "y": 0}, {"x": 5.5, "y": 9}]},
                },
            ],
        },
        {
            "name": "Parkett links",
            "zone_id": "PL",
            "uuid": "9b1a",
            "position": {"x": 50, "y": 100},
            "rows": [
                {
                    "row_number": "1",
                    "row_label": None,
                    "row_number_position": "both",
                    "position": {"x": 2.5, "y": 10},
                    "seats": [
                        {
                            "seat_guid": f"PL-1-{n}",
                            "uuid": f"u{n}",
                            "seat_number": str(n),
                            "position": {"x": 25 * n, "y": n * n * 0.25},
                            "category": "Parkett",
                            "radius": 10 + n,
                        }
                        for n in (1, 2, 3)
                    ],
                },
                {
                    "row_number": "2",
                    "seats": [
                        {
                            "seat_guid": "PL-2-1",
                            "seat_number": "1",
                            "position": {"x": 0, "y": 0},
                            "category": "Rang",
                        }
                    ],
                },
            ],
            "areas": [],
        },
    ],
}


def read(plan, **options):
    return read_plan(io.BytesIO(json.dumps(plan).encode()), **options)


def written(plan, write=write_pretix):
    file = io.BytesIO()
    write(plan, file)
    return file.getvalue()


def changed(path, value):
    """A copy of the hall in which one place is another; `...` takes it away."""
    plan = copy.deepcopy(HALL)
    target = plan
    for part in path[:-1]:
        target = target[part]
    if value is ...:
        del target[path[-1]]
    else:
        target[path[-1]] = value
    return plan


SEAT = ("zones", 1, "rows", 0, "seats", 1)


def test_a_plan_of_pretix_is_known_by_what_is_in_it():
    plan = read(HALL)

    assert plan.name == "Kleines Haus"
    assert plan.sections == ("Parkett links",)  # a zone of areas alone has nothing to sell
    assert plan.categories == ("Parkett", "Rang")
    assert [seat.label for seat in plan.seats] == ["1-1", "1-2", "1-3", "2-1"]
    assert plan.skipped == ()


def test_a_seat_stands_where_its_zone_and_row_begin():
    seats = read(HALL).seats

    assert (seats[1].x, seats[1].y) == (50 + 2.5 + 50, 100 + 10 + 1)
    assert (seats[3].x, seats[3].y) == (50, 100)


def test_the_best_seats_are_near_the_area_that_is_called_a_stage():
    assert read(HALL).focal == (100 + 10 + 100, 20 + 20)


def test_without_a_stage_the_best_seats_are_near_the_first_row():
    plan = read(changed(("zones", 0, "areas"), []))

    assert plan.focal == ((50 + 127.5) / 2, 100)


@pytest.mark.parametrize("between", ["boxoffice", "pretix"])
def test_what_pretix_says_comes_out_as_it_went_in(between):
    plan = read(HALL)
    if between == "boxoffice":
        plan = read_plan(io.BytesIO(written(plan, write_plan)))

    told = json.loads(written(plan))

    assert told["zones"][0] == HALL["zones"][0]
    assert told["zones"][1]["rows"][0] == HALL["zones"][1]["rows"][0]
    assert told["zones"][1]["zone_id"] == "PL"
    assert told["size"] == HALL["size"]
    assert [category["name"] for category in told["categories"]] == ["Parkett", "Rang"]
    assert told["categories"][0]["color"] == "#7f4a91"
    assert read_plan(io.BytesIO(written(plan))) == read(HALL)


@pytest.mark.parametrize("name", ["club", "theatre"])
def test_our_plans_lose_in_pretix_only_what_it_cannot_say(name):
    plan = EXAMPLES[name]()

    back = read_plan(io.BytesIO(written(plan)))

    assert [(s.label, s.number, s.row, s.section, s.category, s.x, s.y) for s in back.seats] == [
        (s.label, s.number, s.row, s.section, s.category, s.x, s.y) for s in plan.seats
    ]
    assert (back.sections, back.rows, back.categories) == (
        plan.sections,
        plan.rows,
        plan.categories,
    )


@pytest.mark.parametrize(
    ("path", "value", "finding", "label"),
    [
        ((*SEAT, "seat_guid"), "PL-1-1", "seat_guid: 'PL-1-1' repeats; kept", "1-2"),
        ((*SEAT, "seat_number"), "1", "'1-1' repeats; labelled '1-1:2'", "1-1:2"),
        ((*SEAT, "seat_number"), " ", "seat_number: is empty; numbered '2'", "1-2"),
        ((*SEAT, "category"), "Loge", "category: 'Loge' is not listed; added", "1-2"),
        ((*SEAT, "category"), "", "category: is empty; 'Other'", "1-2"),
    ],
)
def test_a_dirty_seat_is_kept_and_reported_with_its_path(path, value, finding, label):
    plan = read(changed(path, value))

    assert len(plan.seats) == 4
    assert plan.seats[1].label == label
    assert any(
        line.startswith("zones[1].rows[0].seats[1]") and line.endswith(finding)
        for line in plan.skipped
    )
    with pytest.raises(InputInvalid):
        read(changed(path, value), strict=True)


def test_rows_of_one_name_in_two_zones_carry_the_zone():
    plan = copy.deepcopy(HALL)
    plan["zones"].append(copy.deepcopy(plan["zones"][1]) | {"name": "Parkett rechts"})

    labels = [seat.label for seat in read(plan).seats]

    assert labels[0] == "Parkett links/1-1"
    assert labels[4] == "Parkett rechts/1-1"
    assert len(set(labels)) == 8


@pytest.mark.parametrize("key", ["uuid", "zone_id", "name", "areas", "position"])
def test_what_a_zone_may_leave_out_may_be_missing(key):
    assert len(read(changed(("zones", 1, key), ...)).seats) == 4


@pytest.mark.parametrize(
    ("path", "value", "fault"),
    [
        ((*SEAT, "category"), 7, "zones[1].rows[0].seats[1].category: must be text"),
        ((*SEAT, "category"), ..., "zones[1].rows[0].seats[1]: has no 'category'"),
        ((*SEAT, "position", "x"), "a", "zones[1].rows[0].seats[1].position.x: must be a number"),
        ((*SEAT, "position"), ..., "zones[1].rows[0].seats[1]: has no 'position'"),
        ((*SEAT, "position", "x"), 1e9, "zones[1].rows[0].seats[1].position.x: must be from"),
        ((*SEAT, "seat_number"), [], "zones[1].rows[0].seats[1].seat_number: must be text"),
        (("zones", 1, "rows", 0, "row_number"), {}, "zones[1].rows[0].row_number: must be text"),
        (("zones", 1, "rows"), 3, "zones[1].rows: must be a list"),
        (("zones", 1), [], "zones[1]: must be an object"),
        (("zones", 1, "uuid"), "a\0b", "zones[1].uuid: holds a NUL"),
        (("zones", 1, "uuid"), {"a\0b": 1}, "zones[1].uuid.a�b: holds a NUL"),
        (("categories", 0), "Parkett", "categories[0]: must be an object"),
        (("name",), 12, "name: must be text"),
        (("zones",), [], "the plan has no seat"),
    ],
)
def test_a_broken_plan_is_refused_by_the_path_of_its_fault(path, value, fault):
    with pytest.raises(InputInvalid) as refused:
        read(changed(path, value))

    assert refused.value.message.startswith(fault)


def test_a_value_nested_without_end_is_refused():
    deep = []
    for _ in range(100):
        deep = [deep]

    with pytest.raises(InputInvalid, match="nested too deeply"):
        read(changed(("zones", 1, "uuid"), deep))


@pytest.mark.parametrize("number", ["1e999", "-1e999", "-" + "9" * 400 + ".5"])
def test_a_number_that_no_database_keeps_is_refused_where_it_is_only_kept(number):
    text = json.dumps(changed(("zones", 1, "uuid"), "HERE")).replace('"HERE"', f"[1, {number}]")

    with pytest.raises(InputInvalid) as refused:
        read_plan(io.BytesIO(text.encode()))

    assert refused.value.message.startswith("zones[1].uuid[1]: is too large a number (line ")


def arcs(rows, seats):
    """A hall of bent rows around a stage, each row turned by its place."""
    zone = {"name": "Arena", "position": {"x": 0, "y": 0}, "rows": [], "areas": []}
    for row in range(rows):
        radius = 200 + 25 * row
        zone["rows"].append(
            {
                "row_number": str(row + 1),
                "position": {"x": 0, "y": 0},
                "seats": [
                    {
                        "seat_guid": f"{row}-{n}",
                        "seat_number": str(n + 1),
                        "category": "A" if row < rows / 2 else "B",
                        "position": {
                            "x": radius * math.cos(math.pi * n / seats),
                            "y": radius * math.sin(math.pi * n / seats),
                        },
                    }
                    for n in range(seats)
                ],
            }
        )
    return {"name": "Arena", "categories": [{"name": "A"}, {"name": "B"}], "zones": [zone]}


def test_a_venue_of_thousands_of_seats_goes_in_and_comes_out_of_the_database(box):
    plan = arcs(50, 100)
    made = box.office().import_venue(io.BytesIO(json.dumps(plan).encode()), key=key())

    told = json.loads(written(box.office().export_venue(str(made.venue))))

    (listed,) = box.office().list_venues()
    assert (listed.name, listed.seats, listed.sections) == ("Arena", 5_000, 1)
    assert listed.categories == made.categories
    assert made.seats == 5_000
    assert made.categories == ("A", "B")
    seats = [seat for row in told["zones"][0]["rows"] for seat in row["seats"]]
    wanted = [seat for row in plan["zones"][0]["rows"] for seat in row["seats"]]
    assert [(s["seat_guid"], s["seat_number"], s["category"]) for s in seats] == [
        (s["seat_guid"], s["seat_number"], s["category"]) for s in wanted
    ]
    assert all(
        math.isclose(s["position"][axis], w["position"][axis], abs_tol=1e-5)
        for s, w in zip(seats, wanted, strict=True)
        for axis in "xy"
    )
