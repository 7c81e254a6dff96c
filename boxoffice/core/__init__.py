"""Everything the box office does, with no idea who is asking."""
