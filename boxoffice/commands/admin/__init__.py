"""Administration: venues, concerts, performances, users; a module a noun."""
