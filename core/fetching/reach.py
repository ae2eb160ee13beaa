"""Which computers may be asked: those on the public internet, never this one or its neighbours.

A table comes from anywhere, and an address in it may name what only this machine can reach: a router, a database, the
credentials of a cloud. So the numbers that a name stands for are looked at, and the connection goes to these very
numbers: a name cannot change its mind in between.
"""

import asyncio
import ipaddress
import socket
from dataclasses import dataclass
from typing import Any

from core.errors import WorkbenchError

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LOCAL_NAT64 = ipaddress.ip_network("64:ff9b:1::/48")
_COMPATIBLE = ipaddress.ip_network("::/96")
_TRANSLATED = ipaddress.ip_network("::ffff:0:0:0/96")
_OF_CLOUDS = ("168.63.129.16",)
"""Public numbers that are answered by the machine's own cloud."""
Number = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True)
class Reach:
    """`beyond` are hosts that may be asked although they are not public, each as `name:port`. Given by whoever wires
    the program, a test of its own server say; no setting, file or variable leads here."""

    beyond: frozenset[str] = frozenset()

    def allows(self, number: str, name: str, port: int) -> bool:
        """Whether a name may be asked at this number."""
        return f"{name}:{port}" in self.beyond or is_public(number)

    async def numbers(self, name: str, port: int, family: int = socket.AF_UNSPEC) -> list[str]:
        """All numbers of a name. Raises `WorkbenchError` where one of them is not public; OSError for no name."""
        found = await asyncio.get_running_loop().getaddrinfo(name, port, family=family, type=socket.SOCK_STREAM)
        numbers = list(dict.fromkeys(str(one[4][0]) for one in found))
        if not all(self.allows(one, name, port) for one in numbers):
            raise refusal(name)
        return numbers


PUBLIC = Reach()


def refusal(name: str) -> WorkbenchError:
    text = f"{name} is on this machine or a private network, where nothing is fetched from."
    return WorkbenchError(text, "Give the files in a folder or a zip.")


def is_public(number: str) -> bool:
    """Whether an IP address is one of the public internet, in whatever way it is written within another."""
    try:
        ip = ipaddress.ip_address(number.partition("%")[0])
    except ValueError:
        return False
    inner = _inner(ip)
    if str(ip) in _OF_CLOUDS or (isinstance(ip, ipaddress.IPv6Address) and (ip.is_site_local or ip in _LOCAL_NAT64)):
        return False
    return ip.is_global and not ip.is_multicast if inner is None else is_public(str(inner))


def _inner(ip: Number) -> Number | None:
    """The IPv4 address that an IPv6 address carries."""
    if isinstance(ip, ipaddress.IPv4Address):
        return None
    if any(ip in net for net in (_NAT64, _COMPATIBLE, _TRANSLATED)):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)


def resolver(reach: Reach) -> Any:
    """For aiohttp: gives the numbers of a name, those of them that may be asked."""
    from aiohttp.abc import AbstractResolver, ResolveResult

    class Guarded(AbstractResolver):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[ResolveResult]:
            return [
                ResolveResult(
                    hostname=host,
                    host=number,
                    port=port,
                    family=socket.AF_INET6 if ":" in number else socket.AF_INET,
                    proto=0,
                    flags=socket.AI_NUMERICHOST,
                )
                for number in await reach.numbers(host, port, family)
            ]

        async def close(self) -> None:
            """Holds nothing."""

    return Guarded()
