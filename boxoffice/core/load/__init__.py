"""Virtual buyers in numbers: they come as told, do the whole flow through `Office`, and are timed.

``populations`` says who they are, ``arrivals`` when they come, ``visit`` what one does, ``crew``
how a process plays many of them, ``house`` what they buy, ``running`` all of it together.
Everything runs in a database whose ``mark`` allows it.
"""
