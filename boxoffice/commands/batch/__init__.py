"""Many operations in one run: a line each in, a result line each out, in order."""
