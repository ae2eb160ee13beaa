"""Addresses of hosts: where to send a request, what of an address may be shown, which machine it names."""

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from core.errors import WorkbenchError

_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Connection:
    """Where to send a request now, and with which key. Lives in memory only: also the address may hold a secret.

    `headers` carry the key where the host wants it elsewhere than in `Authorization`.
    """

    base_url: str
    key: str
    headers: Mapping[str, str] = field(default_factory=dict)

    def auth_headers(self) -> dict[str, str]:
        """What says who is asking. Nothing where the address names a user, who is then sent by the HTTP client."""
        if urlsplit(self.base_url).username is not None:
            return {}
        return dict(self.headers) or {"Authorization": f"Bearer {self.key or 'none'}"}

    def __repr__(self) -> str:
        return f"Connection({without_secrets(self.base_url)!r})"


def without_secrets(address: str) -> str:
    """The address as it may be shown and stored: without user, password, query and fragment."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def checked_address(address: str) -> str:
    """The address as it is stored. Raises `WorkbenchError` for what is none, or holds what may be a secret."""
    said = address.strip().rstrip("/")
    if missing := places(said):
        raise WorkbenchError(f"The address still says {{{missing[0]}}}.", "Put the name of yours there.")
    try:
        parts = urlsplit(said)
        is_address = (
            parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        is_address = False
    if not is_address or any(sign.isspace() for sign in said):
        raise WorkbenchError(
            "This is not the address of a host.", "It begins with http:// or https://, and often ends in /v1."
        )
    if said != without_secrets(said):
        raise WorkbenchError(
            "The address holds a user, a password or a query, and those are never stored.",
            "Leave them out; give the key by the name of its variable, or type it.",
        )
    return said


def places(address: str) -> list[str]:
    """The names in braces, which the user has to fill in."""
    return _PLACE.findall(address)


def is_loopback(address: str) -> bool:
    """Whether the address is this very machine, which no proxy can reach."""
    name = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")


def proxy_for(address: str) -> str | None:
    """The proxy the environment names for this address, as the SDK would take it; None where it is reached directly."""
    parts = urlsplit(address)
    if is_loopback(address) or proxy_bypass(parts.hostname or ""):
        return None
    named = getproxies()
    return named.get(parts.scheme) or named.get("all")
