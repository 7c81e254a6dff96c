"""Load tests: marking a database for them, and running one."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from boxoffice.core.foundation import Foundation

if TYPE_CHECKING:
    from collections.abc import Callable

    from boxoffice.core import model
    from boxoffice.core.office import Office


class Loading(Foundation):
    """The operations of whoever wants to know how much the servers bear."""

    def mark_for_load(self) -> bool:
        """Mark a database that was never used for load tests; say whether it was so just now.

        Raises AlreadyInUse, Forbidden for anybody but an admin.
        """
        from boxoffice.core.audit import current_principal, record
        from boxoffice.core.load import mark

        self._access.require_admin()
        by = current_principal(self.settings.acting_role)
        with self.stores.transaction() as connection:
            given = mark.give_mark(connection)
            if given:
                record(connection, by, "bench mark", detail={})
        return given

    def require_marked(self) -> None:
        """Raise NotMarked unless the database is marked for load tests, and Forbidden."""
        from boxoffice.core.load import mark

        self._access.require_admin()
        with self.stores.looking() as connection:
            mark.require_mark(connection)

    def run_load(
        self,
        load: model.Load,
        tell: Callable[[model.LoadProgress], None],
        is_stopped: Callable[[], bool] = lambda: False,
    ) -> model.LoadReport:
        """Let virtual buyers come, and tell how long they took and what came of them.

        `tell` hears how far it is; once `is_stopped` answers yes, nothing new begins. Raises
        NotMarked, InputInvalid, Forbidden for anybody but an admin.
        """
        from boxoffice.core.load import running

        self.require_marked()
        return running.run(cast("Office", self), load, tell, is_stopped)
