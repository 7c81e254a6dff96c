"""What a campaign came to, in figures and in words."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from tests.faults import chain
from tests.faults.history import REFUSED
from tests.faults.levers import WIRE_FAULTS

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from tests.faults.checking import Rows, Violation
    from tests.faults.history import Intent
    from tests.faults.levers import Levers

TOLD_MAX = 20
CRASHES = ("kill postgres", "stop postgres")


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What a campaign came to."""

    seed: str
    counts: dict[str, int]
    faults: dict[str, int]
    resolved: dict[str, int]
    refused: dict[str, int]
    violations: list[Violation]
    story: list[str] = field(default_factory=list)
    seconds: float
    drain_seconds: float

    def totals(self) -> dict[str, int]:
        """Return what is asked for at least."""
        return self.counts | {
            "faults": sum(self.faults.values()),
            "commit faults": sum(self.faults.get(kind, 0) for kind in WIRE_FAULTS),
            "rarest fault": min(self.faults.values()),
            "postgres crashes": sum(self.faults.get(kind, 0) for kind in CRASHES),
        }

    def text(self) -> str:
        """Tell the outcome to people."""
        parts = {
            "counts": self.counts,
            "faults": self.faults,
            "unknown outcomes": self.resolved,
            "refusals": self.refused,
        }
        took = f"{self.seconds:.1f} s, of which {self.drain_seconds:.1f} s to drain"
        lines = [f"campaign of seed {self.seed}: {len(self.violations)} violations, {took}"]
        for title, figures in parts.items():
            told = ", ".join(f"{name} {number:,}" for name, number in sorted(figures.items()))
            lines.append(f"  {title}: {told}")
        lines += [f"  {found.rule}: {found.about}" for found in self.violations[:TOLD_MAX]]
        return "\n".join([*lines, *self.story])


def count(intents: dict[str, Intent], levers: Levers, rows: Rows) -> dict[str, int]:
    """Count what was asked for, what was done, and what nobody knew at first."""
    done = Counter(
        rows[key][0] for intent in intents.values() for key in intent.keys if key in rows
    )
    unknown = [intent for intent in intents.values() if _was_unknown(intent)]
    return {
        "operations": levers.done(),
        "intents": len(intents),
        "committed": sum(done.values()),
        "payments": done["pay"] + done["exchange"],
        "unknown outcomes": len(unknown),
        "looks": levers.verified.value,
        "done by customers": sum(
            any(key in rows for key in intent.keys)
            for intent in intents.values()
            if "token" in intent.arguments
        ),
        **{f"done {command}": number for command, number in done.items()},
    }


def count_resolved(intents: dict[str, Intent]) -> dict[str, int]:
    """Count the outcomes that were unknown, by how they became known."""
    return dict(
        Counter(
            f"{intent.final['way']}: {intent.final['fact']}" if intent.final else "never"
            for intent in intents.values()
            if _was_unknown(intent)
        )
    )


def count_refused(intents: dict[str, Intent]) -> dict[str, int]:
    """Count what was refused, and why."""
    return dict(
        Counter(
            f"{intent.command}: {intent.final['why']}"
            for intent in intents.values()
            if intent.final and intent.final["fact"] == REFUSED
        )
    )


def _was_unknown(intent: Intent) -> bool:
    return bool(intent.lost) or intent.final is None or "way" in intent.final


def tell(
    connection: psycopg.Connection, intents: dict[str, Intent], found: list[Violation]
) -> list[str]:
    """Tell the story of the first seat, and of the first intent, that something is wrong with."""
    lines: list[str] = []
    seat = next((violation.seat for violation in found if violation.seat is not None), None)
    if seat is not None:
        lines += [f"  seat {seat}, in order:", *chain.line_of(connection, seat)]
        owners = chain.owners_of(connection, seat)
        touched = [intent for intent in intents.values() if owners & _reservations_of(intent)]
        lines += [line for intent in touched for line in _story_of(intent)]
    name = next((violation.intent for violation in found if violation.intent), None)
    return lines if name is None else [*lines, *_story_of(intents[name])]


def _reservations_of(intent: Intent) -> set[str]:
    """Return the reservations that an intent is about."""
    named = {answer.get("told", {}).get("reservation") for answer in intent.answers}
    return {name for name in (*named, intent.arguments.get("reservation")) if name}


def _story_of(intent: Intent) -> list[str]:
    """Tell what was wanted, by which keys, and all that was said about it."""
    head = f"  {intent.at:.3f} {intent.name}: {intent.command} {intent.arguments}"
    said = [f"    {answer}" for answer in intent.answers]
    return [head, f"    keys {intent.keys}, {intent.lost} answers lost", *said]


def write(outcomes: list[Outcome], folder: Path) -> None:
    """Write the report of campaigns, for machines and for people."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps([asdict(each) for each in outcomes], indent=1))
    (folder / "report.txt").write_text("\n\n".join(each.text() for each in outcomes) + "\n")
