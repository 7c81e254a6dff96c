"""Administration: venues, concerts, performances, users; a module a noun."""

from boxoffice.commands.admin.concerts import concert
from boxoffice.commands.admin.performances import performance
from boxoffice.commands.admin.users import user
from boxoffice.commands.admin.venues import venue

__all__ = ["concert", "performance", "user", "venue"]
