"""Who may come in: the browser that was given the address, and no page but our own."""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING

from aiohttp import web

from boxoffice.core.language import tr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SECRET_BYTES = 32
HTTP_PORT = 80  # which browsers leave out of Host and Origin
HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Gate:
    """Changes a token that works once for a cookie, and lets in who brings that cookie.

    Host is checked because a foreign name can be pointed at this machine, Origin because any
    page may open a websocket to it.
    """

    def __init__(self, host: str, port: int) -> None:
        name = f"[{host}]" if ":" in host else host
        self._authority = name if port == HTTP_PORT else f"{name}:{port}"
        self._cookie_name = f"boxoffice_counter_{port}"  # cookies are kept by host, not by port
        self._cookie = secrets.token_urlsafe(SECRET_BYTES)
        self._token = secrets.token_urlsafe(SECRET_BYTES)
        self._token_used = False
        self.origin = f"http://{self._authority}"
        self.socket_origin = f"ws://{self._authority}"

    @property
    def address(self) -> str:
        """Return the address to open, once."""
        return f"{self.origin}/?token={self._token}"

    @web.middleware
    async def admit(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Refuse with 403 what does not come from our page in the browser that was let in."""
        if not self._is_ours(request):
            return _refuse(tr("this address is not that of the counter"))
        has_cookie = _same(request.cookies.get(self._cookie_name, ""), self._cookie)
        if request.method == "GET" and request.path == "/" and "token" in request.query:
            return self._exchange(request.query["token"], has_cookie=has_cookie)
        if not has_cookie:
            return _refuse(tr("open the address that the counter printed when it started"))
        return await handler(request)

    def _is_ours(self, request: web.Request) -> bool:
        """Tell whether Host is ours and Origin, which a websocket must name, is our page."""
        hosts, origins = (request.headers.getall(name, []) for name in ("Host", "Origin"))
        may_lack_origin = not origins and "Upgrade" not in request.headers
        return hosts == [self._authority] and (may_lack_origin or origins == [self.origin])

    def _exchange(self, token: str, *, has_cookie: bool) -> web.Response:
        """Give the cookie for the token; a browser that has it may open the address again."""
        if not _same(token, self._token) or (self._token_used and not has_cookie):
            return _refuse(tr("this address has been used: start the counter again"))
        self._token_used = True
        response = web.Response(status=303, headers={"Location": "/"})
        response.set_cookie(
            self._cookie_name, self._cookie, path="/", httponly=True, samesite="Strict"
        )
        return response

    async def harden(self, _request: web.Request, response: web.StreamResponse) -> None:
        """Let the page load from here alone; its terminal makes style sheets of its own."""
        response.headers.update(HEADERS)
        response.headers["Content-Security-Policy"] = (
            "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
            f"font-src 'self'; img-src 'self' data:; connect-src {self.socket_origin}; "
            "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )


def _same(given: str, secret: str) -> bool:
    return hmac.compare_digest(given.encode(errors="surrogateescape"), secret.encode())


def _refuse(reason: str) -> web.Response:
    return web.Response(status=403, text=f"403: {reason}\n")
