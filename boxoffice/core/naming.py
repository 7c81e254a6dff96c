"""Makes a plan of a file's entries: every seat gets a label of its own, nothing is lost.

Real plans repeat ids and name what they never list. Each such place is mended the same way
every time, and reported with its path.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from boxoffice.core.errors import InputInvalid, Words
from boxoffice.core.model import Plan, PlanRow, PlanSeat

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

CATEGORIES_MAX = 100
FINDINGS_MAX = 100


class SeatEntry(NamedTuple):
    """A seat as the file says it, its category by name; 100,000 of them are kept at once."""

    number: str
    category: str
    x: float
    y: float
    wheelchair: bool = False
    companion: bool = False
    obstructed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RowEntry:
    """A row as the file says it."""

    name: str
    seats: Sequence[SeatEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionEntry:
    """A section as the file says it."""

    name: str
    rows: Sequence[RowEntry]
    path: str = ""  # where the file has it, where that is not sections[...]


def build_plan(  # noqa: PLR0913 - the parts of a plan
    *,
    name: str,
    time_zone: str | None,
    focal: tuple[float, float] | None,
    categories: Iterable[str],
    sections: Sequence[SectionEntry],
    findings: Sequence[Words] = (),
    drawing: Mapping[str, Any] | None = None,
) -> Plan:
    """Make a plan of clean entries; raises InputInvalid where it has no seat.

    ``findings`` is what was mended before, ``drawing`` how the plan is drawn. Repeated names
    and unlisted categories are mended and listed in ``skipped``.
    """
    found = _Findings(findings)
    section_names = _section_names(sections, found)
    numbered = _category_numbers(categories, sections, found)
    labels = _labels(section_names, sections, found)
    rows: list[PlanRow] = []
    seats: list[PlanSeat] = []
    for section, entry in enumerate(sections):
        for row in entry.rows:
            seats.extend(
                _seat(seat, next(labels), section, len(rows), numbered) for seat in row.seats
            )
            rows.append(PlanRow(section=section, name=row.name))
    if not seats:
        raise InputInvalid("the plan has no seat")
    return Plan(
        name=name,
        time_zone=time_zone,
        focal=focal or _front_middle(seats),
        categories=tuple(numbered),
        sections=tuple(section_names),
        rows=tuple(rows),
        seats=tuple(seats),
        skipped=found.lines(),
        drawing=drawing or {},
    )


def _seat(
    entry: SeatEntry, label: str, section: int, row: int, categories: dict[str, int]
) -> PlanSeat:
    return PlanSeat(
        label=label,
        section=section,
        row=row,
        number=entry.number,
        category=categories[entry.category],
        x=entry.x,
        y=entry.y,
        wheelchair=entry.wheelchair,
        companion=entry.companion,
        obstructed=entry.obstructed,
    )


def _front_middle(seats: Sequence[PlanSeat]) -> tuple[float, float]:
    """Guess the middle of the stage: before the first row, half way across."""
    xs = [seat.x for seat in seats]
    return ((min(xs) + max(xs)) / 2, min(seat.y for seat in seats))


class _Findings:
    """What had to be mended, each with its path; counted in full, listed up to a limit."""

    def __init__(self, before: Sequence[Words]) -> None:
        self._lines: list[Words] = list(before[:FINDINGS_MAX])
        self._count = len(before)

    def add(self, path: str, problem: Words) -> None:
        self._count += 1
        if self._count <= FINDINGS_MAX:
            self._lines.append(Words("{path}: {problem}", path=path, problem=problem))

    def lines(self) -> tuple[str, ...]:
        more = self._count - len(self._lines)
        return (*self._lines, *([Words("and {more:,} more findings", more=more)] if more else []))


def _section_names(sections: Sequence[SectionEntry], found: _Findings) -> list[str]:
    names = [section.name for section in sections]
    unique = list(_made_unique(names))
    for at, (name, given) in enumerate(zip(names, unique, strict=True)):
        if name != given:
            found.add(
                f"{_place(sections, at)}.name",
                Words("{name!r} repeats; named {given!r}", name=name, given=given),
            )
    return unique


def _category_numbers(
    categories: Iterable[str], sections: Sequence[SectionEntry], found: _Findings
) -> dict[str, int]:
    """Number the categories as listed; unlisted ones follow as they first appear."""
    numbered: dict[str, int] = {}
    for at, name in enumerate(categories):
        if name in numbered:
            found.add(f"categories[{at}]", Words("{name!r} repeats", name=name))
        numbered.setdefault(name, len(numbered))
    for path, _row, seat in _walk(sections):
        if seat.category not in numbered:
            numbered[seat.category] = len(numbered)
            unlisted = Words("{name!r} is not listed; added", name=seat.category)
            found.add(f"{_at(sections, path)}.category", unlisted)
            if len(numbered) > CATEGORIES_MAX:
                raise InputInvalid(
                    "{path}: one too many: at most {most} categories",
                    path=f"{_at(sections, path)}.category",
                    most=CATEGORIES_MAX,
                )
    return numbered


def _labels(
    names: Sequence[str], sections: Sequence[SectionEntry], found: _Findings
) -> Iterator[str]:
    """Yield a unique label for every seat in order: A-12, or Floor/A-12 for shared rows."""
    homes: defaultdict[str, set[int]] = defaultdict(set)
    for at, section in enumerate(sections):
        for row in section.rows:
            homes[row.name].add(at)
    wanted = [
        f"{names[path[0]]}/{row}-{seat.number}" if len(homes[row]) > 1 else f"{row}-{seat.number}"
        for path, row, seat in _walk(sections)
    ]
    labels = list(_made_unique(wanted))
    if labels != wanted:
        _report_labels(sections, wanted, labels, found)
    return iter(labels)


def _report_labels(
    sections: Sequence[SectionEntry], wanted: list[str], labels: list[str], found: _Findings
) -> None:
    for (path, _row, _seat), want, label in zip(_walk(sections), wanted, labels, strict=True):
        if want != label:
            found.add(
                _at(sections, path),
                Words("{name!r} repeats; labelled {label!r}", name=want, label=label),
            )


def _made_unique(names: Sequence[str]) -> Iterator[str]:
    """Yield each name; a repeat gets the next :2, :3, ... that no other name has.

    Suffixes of different names never meet, because a suffix holds no colon but its own.
    """
    taken = set(names)
    seen: Counter[str] = Counter()
    for name in names:
        seen[name] += 1
        if seen[name] == 1:
            yield name
            continue
        while (unique := f"{name}:{seen[name]}") in taken:
            seen[name] += 1
        yield unique


def _walk(
    sections: Sequence[SectionEntry],
) -> Iterator[tuple[tuple[int, int, int], str, SeatEntry]]:
    for s, section in enumerate(sections):
        for r, row in enumerate(section.rows):
            for n, seat in enumerate(row.seats):
                yield (s, r, n), row.name, seat


def _at(sections: Sequence[SectionEntry], path: tuple[int, int, int]) -> str:
    section, row, seat = path
    return f"{_place(sections, section)}.rows[{row}].seats[{seat}]"


def _place(sections: Sequence[SectionEntry], section: int) -> str:
    return sections[section].path or f"sections[{section}]"
