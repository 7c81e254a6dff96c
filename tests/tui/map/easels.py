"""An application that shows nothing but a seat map, and counts what is drawn."""

from __future__ import annotations

from contextlib import asynccontextmanager

from textual.app import App

from boxoffice.tui.map.palette import TRUECOLOR
from boxoffice.tui.map.view import SeatMapView


class CountedView(SeatMapView):
    """A seat map that notes each line that it is asked to draw."""

    def __init__(self, **options):
        super().__init__(**options)
        self.drawn = []

    def render_line(self, y):
        self.drawn.append(y)
        return super().render_line(y)

    @property
    def text(self):
        return [super(CountedView, self).render_line(y).text for y in range(self.size.height)]

    @property
    def segments(self):
        strips = [super(CountedView, self).render_line(y) for y in range(self.size.height)]
        return [segment for strip in strips for segment in strip]


class MapApp(App):
    """Shows the map, and keeps what it tells."""

    def __init__(self, view):
        super().__init__()
        self.view = view
        self.told = []

    def compose(self):
        yield self.view

    def on_seat_chosen(self, message):
        self.told.append(("chosen", message.index))

    def on_cursor_moved(self, message):
        self.told.append(("moved", message.index))

    def on_run_changed(self, message):
        self.told.append(("run", message.indexes))

    def on_zoom_changed(self, message):
        self.told.append(("zoom", message.name))


@asynccontextmanager
async def shown(seat_map, states=None, *, size=(120, 40), zoom=None, palette=TRUECOLOR, **options):
    """A map on a stage of a size, settled, with nothing told and nothing counted yet."""
    app = MapApp(CountedView(palette=palette, **options))
    async with app.run_test(size=size) as pilot:
        app.view.show(seat_map, states or b"f" * len(seat_map.labels))
        await pilot.pause()
        if zoom:
            zoom_to(app.view, zoom)
        await pilot.pause()
        app.told.clear()
        app.view.drawn.clear()
        yield app, app.view, pilot


def zoom_to(view, name):
    """Zoom out all the way, then in until the wanted zoom."""
    for _ in range(5):
        view.zoom_out()
    for _ in range(5):
        if view.zoom_name != name:
            view.zoom_in()
    assert view.zoom_name == name


def place_of(view, seat):
    """Where a seat is on the widget, found by pointing everywhere."""
    from textual import events

    for y in range(view.size.height):
        for x in range(view.size.width):
            event = events.MouseMove(view, x, y, 0, 0, 0, shift=False, meta=False, ctrl=False)
            if view.seat_under(event) == seat:
                return x, y
    return None
