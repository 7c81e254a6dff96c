"""The table of every key of the counter; its order is the order of importance."""

from __future__ import annotations

from boxoffice.tui.action import Action

# A group is the first part of its actions' ids.
GROUPS = {
    "dialog": "In a dialog",
    "start": "Checks at the start",
    "performances": "Performances",
    "sell": "Cart",
    "map": "Seat map",
    "queue": "Queue",
    "orders": "Orders",
    "receipt": "Receipt",
    "table": "Lists",
    "app": "Everywhere",
}

ACTIONS = (
    Action(id="dialog.press", keys=("enter",), words="press the chosen button", short="choose"),
    Action(id="dialog.next", keys=("right", "down"), words="next button or line"),
    Action(id="dialog.previous", keys=("left", "up"), words="previous button or line"),
    Action(
        id="dialog.close",
        keys=("escape",),
        words="close, and change nothing",
        short="back",
        always=True,
    ),
    Action(
        id="dialog.leave",
        keys=("q", "ctrl+q"),
        words="leave although an outcome is open",
        short="leave",
    ),
    Action(id="start.again", keys=("r",), words="look again", short="try again"),
    Action(
        id="start.go_on", keys=("enter",), words="go on without the queue", short="without queue"
    ),
    Action(id="performances.open", keys=("enter",), words="open the seat map", short="seat map"),
    Action(id="performances.again", keys=("g",), words="read the list again", short="refresh"),
    Action(id="sell.charge", keys=("enter", "f9"), words="charge the cart", short="charge"),
    Action(
        id="sell.pick",
        keys=("space",),
        words="pick or un-pick: holds at once on the server",
        short="pick",
    ),
    Action(
        id="sell.best",
        keys=("b",),
        words="best available, as many as the digits typed before say",
        short="best",
    ),
    Action(id="sell.best_here", keys=("B",), words="the best of the section under the cursor"),
    Action(id="sell.next_best", keys=("n",), words="next best"),
    Action(id="sell.previous_best", keys=("N",), words="previous best"),
    Action(id="sell.release", keys=("x", "delete"), words="release", short="release"),
    Action(id="sell.release_all", keys=("X",), words="release the whole cart"),
    Action(
        id="sell.customer",
        keys=("v",),
        words="customer: look up, add, walk-in",
        short="customer",
    ),
    Action(
        id="sell.price_type",
        keys=("t",),
        words="price type of the seat under the cursor: adult, child and so on",
    ),
    Action(id="sell.undo", keys=("u",), words="undo the last pick or release"),
    Action(
        id="sell.find",
        keys=("/",),
        words="find a seat (C-12), a row (R C 12-15), a section, an order, a name",
        short="find",
    ),
    Action(id="sell.extend", keys=("e",), words="extend the hold"),
    Action(id="sell.long_hold", keys=("H",), words="long hold with a name and a note"),
    Action(id="sell.receipt", keys=("r",), words="last receipt"),
    Action(id="sell.reprint", keys=("R",), words="save the last receipt as a text file"),
    Action(
        id="map.zoom_in", keys=("+", "="), words="zoom in (ctrl+wheel)", short="zoom", label="+-"
    ),
    Action(id="map.zoom_out", keys=("-",), words="zoom out"),
    Action(id="map.zoom_fit", keys=("0",), words="the whole hall"),
    Action(id="map.left", keys=("left", "h"), words="nearest seat to the left"),
    Action(id="map.down", keys=("down", "j"), words="nearest seat below"),
    Action(id="map.up", keys=("up", "k"), words="nearest seat above"),
    Action(id="map.right", keys=("right", "l"), words="nearest seat to the right"),
    Action(id="map.run_left", keys=("shift+left",), words="extend a run in the row (or drag)"),
    Action(id="map.run_right", keys=("shift+right",), words="extend a run in the row (or drag)"),
    Action(id="map.page_up", keys=("pageup",), words="a page up"),
    Action(id="map.page_down", keys=("pagedown",), words="a page down"),
    Action(id="map.row_start", keys=("home",), words="start of the row"),
    Action(id="map.row_end", keys=("end",), words="end of the row"),
    Action(id="map.previous_section", keys=("[",), words="previous section"),
    Action(id="map.next_section", keys=("]",), words="next section"),
    Action(id="map.list", keys=("ctrl+g",), words="section, row and seats as plain lists (no map)"),
    Action(id="map.colour", keys=("c",), words="colour by price, status or availability"),
    Action(id="map.filter", keys=("f",), words="show one category"),
    Action(id="map.legend", keys=("L",), words="legend"),
    Action(
        id="queue.sell", keys=("enter",), words="sell to this customer", short="sell to customer"
    ),
    Action(
        id="queue.pause",
        keys=("s",),
        words="stop letting customers in, or go on",
        short="pause/resume",
    ),
    Action(
        id="queue.capacity",
        keys=("c",),
        words="how many are admitted at once",
        short="capacity",
    ),
    Action(id="queue.next_concert", keys=("]",), words="next concert", short="concert", label="[]"),
    Action(id="queue.previous_concert", keys=("[",), words="previous concert"),
    Action(id="orders.details", keys=("enter",), words="details", short="details"),
    Action(
        id="orders.find",
        keys=("/",),
        words="find by reservation, name or seat",
        short="find",
    ),
    Action(
        id="orders.sell",
        keys=("t",),
        words="take seats that were held under a name into the cart",
        short="take",
    ),
    Action(id="orders.receipt", keys=("r",), words="receipt", short="receipt"),
    Action(
        id="orders.cancel",
        keys=("x", "delete"),
        words="cancel and give the money back",
        short="cancel",
    ),
    Action(id="orders.exchange", keys=("e",), words="exchange seats", short="exchange"),
    Action(id="receipt.done", keys=("enter",), words="close the receipt", short="done"),
    Action(id="receipt.save", keys=("s",), words="save as a text file", short="save"),
    Action(id="table.up", keys=("up", "k"), words="a line up"),
    Action(id="table.down", keys=("down", "j"), words="a line down"),
    Action(id="table.page_up", keys=("pageup",), words="a page up"),
    Action(id="table.page_down", keys=("pagedown",), words="a page down"),
    Action(id="table.top", keys=("home",), words="first line"),
    Action(id="table.bottom", keys=("end",), words="last line"),
    Action(id="app.help", keys=("?", "f1"), words="help", short="help", always=True),
    Action(
        id="app.palette",
        keys=("ctrl+p",),
        words="everything that can be done now, by name",
        short="more",
        always=True,
    ),
    Action(
        id="app.performances", keys=("p", "f3"), words="performances and seat maps", short="sell"
    ),
    Action(id="app.queue", keys=("w", "f4"), words="the waiting queue", short="queue"),
    Action(id="app.orders", keys=("o", "f5"), words="orders", short="orders"),
    Action(id="app.focus_next", keys=("tab",), words="next pane"),
    Action(id="app.back", keys=("escape",), words="back one level; put errors away"),
    Action(
        id="app.quit", keys=("q", "ctrl+q"), words="quit (asks while seats are held)", short="quit"
    ),
)
BY_ID = {action.id: action for action in ACTIONS}
