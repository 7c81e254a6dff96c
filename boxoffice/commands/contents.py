"""The table of contents: every command and group, in the order of `--help`, each in its panel.

With where it stands and its sentence, so that neither the overview nor a single command loads
the others. A function or group has the name of its command; a test compares the sentences.
"""

from __future__ import annotations

PANELS = {
    "Queue": {
        "enqueue": (
            "queue",
            "Take a place in the queue of a concert, or tell the place you have.",
        ),
        "position": ("queue", "Tell where you stand in the queue and when to ask again."),
        "leave": ("queue", "Give up your place in the queue."),
    },
    "Look": {
        "list-concerts": ("look", "List the concerts that are on sale now."),
        "show-concert": (
            "look",
            "Show a concert with its performances, sale windows, free seats and prices.",
        ),
        "list-dates": ("look", "List the performances of a concert that have free seats."),
        "list-seats": ("look", "List the free seats of a performance with their prices."),
        "list-reservations": ("look", "List your reservations, newest first."),
    },
    "Book": {
        "reserve": ("book", "Hold seats of a performance for you, all of them or none."),
        "pay": ("book", "Pay a reservation from the balance."),
        "cancel": (
            "book",
            "Cancel a reservation: its seats become free, what was paid is refunded.",
        ),
        "book": (
            "guided.command",
            "Book seats step by step: queue, date, seats, payment; started again, it goes on.",
        ),
    },
    "Counter": {
        "counter": (
            "counter",
            (
                "Sell at a counter: live seat maps, the queue and the orders, full screen"
                " (clerk or admin)."
            ),
        ),
    },
    "Money": {
        "charge": ("money", "Add an amount to a balance, or an amount for each row of a CSV."),
        "balance": ("money", "Tell a balance, optionally with its history."),
    },
    "Script": {
        "batch": (
            "batch.command",
            "Do one operation a line; the same lines again do only what was not done yet.",
        ),
        "status": (
            "script",
            "Tell what became of a key: done (exit 0), abandoned (3), in progress or not seen (6).",
        ),
    },
    "Administration": {
        "doctor": ("doctor", "Check Python, settings with their sources, and both servers."),
        "verify": (
            "verify",
            "Check that seats, money, events, audit and queues are as they must be; exit 1 if not.",
        ),
        "demo": (
            "demo",
            (
                "Make a concert and play a whole booking: queue, seats, payment, a lost race,"
                " a refund."
            ),
        ),
        "bench": (
            "bench",
            (
                "Let virtual buyers come, time what they do, and count what came of it;"
                " exit 1 if not right."
            ),
        ),
        "venue": ("admin.venues", "List venues, import and export them as plan files."),
        "concert": ("admin.concerts", "Create, list and cancel concerts."),
        # Commands join these two from more than one module; the last of them is named.
        "performance": ("prices", "Create, move and cancel performances."),
        "user": ("batch.users", "Add, find, correct and forget users."),
        "queue": ("queue_admin", "Open, pause and set the queues of concerts."),
        "ticket": ("tickets", "Show tickets, and let people in with them."),
        "store": ("store", "Run the embedded servers; mend the schema."),
        "outbox": ("outbox", "Look after the events that others are told of."),
        "worker": (
            "worker",
            "Sweep ended holds, tell events, release blocks and delete what is old, until SIGTERM.",
        ),
        "report": ("reports", "Sales, occupancy, cash, queues and the audit."),
        "export": ("export", "Take all reservations, or the ledger, to a file."),
    },
}
