"""Where a webhook may lead: never into the house's own network unless that was allowed.

A name is looked up once, each address is judged, and the connection is made to the address that
was judged: asking again, a hostile name server could answer with another.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address


class PrivateAddress(OSError):
    """The name leads to the house's own network, which was not allowed."""


NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address


def find_addresses(host: str, port: int, *, private: bool) -> list[str]:
    """Look a host up; return the addresses that may be connected to.

    Raises PrivateAddress where there are only others, OSError for an unknown name.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(place[0]) for _, _, _, _, place in found]
    allowed = [address for address in addresses if private or is_public(address)]
    if not allowed:
        raise PrivateAddress
    return allowed


def is_public(address: str) -> bool:
    """Tell whether an address is one of the open internet, and so are those it carries inside."""
    parsed = ip_address(address.partition("%")[0])
    if isinstance(parsed, IPv4Address):
        return _is_outside(parsed)
    # Some networks still use fec0::/10, which RFC 3879 ended and Python takes for global.
    return not parsed.is_site_local and all(map(_is_outside, _carried(parsed)))


def _is_outside(address: IPv4Address | IPv6Address) -> bool:
    inside = address.is_multicast or address.is_reserved or address.is_unspecified
    return address.is_global and not inside


def _carried(address: IPv6Address) -> list[IPv4Address | IPv6Address]:
    """Return the IPv4 addresses that an address stands for, or else itself."""
    inside = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in NAT64:
        inside.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return [each for each in inside if each is not None] or [address]
