"""The seat map of the counter: a pure model of the hall, and the widget that shows it.

``SeatMapView`` (``view.py``) is what a screen needs; seats are indexes of the ``SeatMap``:

    view.show(seat_map, states, at=None)       states: a letter a seat, as ``SeatStates.states``
    view.apply(changes), view.apply_all(states)         batches of ``SeatsChanged``, ``SeatsRead``
    view.set_mine(seats), set_pending(seats), set_lost(seats), highlight(seats)    whole sets
    view.move(direction), extend(direction), go_to(seat), clear_run()
    view.zoom_in(), zoom_out(), zoom_fit(), set_colours(mode), set_filter(categories or None)
    view.dimmed = True                         the map may be out of date
    view.cursor, run, counts, zoom_name, appearance

It posts ``SeatChosen(index)``, ``CursorMoved(index)``, ``RunChanged(indexes)`` and
``ZoomChanged(name)`` (``messages.py``). It binds no key; its actions are ``move('left')`` (a
``moves.Direction``), ``extend('left')``, ``zoom('in')``, ``choose`` and ``next_colours``.

Below it, each without Textual: ``blocks`` (a section as cells), ``placing`` (sections beside
each other), ``grid`` (seat to cell and back), ``raster`` (a byte a cell), ``tiles`` (the
overview's counters), ``moves``, ``zooms``, ``palette``.
"""
