"""The queue as staff see it: who waits, who is in, how fast they are let in."""
