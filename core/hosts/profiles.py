"""Hosts as data. A new host of the same protocol is one more entry."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from core.model import Host

EMBEDDED = Host(
    key="embedded",
    title="Embedded host",
    base_url="",
    is_local=True,
    about="Runs on this machine: a linear classifier on frozen sentence embeddings, not a large language model.",
)
OPENAI_URL = "https://api.openai.com/v1"


@dataclass(frozen=True)
class Connection:
    """Where to send a request now, and with which key. Lives in memory only: also the address may hold a secret."""

    base_url: str
    key: str

    def __repr__(self) -> str:
        return f"Connection({without_secrets(self.base_url)!r})"


def available_hosts(environment: Mapping[str, str]) -> dict[str, Host]:
    """The hosts that can be used as things stand, in the order of the screen; the embedded one always comes first.

    `OPENAI_API_KEY` brings OpenAI; `OPENAI_BASE_URL` any other server of that protocol, which may need no key.
    """
    hosts = {EMBEDDED.key: EMBEDDED}
    if environment.get("OPENAI_BASE_URL", "").strip() or environment.get("OPENAI_API_KEY", "").strip():
        hosts["openai"] = _openai(without_secrets(full_address(environment)))
    return hosts


def full_address(environment: Mapping[str, str]) -> str:
    """Where OpenAI, or what stands in for it, is reached; for a `Connection` alone, since it may hold credentials."""
    return environment.get("OPENAI_BASE_URL", "").strip().rstrip("/") or OPENAI_URL


def without_secrets(address: str) -> str:
    """The address as it may be shown and stored: without user, password, query and fragment."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


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


def _openai(base_url: str) -> Host:
    is_openai = base_url == OPENAI_URL
    return Host(
        key="openai",
        title="OpenAI" if is_openai else f"Server at {urlsplit(base_url).netloc}",
        base_url=base_url,
        key_variable="OPENAI_API_KEY",
        is_local=is_loopback(base_url),
        about="" if is_openai else "A server of the OpenAI protocol, named by OPENAI_BASE_URL.",
    )
