"""How large a campaign is, what its workers do and what goes wrong: by numbers, not by time."""

from __future__ import annotations

from dataclasses import dataclass, field

# What a worker does next, by weight. `pay late` is a payment tried around the end of its hold.
MIXED = {
    "reserve": 30,
    "best": 8,
    "pay": 24,
    "pay late": 2,
    "cancel": 8,
    "give back a seat": 3,
    "add seats": 12,
    "release seats": 10,
    "keep hold": 8,
    "exchange": 10,
    "charge": 10,
    "sweep": 4,
}
WIRE = {
    "cut before": 0.008,
    "cut at once": 0.008,
    "cut after": 0.012,
    "late": 0.010,
    "stall": 0.008,
    "half open": 0.004,
    "kill before": 0.003,
    "kill at once": 0.005,
    "kill after": 0.005,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One campaign; `faults` counts what the nemesis does, `least` what must have come about."""

    operations: int
    staff: int = 4
    customers: int = 2
    users: int = 4
    rows: int = 8
    seats: int = 12
    hold_seconds: float = 1.5
    look_seconds: float = 2.0
    weights: dict[str, int] = field(default_factory=lambda: MIXED)
    wire: dict[str, float] = field(default_factory=lambda: WIRE)
    faults: dict[str, int] = field(default_factory=dict)
    least: dict[str, int] = field(default_factory=dict)


SHORT = Plan(
    operations=1_000,
    look_seconds=1.0,
    wire={kind: 2 * rate for kind, rate in WIRE.items()},
    faults={
        "kill a worker": 20,
        "stop a worker": 6,
        "end a session": 12,
        "lock an account": 12,
        "kill postgres": 1,
        "stop postgres": 1,
        "kill valkey": 1,
        "cut valkey": 1,
        "kill the relay": 4,
    },
    least={
        "operations": 1_000,
        "committed": 200,
        "payments": 30,
        "faults": 30,
        "commit faults": 20,
        "postgres crashes": 2,
        "unknown outcomes": 10,
        "looks": 3,
    },
)
# Well above what must have come about, so that no slow machine fails for want of luck.
FULL = Plan(
    operations=40_000,
    faults={
        "kill a worker": 400,
        "stop a worker": 120,
        "end a session": 300,
        "lock an account": 200,
        "kill postgres": 6,
        "stop postgres": 6,
        "kill valkey": 5,
        "cut valkey": 3,
        "kill the relay": 60,
    },
    least={
        "operations": 30_000,
        "committed": 6_000,
        "payments": 500,
        "faults": 1_000,
        "commit faults": 100,
        "postgres crashes": 10,
        "rarest fault": 3,
        "unknown outcomes": 100,
        "looks": 20,
    },
)

# Directed campaigns: small, and all about one thing, so that a mistake in it shows at once.
BRINK = Plan(
    operations=150,
    staff=6,
    customers=0,
    users=1,
    rows=1,
    seats=4,
    hold_seconds=0.15,
    weights={"reserve": 60, "pay late": 25, "sweep": 1, "give back a seat": 8},
    wire={},
    faults={"lock an account": 20},
)
LATENESS = Plan(
    operations=90,
    customers=0,
    hold_seconds=0.25,
    weights={"reserve": 40, "pay late": 40, "charge": 5},
    wire={},
)
LOSSES = Plan(
    operations=70,
    customers=0,
    wire={"cut before": 0.05, "cut at once": 0.05, "cut after": 0.08, "late": 0.2},
)
EVENTS = Plan(
    operations=90,
    customers=0,
    weights={"reserve": 30, "pay": 30, "cancel": 10, "charge": 10},
    wire={},
    faults={"kill the relay": 5},
)
MONEY = Plan(operations=80, customers=0, users=1, weights={"charge": 1}, wire={})
